/**
 * Bars, footprints, profiles and averages against two independent libraries, on any trades and on those of the recordings:
 * tardis-dev (bars) and lightweight-orderflow-charts (footprint). Where a library follows another rule, a test says which.
 */
import fc from 'fast-check';
import {
  buildDeltaSummaryColumns,
  buildOrderFlowBarsFromTicks,
  buildProfile,
  computeVwapSeriesData,
  deriveFootprintMetrics,
  type OrderFlowBar,
  type QuoteTick,
} from 'lightweight-orderflow-charts';
import { computeTradeBars, type Trade as TardisTrade, type TradeBar } from 'tardis-dev';
import { describe, expect, it } from 'vitest';
import { anyTrades } from '../../tests/support/books-and-trades.ts';
import { binanceTrades, shanghaiTrades } from '../../tests/support/real-trades.ts';
import { describeWithShared } from '../../tests/support/shared.ts';
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { leeReady } from './aggressor-rules.ts';
import { addTrade, type Bar, BarBuilder, type BarRule, deltaOf, newBar, type Trade, vwapOf } from './bars.ts';
import { cumulativeDelta } from './cumulative-delta.ts';
import { Footprint, type FootprintCell, imbalancesOf, stackedImbalances } from './footprint.ts';
import { valueAreaOf } from './volume-profile.ts';
import { Vwap } from './vwap.ts';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
/** 2026-11-25 09:15 IST. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const WORD = { [AGGRESSOR.buy]: 'buy', [AGGRESSOR.sell]: 'sell', [AGGRESSOR.unknown]: 'unknown' } as const;

const trade = (afterUs: number, price: number, quantity: number, aggressor: Aggressor): Trade => ({
  stampUs: OPEN_US + afterUs,
  price,
  quantity,
  aggressor,
  oi: ABSENT,
});
const isSided = ({ aggressor }: Trade): boolean => aggressor !== AGGRESSOR.unknown;
/** Trades of which the side is known: lightweight-orderflow-charts knows no others. */
const anySidedTrades = anyTrades.map((trades) => trades.filter(isSided));

/** Bars that have ended, and what is left of the last. */
function ourBars(trades: readonly Trade[], rule: BarRule): { ended: Bar[]; all: Bar[] } {
  const builder = new BarBuilder(rule);
  const ended = trades.flatMap((one) => builder.add(one) ?? []);
  return { ended, all: builder.current ? [...ended, builder.current] : ended };
}

function tardisBars(trades: readonly Trade[], kind: 'time' | 'tick' | 'volume', interval: number): TradeBar[] {
  const computable = computeTradeBars({ kind, interval })();
  return trades.flatMap(({ stampUs, price, quantity, aggressor }) => {
    const timestamp = new Date(Math.floor(stampUs / 1000));
    const theirs: TardisTrade = {
      type: 'trade',
      symbol: 'A',
      exchange: 'binance',
      id: undefined,
      price,
      amount: quantity,
      side: WORD[aggressor],
      timestamp,
      localTimestamp: timestamp,
    };
    return [...computable.compute(theirs)];
  });
}

const orderFlowBars = (trades: readonly Trade[], seconds: number, quotes: QuoteTick[] = []): OrderFlowBar[] =>
  buildOrderFlowBarsFromTicks({
    instrument: { instrumentId: 'A', symbol: 'A', tickSize: 1, pricePrecision: 0, timezone: 'Asia/Kolkata' },
    intervalSeconds: seconds,
    quotes,
    trades: trades.map(({ stampUs, price, quantity, aggressor }) => ({
      time: stampUs / SECOND_US,
      price,
      size: quantity,
      side: WORD[aggressor],
    })),
  });

const footprintOf = (trades: readonly Trade[]): FootprintCell[] => {
  const footprint = new Footprint(1);
  for (const { price, quantity, aggressor } of trades) footprint.add(price, quantity, aggressor);
  return footprint.rows();
};
/** The library calls what was sold the bid's volume. */
const levelsOf = (rows: readonly FootprintCell[]) =>
  rows.map(({ price, buy, sell }) => ({ price, bidVolume: sell, askVolume: buy }));
const barOf = (rows: readonly FootprintCell[]): OrderFlowBar => ({
  time: 0 as OrderFlowBar['time'],
  open: 0,
  high: 0,
  low: 0,
  close: 0,
  levels: levelsOf(rows),
});

