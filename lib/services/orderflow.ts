/** Bars, footprints and profiles of what an instrument traded. Prices in price units, quantities in units, times in IST. */
import type { StoredGap } from '../../db/depth.ts';
import { flowBars, footprintBars } from '../../db/flow.ts';
import { INTERVALS } from '../api/intervals.ts';
import type { Answer, Query } from '../api/operations.ts';
import type { Span } from '../calendar/hours.ts';
import { TradingHours } from '../calendar/trading-hours.ts';
import { ABSENT, isPresent } from '../core/absent.ts';
import { formatIstDate } from '../core/ist.ts';
import { type Bar, deltaOf, vwapOf } from '../orderflow/bars.ts';
import {
  type FootprintCell,
  imbalancesOf,
  STACK_ROWS,
  stackedImbalances,
  unfinishedAuction,
} from '../orderflow/footprint.ts';
import { oiBuildUpOf } from '../orderflow/oi-build-up.ts';
import { nakedPocs, type ProfileRow, pocIndex, valueAreaOf } from '../orderflow/volume-profile.ts';
import type { Caller } from './access.ts';
import { askedFlow, type Heard, isBroken, orNull, shareHeard } from './asked-flow.ts';
import { services } from './context.ts';
import { knownHours } from './hours.ts';
import { inIst } from './times.ts';

const BARS_MAX = 5000;
const FOOTPRINTS_MAX = 500;
/** A profile's rows are those of this many days at most. */
const PROFILE_DAYS_MAX = 31;
const MINUTE_US = 60_000_000;

/** @throws RequestError 404, 422 */
export async function bars(
  caller: Caller,
  query: Query<'/api/orderflow/bars'>,
): Promise<Answer<'/api/orderflow/bars'>> {
  const barUs = INTERVALS[query.interval];
  const flow = await askedFlow(caller, query, { barUs, barsMax: BARS_MAX });
  const found = flow.query ? await flowBars(services().db, flow.query) : [];
  return {
    ...flow.answer,
    interval: query.interval,
    bars: found.map((bar, i) => ({
      ...barAnswer(bar, shareHeard(bar.fromUs, bar.fromUs + barUs, flow)),
      ...positionsOf(bar, found[i - 1], flow.gaps),
    })),
  };
}

/** @throws RequestError 404, 422 */
export async function footprint(
  caller: Caller,
  query: Query<'/api/orderflow/footprint'>,
): Promise<Answer<'/api/orderflow/footprint'>> {
  const barUs = INTERVALS[query.interval];
  const flow = await askedFlow(caller, query, { barUs, barsMax: FOOTPRINTS_MAX, ofCells: true });
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
        poc: (cells[pocIndex(cells.map(rowOfCell))] as FootprintCell).price,
        coverage: shareHeard(fromUs, fromUs + barUs, flow),
      };
    }),
  };
}

/** @throws RequestError 404, 422 */
export async function profile(
  caller: Caller,
  query: Query<'/api/orderflow/profile'>,
): Promise<Answer<'/api/orderflow/profile'>> {
  const flow = await askedFlow(caller, query, {
    barUs: INTERVALS['1d'],
    barsMax: PROFILE_DAYS_MAX,
    alignUs: MINUTE_US,
    ofCells: true,
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
    coverage: shareHeard(Math.min(query.from, flow.toUs), flow.toUs, flow),
  };
}

/** Points of control of the days, and which of them no later day of the interval has traded at. @throws RequestError 404, 422 */
export async function nakedPointsOfControl(
  caller: Caller,
  query: Query<'/api/orderflow/naked-pocs'>,
): Promise<Answer<'/api/orderflow/naked-pocs'>> {
  const barUs = INTERVALS['1d'];
  const flow = await askedFlow(caller, query, { barUs, barsMax: PROFILE_DAYS_MAX, ofCells: true });
  const rowHeight = query.row_ticks * flow.instrument.tickSize;
  const days = flow.query ? await footprintBars(services().db, flow.query, rowHeight) : [];
  const profiles = days.map(({ fromUs, cells }) => {
    const rows = cells.map(rowOfCell);
    return {
      fromUs,
      poc: (rows[pocIndex(rows)] as ProfileRow).price,
      low: (rows[0] as ProfileRow).price,
      high: (rows.at(-1) as ProfileRow).price,
      volume: rows.reduce((sum, { volume }) => sum + volume, 0),
    };
  });
  const naked = new Set(nakedPocs(profiles));
  const hours = new TradingHours(knownHours().hours, flow.instrument.exchange);
  return {
    ...flow.answer,
    rowHeight,
    sessions: profiles.map(({ fromUs, ...profile }, i) => ({
      date: formatIstDate(fromUs),
      ...profile,
      naked: naked.has(i),
      coverage: coverageOfDay(hours.sessionOn(formatIstDate(fromUs)), fromUs, flow),
    })),
  };
}

/** Of a day's session; of a day without one, the whole day. */
const coverageOfDay = (session: Span | null, dayUs: number, heard: Heard): number =>
  shareHeard(session?.fromUs ?? dayUs, session?.toUs ?? dayUs + INTERVALS['1d'], heard);

const rowOfCell = ({ price, buy, sell, unknown }: FootprintCell) => ({ price, volume: buy + sell + unknown });

/** A bar as answers give it. */
export function barAnswer(bar: Bar, coverage: number) {
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

/** What the change since the bar before says of positions: nothing at the first bar, and nothing over a gap. */
function positionsOf(
  bar: Bar,
  before: Bar | undefined,
  gaps: readonly StoredGap[],
): Pick<Answer<'/api/orderflow/bars'>['bars'][number], 'oiChange' | 'buildUp'> {
  const known = before && isPresent(bar.oi) && isPresent(before.oi) && !isBroken(before.lastUs, bar.lastUs, gaps);
  if (!known) return { oiChange: null, buildUp: null };
  const oiChange = bar.oi - before.oi;
  const moved = bar.trades > 0 && before.trades > 0 ? bar.close - before.close : ABSENT;
  return { oiChange, buildUp: oiBuildUpOf(moved, oiChange) };
}
