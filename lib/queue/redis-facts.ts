/** What a Redis says of itself, and whether it may hold market data. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { addressForLog, type Log } from '../obs/log.ts';
import { infoOf, openRedis, type Redis } from './redis.ts';

const CONNECT_TIMEOUT_MS = 2000;
/** A Redis that has not said by then what it is, whatever it does instead, is passed over. */
const LIMIT_MS = 5000;

export interface RedisFacts {
  readonly version: string;
  readonly policy: string;
  readonly appendOnly: boolean;
  /** Memory that it takes, bytes. */
  readonly usedBytes: number;
}

/** @param info the answer to INFO */
export function redisFacts(info: string): RedisFacts {
  const fact = (name: string): string => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
  return {
    version: fact('redis_version'),
    policy: fact('maxmemory_policy'),
    appendOnly: fact('aof_enabled') === '1',
    usedBytes: Number(fact('used_memory')),
  };
}

/** This Redis may forget what it has taken; the message says what to set. */
class ForgetfulRedisError extends Error {
  override readonly name = 'ForgetfulRedisError';
}

/**
 * At the start of every process: a Redis that deletes streams when memory runs short, or forgets them at a restart, is not worked
 * with. One that is away is passed over: a collector records without it, and readiness says so. One that still loads its append-only
 * file, which takes minutes, says what it is all the same.
 *
 * @param limitMs how long the whole may take
 * @throws ForgetfulRedisError
 */
export async function refuseForgetfulRedis(
  { redisUrl, simulated }: Pick<Config, 'redisUrl' | 'simulated'>,
  log: Log,
  limitMs = LIMIT_MS,
): Promise<void> {
  const address = addressForLog(redisUrl);
  const redis = openRedis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
    // It would wait until everything is loaded.
    enableReadyCheck: false,
  });
  // The rejection below says it.
  redis.on('error', () => undefined);
  const aborter = new AbortController();
  let all: RedisFacts[];
  try {
    all = await Promise.race([askedFacts(redis), noAnswer(limitMs, aborter.signal)]);
  } catch (error) {
    log.warn({ event: 'redis_not_checked', address, reason: (error as Error).message });
    return;
  } finally {
    aborter.abort();
    redis.disconnect();
  }
  const policy = all.map((facts) => facts.policy).find((one) => one !== 'noeviction');
  if (policy !== undefined) {
    throw new ForgetfulRedisError(
      `The Redis at ${address} has maxmemory-policy ${policy}, under which it deletes market data when memory runs short: set noeviction`,
    );
  }
  // Of the simulated market nothing is lost that could not be had again.
  if (!simulated && all.some(({ appendOnly }) => !appendOnly)) {
    throw new ForgetfulRedisError(
      `The Redis at ${address} keeps no append-only file, so that a restart of it loses what is on its way: set appendonly yes`,
    );
  }
}

async function askedFacts(redis: Redis): Promise<RedisFacts[]> {
  await redis.connect();
  return (await infoOf(redis)).map(redisFacts);
}

/** Ends with an error when the time is up, or when it is not waited for any more. */
async function noAnswer(limitMs: number, signal: AbortSignal): Promise<never> {
  await delay(limitMs, undefined, { signal });
  throw new Error(`no answer within ${limitMs / 1000} s`);
}
