/**
 * A NIFTY future's day as another application recorded it (shared/data/nse-nifty-fut-20251229): its workers competed for ticks,
 * each with a previous tick of its own, and changes were counted up to three times; the volume of the day until it began was
 * counted as bought; volume across holes was given a side. The same stream, through one, two and three of our writers.
 */
import { gunzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { type Feed, feedById } from '../../lib/core/feeds.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { encodeEvent, FeedDecoder, type FeedEvent } from '../../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { RECORD } from '../../lib/journal/format.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry, StreamReader } from '../../lib/queue/streams.ts';
import { READ_BLOCK_MS, Writer } from '../../workers/writer/writer.ts';
import { NIFTY, tickFrame } from '../support/recorded.ts';
import { createDatabase, startTestRedis, type TestServer } from '../support/servers.ts';
import { describeWithShared, readShared } from '../support/shared.ts';

const log = pino({ level: 'silent' });
const FEEDS_USED: readonly Feed[] = [feedById(1), feedById(2), feedById(3)];
/** A feed that gives nothing for so long has a gap (the collector's limit), µs. */
const SILENT_US = 15_000_000;
/** Of the file's first row: the day's volume until the recording began. */
const FIRST_VOLUME = 415_425;
const HOLE_S = 1062;

interface Row {
  readonly us: number;
  readonly price: number;
  readonly volumeDelta: number;
  readonly oi: number;
}

function rowsOfFile(): Row[] {
  const [head = '', ...lines] = gunzipSync(readShared('data', 'nse-nifty-fut-20251229', 'kite_ticks_0936_1139.csv.gz'))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    const field = (name: string): string => fields[columns.indexOf(name)] ?? '';
    return {
      us: Date.parse(`${field('time').replace(' ', 'T')}:00`) * 1000,
      price: Math.round(Number(field('last_price')) * 10) * 10,
      volumeDelta: Number(field('volume_delta')),
      oi: Number(field('oi')),
    };
  });
}

/** What a feed's stream holds of the file's day: the day's volume as a counter, gaps where the file has holes. */
function streamOf(feed: Feed, instrument: Instrument, rows: readonly Row[]): StreamEntry[] {
  const decoder = new FeedDecoder(feed, newFrameDecoder(feed));
  const entries: StreamEntry[] = [];
  const take = (stampUs: number, kind: 1 | 2, payload: Buffer): void => {
    const bytes = decoder.take(stampUs, kind, payload);
    if (bytes) entries.push({ stampUs, bytes });
  };
  const event = (stampUs: number, it: FeedEvent): void => take(stampUs, RECORD.event, encodeEvent(it));
  event((rows[0] as Row).us - 10, { type: 'instruments', instruments: [instrument] });
  let volume = 0;
  let lastUs = 0;
  for (const { us, price, volumeDelta, oi } of rows) {
    volume += Math.max(0, volumeDelta);
    const hole = lastUs > 0 && us - lastUs > SILENT_US ? { fromUs: lastUs, cause: 'silent' as const } : null;
    if (hole) event(lastUs + SILENT_US, { type: 'gap_opened', ...hole });
    // Several rows of one second: frames have stamps of their own.
    const stampUs = Math.max(us, lastUs + 1);
    take(stampUs, RECORD.frame, tickFrame(price, volume, price, oi));
    if (hole) event(stampUs + 1, { type: 'gap_closed', ...hole, toUs: stampUs });
    lastUs = hole ? stampUs + 1 : stampUs;
  }
  return entries;
}

let server: TestServer;
let redis: Redis;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
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
  for (const stop of stops.splice(0)) await stop();
  await client.end();
  await database.drop();
});

function startWriter(): () => Promise<void> {
  const own = connectRedis(server.url, log);
  const blocking = connectBlockingRedis(server.url, log, READ_BLOCK_MS);
  const config = loadConfig({ DATABASE_URL: database.url, REDIS_URL: server.url, WRITER_FLUSH_ROWS: '50' });
  const writer = new Writer(config, new StreamReader(blocking, own), log);
  writer.start();
  const stop = async (): Promise<void> => {
    await writer.stop();
    own.disconnect();
    blocking.disconnect();
  };
  stops.push(stop);
  return stop;
}

const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 60_000, interval: 20 });

async function untilWritten(ends: ReadonlyMap<number, number>): Promise<void> {
  await until(async () => {
    const { rows } = await client.query<{ feed_id: number; position: string }>(
      'SELECT feed_id, position FROM gehra.feed_positions',
    );
    for (const [feedId, endUs] of ends) {
      expect(Number(rows.find((row) => row.feed_id === feedId)?.position ?? 0)).toBeGreaterThanOrEqual(endUs);
    }
  });
}

