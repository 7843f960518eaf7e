/**
 * The jobs worker: instrument dumps and the plan, the morning rehearsal, what people are told, alerts, partitions, retention, the
 * heatmap's tiles, exports, the journal's closed segments.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { forgetAlerts } from '../../db/alerts.ts';
import { addAudit } from '../../db/audit.ts';
import { forgetDownloads } from '../../db/candles.ts';
import { connect } from '../../db/connect.ts';
import { forgetNotices } from '../../db/notices.ts';
import { oldestReadUs } from '../../db/readers.ts';
import { cutUs, dropOld, ensurePartitions, reorderClosedDays } from '../../db/upkeep.ts';
import { tokenStateOf } from '../../lib/auth/token-state.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { compressClosedSegments, deleteDaysBefore } from '../../lib/journal/archive.ts';
import { watchHours } from '../../lib/net/calendar-file.ts';
import { readPlan } from '../../lib/net/plan-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { type ProcessContext, run } from '../../lib/obs/run.ts';
import { RECONCILIATION_JOB, REHEARSAL_JOB, startJobs } from '../../lib/queue/jobs.ts';
import { readKiteTokenCopy } from '../../lib/queue/kite-token-copy.ts';
import { keepPublishing } from '../../lib/queue/metrics.ts';
import { connectRedis } from '../../lib/queue/redis.ts';
import { refuseForgetfulRedis } from '../../lib/queue/redis-facts.ts';
import { keepAlerting } from './alerts/alerting.ts';
import { workOnBacktests } from './backtests.ts';
import { untilCalmMs } from './calm.ts';
import { CandleSource } from './candles/candle-source.ts';
import { keepCandles } from './candles/downloader.ts';
import { workOnExports } from './exports.ts';
import { isLoadedToday, loadMasters } from './masters.ts';
import { watchDisk } from './metrics.ts';
import { Notifier } from './notices/notifier.ts';
import { tellPeople } from './notices/telling.ts';
import { measureOutcomes } from './outcomes.ts';
import { keepPlan } from './planning.ts';
import { keepPredecessorKeys } from './predecessor-keys.ts';
import { reconcileDue } from './reconciliation.ts';
import { feedLook } from './rehearsal/feed-look.ts';
import type { RehearsalParts } from './rehearsal/rehearsal.ts';
import { makeUpForMissed, REHEARSAL_PATTERN, runRehearsal } from './rehearsal/schedule.ts';
import { SEAL_PATTERN, sealClosed } from './sealing.ts';
import { keepTiles } from './tiles.ts';
import { TokenKeeper, takePastedTokens } from './token-keeper.ts';
import { measureTurnover } from './turnover.ts';

const PARTITIONS_AHEAD_DAYS = 7;
const NOTICES_KEEP_DAYS = 90;
/** Of downloads that ended; the candles stay. */
const DOWNLOADS_KEEP_DAYS = 90;
/** Between attempts at dumps that could not be had: the first soon, as servers start; then with patience. */
const MASTERS_RETRY_MS = { min: 2000, max: 300_000 };

