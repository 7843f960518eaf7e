/** Bars, footprints and profiles of what an instrument traded. Prices in price units, quantities in units, times in IST. */
import { z } from 'zod';
import { gapsBetween, positionOf, type StoredGap } from '../../db/depth.ts';
import { type FlowQuery, flowBars, flowFeedOf, footprintBars } from '../../db/flow.ts';
import { isPresent } from '../core/absent.ts';
import { feedName } from '../core/feeds.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { type Bar, barStart, deltaOf, vwapOf } from '../orderflow/bars.ts';
import {
  type CellImbalance,
  type FootprintCell,
  IMBALANCE_RULE,
  imbalancesOf,
  type StackedImbalance,
  stackedImbalances,
  unfinishedAuction,
} from '../orderflow/footprint.ts';
import { valueAreaOf } from '../orderflow/volume-profile.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { findInstrument } from './instruments.ts';
import { inIst, instant } from './times.ts';

const MINUTE_US = 60_000_000;
/** Lengths of bars, µs. */
const INTERVALS = {
  '1s': 1_000_000,
  '5s': 5_000_000,
  '15s': 15_000_000,
  '30s': 30_000_000,
  '1m': MINUTE_US,
  '3m': 3 * MINUTE_US,
  '5m': 5 * MINUTE_US,
  '15m': 15 * MINUTE_US,
  '30m': 30 * MINUTE_US,
  '1h': 60 * MINUTE_US,
  '1d': 24 * 60 * MINUTE_US,
} as const;
type Interval = keyof typeof INTERVALS;
const FOOTPRINT_INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '1d'] as const satisfies readonly Interval[];

const BARS_MAX = 5000;
const FOOTPRINTS_MAX = 500;
/** A profile's rows are those of this many days at most. */
const PROFILE_DAYS_MAX = 31;
const ROW_TICKS_MAX = 10_000;
/** Rows of imbalances one above the other that make a stack. */
const STACK_ROWS = 3;

const interval = {
  /** `EXCHANGE:SYMBOL` */
  instrument: z.string().min(1).max(80),
  from: instant,
  to: instant,
};
/** Height of a price row, in the instrument's ticks. */
const rowTicks = z.coerce.number().int().min(1).max(ROW_TICKS_MAX).default(1);

export const BarsQuery = z.strictObject({
  ...interval,
  interval: z.enum(Object.keys(INTERVALS) as [Interval, ...Interval[]]).default('1m'),
});
export const FootprintQuery = z.strictObject({
  ...interval,
  interval: z.enum(FOOTPRINT_INTERVALS).default('5m'),
  row_ticks: rowTicks,
  /** One side is so many times the other. */
  ratio: z.coerce.number().min(1).max(100).default(IMBALANCE_RULE.ratio),
  /** And larger by so many units. */
  min_difference: z.coerce.number().int().min(1).max(1_000_000_000).default(IMBALANCE_RULE.minDifference),
});
export const ProfileQuery = z.strictObject({
  ...interval,
  row_ticks: rowTicks,
  value_area: z.coerce.number().min(0.1).max(1).default(0.7),
  step: z.enum(['1', '2']).default('1'),
});

/** What every answer says of itself. */
interface Answer {
  readonly instrument: string;
  /** Price units in a rupee. */
  readonly priceScale: number;
  /** Feed whose ticks it was made of; null where none gives the instrument. */
  readonly feed: string | null;
  readonly from: string;
  readonly to: string;
  /** Everything before this instant is stored: later answers may differ after it. */
  readonly completeTo: string;
  /** When nobody listened: nothing traded there is in the numbers but `unattributed`. */
  readonly gaps: readonly { readonly from: string; readonly to: string | null; readonly cause: string }[];
}

export interface BarAnswer {
  readonly time: string;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number;
  readonly buy: number;
  readonly sell: number;
  readonly unknown: number;
  readonly unattributed: number;
  readonly delta: number;
  readonly minDelta: number;
  readonly maxDelta: number;
  readonly vwap: number | null;
  readonly trades: number;
  readonly oi: number | null;
  /** Share of the bar's time in which the feed was heard, 0 to 1. */
  readonly coverage: number;
}

