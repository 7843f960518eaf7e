/** What people are told without asking: tokens that end, feeds that need a login, sessions whose hours nobody knows. */
import type { NewNotice } from '../../../db/notices.ts';
import type { MarketHours } from '../../../lib/calendar/hours.ts';
import { dayWords } from '../../../lib/calendar/words.ts';
import type { Broker } from '../../../lib/core/feeds.ts';
import { addDays, formatIstDate } from '../../../lib/core/ist.ts';
import type { FeedStatus } from '../../../lib/queue/status.ts';
import type { TokenLook } from '../rehearsal/checks.ts';

const NAMES: Readonly<Record<Broker, string>> = { kite: 'Kite', dhan: 'Dhan' };
const GIB = 2 ** 30;
const FREE_BYTES_MIN = 2 * GIB;
const FREE_BYTES_COMFORTABLE = 10 * GIB;
/** An unknown session is asked about so many days before. */
const ASK_DAYS_BEFORE = 3;

export interface Facts {
  readonly nowMs: number;
  readonly hours: MarketHours;
  readonly tokens: readonly { readonly broker: Broker; readonly look: TokenLook }[];
  /** By feed name. */
  readonly feeds: Readonly<Record<string, FeedStatus>>;
  /** Of the disk of the data folder; null where it could not be asked. */
  readonly freeBytes: number | null;
}

/** Events that stand at this moment; one that stood before has the same name. */
export function eventsOf({ nowMs, hours, tokens, feeds, freeBytes }: Facts): NewNotice[] {
  const today = formatIstDate(nowMs * 1000);
  return [
    ...tokens.flatMap(({ broker, look }) => tokenEvents(broker, look, nowMs)),
    ...needsLogin(feeds, today),
    ...diskEvents(freeBytes, today),
    ...(hours.mode === 'calendar' ? unknownSessions(hours, today) : []),
  ];
}

function tokenEvents(broker: Broker, { warning, expiresMs }: TokenLook, nowMs: number): NewNotice[] {
  if (warning === null || expiresMs === null) return [];
  const minutes = Math.ceil((expiresMs - nowMs) / 60_000);
  return [
    {
      event: `token ${broker} ends ${expiresMs} in ${warning}`,
      level: 'warn',
      title: `The ${NAMES[broker]} token ends in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`,
      detail: 'Without a new one recording stops then. Log in again; everything goes on by itself.',
      link: '/connections',
    },
  ];
}

/** Each of the two once a day. */
function diskEvents(freeBytes: number | null, today: string): NewNotice[] {
  if (freeBytes === null || freeBytes >= FREE_BYTES_COMFORTABLE) return [];
  const isFull = freeBytes < FREE_BYTES_MIN;
  return [
    {
      event: `disk ${isFull ? 'full' : 'low'} ${today}`,
      level: isFull ? 'fail' : 'warn',
      title: `${(freeBytes / GIB).toFixed(1)} GiB are left on the disk`,
      detail: isFull
        ? 'Recording stops when it is full. Make room now: docs/RETENTION.md says what can go first.'
        : 'A trading day of five instruments takes about 3. Make room, or keep less: docs/RETENTION.md says what can go first.',
      link: '/settings/data',
    },
  ];
}

/** One of a broker and day, whatever the number of its feeds, and told each time the session is lost. */
function needsLogin(feeds: Facts['feeds'], today: string): NewNotice[] {
  return (['kite', 'dhan'] as const).flatMap((broker) => {
    const status = Object.entries(feeds).find(
      ([name, { state }]) => name.startsWith(`${broker}-`) && state === 'needs_login',
    )?.[1];
    if (!status) return [];
    return [
      {
        event: `login ${broker} ${today}`,
        level: 'fail',
        title: `${NAMES[broker]} needs a login`,
        detail: `Nothing comes from ${NAMES[broker]}: ${status.detail}. Log in; recording goes on within seconds.`,
        link: '/connections',
        again: true,
      },
    ];
  });
}

function unknownSessions({ calendar }: MarketHours, today: string): NewNotice[] {
  const until = addDays(today, ASK_DAYS_BEFORE);
  return calendar
    .specialFrom(today)
    .filter(({ date, kind, hours }) => kind === 'muhurat' && !hours && date <= until)
    .map(({ date, name }) => ({
      event: `unknown session ${date}`,
      level: 'warn',
      title: `When is the session of ${dayWords(date)}?`,
      detail: `${name} has a session whose hours are not known here. Enter them; until then that whole day is recorded.`,
      link: '/settings/hours',
    }));
}
