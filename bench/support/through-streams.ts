/** Our own queue between two processes: this one appends as a collector does, a child reads as the writer does. */
import type { Feed } from '../../lib/core/feeds.ts';
import { createLog } from '../../lib/obs/log.ts';
import { connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry } from '../../lib/queue/streams.ts';
import { startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import type { StreamConsumed, StreamConsumerOptions } from '../children/stream-consumer.ts';
import type { Metrics } from './bench.ts';
import { Child } from './child.ts';
import { ownCpuSeconds, treeCpuSeconds } from './cpu.ts';
import { throughput } from './throughput.ts';

/** Entries that go out together: what a collector gathers while the answer to the batch before is on its way. */
export const BATCH_ENTRIES = 16;

export interface StreamLoad {
  readonly feed: Feed;
  readonly unit: string;
  readonly units: number;
  readonly entries: number;
  /** The bytes of the `n`th entry. */
  encode(n: number): Buffer;
  /** Ticks and sides that the consumer has to find in them; null: they mean nothing and are only counted. */
  readonly records: number | null;
}

/** Runs `work` with a Redis of its own. */
export async function withRedis<T>(work: (redis: TestServer) => Promise<T>): Promise<T> {
  const redis = await startTestRedis();
  try {
    return await work(redis);
  } finally {
    await redis.stop();
  }
}

export async function throughStreams({ feed, unit, units, entries, encode, records }: StreamLoad): Promise<Metrics> {
  return withRedis(async (server) => {
    const redis = connectRedis(server.url, createLog('bench', 'warn'));
    const consumer = new Child('stream-consumer', {
      redisUrl: server.url,
      feedId: feed.id,
      entries,
      decode: records !== null,
      delays: false,
    } satisfies StreamConsumerOptions);
    await consumer.hears();
    const appender = new StreamAppender(redis);
    const cpu = (): number => ownCpuSeconds() + treeCpuSeconds([consumer.pid, server.pid() as number]);
    const result = await throughput(unit, units, cpu, async () => {
      const consumed = consumer.hears<StreamConsumed>();
      let stampUs = 0;
      while (stampUs < entries) {
        const afterUs = stampUs;
        const batch: StreamEntry[] = [];
        while (batch.length < BATCH_ENTRIES && stampUs < entries) {
          const bytes = encode(stampUs);
          stampUs += 1;
          batch.push({ stampUs, bytes });
        }
        await append(appender, feed, afterUs, batch);
      }
      const arrived = (await consumed).records;
      if (records !== null && arrived !== records) throw new Error(`${arrived} of ${records} records arrived`);
    });
    await consumer.stop();
    redis.disconnect();
    return result;
  });
}

/** Appends what nobody else can have appended to: all of it, or something is wrong. */
export async function append(
  appender: StreamAppender,
  feed: Feed,
  afterUs: number,
  entries: readonly StreamEntry[],
): Promise<void> {
  const { appended, refused } = await appender.append(feed, afterUs, entries);
  if (appended !== entries.length) throw new Error(`the stream refused: ${refused}`);
}