function expectTardisBars(trades: readonly Trade[], us: number): void {
  const theirs = tardisBars(trades, 'time', us / 1000);
  const { ended } = ourBars(trades, { by: 'time', us });
  expect(
    ended.map(({ fromUs, open, high, low, close, volume, buy, sell, trades: count }) => [
      (fromUs + us) / 1000,
      open,
      high,
      low,
      close,
      volume,
      buy,
      sell,
      count,
    ]),
  ).toEqual(
    theirs.map(({ timestamp, open, high, low, close, volume, buyVolume, sellVolume, trades: count }) => [
      timestamp.valueOf(),
      open,
      high,
      low,
      close,
      volume,
      buyVolume,
      sellVolume,
      count,
    ]),
  );
  // It weighs in as it goes, and so rounds at each trade.
  for (const [i, bar] of ended.entries()) expect(vwapOf(bar)).toBeCloseTo((theirs[i] as TradeBar).vwap, 4);
}

function expectOrderFlowBars(trades: readonly Trade[], seconds: number): void {
  const us = seconds * SECOND_US;
  const theirs = orderFlowBars(trades, seconds);
  const { all } = ourBars(trades, { by: 'time', us });
  expect(
    all.map((bar) => [
      bar.fromUs / SECOND_US,
      bar.open,
      bar.high,
      bar.low,
      bar.close,
      bar.volume,
      bar.buy,
      bar.sell,
      deltaOf(bar),
      bar.minDelta,
      bar.maxDelta,
      bar.trades,
    ]),
  ).toEqual(
    theirs.map((bar) => [
      bar.time,
      bar.open,
      bar.high,
      bar.low,
      bar.close,
      bar.totalVolume,
      bar.askVolume,
      bar.bidVolume,
      bar.delta,
      bar.deltaMin,
      bar.deltaMax,
      bar.tradeCount,
    ]),
  );
  const byBar = new Map<number, Trade[]>();
  for (const one of trades) {
    const start = Math.floor(one.stampUs / us) * seconds;
    byBar.set(start, [...(byBar.get(start) ?? []), one]);
  }
  for (const bar of theirs) {
    expect(
      footprintOf(byBar.get(Number(bar.time)) ?? []).map(({ price, buy, sell, trades: count }) => [
        price,
        buy,
        sell,
        count,
      ]),
    ).toEqual(
      bar.levels.map(({ price, askVolume, bidVolume, tradeCount }) => [price, askVolume, bidVolume, tradeCount]),
    );
  }
  const cvd = buildDeltaSummaryColumns(theirs).map(({ cumulativeDelta: sum }) => sum);
  expect(cumulativeDelta(all, us, []).map(({ cvd: sum }) => sum)).toEqual(cvd);
  const vwap = new Vwap();
  const averages = computeVwapSeriesData(theirs, { resetMode: 'continuous' });
  for (const { time, value } of averages) {
    for (const { price, quantity } of byBar.get(Number(time)) ?? []) vwap.add(price, quantity);
    expect(vwap.price / value).toBeCloseTo(1, 9);
  }
}

/** What both call an imbalance: something traded on the other side, and of a row's two the bought one. */
function commonImbalances(rows: readonly FootprintCell[], ratio: number) {
  const found = imbalancesOf(rows, 1, { ratio, minDifference: 0 }).filter(({ zeroPrint }) => !zeroPrint);
  const bought = new Set(found.filter(({ side }) => side === 'buy').map(({ price }) => price));
  return found.filter(({ side, price }) => side === 'buy' || !bought.has(price));
}

function expectImbalances(rows: readonly FootprintCell[], ratio: number, length: number): void {
  const { levels } = deriveFootprintMetrics(barOf(rows), { imbalanceRatio: ratio, stackedImbalanceLength: length });
  const ours = commonImbalances(rows, ratio);
  const sides = new Map(ours.map(({ price, side }) => [price, side]));
  expect(rows.map(({ price }) => sides.get(price) ?? 'none')).toEqual(levels.map(({ imbalanceSide }) => imbalanceSide));
  const stacks = stackedImbalances(ours, 1, length);
  const isStacked = ({ price }: FootprintCell): boolean =>
    stacks.some(({ fromPrice, toPrice }) => fromPrice <= price && price <= toPrice);
  expect(rows.map(isStacked)).toEqual(levels.map(({ isStackedImbalance }) => isStackedImbalance));
}

