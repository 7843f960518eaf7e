/**
 * The synthetic NIFTY future is held to what was measured on the real one: 1,744 complete 200-level books, 13:40 to
 * 13:47 on 2025-12-29. Totals compare in lots, because the lot was 75 then and is 65 now.
 */
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { istMidnightUs } from '../../lib/core/ist.ts';
import { ASK, BID } from '../../lib/core/side.ts';
import { describeWithShared, readShared } from '../../tests/support/shared.ts';
import {
  type BookStatistics,
  type BookSummary,
  bookStatistics,
  HORIZONS,
  type Spectrum,
  summarize,
} from './statistics.ts';
import { SyntheticMarket } from './synthetic.ts';

/** Books in a window: as many as were measured, since correlations depend on how long one looks. */
const WINDOW = 1744;
const WINDOWS = 5;

/** A row of the table: what it is, what was measured, and how far the synthetic market may be from it. */
interface Row {
  readonly name: string;
  readonly of: (statistics: BookStatistics) => number;
  readonly measured: number;
  /** Allowed distance, in the row's unit. */
  readonly tolerance: number;
  /** Where the measured value is only known as rounded in its README, its own distance allowed. */
  readonly rounding?: number;
}

const horizon = (books: (typeof HORIZONS)[number]): number => HORIZONS.indexOf(books);
const quantiles = (
  name: string,
  of: (statistics: BookStatistics) => Spectrum,
  rows: Partial<Record<keyof Spectrum, readonly [measured: number, tolerance: number, rounding: number]>>,
): Row[] =>
  Object.entries(rows).map(([key, [measured, tolerance, rounding]]) => ({
    name: `${name}, ${key}`,
    of: (statistics) => of(statistics)[key as keyof Spectrum],
    measured,
    tolerance,
    rounding,
  }));

const TABLE: readonly Row[] = [
  ...quantiles('time between books, ms', (s) => s.intervalMs, {
    p01: [187, 5, 0.5],
    median: [203, 3, 0.5],
    p95: [406, 5, 0.5],
    max: [422, 12, 0.5],
  }),
  ...quantiles('spread, ticks', (s) => s.spreadTicks, { p05: [3, 2, 0], median: [19, 4, 0], p95: [40, 8, 0] }),
  ...quantiles('bid total, lots', (s) => s.bidLots, { median: [113_775 / 75, 120, 0.01] }),
  ...quantiles('ask total, lots', (s) => s.askLots, { median: [117_600 / 75, 120, 0.01] }),
  {
    name: 'lots a level, both sides',
    of: (s) => (s.bidLots.median + s.askLots.median) / 400,
    measured: 580 / 75,
    tolerance: 0.5,
    rounding: 0.2,
  },
  { name: 'orders a level, bid', of: (s) => s.bidOrders.median / 200, measured: 2.5, tolerance: 0.3, rounding: 0.05 },
  { name: 'orders a level, ask', of: (s) => s.askOrders.median / 200, measured: 3.1, tolerance: 0.3, rounding: 0.05 },
  ...quantiles('distance of bids, ticks', (s) => s.bidDistanceTicks, { median: [338, 35, 1] }),
  ...quantiles('distance of asks, ticks', (s) => s.askDistanceTicks, { median: [338, 35, 1] }),
  // The README gives the change of the bid side: 975 and 7,425 units; both sides together have 14 and 103 lots.
  ...quantiles("change of a side's total, lots", (s) => s.changeLots, { median: [14, 4, 0], p95: [103, 12, 0] }),
  { name: 'identical books', of: (s) => s.identical, measured: 0.009, tolerance: 0.009, rounding: 0.0055 },
  { name: 'new best price', of: (s) => s.newBest, measured: 0.5, tolerance: 0.06, rounding: 0.005 },
  ...quantiles('imbalance', (s) => s.imbalance, {
    p01: [-0.103, 0.03, 0.0005],
    median: [-0.017, 0.02, 0.0005],
    p99: [0.073, 0.04, 0.0006],
  }),
  {
    name: 'imbalance persistence',
    of: (s) => s.imbalancePersistence,
    measured: 0.76,
    tolerance: 0.06,
    rounding: 0.005,
  },
  // From 7 minutes a correlation over 25 or 50 books is known to ±0.1 or so, over 250 not better than ±0.3.
  ...(
    [
      [5, 0.147, 0.08],
      [25, 0.184, 0.1],
      [50, 0.157, 0.1],
      [250, -0.014, 0.25],
    ] as const
  ).map(([books, measured, tolerance]) => ({
    name: `imbalance and move after ${books} books`,
    of: (s: BookStatistics) => s.imbalanceForesight[horizon(books)] as number,
    measured,
    tolerance,
    rounding: 0.0006,
  })),
];

