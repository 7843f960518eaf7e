/**
 * From quantities to colours: t = (log1p(q) − log1p(lo)) / (log1p(hi) − log1p(lo)), held within 0 and 1, with the cut-offs
 * lo and hi taken from what is visible. Tabulated by quantity bin, so that no cell costs a logarithm.
 */
import { type Palette, pixelAt } from './palettes.ts';
import { BIN_COUNT, binOf, quantityOfBin } from './quantity-bins.ts';

/** Quantities (units) of the lower and upper cut-off; lo < hi. */
export interface Cutoffs {
  readonly lo: number;
  readonly hi: number;
}

/** Cells below the lower percentile have the first colour, above the upper one the last. */
const LOWER_PERCENTILE = 0.5;
const UPPER_PERCENTILE = 0.99;

/** Where `quantity` stands between the cut-offs, 0 to 1. */
export function scaled(quantity: number, { lo, hi }: Cutoffs): number {
  const t = (Math.log1p(quantity) - Math.log1p(lo)) / (Math.log1p(hi) - Math.log1p(lo));
  return Math.min(1, Math.max(0, t));
}

/** The cut-offs of a histogram by quantity bin; null where it is empty. Bin 0 (nothing there) does not count. */
export function cutoffsOf(histogram: Uint32Array): Cutoffs | null {
  let total = 0;
  for (let bin = 1; bin < BIN_COUNT; bin += 1) total += histogram[bin] as number;
  if (total === 0) return null;
  let lo = 0;
  let below = 0;
  for (let bin = 1; bin < BIN_COUNT; bin += 1) {
    below += histogram[bin] as number;
    if (lo === 0 && below >= total * LOWER_PERCENTILE) lo = quantityOfBin(bin);
    // A book whose cells are all alike still needs two different ends.
    if (below >= total * UPPER_PERCENTILE) return { lo, hi: Math.max(quantityOfBin(bin), lo + 1) };
  }
  throw new Error('unreachable: the counts of a histogram reach their own total');
}

/** Cells of one side follow those of the other: a cell's number is `side × BIN_COUNT + bin`. */
export const CELL_COUNT = 2 * BIN_COUNT;

/** Fills `table` with the pixel of every cell number. @param nothing the pixel of empty cells */
export function fillColourTable(table: Uint32Array, palette: Palette, cutoffs: Cutoffs, nothing: number): void {
  const sameColours = palette.bid === palette.ask;
  const from = binOf(cutoffs.lo);
  const to = binOf(cutoffs.hi);
  [palette.bid, palette.ask].forEach((anchors, side) => {
    const base = side * BIN_COUNT;
    if (side === 1 && sameColours) {
      table.copyWithin(BIN_COUNT, 0, BIN_COUNT);
      return;
    }
    table[base] = nothing;
    table.fill(pixelAt(anchors, 0), base + 1, base + from);
    for (let bin = from; bin <= to; bin += 1) {
      table[base + bin] = pixelAt(anchors, scaled(quantityOfBin(bin), cutoffs));
    }
    table.fill(pixelAt(anchors, 1), base + to + 1, base + BIN_COUNT);
  });
}
