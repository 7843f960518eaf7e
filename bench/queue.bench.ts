/** b2, b4: ticks and books from one process to another, through a Redis that keeps them (append-only file, everysec). */
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { feedById } from '../lib/core/feeds.ts';
import { ASK, BID } from '../lib/core/side.ts';
import { createLog } from '../lib/obs/log.ts';
import { EntryWriter } from '../lib/queue/entry.ts';
import { connectRedis } from '../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry } from '../lib/queue/streams.ts';
import { startTestRedis, type TestServer } from '../tests/support/servers.ts';
import type { BullmqConsumerOptions } from './children/bullmq-consumer.ts';
import type { StreamConsumed, StreamConsumerOptions } from './children/stream-consumer.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { recordBooks } from './support/books.ts';
import { Child } from './support/child.ts';
import { ownCpuSeconds, treeCpuSeconds } from './support/cpu.ts';
import { encodeTicks, frameOfTicks, TICK_BYTES, TICKS_PER_FRAME } from './support/ticks.ts';
import { monotonicUs, quantile } from './support/time.ts';

const FEED = feedById(1);
const STREAM_FRAMES = 6_000;
const BULLMQ_TICKS = 12_000;
const BULLMQ_FRAMES = 6_000;
/** Entries that go out together: what a collector gathers while the answer to the batch before is on its way. */
const BATCH_ENTRIES = 16;

/** Five instruments, 40 side frames a second each, for some seconds. */
const LIVE_FRAMES_A_SECOND = 200;
const LIVE_SECONDS = 5;

/** Runs `work` with a Redis of its own. */
async function withRedis<T>(work: (redis: TestServer) => Promise<T>): Promise<T> {
  const redis = await startTestRedis();
  try {
    return await work(redis);
  } finally {
    await redis.stop();
  }
}

/** Units a second and a CPU second of the producer (this process), the consumer and Redis together. */
async function throughput(
  units: number,
  consumer: Child,
  redis: TestServer,
  work: () => Promise<void>,
): Promise<Metrics> {
  const others = [consumer.pid, redis.pid() as number];
  const cpu = (): number => ownCpuSeconds() + treeCpuSeconds(others);
  const cpuFrom = cpu();
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  return { 'ticks/cpu-s': units / (cpu() - cpuFrom), 'ticks/s': units / seconds };
}

/** `encode` gives the bytes of a frame's entry; `decode`: the consumer is to decode them. */
async function throughStreams(encode: () => Buffer, decode: boolean): Promise<Metrics> {
  return withRedis(async (server) => {
    const redis = connectRedis(server.url, createLog('bench', 'warn'));
    const consumer = new Child('stream-consumer', {
      redisUrl: server.url,
      feedId: FEED.id,
      entries: STREAM_FRAMES,
      decode,
      delays: false,
    } satisfies StreamConsumerOptions);
    await consumer.hears();
    const appender = new StreamAppender(redis);
    const result = await throughput(STREAM_FRAMES * TICKS_PER_FRAME, consumer, server, async () => {
      const consumed = consumer.hears<StreamConsumed>();
      let stampUs = 0;
      while (stampUs < STREAM_FRAMES) {
        const afterUs = stampUs;
        const entries: StreamEntry[] = [];
        while (entries.length < BATCH_ENTRIES && stampUs < STREAM_FRAMES) {
          stampUs += 1;
          entries.push({ stampUs, bytes: encode() });
        }
        await append(appender, afterUs, entries);
      }
      const { records } = await consumed;
      if (decode && records !== STREAM_FRAMES * TICKS_PER_FRAME) throw new Error(`${records} ticks arrived`);
    });
    await consumer.stop();
    redis.disconnect();
    return result;
  });
}

function throughStreamsCoded(): Promise<Metrics> {
  const writer = new EntryWriter();
  const ticks = frameOfTicks();
  return throughStreams(() => encodeTicks(writer, ticks), true);
}

async function append(appender: StreamAppender, afterUs: number, entries: readonly StreamEntry[]): Promise<void> {
  const { appended, refused } = await appender.append(FEED, afterUs, entries);
  if (appended !== entries.length) throw new Error(`the stream refused: ${refused}`);
}

