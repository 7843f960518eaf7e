import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELL_COUNT, cutoffsOf, fillColourTable, scaled } from './colour-scale.ts';
import { PALETTE_NAMES, PALETTES, pixelAt, pixelOf } from './palettes.ts';
import { BIN_COUNT, binOf } from './quantity-bins.ts';

const histogramOf = (quantities: readonly number[]): Uint32Array => {
  const histogram = new Uint32Array(BIN_COUNT);
  for (const bin of quantities.map(binOf)) histogram[bin] = (histogram[bin] as number) + 1;
  return histogram;
};

describe('colour scale', () => {
  it('runs from 0 at the lower to 1 at the upper cut-off, by the logarithm', () => {
    const cutoffs = { lo: 100, hi: 10_000 };
    expect(scaled(50, cutoffs)).toBe(0);
    expect(scaled(100, cutoffs)).toBe(0);
    expect(scaled(10_000, cutoffs)).toBe(1);
    expect(scaled(99_999, cutoffs)).toBe(1);
    const middle = Math.sqrt(101 * 10_001) - 1;
    expect(scaled(middle, cutoffs)).toBeCloseTo(0.5, 10);
  });

  it.each([
    ['sqrt', 25, 0.5],
    ['linear', 50, 0.5],
  ] as const)('runs by the %s where that is chosen', (mode, quantity, place) => {
    expect(scaled(quantity, { lo: 0, hi: 100 }, { mode, gamma: 1 })).toBeCloseTo(place, 10);
    expect(scaled(quantity, { lo: 0, hi: 100 }, { mode, gamma: 2 })).toBeCloseTo(place ** 2, 10);
  });

  it('cuts off at the median and the 99th percentile of what is there', () => {
    const quantities = Array.from({ length: 200 }, (_, i) => i + 1);
    expect(cutoffsOf(histogramOf([...quantities, ...Array.from({ length: 500 }, () => 0)]))).toEqual({
      lo: 100,
      hi: 198,
    });
  });

  it('agrees with sorting, to within a bin', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(sizes, (quantities) => {
        const sorted = [...quantities].sort((a, b) => a - b);
        const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
        const cutoffs = cutoffsOf(histogramOf(quantities));
        expect(binOf(cutoffs?.lo ?? 0)).toBe(binOf(rank(0.5)));
        expect(binOf(cutoffs?.hi ?? 0)).toBeGreaterThanOrEqual(binOf(rank(0.99)));
      }),
    );
  });

  it('has no cut-offs where there is nothing, and two different ones where all is alike', () => {
    expect(cutoffsOf(histogramOf([0, 0]))).toBeNull();
    expect(cutoffsOf(histogramOf([65, 65, 65]))).toEqual({ lo: 65, hi: 66 });
  });

  it.each(PALETTE_NAMES)('tabulates %s: nothing, the ends, and in between', (name) => {
    const palette = PALETTES[name];
    const table = new Uint32Array(CELL_COUNT);
    const nothing = pixelOf('#0b0e11');
    fillColourTable(table, palette, { lo: 100, hi: 1000 }, nothing);
    for (const [side, anchors] of [palette.bid, palette.ask].entries()) {
      const at = (quantity: number) => table[side * BIN_COUNT + binOf(quantity)];
      expect(at(0)).toBe(nothing);
      expect(at(1)).toBe(pixelOf(anchors[0] as string));
      expect(at(1)).not.toBe(nothing);
      expect(at(5000)).toBe(pixelOf(anchors.at(-1) as string));
      expect(at(316)).toBe(pixelAt(anchors, scaled(316, { lo: 100, hi: 1000 })));
    }
  });

  it('writes pixels as ImageData has them in memory', () => {
    const pixel = new Uint32Array([pixelOf('#112233')]);
    expect([...new Uint8Array(pixel.buffer)]).toEqual([0x11, 0x22, 0x33, 0xff]);
  });

  it('tells bid from ask in the default palette wherever quantities are ordinary', () => {
    const { bid, ask } = PALETTES.thermal;
    for (const t of [0, 0.2, 0.4]) expect(pixelAt(bid, t)).not.toBe(pixelAt(ask, t));
  });
});
