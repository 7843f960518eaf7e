/** What the services of a web process share. On globalThis, because each bundle of the server has its own module state. */
import type pg from 'pg';
import type { Registry } from 'prom-client';
import { createPool } from '../../db/connect.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../obs/log.ts';
import { registry } from '../obs/metrics.ts';
import { connectRedis, type Redis } from '../queue/redis.ts';

export interface ServiceContext {
  readonly config: Config;
  readonly log: Log;
  readonly db: pg.Pool;
  /** For commands that answer at once. */
  readonly redis: Redis;
  /** What this process measures. */
  readonly metrics: Registry;
  /** Wall clock, ms since the epoch. */
  readonly nowMs: () => number;
}

const KEY = Symbol.for('gehra.services');
const holder = globalThis as { [KEY]?: ServiceContext };

/** Gives this process its context; before anything is served. @returns a function that ends its connections */
export function startServices(config: Config, log: Log, nowMs: () => number = Date.now): () => Promise<void> {
  const db = createPool(config.databaseUrl, 'web', (error) =>
    log.warn({ event: 'database_connection_lost', reason: error.message }),
  );
  const redis = connectRedis(config.redisUrl, log);
  holder[KEY] = { config, log, db, redis, metrics: registry, nowMs };
  return async () => {
    redis.disconnect();
    await db.end();
  };
}

/** The context of this process. */
export function services(): ServiceContext {
  const context = holder[KEY];
  if (!context) throw new Error('no services were started: the web process begins with app/server.ts');
  return context;
}
