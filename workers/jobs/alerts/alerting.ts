/** Keeps looking at what is found, and has what the rules tell of it delivered. */
import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../../../db/connect.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { KnownHours } from '../../../lib/net/calendar-file.ts';
import { monotonicMs } from '../../../lib/obs/clock.ts';
import type { Log } from '../../../lib/obs/log.ts';
import type { Redis } from '../../../lib/queue/redis.ts';
import type { Notifier } from '../notices/notifier.ts';
import { Alerter } from './alerter.ts';
import { Deliverer } from './deliverer.ts';
import { tellDigest } from './digest.ts';

const LOOK_MS = 250;
const RETRY_MS = 1000;
/** How often what the queues may have lost is asked for again, and whether a digest is due is looked at. */
const SWEEP_MS = 5000;

export interface AlertingParts {
  readonly config: Config;
  readonly hours: KnownHours;
  readonly redis: Redis;
  readonly notifier: Notifier;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** @returns a function that ends it: what is under way is waited for */
export function keepAlerting({ config, hours, redis, notifier, nowMs, log }: AlertingParts): () => Promise<void> {
  const aborter = new AbortController();
  const { signal } = aborter;
  const db = createPool(config.databaseUrl, 'alerts', (error) =>
    log.warn({ event: 'database_connection_lost', reason: error.message }),
  );
  const alerter = new Alerter(config, redis, log, () => nowMs() * 1000);
  const deliverer = new Deliverer({ config, db, log, nowMs });
  const loop = (async () => {
    let failing = false;
    let sweptMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        const made = await alerter.step();
        const isDue = monotonicMs() - sweptMs >= SWEEP_MS;
        if (made > 0 || isDue) await deliverer.ask();
        if (isDue) {
          await tellDigest({ db, hours: hours.now, notifier, nowMs });
          sweptMs = monotonicMs();
        }
        failing = false;
      } catch (error) {
        if (!failing) {
          log.warn({ event: 'alerts_interrupted', reason: error instanceof Error ? error.message : String(error) });
        }
        failing = true;
      }
      await delay(failing ? RETRY_MS : LOOK_MS, undefined, { signal }).catch((error: Error) => {
        if (!signal.aborted) throw error;
      });
    }
  })();
  return async () => {
    aborter.abort();
    await loop;
    await alerter.close();
    await deliverer.stop();
    await db.end();
  };
}
