/** Bars of several instruments summed: flow adds up, prices do not. */
import type { Bar } from './bars.ts';

export interface SummedBar {
  /** µs since the epoch. */
  readonly fromUs: number;
  volume: number;
  buy: number;
  sell: number;
  unknown: number;
  unattributed: number;
  trades: number;
  /** Σ price × quantity, rupees. */
  value: number;
}

/** What is summed: an instrument's bars by time, all of one length. */
export interface Summand {
  /** Price units in a rupee. */
  readonly priceScale: number;
  readonly bars: readonly Bar[];
}

/** @returns oldest first; times at which nothing of any of them traded are left out */
export function sumBars(summands: readonly Summand[]): SummedBar[] {
  const sums = new Map<number, SummedBar>();
  for (const { priceScale, bars } of summands) {
    for (const { fromUs, volume, buy, sell, unknown, unattributed, trades, value } of bars) {
      let sum = sums.get(fromUs);
      if (!sum) {
        sum = { fromUs, volume: 0, buy: 0, sell: 0, unknown: 0, unattributed: 0, trades: 0, value: 0 };
        sums.set(fromUs, sum);
      }
      sum.volume += volume;
      sum.buy += buy;
      sum.sell += sell;
      sum.unknown += unknown;
      sum.unattributed += unattributed;
      sum.trades += trades;
      sum.value += value / priceScale;
    }
  }
  return [...sums.values()].sort((a, b) => a.fromUs - b.fromUs);
}
