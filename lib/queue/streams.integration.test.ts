import type { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { feedById } from '../core/feeds.ts';
import { KEYS } from './keys.ts';
import { connectBlockingRedis, connectRedis } from './redis.ts';
import { StreamAppender, type StreamEntry, StreamReader } from './streams.ts';

const FEED = feedById(31);
const OTHER = feedById(32);
/** Reads that find nothing wait this long. */
const BLOCK_MS = 50;

let server: TestServer;
let redis: Redis;
let blocking: Redis;
let appender: StreamAppender;
let reader: StreamReader;

beforeAll(async () => {
  server = await startTestRedis();
  const log = pino({ level: 'silent' });
  redis = connectRedis(server.url, log);
  blocking = connectBlockingRedis(server.url, log, BLOCK_MS);
  await Promise.all([redis, blocking].map((one) => new Promise((resolve) => one.once('ready', resolve))));
  appender = new StreamAppender(redis);
  reader = new StreamReader(blocking, redis);
});
afterAll(async () => {
  redis.disconnect();
  blocking.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  await redis.config('SET', 'maxmemory', '0');
});

const entry = (stampUs: number, bytes: string | Buffer = `at ${stampUs}`): StreamEntry => ({
  stampUs,
  bytes: Buffer.from(bytes),
});
const stampsOf = (entries: readonly StreamEntry[] = []): number[] => entries.map(({ stampUs }) => stampUs);

describe('appending', () => {
  it('goes on from the end that it knows', async () => {
    expect(await appender.append(FEED, 0, [entry(1001), entry(1002)])).toEqual({
      appended: 2,
      lastUs: 1002,
      refused: null,
    });
    expect(await appender.append(FEED, 1002, [entry(2999)])).toEqual({ appended: 1, lastUs: 2999, refused: null });
    expect(await appender.lastStamp(FEED)).toBe(2999);
    expect(await appender.lastStamp(OTHER)).toBe(0);
  });

  it('takes nothing where the stream ends elsewhere: twice the same, or after a loss', async () => {
    await appender.append(FEED, 0, [entry(1000)]);
    expect(await appender.append(FEED, 0, [entry(1000)])).toEqual({ appended: 0, lastUs: 1000, refused: 'end_moved' });
    await redis.flushall();
    expect(await appender.append(FEED, 1000, [entry(1001)])).toEqual({ appended: 0, lastUs: 0, refused: 'end_moved' });
  });

  it('stops at the first entry that is refused, leaving no hole', async () => {
    await appender.append(FEED, 0, [entry(1000)]);
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory', String(used + 300_000));
    const large = Array.from({ length: 20 }, (_, i) => entry(2000 + i, Buffer.alloc(50_000)));
    const { appended, lastUs, refused } = await appender.append(FEED, 1000, [...large, entry(3000, 'small')]);
    expect(refused).toMatch(/OOM/);
    expect(appended).toBeLessThan(20);
    expect(lastUs).toBe(appended === 0 ? 1000 : 1999 + appended);
    expect(stampsOf(await reader.newest(FEED, 1)).at(-1)).toBe(lastUs);
    await redis.config('SET', 'maxmemory', '0');
    expect((await appender.append(FEED, lastUs, [entry(3000, 'small')])).appended).toBe(1);
  });

  it('knows its end also when everything has been trimmed away', async () => {
    await appender.append(FEED, 0, [entry(5000)]);
    await redis.xtrim(KEYS.stream(FEED.name), 'MAXLEN', 0);
    expect(await appender.lastStamp(FEED)).toBe(5000);
    expect((await appender.append(FEED, 5000, [entry(5001)])).appended).toBe(1);
  });
});

describe('reading', () => {
  it('gives what comes after each position, oldest first, bytes untouched', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await appender.append(FEED, 0, [entry(1000), entry(1001, bytes), entry(1002)]);
    await appender.append(OTHER, 0, [entry(7)]);
    const taken = await reader.read(
      new Map([
        [FEED.id, 1000],
        [OTHER.id, 0],
      ]),
      100,
      BLOCK_MS,
    );
    expect(stampsOf(taken.get(FEED.id))).toEqual([1001, 1002]);
    expect(taken.get(FEED.id)?.[0]?.bytes).toEqual(bytes);
    expect(stampsOf(taken.get(OTHER.id))).toEqual([7]);
    expect(stampsOf((await reader.read(new Map([[FEED.id, 0]]), 2, BLOCK_MS)).get(FEED.id))).toEqual([1000, 1001]);
  });

  it('waits for the next entry, and not for ever', async () => {
    const waiting = reader.read(new Map([[FEED.id, 0]]), 10, 5000);
    await appender.append(FEED, 0, [entry(42)]);
    expect(stampsOf((await waiting).get(FEED.id))).toEqual([42]);
    expect((await reader.read(new Map([[FEED.id, 42]]), 10, BLOCK_MS)).size).toBe(0);
    expect((await reader.read(new Map(), 10, BLOCK_MS)).size).toBe(0);
  });

  it('gives the newest entries, oldest first', async () => {
    await appender.append(FEED, 0, [entry(1), entry(2), entry(3)]);
    expect(stampsOf(await reader.newest(FEED, 2))).toEqual([2, 3]);
    expect(await reader.newest(OTHER, 2)).toEqual([]);
  });
});

describe('what writers have stored', () => {
  it('is known to collectors, and unknown where nobody has said', async () => {
    expect(await appender.writtenUpTo(FEED)).toBeNull();
    await reader.announceWritten(
      new Map([
        [FEED.id, 123],
        [OTHER.id, 0],
      ]),
    );
    expect(await appender.writtenUpTo(FEED)).toBe(123);
    expect(await appender.writtenUpTo(OTHER)).toBe(0);
  });

  it('may be trimmed, nothing later', async () => {
    // Whole nodes go: enough entries for several.
    const all = Array.from({ length: 1000 }, (_, i) => entry(1000 + i));
    await appender.append(FEED, 0, all);
    await reader.trim(FEED, 1500);
    const left = stampsOf((await reader.read(new Map([[FEED.id, 0]]), 2000, BLOCK_MS)).get(FEED.id));
    expect(left[0]).toBeGreaterThan(1000);
    expect(left[0]).toBeLessThanOrEqual(1500);
    expect(left.at(-1)).toBe(1999);
    expect(left.length).toBe(1999 - (left[0] as number) + 1);
  });
});

it('measures what streams take', async () => {
  expect(await appender.bytes([FEED, OTHER])).toBe(0);
  await appender.append(FEED, 0, [entry(1, Buffer.alloc(100_000))]);
  expect(await appender.bytes([FEED, OTHER])).toBeGreaterThan(100_000);
});