await run('jobs', async (context) => {
  const { config, log, onStop } = context;
  await refuseForgetfulRedis(config, log);
  const aborter = new AbortController();
  const hours = watchHours(config, (error) => log.error({ event: 'calendar_unusable', reason: error.message }));
  onStop(() => hours.stop());
  const redis = connectRedis(config.redisUrl, log);
  onStop(() => redis.disconnect());
  onStop(watchDisk(config.dataDir, log));
  onStop(keepPublishing(redis, () => 'jobs', log));
  const notifier = new Notifier(config, log, Date.now);
  const parts: RehearsalParts = { config, hours, redis, nowMs: Date.now, tokenLook: tokenStateOf, feedLook, log };
  const telling = tellPeople(parts, notifier, aborter.signal);
  onStop(() => telling);
  onStop(() => aborter.abort());
  onStop(keepAlerting({ config, hours, redis, notifier, nowMs: Date.now, log }));
  onStop(keepPlan(config, log));
  onStop(keepPredecessorKeys(config, log));
  const comparing = new AbortController();
  const candles = new CandleSource(config, log);
  onStop(keepCandles(config, candles, log));
  const masters = new AbortController();
  const loading = loadUntilComplete(context, masters.signal);
  onStop(async () => {
    masters.abort();
    await loading;
  });
  await takePastedTokens(config, Date.now(), log).catch((error: Error) =>
    log.error({ event: 'pasted_token_not_taken', reason: error.message }),
  );
  onStop(keepTokens(context));
  onStop(workOnExports(config, log));
  onStop(workOnBacktests(config, log));
  const putOffMs = (): number => untilCalmMs(hours.now, readPlan(config.dataDir), wallClockUs());
  onStop(
    await startJobs(
      config.redisUrl,
      [
        {
          name: REHEARSAL_JOB,
          pattern: REHEARSAL_PATTERN,
          run: (askedBy) => runRehearsal(parts, notifier, askedBy),
        },
        // Kite's dump is made each morning until about 08:30.
        {
          name: 'instruments',
          pattern: '35 8 * * *',
          run: async () => {
            if (!(await loadMasters(config, log, wallClockUs()))) throw new Error('not every dump is of today');
          },
        },
        // What a night that the machine was off for left undone is made up for in the order in which it stands here.
        { name: 'seal', pattern: SEAL_PATTERN, run: () => sealClosed(config, log), putOffMs },
        // While no market is open: a day stands locked while it is put in order.
        { name: 'reorder', pattern: '15 2 * * *', run: () => reorder(context), putOffMs },
        // After the close of the exchanges, and after that of MCX: days that are not over then are left for the next time.
        {
          name: RECONCILIATION_JOB,
          pattern: '20 0,16,18 * * *',
          run: (askedBy) =>
            reconcileDue(
              { config, hours: hours.now, source: candles, log, nowUs: wallClockUs() },
              askedBy,
              comparing.signal,
            ),
          putOffMs,
        },
        { name: 'changed-tiles', pattern: '30 3 * * *', run: () => keepTiles(config, log, 'changed'), putOffMs },
        { name: 'turnover', pattern: '20,50 9-15 * * 1-6', run: () => measureTurnover(config, wallClockUs()) },
        { name: 'upkeep', pattern: '10 * * * *', run: () => upkeep(context) },
        { name: 'tiles', pattern: '* * * * *', run: () => keepTiles(config, log, 'new') },
        {
          name: 'outcomes',
          pattern: '* * * * *',
          run: () => measureOutcomes({ config, hours: hours.now, log, nowUs: wallClockUs() }),
        },
      ],
      log,
    ),
  );
  // Before the jobs are waited for: a comparison of thousands of instruments takes minutes, and goes on where it was.
  onStop(() => comparing.abort());
  // Not waited for: its test connections take seconds.
  void makeUpForMissed(parts, notifier).catch((error: unknown) =>
    log.error({ event: 'rehearsal_not_made_up_for', reason: error instanceof Error ? error.message : String(error) }),
  );
  return undefined;
});

/** @returns a function that ends it */
function keepTokens({ config, log }: ProcessContext): () => Promise<void> {
  const redis = config.kite.tokenInRedis ? connectRedis(config.redisUrl, log) : null;
  const keeper = new TokenKeeper({
    config,
    log,
    nowMs: Date.now,
    kiteCopy: async () => (redis?.status === 'ready' ? readKiteTokenCopy(redis) : null),
    // Without a token its dump could not be had, so nothing of that broker is planned yet.
    onFirstToken: async () => {
      await loadMasters(config, log, wallClockUs());
    },
    note: async (action, detail) => {
      log.info({ event: action, detail });
      const client = await connect(config.databaseUrl, 'tokens');
      try {
        await addAudit(client, { who: 'jobs', action, detail });
      } finally {
        await client.end();
      }
    },
  });
  keeper.start();
  return async () => {
    await keeper.stop();
    redis?.disconnect();
  };
}

/** Brings the instruments up to date at the start; with yesterday's the plan stands already. */
async function loadUntilComplete({ config, log }: ProcessContext, signal: AbortSignal): Promise<void> {
  for (let waitMs = MASTERS_RETRY_MS.min; !signal.aborted; waitMs = Math.min(2 * waitMs, MASTERS_RETRY_MS.max)) {
    try {
      // A start is no reason to trouble the brokers again. The simulated market may be another one each time.
      if (!config.simulated && (await isLoadedToday(config, wallClockUs()))) return;
      if (await loadMasters(config, log, wallClockUs())) return;
    } catch (error) {
      log.warn({ event: 'masters_not_loaded', reason: error instanceof Error ? error.message : String(error) });
    }
    await delay(waitMs, undefined, { signal }).catch((error: Error) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function upkeep({ config, log }: ProcessContext): Promise<void> {
  const client = await connect(config.databaseUrl, 'upkeep');
  try {
    await ensurePartitions(client, PARTITIONS_AHEAD_DAYS);
    await forgetNotices(client, NOTICES_KEEP_DAYS);
    await forgetAlerts(client, NOTICES_KEEP_DAYS);
    await forgetDownloads(client, DOWNLOADS_KEEP_DAYS);
    const { journal } = config.keepDays;
    const dropped = await dropOld(client, config.keepDays, wallClockUs());
    const dir = path.join(config.dataDir, 'journal');
    const compressed = await compressClosedSegments(dir);
    let deleted = 0;
    if (journal > 0) {
      const beforeUs = cutUs(journal, wallClockUs(), await oldestReadUs(client));
      deleted = await deleteDaysBefore(dir, formatIstDate(beforeUs));
    }
    log.info({ event: 'upkeep_done', dropped, compressed, deleted });
  } finally {
    await client.end();
  }
}

async function reorder({ config, log }: ProcessContext): Promise<void> {
  const client = await connect(config.databaseUrl, 'reorder');
  try {
    log.info({ event: 'days_reordered', days: await reorderClosedDays(client) });
  } finally {
    await client.end();
  }
}
