/** The signals worker: merges the depth feeds into one sequence and runs the detectors over it. */
import { setTimeout as delay } from 'node:timers/promises';
import { CodecError } from '../../lib/core/bytes.ts';
import { FEEDS, feedById } from '../../lib/core/feeds.ts';
import { watchHours } from '../../lib/net/calendar-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { run } from '../../lib/obs/run.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { publishSignal } from '../../lib/queue/signals.ts';
import { StreamReader } from '../../lib/queue/streams.ts';
import { StampMerge } from '../../lib/signals/merge.ts';
import { Detectors } from './detectors.ts';

/** What depth is recorded of. */
const TRADED = [{ exchange: 'NSE' }, { exchange: 'NFO' }] as const;
/** While there is no market, this long between two looks at the clock. */
const CLOSED_MS = 1000;
const READ_ENTRIES = 500;
const READ_BLOCK_MS = 100;
const RETRY_MS = 500;
/** Books a few ms apart are looked at together: signals speak of tenths of seconds. */
const GATHER_MS = 50;

await run('signals', async ({ config, log, onStop }) => {
  const redis = connectRedis(config.redisUrl, log);
  const blocking = connectBlockingRedis(config.redisUrl, log, READ_BLOCK_MS);
  const streams = new StreamReader(blocking, redis);
  const depthFeeds = FEEDS.filter(({ kind }) => kind === 'depth200' || kind === 'depth20');
  const positions = new Map<number, number>();
  let merge = new StampMerge<Buffer>();
  let detectors = new Detectors();
  const hours = watchHours(config, (error) => log.error({ event: 'calendar_unusable', reason: error.message }));
  onStop(() => hours.stop());
  let closed = false;
  let stopping = false;

  /** While there is no market nothing is a signal. What is known of the books is forgotten: the next open has others. */
  const isClosed = (): boolean => {
    const now = !hours.now.isRecording(TRADED, wallClockUs());
    if (now && !closed) {
      log.info({ event: 'signals_closed' });
      positions.clear();
      merge = new StampMerge<Buffer>();
      detectors = new Detectors();
    } else if (closed && !now) log.info({ event: 'signals_open' });
    closed = now;
    return now;
  };

  const step = async (): Promise<void> => {
    if (isClosed()) {
      await delay(CLOSED_MS);
      return;
    }
    if (positions.size === 0) for (const feed of depthFeeds) positions.set(feed.id, await streams.lastStamp(feed));
    const taken = await streams.read(positions, READ_ENTRIES, READ_BLOCK_MS);
    for (const [feedId, entries] of taken) {
      merge.push(
        feedId,
        entries.map(({ stampUs, bytes }) => ({ stampUs, value: bytes })),
      );
      positions.set(feedId, entries.at(-1)?.stampUs as number);
    }
    const { entries, decisions } = merge.advance(wallClockUs());
    for (const { feedId, included, atUs } of decisions) {
      log.info({ event: included ? 'feed_merged' : 'feed_left_out', feed: feedById(feedId).name, atUs });
    }
    for (const { feedId, stampUs, value } of entries) {
      for (const { instrumentId, signal } of detectors.take(feedId, stampUs, value)) {
        log.info({ event: 'signal', instrumentId, ...signal });
        await publishSignal(redis, instrumentId, signal);
      }
    }
  };

  const loop = (async () => {
    let failing = false;
    while (!stopping) {
      try {
        await step();
        failing = false;
        await delay(GATHER_MS);
      } catch (error) {
        if (error instanceof CodecError) log.error({ event: 'entry_unreadable', reason: error.message });
        else if (!failing)
          log.warn({ event: 'signals_interrupted', reason: error instanceof Error ? error.message : error });
        failing = true;
        await delay(RETRY_MS);
      }
    }
  })();
  onStop(async () => {
    stopping = true;
    await loop;
    redis.disconnect();
    blocking.disconnect();
  });
  return undefined;
});
