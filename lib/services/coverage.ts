/** The calendar of what was recorded, and how each day compares with what the broker says of it. */
import {
  type GapOfFeed,
  gapsTouching,
  type Recorded,
  reconciledDays,
  reconciliationsOf,
  recordedBetween,
  type StoredReconciliation,
  storedUpTo,
} from '../../db/coverage.ts';
import type { Answer, Query } from '../api/operations.ts';
import type { MarketHours } from '../calendar/hours.ts';
import { TradingHours } from '../calendar/trading-hours.ts';
import type { Exchange } from '../core/exchange.ts';
import { feedName } from '../core/feeds.ts';
import { addDays, formatIstDate, istMidnightUs } from '../core/ist.ts';
import { coverageOfDay, type DayCoverage } from '../orderflow/coverage.ts';
import { OUTCOMES } from '../orderflow/coverage-days.ts';
import { askForJob, RECONCILIATION_JOB } from '../queue/jobs.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { knownHours } from './hours.ts';
import { inIst } from './times.ts';

const DAY_US = 86_400_000_000;
/** Of a day's instruments so many are listed: the worst first. */
const LISTED_MAX = 500;
/** Of an instrument's gaps, the longest. */
const GAPS_MAX = 50;

type DayAnswer = Answer<'/api/orderflow/reconciliation'>;
type InstrumentDay = DayAnswer['instruments'][number];

/** What is known of a day, the worst first. */
export async function reconciliationOf(
  caller: Caller,
  { day }: Query<'/api/orderflow/reconciliation'>,
): Promise<DayAnswer> {
  caller.mustBe('viewer');
  const { db } = services();
  const fromUs = istMidnightUs(day);
  const [recorded, gaps, positions, made] = await Promise.all([
    recordedBetween(db, fromUs, fromUs + DAY_US),
    gapsTouching(db, fromUs, fromUs + DAY_US),
    storedUpTo(db),
    reconciliationsOf(db, day),
  ]);
  const found = new Map(made.map((one) => [`${one.instrumentId} ${one.feedId}`, one]));
  const hours = knownHours().hours;
  const lines = recorded.map((one) => {
    const own = gaps.filter((gap) => gap.feedId === one.feedId && gap.instrumentIds.includes(one.instrumentId));
    const coverage = coverageNow(hours, day, one, own, positions.get(one.feedId) ?? 0);
    return lineOf(one, coverage, found.get(`${one.instrumentId} ${one.feedId}`));
  });
  const rank = ({ outcome }: InstrumentDay): number => OUTCOMES.indexOf(outcome);
  lines.sort((a, b) => rank(a) - rank(b) || (a.coverage ?? 1) - (b.coverage ?? 1));
  return { day, count: lines.length, instruments: lines.slice(0, LISTED_MAX) };
}

function coverageNow(
  hours: MarketHours,
  day: string,
  { exchange, firstRecordedUs }: Recorded,
  gaps: readonly GapOfFeed[],
  positionUs: number,
): DayCoverage {
  return coverageOfDay(new TradingHours(hours, exchange as Exchange), day, gaps, {
    heardFromUs: firstRecordedUs,
    untilUs: positionUs,
  });
}

function lineOf(
  { instrument, feedId, priceScale }: Recorded,
  { share, missed }: DayCoverage,
  made: StoredReconciliation | undefined,
): InstrumentDay {
  const found = made?.found;
  const gaps = (found?.gaps ?? missed.map((gap) => ({ ...gap, brokerVolume: null }))).toSorted(
    (a, b) => b.toUs - b.fromUs - (a.toUs - a.fromUs),
  );
  return {
    instrument,
    feed: feedName(feedId),
    priceScale,
    coverage: made ? made.coverage : share,
    outcome: found?.outcome ?? 'not_made',
    until: made ? inIst(made.untilUs) : null,
    final: made?.final ?? false,
    ours: found?.ours ?? null,
    broker: found?.broker ?? null,
    volume: found?.volume ?? null,
    unattributed: found?.unattributed ?? null,
    differences: found?.differences ?? [],
    gaps: gaps.slice(0, GAPS_MAX).map(({ fromUs, toUs, cause, brokerVolume }) => ({
      from: inIst(fromUs),
      to: inIst(toUs),
      seconds: (toUs - fromUs) / 1_000_000,
      cause,
      brokerVolume,
    })),
    gapCount: gaps.length,
    missingMinutes: { count: found?.missingMinutes.count ?? 0, first: (found?.missingMinutes.first ?? []).map(inIst) },
  };
}

/** The days of a month, with what was found of them. */
export async function coverageMonth(
  caller: Caller,
  { month }: Query<'/api/orderflow/reconciliation/month'>,
): Promise<Answer<'/api/orderflow/reconciliation/month'>> {
  caller.mustBe('viewer');
  const { db, nowMs } = services();
  const first = `${month}-01`;
  const dates: string[] = [];
  for (let date = first; date.startsWith(month); date = addDays(date, 1)) dates.push(date);
  const found = new Map((await reconciledDays(db, first, dates.at(-1) as string)).map((one) => [one.day, one]));
  const hours = knownHours().hours;
  return {
    month,
    today: formatIstDate(nowMs() * 1000),
    days: dates.map((date) => {
      const { day: _, ...numbers } = found.get(date) ?? { day: date };
      return {
        date,
        trading: hours.mode === 'always' || hours.calendar.isTradingDay(date),
        name: hours.calendar.specialOn(date)?.name ?? '',
        found: 'instruments' in numbers ? numbers : null,
      };
    }),
  };
}

/** Has the jobs worker compare now what is due, today as far as it has come. */
export async function askReconciliation(caller: Caller): Promise<void> {
  caller.mustBe('owner');
  await askForJob(services().config.redisUrl, RECONCILIATION_JOB, caller.name);
  await audit(caller, 'reconciliation_asked', 'by hand');
}
