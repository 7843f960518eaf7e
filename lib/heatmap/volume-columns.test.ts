import { expect, it } from 'vitest';
import { AGGRESSOR } from '../core/aggressor.ts';
import { ColumnStore } from './column-store.ts';
import { T0, tickOf } from './test-support.ts';
import { VolumeColumns } from './volume-columns.ts';

const COLUMN_US = 1_000_000;

it('sums up what traded in each column by who initiated it, up to a time', () => {
  const store = new ColumnStore(COLUMN_US);
  const trade = (columns: number, volumeDelta: number, aggressor: (typeof AGGRESSOR)[keyof typeof AGGRESSOR]) =>
    store.putTrade(tickOf(T0 + columns * COLUMN_US, { volumeDelta, aggressor, volume: columns * 1000 + volumeDelta }));
  trade(-0.1, 900, AGGRESSOR.buy);
  trade(0, 10, AGGRESSOR.buy);
  trade(0.5, 20, AGGRESSOR.sell);
  trade(0.9, 5, AGGRESSOR.unknown);
  trade(2.2, 40, AGGRESSOR.buy);
  trade(2.6, 80, AGGRESSOR.buy);
  trade(3, 900, AGGRESSOR.buy);
  const columns = new VolumeColumns();
  const first = T0 / COLUMN_US;
  const parts = () =>
    [columns.bought, columns.sold, columns.unknown].map((part) => [...part.subarray(0, columns.count)]);
  columns.sumUp(store, first, first + 2, Number.POSITIVE_INFINITY);
  expect(parts()).toEqual([
    [10, 0, 120],
    [20, 0, 0],
    [5, 0, 0],
  ]);
  expect(columns.most).toBe(120);
  columns.sumUp(store, first, first + 2, T0 + 2.5 * COLUMN_US);
  expect([columns.most, columns.volumeAt(0), columns.volumeAt(2)]).toEqual([40, 35, 40]);
});
