/**
 * The hours in which the simulated exchange trades, from the one calendar (lib/calendar).
 *
 * Not simulated: pre-open, the closing auction of stocks with derivatives, and Muhurat sessions.
 */
import { Calendar } from '../lib/calendar/calendar.ts';
import { addDays, formatIstDate } from '../lib/core/ist.ts';

export type Segment = 'cash' | 'derivatives';

const calendar = new Calendar();

/** Continuous trading of a day, µs since the epoch, `closeUs` not included; null where there is none. */
export function sessionOf(segment: Segment, date: string): { openUs: number; closeUs: number } | null {
  const [session] = calendar.sessionsOn(date, segment === 'derivatives' ? 'FO' : 'CM');
  const normal = session?.phases.find(({ continuous }) => continuous);
  return normal ? { openUs: normal.fromUs, closeUs: normal.toUs } : null;
}

/** Longest run of days without a session that is looked through; beyond it the table is wrong. */
const CLOSED_DAYS_MAX = 30;

/** The instant itself where the segment is open, else the next open. */
export function nextOpenUs(segment: Segment, us: number): number {
  const today = formatIstDate(us);
  for (let day = 0; day <= CLOSED_DAYS_MAX; day += 1) {
    const session = sessionOf(segment, addDays(today, day));
    if (session && us < session.closeUs) return Math.max(us, session.openUs);
  }
  throw new RangeError(`no session within ${CLOSED_DAYS_MAX} days after ${formatIstDate(us)}`);
}

/** Expiry of a month's contracts: its last Tuesday, or the trading day before where that is a holiday. */
function monthlyExpiry(year: number, month: number): string {
  const last = new Date(Date.UTC(year, month, 0));
  last.setUTCDate(last.getUTCDate() - ((last.getUTCDay() + 5) % 7));
  let date = last.toISOString().slice(0, 10);
  while (!calendar.isTradingDay(date)) {
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
