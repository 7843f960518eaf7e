import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, FRAME_FLAG, MAX_LEVELS, type Side, SideLevels } from './side.ts';

type Row = [price: number, quantity: number, orders: number];

function sideOf(rows: readonly Row[]): SideLevels {
  const side = new SideLevels();
  for (const [price, quantity, orders] of rows) {
    side.prices[side.count] = price;
    side.quantities[side.count] = quantity;
    side.orders[side.count] = orders;
    side.count += 1;
  }
  return side;
}

const rowsOf = ({ count, prices, quantities, orders }: SideLevels): Row[] =>
  Array.from({ length: count }, (_, i) => [prices[i], quantities[i], orders[i]] as Row);

describe('SideLevels', () => {
  it('holds as many levels as the deepest feed gives, or fewer where asked', () => {
    expect(MAX_LEVELS).toBe(200);
    expect(new SideLevels().prices.length).toBe(200);
    expect(new SideLevels(5).orders.length).toBe(5);
  });

  it('compares what counts, not what older frames left behind', () => {
    const a = sideOf([
      [100, 1, 1],
      [99, 2, 2],
    ]);
    const b = sideOf([[100, 1, 1]]);
    expect(a.equals(b)).toBe(false);
    a.count = 1;
    expect(a.equals(b)).toBe(true);
    for (const row of [
      [101, 1, 1],
      [100, 2, 1],
      [100, 1, 2],
    ] as Row[]) {
      expect(b.equals(sideOf([row]))).toBe(false);
    }
  });

  it('copies what counts', () => {
    const from = sideOf([[100, 4_294_967_295, 7]]);
    const to = sideOf([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    to.copyFrom(from);
    expect(to.equals(from)).toBe(true);
    from.prices[0] = 5;
    expect(to.prices[0]).toBe(100);
  });
});

describe('sort', () => {
  it.each<[string, Side, number[], number]>([
    ['bids in order', BID, [3, 2, 1], 0],
    ['asks in order', ASK, [1, 2, 3], 0],
    ['bids the wrong way round', BID, [1, 2, 3], FRAME_FLAG.unsorted],
    ['asks the wrong way round', ASK, [3, 2, 1], FRAME_FLAG.unsorted],
    ['equal prices in order', BID, [2, 2, 1], FRAME_FLAG.duplicatePrice],
    ['equal prices apart', ASK, [2, 1, 2], FRAME_FLAG.unsorted | FRAME_FLAG.duplicatePrice],
    ['one level', BID, [1], 0],
    ['nothing', ASK, [], 0],
  ])('%s', (_, side, prices, flags) => {
    const levels = sideOf(prices.map((price, i): Row => [price, i, i]));
    expect(levels.sort(side)).toBe(flags);
  });

  it('orders as a stable sort does, moves quantities and orders along, and says what it found', () => {
    const anyRows = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 0xffff_ffff })),
      { maxLength: MAX_LEVELS },
    );
    fc.assert(
      fc.property(fc.constantFrom<Side>(BID, ASK), anyRows, (side, rows) => {
        const sign = side === BID ? -1 : 1;
        const levels = sideOf(rows);
        const flags = levels.sort(side);
        const sorted = rows.toSorted(([a], [b]) => (a - b) * sign);
        expect(rowsOf(levels)).toEqual(sorted);
        const prices = rows.map(([price]) => price);
        const unsorted = prices.some((price, i) => i > 0 && (price - (prices[i - 1] as number)) * sign < 0);
        const duplicate = new Set(prices).size < prices.length;
        expect(flags).toBe((unsorted ? FRAME_FLAG.unsorted : 0) | (duplicate ? FRAME_FLAG.duplicatePrice : 0));
      }),
    );
  });

  it('leaves alone what lies beyond the count', () => {
    const levels = sideOf([
      [1, 1, 1],
      [2, 2, 2],
      [9, 9, 9],
    ]);
    levels.count = 2;
    levels.sort(BID);
    expect([levels.prices[2], levels.quantities[2], levels.orders[2]]).toEqual([9, 9, 9]);
  });
});