function expectProfile(rows: readonly FootprintCell[]): void {
  const theirs = buildProfile([barOf(rows)], 'all');
  const volumes = rows.map(({ price, buy, sell }) => ({ price, volume: buy + sell }));
  const most = Math.max(...volumes.map(({ volume }) => volume));
  // Of equal points of control each takes another: a test of its own.
  if (most === 0 || volumes.filter(({ volume }) => volume === most).length > 1) return;
  const { poc, low, high } = valueAreaOf(volumes, 1);
  expect({ poc, low, high }).toEqual({ poc: theirs.pointOfControl, ...theirs.valueArea });
}

const row = (price: number, sell: number, buy: number): FootprintCell => ({ price, sell, buy, unknown: 0, trades: 1 });
/** Every price between the lowest and the highest, whether something traded there or not. */
function filled(rows: readonly FootprintCell[]): FootprintCell[] {
  const low = rows[0]?.price ?? 0;
  const full = Array.from({ length: (rows.at(-1)?.price ?? -1) - low + 1 }, (_, i) => row(low + i, 0, 0));
  for (const one of rows) full[one.price - low] = one;
  return full;
}
const anyLadder = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), { minLength: 1, maxLength: 40 })
  .map((rows) => rows.map(([sell, buy], i) => row(100 + i, sell, buy)));

describe('any trades', () => {
  it('make the bars of tardis-dev by time, by trades and by volume', () => {
    const length = fc.constantFrom(1, 5, 15, 60, 300, 900, 1800).map((seconds) => seconds * SECOND_US);
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(anyTrades, length, size, (trades, us, units) => {
        expectTardisBars(trades, us);
        for (const [kind, rule] of [
          ['tick', { by: 'trades', trades: (units % 40) + 1 }],
          ['volume', { by: 'volume', volume: units }],
        ] as const) {
          const theirs = tardisBars(trades, kind, kind === 'tick' ? (units % 40) + 1 : units);
          expect(
            ourBars(trades, rule).ended.map(({ open, high, low, close, volume, buy, sell, trades: count }) => [
              open,
              high,
              low,
              close,
              volume,
              buy,
              sell,
              count,
            ]),
          ).toEqual(
            theirs.map(({ open, high, low, close, volume, buyVolume, sellVolume, trades: count }) => [
              open,
              high,
              low,
              close,
              volume,
              buyVolume,
              sellVolume,
              count,
            ]),
          );
        }
      }),
    );
  });

  it('make the bars, footprints, cumulative delta and average price of lightweight-orderflow-charts', () => {
    fc.assert(
      fc.property(anySidedTrades, fc.constantFrom(1, 10, 60, 900), (trades, seconds) =>
        expectOrderFlowBars(trades, seconds),
      ),
      { numRuns: 40 },
    );
  });

  it('have its imbalances, its stacks and its value area', () => {
    fc.assert(
      fc.property(anyLadder, fc.constantFrom(2, 3, 4), fc.integer({ min: 2, max: 4 }), (rows, ratio, length) => {
        expectImbalances(rows, ratio, length);
        expectProfile(rows);
      }),
    );
  });
});

describe('real trades', () => {
  for (const [folder, name, trades, seconds] of [
    ['sse-l3-20230711', 'Shanghai 600536', () => shanghaiTrades('600536'), 10],
    ['sse-l3-20230711', 'Shanghai 601825', () => shanghaiTrades('601825'), 10],
    ['binance-spot-ethusdt-20240808', 'ETHUSDT', () => binanceTrades('binance-spot-ethusdt-20240808', 10_000), 1],
    ['binance-coinm-btcusd_perp-20240808', 'BTCUSD', () => binanceTrades('binance-coinm-btcusd_perp-20240808', 1), 1],
  ] as const) {
    describeWithShared(`data/${folder}`, name, () => {
      it('make the bars of tardis-dev', () => expectTardisBars(trades(), seconds * SECOND_US));
      it('make the bars and footprints of lightweight-orderflow-charts, its imbalances and its value area', () => {
        const sided = trades().filter(isSided);
        expectOrderFlowBars(sided, seconds);
        const rows = filled(footprintOf(sided));
        expectImbalances(rows, 3, 3);
        expectProfile(rows);
      });
    });
  }
});

