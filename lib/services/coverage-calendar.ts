/** What was recorded and what was not: gaps, and the calendar of each instrument's days. */

import { positionOf } from '../../db/depth.ts';
import { type FeedGap, gapsOfInterval } from '../../db/gaps.ts';
import { storedSpans } from '../../db/stored-spans.ts';
import type { Answer, Query } from '../api/operations.ts';
import { TradingHours } from '../calendar/trading-hours.ts';
import { feedName } from '../core/feeds.ts';
import { addDays, istMidnightUs } from '../core/ist.ts';
import { coverageOf } from '../orderflow/coverage.ts';
import type { Caller } from './access.ts';
import { gapAnswer, knownInstrument, knownInstruments, mustBeWithin, roundedShare } from './asked-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { knownHours } from './hours.ts';
import { inIst } from './times.ts';

const DAYS_MAX = 31;
const DAY_US = 86_400_000_000;
const GAPS_MAX = 5000;
/** What was received by then is stored, if anybody was there to do it. */
const STORED_WITHIN_US = 2_000_000;

/** @throws RequestError 404, 413, 422 */
export async function gaps(
  caller: Caller,
  query: Query<'/api/orderflow/gaps'>,
): Promise<Answer<'/api/orderflow/gaps'>> {
  const { from, to } = query;
  mustBeWithin(query, DAYS_MAX * DAY_US, `At most ${DAYS_MAX} days a request.`);
  const instrument = query.instrument === undefined ? null : await knownInstrument(caller, query.instrument);
  const found = await fewGaps(instrument && [instrument.id], from, to);
  return {
    from: inIst(from),
    to: inIst(to),
    gaps: found.map((gap) => ({
      feed: feedName(gap.feedId),
      ...gapAnswer(gap),
      instruments: gap.instrumentIds.length,
    })),
  };
}

/** @throws RequestError 413 */
async function fewGaps(ids: readonly number[] | null, fromUs: number, toUs: number): Promise<FeedGap[]> {
  const found = await gapsOfInterval(services().db, ids, fromUs, toUs, GAPS_MAX + 1);
  if (found.length <= GAPS_MAX) return found;
  throw new RequestError(
    413,
    'Too many gaps',
    `The interval holds more than ${GAPS_MAX} gaps: ask for a shorter one, or for fewer instruments.`,
  );
}

type DayAnswer = Answer<'/api/orderflow/coverage'>['days'][number]['instruments'][number];

/** @throws RequestError 404, 413, 422 */
export async function coverageCalendar(
  caller: Caller,
  query: Query<'/api/orderflow/coverage'>,
): Promise<Answer<'/api/orderflow/coverage'>> {
  const dates = datesOf(query);
  const { db, nowMs } = services();
  const nowUs = nowMs() * 1000;
  const { hours } = knownHours();
  const known = (await knownInstruments(caller, query.instruments)).map(({ id, slug, exchange }) => ({
    id,
    slug,
    hours: new TradingHours(hours, exchange),
  }));
  const spans = dates.flatMap((date) =>
    known.map(({ id }) => ({ instrumentId: id, fromUs: istMidnightUs(date), toUs: istMidnightUs(addDays(date, 1)) })),
  );
  const [stored, found] = await Promise.all([
    storedSpans(db, query.of, spans),
    fewGaps(
      known.map(({ id }) => id),
      istMidnightUs(query.from),
      istMidnightUs(addDays(query.to, 1)),
    ),
  ]);
  const positions = new Map<number, number>();
  for (const feedId of new Set([...stored.values()].map((span) => span.feedId))) {
    positions.set(feedId, await positionOf(db, feedId));
  }

  const answerFor = (date: string, day: number, { id, slug, hours }: (typeof known)[number], at: number): DayAnswer => {
    const span = stored.get(day * known.length + at);
    const session = hours.sessionOn(date);
    const answer = {
      instrument: slug,
      feed: span ? feedName(span.feedId) : null,
      session: session && { from: inIst(session.fromUs), to: inIst(session.toUs) },
    };
    const overUs = Math.min(session?.toUs ?? 0, nowUs - STORED_WITHIN_US);
    if (!session || overUs <= session.fromUs) return { ...answer, coverage: null, missing: [] };
    // Today it goes on being heard after its last tick; of a past day nobody can say for how long.
    const isToday = istMidnightUs(addDays(date, 1)) > nowUs;
    const lastUs = span && isToday && span.subscribed ? (positions.get(span.feedId) ?? 0) : (span?.lastUs ?? 0);
    const { share, missed } = coverageOf(
      [session],
      found.filter(({ feedId, instrumentIds }) => feedId === span?.feedId && instrumentIds.includes(id)),
      {
        heardFromUs: span?.firstUs ?? Number.POSITIVE_INFINITY,
        heardToUs: span && Math.max(span.lastUs, lastUs),
        untilUs: overUs,
      },
    );
    return {
      ...answer,
      coverage: share === null ? null : roundedShare(share),
      missing: missed.map(({ fromUs, toUs, cause }) => ({ from: inIst(fromUs), to: inIst(toUs), cause })),
    };
  };
  return {
    of: query.of,
    days: dates.map((date, day) => ({
      date,
      instruments: known.map((instrument, at) => answerFor(date, day, instrument, at)),
    })),
  };
}

/** @throws RequestError 422 */
function datesOf({ from, to }: { readonly from: string; readonly to: string }): string[] {
  if (to < from) throw new RequestError(422, 'Empty interval', '`to` must not be earlier than `from`.');
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    if (dates.length === DAYS_MAX) {
      throw new RequestError(422, 'Interval too long', `At most ${DAYS_MAX} days a request.`);
    }
    dates.push(date);
  }
  return dates;
}
