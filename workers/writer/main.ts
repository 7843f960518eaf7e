/** The writer: from the streams into the database. One, two or three of them give the same rows. */
import { watchHours } from '../../lib/net/calendar-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { run } from '../../lib/obs/run.ts';
import { keepPublishing } from '../../lib/queue/metrics.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { refuseForgetfulRedis } from '../../lib/queue/redis-facts.ts';
import { publishStatus } from '../../lib/queue/status.ts';
import { StreamReader } from '../../lib/queue/streams.ts';
import { noteWriter } from './metrics.ts';
import { READ_BLOCK_MS, Writer } from './writer.ts';

const STATUS_MS = 1000;
/** Outside of whose hours the writer rests while nothing comes. */
const TRADED = [{ exchange: 'NSE' }, { exchange: 'NFO' }] as const;

await run('writer', async ({ config, log, onStop }) => {
  await refuseForgetfulRedis(config, log);
  const redis = connectRedis(config.redisUrl, log);
  const blocking = connectBlockingRedis(config.redisUrl, log, READ_BLOCK_MS);
  onStop(() => {
    redis.disconnect();
    blocking.disconnect();
  });
  const hours = watchHours(config, (error) => log.error({ event: 'calendar_unusable', reason: error.message }));
  onStop(() => hours.stop());
  const isClosed = (): boolean => !hours.now.isRecording(TRADED, wallClockUs());
  const writer = new Writer(config, new StreamReader(blocking, redis), log, isClosed);
  writer.start();
  onStop(keepPublishing(redis, () => writer.name, log));
  onStop(() => writer.stop());
  const timer = setInterval(() => {
    const status = writer.status();
    noteWriter(status);
    publishStatus(redis, writer.name, status).catch(
      // Redis being away is said once, by the connection itself.
      (error: Error) => log.debug({ event: 'status_not_published', reason: error.message }),
    );
  }, STATUS_MS);
  onStop(() => clearInterval(timer));
  return undefined;
});
