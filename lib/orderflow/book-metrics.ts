/**
 * What one book says at one instant. Prices in price units, quantities in units; sides best first. A number that needs a side
 * which is empty is ABSENT. Nothing is allocated, and every function goes through the levels at most once.
 */
import { ABSENT } from '../core/absent.ts';
import { MAX_LEVELS, type SideLevels } from '../core/side.ts';

/** Basis points in 1. */
const BPS = 10_000;

const bestOf = ({ count, prices }: SideLevels): number => (count > 0 ? (prices[0] as number) : ABSENT);

/** Best ask − best bid; negative where the two sides are of different instants and cross. */
export function spreadOf(bids: SideLevels, asks: SideLevels): number {
  return bids.count > 0 && asks.count > 0 ? bestOf(asks) - bestOf(bids) : ABSENT;
}

/** (best bid + best ask) / 2; halves are exact. */
export function midOf(bids: SideLevels, asks: SideLevels): number {
  return bids.count > 0 && asks.count > 0 ? (bestOf(bids) + bestOf(asks)) / 2 : ABSENT;
}

/** Mid weighted by the opposite quantity: it leans towards the side that will be eaten first. Not the micro-price. */
export function weightedMidOf(bids: SideLevels, asks: SideLevels): number {
  if (bids.count === 0 || asks.count === 0) return ABSENT;
  const bidQuantity = bids.quantities[0] as number;
  const askQuantity = asks.quantities[0] as number;
  const total = bidQuantity + askQuantity;
  return total === 0 ? midOf(bids, asks) : (bestOf(bids) * askQuantity + bestOf(asks) * bidQuantity) / total;
}

/** Quantity of the first `levels` levels of a side. */
export function quantityOf({ count, quantities }: SideLevels, levels: number): number {
  const end = Math.min(count, levels);
  let total = 0;
  for (let i = 0; i < end; i += 1) total += quantities[i] as number;
  return total;
}

/** (bid − ask) / (bid + ask): 0 where both are 0; ±1 says that one side is empty, as at a circuit limit. */
const balance = (bid: number, ask: number): number => (bid + ask === 0 ? 0 : (bid - ask) / (bid + ask));

/** Depth imbalance over `levels` levels a side, −1 to 1. */
export function imbalanceOf(bids: SideLevels, asks: SideLevels, levels: number): number {
  return balance(quantityOf(bids, levels), quantityOf(asks, levels));
}

/** Quantity of a side at most `bps` basis points from the mid. */
export function depthWithin(side: SideLevels, mid: number, bps: number): number {
  const { count, prices, quantities } = side;
  const reach = (mid * bps) / BPS;
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    if (Math.abs((prices[i] as number) - mid) > reach) break;
    total += quantities[i] as number;
  }
  return total;
}

/** Depth imbalance of what lies at most `bps` basis points from the mid; where one side is empty, which has no mid, ±1. */
export function imbalanceWithin(bids: SideLevels, asks: SideLevels, bps: number): number {
  const mid = midOf(bids, asks);
  return mid === ABSENT
    ? imbalanceOf(bids, asks, MAX_LEVELS)
    : balance(depthWithin(bids, mid, bps), depthWithin(asks, mid, bps));
}

/** Quantity of a side over the relative distance of its last level from `reference`: how thick it is. */
export function slopeOf(side: SideLevels, reference: number): number {
  if (side.count === 0 || reference <= 0) return ABSENT;
  const distance = Math.abs((side.prices[side.count - 1] as number) - reference) / reference;
  return distance === 0 ? ABSENT : quantityOf(side, side.count) / distance;
}

/** Volume-adjusted mid price over `levels` ranks: each price is weighted by the quantity opposite to it. */
export function vampOf(bids: SideLevels, asks: SideLevels, levels: number): number {
  const ranks = Math.min(bids.count, asks.count, levels);
  let weighted = 0;
  let total = 0;
  for (let i = 0; i < ranks; i += 1) {
    const bidQuantity = bids.quantities[i] as number;
    const askQuantity = asks.quantities[i] as number;
    weighted += (bids.prices[i] as number) * askQuantity + (asks.prices[i] as number) * bidQuantity;
    total += bidQuantity + askQuantity;
  }
  return total === 0 ? ABSENT : weighted / total;
}

/** Units an order, over the levels whose orders the feed counts; ABSENT where it counts none. */
export function averageOrderSize({ count, quantities, orders }: SideLevels): number {
  let quantity = 0;
  let number = 0;
  for (let i = 0; i < count; i += 1) {
    if (orders[i] === 0) continue;
    quantity += quantities[i] as number;
    number += orders[i] as number;
  }
  return number === 0 ? ABSENT : quantity / number;
}

