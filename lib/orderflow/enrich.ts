/**
 * What a tick gains from the tick before it: deltas and the aggressor. Run in the one place that sees every tick of an
 * instrument in order, the collector; several workers with a previous tick of their own each would count changes more
 * than once.
 */
import { ABSENT, isPresent } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import type { Exchange } from '../core/exchange.ts';
import type { SideLevels } from '../core/side.ts';
import { CONFIDENCE, confidenceOf, leeReady, signed, tickTest } from './aggressor-rules.ts';
import type { Tick } from './tick.ts';
import { tradingDayOf } from './trading-day.ts';

/** What has to be remembered of an instrument's ticks. Plain data: it goes into the journal as a checkpoint. */
export interface TickState {
  /** Trading day of the last tick (lib/orderflow/trading-day.ts): counters start again on another. */
  day: string;
  lastPrice: number;
  volume: number;
  oi: number;
  buyQuantity: number;
  sellQuantity: number;
  bestBid: number;
  bestAsk: number;
  /** Side that the last price change points to; carried over trades at the same price. */
  direction: Aggressor;
  /** True until the first volume after a gap. */
  afterGap: boolean;
}

export const newTickState = (): TickState => ({
  day: '',
  lastPrice: ABSENT,
  volume: ABSENT,
  oi: ABSENT,
  buyQuantity: ABSENT,
  sellQuantity: ABSENT,
  bestBid: ABSENT,
  bestAsk: ABSENT,
  direction: AGGRESSOR.unknown,
  afterGap: false,
});

/** The states of a feed's instruments, by our own instrument id. */
export class TickStates {
  private states = new Map<number, TickState>();

  of(instrumentId: number): TickState {
    let state = this.states.get(instrumentId);
    if (!state) {
      state = newTickState();
      this.states.set(instrumentId, state);
    }
    return state;
  }

  /** Forgets all others: an instrument that comes back later begins anew, as its ticks meanwhile were not seen. */
  keep(instrumentIds: ReadonlySet<number>): void {
    for (const id of this.states.keys()) if (!instrumentIds.has(id)) this.states.delete(id);
  }

  /** Ticks of all of them were missed. */
  noteGap(): void {
    for (const state of this.states.values()) noteGap(state);
  }

  /** Plain data for a checkpoint; `restore` takes it back. */
  save(): unknown {
    return [...this.states];
  }

  restore(saved: unknown): void {
    this.states = new Map(saved as [number, TickState][]);
  }
}

/** Completes `tick` and moves `state` on to it. Ticks of an instrument must come in the order of their stamps. */
export function enrich(tick: Tick, state: TickState, exchange: Exchange): void {
  describeBook(tick);

  const day = tradingDayOf(exchange, tick.stampUs);
  if (day !== state.day) {
    // Volume and OI of another day, and of before the open, are no base for a difference.
    Object.assign(state, newTickState(), { day });
  }
  const traded = difference(tick.volume, state.volume);
  // A counter that ran back was reset by the exchange or belongs to another day: no difference can be trusted.
  const volumeDelta = traded < 0 ? ABSENT : traded;
  if (state.afterGap) tick.volumeUnattributed = volumeDelta;
  else tick.volumeDelta = volumeDelta;
  tick.oiDelta = difference(tick.oi, state.oi);
  tick.priceDelta = difference(tick.lastPrice, state.lastPrice);
  tick.buyQuantityDelta = difference(tick.buyQuantity, state.buyQuantity);
  tick.sellQuantityDelta = difference(tick.sellQuantity, state.sellQuantity);
  const direction = tickTest(tick.lastPrice, state.lastPrice, state.direction);
  if (isPresent(tick.volumeDelta)) {
    if (tick.volumeDelta > 0) {
      // By the quote that prevailed before the trade: the tick before.
      tick.aggressor = leeReady(tick.lastPrice, state.bestBid, state.bestAsk, direction);
      tick.confidence = confidenceOf(tick.lastPrice, state.bestBid, state.bestAsk, direction);
    }
    tick.signedVolume = signed(tick.volumeDelta, tick.aggressor);
  }

  state.direction = direction;
  if (isPresent(tick.lastPrice)) state.lastPrice = tick.lastPrice;
  if (isPresent(tick.volume)) {
    state.volume = tick.volume;
    state.afterGap = false;
  }
  if (isPresent(tick.oi)) state.oi = tick.oi;
  if (isPresent(tick.buyQuantity)) state.buyQuantity = tick.buyQuantity;
  if (isPresent(tick.sellQuantity)) state.sellQuantity = tick.sellQuantity;
  state.bestBid = best(tick.bids);
  state.bestAsk = best(tick.asks);
}

/** Notes that ticks were missed: the next differences cannot be attributed, and the quote remembered is not prevailing. */
export function noteGap(state: TickState): void {
  // The day's volume alone goes on over a gap: what traded meanwhile is told as unattributed.
  Object.assign(state, newTickState(), { day: state.day, volume: state.volume, afterGap: true });
}

/**
 * Completes a tick that is one trade of a recording, which tells every trade by itself: nothing is a difference, so the first
 * one and one after a pause count like any other, and the side is the source's.
 *
 * @param priceBefore of the trade before; ABSENT at the first
 */
export function completePrint(tick: Tick, quantity: number, aggressor: Aggressor, priceBefore: number): void {
  describeBook(tick);
  tick.volumeDelta = quantity;
  tick.priceDelta = difference(tick.lastPrice, priceBefore);
  tick.aggressor = aggressor;
  tick.confidence = aggressor === AGGRESSOR.unknown ? CONFIDENCE.unknown : CONFIDENCE.told;
  tick.signedVolume = signed(quantity, aggressor);
}

function describeBook(tick: Tick): void {
  const { bids, asks, lastPrice } = tick;
  const bid = best(bids);
  const ask = best(asks);
  if (isPresent(bid) && isPresent(ask)) {
    tick.mid = (bid + ask) / 2;
    tick.spread = ask - bid;
    if (isPresent(lastPrice) && lastPrice !== 0) tick.spreadOverLast = tick.spread / lastPrice;
  }
  if (bids.count + asks.count === 0) return;
  tick.bidDepth = totalQuantity(bids);
  tick.askDepth = totalQuantity(asks);
  const total = tick.bidDepth + tick.askDepth;
  if (total > 0) tick.imbalance = (tick.bidDepth - tick.askDepth) / total;
}

const difference = (now: number, before: number): number =>
  isPresent(now) && isPresent(before) ? now - before : ABSENT;

const best = (side: SideLevels): number => (side.count > 0 ? (side.prices[0] as number) : ABSENT);

function totalQuantity({ count, quantities }: SideLevels): number {
  let total = 0;
  for (let i = 0; i < count; i += 1) total += quantities[i] as number;
  return total;
}
