/** A simulated year on a virtual clock, and whole weeks: the collectors' gate opens and shuts on the sessions of the calendar. */
import { expect, it } from 'vitest';
import type { Entered } from '../lib/calendar/calendar.ts';
import { MarketHours } from '../lib/calendar/hours.ts';
import type { Exchange } from '../lib/core/exchange.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import type { Plan } from '../lib/core/plan.ts';
import { describeWithShared, readShared } from '../tests/support/shared.ts';
import { HoursGate } from './gate.ts';

const DAY_MS = 86_400_000;
const IST_MS = 19_800_000;
const SECOND_US = 1_000_000;
/** Seconds of each minute that are looked at: a turn at any but the first would be seen late, and so be wrong. */
const LOOKS_S = [0, 1, 30, 59];

const instrument = (id: number, exchange: Exchange): Instrument => ({
  id,
  exchange,
  symbol: `I${id}`,
  name: '',
  type: 'FUT',
  expiry: null,
  strike: null,
  priceScale: 100,
  tickSize: 1,
  lotSize: 1,
  kiteToken: id,
  dhanSegment: null,
  dhanSecurityId: null,
});

const PLAN: Plan = {
  feeds: [
    { feed: 'kite-ticks-1', instruments: [instrument(1, 'NSE'), instrument(2, 'NFO')] },
    { feed: 'dhan-depth200-1', instruments: [instrument(2, 'NFO')] },
  ],
};

/** `2026-11-23 08:55:00` */
const ist = (us: number): string => new Date(us / 1000 + IST_MS).toISOString().slice(0, 19).replace('T', ' ');
const utcMs = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/**
 * Runs the gate from the beginning of one IST day to the beginning of another.
 *
 * @returns by feed: `2026-11-23 08:55:00 open`, `2026-11-23 15:41:00 shut`
 */
function turns(fromDate: string, toDate: string, entered?: Entered): Record<string, string[]> {
  const result: Record<string, string[]> = Object.fromEntries(PLAN.feeds.map(({ feed }) => [feed, []]));
  const hours = new MarketHours('calendar', entered);
  let open = new Set<string>();
  let nowUs = (utcMs(fromDate) - IST_MS) * 1000;
  const endUs = (utcMs(toDate) - IST_MS) * 1000;
  const gate = new HoursGate(
    () => hours,
    ({ feeds }) => {
      const next = new Set(feeds.map(({ feed }) => feed));
      for (const { feed } of PLAN.feeds) {
        if (next.has(feed) !== open.has(feed)) result[feed]?.push(`${ist(nowUs)} ${next.has(feed) ? 'open' : 'shut'}`);
      }
      open = next;
    },
  );
  gate.use(PLAN, nowUs);
  for (let minuteUs = nowUs; minuteUs < endUs; minuteUs += 60 * SECOND_US) {
    for (const second of LOOKS_S) {
      nowUs = minuteUs + second * SECOND_US;
      gate.look(nowUs);
    }
  }
  return result;
}

/** What the exchange's own table says, read here once more and without the calendar. */
function expected(holidays: string, fromDate: string, toDate: string): Record<string, string[]> {
  const kinds = new Map(
    holidays
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',') as [string, string, string])
      .map(([date, , kind]) => [date, kind]),
  );
  const result: Record<string, string[]> = { 'kite-ticks-1': [], 'dhan-depth200-1': [] };
  for (let ms = utcMs(fromDate); ms < utcMs(toDate); ms += DAY_MS) {
    const date = new Date(ms).toISOString().slice(0, 10);
    const next = new Date(ms + DAY_MS).toISOString().slice(0, 10);
    const kind = kinds.get(date) ?? (new Date(ms).getUTCDay() % 6 === 0 ? 'weekend' : 'ordinary');
    if (kind.endsWith('muhurat')) {
      for (const list of Object.values(result)) list.push(`${date} 00:00:00 open`, `${next} 00:00:00 shut`);
    } else if (kind === 'ordinary' || kind === 'special_full_session') {
      // The pre-open of both markets begins at 09:00; post-close ends at 16:00, derivatives at 15:30 and later at 15:40.
      result['kite-ticks-1']?.push(`${date} 08:55:00 open`, `${date} 16:01:00 shut`);
      const close = date >= '2026-08-03' ? '15:41:00' : '15:31:00';
      result['dhan-depth200-1']?.push(`${date} 08:55:00 open`, `${date} ${close} shut`);
    }
  }
  return result;
}

