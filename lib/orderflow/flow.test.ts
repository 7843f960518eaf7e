import fc from 'fast-check';
import {
  bucketByVolume,
  depthWeightedOFI,
  kyleLambda as kyleOracle,
  leeReady as leeReadyOracle,
  multiLevelOFI,
  ofiContribution,
  tickRule,
  vpin as vpinOracle,
} from 'orderflow-metrics';
import { describe, expect, it } from 'vitest';
import { anyBook, anyTrades, levelsOf, sideOf } from '../../tests/support/books-and-trades.ts';
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ASK, BID, type SideLevels } from '../core/side.ts';
import { CONFIDENCE, confidenceOf, leeReady, quoteRule, signed, tickTest } from './aggressor-rules.ts';
import { kyleLambda, regress } from './kyle-lambda.ts';
import { oiBuildUpOf } from './oi-build-up.ts';
import { alignedOfi, ofiOf, RankedOfi } from './order-flow-imbalance.ts';
import { leanOf, pullStackOf } from './pull-stack.ts';
import { Tick } from './tick.ts';
import { tickToxicity } from './tick-toxicity.ts';
import { normalShare, Vpin } from './vpin.ts';
import { Vwap } from './vwap.ts';
import { WallFinder } from './walls.ts';

const SIGN: Record<Aggressor, number> = { [AGGRESSOR.unknown]: 0, [AGGRESSOR.buy]: 1, [AGGRESSOR.sell]: -1 };

function tickSigns(prices: readonly number[]): Aggressor[] {
  let direction: Aggressor = AGGRESSOR.unknown;
  return prices.map((price, i) => {
    direction = tickTest(price, prices[i - 1] ?? ABSENT, direction);
    return direction;
  });
}

describe('who initiated a trade', () => {
  it('by the tick test: a trade at the same price carries the last side on', () => {
    expect(tickSigns([100, 101, 101, 100, 100]).map((side) => SIGN[side])).toEqual([0, 1, 1, -1, -1]);
  });

  it('by Lee and Ready: the side of the mid, at the mid the tick test', () => {
    const prices = [10_005, 10_002.5, 10_000, 10_002.5, 10_002.5];
    const sides = tickSigns(prices).map((direction, i) => leeReady(prices[i] as number, 10_000, 10_005, direction));
    expect(sides.map((side) => SIGN[side])).toEqual([1, -1, -1, 1, 1]);
  });

  it('agrees with an independent library on any prices', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 95, max: 105 }), { minLength: 1 }), (prices) => {
        expect(tickSigns(prices).map((side) => SIGN[side])).toEqual(tickRule(prices));
        const quoted = tickSigns(prices).map((direction, i) => leeReady(prices[i] as number, 99, 101, direction));
        expect(quoted.map((side) => SIGN[side])).toEqual(leeReadyOracle(prices.map((price) => ({ price, mid: 100 }))));
      }),
    );
  });

  it('is not told by a crossed, locked or one-sided quote', () => {
    for (const [bid, ask] of [
      [101, 100],
      [100, 100],
      [ABSENT, 100],
      [100, ABSENT],
    ] as const) {
      expect(quoteRule(100, bid, ask)).toBe(AGGRESSOR.unknown);
      expect(confidenceOf(100, bid, ask, AGGRESSOR.unknown)).toBe(CONFIDENCE.unknown);
      expect(confidenceOf(100, bid, ask, AGGRESSOR.buy)).toBe(CONFIDENCE.tickTest);
    }
  });

  it('is surest at the touch', () => {
    const sure = (price: number): number => confidenceOf(price, 100, 110, AGGRESSOR.sell);
    expect([90, 100, 101, 105, 109, 110, 120].map(sure)).toEqual([3, 3, 2, 1, 2, 3, 3]);
    expect([signed(5, AGGRESSOR.buy), signed(5, AGGRESSOR.sell), signed(5, AGGRESSOR.unknown)]).toEqual([5, -5, 0]);
    expect(signed(ABSENT, AGGRESSOR.buy)).toBe(ABSENT);
  });
});

