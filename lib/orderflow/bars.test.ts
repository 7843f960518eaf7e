import fc from 'fast-check';
import { computeVolumeProfile } from 'openalgo-charts/profile';
import { tickBars, volumeBars } from 'orderflow-metrics';
import { describe, expect, it } from 'vitest';
import { anyTrades } from '../../tests/support/books-and-trades.ts';
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import {
  addTrade,
  appendBar,
  type Bar,
  BarBuilder,
  type BarRule,
  barStart,
  deltaOf,
  newBar,
  type Trade,
  vwapOf,
} from './bars.ts';
import { divergenceOf } from './divergence.ts';
import { Footprint, IMBALANCE_RULE, imbalancesOf, rowOf, stackedImbalances, unfinishedAuction } from './footprint.ts';
import { nakedPocs, pocIndex, valueAreaOf } from './volume-profile.ts';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
/** 2026-11-25 09:15:00 IST. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;

const trade = (
  stampUs: number,
  price: number,
  quantity: number,
  aggressor: Trade['aggressor'],
  oi = ABSENT,
): Trade => ({
  stampUs,
  price,
  quantity,
  aggressor,
  oi,
});

function barsOf(trades: readonly Trade[], rule: BarRule): Bar[] {
  const builder = new BarBuilder(rule);
  const done = trades.flatMap((one) => builder.add(one) ?? []);
  return builder.current ? [...done, builder.current] : done;
}

describe('bars by time', () => {
  it('are as an independent library made them', () => {
    const bars = barsOf(
      [
        trade(OPEN_US, 10_000, 10, AGGRESSOR.buy),
        trade(OPEN_US + 300_000, 10_005, 5, AGGRESSOR.buy),
        trade(OPEN_US + 600_000, 10_000, 20, AGGRESSOR.sell),
        trade(OPEN_US + SECOND_US, 10_005, 1, AGGRESSOR.buy),
      ],
      { by: 'time', us: SECOND_US },
    );
    expect(bars).toHaveLength(2);
    expect(bars[0]).toMatchObject({
      open: 10_000,
      high: 10_005,
      low: 10_000,
      close: 10_000,
      volume: 35,
      buy: 15,
      sell: 20,
      trades: 3,
    });
    expect(vwapOf(bars[0] as Bar)).toBeCloseTo(10_000.7142857, 6);
    expect([bars[0]?.minDelta, bars[0]?.maxDelta]).toEqual([-5, 15]);
  });

  it('begin with the session: an hour at 09:15, a day at midnight, both in India', () => {
    const at = (hour: number, minute: number): number =>
      Date.UTC(2026, 10, 25, hour, minute) * 1000 - 19_800 * SECOND_US;
    const hour = 60 * MINUTE_US;
    expect(barStart(at(9, 15), hour)).toBe(at(9, 15));
    expect(barStart(at(10, 14), hour)).toBe(at(9, 15));
    expect(barStart(at(10, 15), hour)).toBe(at(10, 15));
    expect(barStart(at(9, 7), 5 * MINUTE_US)).toBe(at(9, 5));
    expect(barStart(at(9, 14), hour)).toBe(at(8, 15));
    expect(barStart(at(0, 10), hour)).toBe(at(0, 0));
    expect(barStart(at(15, 29), 24 * hour)).toBe(at(0, 0));
    expect(barStart(at(0, 0) - 1, 24 * hour)).toBe(at(0, 0) - 24 * hour);
  });

  it('end when time says so, not when the next trade comes', () => {
    const builder = new BarBuilder({ by: 'time', us: SECOND_US });
    builder.add(trade(OPEN_US, 100, 1, AGGRESSOR.buy));
    expect(builder.advance(OPEN_US + 999_999)).toBeNull();
    expect(builder.advance(OPEN_US + SECOND_US)).toMatchObject({ fromUs: OPEN_US, volume: 1 });
    expect(builder.current).toBeNull();
  });

  it('hold what was traded across a gap apart', () => {
    const builder = new BarBuilder({ by: 'time', us: SECOND_US });
    builder.addUnattributed(OPEN_US, 5000);
    builder.add(trade(OPEN_US + 1, 100, 1, AGGRESSOR.sell));
    expect(builder.current).toMatchObject({ open: 100, volume: 1, unattributed: 5000, buy: 0, sell: 1 });
  });

  it('of a second make those of a minute', () => {
    fc.assert(
      fc.property(anyTrades, (trades) => {
        const minutes = barsOf(trades, { by: 'time', us: MINUTE_US });
        const merged = new Map<number, Bar>();
        for (const second of barsOf(trades, { by: 'time', us: SECOND_US })) {
          const fromUs = barStart(second.fromUs, MINUTE_US);
          const bar = merged.get(fromUs) ?? newBar(fromUs);
          appendBar(bar, second);
          merged.set(fromUs, bar);
        }
        expect([...merged.values()]).toEqual(minutes);
      }),
    );
  });

  it('hold each trade once: bought + sold + unknown = volume, and the deltas make the CVD', () => {
    fc.assert(
      fc.property(anyTrades, (trades) => {
        const bars = barsOf(trades, { by: 'time', us: 7 * SECOND_US });
        const sum = (of: (bar: Bar) => number): number => bars.reduce((total, bar) => total + of(bar), 0);
        const signedSum = trades.reduce(
          (total, { quantity, aggressor }) =>
            total + (aggressor === AGGRESSOR.buy ? quantity : aggressor === AGGRESSOR.sell ? -quantity : 0),
          0,
        );
        expect(sum(({ volume }) => volume)).toBe(trades.reduce((total, { quantity }) => total + quantity, 0));
        expect(sum(({ buy, sell, unknown }) => buy + sell + unknown)).toBe(sum(({ volume }) => volume));
        expect(sum(deltaOf)).toBe(signedSum);
        for (const bar of bars) {
          expect(bar.minDelta).toBeLessThanOrEqual(Math.min(0, deltaOf(bar)));
          expect(bar.maxDelta).toBeGreaterThanOrEqual(Math.max(0, deltaOf(bar)));
        }
      }),
    );
  });
});

describe('bars by trades and by volume', () => {
  it('are those of an independent library, which drops the last, unfinished one', () => {
    fc.assert(
      fc.property(
        anyTrades,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5000 }),
        (trades, count, volume) => {
          const oracle = trades.map(({ price, quantity, aggressor }) => ({
            price,
            size: quantity,
            side: aggressor === AGGRESSOR.buy ? ('buy' as const) : ('sell' as const),
          }));
          const picked = ({ open, high, low, close, volume: v, trades: t, buy }: Bar) => ({
            open,
            high,
            low,
            close,
            volume: v,
            ticks: t,
            buyVolume: buy,
          });
          const theirs = (bars: ReturnType<typeof tickBars>) =>
            bars.map(({ open, high, low, close, volume: v, ticks, buyVolume }) => ({
              open,
              high,
              low,
              close,
              volume: v,
              ticks,
              buyVolume,
            }));
          const finished = (rule: BarRule): Bar[] => {
            const builder = new BarBuilder(rule);
            return trades.flatMap((one) => builder.add(one) ?? []);
          };
          expect(finished({ by: 'trades', trades: count }).map(picked)).toEqual(theirs(tickBars(oracle, count)));
          expect(finished({ by: 'volume', volume }).map(picked)).toEqual(theirs(volumeBars(oracle, volume)));
        },
      ),
    );
  });

  it('cannot be of nothing', () => {
    for (const rule of [
      { by: 'time', us: 0 },
      { by: 'trades', trades: 1.5 },
      { by: 'volume', volume: Number.NaN },
    ] as const) {
      expect(() => new BarBuilder(rule)).toThrow(RangeError);
    }
  });
});

describe('footprint', () => {
  it('puts a trade into the nearest row, halfway up', () => {
    expect([rowOf(104, 5), rowOf(102.5, 5), rowOf(102.4, 5), rowOf(97.5, 5)]).toEqual([105, 105, 100, 100]);
    expect(() => new Footprint(0)).toThrow(RangeError);
  });

  it('sums to the volume of its bar, whatever the height of its rows', () => {
    fc.assert(
      fc.property(anyTrades, fc.integer({ min: 1, max: 50 }), (trades, rowHeight) => {
        const bar = newBar(0);
        const fine = new Footprint(1);
        const coarse = new Footprint(rowHeight);
        for (const one of trades) {
          addTrade(bar, one);
          fine.add(one.price, one.quantity, one.aggressor);
          coarse.add(one.price, one.quantity, one.aggressor);
        }
        const merged = new Footprint(rowHeight);
        merged.merge(fine);
        expect(merged.rows()).toEqual(coarse.rows());
        const sum = (of: 'buy' | 'sell' | 'unknown' | 'trades'): number =>
          coarse.rows().reduce((total, cell) => total + cell[of], 0);
        expect([sum('buy'), sum('sell'), sum('unknown'), sum('trades')]).toEqual([
          bar.buy,
          bar.sell,
          bar.unknown,
          bar.trades,
        ]);
      }),
    );
  });

  // Sold × bought, from 100 to 102 in halves.
  const ladder = [
    [100, 10, 3],
    [100.5, 5, 40],
    [101, 2, 15],
    [101.5, 0, 30],
    [102, 0, 6],
  ].map(([price = 0, sell = 0, buy = 0]) => ({ price, sell, buy, unknown: 0, trades: 1 }));

  it('finds the diagonal imbalances of the ladder, and stacks them', () => {
    const strict = imbalancesOf(ladder, 0.5, { ratio: 3, minDifference: 4 });
    expect(strict.filter(({ side }) => side === 'buy').map(({ price }) => price)).toEqual([100.5, 101, 101.5]);
    expect(stackedImbalances(strict, 0.5, 3)).toEqual([{ side: 'buy', fromPrice: 100.5, toPrice: 101.5, rows: 3 }]);
  });

  it('counts 6 bought over nothing sold only from twice the least difference on, and flags it', () => {
    const at102 = (minDifference: number) =>
      imbalancesOf(ladder, 0.5, { ratio: 3, minDifference }).find(({ price, side }) => price === 102 && side === 'buy');
    expect(at102(3)).toEqual({ price: 102, side: 'buy', zeroPrint: true });
    expect(at102(4)).toBeUndefined();
  });

  it('knows a row in which nothing traded', () => {
    const rows = [
      { price: 100, sell: 50, buy: 0, unknown: 0, trades: 1 },
      { price: 102, sell: 0, buy: 9, unknown: 0, trades: 1 },
    ];
    expect(imbalancesOf(rows, 1, IMBALANCE_RULE)).toEqual([
      { price: 100, side: 'sell', zeroPrint: true },
      { price: 102, side: 'buy', zeroPrint: true },
    ]);
    expect(stackedImbalances(imbalancesOf(rows, 1, IMBALANCE_RULE), 1, 2)).toEqual([]);
    expect(imbalancesOf([], 1, IMBALANCE_RULE)).toEqual([]);
  });

  it('sees an auction that was not finished at an end', () => {
    expect(unfinishedAuction(ladder)).toEqual({ high: false, low: true });
    expect(unfinishedAuction([])).toEqual({ high: false, low: false });
  });
});

describe('volume profile', () => {
  const rows = (...volumes: number[]) => volumes.map((volume, i) => ({ price: 100 + i, volume }));

  it('finds the point of control and the value area', () => {
    expect(valueAreaOf(rows(5, 20, 50, 20, 5, 30, 10), 1)).toMatchObject({ poc: 102, low: 101, high: 105 });
    expect(valueAreaOf(rows(7), 1)).toEqual({ poc: 100, low: 100, high: 100, share: 1 });
    expect(valueAreaOf([], 1)).toEqual({ poc: ABSENT, low: ABSENT, high: ABSENT, share: 0 });
    expect(pocIndex(rows(0, 0))).toBe(-1);
  });

  it('takes, of equal rows, the one nearest to the mean price, and then the lower', () => {
    // Mean 102.36: the 30 at 102 is nearer than those at 100 and 105.
    expect(valueAreaOf(rows(30, 0, 30, 20, 0, 30), 1).poc).toBe(102);
    expect(valueAreaOf(rows(30, 5, 30), 1).poc).toBe(100);
  });

  it('goes through rows in which nothing traded, listed or not', () => {
    const listed = valueAreaOf(rows(10, 50, 0, 40), 1, { share: 0.55 });
    expect(listed).toMatchObject({ low: 100, high: 101 });
    expect(
      valueAreaOf(
        rows(10, 50, 0, 40).filter(({ volume }) => volume > 0),
        1,
        { share: 0.55 },
      ),
    ).toEqual(listed);
  });

  it('takes no longer for one print at a senseless price', () => {
    const far = [
      { price: 0, volume: 10 },
      { price: 1, volume: 50 },
      { price: 2 ** 31 - 1, volume: 40 },
    ];
    expect(valueAreaOf(far, 1, { share: 0.6 })).toMatchObject({ poc: 1, low: 0, high: 1, share: 0.6 });
    for (const step of [1, 2] as const) {
      expect(valueAreaOf(far, 1, { share: 0.9, step })).toMatchObject({ low: 0, high: 2 ** 31 - 1, share: 1 });
      expect(
        valueAreaOf(
          far.toReversed().map(({ price, volume }) => ({ price: 2 ** 31 - 1 - price, volume })),
          1,
          {
            share: 0.9,
            step,
          },
        ),
      ).toMatchObject({ low: 0, high: 2 ** 31 - 1, share: 1 });
    }
  });

  it('is that of a walk row by row, by ones and by twos', () => {
    const volume = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(
        fc.array(volume, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.constantFrom(1 as const, 2 as const),
        (volumes, share, step) => {
          const all = rows(...volumes);
          const from = pocIndex(all);
          if (from < 0) return;
          const total = volumes.reduce((sum, one) => sum + one, 0);
          const of = (place: number): number => volumes[place] ?? 0;
          let [low, high, inside] = [from, from, of(from)];
          while (inside < share * total) {
            const above = of(high + 1) + (step === 2 ? of(high + 2) : 0);
            const below = of(low - 1) + (step === 2 ? of(low - 2) : 0);
            const up = low === 0 || (high < volumes.length - 1 && above >= below);
            if (up) high = Math.min(high + step, volumes.length - 1);
            else low = Math.max(low - step, 0);
            inside += up ? above : below;
          }
          expect(valueAreaOf(all, 1, { share, step })).toMatchObject({ low: 100 + low, high: 100 + high });
        },
      ),
    );
  });

  it('takes two rows at a time where asked to', () => {
    expect(valueAreaOf(rows(10, 10, 50, 15, 1, 1), 1, { share: 0.7, step: 2 })).toMatchObject({ low: 100, high: 102 });
    expect(valueAreaOf(rows(10, 10, 50, 15, 1, 1), 1, { share: 0.7 })).toMatchObject({ low: 102, high: 103 });
  });

  it('always holds the share, the POC, and no more than one step too much', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (volumes, share) => {
          const area = valueAreaOf(rows(...volumes), 1, { share });
          if (volumes.every((volume) => volume === 0)) {
            expect(area.share).toBe(0);
            return;
          }
          expect(area.share).toBeGreaterThanOrEqual(share);
          expect(area.low).toBeLessThanOrEqual(area.poc);
          expect(area.high).toBeGreaterThanOrEqual(area.poc);
          const inside = rows(...volumes)
            .filter(({ price }) => price >= area.low && price <= area.high)
            .reduce((sum, { volume }) => sum + volume, 0);
          expect(area.share).toBeCloseTo(inside / volumes.reduce((sum, volume) => sum + volume, 0), 12);
        },
      ),
    );
  });

  it('is that of an independent library, which takes the higher of two equal points of control', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 40 }), (volumes) => {
        const most = Math.max(...volumes);
        if (most === 0) return;
        // Bars of one price each: the library has nothing to spread out.
        const bars = rows(...volumes).map(({ price, volume }, i) => ({
          time: i,
          open: price,
          high: price,
          low: price,
          close: price,
          volume,
        }));
        const theirs = computeVolumeProfile(bars, 1, 0.7);
        const ours = valueAreaOf(rows(...volumes), 1);
        const tied = volumes.filter((volume) => volume === most).length > 1;
        if (tied) expect(theirs.poc).toBe(100 + volumes.lastIndexOf(most));
        else expect(ours).toMatchObject({ poc: theirs.poc, low: theirs.val, high: theirs.vah });
      }),
    );
  });

  it('keeps a POC naked until a later session trades at it', () => {
    const session = (poc: number, low: number, high: number) => ({ poc, low, high });
    expect(nakedPocs([session(100, 95, 105), session(120, 110, 125), session(115, 112, 121)])).toEqual([0, 2]);
    expect(nakedPocs([])).toEqual([]);
  });
});

describe('divergence of price and delta', () => {
  const bar = (high: number, low: number, delta: number): Bar => ({
    ...newBar(0),
    high,
    low,
    trades: 1,
    buy: Math.max(delta, 0),
    sell: Math.max(-delta, 0),
  });
  const rule = { bars: 3, minMove: 1, minSigma: 0.5 };

  it('is a new high that buying did not carry, or a new low that selling did not', () => {
    const rising = [bar(100, 90, 50), bar(101, 91, 40), bar(102, 92, -60), bar(104, 93, -10)];
    expect(divergenceOf(rising, rule)).toBe('bearish');
    const falling = rising.map(({ high, low, buy, sell }) => bar(-low, -high, -(buy - sell)));
    expect(divergenceOf(falling, rule)).toBe('bullish');
  });

  it('is none where both go together, where the move is small, or where there is too little to look back on', () => {
    expect(divergenceOf([bar(100, 90, 50), bar(101, 91, 40), bar(102, 92, 60), bar(104, 93, 10)], rule)).toBeNull();
    expect(divergenceOf([bar(100, 90, 50), bar(101, 91, 40), bar(102, 92, -60), bar(102, 93, -10)], rule)).toBeNull();
    expect(divergenceOf([bar(100, 90, 50), bar(104, 91, -80)], rule)).toBeNull();
  });
});
