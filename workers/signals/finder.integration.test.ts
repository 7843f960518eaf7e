/** The finder against a real Redis and PostgreSQL: killed at any moment, it has stored every signal once. */
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { runMarket } from '../../bench/signals/market-run.ts';
import { migrate } from '../../db/migrate.ts';
import { missedFrames } from '../../db/signals.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { feedById } from '../../lib/core/feeds.ts';
import { FeedDecoder } from '../../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry, StreamReader } from '../../lib/queue/streams.ts';
import { StampMerge } from '../../lib/signals/merge.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { Detectors } from './detectors.ts';
import { Finder, OvertakenError, StandbyError } from './finder.ts';

const log = pino({ level: 'silent' });
const FEEDS = [feedById(1), feedById(31)];

let server: TestServer;
let redis: Redis;
let blocking: Redis;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let expected: readonly Signal[];
const streams = new Map<number, StreamEntry[]>(FEEDS.map(({ id }) => [id, []]));

beforeAll(async () => {
  const decoders = new Map(FEEDS.map((feed) => [feed.id, new FeedDecoder(feed, newFrameDecoder(feed))]));
  const run = { seed: 6, framesPerSecond: 4, seconds: 1200, eventsPerMinute: 4, instrument: 0 };
  const { signals } = runMarket({
    ...run,
    onRecord: (feedId, stampUs, kind, payload) => {
      const bytes = decoders.get(feedId)?.take(stampUs, kind, payload);
      if (bytes) streams.get(feedId)?.push({ stampUs, bytes });
    },
  });
  expected = signals;
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  blocking = connectBlockingRedis(server.url, log, 100);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  blocking.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

/** Stamp that the market has reached. */
let nowUs = 0;
const told: Signal[] = [];
function newFinder(
  publish: (signal: Signal) => Promise<void> = async (signal) => void told.push(signal),
  to = log,
): Finder {
  const config = loadConfig({ DATABASE_URL: database.url, REDIS_URL: server.url });
  return new Finder(config, new StreamReader(blocking, redis), publish, to, () => nowUs);
}

/** Appends what came until a stamp, of some feeds. */
async function append(toUs: number, sent: Map<number, number>, feeds = FEEDS): Promise<void> {
  const appender = new StreamAppender(redis);
  for (const feed of feeds) {
    const from = sent.get(feed.id) ?? 0;
    const all = streams.get(feed.id) as StreamEntry[];
    let to = from;
    while (to < all.length && (all[to] as StreamEntry).stampUs <= toUs) to += 1;
    if (to === from) continue;
    const { refused } = await appender.append(feed, all[from - 1]?.stampUs ?? 0, all.slice(from, to));
    expect(refused).toBeNull();
    sent.set(feed.id, to);
  }
  nowUs = toUs;
}

const stored = async (): Promise<string[]> => {
  const { rows } = await client.query<{ line: string }>(
    `SELECT signal_id || ' ' || state AS line FROM gehra.signals ORDER BY signal_id`,
  );
  return rows.map(({ line }) => line);
};

/** What the table has to hold in the end: each signal with its newest state. */
const newest = (): string[] =>
  [...new Map(expected.map(({ id, state }) => [id, state]))].map(([id, state]) => `${id} ${state}`).sort();

const fromUs = (): number => Math.min(...[...streams.values()].map(([first]) => (first as StreamEntry).stampUs));

it('stores every signal once, however often it is killed', async () => {
  told.length = 0;
  const sent = new Map<number, number>();
  let finder = newFinder();
  // It begins where the streams end: there has to be something in front of what it is to see.
  await finder.step();
  const endUs = fromUs() + 1200 * 1_000_000;
  let kills = 0;
  for (let us = fromUs(), round = 0; us < endUs + 20_000_000; us += 20_000_000, round += 1) {
    await append(Math.min(us, endUs), sent);
    await finder.step();
    await finder.step();
    if (round % 9 !== 5) continue;
    // Another one begins from what is stored; whatever this one knew beyond that is gone.
    kills += 1;
    await finder.close();
    finder = newFinder();
  }
  // The last entries wait for the feeds to pass them; a silent market lets them through.
  nowUs = endUs + 60_000_000;
  await finder.step();
  await finder.close();
  expect(kills).toBeGreaterThan(4);
  expect((await stored()).sort()).toEqual(newest());
  // Told again are at most those that were found after the last checkpoint, under the names they had.
  expect(new Set(told.map(({ id, state }) => `${id} ${state}`))).toEqual(
    new Set(expected.map(({ id, state }) => `${id} ${state}`)),
  );
});

it('says what came too late for it, and whoever leaves out the same finds the same', async () => {
  const sent = new Map<number, number>();
  let finder = newFinder();
  await finder.step();
  const endUs = fromUs() + 1200 * 1_000_000;
  for (let us = fromUs(), round = 0; us < endUs + 20_000_000; us += 20_000_000, round += 1) {
    // Once in a while the depth feed reaches Redis only after the ticks of the same time have been looked at.
    await append(Math.min(us, endUs), sent, round % 7 === 3 ? FEEDS.slice(0, 1) : FEEDS);
    await finder.step();
    await finder.step();
    if (round % 13 !== 5) continue;
    await finder.close();
    finder = newFinder();
  }
  nowUs = endUs + 60_000_000;
  // It may have begun anew not long ago, and reads so many entries at a time.
  const steps = Math.ceil(Math.max(...[...streams.values()].map(({ length }) => length)) / 500);
  for (let step = 0; step < steps; step += 1) await finder.step();
  await finder.close();

  const missed = await missedFrames(client, 0, endUs);
  expect(missed.length).toBeGreaterThan(4);
  expect(new Set(missed.map(({ feedId }) => feedId))).toEqual(new Set([31]));
  const again = (without: StampMerge<Buffer>): string[] => {
    for (const [feedId, entries] of streams) {
      without.push(
        feedId,
        entries.map(({ stampUs, bytes }) => ({ stampUs, value: bytes as Buffer })),
      );
    }
    const detectors = new Detectors();
    const { entries } = without.advance(Number.MAX_SAFE_INTEGER);
    const found = entries.flatMap(({ feedId, stampUs, value }) => detectors.take(feedId, stampUs, value));
    return [...new Map(found.map(({ id, state }) => [id, state]))].map(([id, state]) => `${id} ${state}`).sort();
  };
  expect((await stored()).sort()).toEqual(again(new StampMerge(missed)));
  expect(again(new StampMerge())).toEqual(newest());
  expect(again(new StampMerge())).not.toEqual(again(new StampMerge(missed)));
});

it('goes on where it was though a feed has not been asked for in a long time', async () => {
  const sent = new Map<number, number>();
  await append(fromUs() + 1_000_000, sent);
  // Longer than the streams reach back.
  await append(fromUs() + 1000 * 1_000_000, sent, FEEDS.slice(0, 1));
  const first = newFinder();
  await first.step();
  await first.close();

  const events: string[] = [];
  const second = newFinder(undefined, pino({}, { write: (line: string) => void events.push(JSON.parse(line).event) }));
  await second.step();
  await second.close();
  expect(events).toContain('signals_continued');
});

it('begins anew where the streams were trimmed sooner than usual', async () => {
  const sent = new Map<number, number>();
  await append(fromUs() + 1_000_000, sent);
  const first = newFinder();
  await first.step();
  await first.close();
  await append(fromUs() + 200_000_000, sent);
  for (const feed of FEEDS) await new StreamReader(blocking, redis).trim(feed, nowUs);

  const events: string[] = [];
  const second = newFinder(undefined, pino({}, { write: (line: string) => void events.push(JSON.parse(line).event) }));
  await second.step();
  await second.close();
  expect(events).not.toContain('signals_continued');
});

it('stores nothing where another one has stored meanwhile', async () => {
  nowUs = fromUs();
  const finder = newFinder();
  await finder.step();
  await client.query('UPDATE gehra.signal_progress SET version = version + 1');
  nowUs += 1;
  finder.forget();
  await expect(finder.step()).rejects.toThrow(OvertakenError);
  await finder.close();
  expect(await stored()).toEqual([]);
});

it('stands by while another one finds, without troubling it, and takes over from it', async () => {
  const version = async (): Promise<number> => {
    const { rows } = await client.query<{ version: string }>('SELECT version FROM gehra.signal_progress');
    return Number(rows[0]?.version);
  };
  nowUs = fromUs();
  const first = newFinder();
  const second = newFinder();
  await first.step();
  const before = await version();
  for (let look = 0; look < 3; look += 1) await expect(second.step()).rejects.toThrow(StandbyError);
  expect(await version()).toBe(before);
  // What the first one knows is still its own; after this it stores at the next step.
  first.forget();
  await first.step();
  expect(await version()).toBe(before + 1);

  // As where it is killed: the server takes the lock back with the connection.
  const { rows } = await client.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(pid, 20000) AS ended FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'gehra-signals' AND backend_type = 'client backend'`,
  );
  expect(rows.every(({ ended }) => ended)).toBe(true);
  await second.step();
  await expect(first.step()).rejects.toThrow();
  await expect(first.step()).rejects.toThrow(StandbyError);
  second.forget();
  await second.step();
  expect(await version()).toBe(before + 2);
  await first.close();
  await second.close();
});
