/** What the market does from now on, step by step, as a header tells it. */
import type { Exchange } from '../core/exchange.ts';
import { type Calendar, type Session, segmentsOf } from './calendar.ts';
import { opensWords, timeWords } from './words.ts';

export type StepKind = 'pre-open' | 'open' | 'closed';

export interface Step {
  /** µs since the epoch; it lasts until the next step. */
  readonly fromUs: number;
  readonly kind: StepKind;
  /** What comes after it and when, for a person: `closes at 15:30 IST`. Empty where that is not known. */
  readonly next: string;
}

/** A page that stays open over a night asks again meanwhile. */
const SESSIONS_AHEAD = 2;

/**
 * The steps of an exchange's market from an instant on; the first one holds then. Of an exchange's segments the first is taken, since
 * a stock may have derivatives or not; auctions and trading after the close count as closed.
 */
export function marketSteps(calendar: Calendar, exchange: Exchange, nowUs: number): Step[] {
  const segment = segmentsOf(exchange)[0] ?? 'CM';
  const moment = calendar.phaseAt(segment, nowUs);
  const sessions: Session[] = moment.kind === 'closed' ? [] : [moment.session];
  for (let i = 0; i < SESSIONS_AHEAD; i += 1) {
    const next = calendar.nextSession(segment, sessions.at(-1)?.fromUs ?? nowUs);
    if (next) sessions.push(next);
  }
  const steps = sessions.flatMap((session): Step[] => {
    const { date, fromUs, normalOpenUs, certainty } = session;
    const ends = session.phases.filter(({ continuous }) => continuous).map(({ toUs }) => toUs);
    const endUs = ends.length > 0 ? Math.max(...ends) : session.toUs;
    const at = (us: number): string => `at ${timeWords(us, date)} IST`;
    const preOpen: Step = { fromUs, kind: 'pre-open', next: `opens ${at(normalOpenUs)}` };
    const closing = certainty === 'unknown' ? '' : `closes ${at(endUs)}`;
    return [
      ...(fromUs < normalOpenUs ? [preOpen] : []),
      { fromUs: normalOpenUs, kind: 'open', next: closing },
      { fromUs: endUs, kind: 'closed', next: '' },
    ];
  });
  const told = steps.map((step) => {
    if (step.kind !== 'closed') return step;
    const next = sessions.find(({ fromUs }) => fromUs >= step.fromUs);
    // Told from the moment on at which it closes: `today` is then that day.
    return next ? { ...step, next: opensWords(next, step.fromUs) } : step;
  });
  const current = told.findLast(({ fromUs }) => fromUs <= nowUs);
  const before: Step = { fromUs: nowUs, kind: 'closed', next: opensWords(sessions[0] ?? null, nowUs) };
  return [current ?? before, ...told.filter(({ fromUs }) => fromUs > nowUs)];
}
