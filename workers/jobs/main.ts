/** The jobs worker: instrument dumps and the plan, partitions, retention, the journal's closed segments. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addAudit } from '../../db/audit.ts';
import { connect } from '../../db/connect.ts';
import { dropOld, ensurePartitions } from '../../db/upkeep.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { compressClosedSegments, deleteDaysBefore } from '../../lib/journal/archive.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { type ProcessContext, run } from '../../lib/obs/run.ts';
import { startJobs } from '../../lib/queue/jobs.ts';
import { readKiteTokenCopy } from '../../lib/queue/kite-token-copy.ts';
import { connectRedis } from '../../lib/queue/redis.ts';
import { refreshPlan } from './planning.ts';
import { TokenKeeper, takePastedTokens } from './token-keeper.ts';

const PARTITIONS_AHEAD_DAYS = 7;
const FIRST_PLAN_RETRY_MS = 2000;
const US_PER_DAY = 86_400_000_000;

await run('jobs', async (context) => {
  const { config, log, onStop } = context;
  const aborter = new AbortController();
  onStop(() => aborter.abort());
  await takePastedTokens(config, Date.now(), log).catch((error: Error) =>
    log.error({ event: 'pasted_token_not_taken', reason: error.message }),
  );
  onStop(keepTokens(context));
  await firstPlan(context, aborter.signal);
  onStop(
    await startJobs(
      config.redisUrl,
      [
        // Kite's dump is made each morning until about 08:30.
        { name: 'instruments', pattern: '35 8 * * *', run: () => refreshPlan(config, log) },
        { name: 'upkeep', pattern: '10 * * * *', run: () => upkeep(context) },
      ],
      log,
    ),
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
    onFirstToken: () => refreshPlan(config, log),
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

async function upkeep({ config, log }: ProcessContext): Promise<void> {
  const client = await connect(config.databaseUrl, 'upkeep');
  try {
    await ensurePartitions(client, PARTITIONS_AHEAD_DAYS);
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