describeWithShared('data/nse-reference/nse_holidays_2025_2026.csv', 'the year 2026', () => {
  it('opens and shuts on every session of it, to the second, and at no other time', () => {
    const table = readShared('data', 'nse-reference', 'nse_holidays_2025_2026.csv').toString('utf8');
    const got = turns('2026-01-01', '2027-01-01');
    expect(got).toEqual(expected(table, '2026-01-01', '2027-01-01'));
    // 261 weekdays without 16 holidays on them, the Budget Sunday and the Muhurat Sunday.
    expect(got['dhan-depth200-1']).toHaveLength(2 * (261 - 16 + 1 + 1));
  });
});

it('goes through the week of an election holiday and the week of Budget Sunday', () => {
  const days = (week: Record<string, string[]>) => week['dhan-depth200-1']?.map((turn) => turn.slice(0, 10));
  const twice = (...dates: string[]): string[] => dates.flatMap((date) => [date, date]);
  // 2026-01-15 was made a holiday three days before.
  expect(days(turns('2026-01-12', '2026-01-19'))).toEqual(
    twice('2026-01-12', '2026-01-13', '2026-01-14', '2026-01-16'),
  );
  expect(days(turns('2026-01-30', '2026-02-03'))).toEqual(twice('2026-01-30', '2026-02-01', '2026-02-02'));
});

it('stays connected until 15:41 from the third of August on', () => {
  expect(turns('2026-07-31', '2026-08-04')['dhan-depth200-1']).toEqual([
    '2026-07-31 08:55:00 open',
    '2026-07-31 15:31:00 shut',
    '2026-08-03 08:55:00 open',
    '2026-08-03 15:41:00 shut',
  ]);
});

it('goes through the Diwali week: all day while the hours are unknown, to the minute once they are entered', () => {
  const unknown = turns('2026-11-07', '2026-11-12')['dhan-depth200-1'];
  expect(unknown?.slice(0, 2)).toEqual(['2026-11-08 00:00:00 open', '2026-11-09 00:00:00 shut']);
  expect(unknown?.slice(2).map((turn) => turn.slice(0, 10))).toEqual([
    '2026-11-09',
    '2026-11-09',
    '2026-11-11',
    '2026-11-11',
  ]);
  const entered: Entered = {
    days: [{ date: '2026-11-08', kind: 'muhurat', name: 'Diwali', hours: { start: '18:00', end: '19:00' } }],
  };
  expect(turns('2026-11-07', '2026-11-09', entered)['dhan-depth200-1']).toEqual([
    '2026-11-08 17:55:00 open',
    '2026-11-08 19:01:00 shut',
  ]);
});

it('obeys a holiday that is announced in the middle of a session, and says why', () => {
  const nowUs = Date.parse('2026-11-23T05:00:00Z') * 1000;
  let hours = new MarketHours('calendar');
  const followed: string[][] = [];
  const gate = new HoursGate(
    () => hours,
    ({ feeds }) => followed.push(feeds.map(({ feed }) => feed)),
  );
  gate.use(PLAN, nowUs);
  hours = new MarketHours('calendar', { days: [{ date: '2026-11-23', kind: 'holiday', name: 'late' }] });
  gate.look(nowUs + SECOND_US);
  expect(followed).toEqual([['kite-ticks-1', 'dhan-depth200-1'], []]);
  expect(gate.closed.map((feed) => gate.wordsOf(feed, nowUs))).toEqual([
    'market closed, opens on Wed 25 Nov at 09:00 IST; recording begins 5 minutes before',
    'market closed, opens on Wed 25 Nov at 09:00 IST; recording begins 5 minutes before',
  ]);
});

it('never shuts for the market that trades around the clock, and follows a new plan at once', () => {
  const followed: Plan[] = [];
  const hours = new MarketHours('always');
  const gate = new HoursGate(
    () => hours,
    (plan) => followed.push(plan),
  );
  const nowUs = Date.parse('2026-11-24T20:00:00Z') * 1000;
  gate.use(PLAN, nowUs);
  gate.look(nowUs + 3600 * SECOND_US);
  const smaller = { feeds: PLAN.feeds.slice(0, 1) };
  gate.use(smaller, nowUs);
  expect(followed).toEqual([PLAN, smaller]);
});
