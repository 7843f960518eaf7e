/** When to record: what a feed's instruments have of the market, by the calendar. */
import type { GapCause } from '../core/gap.ts';
import type { Instrument } from '../core/instrument.ts';
import { addDays, formatIstDate, istMidnightUs, istTimeUs } from '../core/ist.ts';
import type { Plan } from '../core/plan.ts';
import { Calendar, type Entered, type Segment, type Session, segmentsOf } from './calendar.ts';
import { SURELY_OPEN } from './nse.ts';

/** Connected so long before the first phase. */
export const LEAD_US = 5 * 60_000_000;
/** Drained so long after the last phase: what the brokers send late still belongs to it. */
export const GRACE_US = 60_000_000;
/** Buffers between phases that are shorter belong to the session: 09:12 to 09:15. */
const BUFFER_US = 5 * 60_000_000;
const DAY_US = 86_400_000_000;
/** Data older than this at the end of a session was a fault; younger, nothing was missed. */
const SLIVER_US = 10_000_000;

/** From `fromUs`, to before `toUs`; µs since the epoch. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

export interface GapPiece extends Span {
  readonly cause: GapCause;
}

/** What of an instrument says when it trades. */
export type Traded = Pick<Instrument, 'exchange'>;

/** `calendar`: by the exchange's days and hours; `always`: around the clock, as the demo market trades. */
export type HoursMode = 'calendar' | 'always';

export class MarketHours {
  readonly calendar: Calendar;
  /** What was last found of a list of instruments, and how long it holds: it is asked every second. */
  private readonly found = new WeakMap<readonly Traded[], Span & { readonly isRecording: boolean }>();

  constructor(
    readonly mode: HoursMode,
    entered: Entered = { days: [] },
  ) {
    this.calendar = new Calendar(entered);
  }

  /** The feeds that are to be connected at an instant, with all their instruments. */
  openPlan(plan: Plan, us: number): Plan {
    return { feeds: plan.feeds.filter(({ instruments }) => this.isRecording(instruments, us)) };
  }

  /** Whether a feed of these instruments is to be connected. */
  isRecording(instruments: readonly Traded[], us: number): boolean {
    if (this.mode === 'always') return true;
    let found = this.found.get(instruments);
    if (!found || us < found.fromUs || us >= found.toUs) {
      const spans = this.recordingSpans(instruments, us, us);
      const dayUs = istMidnightUs(formatIstDate(us));
      // Nothing of another day reaches further into this one than the lead and the grace.
      const edges = [dayUs + GRACE_US, dayUs + DAY_US - LEAD_US, dayUs + DAY_US].concat(
        spans.flatMap(({ fromUs, toUs }) => [fromUs, toUs]),
      );
      const toUs = Math.min(...edges.filter((edge) => edge > us));
      found = { fromUs: us, toUs, isRecording: within(spans, us) };
      this.found.set(instruments, found);
    }
    return found.isRecording;
  }

  /** Whether one of these instruments is in a phase of its session. */
  isInSession(instruments: readonly Traded[], us: number): boolean {
    if (this.mode === 'always') return true;
    return within(this.sessionSpans(instruments, us, us), us);
  }

  /**
   * Whether silence of all these instruments would be a fault: one of them is in continuous trading in every segment that it
   * may belong to. Pre-open has no options, and a closing auction may stand still for minutes.
   */
  isDataExpected(instruments: readonly Traded[], us: number): boolean {
    if (this.mode === 'always') return true;
    const inContinuous = (segment: Segment): boolean => {
      const moment = this.calendar.phaseAt(segment, us);
      if (moment.kind !== 'phase') return false;
      const sure = SURELY_OPEN[segment];
      if (!sure) return moment.phase.continuous;
      const { date } = moment.session;
      if (this.calendar.specialOn(date)) return false;
      return us >= istTimeUs(date, sure.start) && us < istTimeUs(date, sure.end);
    };
    return [...new Set(instruments.map(({ exchange }) => exchange))].some((exchange) =>
      segmentsOf(exchange).every(inContinuous),
    );
  }

