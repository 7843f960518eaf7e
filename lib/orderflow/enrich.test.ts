import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { enrich, newTickState, TickStates } from './enrich.ts';
import { TICK_MODE, Tick } from './tick.ts';

/** 2026-11-25 09:15 IST. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const DAY_US = 86_400_000_000;

interface Given {
  readonly at?: number;
  readonly price?: number;
  readonly volume?: number;
  readonly oi?: number;
  readonly bid?: readonly [price: number, quantity: number];
  readonly ask?: readonly [price: number, quantity: number];
}

/** Runs ticks of one instrument through `enrich`; `'gap'` stands for missed ones. */
function run(...given: (Given | 'gap')[]): Tick[] {
  const states = new TickStates();
  let at = OPEN_US;
  return given.flatMap((one) => {
    if (one === 'gap') {
      states.noteGap();
      return [];
    }
    const tick = new Tick();
    at = one.at ?? at + 1_000_000;
    tick.stampUs = at;
    tick.mode = TICK_MODE.full;
    tick.lastPrice = one.price ?? ABSENT;
    tick.volume = one.volume ?? ABSENT;
    tick.oi = one.oi ?? ABSENT;
    for (const [side, level] of [
      [tick.bids, one.bid],
      [tick.asks, one.ask],
    ] as const) {
      if (!level) continue;
      side.count = 1;
      side.prices[0] = level[0];
      side.quantities[0] = level[1];
    }
    enrich(tick, states.of(1), 'NFO');
    return tick;
  });
}

describe('what a tick says by itself', () => {
  it('mid, spread, depths and imbalance', () => {
    const [tick] = run({ price: 10_000, bid: [9995, 300], ask: [10_000, 100] });
    expect(tick).toMatchObject({ mid: 9997.5, spread: 5, spreadOverLast: 5 / 10_000, bidDepth: 300, askDepth: 100 });
    expect(tick?.imbalance).toBe(0.5);
  });

  it('nothing of the spread where a side is missing, and no imbalance where both are', () => {
    const [oneSided, empty] = run({ price: 100, bid: [99, 5] }, { price: 100 });
    expect(oneSided).toMatchObject({ mid: ABSENT, spread: ABSENT, bidDepth: 5, askDepth: 0, imbalance: 1 });
    expect(empty).toMatchObject({ bidDepth: ABSENT, askDepth: ABSENT, imbalance: ABSENT });
  });
});

describe('differences to the tick before', () => {
  it('are never counted from nothing: the first tick has none', () => {
    const [first, second] = run(
      { price: 100, volume: 415_425, oi: 10_337_325 },
      { price: 101, volume: 415_800, oi: 10_337_400 },
    );
    expect(first).toMatchObject({ volumeDelta: ABSENT, oiDelta: ABSENT, priceDelta: ABSENT, signedVolume: ABSENT });
    expect(second).toMatchObject({ volumeDelta: 375, oiDelta: 75, priceDelta: 1 });
  });

  it('across a gap are attributed to nobody', () => {
    const [, after, next] = run(
      { price: 100, volume: 1000, oi: 50 },
      'gap',
      { price: 105, volume: 1600, oi: 60 },
      { price: 105, volume: 1610, oi: 60 },
    );
    expect(after).toMatchObject({
      volumeDelta: ABSENT,
      volumeUnattributed: 600,
      oiDelta: ABSENT,
      signedVolume: ABSENT,
    });
    expect(next).toMatchObject({ volumeDelta: 10, volumeUnattributed: ABSENT, oiDelta: 0 });
  });

  it('across a gap are none of any kind, and are there again from the next on', () => {
    const [, volumeOnly, oiLater, oiNext] = run(
      { price: 100, volume: 1000, oi: 50 },
      'gap',
      { price: 105, volume: 1600 },
      // Open interest comes in packets of its own: its first one after the gap has no base either.
      { price: 105, volume: 1600, oi: 90 },
      { price: 105, volume: 1600, oi: 95 },
    );
    expect([volumeOnly, oiLater, oiNext].map((tick) => tick?.oiDelta)).toEqual([ABSENT, ABSENT, 5]);
    // An index has no volume that could end the gap.
    const [, afterGap, next] = run({ price: 100 }, 'gap', { price: 110 }, { price: 112 });
    expect([afterGap?.priceDelta, next?.priceDelta]).toEqual([ABSENT, 2]);
  });

  it('are not taken from another day, nor from a counter that ran back', () => {
    const [, nextDay, back] = run(
      { price: 100, volume: 9000 },
      { at: OPEN_US + DAY_US, price: 101, volume: 50 },
      { price: 101, volume: 40 },
    );
    expect(nextDay).toMatchObject({ volumeDelta: ABSENT, priceDelta: ABSENT });
    expect(back).toMatchObject({ volumeDelta: ABSENT, signedVolume: ABSENT });
  });

  it('begin anew at the normal open, whatever the counter showed before it', () => {
    const minute = 60_000_000;
    const [yesterday, preOpen, stillPreOpen, open, next] = run(
      { at: OPEN_US - DAY_US, price: 100, volume: 9000 },
      { at: OPEN_US - 20 * minute, price: 100, volume: 9500 },
      { at: OPEN_US - 6 * minute, price: 102, volume: 9700 },
      { at: OPEN_US, price: 103, volume: 9900, bid: [102, 1], ask: [103, 1] },
      { price: 104, volume: 9950 },
    );
    expect([yesterday, preOpen, open].map((tick) => [tick?.volumeDelta, tick?.signedVolume])).toEqual(
      Array(3).fill([ABSENT, ABSENT]),
    );
    expect(stillPreOpen?.volumeDelta).toBe(200);
    expect(next).toMatchObject({ volumeDelta: 50, signedVolume: 50 });
  });

  it('survive a checkpoint', () => {
    const states = new TickStates();
    Object.assign(states.of(7), newTickState(), { volume: 12 });
    const copy = new TickStates();
    copy.restore(JSON.parse(JSON.stringify(states.save())));
    expect(copy.of(7).volume).toBe(12);
  });
});

