import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import { ASK, BID } from '../core/side.ts';
import { BLOCK_COLUMNS, type ColumnStore, Frame } from './column-store.ts';
import { COLUMN_STATE, DepthModel, type HistoryPage } from './depth-model.ts';
import { frameOf } from './test-support.ts';
import { newTileSide, newTrades, TILE_COLUMNS, type Tile, type TileValue, tileUs } from './tile.ts';
import { TileStore } from './tile-store.ts';

const COLUMN_US = 5_000_000;
const START_US = 1000 * tileUs(5000);
const FIRST = START_US / COLUMN_US;

/** Bids of 30 at row 99 and 20 at row 100 in the second column, which was known for 4 s; an ask of 7 at row 101. */
function tileOf(value: TileValue): Tile {
  const [bids, asks] = [newTileSide(Int32Array.of(99, 100)), newTileSide(Int32Array.of(101))];
  const weight = value === 'mean' ? 4000 : 1;
  for (const side of [bids, asks]) side.knownMs[1] = 4000;
  bids.cells[1] = 30 * weight;
  bids.cells[TILE_COLUMNS + 1] = 20 * weight;
  asks.cells[1] = 7 * weight;
  bids.bestLast[1] = 1000;
  asks.bestLast[1] = 1010;
  for (const [series, best] of [
    [bids.bestLow, 980],
    [bids.bestHigh, 1000],
    [asks.bestLow, 1010],
    [asks.bestHigh, 1030],
  ] as const) {
    series[1] = best;
  }
  return { value, columnMs: 5000, startUs: START_US, rowUnits: 10, sides: [bids, asks], trades: newTrades() };
}

const PAGE: HistoryPage = {
  fromUs: START_US,
  toUs: START_US + tileUs(5000),
  completeToUs: START_US + tileUs(5000),
  gaps: [],
};

describe('TileStore', () => {
  it('gives a side as levels, best first, and says what they are of', () => {
    for (const value of ['last', 'max', 'mean'] as const) {
      const store = new TileStore(COLUMN_US);
      store.want({ value, rowUnits: 10 });
      store.put(tileOf(value), PAGE.toUs);
      const frame = new Frame();
      expect(store.read(FIRST + 1, BID, frame)).toBe(true);
      expect([...frame.prices.subarray(0, frame.count)]).toEqual([1000, 990]);
      expect([...frame.quantities.subarray(0, frame.count)]).toEqual([20, 30]);
      expect(frame).toMatchObject({ best: 1000, bestLow: 980, bestHigh: 1000, hasOrders: false, value });
      expect(store.read(FIRST + 1, ASK, frame)).toBe(true);
      expect([...frame.quantities.subarray(0, frame.count)]).toEqual([7]);
      expect(store.read(FIRST, BID, frame), 'a column of which nothing is known').toBe(false);
    }
  });

  it('covers whole columns that are complete, of the kind that is wanted', () => {
    const store = new TileStore(COLUMN_US);
    store.want({ value: 'max', rowUnits: 10 });
    store.put(tileOf('last'), PAGE.toUs);
    expect(store.coverage.all).toEqual([]);
    store.put(tileOf('max'), START_US + 2.5 * COLUMN_US);
    expect(store.coverage.all).toEqual([{ fromUs: START_US, toUs: START_US + 2 * COLUMN_US }]);
    expect(store.want({ value: 'max', rowUnits: 20 })).toBe(true);
    expect(store.covers(FIRST + 1)).toBe(false);
  });
});

describe('a model with tiles', () => {
  it('shows and claims what they tell, and says of the rest that it was not recorded', () => {
    const model = new DepthModel(1);
    model.seenUs = PAGE.toUs + tileUs(5000);
    model.showTiles({ value: 'mean', rowUnits: 10 });
    model.readTiles(2, [tileOf('mean')], PAGE.toUs, PAGE, new Uint8Array(0));
    const frame = new Frame();
    const state = (column: number) => model.resolve(2, column, BID, model.seenUs, frame);
    expect(state(FIRST)).toBe(COLUMN_STATE.none);
    expect(state(FIRST + 1)).toBe(COLUMN_STATE.data);
    expect(state(FIRST + 2)).toBe(COLUMN_STATE.stale);
    expect(state(FIRST + TILE_COLUMNS)).toBe(COLUMN_STATE.unloaded);
    expect(model.held(2).missing(PAGE.fromUs, PAGE.toUs)).toEqual([]);
    expect(model.held(3).missing(PAGE.fromUs, PAGE.toUs)).toHaveLength(1);
    model.showTiles({ value: 'last', rowUnits: 10 });
    model.readTiles(2, [tileOf('last')], PAGE.toUs, PAGE, new Uint8Array(0));
    const book = frameOf(ASK, START_US + COLUMN_US, [[1020, 3]]);
    (model.stores[2] as ColumnStore).put(FIRST + 1, ASK, book);
    (model.stores[2] as ColumnStore).coverage.add(PAGE.fromUs, PAGE.toUs);
    expect(model.resolve(2, FIRST + 1, ASK, model.seenUs, frame)).toBe(COLUMN_STATE.data);
    expect(frame, 'a book, and where a tile says that its best price was').toMatchObject({
      hasOrders: true,
      best: 1020,
      bestLow: 1010,
      bestHigh: 1030,
    });
    model.showTiles(null);
    (model.stores[2] as ColumnStore).coverage.remove(PAGE.fromUs, PAGE.toUs);
    (model.stores[2] as ColumnStore).drop(Math.floor((FIRST + 1) / BLOCK_COLUMNS));
    expect(state(FIRST + 1)).toBe(COLUMN_STATE.unloaded);
    expect(frame.best).not.toBe(ABSENT);
  });
});
