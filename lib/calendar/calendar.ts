/** The exchange's calendar: which sessions a day has, which phase an instant lies in, when the next session opens. */
import type { Exchange } from '../core/exchange.ts';
import { addDays, formatIstDate, istMidnightUs, istTimeUs } from '../core/ist.ts';
import { ASSUMED, KNOWN_UNTIL, PHASES, type Segment, SPECIAL_DAYS, type SpecialDay, type SpecialKind } from './nse.ts';

export type { Segment, SpecialKind };

/** What somebody has entered for a day: it wins over what this version knows. */
export interface EnteredDay {
  readonly date: string;
  readonly kind: SpecialKind;
  readonly name: string;
  /** Of a Muhurat session, once announced: IST, `HH:MM`. */
  readonly hours?: { readonly start: string; readonly end: string };
}

export interface Entered {
  /** Up to which day the entered days are complete, where that is later than this version's own table. */
  readonly knownUntil?: string;
  readonly days: readonly EnteredDay[];
}

/** How sure a session is: announced; assumed for want of a source; or known to come, with hours not announced yet. */
export type Certainty = 'known' | 'assumed' | 'unknown';

export interface Phase {
  readonly name: string;
  /** µs since the epoch; the end does not belong to it. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly continuous: boolean;
}

export interface Session {
  readonly date: string;
  readonly segment: Segment;
  readonly certainty: Certainty;
  /** Name of a special session; empty for an ordinary one. */
  readonly name: string;
  /** In the order of time, at least one. Of an unknown session one that lasts all day. */
  readonly phases: readonly Phase[];
  readonly fromUs: number;
  readonly toUs: number;
  /** Start of continuous trading: the day's counters and sums begin anew here. */
  readonly normalOpenUs: number;
}

export type Moment =
  | { readonly kind: 'phase'; readonly session: Session; readonly phase: Phase }
  /** Between two phases of a session. */
  | { readonly kind: 'pause'; readonly session: Session; readonly next: Phase }
  /** Outside of all sessions; `next` is null where none is found within a month. */
  | { readonly kind: 'closed'; readonly next: Session | null };

/** Longest run of days without a session that is looked through. */
const CLOSED_DAYS_MAX = 31;
/** Days kept worked out. */
const KEPT_DAYS_MAX = 1000;

/** What an exchange's instruments trade in. A stock may have derivatives or not: whoever asks gets both. */
const SEGMENTS: Readonly<Record<Exchange, readonly Segment[]>> = {
  NSE: ['CM', 'CM_FO_STOCKS'],
  INDICES: ['CM'],
  NFO: ['FO'],
  BSE: ['BSE_CM'],
  BFO: ['BSE_FO'],
  CDS: ['CURRENCY'],
  BCD: ['CURRENCY'],
  MCX: ['COMMODITY'],
};

export const segmentsOf = (exchange: Exchange): readonly Segment[] => SEGMENTS[exchange];

export class Calendar {
  private readonly special: ReadonlyMap<string, SpecialDay & Partial<EnteredDay>>;
  private readonly sessions = new Map<string, readonly Session[]>();
  /** Last day up to which holidays and special sessions are known. */
  readonly knownUntil: string;

  constructor(readonly entered: Entered = { days: [] }) {
    this.special = new Map(
      [...SPECIAL_DAYS, ...entered.days.map((day) => ({ ...day, source: 'entered here' }))].map((day) => [
        day.date,
        day,
      ]),
    );
    this.knownUntil = (entered.knownUntil ?? '') > KNOWN_UNTIL ? (entered.knownUntil as string) : KNOWN_UNTIL;
  }

  /** The special day of a date, or null. */
  specialOn(date: string): (SpecialDay & Partial<EnteredDay>) | null {
    return this.special.get(date) ?? null;
  }

  /** All special days from a date on, in order. */
  specialFrom(date: string): (SpecialDay & Partial<EnteredDay>)[] {
    return [...this.special.values()].filter((day) => day.date >= date).sort((a, b) => (a.date < b.date ? -1 : 1));
  }

