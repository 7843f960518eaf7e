import { describe, expect, it } from 'vitest';
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { type BigChange, BigChanges, mergeChanges } from './big-changes.ts';
import type { ColumnSource } from './cell-ring.ts';
import { ColumnStore } from './column-store.ts';
import { COLUMN_STATE } from './depth-model.ts';
import { frameOf, type Row, T0, tickOf } from './test-support.ts';
import { TIERS_US } from './tiers.ts';

const TIER = 1;
const COLUMN_US = TIERS_US[TIER];
const FIRST = T0 / COLUMN_US;
const NOW_US = T0 + 100 * COLUMN_US;
const RULE = { oneIn: 1, least: 100 };
const WINDOW = { fromColumn: FIRST, toColumn: FIRST + 9, topRow: 2000, rows: 2000, nowUs: NOW_US };

/** Bids of one column after the other, at rows of ten price units; asks stand still. */
const sourceOf = (bids: readonly (readonly Row[] | null)[], value: 'last' | 'max' = 'last'): ColumnSource => ({
  resolve(_tier, column, side: Side, _nowUs, into) {
    const rows =
      side === BID
        ? bids[column - FIRST]
        : ([
            [1010, 5],
            [1020, 5],
          ] as const);
    if (!rows) return COLUMN_STATE.stale;
    Object.assign(into, frameOf(side, 1, rows), { value });
    return COLUMN_STATE.data;
  },
});

function changesOf(source: ColumnSource, store = new ColumnStore(COLUMN_US), rule = RULE): readonly BigChange[] {
  const changes = new BigChanges();
  changes.fit(TIER, 10, 64);
  changes.write(source, FIRST, FIRST + 9, NOW_US);
  return changes.found(WINDOW, rule, store);
}

const FAR: Row = [900, 1];

describe('big changes', () => {
  it('are what came into a row and what left it, summed up by row', () => {
    const found = changesOf(
      sourceOf([
        [[1000, 10], [990, 10], FAR],
        [[1000, 10], [995, 150], [990, 160], FAR],
        [[1000, 10], [990, 10], FAR],
      ]),
    );
    expect(found).toEqual([
      { column: FIRST + 1, row: 99, side: BID, change: 300, traded: 0 },
      { column: FIRST + 2, row: 99, side: BID, change: -300, traded: 0 },
    ]);
  });

  it('are not what traded', () => {
    const source = sourceOf([
      [[1000, 500], [990, 10], FAR],
      [[990, 11], FAR],
    ]);
    const store = new ColumnStore(COLUMN_US);
    const sold = { lastPrice: 1000, aggressor: AGGRESSOR.sell };
    store.putTrade(tickOf(T0 + COLUMN_US, { ...sold, volumeDelta: 300, volume: 300 }));
    // Who buys takes no bids, and another row is not this one.
    store.putTrade(tickOf(T0 + COLUMN_US, { ...sold, aggressor: AGGRESSOR.buy, volumeDelta: 50, volume: 350 }));
    store.putTrade(tickOf(T0 + COLUMN_US, { ...sold, lastPrice: 990, volumeDelta: 60, volume: 410 }));
    const place = { column: FIRST + 1, row: 100, side: BID };
    expect(changesOf(source, store)).toEqual([{ ...place, change: -200, traded: 300 }]);
    store.putTrade(tickOf(T0 + 2 * COLUMN_US, { ...sold, volumeDelta: 150, volume: 560 }));
    expect(changesOf(source, store), 'less is left than the least that counts').toEqual([]);
  });

  it('are not told while a trade may still come that explains them', () => {
    const changes = new BigChanges();
    changes.fit(TIER, 10, 64);
    const source = sourceOf([
      [[1000, 500], FAR],
      [[990, 800], FAR],
    ]);
    const atUs = T0 + 2 * COLUMN_US;
    changes.write(source, FIRST, FIRST + 9, atUs);
    const store = new ColumnStore(COLUMN_US);
    const kinds = (nowUs: number) => changes.found({ ...WINDOW, nowUs }, RULE, store).map(({ change }) => change);
    expect(kinds(atUs)).toEqual([800]);
    expect(kinds(atUs + 2_000_000)).toEqual([800, -500]);
  });

  it('are not what lies beyond the last level of either book, nor what follows a hole', () => {
    const deep = [
      [1000, 10],
      [990, 10],
      [980, 500],
      [970, 500],
    ] as const;
    expect(
      changesOf(
        sourceOf([
          [
            [1000, 10],
            [990, 10],
          ],
          deep,
          [
            [1000, 10],
            [990, 10],
          ],
        ]),
      ),
    ).toEqual([]);
    expect(changesOf(sourceOf([[[1000, 10], FAR], null, [[1000, 900], FAR]]))).toEqual([]);
  });

  it('are not told of columns that hold largest sizes', () => {
    expect(
      changesOf(
        sourceOf(
          [
            [[1000, 10], FAR],
            [[1000, 900], FAR],
          ],
          'max',
        ),
      ),
    ).toEqual([]);
  });

  it('are the rarest of all there are', () => {
    const sizes = Array.from({ length: 10 }, (_, i): Row[] => [[1000, i % 2 === 0 ? 10 : 10 + i * 7], FAR]);
    const source = sourceOf(sizes);
    expect(changesOf(source, undefined, { oneIn: 5, least: 0 }).map(({ change }) => change)).toEqual([63, 49, -49]);
    expect(changesOf(source, undefined, { oneIn: 5, least: 60 }).map(({ change }) => change)).toEqual([63]);
  });

  it('are measured by what was known when history had come, not by what was missing before', () => {
    const changes = new BigChanges();
    changes.fit(TIER, 10, 64);
    changes.write(sourceOf([]), FIRST, FIRST + 9, NOW_US);
    expect(changes.threshold(RULE)).toBeNull();
    changes.forget(FIRST, FIRST + 9);
    changes.write(
      sourceOf([
        [[1000, 10], FAR],
        [[1000, 900], FAR],
      ]),
      FIRST,
      FIRST + 9,
      NOW_US,
    );
    expect(changes.found(WINDOW, RULE, new ColumnStore(COLUMN_US))).toHaveLength(1);
  });

  it('have an ask side that mirrors the bid side', () => {
    const asks: ColumnSource = {
      resolve(_tier, column, side, _nowUs, into) {
        const rows: readonly Row[] =
          side === BID
            ? [[990, 5], FAR]
            : column <= FIRST
              ? [
                  [1010, 400],
                  [1100, 1],
                ]
              : [
                  [1010, 10],
                  [1100, 1],
                ];
        Object.assign(into, frameOf(side, 1, rows));
        return COLUMN_STATE.data;
      },
    };
    expect(changesOf(asks)).toEqual([{ column: FIRST + 1, row: 101, side: ASK, change: -390, traded: 0 }]);
  });

  it('become one mark where they would lie upon each other', () => {
    const change = { column: 0, row: 0, side: BID, change: 50, traded: 0 } as const;
    const marks = mergeChanges(
      [change, { ...change, column: 10 }, { ...change, column: 30 }, { ...change, change: -50 }],
      ({ column }) => ({ x: column, y: 0 }),
    );
    expect(marks).toEqual([
      { x: 0, y: 0, side: BID, change: 100, count: 2 },
      { x: 30, y: 0, side: BID, change: 50, count: 1 },
      { x: 0, y: 0, side: BID, change: -50, count: 1 },
    ]);
  });
});