/** The streams' entries through so many writers, of which the first goes when half has come. @returns what is stored */
async function through(writers: number, streams: ReadonlyMap<Feed, readonly StreamEntry[]>): Promise<unknown> {
  const stopsOfThese = Array.from({ length: writers }, startWriter);
  const appended = new Map<number, number>();
  const append = async (part: (entries: readonly StreamEntry[]) => readonly StreamEntry[]): Promise<void> => {
    for (const [feed, entries] of streams) {
      const list = part(entries);
      for (let at = 0; at < list.length; at += 500) {
        const some = list.slice(at, at + 500);
        const { refused } = await new StreamAppender(redis).append(feed, appended.get(feed.id) ?? 0, some);
        expect(refused).toBeNull();
        appended.set(feed.id, (some.at(-1) as StreamEntry).stampUs);
      }
    }
  };
  const half = (entries: readonly StreamEntry[]): number => Math.floor(entries.length / 2);
  await append((entries) => entries.slice(0, half(entries)));
  if (writers > 1) {
    await untilWritten(
      new Map([...streams].map(([{ id }, list]) => [id, (list[half(list) - 1] as StreamEntry).stampUs])),
    );
    await stopsOfThese[0]?.();
    stops.splice(0, 1);
  }
  await append((entries) => entries.slice(half(entries)));
  await untilWritten(appended);
  const { rows } = await client.query(
    `SELECT (SELECT md5(string_agg(t::text, '|' ORDER BY t.feed_id, t.time, t.n)) FROM gehra.ticks AS t) AS ticks,
       (SELECT md5(string_agg(b::text, '|' ORDER BY b.feed_id, b.time)) FROM gehra.flow_bars AS b) AS bars,
       (SELECT md5(string_agg(m::text, '|' ORDER BY m.feed_id, m.time)) FROM gehra.flow_minutes AS m) AS minutes,
       (SELECT md5(string_agg(g::text, '|' ORDER BY g.feed_id, g.from_time)) FROM gehra.feed_gaps AS g) AS gaps`,
  );
  return rows[0];
}

/** Sums of one feed's bars. */
async function sums(feedId: number): Promise<Record<string, number>> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT sum(buy + sell + unknown) AS volume, sum(buy - sell) AS cvd, sum(unattributed) AS unattributed,
       max(buy) AS most_bought FROM gehra.flow_bars WHERE feed_id = $1`,
    [feedId],
  );
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]));
}

describeWithShared('data/nse-nifty-fut-20251229', 'the NIFTY Kite stream', () => {
  const instruments = FEEDS_USED.map((_, i) => ({ ...NIFTY, id: i + 1, symbol: `NIFTY${i}` }));
  const streams = (rows: readonly Row[]): Map<Feed, StreamEntry[]> =>
    new Map(FEEDS_USED.map((feed, i) => [feed, streamOf(feed, instruments[i] as Instrument, rows)]));

  it('brings none of its traps into our CVD', async () => {
    const rows = rowsOfFile();
    expect(rows[0]?.volumeDelta).toBe(FIRST_VOLUME);
    expect(Math.max(...rows.slice(1).map(({ us }, i) => us - (rows[i] as Row).us))).toBe(HOLE_S * 1_000_000);
    await through(
      1,
      new Map([[FEEDS_USED[0] as Feed, streamOf(FEEDS_USED[0] as Feed, instruments[0] as Instrument, rows)]]),
    );
    // In the test's own words: each change once; the first none at all; those across a hole nobody's.
    let [volume, unattributed] = [0, 0];
    for (let i = 1; i < rows.length; i += 1) {
      const [before, row] = [rows[i - 1] as Row, rows[i] as Row];
      const traded = Math.max(0, row.volumeDelta);
      if (row.us - before.us > SILENT_US) unattributed += traded;
      else volume += traded;
    }
    expect(unattributed).toBeGreaterThan(0);
    const ours = await sums(1);
    expect(ours).toMatchObject({ volume, unattributed });
    expect(Math.abs(ours.cvd as number)).toBeLessThanOrEqual(volume);
    expect(ours.most_bought).toBeLessThan(FIRST_VOLUME);
    const { rows: gaps } = await client.query<{ s: number }>(
      `SELECT round(extract(epoch FROM to_time - from_time))::integer AS s FROM gehra.feed_gaps WHERE cause = 'silent' ORDER BY 1 DESC`,
    );
    expect(gaps[0]?.s).toBe(HOLE_S);
  });

  it('is stored the same by one writer, two and three, with one of them stopped half way', {
    timeout: 300_000,
  }, async () => {
    const all = streams(rowsOfFile());
    const one = await through(1, all);
    const again: unknown[] = [];
    for (const writers of [2, 3]) {
      for (const stop of stops.splice(0)) await stop();
      await client.query(
        'TRUNCATE gehra.ticks, gehra.flow_bars, gehra.flow_minutes, gehra.feed_gaps, gehra.feed_positions',
      );
      await redis.flushall();
      again.push(await through(writers, all));
    }
    expect(again).toEqual([one, one]);
    // The same market in three feeds has three equal sums, none of them three times as high.
    const [first, second, third] = await Promise.all(FEEDS_USED.map(({ id }) => sums(id)));
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });
});
