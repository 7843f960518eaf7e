/**
 * Trading days and sessions of NSE, as far as the simulated exchange needs them. Facts of the exchange's circulars,
 * held here as dated data: an exchange that reads another's calendar would not notice when that one is wrong.
 *
 * Not simulated: pre-open, the closing auction of stocks with derivatives, and Muhurat sessions (their times are
 * announced too late for a table).
 */
import { formatIstDate, IST_OFFSET_US } from '../lib/core/ist.ts';

export type Segment = 'cash' | 'derivatives';

const HOLIDAYS: ReadonlySet<string> = new Set([
  '2025-02-26',
  '2025-03-14',
  '2025-03-31',
  '2025-04-10',
  '2025-04-14',
  '2025-04-18',
  '2025-05-01',
  '2025-08-15',
  '2025-08-27',
  '2025-10-02',
  '2025-10-21',
  '2025-10-22',
  '2025-11-05',
  '2025-12-25',
  '2026-01-15',
  '2026-01-26',
  '2026-03-03',
  '2026-03-26',
  '2026-03-31',
  '2026-04-03',
  '2026-04-14',
  '2026-05-01',
  '2026-05-28',
  '2026-06-26',
  '2026-09-14',
  '2026-10-02',
  '2026-10-20',
  '2026-11-10',
  '2026-11-24',
  '2026-12-25',
  // The list for 2027 was not out when this was written; Republic Day is certain.
  '2027-01-26',
]);

/** Full sessions on a Saturday or Sunday: Union Budget days. */
const WEEKEND_SESSIONS: ReadonlySet<string> = new Set(['2025-02-01', '2026-02-01']);

/** From this day on derivatives trade until 15:40 instead of 15:30. */
const LONGER_DERIVATIVES_SESSION = '2026-08-03';

const US_PER_MINUTE = 60_000_000;
const US_PER_DAY = 24 * 60 * US_PER_MINUTE;

/** Midnight IST of an ISO date, µs since the epoch. */
export const istMidnightUs = (date: string): number => Date.parse(`${date}T00:00:00Z`) * 1000 - IST_OFFSET_US;

const istTimeUs = (date: string, hours: number, minutes: number): number =>
  istMidnightUs(date) + (hours * 60 + minutes) * US_PER_MINUTE;

export function isTradingDay(date: string): boolean {
  if (WEEKEND_SESSIONS.has(date)) return true;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !HOLIDAYS.has(date);
}

/** Continuous trading of a day, µs since the epoch, `closeUs` not included; null where there is none. */
export function sessionOf(segment: Segment, date: string): { openUs: number; closeUs: number } | null {
  if (!isTradingDay(date)) return null;
  const closeMinutes = segment === 'derivatives' && date >= LONGER_DERIVATIVES_SESSION ? 40 : 30;
  return { openUs: istTimeUs(date, 9, 15), closeUs: istTimeUs(date, 15, closeMinutes) };
}

/** Longest run of days without a session that is looked through; beyond it the table is wrong. */
const CLOSED_DAYS_MAX = 30;

/** The instant itself where the segment is open, else the next open. */
export function nextOpenUs(segment: Segment, us: number): number {
  for (let day = 0; day <= CLOSED_DAYS_MAX; day += 1) {
    const session = sessionOf(segment, formatIstDate(us + day * US_PER_DAY));
    if (session && us < session.closeUs) return Math.max(us, session.openUs);
  }
  throw new RangeError(`no session within ${CLOSED_DAYS_MAX} days after ${formatIstDate(us)}`);
}

/** Expiry of a month's contracts: its last Tuesday, or the trading day before where that is a holiday. */
function monthlyExpiry(year: number, month: number): string {
  const last = new Date(Date.UTC(year, month, 0));
  last.setUTCDate(last.getUTCDate() - ((last.getUTCDay() + 5) % 7));
  let date = last.toISOString().slice(0, 10);
  while (!isTradingDay(date)) {
    last.setUTCDate(last.getUTCDate() - 1);
    date = last.toISOString().slice(0, 10);
  }
  return date;
}

/**
 * Expiry of the near month on a day: contracts trade on their expiry day, and the next month is near from the day
 * after.
 */
export function nearExpiry(date: string): string {
  const [year, month] = date.split('-').map(Number) as [number, number];
  const own = monthlyExpiry(year, month);
  if (own >= date) return own;
  return month === 12 ? monthlyExpiry(year + 1, 1) : monthlyExpiry(year, month + 1);
}
