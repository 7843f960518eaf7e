/** Looks every few seconds at what people have to be told, and sends what is due. */
import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../../lib/config/config.ts';
import type { KnownHours } from '../../../lib/net/calendar-file.ts';
import type { Log } from '../../../lib/obs/log.ts';
import type { Redis } from '../../../lib/queue/redis.ts';
import { readAllStatuses } from '../../../lib/queue/status.ts';
import { brokersOf, feedsOf, type RehearsalParts } from '../rehearsal/rehearsal.ts';
import { eventsOf } from './events.ts';
import { savedTokens, startedNotice, stoppedNotice } from './life-cycle.ts';
import type { Notifier } from './notifier.ts';

const LOOK_MS = 5000;
/** The process ends within seconds: a channel that does not answer until then gets the last message after the next start. */
const LAST_WORDS_MS = 3000;

export interface TellingParts {
  readonly config: Config;
  readonly hours: KnownHours;
  readonly redis: Redis;
  readonly tokenLook: RehearsalParts['tokenLook'];
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Goes on until the signal comes. What fails is said once and tried again. */
export async function tellPeople(
  parts: TellingParts,
  notifier: Notifier,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): Promise<void> {
  const { config, hours, redis, tokenLook, nowMs, log } = parts;
  let seeded = false;
  let failing = false;
  for (;;) {
    await delay(lookMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    try {
      const now = nowMs();
      if (!seeded) {
        await notifier.seed();
        await notifier.tell(startedNotice(now));
      }
      seeded = true;
      for (const event of savedTokens(config, now)) await notifier.tell(event);
      const tokens = brokersOf(config).map((broker) => ({ broker, look: tokenLook(broker, config, now) }));
      const feeds = feedsOf(await readAllStatuses(redis));
      // Why it cannot be asked is for the rehearsal to say: a login that is needed is told of in any case.
      const disk = await statfs(config.dataDir).catch(() => null);
      const freeBytes = disk && disk.bavail * disk.bsize;
      const standing = eventsOf({ nowMs: now, hours: hours.now, tokens, feeds, freeBytes });
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
  // Who was told that it started is told that it stops.
  if (seeded) await Promise.race([lastWords(notifier, nowMs(), log), delay(LAST_WORDS_MS)]);
}

async function lastWords(notifier: Notifier, nowMs: number, log: Log): Promise<void> {
  try {
    await notifier.tell(stoppedNotice(nowMs));
    await notifier.deliver();
  } catch (error) {
    log.warn({ event: 'stop_not_told', reason: error instanceof Error ? error.message : String(error) });
  }
}