  /** When a feed of these instruments is connected, for the days that touch the interval. */
  recordingSpans(instruments: readonly Traded[], fromUs: number, toUs: number): Span[] {
    return merged(
      this.sessionsBetween(instruments, fromUs, toUs).map((session) =>
        session.certainty === 'unknown' ? session : { fromUs: session.fromUs - LEAD_US, toUs: session.toUs + GRACE_US },
      ),
      0,
    );
  }

  /** When these instruments are in a phase; short buffers between phases are counted in. */
  sessionSpans(instruments: readonly Traded[], fromUs: number, toUs: number): Span[] {
    return merged(
      this.sessionsBetween(instruments, fromUs, toUs).flatMap(({ phases }) => phases),
      BUFFER_US,
    );
  }

  /** The sessions of the days that touch the interval, of all segments of these instruments. */
  private sessionsBetween(instruments: readonly Traded[], fromUs: number, toUs: number): Session[] {
    const segments = new Set(instruments.flatMap(({ exchange }) => segmentsOf(exchange)));
    const sessions: Session[] = [];
    // No span reaches into another day by more than the lead.
    const last = formatIstDate(toUs + LEAD_US);
    for (let date = formatIstDate(fromUs - GRACE_US); date <= last; date = addDays(date, 1)) {
      for (const segment of segments) sessions.push(...this.calendar.sessionsOn(date, segment));
    }
    return sessions;
  }

  /**
   * Divides an interval of which nothing is known into what was missed and what there was not to miss.
   *
   * @param cause of what lies in sessions
   * @param openCause the cause under which the interval stands already; its first piece keeps it
   */
  divideGap(
    instruments: readonly Traded[],
    { fromUs, toUs }: Span,
    cause: GapCause,
    openCause: GapCause | null,
  ): GapPiece[] {
    const pieces: GapPiece[] = [];
    const add = (piece: GapPiece): void => {
      const last = pieces.at(-1);
      if (piece.toUs <= piece.fromUs) return;
      if (last?.cause === piece.cause) pieces[pieces.length - 1] = { ...last, toUs: piece.toUs };
      else pieces.push(piece);
    };
    const spans = this.mode === 'always' ? [{ fromUs, toUs }] : this.sessionSpans(instruments, fromUs, toUs);
    let atUs = fromUs;
    for (const span of spans) {
      if (span.toUs <= atUs || span.fromUs >= toUs) continue;
      add({ fromUs: atUs, toUs: Math.max(atUs, span.fromUs), cause: 'market_closed' });
      add({ fromUs: Math.max(atUs, span.fromUs), toUs: Math.min(span.toUs, toUs), cause });
      atUs = Math.min(span.toUs, toUs);
    }
    add({ fromUs: atUs, toUs, cause: 'market_closed' });
    const [first, second] = pieces;
    if (!first || !second) return pieces;
    const isClosed = first.cause === 'market_closed';
    const isSliver = !isClosed && openCause === null && first.toUs - first.fromUs < SLIVER_US;
    const differs = openCause !== null && (openCause === 'market_closed') !== isClosed;
    if (!isSliver && !differs)
      return openCause === null ? pieces : [{ ...first, cause: openCause }, ...pieces.slice(1)];
    return [{ ...second, fromUs: first.fromUs, cause: openCause ?? second.cause }, ...pieces.slice(2)];
  }
}

const within = (spans: readonly Span[], us: number): boolean =>
  spans.some(({ fromUs, toUs }) => us >= fromUs && us < toUs);

/** Spans in order, those with less than `bufferUs` between them as one. */
function merged(spans: readonly Span[], bufferUs: number): Span[] {
  const result: Span[] = [];
  for (const { fromUs, toUs } of spans.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const last = result.at(-1);
    if (last && fromUs <= last.toUs + bufferUs) {
      result[result.length - 1] = { fromUs: last.fromUs, toUs: Math.max(last.toUs, toUs) };
    } else {
      result.push({ fromUs, toUs });
    }
  }
  return result;
}