describe('order flow imbalance', () => {
  it('of the best quotes, as published', () => {
    // (100×5, 101×4) → (100×8, 101×1) → (100.5×2, 101×1)
    const first = ofiOf(10_000, 5, 10_100, 4, 10_000, 8, 10_100, 1);
    const second = ofiOf(10_000, 8, 10_100, 1, 10_050, 2, 10_100, 1);
    expect(first + second).toBe(8);
  });

  const before = {
    bids: [
      [10_000, 50],
      [9_995, 100],
      [9_990, 200],
    ],
    asks: [
      [10_005, 40],
      [10_010, 10],
      [10_015, 400],
    ],
  } as const;
  const after = {
    bids: [
      [10_005, 30],
      [10_000, 50],
      [9_995, 100],
    ],
    asks: [
      [10_010, 10],
      [10_015, 400],
      [10_020, 5],
    ],
  } as const;

  it('by rank: a touch that moves one tick changes every rank', () => {
    const ofi = new RankedOfi(3);
    expect(ofi.push(sideOf(before.bids), sideOf(before.asks))).toBe(false);
    expect(ofi.push(sideOf(after.bids), sideOf(after.asks))).toBe(true);
    expect([...ofi.byRank]).toEqual([70, 60, 500]);
    expect(ofi.scalar(0.5)).toBeCloseTo(128.5714, 4);
  });

  it('by price: the same step is what came and went at each price', () => {
    const sides = [before.bids, before.asks, after.bids, after.asks].map((levels) => sideOf(levels)) as [
      SideLevels,
      SideLevels,
      SideLevels,
      SideLevels,
    ];
    // +30 at 10,005 of the bid, −200 at 9,990, −40 at 10,005 of the ask gone (so +40), 5 new at 10,020.
    expect(alignedOfi(...sides, 1000)).toBe(30 - 200 + 40 - 5);
    expect(alignedOfi(...sides, 5)).toBe(30 + 40);
  });

  it('compares nothing over a gap', () => {
    const ofi = new RankedOfi(1);
    ofi.push(sideOf([[100, 5]]), sideOf([[101, 5]]));
    ofi.reset();
    expect(ofi.push(sideOf([[90, 500]]), sideOf([[91, 1]]))).toBe(false);
    expect(ofi.byRank[0]).toBe(0);
  });

  it('of any two books is that of an independent library, and changes sign with its mirror image', () => {
    fc.assert(
      fc.property(anyBook, anyBook, fc.integer({ min: 1, max: 20 }), (one, two, ranks) => {
        const plain = (side: SideLevels) => levelsOf(side).map(([price, size]) => ({ price, size }));
        const snapshot = ({ bids, asks }: typeof one) => ({ bids: plain(bids), asks: plain(asks) });
        const ofi = new RankedOfi(ranks);
        ofi.push(one.bids, one.asks);
        ofi.push(two.bids, two.asks);
        expect([...ofi.byRank]).toEqual(multiLevelOFI(snapshot(one), snapshot(two), ranks));
        expect(ofi.scalar(0.5)).toBeCloseTo(depthWeightedOFI(snapshot(one), snapshot(two), ranks, 0.5), 6);

        const mirror = ({ bids, asks }: typeof one) => ({
          bids: sideOf(levelsOf(asks).map(([p, q]) => [-p, q])),
          asks: sideOf(levelsOf(bids).map(([p, q]) => [-p, q])),
        });
        const mirrored = new RankedOfi(ranks);
        mirrored.push(mirror(one).bids, mirror(one).asks);
        mirrored.push(mirror(two).bids, mirror(two).asks);
        expect([...mirrored.byRank].map((value) => value || 0)).toEqual([...ofi.byRank].map((value) => -value || 0));
        const quote = ({ bids, asks }: typeof one) => ({
          bidPrice: bids.prices[0] as number,
          bidSize: bids.quantities[0] as number,
          askPrice: asks.prices[0] as number,
          askSize: asks.quantities[0] as number,
        });
        expect(ofi.byRank[0]).toBe(ofiContribution(quote(one), quote(two)));
      }),
    );
  });
});