  /** Sessions of an IST date, in order of time; none on a day without. */
  sessionsOn(date: string, segment: Segment): readonly Session[] {
    const key = `${segment} ${date}`;
    let sessions = this.sessions.get(key);
    if (!sessions) {
      if (this.sessions.size >= KEPT_DAYS_MAX) this.sessions.clear();
      sessions = this.workOut(date, segment);
      this.sessions.set(key, sessions);
    }
    return sessions;
  }

  /** Whether NSE's cash market has an ordinary session that day; a Muhurat session alone makes no trading day. */
  isTradingDay(date: string): boolean {
    return this.specialOn(date)?.kind !== 'muhurat' && this.sessionsOn(date, 'CM').length > 0;
  }

  /** What an instant is for a segment. */
  phaseAt(segment: Segment, us: number): Moment {
    for (const session of this.sessionsOn(formatIstDate(us), segment)) {
      if (us < session.fromUs || us >= session.toUs) continue;
      const phase = session.phases.find(({ toUs }) => us < toUs) as Phase;
      return us >= phase.fromUs ? { kind: 'phase', session, phase } : { kind: 'pause', session, next: phase };
    }
    return { kind: 'closed', next: this.nextSession(segment, us) };
  }

  /** The first session that begins after an instant; null where there is none within a month. */
  nextSession(segment: Segment, us: number): Session | null {
    const today = formatIstDate(us);
    for (let day = 0; day <= CLOSED_DAYS_MAX; day += 1) {
      const next = this.sessionsOn(addDays(today, day), segment).find(({ fromUs }) => fromUs > us);
      if (next) return next;
    }
    return null;
  }

  /** When the next session of a segment begins after an instant, µs since the epoch; null where none is found. */
  nextOpen(segment: Segment, us: number): number | null {
    return this.nextSession(segment, us)?.fromUs ?? null;
  }

  private workOut(date: string, segment: Segment): readonly Session[] {
    const special = this.specialOn(date);
    const weekday = new Date(istMidnightUs(date) / 1000 + 86_400_000 / 2).getUTCDay();
    const isWeekend = weekday === 0 || weekday === 6;
    // On NSE's holidays too, and where it has a Muhurat session on a weekday.
    if (segment === 'COMMODITY' && !isWeekend) return this.ordinary(date, segment, '');
    if (special?.kind === 'muhurat') return [muhurat(special, segment)];
    if (special?.kind === 'full_session') return this.ordinary(date, segment, special.name);
    return special || isWeekend ? [] : this.ordinary(date, segment, '');
  }

  private ordinary(date: string, segment: Segment, name: string): readonly Session[] {
    const phases = PHASES.filter(
      ({ segments, from, to }) => segments.includes(segment) && (from ?? '') <= date && date <= (to ?? '9999'),
    )
      .map(({ phase, start, end, continuous }) => ({
        name: phase,
        fromUs: istTimeUs(date, start),
        toUs: istTimeUs(date, end),
        continuous: continuous === true,
      }))
      .sort((a, b) => a.fromUs - b.fromUs);
    const certainty = segment in ASSUMED || date > this.knownUntil ? 'assumed' : 'known';
    return [sessionOf({ date, segment, certainty, name, phases })];
  }
}

function muhurat({ date, name, hours }: SpecialDay & Partial<EnteredDay>, segment: Segment): Session {
  const { start, end } = hours ?? { start: '00:00', end: '24:00' };
  const phase = {
    name: 'muhurat',
    fromUs: istTimeUs(date, start),
    toUs: istTimeUs(date, end),
    // Where the hours are unknown silence says nothing.
    continuous: hours !== undefined,
  };
  return sessionOf({ date, segment, certainty: hours ? 'known' : 'unknown', name, phases: [phase] });
}

function sessionOf(session: Pick<Session, 'date' | 'segment' | 'certainty' | 'name' | 'phases'>): Session {
  const { phases } = session;
  const first = phases[0] as Phase;
  return {
    ...session,
    fromUs: first.fromUs,
    toUs: Math.max(...phases.map(({ toUs }) => toUs)),
    normalOpenUs: (phases.find(({ continuous }) => continuous) ?? first).fromUs,
  };
}
