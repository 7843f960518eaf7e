/**
 * What has been entered about days and hours since this version was made, as a file in the data folder: Muhurat hours, late
 * holidays, another year. Every process sees a new one within a second. A page writes it (lib/services/hours.ts), and so
 * may a person; docs/CALENDAR.md shows its form.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Entered } from '../calendar/calendar.ts';
import { MarketHours } from '../calendar/hours.ts';
import type { Config } from '../config/config.ts';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const time = z.string().regex(TIME, 'is no time of the form 18:00');
export const DAYS_MAX = 400;
/** Controls, other line ends, and marks that turn the text around them: in a log or a table they are somebody else's lines. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

export const enteredDaySchema = z
  .strictObject({
    date: z.iso.date('is no date of the form 2026-11-08'),
    kind: z.enum(['holiday', 'full_session', 'muhurat']),
    name: z
      .string()
      .trim()
      .min(1, 'is empty')
      .max(100)
      .refine((name) => !UNSEEN.test(name), 'has characters that nobody sees'),
    hours: z.strictObject({ start: time, end: time }).optional(),
  })
  .refine(
    ({ kind, hours }) => !hours || kind === 'muhurat',
    'hours are for a Muhurat session; the others have the usual ones',
  )
  .refine(({ hours }) => !hours || hours.start < hours.end, 'the session ends before it starts');

const enteredSchema = z
  .strictObject({
    knownUntil: z.iso.date('is no date of the form 2027-12-31').optional(),
    days: z.array(enteredDaySchema).max(DAYS_MAX, `has more than ${DAYS_MAX} days`),
  })
  .refine(({ days }) => new Set(days.map(({ date }) => date)).size === days.length, 'a date stands there twice');

/**
 * A calendar file that cannot be used; the message says why. It goes to everybody who may look, so there is nothing in it of what
 * stands in the file, which may be another than it seems (a link), nor where the file is.
 */
export class CalendarFileError extends Error {
  override readonly name = 'CalendarFileError';
}

export const calendarFile = (dataDir: string): string => path.join(dataDir, 'calendar.json');

/** What has been entered; nothing where there is no file. @throws CalendarFileError */
export function readEntered(dataDir: string): Entered {
  const file = calendarFile(dataDir);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { days: [] };
    throw new CalendarFileError(`calendar.json cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CalendarFileError('calendar.json is no JSON');
  }
  return checked(value);
}

/** Faults that are named; a file of another kind has thousands. */
const FAULTS_NAMED = 5;

function checked(value: unknown): Entered {
  const parsed = enteredSchema.safeParse(value);
  if (parsed.success) return parsed.data as Entered;
  const { issues } = parsed.error;
  const faults = issues.slice(0, FAULTS_NAMED).map((issue) => {
    // The library's own words name what is not known.
    const words = issue.code === 'unrecognized_keys' ? 'has an entry that is not known here' : issue.message;
    return `${issue.path.join('.') || 'file'}: ${words}`;
  });
  const more = issues.length > FAULTS_NAMED ? [`and ${issues.length - FAULTS_NAMED} more`] : [];
  throw new CalendarFileError(`calendar.json cannot be used: ${[...faults, ...more].join('; ')}`);
}

/** Puts new entries in the place of the old ones; readers see either, never half. @throws CalendarFileError for what is none */
export function writeEntered(dataDir: string, entered: Entered): void {
  checked(entered);
  const file = calendarFile(dataDir);
  const next = `${file}.${process.pid}.tmp`;
  writeFileSync(next, `${JSON.stringify(entered, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

/** How often the file is looked at. */
const LOOK_MS = 1000;

/** The market's hours as they are known now. */
export interface KnownHours {
  readonly now: MarketHours;
  /** Why the file cannot be used; the hours are then those from before. Null where it can. */
  readonly fault: string | null;
  stop(): void;
}

/** Follows the file. @param onFault called once for each version of the file that cannot be used */
export function watchHours(
  { dataDir, marketHours }: Pick<Config, 'dataDir' | 'marketHours'>,
  onFault: (error: CalendarFileError) => void,
): KnownHours {
  let seen = '';
  let now = new MarketHours(marketHours);
  let fault: string | null = null;
  const look = (): void => {
    const version = versionOf(calendarFile(dataDir));
    if (version === seen) return;
    seen = version;
    try {
      now = new MarketHours(marketHours, readEntered(dataDir));
      fault = null;
    } catch (error) {
      if (!(error instanceof CalendarFileError)) throw error;
      fault = error.message;
      onFault(error);
    }
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return {
    get now() {
      return now;
    },
    get fault() {
      return fault;
    },
    stop: () => clearInterval(timer),
  };
}

function versionOf(file: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, ino: 0, size: 0 };
    return `${ino}:${mtimeMs}:${size}`;
  } catch (error) {
    // Reading it says the same, in words.
    return `${(error as NodeJS.ErrnoException).code}`;
  }
}
