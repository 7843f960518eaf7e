/**
 * Order flow imbalance: what was added to and taken from the bid, against the ask, between one book and the next. Between
 * snapshots only the net change is seen, so each figure is a lower bound of what happened.
 */
import type { SideLevels } from '../core/side.ts';

/**
 * Of the best quotes. Cont, Kukanov and Stoikov, "The price impact of order book events", J. Financial Econometrics 12(1), 2014:
 * e = qᵇₙ·1{bₙ≥bₙ₋₁} − qᵇₙ₋₁·1{bₙ≤bₙ₋₁} − qᵃₙ·1{aₙ≤aₙ₋₁} + qᵃₙ₋₁·1{aₙ≥aₙ₋₁}.
 *
 * @returns units; positive: pressure to buy
 */
export function ofiOf(
  bidBefore: number,
  bidQuantityBefore: number,
  askBefore: number,
  askQuantityBefore: number,
  bid: number,
  bidQuantity: number,
  ask: number,
  askQuantity: number,
): number {
  let flow = 0;
  if (bid >= bidBefore) flow += bidQuantity;
  if (bid <= bidBefore) flow -= bidQuantityBefore;
  if (ask <= askBefore) flow -= askQuantity;
  if (ask >= askBefore) flow += askQuantityBefore;
  return flow;
}

/** The same at every rank of the book (Xu, Gould and Howison, arXiv 1907.06230), from one book to the next. */
export class RankedOfi {
  /** Of the step made last, by rank; 0 where a rank is empty in one of the two books. */
  readonly byRank: Float64Array;
  private readonly before: Float64Array;
  private ranksBefore = 0;
  private started = false;

  /** @param ranks how deep */
  constructor(private readonly ranks: number) {
    this.byRank = new Float64Array(ranks);
    this.before = new Float64Array(ranks * 4);
  }

  /** Takes the next book. @returns false for the first one, which nothing can be compared with */
  push(bids: SideLevels, asks: SideLevels): boolean {
    const { byRank, before } = this;
    const count = Math.min(bids.count, asks.count, this.ranks);
    byRank.fill(0);
    const shared = this.started ? Math.min(count, this.ranksBefore) : 0;
    for (let i = 0; i < count; i += 1) {
      const at = i * 4;
      const bid = bids.prices[i] as number;
      const bidQuantity = bids.quantities[i] as number;
      const ask = asks.prices[i] as number;
      const askQuantity = asks.quantities[i] as number;
      if (i < shared) {
        byRank[i] = ofiOf(
          before[at] as number,
          before[at + 1] as number,
          before[at + 2] as number,
          before[at + 3] as number,
          bid,
          bidQuantity,
          ask,
          askQuantity,
        );
      }
      before[at] = bid;
      before[at + 1] = bidQuantity;
      before[at + 2] = ask;
      before[at + 3] = askQuantity;
    }
    this.ranksBefore = count;
    const compared = this.started;
    this.started = true;
    return compared;
  }

  /** Forgets the last book: nothing is compared over a gap. */
  reset(): void {
    this.started = false;
    this.ranksBefore = 0;
    this.byRank.fill(0);
  }

  /** One number: ranks weighted by decay^rank, weights summing to 1. */
  scalar(decay: number): number {
    let sum = 0;
    let weights = 0;
    let weight = 1;
    for (const value of this.byRank) {
      sum += weight * value;
      weights += weight;
      weight *= decay;
    }
    return sum / weights;
  }
}

/**
 * The same by price instead of rank: Σ over prices of Δquantity of the bid − Σ of the ask, within `reach` price units of the
 * mid of the new book. By rank, one tick of the touch changes every rank; by price it changes one.
 */
export function alignedOfi(
  bidsBefore: SideLevels,
  asksBefore: SideLevels,
  bids: SideLevels,
  asks: SideLevels,
  reach: number,
): number {
  if (bids.count === 0 || asks.count === 0) return 0;
  const mid = ((bids.prices[0] as number) + (asks.prices[0] as number)) / 2;
  return (
    quantityNear(bids, mid, reach) -
    quantityNear(bidsBefore, mid, reach) -
    quantityNear(asks, mid, reach) +
    quantityNear(asksBefore, mid, reach)
  );
}

function quantityNear({ count, prices, quantities }: SideLevels, mid: number, reach: number): number {
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    if (Math.abs((prices[i] as number) - mid) <= reach) total += quantities[i] as number;
  }
  return total;
}
