/** What the calendar says, in words for a person. Times are IST. */
import { formatIstDate, IST_OFFSET_US } from '../core/ist.ts';
import type { Calendar, Moment, Segment, Session } from './calendar.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Fri 27 Nov` */
export function dayWords(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  return `${WEEKDAYS[day.getUTCDay()]} ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
}

/** `09:15`; the end of a day is 24:00. */
export function timeWords(us: number, date: string): string {
  const minutes = Math.floor((us + IST_OFFSET_US) / 60_000_000) % 1440;
  const isEnd = minutes === 0 && formatIstDate(us) > date;
  const two = (value: number): string => String(value).padStart(2, '0');
  return isEnd ? '24:00' : `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `opens today at 09:00 IST`, `opens on Fri 27 Nov at 09:00 IST` */
export function opensWords(next: Session | null, nowUs: number): string {
  if (!next) return 'no session is known within a month';
  const when = next.date === formatIstDate(nowUs) ? 'today' : `on ${dayWords(next.date)}`;
  return next.certainty === 'unknown'
    ? `opens ${when} for ${next.name}, at an hour that is not announced yet`
    : `opens ${when} at ${timeWords(next.fromUs, next.date)} IST`;
}

/** Why an instrument of these segments has no market now: `market closed, opens on Fri 27 Nov at 09:00 IST`. */
export function closedWords(calendar: Calendar, segments: readonly Segment[], nowUs: number): string {
  const next = segments
    .map((segment) => calendar.nextSession(segment, nowUs))
    .filter((session): session is Session => session !== null)
    .sort((a, b) => a.fromUs - b.fromUs)[0];
  return `market closed, ${opensWords(next ?? null, nowUs)}`;
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  pre_open_order_entry: 'pre-open, orders are entered',
  pre_open_entry_all: 'pre-open, limit and market orders are entered',
  pre_open_entry_limit: 'pre-open, limit orders only',
  pre_open_matching: 'pre-open, orders are matched',
  normal: 'open',
  continuous: 'open',
  closing_auction_reference: 'closing auction, reference price',
  closing_auction_entry: 'closing auction, orders are entered',
  closing_auction_limit_only: 'closing auction, limit orders only',
  closing_auction_matching: 'closing auction, orders are matched',
  post_close: 'post-close',
  muhurat: 'Muhurat session',
  assumed: 'open, by assumption',
};

/** What a segment does at a moment. */
export function momentWords(moment: Moment, nowUs: number): string {
  switch (moment.kind) {
    case 'phase': {
      const { phase, session } = moment;
      if (session.certainty === 'unknown') return `${session.name}: hours not announced, recorded all day`;
      return `${PHASE_WORDS[phase.name] ?? phase.name} until ${timeWords(phase.toUs, session.date)} IST`;
    }
    case 'pause':
      return `pause until ${timeWords(moment.next.fromUs, moment.session.date)} IST`;
    case 'closed':
      return `closed, ${opensWords(moment.next, nowUs)}`;
  }
}
