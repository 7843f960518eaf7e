/**
 * From quantities to colours: a transfer function between the cut-offs lo and hi, held within 0 and 1, with the cut-offs taken
 * from what is visible or given by hand. Tabulated by quantity bin, so that no cell costs a logarithm.
 */
import { mixed, type PaletteSides, pixelAt } from './palettes.ts';
import { BIN_COUNT, binOf, quantityOfBin } from './quantity-bins.ts';

/** Quantities (units) of the lower and upper cut-off; lo < hi. */
export interface Cutoffs {
  readonly lo: number;
  readonly hi: number;
}

/** `rank`: by how many of the visible cells hold less. */
export const COLOUR_MODES = ['log', 'sqrt', 'linear', 'rank'] as const;
export type ColourMode = (typeof COLOUR_MODES)[number];

/** What the quantity is measured by in each mode; ranks are counted, not computed. */
const MEASURES: Readonly<Record<Exclude<ColourMode, 'rank'>, (quantity: number) => number>> = {
  log: Math.log1p,
  sqrt: Math.sqrt,
  linear: (quantity) => quantity,
};

/** How quantities become colours. */
export interface Transfer {
  readonly mode: ColourMode;
  /** Exponent of the place between the cut-offs. */
  readonly gamma: number;
  /** By how much the cells are mixed into the background, 0 to 1. */
  readonly dim: number;
  /** Cells with less have no colour, units; 0: all have. */
  readonly least: number;
}

export const PLAIN_TRANSFER: Transfer = { mode: 'log', gamma: 1, dim: 0, least: 0 };

const clamp = (t: number): number => Math.min(1, Math.max(0, t));

/**
 * Where `quantity` stands between the cut-offs, 0 to 1: ((f(q) − f(lo)) / (f(hi) − f(lo)))^gamma with f by the mode.
 *
 * @param counts cells by quantity bin up to and including each, for ranks
 */
export function scaled(
  quantity: number,
  { lo, hi }: Cutoffs,
  { mode, gamma }: Pick<Transfer, 'mode' | 'gamma'> = PLAIN_TRANSFER,
  counts: Uint32Array | null = null,
): number {
  if (mode === 'rank') {
    const upTo = (q: number): number => counts?.[binOf(q)] ?? 0;
    const least = upTo(lo);
    const span = upTo(hi) - least;
    return span <= 0 ? Number(quantity >= hi) : clamp((upTo(quantity) - least) / span) ** gamma;
  }
  const of = MEASURES[mode];
  return clamp((of(quantity) - of(lo)) / (of(hi) - of(lo))) ** gamma;
}

/** Sums up a histogram by bin: of each bin, how many cells hold as much or less. Bin 0 (nothing there) does not count. */
export function sumUp(histogram: Uint32Array, into: Uint32Array): void {
  let sum = 0;
  into[0] = 0;
  for (let bin = 1; bin < BIN_COUNT; bin += 1) {
    sum += histogram[bin] as number;
    into[bin] = sum;
  }
}

/**
 * The cut-offs of a histogram by quantity bin; null where it is empty. Bin 0 (nothing there) does not count.
 *
 * @param loShare cells below this percentile (0 to 1) have the first colour …
 * @param hiShare … and those above this one the last
 */
export function cutoffsOf(histogram: Uint32Array, loShare = 0.5, hiShare = 0.99): Cutoffs | null {
  let total = 0;
  for (let bin = 1; bin < BIN_COUNT; bin += 1) total += histogram[bin] as number;
  if (total === 0) return null;
  let lo = 0;
  let below = 0;
  for (let bin = 1; bin < BIN_COUNT; bin += 1) {
    below += histogram[bin] as number;
    if (below === 0) continue;
    if (lo === 0 && below >= total * loShare) lo = quantityOfBin(bin);
    // A book whose cells are all alike still needs two different ends.
    if (below >= total * hiShare) return { lo, hi: Math.max(quantityOfBin(bin), lo + 1) };
  }
  throw new Error('unreachable: the counts of a histogram reach their own total');
}

/** Cells of one side follow those of the other: a cell's number is `side × BIN_COUNT + bin`. */
export const CELL_COUNT = 2 * BIN_COUNT;

/**
 * Fills `table` with the pixel of every cell number.
 *
 * @param nothing the pixel of empty cells
 * @param counts as of `scaled`
 */
export function fillColourTable(
  table: Uint32Array,
  palette: PaletteSides,
  cutoffs: Cutoffs,
  nothing: number,
  transfer: Transfer = PLAIN_TRANSFER,
  counts: Uint32Array | null = null,
): void {
  const sameColours = palette.bid === palette.ask;
  const from = binOf(cutoffs.lo);
  const to = binOf(cutoffs.hi);
  const least = binOf(transfer.least);
  [palette.bid, palette.ask].forEach((anchors, side) => {
    const base = side * BIN_COUNT;
    if (side === 1 && sameColours) {
      table.copyWithin(BIN_COUNT, 0, BIN_COUNT);
      return;
    }
    const colour = (t: number): number => mixed(pixelAt(anchors, t), nothing, transfer.dim);
    table[base] = nothing;
    table.fill(colour(0), base + 1, base + from);
    for (let bin = from; bin <= to; bin += 1) {
      table[base + bin] = colour(scaled(quantityOfBin(bin), cutoffs, transfer, counts));
    }
    table.fill(colour(1), base + to + 1, base + BIN_COUNT);
    if (least > 0) table.fill(nothing, base, base + least);
  });
}
