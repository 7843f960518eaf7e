import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID } from '../core/side.ts';
import { atRow, bookRows, totalQuantity } from './book-rows.ts';
import { priceRowsFor, ROW_TICKS, rowOf } from './price-rows.ts';
import { frameOf, type Row } from './test-support.ts';

const rowUnits = fc.constantFrom(...ROW_TICKS).map((ticks) => ticks * 10);
/** An uncrossed book: bids below a middle, asks above. */
const book = fc
  .tuple(fc.integer({ min: 1000, max: 300_000 }), fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 2 }))
  .map(([middle, steps]) => {
    const sorted = [...steps].sort((a, b) => a - b);
    const rows = (sign: 1 | -1, parity: number): Row[] =>
      sorted.filter((_, i) => i % 2 === parity).map((step) => [(middle + sign * step) * 10, step * 65]);
    return { bids: rows(-1, 0), asks: rows(1, 1) };
  });

describe('price rows', () => {
  it('rounds bids down and asks up', () => {
    expect(rowOf(1049, BID, 50)).toBe(20);
    expect(rowOf(1051, ASK, 50)).toBe(22);
    expect(rowOf(1050, BID, 50)).toBe(21);
    expect(rowOf(1050, ASK, 50)).toBe(21);
  });

  it('never puts both sides of an uncrossed book into one row', () => {
    fc.assert(
      fc.property(book, rowUnits, ({ bids, asks }, units) => {
        const highest = Math.max(...bids.map(([price]) => rowOf(price, BID, units)));
        const lowest = Math.min(...asks.map(([price]) => rowOf(price, ASK, units)));
        expect(highest).toBeLessThan(lowest);
      }),
    );
  });

  it('loses no quantity', () => {
    fc.assert(
      fc.property(book, rowUnits, ({ bids }, units) => {
        const frame = frameOf(BID, 1, bids);
        const rows = bookRows(frame, BID, units);
        expect(rows.reduce((sum, row) => sum + row.quantity, 0)).toBe(totalQuantity(frame));
        for (const { row, quantity, orders } of rows)
          expect(atRow(frame, BID, units, row)).toEqual({ quantity, orders });
        expect(rows.map(({ row }) => row)).toEqual([...new Set(rows.map(({ row }) => row))].sort((a, b) => b - a));
      }),
    );
  });

  it('takes as many ticks a row as make it tall enough', () => {
    expect(priceRowsFor(10, 3, null)).toEqual({ ticks: 1, units: 10 });
    expect(priceRowsFor(10, 6, null)).toEqual({ ticks: 2, units: 20 });
    expect(priceRowsFor(10, 10, null)).toEqual({ ticks: 5, units: 50 });
    expect(priceRowsFor(10, 10 ** 9, null).ticks).toBe(1000);
  });

  it('keeps a size chosen by hand unless its rows would be less than a pixel', () => {
    expect(priceRowsFor(10, 1, 5).ticks).toBe(5);
    expect(priceRowsFor(10, 30, 1).ticks).toBe(5);
  });
});
