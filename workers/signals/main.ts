/** The signals worker: merges the feeds into one sequence, runs the detectors over it, stores and tells what they find. */
import { setTimeout as delay } from 'node:timers/promises';
import { watchHours } from '../../lib/net/calendar-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { run } from '../../lib/obs/run.ts';
import { keepPublishing } from '../../lib/queue/metrics.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { refuseForgetfulRedis } from '../../lib/queue/redis-facts.ts';
import { publishSignal } from '../../lib/queue/signals.ts';
import { StreamReader } from '../../lib/queue/streams.ts';
import { Finder, StandbyError } from './finder.ts';
import { interruptions, lag } from './metrics.ts';

/** What is recorded. */
const TRADED = [{ exchange: 'NSE' }, { exchange: 'NFO' }] as const;
/** While there is no market, this long between two looks at the clock. */
const CLOSED_MS = 1000;
const READ_BLOCK_MS = 100;
const RETRY_MS = 500;
/** A worker that stands by looks this often whether the other one is gone. */
const STANDBY_MS = 2000;
/** Books a few ms apart are looked at together: signals speak of tenths of seconds. */
const GATHER_MS = 50;

await run('signals', async ({ config, log, onStop }) => {
  await refuseForgetfulRedis(config, log);
  const redis = connectRedis(config.redisUrl, log);
  const blocking = connectBlockingRedis(config.redisUrl, log, READ_BLOCK_MS);
  const finder = new Finder(config, new StreamReader(blocking, redis), (signal) => publishSignal(redis, signal), log);
  const hours = watchHours(config, (error) => log.error({ event: 'calendar_unusable', reason: error.message }));
  onStop(() => hours.stop());
  let closed = false;
  let stopping = false;

  const isClosed = (): boolean => {
    const now = !hours.now.isRecording(TRADED, wallClockUs());
    if (now && !closed) {
      log.info({ event: 'signals_closed' });
      finder.forget();
      lag.set(0);
    } else if (closed && !now) log.info({ event: 'signals_open' });
    closed = now;
    return now;
  };

  const loop = (async () => {
    let failing = false;
    let standingBy = false;
    while (!stopping) {
      try {
        if (isClosed()) await delay(CLOSED_MS);
        else await finder.step();
        failing = false;
        standingBy = false;
        await delay(GATHER_MS);
      } catch (error) {
        if (error instanceof StandbyError) {
          if (!standingBy) log.info({ event: 'signals_standing_by', reason: error.message });
          standingBy = true;
          await delay(STANDBY_MS);
          continue;
        }
        interruptions.inc();
        if (!failing)
          log.warn({ event: 'signals_interrupted', reason: error instanceof Error ? error.message : error });
        failing = true;
        await delay(RETRY_MS);
      }
    }
  })();
  const stopPublishing = keepPublishing(redis, () => 'signals', log);
  onStop(async () => {
    stopping = true;
    await loop;
    await finder.close();
    await stopPublishing();
    redis.disconnect();
    blocking.disconnect();
  });
  return undefined;
});
