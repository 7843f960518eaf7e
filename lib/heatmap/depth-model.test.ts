import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeGap } from '../book/messages.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { BLOCK_COLUMNS, type ColumnStore, Frame } from './column-store.ts';
import { BLOCKS_MAX, COLUMN_STATE, DepthModel } from './depth-model.ts';
import {
  INSTRUMENT,
  joined,
  pageOf,
  type Recorded,
  type Row,
  rowsOf,
  Sender,
  T0,
  tickMessage,
  tickOf,
} from './test-support.ts';
import { columnOf, TIERS_US, type Tier } from './tiers.ts';

const MS = 1000;
const FINE_US = TIERS_US[0];
const column = (us: number): number => columnOf(us, FINE_US);

/** Both sides every 200 ms, as a depth feed gives them. */
function market(count: number): Recorded[] {
  return Array.from({ length: count }, (_, i): Recorded[] => {
    const stampUs = T0 + i * 200 * MS;
    const rows = (price: number): Row[] => [[price, 65 * (1 + (i % 40)), 1 + (i % 3)]];
    return [
      { side: BID, stampUs, rows: rows(1000 - (i % 7) * 10) },
      { side: ASK, stampUs: stampUs + 700, rows: rows(1010 + (i % 5) * 10) },
    ];
  }).flat();
}

/** A model that has taken everything from the stream, the first book as its snapshot. */
function live(frames: readonly Recorded[]): DepthModel {
  const model = new DepthModel(INSTRUMENT);
  const sender = new Sender();
  model.connected(null);
  for (let i = 0; i < frames.length; i += 2) {
    const pair = frames.slice(i, i + 2);
    model.readLive(joined(...pair.map(({ side, stampUs, rows }) => sender.frame(side, stampUs, rows))));
  }
  return model;
}

function stateAt(model: DepthModel, us: number, nowUs: number, side: Side = BID, tier: Tier = 0): number {
  return model.resolve(tier, columnOf(us, TIERS_US[tier]), side, nowUs, new Frame());
}

/** Rows of every column and side between two instants. */
function columns(model: DepthModel, fromUs: number, toUs: number, nowUs: number): unknown[] {
  const seen: unknown[] = [];
  for (let at = column(fromUs); at <= column(toUs); at += 1) {
    for (const side of [BID, ASK] as const) {
      const frame = new Frame();
      const state = model.resolve(0, at, side, nowUs, frame);
      seen.push([at, side, state, state === COLUMN_STATE.data ? rowsOf(frame) : null]);
    }
  }
  return seen;
}

