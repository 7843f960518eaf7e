import { describe, expect, it } from 'vitest';
import { BIN_COUNT, binOf } from './quantity-bins.ts';
import { BARS, barsOf, percentileOf, placeOf, quantityAt } from './quantity-histogram.ts';

const histogramOf = (quantities: readonly number[]): Uint32Array => {
  const histogram = new Uint32Array(BIN_COUNT);
  for (const bin of quantities.map(binOf)) histogram[bin] = (histogram[bin] as number) + 1;
  return histogram;
};

describe('the bars of the legend', () => {
  it('hold every cell that is not empty, from the smallest to the largest', () => {
    const bars = barsOf(histogramOf([0, 0, 10, 10, 100, 1000]));
    expect(bars?.counts).toHaveLength(BARS);
    expect(bars?.counts[0]).toBe(2);
    expect(bars?.counts[BARS / 2]).toBe(1);
    expect(bars?.counts[BARS - 1]).toBe(1);
    expect(bars?.counts.reduce((a, b) => a + b, 0)).toBe(4);
  });

  it('are none where nothing is visible', () => {
    expect(barsOf(histogramOf([0, 0]))).toBeNull();
  });

  it('have a place for each quantity, and back', () => {
    const ends = { fromUnits: 10, toUnits: 1000 };
    expect(placeOf(100, ends)).toBeCloseTo(0.5, 10);
    expect(placeOf(1, ends)).toBe(0);
    expect(placeOf(1e9, ends)).toBe(1);
    for (const quantity of [10, 37, 100, 999]) expect(quantityAt(placeOf(quantity, ends), ends)).toBe(quantity);
  });

  it('tell the percentile of a quantity', () => {
    const bars = barsOf(histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1)));
    if (!bars) throw new Error('there are quantities');
    expect(percentileOf(0, bars)).toBe(0);
    expect(percentileOf(1e6, bars)).toBe(100);
    expect(percentileOf(500, bars)).toBeGreaterThan(40);
    expect(percentileOf(500, bars)).toBeLessThan(60);
  });
});