describe('the aggressor', () => {
  const quote = { bid: [9990, 10], ask: [10_010, 10] } as const;
  const sideOf = (price: number, before: Given = { price: 10_000, volume: 100, ...quote }) => {
    const [, tick] = run(before, { price, volume: 150 });
    return [tick?.aggressor, tick?.confidence, tick?.signedVolume];
  };

  it('bought at or through the ask, sold at or through the bid', () => {
    expect(sideOf(10_010)).toEqual([AGGRESSOR.buy, 3, 50]);
    expect(sideOf(10_020)).toEqual([AGGRESSOR.buy, 3, 50]);
    expect(sideOf(9990)).toEqual([AGGRESSOR.sell, 3, -50]);
  });

  it('inside the spread by the side of the mid, at the mid by the tick test', () => {
    expect(sideOf(10_005)).toEqual([AGGRESSOR.buy, 2, 50]);
    expect(sideOf(9995)).toEqual([AGGRESSOR.sell, 2, -50]);
    expect(sideOf(10_000, { price: 9999, volume: 100, ...quote })).toEqual([AGGRESSOR.buy, 1, 50]);
    expect(sideOf(10_000)).toEqual([AGGRESSOR.unknown, 0, 0]);
  });

  it('without a usable quote by the tick test, carried over equal prices', () => {
    const prices = [10_000, 10_100, 10_100, 10_000, 10_000];
    const ticks = run(...prices.map((price, i) => ({ price, volume: 100 + i })));
    expect(ticks.map(({ aggressor }) => aggressor)).toEqual([
      AGGRESSOR.unknown,
      AGGRESSOR.buy,
      AGGRESSOR.buy,
      AGGRESSOR.sell,
      AGGRESSOR.sell,
    ]);
    // A crossed quote contradicts itself.
    expect(sideOf(10_020, { price: 10_000, volume: 100, bid: [10_010, 1], ask: [9990, 1] })).toEqual([
      AGGRESSOR.buy,
      1,
      50,
    ]);
  });

  it('is judged by the quote before the trade, not by the one it left behind', () => {
    const [, tick] = run(
      { price: 100, volume: 1, bid: [99, 1], ask: [101, 1] },
      { price: 101, volume: 2, bid: [101, 1], ask: [102, 1] },
    );
    expect(tick?.aggressor).toBe(AGGRESSOR.buy);
  });

  it('is not told by a change of price over a gap', () => {
    const [, , after] = run({ price: 100, volume: 1 }, 'gap', { price: 105, volume: 9 }, { price: 105, volume: 10 });
    expect(after).toMatchObject({ volumeDelta: 1, aggressor: AGGRESSOR.unknown, confidence: 0 });
  });

  it('is nobody where nothing traded', () => {
    const [, tick] = run({ price: 100, volume: 5, ...quote }, { price: 100, volume: 5 });
    expect(tick).toMatchObject({ volumeDelta: 0, aggressor: AGGRESSOR.unknown, confidence: 0, signedVolume: 0 });
  });
});
