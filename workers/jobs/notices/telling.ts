/** Looks every few seconds at what people have to be told, and sends what is due. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../../lib/config/config.ts';
import type { KnownHours } from '../../../lib/net/calendar-file.ts';
import type { Log } from '../../../lib/obs/log.ts';
import type { Redis } from '../../../lib/queue/redis.ts';
import { readAllStatuses } from '../../../lib/queue/status.ts';
import { brokersOf, feedsOf, type RehearsalParts } from '../rehearsal/rehearsal.ts';
import { eventsOf } from './events.ts';
import type { Notifier } from './notifier.ts';

const LOOK_MS = 5000;

export interface TellingParts {
  readonly config: Config;
  readonly hours: KnownHours;
  readonly redis: Redis;
  readonly tokenLook: RehearsalParts['tokenLook'];
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Goes on until the signal comes. What fails is said once and tried again. */
export async function tellPeople(parts: TellingParts, notifier: Notifier, signal: AbortSignal): Promise<void> {
  const { config, hours, redis, tokenLook, nowMs, log } = parts;
  let seeded = false;
  let failing = false;
  for (;;) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      if (!seeded) await notifier.seed();
      seeded = true;
      const now = nowMs();
      const tokens = brokersOf(config).map((broker) => ({ broker, look: tokenLook(broker, config, now) }));
      const feeds = feedsOf(await readAllStatuses(redis));
      const standing = eventsOf({ nowMs: now, hours: hours.now, tokens, feeds });
      for (const event of standing) await notifier.tell(event, { lasting: true });
      await notifier.settle(standing);
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
