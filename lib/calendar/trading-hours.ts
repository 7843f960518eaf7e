/**
 * When an exchange's instruments trade on a day: what sums begin at, what a recording is measured against, and how far a day is
 * compared with the broker's. The one home of these three, so that no two pages differ in what a day's session is.
 */
import type { Exchange } from '../core/exchange.ts';
import { addDays, formatIstDate, istMidnightUs } from '../core/ist.ts';
import { type Calendar, type Session, segmentsOf } from './calendar.ts';
import type { MarketHours, Span } from './hours.ts';

/** A day's session of the first segment that an exchange's instruments may trade in; a stock may have derivatives or not. */
const firstSession = (calendar: Calendar, exchange: Exchange, date: string): Session | null =>
  calendar.sessionsOn(date, segmentsOf(exchange)[0] ?? 'CM')[0] ?? null;

/** When a day's counters and sums begin anew, µs since the epoch; null on a day without a session. */
export const normalOpenUs = (calendar: Calendar, exchange: Exchange, date: string): number | null =>
  firstSession(calendar, exchange, date)?.normalOpenUs ?? null;

/**
 * The hours of one exchange. Where the market never closes (the demo's) each day is one session from midnight to midnight in
 * India; sums begin anew there as elsewhere.
 */
export class TradingHours {
  constructor(
    private readonly hours: MarketHours,
    private readonly exchange: Exchange,
  ) {}

  /**
   * From a day's normal open to the end of its continuous trading; null on a day without. Coverage is the share of it that was
   * heard: in the auctions before and after, an instrument may say nothing for minutes, and options have none.
   */
  sessionOn(date: string): Span | null {
    if (this.hours.mode === 'always') return wholeDay(date);
    const session = firstSession(this.hours.calendar, this.exchange, date);
    if (!session) return null;
    const ends = session.phases.filter(({ continuous }) => continuous).map(({ toUs }) => toUs);
    return { fromUs: session.normalOpenUs, toUs: ends.length > 0 ? Math.max(...ends) : session.toUs };
  }

  /**
   * All phases of a day, auctions and post-close too, in order, none over another; none on a day without. Something may be traded
   * in any of them, so a day is over with the last, and a gap in any may explain what is missing.
   */
  phasesOn(date: string): Span[] {
    const day = wholeDay(date);
    if (this.hours.mode === 'always') return [day];
    return this.hours
      .sessionSpans([{ exchange: this.exchange }], day.fromUs, day.toUs - 1)
      .map((span) => ({ fromUs: Math.max(span.fromUs, day.fromUs), toUs: Math.min(span.toUs, day.toUs) }))
      .filter((span) => span.toUs > span.fromUs);
  }

  /** Instants after `fromUs` and before `toUs` at which the day's sums begin anew: midnight in India and each normal open. */
  startsBetween(fromUs: number, toUs: number): number[] {
    const starts: number[] = [];
    for (let date = formatIstDate(fromUs); istMidnightUs(date) < toUs; date = addDays(date, 1)) {
      starts.push(...this.startsOn(date).filter((us) => us > fromUs && us < toUs));
    }
    return starts;
  }

  /** The last of them at or before an instant. */
  startBefore(us: number): number {
    return Math.max(...this.startsOn(formatIstDate(us)).filter((start) => start <= us));
  }

  private startsOn(date: string): number[] {
    const midnightUs = istMidnightUs(date);
    const openUs = normalOpenUs(this.hours.calendar, this.exchange, date);
    return openUs === null || openUs === midnightUs ? [midnightUs] : [midnightUs, openUs];
  }
}

const wholeDay = (date: string): Span => ({ fromUs: istMidnightUs(date), toUs: istMidnightUs(addDays(date, 1)) });
