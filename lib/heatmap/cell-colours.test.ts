import { describe, expect, it } from 'vitest';
import { BID } from '../core/side.ts';
import { CellColours } from './cell-colours.ts';
import { CellRing } from './cell-ring.ts';
import { COLUMN_STATE } from './depth-model.ts';
import { DEFAULT_OPTIONS, type HeatmapOptions } from './options.ts';
import { PALETTES, pixelOf } from './palettes.ts';
import { BIN_COUNT, binOf } from './quantity-bins.ts';
import { frameOf, type Row, T0 } from './test-support.ts';

const LOT = 10;
const BACKGROUND = '#0b0e11';
const NOTHING = pixelOf(BACKGROUND);
const ROWS = 40;

/** A ring in which every column has these bids. */
function ringOf(bids: readonly Row[], options: HeatmapOptions): CellRing {
  const ring = new CellRing();
  ring.fit({ tier: 0, rowUnits: 10, minOrders: options.minOrders }, 8, 100, ROWS);
  const table = new Uint32Array(2 * BIN_COUNT);
  ring.write(
    {
      resolve: (_tier, _column, side, _nowUs, into) => {
        Object.assign(into, frameOf(side, T0, side === BID ? bids : []));
        return COLUMN_STATE.data;
      },
    },
    0,
    7,
    T0,
    table,
  );
  return ring;
}

function colouredBy(bids: readonly Row[], change: Partial<HeatmapOptions>) {
  const options = { ...DEFAULT_OPTIONS, ...change };
  const ring = ringOf(bids, options);
  const colours = new CellColours(LOT);
  colours.follow(ring, { fromColumn: 0, toColumn: 7, topRow: 100, rows: ROWS }, options, 0, true);
  colours.apply(ring, options, BACKGROUND, 0);
  const at = (quantity: number) => colours.table[BID * BIN_COUNT + binOf(quantity)];
  return { colours, at };
}

const BIDS: readonly Row[] = [
  [1000, 10],
  [990, 100],
  [980, 1000],
  [970, 10_000],
];

describe('the colours of the cells', () => {
  it('run between the percentiles that were chosen', () => {
    const { colours } = colouredBy(BIDS, { cutoffs: { by: 'percentile', lo: 0, hi: 75 } });
    expect(binOf(colours.cutoffs(0)?.lo ?? 0)).toBe(binOf(10));
    expect(binOf(colours.cutoffs(0)?.hi ?? 0)).toBe(binOf(1000));
  });

  it('run between the lots that were chosen, whatever is visible', () => {
    const { colours, at } = colouredBy(BIDS, { cutoffs: { by: 'lots', lo: 2, hi: 50 } });
    expect(colours.cutoffs(0)).toEqual({ lo: 2 * LOT, hi: 50 * LOT });
    expect(at(10)).toBe(pixelOf(PALETTES.thermal.bid[0] as string));
    expect(at(1000)).toBe(pixelOf(PALETTES.thermal.bid.at(-1) as string));
  });

  it('stand still while they are locked', () => {
    const { colours } = colouredBy(BIDS, { locked: { lo: 123, hi: 456 } });
    expect(colours.cutoffs(0)).toEqual({ lo: 123, hi: 456 });
    expect(colours.moving(0)).toBe(false);
  });

  it('leave out cells with fewer lots, and all but walls', () => {
    const few = colouredBy(BIDS, { minLots: 10 });
    expect(few.at(99)).toBe(NOTHING);
    expect(few.at(100)).not.toBe(NOTHING);
    const walls = colouredBy(BIDS, { wallsOnly: true, cutoffs: { by: 'lots', lo: 1, hi: 100 } });
    expect(walls.at(990)).toBe(NOTHING);
    expect(walls.at(1000)).not.toBe(NOTHING);
  });

  it('leave out cells of fewer orders', () => {
    const bids: readonly Row[] = [
      [1000, 10, 1],
      [990, 100, 5],
    ];
    const count = (minOrders: number): number => {
      const histogram = new Uint32Array(BIN_COUNT);
      ringOf(bids, { ...DEFAULT_OPTIONS, minOrders }).count(0, 7, 100, ROWS, histogram);
      return histogram.subarray(1).reduce((a, b) => a + b, 0);
    };
    expect(count(0)).toBe(16);
    expect(count(5)).toBe(8);
    expect(count(6)).toBe(0);
  });

  it('are gone where the heatmap is off, and dimmed where that was chosen', () => {
    expect(colouredBy(BIDS, { heat: false }).at(10_000)).toBe(NOTHING);
    const bright = colouredBy(BIDS, {}).at(10_000) as number;
    const dim = colouredBy(BIDS, { dim: 0.5 }).at(10_000) as number;
    expect(dim & 0xff).toBe(Math.round(((bright & 0xff) + (NOTHING & 0xff)) / 2));
  });

  it('give ranks the same step each, however far apart they are', () => {
    const { at } = colouredBy(BIDS, { mode: 'rank', palette: 'grey', cutoffs: { by: 'percentile', lo: 0, hi: 100 } });
    const greys = [10, 100, 1000, 10_000].map((quantity) => (at(quantity) as number) & 0xff);
    expect(greys[0]).toBe(0x20);
    expect(greys[3]).toBe(0xf4);
    expect([...greys].sort((a, b) => a - b)).toEqual(greys);
  });

  it('names what is visible', () => {
    expect(colouredBy(BIDS, {}).colours.visible?.counts.reduce((a, b) => a + b, 0)).toBe(32);
  });
});
