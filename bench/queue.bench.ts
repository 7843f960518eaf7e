/**
 * b1–b4: ticks and books from one process to another. Redis keeps an append-only file that is synced every second;
 * RabbitMQ has a durable queue and persistent messages.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { feedById } from '../lib/core/feeds.ts';
import { ASK, BID } from '../lib/core/side.ts';
import { createLog } from '../lib/obs/log.ts';
import { EntryWriter } from '../lib/queue/entry.ts';
import { connectRedis } from '../lib/queue/redis.ts';
import { StreamAppender } from '../lib/queue/streams.ts';
import type { BullmqConsumerOptions } from './children/bullmq-consumer.ts';
import type { StreamConsumed, StreamConsumerOptions } from './children/stream-consumer.ts';
import type { Bench, Metrics, Skipped } from './support/bench.ts';
import { type Book, messageOfBook, recordBooks } from './support/books.ts';
import { Child } from './support/child.ts';
import { ownCpuSeconds, treeCpuSeconds } from './support/cpu.ts';
import { throughAmqplib, throughPika } from './support/through-rabbitmq.ts';
import { append, BATCH_ENTRIES, type StreamLoad, throughStreams, withRedis } from './support/through-streams.ts';
import { throughput } from './support/throughput.ts';
import { encodeTicks, frameOfTicks, messageOfTick, TICK_BYTES, TICKS_PER_FRAME } from './support/ticks.ts';
import { monotonicUs, quantile } from './support/time.ts';

const FEED = feedById(1);
const DEPTH_FEED = feedById(31);
const STREAM_FRAMES = 6_000;
const BULLMQ_TICKS = 12_000;
const BULLMQ_FRAMES = 6_000;
const AMQPLIB_TICKS = 40_000;
/** Messages sent before their confirms are waited for; with more the library got no faster. */
const AMQPLIB_WINDOW = 100;
const PIKA_TICKS = 16_000;
const STREAM_BOOKS = 20_000;
const PIKA_BOOKS = 2_000;
const DISTINCT_BOOKS = 50;
/** Between two books, ms. */
const BOOK_MS = 203;
/** What variants with the packets of ticks as they are carry. */
const TICK_LOAD = {
  feed: FEED,
  unit: 'ticks',
  units: STREAM_FRAMES * TICKS_PER_FRAME,
  entries: STREAM_FRAMES,
  encode: () => Buffer.alloc(TICK_BYTES * TICKS_PER_FRAME, 0x5a),
  records: null,
} as const satisfies StreamLoad;

/** Five instruments, 40 side frames a second each, for some seconds. */
const LIVE_FRAMES_A_SECOND = 200;
const LIVE_SECONDS = 5;

function throughStreamsCoded(): Promise<Metrics> {
  const writer = new EntryWriter();
  const ticks = frameOfTicks();
  return throughStreams({ ...TICK_LOAD, encode: () => encodeTicks(writer, ticks), records: TICK_LOAD.units });
}

/** An entry for each side frame, as a collector makes them: every level, no delta to the frame before. */
function booksThroughStreams(): Promise<Metrics> {
  const books = recordBooks(DISTINCT_BOOKS);
  const writer = new EntryWriter();
  return throughStreams({
    feed: DEPTH_FEED,
    unit: 'books',
    units: STREAM_BOOKS,
    entries: STREAM_BOOKS * 2,
    encode(n) {
      const { bids, asks } = books[Math.floor(n / 2) % books.length] as Book;
      const side = n % 2 === 0 ? BID : ASK;
      writer.begin();
      writer.depth(1, 0, side, 0, 0, side === BID ? bids : asks);
      return writer.finish() as Buffer;
    },
    records: STREAM_BOOKS * 2,
  });
}

function booksThroughPika(): Promise<Metrics | Skipped> {
  const startMs = Date.now();
  const messages = recordBooks(DISTINCT_BOOKS).map((book, i) => messageOfBook(book, startMs + i * BOOK_MS));
  return throughPika('books', PIKA_BOOKS, messages);
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
    const cpu = (): number => ownCpuSeconds() + treeCpuSeconds([consumer.pid, server.pid() as number]);
    const result = await throughput('ticks', ticks, cpu, async () => {
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
      await append(appender, FEED, afterUs, [{ stampUs, bytes: writer.finish() as Buffer }]);
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
  measures: [
    { goal: 'b1', metric: 'ticks/cpu-s', variant: 'streams-coded', per: 'pika' },
    { goal: 'b2-amqplib', metric: 'ticks/cpu-s', variant: 'streams', per: 'amqplib' },
    { goal: 'b2-bullmq', metric: 'ticks/cpu-s', variant: 'streams', per: 'bullmq' },
  ],
  variants: [
    {
      name: 'streams',
      what: `ours: an entry for each frame of ${TICKS_PER_FRAME} ticks (their bytes as they are), ${BATCH_ENTRIES} frames an append.`,
      run: () => throughStreams(TICK_LOAD),
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
    {
      name: 'amqplib',
      what: `RabbitMQ and amqplib, a persistent message a tick (its ${TICK_BYTES} bytes), confirms waited for after each ${AMQPLIB_WINDOW}, each acknowledged.`,
      run: () => throughAmqplib('ticks', AMQPLIB_TICKS, Buffer.alloc(TICK_BYTES, 0x5a), AMQPLIB_WINDOW),
    },
    {
      name: 'pika',
      what: 'the predecessor’s: RabbitMQ and pika, a persistent JSON message a tick, written here and read there; publishes not confirmed, each message acknowledged.',
      run: () => throughPika('ticks', PIKA_TICKS, frameOfTicks().map(messageOfTick)),
    },
  ],
};

const bookQueue: Bench = {
  name: 'book-queue',
  what: 'Books of 200 levels a side from the process that receives them to the one that stores them, durable on the way',
  worse: 'In the predecessor’s way five instruments at 20 books a second take a tenth of a core for the queue alone.',
  measures: [{ goal: 'b3', metric: 'books/cpu-s', variant: 'streams', per: 'pika' }],
  variants: [
    {
      name: 'streams',
      what: `ours: two entries a book, encoded here and decoded there, ${BATCH_ENTRIES} entries an append.`,
      run: booksThroughStreams,
    },
    {
      name: 'pika',
      what: 'the predecessor’s: RabbitMQ and pika, a persistent JSON message a book; publishes not confirmed, each message acknowledged.',
      run: booksThroughPika,
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

export const benches = [tickQueue, bookQueue, queueDelay];
