import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { Ladder } from './ladder.ts';

const anySide = fc.constantFrom<Side>(BID, ASK);

describe('Ladder', () => {
  it('holds what a map of prices would hold, best first', () => {
    const settings = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 5 }), fc.nat({ max: 3 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(anySide, settings, fc.integer({ min: 1, max: 200 }), (side, changes, deepest) => {
        const ladder = new Ladder(side);
        const model = new Map<number, readonly [quantity: number, orders: number]>();
        for (const [price, quantity, orders] of changes) {
          ladder.set(price, quantity, orders);
          if (quantity === 0) model.delete(price);
          else model.set(price, [quantity, orders]);
        }
        const expected = [...model].sort(([a], [b]) => (side === BID ? b - a : a - b));
        const levels = new SideLevels();
        ladder.extract(levels, deepest);
        expect(levels.count).toBe(Math.min(expected.length, deepest));
        expected.slice(0, deepest).forEach(([price, [quantity, orders]], i) => {
          expect([levels.prices[i], levels.quantities[i], levels.orders[i]]).toEqual([price, quantity, orders]);
        });
        expect(ladder.best).toBe(expected[0]?.[0] ?? null);
        expect(ladder.quantity).toBe([...model.values()].reduce((sum, [quantity]) => sum + quantity, 0));
      }),
    );
  });

  it('grows beyond what it began with', () => {
    const ladder = new Ladder(ASK);
    for (let price = 5000; price >= 1; price -= 1) ladder.change(price, price, 1);
    expect(ladder.count).toBe(5000);
    expect(ladder.best).toBe(1);
  });

  it('says whether anything changed', () => {
    const ladder = new Ladder(BID);
    expect(ladder.set(100, 5, 1)).toBe(true);
    const { version } = ladder;
    expect(ladder.set(100, 5, 1)).toBe(false);
    expect(ladder.set(99, 0, 0)).toBe(false);
    expect(ladder.version).toBe(version);
    expect(ladder.set(100, 0, 0)).toBe(true);
    expect(ladder.version).not.toBe(version);
  });
});
