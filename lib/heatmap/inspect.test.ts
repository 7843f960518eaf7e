import { describe, expect, it } from 'vitest';
import { encodeGap } from '../book/messages.ts';
import { ASK, BID } from '../core/side.ts';
import { DepthModel } from './depth-model.ts';
import { Frozen } from './frozen.ts';
import { inspect } from './inspect.ts';
import { INSTRUMENT, joined, Sender, T0 } from './test-support.ts';

const nowUs = T0 + 1_000_000;

function model(): { model: DepthModel; sender: Sender } {
  const made = new DepthModel(INSTRUMENT);
  const sender = new Sender();
  made.connected(null);
  made.readLive(
    joined(
      sender.frame(BID, T0 + 10, [
        [1000, 130, 2],
        [990, 65, 1],
      ]),
      sender.frame(ASK, T0 + 20, [
        [1010, 195, 3],
        [1020, 260, 4],
      ]),
    ),
  );
  return { model: made, sender };
}

const ask = (
  source: DepthModel | Frozen,
  gaps: DepthModel['gaps'],
  price: number,
  timeUs: number,
  rowUnits = 10,
  at = nowUs,
) => inspect(source, gaps, { tier: 0, price, timeUs, rowUnits, nowUs: at });

describe('inspect', () => {
  it('gives the level at a price and time', () => {
    const { model: it } = model();
    expect(ask(it, it.gaps, 1000, T0 + 100)).toMatchObject({
      state: 'data',
      cause: null,
      bidQuantity: 130,
      bidOrders: 2,
      askQuantity: 0,
      askOrders: 0,
      bestBid: 1000,
      bestAsk: 1010,
      columnStartUs: T0,
    });
  });

  it('sums up a row', () => {
    const { model: it } = model();
    expect(ask(it, it.gaps, 1020, T0, 50)).toMatchObject({ price: 1000, bidQuantity: 130 });
    expect(ask(it, it.gaps, 1060, T0, 50)).toMatchObject({ price: 1050, askQuantity: 455, askOrders: 7 });
  });

  it('says how old the data is, and why there is none', () => {
    const { model: it } = model();
    expect(ask(it, it.gaps, 1000, T0 + 900_000).ageMs).toBe((nowUs - T0 - 10) / 1000);
    const later = T0 + 5_000_000;
    expect(ask(it, it.gaps, 1000, T0 + 4_000_000, 10, later)).toMatchObject({
      state: 'stale',
      cause: 'no frames came',
      bidQuantity: null,
      ageMs: null,
    });
  });

  it('names a side that is missing alone', () => {
    const { model: it, sender } = model();
    for (const second of [1, 2, 3, 4]) it.readLive(sender.frame(ASK, T0 + second * 1_000_000, [[1010, 195]]));
    const later = T0 + 4_100_000;
    expect(ask(it, it.gaps, 1010, later, 10, later)).toMatchObject({
      state: 'stale',
      cause: 'no bid frames came',
      bidQuantity: null,
      askQuantity: 195,
    });
  });

  it('knows nothing inside a gap, even in a column that has a frame', () => {
    const { model: it } = model();
    it.readLive(encodeGap({ instrumentId: INSTRUMENT, fromUs: T0 + 100, toUs: T0 + 200, cause: 'limit' }));
    expect(ask(it, it.gaps, 1000, T0 + 50).bidQuantity).toBe(130);
    expect(ask(it, it.gaps, 1000, T0 + 150)).toMatchObject({ state: 'gap', bidQuantity: null });
    expect(ask(it, it.gaps, 1000, T0 + 150).cause).toMatch(/too many connections/);
  });
});

describe('a paused picture', () => {
  it('shows the book of the pause, whatever comes after', () => {
    const { model: it, sender } = model();
    const frozen = new Frozen(it, T0 + 1000);
    it.readLive(sender.frame(BID, T0 + 2000, [[1000, 9999]]));
    it.readLive(sender.frame(BID, T0 + 400_000, [[1000, 8888]]));
    expect(ask(it, it.gaps, 1000, T0).bidQuantity).toBe(9999);
    expect(ask(frozen, it.gaps, 1000, T0, 10, frozen.asOfUs).bidQuantity).toBe(130);
    expect(ask(frozen, it.gaps, 1000, T0 + 400_000, 10, frozen.asOfUs)).toMatchObject({
      state: 'none',
      bidQuantity: null,
    });
    expect(frozen.side(BID).levels.quantities[0]).toBe(130);
  });

  it('carries no further than the picture it was', () => {
    const { model: it, sender } = model();
    const frozen = new Frozen(it, T0 + 3_000_000);
    it.readLive(sender.frame(BID, T0 + 3_100_000, [[1000, 9999]]));
    expect(ask(frozen, it.gaps, 1000, T0 + 3_000_000, 10, frozen.asOfUs).state).toBe('stale');
  });

  it('adds up from the touch to the row, and nothing beyond the touch', () => {
    const { model: it } = model();
    expect(ask(it, it.gaps, 990, T0)).toMatchObject({ bidCumulative: 195, askCumulative: 0 });
    expect(ask(it, it.gaps, 1020, T0)).toMatchObject({ bidCumulative: 0, askCumulative: 455 });
  });

  it('compares with one and with five seconds ago, where that is known', () => {
    const { model: it, sender } = model();
    for (const seconds of [1, 2, 3, 4, 5]) {
      it.readLive(joined(sender.frame(BID, T0 + seconds * 1_000_000 + 10, [[1000, 130 + 10 * seconds, 2]])));
    }
    const later = T0 + 5_000_100;
    expect(ask(it, it.gaps, 1000, later, 10, later).bidChanges).toEqual([10, 50]);
    // Nothing was known five seconds before the first frames.
    expect(ask(it, it.gaps, 1000, T0 + 1_000_100, 10, later).bidChanges).toEqual([10, null]);
    // Wider columns hold no book of one second ago.
    it.derive(0, 2);
    expect(
      inspect(it, it.gaps, { tier: 2, price: 1000, timeUs: later, rowUnits: 10, nowUs: later }).bidChanges[0],
    ).toBeNull();
  });

  it('compares nothing across a gap', () => {
    const { model: it, sender } = model();
    it.readLive(
      joined(encodeGap({ instrumentId: INSTRUMENT, fromUs: T0 + 300_000, toUs: T0 + 700_000, cause: 'disconnected' })),
    );
    it.readLive(joined(sender.frame(BID, T0 + 1_000_010, [[1000, 200, 2]])));
    expect(ask(it, it.gaps, 1000, T0 + 1_000_100, 10, T0 + 1_000_100).bidChanges[0]).toBeNull();
  });
});
