/** Keeps the predecessor's keys in Redis as they should be, where they are asked for. */
import { setTimeout as delay } from 'node:timers/promises';
import { createPool, type Pool } from '../../db/connect.ts';
import { activeInstruments, signalStatesSince } from '../../db/old-names.ts';
import { tokenStateOf } from '../../lib/auth/token-state.ts';
import { readDhanToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import { nextIstTime } from '../../lib/core/ist.ts';
import type { Log } from '../../lib/obs/log.ts';
import {
  removeDhanTokenCopy,
  writeDhanTokenCopy,
  writeInstrumentCopies,
  writeSignalStates,
} from '../../lib/queue/predecessor-keys.ts';
import { connectRedis, type Redis } from '../../lib/queue/redis.ts';

const LOOK_MS = 10_000;
/** The brokers list anew until about then, ms after midnight in India. */
const LISTED_ANEW_MS = 9 * 3_600_000;
const STATES_OF_MS = 60_000;

export type PredecessorKeysConfig = Pick<Config, 'tokenDir' | 'databaseUrl' | 'redisUrl' | 'predecessorKeys'> & {
  readonly dhan: Pick<Config['dhan'], 'tokenInRedis'>;
};

/** Brings the keys up to date once. */
export async function writePredecessorKeys(
  redis: Redis,
  db: Pool,
  config: PredecessorKeysConfig,
  nowMs: number,
): Promise<void> {
  if (config.dhan.tokenInRedis) {
    const { state, expiresMs, accountName } = tokenStateOf('dhan', config, nowMs);
    const read = readDhanToken(config.tokenDir);
    if ('token' in read && expiresMs !== null && (state === 'valid' || state === 'expiring')) {
      await writeDhanTokenCopy(redis, { accessToken: read.token.accessToken, clientName: accountName, expiresMs });
    } else await removeDhanTokenCopy(redis);
  }
  if (config.predecessorKeys) {
    await writeInstrumentCopies(redis, await activeInstruments(db), nextIstTime(nowMs, LISTED_ANEW_MS));
    await writeSignalStates(redis, await signalStatesSince(db, nowMs - STATES_OF_MS));
  }
}

/** @returns a function that ends it: what is under way is waited for */
export function keepPredecessorKeys(config: PredecessorKeysConfig, log: Log): () => Promise<void> {
  if (!config.dhan.tokenInRedis && !config.predecessorKeys) return async () => undefined;
  const aborter = new AbortController();
  const { signal } = aborter;
  const redis = connectRedis(config.redisUrl, log);
  const db = createPool(config.databaseUrl, 'predecessor-keys', (error) =>
    log.warn({ event: 'database_connection_lost', reason: error.message }),
  );
  const loop = (async () => {
    let failing = false;
    while (!signal.aborted) {
      try {
        await writePredecessorKeys(redis, db, config, Date.now());
        failing = false;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!failing) log.warn({ event: 'predecessor_keys_not_written', reason });
        failing = true;
      }
      await delay(LOOK_MS, undefined, { signal }).catch((error: Error) => {
        if (!signal.aborted) throw error;
      });
    }
  })();
  return async () => {
    aborter.abort();
    await loop;
    redis.disconnect();
    await db.end();
  };
}