/** @throws RequestError 404, 422 */
export async function bars(
  caller: Caller,
  query: z.output<typeof BarsQuery>,
): Promise<Answer & { readonly interval: Interval; readonly bars: readonly BarAnswer[] }> {
  const flow = await askedFlow(caller, query, { barUs: INTERVALS[query.interval], barsMax: BARS_MAX });
  const found = flow.query ? await flowBars(services().db, flow.query) : [];
  const barUs = INTERVALS[query.interval];
  return {
    ...flow.answer,
    interval: query.interval,
    bars: found.map((bar) => barAnswer(bar, coverageOf(bar.fromUs, bar.fromUs + barUs, flow.gaps, flow.completeToUs))),
  };
}

interface FootprintAnswer {
  readonly time: string;
  readonly cells: readonly FootprintCell[];
  readonly imbalances: readonly CellImbalance[];
  readonly stacked: readonly StackedImbalance[];
  readonly unfinished: { readonly high: boolean; readonly low: boolean };
  readonly poc: number;
  readonly coverage: number;
}

/** @throws RequestError 404, 422 */
export async function footprint(
  caller: Caller,
  query: z.output<typeof FootprintQuery>,
): Promise<
  Answer & { readonly interval: Interval; readonly rowHeight: number; readonly bars: readonly FootprintAnswer[] }
> {
  const barUs = INTERVALS[query.interval];
  const flow = await askedFlow(caller, query, { barUs, barsMax: FOOTPRINTS_MAX });
  const rowHeight = query.row_ticks * flow.instrument.tickSize;
  const found = flow.query ? await footprintBars(services().db, flow.query, rowHeight) : [];
  const rule = { ratio: query.ratio, minDifference: query.min_difference };
  return {
    ...flow.answer,
    interval: query.interval,
    rowHeight,
    bars: found.map(({ fromUs, cells }) => {
      const imbalances = imbalancesOf(cells, rowHeight, rule);
      return {
        time: inIst(fromUs),
        cells,
        imbalances,
        stacked: stackedImbalances(imbalances, rowHeight, STACK_ROWS),
        unfinished: unfinishedAuction(cells),
        poc: valueAreaOf(cells.map(rowOfCell), rowHeight).poc,
        coverage: coverageOf(fromUs, fromUs + barUs, flow.gaps, flow.completeToUs),
      };
    }),
  };
}

/** @throws RequestError 404, 422 */
export async function profile(
  caller: Caller,
  query: z.output<typeof ProfileQuery>,
): Promise<
  Answer & {
    readonly rowHeight: number;
    readonly rows: readonly FootprintCell[];
    readonly poc: number | null;
    readonly valueAreaLow: number | null;
    readonly valueAreaHigh: number | null;
    readonly valueAreaShare: number;
    readonly coverage: number;
  }
> {
  const flow = await askedFlow(caller, query, {
    barUs: INTERVALS['1d'],
    barsMax: PROFILE_DAYS_MAX,
    alignUs: MINUTE_US,
  });
  const rowHeight = query.row_ticks * flow.instrument.tickSize;
  const days = flow.query ? await footprintBars(services().db, flow.query, rowHeight) : [];
  const merged = new Map<number, FootprintCell>();
  for (const cell of days.flatMap(({ cells }) => cells)) {
    const row = merged.get(cell.price) ?? { price: cell.price, buy: 0, sell: 0, unknown: 0, trades: 0 };
    row.buy += cell.buy;
    row.sell += cell.sell;
    row.unknown += cell.unknown;
    row.trades += cell.trades;
    merged.set(cell.price, row);
  }
  const rows = [...merged.values()].sort((a, b) => a.price - b.price);
  const area = valueAreaOf(rows.map(rowOfCell), rowHeight, {
    share: query.value_area,
    step: query.step === '2' ? 2 : 1,
  });
  return {
    ...flow.answer,
    rowHeight,
    rows,
    poc: orNull(area.poc),
    valueAreaLow: orNull(area.low),
    valueAreaHigh: orNull(area.high),
    valueAreaShare: area.share,
    coverage: coverageOf(query.from, query.to, flow.gaps, flow.completeToUs),
  };
}