describe('the join of history and live', () => {
  it('has no seam, wherever the stream begins and in whatever order the pages come', () => {
    const frames = market(60);
    const endUs = T0 + 60 * 200 * MS;
    const whole = columns(live(frames), T0, endUs, endUs);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 59 }), fc.integer({ min: 1, max: 58 }), fc.boolean(), (join, cut, late) => {
        const model = new DepthModel(INSTRUMENT);
        const sender = new Sender();
        model.connected(null);
        const stream = frames.slice(join * 2);
        const joinUs = Math.max(...stream.slice(0, 2).map(({ stampUs }) => stampUs));
        const cutUs = column(T0 + Math.min(cut, join) * 200 * MS) * FINE_US;
        const pages = [pageOf(frames, FINE_US, T0, cutUs), pageOf(frames, FINE_US, cutUs, joinUs)].filter(
          ({ page }) => page.fromUs < page.toUs,
        );
        const history = () => {
          for (const { page, messages } of pages.reverse()) model.readHistory(0, page, messages);
        };
        if (!late) history();
        for (let i = 0; i < stream.length; i += 2) {
          model.readLive(joined(...stream.slice(i, i + 2).map((f) => sender.frame(f.side, f.stampUs, f.rows))));
        }
        if (late) history();
        expect(columns(model, T0, endUs, endUs)).toEqual(whole);
        expect((model.stores[0] as ColumnStore).coverage.missing(T0, model.seenUs)).toEqual([]);
      }),
    );
  });

  it('asks again for what the recorder had not written yet', () => {
    const frames = market(20);
    const model = new DepthModel(INSTRUMENT);
    const { page, messages } = pageOf(frames, FINE_US, T0, T0 + 3_000_000, T0 + 2_100_000);
    model.readHistory(0, page, messages);
    expect((model.stores[0] as ColumnStore).coverage.missing(T0, T0 + 3_000_000)).toEqual([
      { fromUs: T0 + 2_100_000, toUs: T0 + 3_000_000 },
    ]);
  });

  it('misses, after a reconnect, what lies between', () => {
    const frames = market(30);
    const model = live(frames.slice(0, 20));
    const seenUs = model.seenUs;
    const resumedFromUs = seenUs - 400 * MS;
    model.connected(resumedFromUs);
    const sender = new Sender();
    const again = frames.slice(40);
    model.readLive(joined(...again.slice(0, 2).map((f) => sender.frame(f.side, f.stampUs, f.rows))));
    const { coverage } = model.stores[0] as ColumnStore;
    expect(coverage.missing(T0 + 700, model.seenUs)).toEqual([{ fromUs: resumedFromUs, toUs: model.seenUs }]);
    const { page, messages } = pageOf(frames, FINE_US, column(resumedFromUs) * FINE_US, model.seenUs);
    model.readHistory(0, page, messages);
    expect(coverage.missing(T0 + 700, model.seenUs)).toEqual([]);
  });

  it('misses, where a slow page was left out frames, what those were', () => {
    const frames = market(20);
    const model = new DepthModel(INSTRUMENT);
    const sender = new Sender();
    model.connected(null);
    const messages = frames.map(({ side, stampUs, rows }) => ({ side, bytes: sender.frame(side, stampUs, rows) }));
    const send = (from: number, to: number) => {
      for (const { bytes } of messages.slice(from, to)) model.readLive(bytes);
    };
    send(0, 10);
    // The server's encoder goes on; what comes next is a keyframe of each side.
    model.readLive(joined(sender.keyframe(BID), sender.keyframe(ASK)));
    const { coverage } = model.stores[0] as ColumnStore;
    const missing = coverage.missing(T0 + 700, model.seenUs);
    expect(missing).toHaveLength(1);
    expect(missing[0]?.toUs).toBe(frames.at(-1)?.stampUs);
    expect(model.side(BID).stampUs).toBe(frames.at(-2)?.stampUs);
  });

  it('believes nothing of a side whose base is missing, until a keyframe comes', () => {
    const frames = market(4);
    const model = new DepthModel(INSTRUMENT);
    const sender = new Sender();
    model.connected(null);
    const [first, , skipped, , third] = frames.map(({ side, stampUs, rows }) => sender.frame(side, stampUs, rows));
    model.readLive(first as Uint8Array);
    expect(skipped).toBeDefined();
    model.readLive(third as Uint8Array);
    expect(model.side(BID).stampUs).toBe(T0);
    model.readLive(sender.keyframe(BID));
    expect(model.side(BID).stampUs).toBe(frames[6]?.stampUs);
  });

  it('leaves other instruments alone', () => {
    const model = new DepthModel(INSTRUMENT + 1);
    model.connected(null);
    model.readLive(new Sender().frame(BID, T0, [[1000, 65]]));
    expect(model.frames).toBe(0);
    expect(model.side(BID).known).toBe(false);
  });
});