/** The synthetic future's books, window by window. */
function syntheticWindows(seed: number): BookStatistics[] {
  const market = new SyntheticMarket({ seed, startUs: istMidnightUs('2026-11-24') + 9.25 * 3600e6, session: 'always' });
  const [future] = market.instruments;
  if (!future) throw new Error('no future is listed');
  // The others do not matter here, and what they do does not change the future's order flow.
  for (let i = 1; i < market.instruments.length; i += 1) market.setRate(i, 0.1, 0.1);
  const windows: BookStatistics[] = [];
  let books: BookSummary[] = [];
  while (windows.length < WINDOWS) {
    market.advance(market.nextUs(), {
      tick: () => undefined,
      book: (i) => {
        if (i === 0) books.push(summarize(market.nowUs, market.levels(0, BID), market.levels(0, ASK)));
      },
    });
    if (books.length < WINDOW) continue;
    windows.push(bookStatistics(books, future));
    books = [];
  }
  return windows;
}

describe('synthetic NIFTY future', () => {
  describe.each([1, 2, 3])('seed %i', (seed) => {
    const windows = syntheticWindows(seed);

    it.each(TABLE)('$name: $measured ± $tolerance', ({ of, measured, tolerance }) => {
      const mean = windows.reduce((sum, statistics) => sum + of(statistics), 0) / windows.length;
      expect(Math.abs(mean - measured), `mean of ${WINDOWS} windows is ${mean}`).toBeLessThanOrEqual(tolerance);
    });
  });

  it('trades in whole lots, on a sparse ladder of 200 levels', () => {
    const market = new SyntheticMarket({ seed: 1, startUs: istMidnightUs('2026-11-24'), session: 'always' });
    const { lotSize, tickSize } = market.instruments[0] as (typeof market.instruments)[number];
    for (const side of [BID, ASK] as const) {
      const { count, prices, quantities } = market.levels(0, side);
      expect(count).toBe(200);
      expect([...quantities.subarray(0, count)].every((quantity) => quantity % lotSize === 0)).toBe(true);
      expect([...prices.subarray(0, count)].every((price) => price % tickSize === 0)).toBe(true);
      expect(Math.abs((prices[count - 1] as number) - (prices[0] as number)) / tickSize).toBeGreaterThan(500);
    }
  });
});

describeWithShared('data/nse-nifty-fut-20251229', 'the measured NIFTY future', () => {
  it.each(TABLE)('$name is $measured', ({ of, measured, rounding = 0 }) => {
    const value = of(bookStatistics(measuredBooks(), { tickSize: 10, lotSize: 75 }));
    expect(Math.abs(value - measured), `computed ${value}`).toBeLessThanOrEqual(rounding + 1e-9);
  });
});

function measuredBooks(): BookSummary[] {
  const text = gunzipSync(
    readShared('data', 'nse-nifty-fut-20251229', 'dhan_depth200_summary_1340_1346.csv.gz'),
  ).toString('utf8');
  const [header = '', ...rows] = text.trim().split(/\r?\n/);
  const columns = header.split(',');
  return rows.map((row) => {
    const fields = row.split(',');
    const field = (name: string): string => fields[columns.indexOf(name)] ?? '';
    const price = (name: string): number => Number(field(name)) * 100;
    const time = field('timestamp');
    return {
      us: Date.parse(`${time.slice(0, 19).replace(' ', 'T')}Z`) * 1000 + Number(time.slice(20).padEnd(6, '0')),
      bestBid: Math.round(price('best_bid')),
      bestAsk: Math.round(price('best_ask')),
      bidQuantity: Number(field('total_bid_qty')),
      askQuantity: Number(field('total_ask_qty')),
      bidOrders: Number(field('total_bid_orders')),
      askOrders: Number(field('total_ask_orders')),
      bidMean: price('bid_vwap'),
      askMean: price('ask_vwap'),
    };
  });
}
