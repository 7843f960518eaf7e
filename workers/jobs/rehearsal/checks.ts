/** The checks of the morning rehearsal. Each says what was found and, where something is wrong, what to do. */
import { statfs } from 'node:fs/promises';
import type { TokenState } from '../../../lib/auth/token-state.ts';
import { calendarFinding } from '../../../lib/calendar/finding.ts';
import { timeWords } from '../../../lib/calendar/words.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { Broker, FeedKind } from '../../../lib/core/feeds.ts';
import type { Check, Grade } from '../../../lib/core/finding.ts';
import { formatIstDate } from '../../../lib/core/ist.ts';
import { adviceFor } from '../../../lib/heatmap/gap-words.ts';
import type { KnownHours } from '../../../lib/net/calendar-file.ts';
import type { FeedStatus } from '../../../lib/queue/status.ts';
import type { FeedLook } from './feed-look.ts';

/** How a broker's token stands. */
export type TokenLook = Pick<TokenState, 'state' | 'detail' | 'expiresMs' | 'warning'>;

const GIB = 1024 ** 3;
const FREE_GIB_MIN = 1;
/** A trading day of five instruments takes about 3 GB. */
const FREE_GIB_COMFORTABLE = 10;
/** An HTTP date is cut to whole seconds, and travels: less than this cannot be told from none. */
const SKEW_WARN_MS = 2000;
const SKEW_FAIL_MS = 30_000;
const NAMES: Readonly<Record<Broker, string>> = { kite: 'Kite', dhan: 'Dhan' };
/** Where a broker is connected, and where hours are entered. */
const CONNECT_PAGE = '/connections';
const HOURS_PAGE = '/settings/hours';

const check = (name: string, title: string, result: Grade, words: string, link: string | null = null): Check => ({
  name,
  title,
  result,
  words: words.charAt(0).toUpperCase() + words.slice(1),
  link,
});

/** What stands in the place of all checks where they broke off. */
export const brokenCheck = (reason: string): Check =>
  check(
    'rehearsal',
    'Rehearsal',
    'fail',
    `It broke off, so nothing is known of the morning: ${reason}. See ./gehra logs jobs and ./gehra doctor.`,
  );

/** Whether a token lasts for today's session. */
export function tokenCheck(
  broker: Broker,
  { state, detail, expiresMs }: TokenLook,
  session: { readonly fromUs: number; readonly toUs: number } | null,
): Check {
  const name = `token_${broker}`;
  const title = `${NAMES[broker]} token`;
  if (state !== 'valid' && state !== 'expiring') return check(name, title, 'fail', `${detail}.`, CONNECT_PAGE);
  if (expiresMs === null || !session || expiresMs * 1000 >= session.toUs) return check(name, title, 'ok', `${detail}.`);
  const at = timeWords(expiresMs * 1000, formatIstDate(expiresMs * 1000));
  if (expiresMs * 1000 <= session.fromUs) {
    return check(name, title, 'fail', `It ends at ${at} IST, before the market opens: log in again.`, CONNECT_PAGE);
  }
  const words = `It ends at ${at} IST, in the middle of the session: log in again, unless it is renewed by itself.`;
  return check(name, title, 'warn', words, CONNECT_PAGE);
}

/** What a test connection came to; or what the collector says, where its own connection stands. */
export function feedCheck(broker: Broker, kind: FeedKind, own: FeedStatus | undefined, look: FeedLook | null): Check {
  const name = `feed_${broker}_${kind}`;
  const title = `${NAMES[broker]} ${kind === 'ticks' ? 'ticker' : kind === 'live' ? 'live feed' : `${kind.slice(5)}-level depth`}`;
  if (look === null) return check(name, title, 'ok', `The collector's own connection is ${own?.state}.`);
  if (look.cause === null) return check(name, title, 'ok', 'A test connection was made and closed.');
  const words = `The test connection failed: ${look.detail}. ${adviceFor(look.cause)}`;
  return check(name, title, 'fail', words, look.cause === 'auth' ? CONNECT_PAGE : null);
}

export async function diskCheck({ dataDir }: Pick<Config, 'dataDir'>): Promise<Check> {
  const { bavail, bsize } = await statfs(dataDir);
  return freeCheck((bavail * bsize) / GIB);
}

export function freeCheck(gib: number): Check {
  const result = gib < FREE_GIB_MIN ? 'fail' : gib < FREE_GIB_COMFORTABLE ? 'warn' : 'ok';
  const advice = result === 'ok' ? '' : ' A trading day takes about 3: free some, or keep fewer days.';
  const free = `${gib.toFixed(gib < 10 ? 1 : 0)} GiB are free in the data folder.`;
  return check('disk', 'Disk space', result, `${free}${advice}`, result === 'ok' ? null : '/settings/data');
}

/** @param answered what the server says of itself when it is asked; throws where it does not answer */
export async function serverCheck(name: 'database' | 'redis', answered: () => Promise<string>): Promise<Check> {
  const title = name === 'database' ? 'Database' : 'Redis';
  try {
    return check(name, title, 'ok', await answered());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const words = `It does not answer as it should: ${reason}. Nothing is lost meanwhile: the journal keeps every frame. See ./gehra status and ./gehra doctor.`;
    return check(name, title, 'fail', words);
  }
}

/** @param writers why each writer commits nothing, null where it does */
export function writerCheck(writers: readonly (string | null)[]): Check {
  const failures = writers.filter((failure): failure is string => failure !== null);
  if (writers.length > failures.length) return check('writer', 'Writer', 'ok', `${writers.length} at work.`);
  const why = failures[0] ?? 'no writer runs';
  return check('writer', 'Writer', 'fail', `Nothing is stored: ${why}. See ./gehra status and ./gehra logs writer.`);
}

export function calendarCheck({ now, fault }: KnownHours, today: string): Check {
  const { result, words } =
    fault === null
      ? calendarFinding(now, today)
      : { result: 'fail' as const, words: `${fault}. Until it is mended the entries from before are used.` };
  return check('calendar', 'Exchange calendar', result, words, result === 'ok' ? null : HOURS_PAGE);
}

/** @param skewMs how far our clock is ahead of the broker's; null where it could not be asked */
export function clockCheck(skewMs: number | null): Check {
  const title = 'Clock';
  if (skewMs === null)
    return check('clock', title, 'warn', 'The time could not be compared with the broker’s: no answer.');
  const off = Math.abs(skewMs);
  if (off < SKEW_WARN_MS) return check('clock', title, 'ok', 'It agrees with the broker’s to within two seconds.');
  const words = `It is ${Math.round(off / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the broker’s. Every record is stamped with it: switch on NTP (timedatectl set-ntp true).`;
  return check('clock', title, off < SKEW_FAIL_MS ? 'warn' : 'fail', words);
}