describe('rules in which tardis-dev differs', () => {
  it('it never tells of the bar that has not ended', () => {
    const trades = [trade(0, 100, 1, AGGRESSOR.buy)];
    expect(tardisBars(trades, 'time', 1000)).toEqual([]);
    expect(ourBars(trades, { by: 'time', us: SECOND_US }).all).toHaveLength(1);
  });

  it('its hours begin with those of UTC, ours with the session', () => {
    const trades = [trade(0, 100, 1, AGGRESSOR.buy), trade(100 * MINUTE_US, 100, 1, AGGRESSOR.buy)];
    const [theirs] = tardisBars(trades, 'time', 3_600_000);
    expect(theirs?.timestamp.valueOf()).toBe(OPEN_US / 1000 + 15 * 60_000);
    const [ours] = ourBars(trades, { by: 'time', us: 60 * MINUTE_US }).ended;
    expect(ours?.fromUs).toBe(OPEN_US);
  });
});

describe('rules in which lightweight-orderflow-charts differs', () => {
  it('a trade of which nobody knows the side it gives to that of the last one, at first to the buyers', () => {
    const trades = [
      trade(0, 100, 5, AGGRESSOR.unknown),
      trade(1, 99, 2, AGGRESSOR.sell),
      trade(2, 99, 7, AGGRESSOR.unknown),
    ];
    expect(orderFlowBars(trades, 1)[0]).toMatchObject({ askVolume: 5, bidVolume: 9 });
    const bar = newBar(OPEN_US);
    for (const one of trades) addTrade(bar, one);
    expect(bar).toMatchObject({ buy: 0, sell: 2, unknown: 12 });
  });

  it('between the quotes it asks the last price, we the mid first', () => {
    // Nearer to the ask, and lower than the last: sold for it, bought for Lee and Ready.
    const trades = [trade(1, 110, 1, AGGRESSOR.buy), trade(2, 108, 1, AGGRESSOR.unknown)];
    const quote = { time: OPEN_US / SECOND_US, bidPrice: 100, askPrice: 110, bidSize: 1, askSize: 1 };
    expect(orderFlowBars(trades, 1, [quote])[0]).toMatchObject({ askVolume: 1, bidVolume: 1 });
    expect(leeReady(108, 100, 110, AGGRESSOR.sell)).toBe(AGGRESSOR.buy);
  });

  it('where nothing was sold below it sees no imbalance; we see one from twice the least difference on', () => {
    const rows = [row(100, 0, 0), row(101, 0, 50)];
    const { levels } = deriveFootprintMetrics(barOf(rows), { imbalanceRatio: 3, stackedImbalanceLength: 3 });
    expect(levels.map(({ imbalanceSide }) => imbalanceSide)).toEqual(['none', 'none']);
    expect(imbalancesOf(rows, 1, { ratio: 3, minDifference: 25 })).toEqual([
      { price: 101, side: 'buy', zeroPrint: true },
    ]);
  });

  it('a row with both imbalances it calls bought; we name both', () => {
    const rows = [row(100, 1, 0), row(101, 9, 9), row(102, 0, 1)];
    const { levels } = deriveFootprintMetrics(barOf(rows), { imbalanceRatio: 3, stackedImbalanceLength: 3 });
    expect(levels[1]?.imbalanceSide).toBe('buy');
    const ours = imbalancesOf(rows, 1, { ratio: 3, minDifference: 1 }).filter(({ price }) => price === 101);
    expect(ours.map(({ side }) => side)).toEqual(['buy', 'sell']);
  });

  it('it takes the listed row for the next one, we only a row one height away', () => {
    const rows = [row(100, 10, 0), row(105, 0, 50)];
    const { levels } = deriveFootprintMetrics(barOf(rows), { imbalanceRatio: 3, stackedImbalanceLength: 3 });
    expect(levels[1]?.imbalanceSide).toBe('buy');
    expect(imbalancesOf(rows, 1, { ratio: 3, minDifference: 1 }).at(-1)).toEqual({
      price: 105,
      side: 'buy',
      zeroPrint: true,
    });
  });

  it('of two equal points of control it takes the lower one, we the one nearer to the mean price', () => {
    const rows = [row(100, 30, 0), row(101, 1, 0), row(102, 20, 10), row(103, 20, 0)];
    expect(buildProfile([barOf(rows)], 'all').pointOfControl).toBe(100);
    expect(
      valueAreaOf(
        rows.map(({ price, buy, sell }) => ({ price, volume: buy + sell })),
        1,
      ).poc,
    ).toBe(102);
  });
});
