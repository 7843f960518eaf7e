/** What a Redis says of itself, and whether it may hold market data. */
import type { Config } from '../config/config.ts';
import { addressForLog, type Log } from '../obs/log.ts';
import { infoOf, openRedis } from './redis.ts';

const CONNECT_TIMEOUT_MS = 2000;

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
 * with. One that is away is passed over: a collector records without it, and readiness says so.
 *
 * @throws ForgetfulRedisError
 */
export async function refuseForgetfulRedis(
  { redisUrl, simulated }: Pick<Config, 'redisUrl' | 'simulated'>,
  log: Log,
): Promise<void> {
  const address = addressForLog(redisUrl);
  const redis = openRedis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
  });
  // The rejection below says it.
  redis.on('error', () => undefined);
  let all: RedisFacts[];
  try {
    await redis.connect();
    all = (await infoOf(redis)).map(redisFacts);
  } catch (error) {
    log.warn({ event: 'redis_not_checked', address, reason: (error as Error).message });
    return;
  } finally {
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
