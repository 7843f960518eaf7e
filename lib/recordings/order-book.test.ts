import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { MARKET_PRICE, type Order, OrderBook } from './order-book.ts';

const anySide = fc.constantFrom<Side>(BID, ASK);

type Action =
  | { readonly type: 'submit'; readonly side: Side; readonly price: number; readonly quantity: number }
  | { readonly type: 'execute'; readonly side: Side; readonly quantity: number }
  | { readonly type: 'cancel'; readonly which: number };

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    type: fc.constant('submit' as const),
    side: anySide,
    price: fc.integer({ min: 90, max: 110 }),
    quantity: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ type: fc.constant('execute' as const), side: anySide, quantity: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ type: fc.constant('cancel' as const), which: fc.nat() }),
);

/** Levels of a side, summed up from its orders. */
function summed(orders: readonly Order[], side: Side): (readonly [price: number, quantity: number, orders: number])[] {
  const levels = new Map<number, [number, number]>();
  for (const order of orders) {
    if (order.side !== side || order.quantity === 0) continue;
    const level = levels.get(order.price) ?? [0, 0];
    levels.set(order.price, [level[0] + order.quantity, level[1] + 1]);
  }
  return [...levels]
    .map(([price, [quantity, count]]) => [price, quantity, count] as const)
    .sort(([a], [b]) => (side === BID ? b - a : a - b));
}

function levelsOf(book: OrderBook, side: Side): number[][] {
  const levels = new SideLevels();
  book.ladders[side].extract(levels);
  return Array.from({ length: levels.count }, (_, i) => [
    levels.prices[i] as number,
    levels.quantities[i] as number,
    levels.orders[i] as number,
  ]);
}

describe('OrderBook', () => {
  it('is never crossed, loses no quantity, and its levels are the sums of its orders', () => {
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 120 }), (actions) => {
        const book = new OrderBook();
        const orders: Order[] = [];
        let submitted = 0;
        let cancelled = 0;
        let traded = 0;
        const onTrade = (_price: number, quantity: number): void => {
          traded += quantity;
        };
        for (const [id, action] of actions.entries()) {
          if (action.type === 'submit') {
            submitted += action.quantity;
            const order = book.submit(id, action.side, action.price, action.quantity, onTrade);
            if (order) orders.push(order);
          } else if (action.type === 'execute') {
            submitted += book.execute(action.side, MARKET_PRICE[action.side], action.quantity, onTrade);
          } else if (orders.length > 0) {
            const order = orders[action.which % orders.length] as Order;
            cancelled += order.quantity;
            book.cancel(order);
          }
          const [bid, ask] = [book.ladders[BID].best, book.ladders[ASK].best];
          if (bid !== null && ask !== null) expect(bid).toBeLessThan(ask);
        }
        for (const side of [BID, ASK] as const) {
          expect(levelsOf(book, side)).toEqual(summed(orders, side));
        }
        // Each traded unit was submitted twice: once by either side.
        const resting = book.ladders[BID].quantity + book.ladders[ASK].quantity;
        expect(submitted).toBe(resting + cancelled + 2 * traded);
      }),
    );
  });

  it('serves the better price first, and at one price who came first', () => {
    const book = new OrderBook();
    const trades: [price: number, quantity: number, aggressor: Side][] = [];
    const note = (price: number, quantity: number, aggressor: Side): void =>
      void trades.push([price, quantity, aggressor]);
    const early = book.submit(1, ASK, 101, 10, note) as Order;
    const late = book.submit(2, ASK, 101, 10, note) as Order;
    const better = book.submit(3, ASK, 100, 5, note) as Order;
    const rest = book.submit(4, BID, 101, 18, note);
    expect(trades).toEqual([
      [100, 5, BID],
      [101, 10, BID],
      [101, 3, BID],
    ]);
    expect(rest).toBeNull();
    expect([early.quantity, late.quantity, better.quantity]).toEqual([0, 7, 0]);
  });

  it('lets what an order cannot trade rest, and drops what a market order cannot', () => {
    const book = new OrderBook();
    book.submit(1, ASK, 100, 5, () => undefined);
    expect(book.submit(2, BID, 100, 8, () => undefined)?.quantity).toBe(3);
    expect(levelsOf(book, BID)).toEqual([[100, 3, 1]]);
    expect(book.execute(BID, MARKET_PRICE[BID], 9, () => undefined)).toBe(0);
    expect(levelsOf(book, BID)).toEqual([[100, 3, 1]]);
  });

  it('takes a recording at its word', () => {
    const book = new OrderBook();
    book.rest(1, BID, 105, 10);
    book.rest(1, ASK, 100, 10);
    expect(book.ladders[BID].best).toBe(105);
    expect(book.reduce(1, BID, 4)).toBe(true);
    expect(levelsOf(book, BID)).toEqual([[105, 6, 1]]);
    expect(book.reduce(1, BID, 7)).toBe(false);
    expect(book.reduce(2, BID, 1)).toBe(false);
    expect(() => book.rest(1, BID, 104, 1)).toThrow(RangeError);
    book.clear(BID);
    expect(levelsOf(book, BID)).toEqual([]);
    expect(book.reduce(1, BID, 1)).toBe(false);
  });
});