/** `perJob` ticks in a job, added a frame's worth or a batch of frames at a time. */
async function throughBullmq(ticks: number, perJob: number): Promise<Metrics> {
  return withRedis(async (server) => {
    const jobs = ticks / perJob;
    const queue = new Queue('bench', { connection: { url: server.url, maxRetriesPerRequest: null } });
    const consumer = new Child('bullmq-consumer', {
      redisUrl: server.url,
      queue: queue.name,
      jobs,
    } satisfies BullmqConsumerOptions);
    await consumer.hears();
    const bytes = Buffer.alloc(TICK_BYTES * perJob, 0x5a).toString('base64');
    const batch = Array.from({ length: perJob === 1 ? TICKS_PER_FRAME : BATCH_ENTRIES }, () => ({
      name: 'tick',
      data: { bytes },
      opts: { removeOnComplete: true },
    }));
    const result = await throughput(ticks, consumer, server, async () => {
      const consumed = consumer.hears();
      for (let sent = 0; sent < jobs; sent += batch.length) await queue.addBulk(batch.slice(0, jobs - sent));
      await consumed;
    });
    await consumer.stop();
    await queue.close();
    return result;
  });
}

/** Side frames at the rate of a live market; from handing one to the appender to the consumer having decoded it. */
async function liveDelay(): Promise<Metrics> {
  return withRedis(async (server) => {
    const books = recordBooks(50);
    const frames = LIVE_FRAMES_A_SECOND * LIVE_SECONDS;
    const redis = connectRedis(server.url, createLog('bench', 'warn'));
    const consumer = new Child('stream-consumer', {
      redisUrl: server.url,
      feedId: FEED.id,
      entries: frames,
      decode: true,
      delays: true,
    } satisfies StreamConsumerOptions);
    await consumer.hears();
    const consumed = consumer.hears<StreamConsumed>();
    const appender = new StreamAppender(redis);
    const writer = new EntryWriter();
    const from = performance.now();
    let stampUs = 0;
    for (let sent = 0; sent < frames; sent += 1) {
      const dueMs = from + (sent * 1000) / LIVE_FRAMES_A_SECOND;
      await delay(Math.max(0, dueMs - performance.now()));
      const { bids, asks } = books[sent % books.length] as (typeof books)[number];
      const side = sent % 2 === 0 ? BID : ASK;
      const afterUs = stampUs;
      stampUs = Math.max(stampUs + 1, monotonicUs());
      writer.begin();
      writer.depth(1, 0, side, 0, 0, side === BID ? bids : asks);
      await append(appender, afterUs, [{ stampUs, bytes: writer.finish() as Buffer }]);
    }
    const { delaysUs } = await consumed;
    await consumer.stop();
    redis.disconnect();
    return { 'p50 ms': quantile(delaysUs, 0.5) / 1000, 'p99 ms': quantile(delaysUs, 0.99) / 1000 };
  });
}

const tickQueue: Bench = {
  name: 'tick-queue',
  what: 'Ticks from the process that receives them to the one that stores them, durable on the way',
  worse: 'With a job a tick, 9,000 ticks a second take one core and a half before anything has looked at them.',
  measures: [{ goal: 'b2-bullmq', metric: 'ticks/cpu-s', variant: 'streams', per: 'bullmq' }],
  variants: [
    {
      name: 'streams',
      what: `ours: an entry for each frame of ${TICKS_PER_FRAME} ticks (their bytes as they are), ${BATCH_ENTRIES} frames an append.`,
      run: () => throughStreams(() => Buffer.alloc(TICK_BYTES * TICKS_PER_FRAME, 0x5a), false),
    },
    {
      name: 'streams-coded',
      what: 'the same with what the product puts into an entry: enriched ticks, encoded here and decoded there.',
      run: throughStreamsCoded,
    },
    {
      name: 'bullmq',
      what: 'BullMQ 6.7, a job a tick (its 184 bytes as base64), addBulk of 100, a worker with 100 jobs in hand that does nothing.',
      run: () => throughBullmq(BULLMQ_TICKS, 1),
    },
    {
      name: 'bullmq-frame',
      what: `BullMQ with a job for each frame of ${TICKS_PER_FRAME} ticks, added ${BATCH_ENTRIES} at a time.`,
      run: () => throughBullmq(BULLMQ_FRAMES * TICKS_PER_FRAME, TICKS_PER_FRAME),
    },
  ],
};

const queueDelay: Bench = {
  name: 'queue-delay',
  what: `A side frame of 200 levels through the queue, ${LIVE_FRAMES_A_SECOND} a second (5 instruments at 40)`,
  worse: 'Every millisecond is one that the screen is behind the market.',
  measures: [{ goal: 'b4', metric: 'p99 ms', variant: 'streams' }],
  variants: [
    {
      name: 'streams',
      what: 'ours: each frame appended by itself and awaited; until it is decoded in the other process.',
      run: liveDelay,
    },
  ],
};

export const benches = [tickQueue, queueDelay];
