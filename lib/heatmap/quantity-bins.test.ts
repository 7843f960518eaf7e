import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BIN_COUNT, binOf, quantityOfBin } from './quantity-bins.ts';

const quantity = fc.oneof(fc.nat({ max: 2000 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));

describe('quantity bins', () => {
  it('keeps bin 0 for nothing', () => {
    expect(binOf(0)).toBe(0);
    expect(binOf(1)).toBeGreaterThan(0);
    expect(quantityOfBin(0)).toBe(0);
  });

  it('has a bin of its own for every quantity up to 256', () => {
    for (let q = 1; q <= 256; q += 1) expect(quantityOfBin(binOf(q))).toBe(q);
  });

  it('never mistakes a quantity by more than 0.8 %', () => {
    fc.assert(
      fc.property(quantity, (q) => {
        const floor = quantityOfBin(binOf(q));
        expect(floor).toBeLessThanOrEqual(q);
        expect(q - floor).toBeLessThanOrEqual(q / 128);
      }),
    );
  });

  it('grows with the quantity and stays within the table', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        if (a <= b) expect(binOf(a)).toBeLessThanOrEqual(binOf(b));
        expect(binOf(a)).toBeLessThan(BIN_COUNT);
      }),
    );
  });

  it('takes sums beyond 32 bits for the largest', () => {
    expect(binOf(2 ** 40)).toBe(binOf(2 ** 32 - 1));
  });
});