describe('VPIN', () => {
  it('of four trades in buckets of one is as published', () => {
    const vpin = new Vpin({ bucketVolume: 10, buckets: 50, sides: 'bulk' });
    expect(vpin.value).toBe(ABSENT);
    for (const price of [100, 101, 102, 101]) vpin.add(price, 10, 0);
    expect(vpin.value).toBeCloseTo(0.57915, 6);
  });

  it('of any trades is that of an independent library', () => {
    fc.assert(
      fc.property(
        anyTrades,
        fc.integer({ min: 50, max: 3000 }),
        fc.integer({ min: 1, max: 30 }),
        (trades, bucketVolume, buckets) => {
          const vpin = new Vpin({ bucketVolume, buckets, sides: 'bulk' });
          for (const { price, quantity } of trades) vpin.add(price, quantity, 0);
          const full = bucketByVolume(
            trades.map(({ price, quantity }) => ({ price, size: quantity })),
            bucketVolume,
          );
          if (full.length === 0) expect(vpin.value).toBe(ABSENT);
          else expect(vpin.value).toBeCloseTo(vpinOracle(full, { window: buckets }), 9);
        },
      ),
    );
  });

  it('of a trade that fills more buckets than are looked at takes no longer for it, and is the same', () => {
    for (const sides of ['bulk', 'trades'] as const) {
      const [one, many] = [0, 0].map(() => new Vpin({ bucketVolume: 1, buckets: 3, sides })) as [Vpin, Vpin];
      one.add(100, 2, 2);
      many.add(100, 2, 2);
      one.add(105, 1e15, -1e15);
      for (let i = 0; i < 40; i += 1) many.add(105, 1, -1);
      one.add(106, 2, 2);
      many.add(106, 2, 2);
      expect(one.value).toBe(many.value);
      expect(one.value).toBeGreaterThan(0);
    }
  });

  it('by the sides of trades is the share that one side outweighs the other by', () => {
    const vpin = new Vpin({ bucketVolume: 10, buckets: 2, sides: 'trades' });
    // 15 bought fill a bucket and half of the next, 5 sold the rest.
    vpin.add(100, 15, 15);
    vpin.add(100, 5, -5);
    expect(vpin.value).toBe((10 + 0) / 20);
    vpin.noteGap();
    vpin.add(100, 9, -9);
    expect(vpin.value).toBe(0.5);
  });

  it('rests on a normal distribution', () => {
    expect(normalShare(0)).toBeCloseTo(0.5, 6);
    expect(normalShare(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalShare(-1.959964)).toBeCloseTo(0.025, 6);
  });
});

describe('lines through points', () => {
  it('Kyle’s lambda is the slope that an independent library finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -50, max: 50 })), { minLength: 2 }),
        (points) => {
          const flows = points.map(([flow]) => flow);
          if (new Set(flows).size === 1) return;
          const oracle = kyleOracle(points.map(([signedVolume, priceChange]) => ({ signedVolume, priceChange })));
          expect(
            kyleLambda(
              flows,
              points.map(([, change]) => change),
            ),
          ).toBeCloseTo(oracle, 9);
        },
      ),
    );
    expect(kyleLambda([5, 5, 5], [1, 2, 3])).toBe(ABSENT);
  });

  it('explain everything of a line, and nothing of what does not depend', () => {
    expect(regress([1, 2, 3], [3, 5, 7])).toEqual({ slope: 2, intercept: 1, r2: 1 });
    expect(regress([-1, 1, -1, 1], [1, 1, -1, -1]).r2).toBe(0);
    expect(regress([1, 2], [3, 3]).r2).toBe(ABSENT);
  });
});

describe('the predecessor’s numbers of a tick', () => {
  const tick = (volumeDelta: number, priceDelta: number): Tick => {
    const made = new Tick();
    made.volumeDelta = volumeDelta;
    made.priceDelta = priceDelta;
    made.bidDepth = 600;
    made.askDepth = 400;
    return made;
  };

  it('come from depth, volume and move', () => {
    const { consumptionRate, flowIntensity, depthToxicity, kyleLambda: lambda } = tickToxicity(tick(500, -250), 100);
    expect([consumptionRate, flowIntensity]).toEqual([2, 2.5 / 500]);
    expect(depthToxicity).toBeCloseTo(1 / 3, 12);
    expect(lambda).toBeCloseTo(2.5 / 1500, 12);
  });

  it('are absent where nothing traded, and know no move of a paisa', () => {
    expect(Object.values(tickToxicity(tick(0, 100), 100))).toEqual(Array(4).fill(ABSENT));
    expect(Object.values(tickToxicity(tick(ABSENT, ABSENT), 100))).toEqual(Array(4).fill(ABSENT));
    expect(tickToxicity(tick(500, 1), 100).flowIntensity).toBe(0);
    expect(tickToxicity(tick(500, 2), 100).flowIntensity).toBe(0.02 / 500);
  });
});

