/**
 * The jobs worker: instrument dumps and the plan, the morning rehearsal, what people are told, partitions, retention, the
 * journal's closed segments.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../db/connect.ts';
import { forgetNotices } from '../../db/notices.ts';
import { lastRehearsals } from '../../db/rehearsals.ts';
import { dropOld, ensurePartitions } from '../../db/upkeep.ts';
import { formatIstDate, istTimeUs } from '../../lib/core/ist.ts';
import { compressClosedSegments, deleteDaysBefore } from '../../lib/journal/archive.ts';
import { type KnownHours, watchHours } from '../../lib/net/calendar-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { type ProcessContext, run } from '../../lib/obs/run.ts';
import { REHEARSAL_JOB, startJobs } from '../../lib/queue/jobs.ts';
import { connectRedis, type Redis } from '../../lib/queue/redis.ts';
import { type FeedStatus, readAllStatuses } from '../../lib/queue/status.ts';
import { eventsOf } from './notices/events.ts';
import { Notifier } from './notices/notifier.ts';
import { refreshPlan } from './planning.ts';
import { feedLook } from './rehearsal/feed-look.ts';
import { keepRehearsal, noticeOf, type RehearsalParts, rehearse } from './rehearsal/rehearsal.ts';
import { tokenLook } from './rehearsal/token-look.ts';

const PARTITIONS_AHEAD_DAYS = 7;
const FIRST_PLAN_RETRY_MS = 2000;
const US_PER_DAY = 86_400_000_000;
/** IST; after it there is time for a login before the open. */
const REHEARSAL_TIME = '08:45';
const NOTICES_KEEP_DAYS = 90;
/** How often there is a look at what people have to be told. */
const NOTICES_MS = 5000;

await run('jobs', async (context) => {
  const { config, log, onStop } = context;
  const aborter = new AbortController();
  const hours = watchHours(config, (error) => log.error({ event: 'calendar_unusable', reason: error.message }));
  onStop(() => hours.stop());
  const redis = connectRedis(config.redisUrl, log);
  onStop(() => redis.disconnect());
  const notifier = new Notifier(config, log, Date.now);
  const telling = tellPeople(context, notifier, hours, redis, aborter.signal);
  onStop(() => telling);
  onStop(() => aborter.abort());
  const parts: RehearsalParts = { config, hours, redis, nowMs: Date.now, tokenLook, feedLook, log };
  await firstPlan(context, aborter.signal);
  onStop(
    await startJobs(
      config.redisUrl,
      [
        // Kite's dump is made each morning until about 08:30.
        { name: 'instruments', pattern: '35 8 * * *', run: () => refreshPlan(config, log) },
        {
          name: REHEARSAL_JOB,
          pattern: cronOf(REHEARSAL_TIME),
          run: (askedBy) => rehearsal(parts, notifier, askedBy),
        },
        { name: 'upkeep', pattern: '10 * * * *', run: () => upkeep(context) },
      ],
      log,
    ),
  );
  // Not waited for: its test connections take seconds.
  void makeUpForMissed(parts, notifier).catch((error: unknown) =>
    log.error({ event: 'rehearsal_not_made_up_for', reason: error instanceof Error ? error.message : String(error) }),
  );
  return undefined;
});

/** Collectors wait for a plan: it is tried until it is there. */
async function firstPlan({ config, log }: ProcessContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await refreshPlan(config, log);
      return;
    } catch (error) {
      log.warn({ event: 'planning_failed', reason: error instanceof Error ? error.message : String(error) });
      await delay(FIRST_PLAN_RETRY_MS, undefined, { signal });
    }
  }
}

/** A start after 08:45 has missed the morning's rehearsal: it is made up for while the market is still to be recorded. */
async function makeUpForMissed(parts: RehearsalParts, notifier: Notifier): Promise<void> {
  const { config, hours, nowMs, log } = parts;
  const nowUs = nowMs() * 1000;
  const today = formatIstDate(nowUs);
  const dueUs = istTimeUs(today, REHEARSAL_TIME);
  const [session] = hours.now.calendar.sessionsOn(today, 'FO');
  if (hours.now.mode === 'always' || !session || nowUs < dueUs || nowUs > session.toUs) return;
  const client = await connect(config.databaseUrl, 'rehearsal');
  try {
    const [last] = await lastRehearsals(client, 1);
    if (last && last.startedMs * 1000 >= dueUs) return;
  } finally {
    await client.end();
  }
  log.info({ event: 'rehearsal_made_up_for' });
  await rehearsal(parts, notifier, null);
}

/** On schedule only where the market opens today, and then people are told; out of turn whenever somebody asks. */
async function rehearsal(parts: RehearsalParts, notifier: Notifier, askedBy: string | null): Promise<void> {
  const { config, hours, nowMs } = parts;
  const today = formatIstDate(nowMs() * 1000);
  const trades = hours.now.mode === 'always' || hours.now.calendar.sessionsOn(today, 'FO').length > 0;
  if (askedBy === null && !trades) return;
  const result = await rehearse(parts, askedBy ?? 'schedule');
  if (askedBy === null) await notifier.tell(noticeOf(result));
  await keepRehearsal(config, result);
}

/** Looks what has to be told and sends what is due, until the signal comes. */
async function tellPeople(
  { config, log }: ProcessContext,
  notifier: Notifier,
  hours: KnownHours,
  redis: Redis,
  signal: AbortSignal,
): Promise<void> {
  const brokers = [
    ...(config.kite.apiKey ? (['kite'] as const) : []),
    ...(config.dhan.clientId ? (['dhan'] as const) : []),
  ];
  let seeded = false;
  let failing = false;
  for (;;) {
    await delay(NOTICES_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      if (!seeded) await notifier.seed();
      seeded = true;
      const statuses = await readAllStatuses(redis);
      const feeds: Record<string, FeedStatus> = {};
      for (const status of statuses.values()) if (status.kind === 'collector') Object.assign(feeds, status.feeds);
      const nowMs = Date.now();
      const tokens = brokers.map((broker) => ({ broker, look: tokenLook(broker, config, nowMs) }));
      for (const event of eventsOf({ nowMs, hours: hours.now, tokens, feeds })) await notifier.tell(event);
      await notifier.deliver();
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ event: 'notices_interrupted', reason: error instanceof Error ? error.message : String(error) });
      }
      failing = true;
    }
  }
}

/** Every day at a time of the form `08:45`. */
function cronOf(time: string): string {
  const [hour, minute] = time.split(':').map(Number);
  return `${minute} ${hour} * * *`;
}

async function upkeep({ config, log }: ProcessContext): Promise<void> {
  const client = await connect(config.databaseUrl, 'upkeep');
  try {
    await ensurePartitions(client, PARTITIONS_AHEAD_DAYS);
    await forgetNotices(client, NOTICES_KEEP_DAYS);
    const { depth, ticks, journal } = config.keepDays;
    const dropped = {
      depth: depth > 0 ? await dropOld(client, 'depth_snapshots', depth) : 0,
      ticks: ticks > 0 ? await dropOld(client, 'ticks', ticks) : 0,
    };
    const dir = path.join(config.dataDir, 'journal');
    const compressed = await compressClosedSegments(dir);
    const deleted = journal > 0 ? await deleteDaysBefore(dir, formatIstDate(wallClockUs() - journal * US_PER_DAY)) : 0;
    log.info({ event: 'upkeep_done', dropped, compressed, deleted });
  } finally {
    await client.end();
  }
}
