/** The exchange's days and hours as pages see them, and entering what was announced late. */
import { z } from 'zod';
import type { EnteredDay, SpecialKind } from '../calendar/calendar.ts';
import { MarketHours } from '../calendar/hours.ts';
import { ASSUMED, type Segment } from '../calendar/nse.ts';
import { marketSteps, type Step } from '../calendar/timeline.ts';
import { dayWords, momentWords, timeWords } from '../calendar/words.ts';
import type { Exchange } from '../core/exchange.ts';
import { addDays, formatIstDate } from '../core/ist.ts';
import { CalendarFileError, DAYS_MAX, enteredDaySchema, readEntered, writeEntered } from '../net/calendar-file.ts';
import { wallClockUs } from '../obs/clock.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';

export const DayBody = z.strictObject({ day: enteredDaySchema });
export const DayChoice = z.strictObject({ date: z.iso.date() });

/** Days shown from today on. */
const DAYS_SHOWN = 14;
/** After so many days an entered day may be forgotten. */
const LONG_OVER_DAYS = 366;

const SEGMENT_TITLES: Readonly<Record<Segment, string>> = {
  CM: 'NSE cash',
  CM_FO_STOCKS: 'NSE cash, stocks with derivatives',
  FO: 'NSE derivatives',
  BSE_CM: 'BSE cash',
  BSE_FO: 'BSE derivatives',
  CURRENCY: 'Currency',
  COMMODITY: 'MCX',
};

export interface HoursView {
  /** `always`: the simulated market trades around the clock, and recording does not go by the calendar. */
  readonly mode: 'calendar' | 'always';
  readonly knownUntil: string;
  /** Why what was entered cannot be used; null where it can. */
  readonly fault: string | null;
  readonly segments: readonly { readonly title: string; readonly now: string; readonly assumed: string | null }[];
  readonly days: readonly { readonly date: string; readonly words: string; readonly hours: string }[];
  /** Special days from today on. */
  readonly special: readonly {
    readonly date: string;
    readonly words: string;
    readonly kind: SpecialKind;
    readonly name: string;
    readonly hours: { readonly start: string; readonly end: string } | null;
    readonly entered: boolean;
    /** A session whose hours have to be entered. */
    readonly asks: boolean;
  }[];
}

export async function hoursView(_caller: Caller): Promise<HoursView> {
  const { config } = services();
  const nowUs = wallClockUs();
  const today = formatIstDate(nowUs);
  const { hours, fault } = knownHours();
  const { calendar } = hours;
  const entered = new Set(calendar.entered.days.map(({ date }) => date));
  return {
    mode: config.marketHours,
    knownUntil: calendar.knownUntil,
    fault,
    segments: (Object.keys(SEGMENT_TITLES) as Segment[]).map((segment) => ({
      title: SEGMENT_TITLES[segment],
      now: momentWords(calendar.phaseAt(segment, nowUs), nowUs),
      assumed: ASSUMED[segment] ?? null,
    })),
    days: Array.from({ length: DAYS_SHOWN }, (_, i) => addDays(today, i)).map((date) => ({
      date,
      words: dayWords(date),
      hours: daysHours(hours, date),
    })),
    special: calendar.specialFrom(today).map(({ date, kind, name, hours: own }) => ({
      date,
      words: dayWords(date),
      kind,
      name,
      hours: own ?? null,
      entered: entered.has(date),
      asks: kind === 'muhurat' && !own,
    })),
  };
}

export interface MarketPhase {
  readonly exchange: Exchange;
  /** `always`: the simulated market trades around the clock, whatever the exchange does. */
  readonly mode: 'calendar' | 'always';
  /** The server's clock, µs since the epoch: the browser's may be wrong. */
  readonly nowUs: number;
  /** The first one holds now. */
  readonly steps: readonly Step[];
}

/** What an exchange's market does now and next. */
export function marketPhase(caller: Caller, exchange: Exchange): MarketPhase {
  caller.mustBe('viewer');
  const nowUs = wallClockUs();
  const { hours } = knownHours();
  return { exchange, mode: hours.mode, nowUs, steps: marketSteps(hours.calendar, exchange, nowUs) };
}

/**
 * Enters a day, in the place of whatever was known of it. Where there is no more room, days that are long over make some.
 *
 * @throws RequestError 409 where the file has to be mended first, or is full
 */
export async function enterDay(caller: Caller, day: z.output<typeof enteredDaySchema>): Promise<void> {
  caller.mustBe('owner');
  const entered = readForChange();
  let others = entered.days.filter(({ date }) => date !== day.date);
  if (others.length >= DAYS_MAX) {
    const longOver = addDays(formatIstDate(wallClockUs()), -LONG_OVER_DAYS);
    others = others.filter(({ date }) => date >= longOver);
  }
  if (others.length >= DAYS_MAX) {
    const detail = `${DAYS_MAX} days are entered, and there can be no more: take some back first.`;
    throw new RequestError(409, 'Calendar full', detail);
  }
  const days = [...others, day as EnteredDay].sort((a, b) => (a.date < b.date ? -1 : 1));
  writeEntered(services().config.dataDir, { ...entered, days });
  const hours = day.hours ? `, ${day.hours.start} to ${day.hours.end}` : '';
  await audit(caller, 'market_day_entered', `${day.date}: ${day.kind}${hours} (${day.name})`);
}

/** Takes an entered day back. @throws RequestError 404 where it was not entered */
export async function takeBackDay(caller: Caller, date: string): Promise<void> {
  caller.mustBe('owner');
  const entered = readForChange();
  const days = entered.days.filter((day) => day.date !== date);
  if (days.length === entered.days.length) throw new RequestError(404, 'Not entered', `${date} was not entered here.`);
  writeEntered(services().config.dataDir, { ...entered, days });
  await audit(caller, 'market_day_taken_back', date);
}

function readForChange(): ReturnType<typeof readEntered> {
  try {
    return readEntered(services().config.dataDir);
  } catch (error) {
    if (error instanceof CalendarFileError) throw new RequestError(409, 'Cannot be changed', `${error.message}.`);
    throw error;
  }
}

/** The hours as they are known now; where the file of the data folder cannot be used, those without it, and why. */
export function knownHours(): { hours: MarketHours; fault: string | null } {
  const { dataDir, marketHours } = services().config;
  try {
    return { hours: new MarketHours(marketHours, readEntered(dataDir)), fault: null };
  } catch (error) {
    if (!(error instanceof CalendarFileError)) throw error;
    return { hours: new MarketHours(marketHours), fault: error.message };
  }
}

function daysHours({ calendar }: MarketHours, date: string): string {
  const special = calendar.specialOn(date);
  const [cash] = calendar.sessionsOn(date, 'CM');
  const [derivatives] = calendar.sessionsOn(date, 'FO');
  if (!cash || !derivatives) return special ? `closed: ${special.name}` : 'closed';
  const name = cash.name ? `${cash.name}: ` : '';
  if (cash.certainty === 'unknown') return `${name}hours not announced, recorded all day`;
  const normal = (session: typeof cash): string => {
    const phase = session.phases.find(({ fromUs }) => fromUs === session.normalOpenUs) ?? session;
    return `${timeWords(phase.fromUs, date)} to ${timeWords(phase.toUs, date)}`;
  };
  const assumed = cash.certainty === 'assumed' ? ', assumed: the holidays of this year are not known' : '';
  return normal(cash) === normal(derivatives)
    ? `${name}${normal(cash)}${assumed}`
    : `${name}cash ${normal(cash)}, derivatives ${normal(derivatives)}${assumed}`;
}