const rowOfCell = ({ price, buy, sell, unknown }: FootprintCell) => ({ price, volume: buy + sell + unknown });
const orNull = (value: number): number | null => (isPresent(value) ? value : null);

function barAnswer(bar: Bar, coverage: number): BarAnswer {
  const { fromUs, open, high, low, close, volume, buy, sell, unknown, unattributed, minDelta, maxDelta, trades, oi } =
    bar;
  return {
    time: inIst(fromUs),
    open: orNull(open),
    high: orNull(high),
    low: orNull(low),
    close: orNull(close),
    volume,
    buy,
    sell,
    unknown,
    unattributed,
    delta: deltaOf(bar),
    minDelta,
    maxDelta,
    vwap: orNull(vwapOf(bar)),
    trades,
    oi: orNull(oi),
    coverage,
  };
}

interface AskedFlow {
  readonly instrument: InstrumentSummary;
  readonly query: FlowQuery | null;
  readonly gaps: readonly StoredGap[];
  readonly completeToUs: number;
  readonly answer: Answer;
}

/** What of the flow is asked for, within what may be asked. @throws RequestError */
async function askedFlow(
  caller: Caller,
  { instrument: slug, from, to }: { readonly instrument: string; readonly from: number; readonly to: number },
  { barUs, barsMax, alignUs = barUs }: { readonly barUs: number; readonly barsMax: number; readonly alignUs?: number },
): Promise<AskedFlow> {
  if (to <= from) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
  if ((to - from) / barUs > barsMax) {
    const hours = Math.floor((100 * barsMax * barUs) / INTERVALS['1h']) / 100;
    throw new RequestError(
      422,
      'Too many bars',
      `At most ${barsMax} bars a request: ask for ${hours} hours or less, or for longer bars.`,
    );
  }
  const instrument = await findInstrument(caller, slug);
  if (!instrument) throw new RequestError(404, 'Unknown instrument', `There is no instrument ${slug.toUpperCase()}.`);
  const { db } = services();
  // Bars are given whole: what of the first one lies before `from` belongs to it.
  const fromUs = barStart(from, alignUs);
  const feedId = await flowFeedOf(db, instrument.id, fromUs, to);
  const [gaps, positionUs] =
    feedId === null
      ? [[], 0]
      : await Promise.all([gapsBetween(db, instrument.id, feedId, fromUs, to), positionOf(db, feedId)]);
  const completeToUs = Math.min(to, positionUs);
  return {
    instrument,
    query: feedId === null ? null : { instrumentId: instrument.id, feedId, fromUs, toUs: to, barUs },
    gaps,
    completeToUs,
    answer: {
      instrument: instrument.slug,
      priceScale: instrument.priceScale,
      feed: feedId === null ? null : feedName(feedId),
      from: inIst(fromUs),
      to: inIst(to),
      completeTo: inIst(completeToUs),
      gaps: gaps.map((gap) => ({
        from: inIst(gap.fromUs),
        to: gap.toUs === null ? null : inIst(gap.toUs),
        cause: gap.cause,
      })),
    },
  };
}

/** Share of an interval that lies in no gap and before everything is stored. */
function coverageOf(fromUs: number, toUs: number, gaps: readonly StoredGap[], completeToUs: number): number {
  let missing = Math.max(0, toUs - Math.max(fromUs, completeToUs));
  let at = fromUs;
  const end = Math.min(toUs, completeToUs);
  for (const gap of gaps) {
    const begins = Math.max(at, gap.fromUs);
    const ends = Math.min(end, gap.toUs ?? end);
    if (ends <= begins) continue;
    missing += ends - begins;
    at = ends;
  }
  return Math.round((1 - missing / (toUs - fromUs)) * 10_000) / 10_000;
}