/** Σpq/Σq of a side. */
export function quantityWeightedPrice({ count, prices, quantities }: SideLevels): number {
  let weighted = 0;
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    weighted += (prices[i] as number) * (quantities[i] as number);
    total += quantities[i] as number;
  }
  return total === 0 ? ABSENT : weighted / total;
}

/** Price of the first level at which the running quantity reaches half of the side's. */
export function halfQuantityPrice(side: SideLevels): number {
  const half = quantityOf(side, side.count) / 2;
  if (half === 0) return ABSENT;
  let running = 0;
  for (let i = 0; i < side.count; i += 1) {
    running += side.quantities[i] as number;
    if (running >= half) return side.prices[i] as number;
  }
  return ABSENT;
}

/** Average price at which `quantity` would trade against a side now; ABSENT where the side holds less. */
export function averagePriceFor({ count, prices, quantities }: SideLevels, quantity: number): number {
  if (quantity <= 0) return ABSENT;
  let left = quantity;
  let paid = 0;
  for (let i = 0; i < count && left > 0; i += 1) {
    const taken = Math.min(left, quantities[i] as number);
    paid += taken * (prices[i] as number);
    left -= taken;
  }
  return left > 0 ? ABSENT : paid / quantity;
}

/** Cost of buying and at once selling `quantity`, in basis points of the mid; ABSENT where a side holds less. */
export function roundTripBps(bids: SideLevels, asks: SideLevels, quantity: number): number {
  const bought = averagePriceFor(asks, quantity);
  const sold = averagePriceFor(bids, quantity);
  if (bought === ABSENT || sold === ABSENT) return ABSENT;
  return ((bought - sold) / midOf(bids, asks)) * BPS;
}

/** Levels over which an imbalance is given. */
export const IMBALANCE_LEVELS = [1, 5, 10, 20, 50, 200] as const;
/** Distances from the mid for which depth is given, basis points. */
export const DEPTH_BPS = [5, 10, 25, 50] as const;
/** Sizes of round trips, lots. */
export const ROUND_TRIP_LOTS = [1, 5, 10] as const;

const NAMES = [
  'spread',
  'mid',
  'weightedMid',
  ...IMBALANCE_LEVELS.map((levels) => `imbalance${levels}` as const),
  ...DEPTH_BPS.flatMap((bps) => [`bidWithin${bps}` as const, `askWithin${bps}` as const]),
  'bidSlope',
  'askSlope',
  'vamp5',
  'bidOrderSize',
  'askOrderSize',
  'bidPrice',
  'askPrice',
  'bidHalf',
  'askHalf',
  ...ROUND_TRIP_LOTS.map((lots) => `roundTrip${lots}` as const),
] as const;

export type BookMetric = (typeof NAMES)[number];
/** The metrics of a book, in the order of `BookMetrics.values`. */
export const BOOK_METRICS: readonly BookMetric[] = NAMES;

/** All of them for one book after the other, in one array that is used again. */
export class BookMetrics {
  readonly values = new Float64Array(NAMES.length).fill(ABSENT);

  /** @param lotSize units in a lot, for the round trips */
  measure(bids: SideLevels, asks: SideLevels, lotSize: number): void {
    const { values } = this;
    const mid = midOf(bids, asks);
    let at = 0;
    const put = (value: number): void => {
      values[at] = value;
      at += 1;
    };
    put(spreadOf(bids, asks));
    put(mid);
    put(weightedMidOf(bids, asks));
    for (const levels of IMBALANCE_LEVELS) put(imbalanceOf(bids, asks, levels));
    for (const bps of DEPTH_BPS) {
      put(mid === ABSENT ? ABSENT : depthWithin(bids, mid, bps));
      put(mid === ABSENT ? ABSENT : depthWithin(asks, mid, bps));
    }
    put(mid === ABSENT ? ABSENT : slopeOf(bids, mid));
    put(mid === ABSENT ? ABSENT : slopeOf(asks, mid));
    put(vampOf(bids, asks, 5));
    put(averageOrderSize(bids));
    put(averageOrderSize(asks));
    put(quantityWeightedPrice(bids));
    put(quantityWeightedPrice(asks));
    put(halfQuantityPrice(bids));
    put(halfQuantityPrice(asks));
    for (const lots of ROUND_TRIP_LOTS) put(roundTripBps(bids, asks, lots * lotSize));
  }

  get(name: BookMetric): number {
    return this.values[BOOK_METRICS.indexOf(name)] as number;
  }
}
