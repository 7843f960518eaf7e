import { describe, expect, it } from 'vitest';
import { sideOf } from '../../tests/support/books-and-trades.ts';
import { encodeGap, encodeTick, SideEncoder, type TickMessage } from '../book/messages.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { ROW_TICKS } from '../heatmap/price-rows.ts';
import { emptyTick } from '../heatmap/trades.ts';
import { BestTrail, NO_BEST } from './best-trail.ts';
import { ladderLayout } from './ladder-layout.ts';
import { LadderModel } from './ladder-model.ts';
import { LadderRows } from './ladder-rows.ts';
import { LADDER_COLUMNS, LADDER_DEFAULTS, ladderSettingsOf } from './ladder-settings.ts';
import { followed } from './ladder-view.ts';
import { TradedAtPrice } from './traded-at-price.ts';

const ID = 7;
const T0 = 1_795_600_000_000_000;
const SECOND = 1_000_000;

const trade = (
  stampUs: number,
  lastPrice: number,
  volumeDelta: number,
  aggressor: TickMessage['aggressor'],
  volume = 0,
) => ({
  ...emptyTick(),
  instrumentId: ID,
  stampUs,
  lastPrice,
  volumeDelta,
  aggressor,
  volume,
});

/** A market that speaks as the live stream does. */
class Stream {
  readonly model = new LadderModel(ID);
  private readonly encoders = [new SideEncoder(ID, BID), new SideEncoder(ID, ASK)] as const;

  side(side: Side, levels: readonly (readonly [price: number, quantity: number])[], stampUs: number): void {
    const withOrders = levels.map(([price, quantity]) => [price, quantity, 2] as const);
    this.model.read(this.encoders[side].next(sideOf(withOrders), stampUs, stampUs));
  }

  tick(tick: TickMessage): void {
    this.model.read(encodeTick(tick));
  }

  rows(top: number, count: number, rowUnits: number, nowUs: number, heard = true): LadderRows {
    const rows = new LadderRows();
    rows.fill(this.model, { top, count, rowUnits, nowUs, heard, windowUs: 10 * SECOND });
    return rows;
  }
}

describe('rows of a ladder', () => {
  it('hold sums by price row, bids below and asks above, cumulated from the touch', () => {
    const stream = new Stream();
    stream.side(
      BID,
      [
        [1004, 10],
        [1003, 20],
        [1000, 5],
        [990, 7],
      ],
      T0,
    );
    stream.side(
      ASK,
      [
        [1006, 1],
        [1009, 2],
        [1011, 4],
      ],
      T0,
    );
    const rows = stream.rows(202, 5, 5, T0);
    const [bid, ask] = rows.sides;
    // Rows 202 to 198 stand for 1010, 1005, 1000, 995, 990.
    expect([...bid.quantities.slice(0, 5)]).toEqual([0, 0, 35, 0, 7]);
    expect([...bid.cumulative.slice(0, 5)]).toEqual([0, 0, 35, 0, 42]);
    expect([...bid.orders.slice(0, 5)]).toEqual([0, 0, 6, 0, 2]);
    expect([...ask.quantities.slice(0, 5)]).toEqual([3, 0, 0, 0, 0]);
    expect([bid.total, bid.levels, ask.total, ask.levels]).toEqual([42, 4, 7, 3]);
    expect([bid.bestRow, ask.bestRow]).toEqual([200, 202]);
    expect(rows.largest).toBe(35);
  });

  it('are live for 2 s after a frame, old after that or where the stream is away, and nothing in a gap', () => {
    const stream = new Stream();
    stream.side(BID, [[100, 1]], T0);
    const look = (nowUs: number, heard = true) => stream.model.lookOf(BID, nowUs, heard);
    expect([look(T0 + 2 * SECOND), look(T0 + 2 * SECOND + 1), look(T0, false)]).toEqual(['live', 'old', 'old']);
    expect(stream.model.lookOf(ASK, T0, true), 'a side that never came').toBe('none');
    stream.model.read(encodeGap({ instrumentId: ID, fromUs: T0 + SECOND, toUs: 0, cause: 'disconnected' }));
    expect(look(T0 + SECOND)).toBe('none');
    expect(stream.rows(100, 1, 1, T0 + SECOND).sides[BID].total, 'quantities in a gap').toBe(0);
    stream.side(BID, [[100, 1]], T0 + 3 * SECOND);
    expect(look(T0 + 3 * SECOND)).toBe('live');
  });

  it('tell what was pulled and stacked beyond what trades explain, and nothing over a gap', () => {
    const stream = new Stream();
    stream.side(
      BID,
      [
        [100, 10],
        [99, 20],
        [98, 30],
      ],
      T0,
    );
    stream.tick(trade(T0 + SECOND, 100, 4, AGGRESSOR.sell, 4));
    stream.side(
      BID,
      [
        [100, 6],
        [99, 12],
        [98, 31],
        [97, 9],
      ],
      T0 + 2 * SECOND,
    );
    const changes = (nowUs: number) => [...stream.rows(100, 4, 1, nowUs).sides[BID].changes.slice(0, 4)];
    // 100: four traded; 99: eight pulled; 98: one stacked; 97 was beyond what the feed showed before.
    expect(changes(T0 + 2 * SECOND)).toEqual([0, -8, 1, 0]);
    stream.model.read(encodeGap({ instrumentId: ID, fromUs: T0 + 3 * SECOND, toUs: T0 + 4 * SECOND, cause: 'silent' }));
    stream.side(
      BID,
      [
        [100, 60],
        [99, 1],
      ],
      T0 + 5 * SECOND,
    );
    expect(changes(T0 + 5 * SECOND)).toEqual([0, 0, 0, 0]);
  });

  it('count the tick that a connection begins with once', () => {
    const stream = new Stream();
    const tick = trade(T0, 100, 5, AGGRESSOR.buy, 50);
    stream.tick(tick);
    stream.model.connected();
    stream.tick(tick);
    expect(stream.rows(100, 1, 1, T0).buys[0]).toBe(5);
    expect(stream.model.heardFromUs).toBe(T0);
  });
});