describe('what a column is', () => {
  const frames = market(10);
  const lastUs = frames.at(-2)?.stampUs as number;

  it('carries a side for at most two seconds after its last frame', () => {
    const model = live(frames);
    const nowUs = lastUs + 30_000_000;
    for (let at = column(lastUs) + 1; at < column(lastUs) + 20; at += 1) {
      const endUs = (at + 1) * FINE_US;
      const expected = endUs - lastUs <= 2_000_000 ? COLUMN_STATE.data : COLUMN_STATE.stale;
      expect(model.resolve(0, at, BID, nowUs, new Frame())).toBe(expected);
    }
  });

  it('judges the column of now by now, not by its end', () => {
    const model = live(frames);
    const nowUs = lastUs + 1_999_000;
    expect(stateAt(model, nowUs, nowUs)).toBe(COLUMN_STATE.data);
    expect(stateAt(model, nowUs + 2000, nowUs + 2000)).toBe(COLUMN_STATE.stale);
  });

  it('carries nothing over a gap, however short', () => {
    const model = live(frames);
    model.readLive(
      encodeGap({ instrumentId: INSTRUMENT, fromUs: lastUs + 1, toUs: lastUs + 300 * MS, cause: 'disconnected' }),
    );
    const nowUs = lastUs + 5_000_000;
    expect(stateAt(model, lastUs + 260 * MS, nowUs)).toBe(COLUMN_STATE.gap);
    expect(stateAt(model, lastUs + 800 * MS, nowUs)).toBe(COLUMN_STATE.stale);
  });

  it('shows an open gap as growing, and ends it where frames come again', () => {
    const model = live(frames);
    model.readLive(encodeGap({ instrumentId: INSTRUMENT, fromUs: lastUs + 1, toUs: 0, cause: 'network' }));
    for (const seconds of [1, 10, 100]) {
      const nowUs = lastUs + seconds * 1_000_000;
      expect(stateAt(model, nowUs, nowUs)).toBe(COLUMN_STATE.gap);
    }
    const sender = new Sender();
    model.readLive(sender.frame(BID, lastUs + 20_000_000, [[1000, 65]]));
    expect(model.gaps.all.map(({ toUs }) => toUs)).toEqual([lastUs + 20_000_000]);
  });

  it('tells silence from time that was never recorded, and both from what is not loaded', () => {
    const model = live(frames);
    const nowUs = lastUs + 200_000_000;
    expect(stateAt(model, lastUs + 30_000_000, nowUs)).toBe(COLUMN_STATE.stale);
    expect(stateAt(model, lastUs + 100_000_000, nowUs)).toBe(COLUMN_STATE.none);
    expect(stateAt(model, T0 - 100_000_000, nowUs)).toBe(COLUMN_STATE.unloaded);
    model.readHistory(0, { fromUs: T0 - 150_000_000, toUs: T0, completeToUs: T0, gaps: [] }, new Uint8Array(0));
    expect(stateAt(model, T0 - 100_000_000, nowUs)).toBe(COLUMN_STATE.none);
  });

  it('never carries into a column wider than the time a side may be carried', () => {
    const model = live(frames);
    const nowUs = lastUs + 40_000_000;
    expect(stateAt(model, lastUs, nowUs, BID, 2)).toBe(COLUMN_STATE.data);
    expect(stateAt(model, lastUs + 5_000_000, nowUs, BID, 2)).toBe(COLUMN_STATE.stale);
  });

  it('takes gaps from history too', () => {
    const model = live(frames);
    const gaps = [{ fromUs: T0 - 5_000_000, toUs: T0 - 1_000_000, cause: 'silent' }];
    model.readHistory(0, { fromUs: T0 - 10_000_000, toUs: T0, completeToUs: T0, gaps }, new Uint8Array(0));
    expect(stateAt(model, T0 - 3_000_000, lastUs)).toBe(COLUMN_STATE.gap);
  });
});

describe('depth model', () => {
  it('keeps trades on which volume traded, and the newest tick whatever it was', () => {
    const model = live(market(2));
    model.readLive(
      joined(
        tickMessage(tickOf(T0 + 500, { lastPrice: 1001 })),
        tickMessage(tickOf(T0 + 600, { lastPrice: 1002, volumeDelta: 0 })),
      ),
    );
    expect(model.lastTick.lastPrice).toBe(1002);
    const counts = model.stores.map((store) =>
      [...store.blocks.values()].reduce((sum, { trades }) => sum + trades.count, 0),
    );
    expect(counts).toEqual([1, 1, 1, 1, 1]);
  });

  it('feeds every width from the stream', () => {
    const model = live(market(30));
    const nowUs = model.seenUs;
    for (const tier of [0, 1, 2, 3, 4] as const) {
      const frame = new Frame();
      expect(model.resolve(tier, columnOf(model.side(BID).bookTimeUs, TIERS_US[tier]), BID, nowUs, frame)).toBe(
        COLUMN_STATE.data,
      );
      expect(frame.stampUs).toBe(model.side(BID).stampUs);
    }
  });

  it('stays within its blocks, and gives up the farthest of the width shown last', () => {
    const model = new DepthModel(INSTRUMENT);
    const blockUs = BLOCK_COLUMNS * FINE_US;
    for (let i = 0; i < BLOCKS_MAX + 5; i += 1) {
      const at = T0 - i * blockUs;
      const { page, messages } = pageOf([{ side: BID, stampUs: at, rows: [[1000, 65]] }], FINE_US, at, at + 1000);
      model.readHistory(0, page, messages);
    }
    model.seenUs = T0 + 1000;
    model.trim(0, T0);
    const store = model.stores[0] as ColumnStore;
    expect(store.blocks.size).toBe(BLOCKS_MAX);
    expect(store.frame(column(T0), BID, new Frame())).toBe(true);
    expect(store.coverage.has(T0 - (BLOCKS_MAX + 4) * blockUs)).toBe(false);
  });
});
