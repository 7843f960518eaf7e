/** The visible quantities as bars of a legend, and places on it. */
import { BIN_COUNT, quantityOfBin } from './quantity-bins.ts';

/** Bars of the legend. */
export const BARS = 48;

/** Evenly spaced by the logarithm: bar i reaches from `fromUnits` × (toUnits / fromUnits)^(i / BARS). */
export interface QuantityBars {
  /** Units: the smallest and the largest that is visible. */
  readonly fromUnits: number;
  readonly toUnits: number;
  /** Cells in each bar. */
  readonly counts: readonly number[];
}

/** Null where nothing is visible. @param histogram cells by quantity bin */
export function barsOf(histogram: Uint32Array): QuantityBars | null {
  let first = 0;
  let last = 0;
  for (let bin = 1; bin < BIN_COUNT; bin += 1) {
    if (histogram[bin] === 0) continue;
    if (first === 0) first = bin;
    last = bin;
  }
  if (first === 0) return null;
  const fromUnits = quantityOfBin(first);
  const toUnits = Math.max(quantityOfBin(last), fromUnits + 1);
  const counts = new Array<number>(BARS).fill(0);
  for (let bin = first; bin <= last; bin += 1) {
    const bar = Math.min(BARS - 1, Math.floor(placeOf(quantityOfBin(bin), { fromUnits, toUnits }) * BARS));
    counts[bar] = (counts[bar] as number) + (histogram[bin] as number);
  }
  return { fromUnits, toUnits, counts };
}

type Ends = Pick<QuantityBars, 'fromUnits' | 'toUnits'>;

/** Where a quantity stands on the legend, 0 to 1. */
export function placeOf(quantity: number, { fromUnits, toUnits }: Ends): number {
  const t = Math.log(Math.max(quantity, 1) / fromUnits) / Math.log(toUnits / fromUnits);
  return Math.min(1, Math.max(0, t));
}

/** The quantity at a place of the legend, units. */
export const quantityAt = (place: number, { fromUnits, toUnits }: Ends): number =>
  Math.round(fromUnits * (toUnits / fromUnits) ** place);

/** Percent of the visible cells that hold as much as a quantity or less. */
export function percentileOf(quantity: number, bars: QuantityBars): number {
  const total = bars.counts.reduce((sum, count) => sum + count, 0);
  const place = placeOf(quantity, bars) * BARS;
  let below = 0;
  bars.counts.forEach((count, bar) => {
    below += count * Math.min(1, Math.max(0, place - bar));
  });
  return (100 * below) / total;
}
