/** When the rehearsal is run: at 08:45 IST on days with a session, out of turn when asked, and late rather than not at all. */
import { connect } from '../../../db/connect.ts';
import { lastRehearsals } from '../../../db/rehearsals.ts';
import type { MarketHours } from '../../../lib/calendar/hours.ts';
import { formatIstDate, istTimeUs } from '../../../lib/core/ist.ts';
import type { Notifier } from '../notices/notifier.ts';
import { keepRehearsal, noticeOf, type RehearsalParts, rehearse } from './rehearsal.ts';

/** IST; after it there is time for a login before the open. */
const TIME = '08:45';

/** Every day; whether the day has a session is looked at then. */
export const REHEARSAL_PATTERN = '45 8 * * *';

/** Whether the exchange has a session on the IST day of an instant; the market that never closes has one every day. */
export const hasSession = ({ mode, calendar }: MarketHours, us: number): boolean =>
  mode === 'always' || calendar.sessionsOn(formatIstDate(us), 'FO').length > 0;

/** @param lastMs when the last one was, ms since the epoch; null where there was none */
export function isMissed({ mode, calendar }: MarketHours, nowUs: number, lastMs: number | null): boolean {
  const today = formatIstDate(nowUs);
  const dueUs = istTimeUs(today, TIME);
  const [session] = calendar.sessionsOn(today, 'FO');
  if (mode === 'always' || !session || nowUs < dueUs || nowUs >= session.toUs) return false;
  return lastMs === null || lastMs * 1000 < dueUs;
}

/** Runs one. People are told of those on schedule; who asked for one is looking. @param askedBy null on schedule */
export async function runRehearsal(parts: RehearsalParts, notifier: Notifier, askedBy: string | null): Promise<void> {
  const { config, hours, nowMs } = parts;
  if (askedBy === null && !hasSession(hours.now, nowMs() * 1000)) return;
  const result = await rehearse(parts, askedBy ?? 'schedule');
  // First told, then kept: the database may be what has failed.
  if (askedBy === null) await notifier.tell(noticeOf(result));
  await keepRehearsal(config, result);
}

/** After a start later than 08:45: makes up for the rehearsal that was missed. */
export async function makeUpForMissed(parts: RehearsalParts, notifier: Notifier): Promise<void> {
  const { config, hours, nowMs, log } = parts;
  const client = await connect(config.databaseUrl, 'rehearsal');
  let last: number | null;
  try {
    last = (await lastRehearsals(client, 1))[0]?.startedMs ?? null;
  } finally {
    await client.end();
  }
  if (!isMissed(hours.now, nowMs() * 1000, last)) return;
  log.info({ event: 'rehearsal_made_up_for' });
  await runRehearsal(parts, notifier, null);
}