describe('pulling and stacking', () => {
  it('is what trades do not explain', () => {
    const before = sideOf([
      [10_005, 40],
      [10_010, 10],
      [10_015, 400],
    ]);
    const now = sideOf([
      [10_010, 25],
      [10_015, 100],
      [10_020, 5],
    ]);
    // 40 at 10,005 traded away; 15 more at 10,010; 300 taken from 10,015; 5 new.
    expect(pullStackOf(now, before, ASK, 3, new Map([[10_005, 40]]))).toEqual({ stacked: 20, pulled: 300 });
    // Without prints the traded ones look pulled: net change.
    expect(pullStackOf(now, before, ASK, 3, new Map())).toEqual({ stacked: 20, pulled: 340 });
  });

  it('mirrors between the sides', () => {
    fc.assert(
      fc.property(anyBook, anyBook, (one, two) => {
        const mirror = (side: SideLevels) => sideOf(levelsOf(side).map(([p, q]) => [-p, q]));
        expect(pullStackOf(mirror(two.asks), mirror(one.asks), BID, 10, new Map())).toEqual(
          pullStackOf(two.asks, one.asks, ASK, 10, new Map()),
        );
      }),
    );
    const [bid, ask] = [
      { stacked: 10, pulled: 1 },
      { stacked: 2, pulled: 5 },
    ];
    expect(leanOf(bid, ask)).toBe(-leanOf(ask, bid));
    expect(leanOf(bid, ask)).toBe(12);
  });
});

describe('others', () => {
  it('open interest and price name the four classes', () => {
    expect([oiBuildUpOf(1, 1), oiBuildUpOf(-1, 1), oiBuildUpOf(1, -1), oiBuildUpOf(-1, -1)]).toEqual([
      'long_build_up',
      'short_build_up',
      'short_covering',
      'long_unwinding',
    ]);
    for (const [price, oi] of [
      [0, 1],
      [1, 0],
      [ABSENT, 1],
      [1, ABSENT],
    ] as const)
      expect(oiBuildUpOf(price, oi)).toBeNull();
  });

  it('VWAP and its deviation are those of all trades since the anchor', () => {
    fc.assert(
      fc.property(anyTrades, (trades) => {
        const vwap = new Vwap();
        vwap.add(1, 1_000_000);
        vwap.anchor();
        for (const { price, quantity } of trades) vwap.add(price, quantity);
        const volume = trades.reduce((sum, { quantity }) => sum + quantity, 0);
        const mean = trades.reduce((sum, { price, quantity }) => sum + price * quantity, 0) / volume;
        const square = trades.reduce((sum, { price, quantity }) => sum + quantity * (price - mean) ** 2, 0) / volume;
        expect(vwap.price).toBeCloseTo(mean, 6);
        expect(vwap.deviation).toBeCloseTo(Math.sqrt(square), 6);
      }),
    );
    expect(new Vwap().price).toBe(ABSENT);
    expect(new Vwap().deviation).toBe(ABSENT);
  });

  it('goes on from where another one stood', () => {
    const prints = [
      [1000, 5],
      [1003, 20],
      [998, 7],
      [1010, 1],
    ] as const;
    for (let cut = 0; cut <= prints.length; cut += 1) {
      const whole = new Vwap();
      const first = new Vwap();
      for (const [price, quantity] of prints) whole.add(price, quantity);
      for (const [price, quantity] of prints.slice(0, cut)) first.add(price, quantity);
      const volume = prints.slice(0, cut).reduce((sum, [, quantity]) => sum + quantity, 0);
      const second = new Vwap();
      second.add(1, 1);
      second.goOnFrom({ price: first.price, deviation: first.deviation, volume });
      for (const [price, quantity] of prints.slice(cut)) second.add(price, quantity);
      expect(second.price).toBeCloseTo(whole.price, 9);
      expect(second.deviation).toBeCloseTo(whole.deviation, 9);
    }
  });

  it('a wall is large against the median near the mid, and never small', () => {
    const finder = new WallFinder({ timesMedian: 5, bps: 100, minQuantity: 100 });
    const side = sideOf([
      [10_000, 20],
      [9_999, 30],
      [9_998, 150],
      [9_997, 25],
      [9_996, 99],
      [5_000, 9_999],
    ]);
    finder.find(side, 10_000.5);
    expect(finder.median).toBe(30);
    expect([...finder.places.subarray(0, finder.count)]).toEqual([2]);
    finder.find(sideOf([]), 10_000);
    expect([finder.count, finder.median]).toEqual([0, 0]);
  });
});
