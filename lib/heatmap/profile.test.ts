import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGRESSOR } from '../core/aggressor.ts';
import type { BookRow } from './book-rows.ts';
import { ColumnStore } from './column-store.ts';
import { changesOf, profileOf, profileWith, rowVolume } from './profile.ts';
import { T0, tickOf } from './test-support.ts';

const SECOND_US = 1_000_000;

describe('a profile', () => {
  it('holds the trades of its time and no others, by row and by who initiated them', () => {
    const store = new ColumnStore(250_000);
    store.putTrade(tickOf(T0 - 1, { volume: 1, lastPrice: 1000, volumeDelta: 999 }));
    store.putTrade(tickOf(T0, { volume: 2, lastPrice: 1004, volumeDelta: 10, aggressor: AGGRESSOR.buy }));
    store.putTrade(tickOf(T0 + 5, { volume: 3, lastPrice: 996, volumeDelta: 20, aggressor: AGGRESSOR.sell }));
    store.putTrade(tickOf(T0 + 9, { volume: 4, lastPrice: 1010, volumeDelta: 5, aggressor: AGGRESSOR.unknown }));
    store.putTrade(tickOf(T0 + SECOND_US, { volume: 5, lastPrice: 1000, volumeDelta: 999 }));
    const { rows, lines } = profileOf(store, T0, T0 + SECOND_US, 10);
    expect(rows).toEqual([
      { row: 100, bought: 10, sold: 20, unknown: 0, trades: 2 },
      { row: 101, bought: 0, sold: 0, unknown: 5, trades: 1 },
    ]);
    expect(lines).toEqual({ poc: 1000, low: 1000, high: 1000 });
  });

  it('loses no volume, over blocks and rows of any size', () => {
    const trade = fc.record({ at: fc.nat({ max: 400 * SECOND_US }), price: fc.integer({ min: 900, max: 1100 }) });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 60 }), fc.constantFrom(10, 20, 50), (trades, rowUnits) => {
        const store = new ColumnStore(250_000);
        trades.forEach(({ at, price }, i) => {
          store.putTrade(tickOf(T0 + at, { lastPrice: price, volumeDelta: 7, volume: i }));
        });
        const { rows } = profileOf(store, T0, T0 + 401 * SECOND_US, rowUnits);
        expect(rows.reduce((sum, row) => sum + rowVolume(row), 0)).toBe(7 * trades.length);
      }),
    );
  });

  it('has no lines where nothing traded', () => {
    expect(profileWith([], 10)).toEqual({ rows: [], lines: null });
  });
});

describe('pull and stack', () => {
  const rows = (...list: [row: number, quantity: number][]): BookRow[] =>
    list.map(([row, quantity]) => ({ row, quantity, orders: 1 }));

  it('is what each row has gained or lost, also where it has gone or come', () => {
    const now = [rows([99, 50], [98, 10]), rows([101, 5])] as const;
    const then = [rows([99, 20], [97, 40]), rows([101, 5])] as const;
    const changes = [...changesOf(now, then)].sort((a, b) => a.row - b.row);
    expect(changes).toEqual([
      { row: 97, change: -40 },
      { row: 98, change: 10 },
      { row: 99, change: 30 },
    ]);
  });
});
