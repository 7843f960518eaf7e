/** When an exchange trades: what sums begin at, and what a recording is measured against. */
import { type Calendar, segmentsOf } from '../calendar/calendar.ts';
import type { Span } from '../calendar/hours.ts';
import type { Exchange } from '../core/exchange.ts';
import { addDays, formatIstDate, istMidnightUs } from '../core/ist.ts';
import { knownHours } from './hours.ts';

export interface TradingHours {
  /** From a day's normal open to the end of its continuous trading; null on a day without. */
  sessionOn(date: string): Span | null;
  /** Instants after `fromUs` and before `toUs` at which the day's sums begin anew: midnight in India and each normal open. */
  startsBetween(fromUs: number, toUs: number): number[];
  /** The last of them at or before an instant. */
  startBefore(us: number): number;
}

/** The hours of an exchange, as they are known now. The demo market trades all day; its sums begin anew as elsewhere. */
export function tradingHours(exchange: Exchange): TradingHours {
  const { mode, calendar } = knownHours().hours;
  const startsOn = (date: string): number[] => {
    const midnightUs = istMidnightUs(date);
    const openUs = normalOpen(calendar, exchange, date);
    return openUs === null || openUs === midnightUs ? [midnightUs] : [midnightUs, openUs];
  };
  return {
    sessionOn: (date) =>
      mode === 'always'
        ? { fromUs: istMidnightUs(date), toUs: istMidnightUs(addDays(date, 1)) }
        : continuousTrading(calendar, exchange, date),
    startsBetween: (fromUs, toUs) => {
      const starts: number[] = [];
      for (let date = formatIstDate(fromUs); istMidnightUs(date) < toUs; date = addDays(date, 1)) {
        starts.push(...startsOn(date).filter((us) => us > fromUs && us < toUs));
      }
      return starts;
    },
    startBefore: (us) => Math.max(...startsOn(formatIstDate(us)).filter((start) => start <= us)),
  };
}

/** As lib/orderflow/trading-day.ts has it: of the first segment that an exchange's instruments may trade in. */
function normalOpen(calendar: Calendar, exchange: Exchange, date: string): number | null {
  return calendar.sessionsOn(date, segmentsOf(exchange)[0] ?? 'CM')[0]?.normalOpenUs ?? null;
}

function continuousTrading(calendar: Calendar, exchange: Exchange, date: string): Span | null {
  const [session] = calendar.sessionsOn(date, segmentsOf(exchange)[0] ?? 'CM');
  if (!session) return null;
  const ends = session.phases.filter(({ continuous }) => continuous).map(({ toUs }) => toUs);
  return { fromUs: session.normalOpenUs, toUs: ends.length > 0 ? Math.max(...ends) : session.toUs };
}
