/** The services of a web process for a test: its own Redis, the caller that the demo makes. */

import { loadConfig } from '../../lib/config/config.ts';
import type { Log } from '../../lib/obs/log.ts';
import { type Caller, requireCaller } from '../../lib/services/access.ts';
import { startServices } from '../../lib/services/context.ts';
import { startTestRedis } from './servers.ts';

/** @param environment of the web process, besides DATABASE_URL and REDIS_URL */
export async function startTestServices(
  databaseUrl: string,
  log: Log,
  environment: Record<string, string> = {},
): Promise<{ redisUrl: string; stop: () => Promise<void> }> {
  const redis = await startTestRedis();
  const config = loadConfig({ GEHRA_SIMULATED: '1', ...environment, DATABASE_URL: databaseUrl, REDIS_URL: redis.url });
  const stop = startServices(config, log);
  return {
    redisUrl: redis.url,
    stop: async () => {
      await stop();
      await redis.stop();
    },
  };
}

/** Whoever sits at the machine of the demo market. */
export const demoCaller = (): Promise<Caller> => requireCaller(new Headers({ host: '127.0.0.1:3000' }), 'owner');
