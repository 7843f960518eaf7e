import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Print, printRuns } from './split-prints.ts';

const prints = fc.array(
  fc.record({
    stampUs: fc.nat(500),
    price: fc.constantFrom(100, 101),
    quantity: fc.integer({ min: 1, max: 50 }),
    side: fc.constantFrom('buy', 'sell'),
  }),
);
const newestFirst = (list: readonly Print[]) => [...list].sort((a, b) => b.stampUs - a.stampUs);

describe('split prints', () => {
  it('are one where price and side are the same and time is near', () => {
    const of = (stampUs: number, price: number, side: string): Print => ({ stampUs, price, quantity: 1, side });
    const list = [
      of(900, 100, 'buy'),
      of(850, 100, 'buy'),
      of(810, 100, 'buy'),
      of(700, 100, 'buy'),
      of(690, 100, 'sell'),
    ];
    expect(printRuns(list, 50)).toEqual([
      { from: 0, to: 3, quantity: 3 },
      { from: 3, to: 4, quantity: 1 },
      { from: 4, to: 5, quantity: 1 },
    ]);
    expect(printRuns(list, 0)).toHaveLength(5);
  });

  it('are the same runs from either end, and hold every print once', () => {
    fc.assert(
      fc.property(prints, fc.nat(100), (unsorted, withinUs) => {
        const list = newestFirst(unsorted);
        const runs = printRuns(list, withinUs);
        expect(runs.flatMap(({ from, to }) => list.slice(from, to))).toEqual(list);
        expect(runs.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(
          list.reduce((sum, it) => sum + it.quantity, 0),
        );
        const reversed = printRuns([...list].reverse(), withinUs);
        const mirrored = reversed.map(({ from, to, quantity }) => ({
          from: list.length - to,
          to: list.length - from,
          quantity,
        }));
        expect(mirrored.reverse()).toEqual(runs);
      }),
    );
  });
});
