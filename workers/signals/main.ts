/** The signals worker: merges the depth feeds into one sequence and runs the detectors over it. */
import { setTimeout as delay } from 'node:timers/promises';
import { CodecError } from '../../lib/core/bytes.ts';
import { FEEDS, feedById } from '../../lib/core/feeds.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { run } from '../../lib/obs/run.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { publishSignal } from '../../lib/queue/signals.ts';
import { StreamReader } from '../../lib/queue/streams.ts';
import { StampMerge } from '../../lib/signals/merge.ts';
import { Detectors } from './detectors.ts';

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
  const merge = new StampMerge<Buffer>();
  const detectors = new Detectors();
  let stopping = false;

  const step = async (): Promise<void> => {
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