describe('what has traded at each price', () => {
  it('is the stored part and the ticks from where it ends, each trade once', () => {
    const traded = new TradedAtPrice();
    const ticks = [1, 2, 3, 4].map((i) => trade(T0 + i, 100 + i, i, AGGRESSOR.buy));
    for (const tick of ticks) traded.add(tick);
    const stored = ticks.slice(0, 3).map((tick) => ({
      stampUs: tick.stampUs,
      price: tick.lastPrice,
      quantity: tick.volumeDelta,
      aggressor: tick.aggressor,
    }));
    traded.setStored([{ price: 90, buy: 7, sell: 8, unknown: 9 }], stored, T0 + 3);
    const rows = traded.byRow(1);
    expect(rows.get(90)).toEqual({ buy: 7, sell: 8, unknown: 9 });
    expect([101, 102, 103, 104].map((row) => rows.get(row)?.buy)).toEqual([1, 2, 3, 4]);
    traded.add(trade(T0 + 5, 104, 6, AGGRESSOR.sell));
    expect(traded.byRow(1).get(104)).toEqual({ buy: 4, sell: 6, unknown: 0 });
    expect(traded.byRow(10).get(11)?.buy, 'buys stand where asks do').toBe(10);
    expect(traded.byRow(10).get(10)?.sell, 'sells stand where bids do').toBe(6);
  });
});

describe('where a ladder stands', () => {
  it('begins with the market in the middle in every mode', () => {
    for (const mode of ['always', 'edge', 'off'] as const) expect(followed(null, 11, 500, 500, mode)).toBe(505);
  });

  it('follows always, near an edge, or never', () => {
    const at = (row: number, mode: 'always' | 'edge' | 'off') => followed(110, 21, row, row + 1, mode);
    expect([at(104, 'always'), at(104, 'edge'), at(104, 'off')]).toEqual([115, 110, 110]);
    expect([at(108, 'edge'), at(92, 'edge'), at(300, 'off')]).toEqual([119, 103, 110]);
  });

  it('keeps the middle of a spread in sight that does not fit', () => {
    expect(followed(110, 21, 50, 150, 'edge')).toBe(110);
    expect(followed(110, 21, 150, 250, 'edge')).toBe(210);
  });
});

describe('the trail of the best prices', () => {
  it('begins with what was in force and has each change once', () => {
    const trail = new BestTrail();
    for (const [at, bid, ask] of [
      [0, 10, 11],
      [1, 10, 11],
      [5, 9, 11],
      [7, NO_BEST, 11],
    ] as const)
      trail.note(at, bid, ask);
    const since = (from: number) => {
      const points: number[][] = [];
      trail.since(from, (...point) => points.push(point));
      return points;
    };
    expect(since(6)).toEqual([
      [5, 9, 11],
      [7, NO_BEST, 11],
    ]);
    expect(since(-5)).toHaveLength(3);
    expect(since(100)).toEqual([[7, NO_BEST, 11]]);
  });
});

describe('settings and columns', () => {
  it('take what can be and leave the rest as it is by default', () => {
    expect(ladderSettingsOf({})).toEqual(LADDER_DEFAULTS);
    expect(ladderSettingsOf({ rowTicks: 3, recentre: 'x', units: 4, windowS: '5', columns: 'all' })).toEqual(
      LADDER_DEFAULTS,
    );
    const chosen = { rowTicks: ROW_TICKS[2], recentre: 'off', units: 'units', windowS: 30, columns: ['orders', 'x'] };
    expect(ladderSettingsOf(chosen)).toEqual({ ...chosen, columns: ['orders'] });
  });

  it('fit their width, and give way in order', () => {
    const kinds = (width: number) => ladderLayout(width, 400, LADDER_COLUMNS).areas.map(({ kind }) => kind);
    expect(kinds(280)).toEqual(['bid', 'price', 'ask']);
    expect(kinds(390)).toEqual(['bid', 'sell', 'price', 'buy', 'ask']);
    expect(kinds(1200)).toHaveLength(12);
    for (const width of [280, 390, 500, 640, 800, 1200]) {
      const { areas } = ladderLayout(width, 400, LADDER_COLUMNS);
      const last = areas.at(-1);
      expect((last?.x ?? 0) + (last?.width ?? 0), `${width} px`).toBeLessThanOrEqual(width);
    }
  });
});
