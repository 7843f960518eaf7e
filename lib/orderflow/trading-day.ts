/**
 * Which run of ticks belongs together: counters and sums begin anew with the day, and once more at the calendar's normal
 * open. Before the open the exchanges' counters may still be yesterday's, and what pre-open matched is no flow.
 */
import { Calendar } from '../calendar/calendar.ts';
import { normalOpenUs } from '../calendar/trading-hours.ts';
import type { Exchange } from '../core/exchange.ts';
import { formatIstDate, istMidnightUs } from '../core/ist.ts';

const DAY_US = 86_400_000_000;
/** As this version knows it: a journal that is gone through again must give the same as it did live. */
const calendar = new Calendar();

interface Known {
  readonly name: string;
  readonly fromUs: number;
  readonly toUs: number;
}
/** By exchange, the last answer: nearly every tick has that of the one before. */
const last = new Map<Exchange, Known>();

/** Name of the run that a tick of an exchange belongs to: `2026-11-25`, and from the normal open on `2026-11-25 open`. */
export function tradingDayOf(exchange: Exchange, us: number): string {
  const known = last.get(exchange);
  if (known && us >= known.fromUs && us < known.toUs) return known.name;
  const date = formatIstDate(us);
  const dayUs = istMidnightUs(date);
  const openUs = normalOpenUs(calendar, exchange, date) ?? dayUs;
  const next =
    us < openUs
      ? { name: date, fromUs: dayUs, toUs: openUs }
      : { name: `${date} open`, fromUs: openUs, toUs: dayUs + DAY_US };
  last.set(exchange, next);
  return next.name;
}
