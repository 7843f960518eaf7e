import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { FEEDS, type Feed, feedById } from '../../lib/core/feeds.ts';
import { ASK, BID, SideLevels } from '../../lib/core/side.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { registry } from '../../lib/obs/metrics.ts';
import { TICK_MODE, Tick } from '../../lib/orderflow/tick.ts';
import { EntryWriter } from '../../lib/queue/entry.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { publishStatus, readAllStatuses } from '../../lib/queue/status.ts';
import { StreamAppender, type StreamEntry, StreamReader } from '../../lib/queue/streams.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { interruptions, noteWriter } from './metrics.ts';
import { READ_BLOCK_MS, Writer } from './writer.ts';

const log = pino({ level: 'silent' });
const FEED = feedById(31);
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 20_000, interval: 20 });

let server: TestServer;
let redis: Redis;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let config: Config;
let writers: { writer: Writer; close: () => void }[] = [];

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
  config = loadConfig({ DATABASE_URL: database.url, REDIS_URL: server.url });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  for (const { writer, close } of writers) {
    await writer.stop();
    close();
  }
  writers = [];
  await client.end();
  await database.drop();
});

function startWriter(rowsMax?: number): Writer {
  const own = connectRedis(server.url, log);
  const blocking = connectBlockingRedis(server.url, log, READ_BLOCK_MS);
  const writer = new Writer(config, new StreamReader(blocking, own), log, undefined, rowsMax);
  writer.start();
  writers.push({
    writer,
    close: () => {
      own.disconnect();
      blocking.disconnect();
    },
  });
  return writer;
}

const entries = new EntryWriter();

/** A bid side of `levels` levels, quantity 65 each unless told otherwise. */
function depthEntry(stampUs: number, instrumentId = 1, { levels = 3, quantity = 65 } = {}): StreamEntry {
  const side = new SideLevels();
  side.count = levels;
  for (let i = 0; i < levels; i += 1) {
    side.prices[i] = 2_604_000 - i * 10;
    side.quantities[i] = quantity;
    side.orders[i] = i + 1;
  }
  entries.begin();
  entries.depth(instrumentId, 0, BID, 0, 100, side);
  return { stampUs, bytes: entries.finish() as Buffer };
}

/** Appends to a stream that ends at `afterUs`. */
async function append(feed: Feed, afterUs: number, list: readonly StreamEntry[]): Promise<void> {
  const { refused } = await new StreamAppender(redis).append(feed, afterUs, list);
  expect(refused).toBeNull();
}

async function count(sql: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${sql}`);
  return rows[0]?.n ?? 0;
}

async function position(feed: Feed): Promise<number> {
  const { rows } = await client.query<{ position: string }>(
    'SELECT position FROM gehra.feed_positions WHERE feed_id = $1',
    [feed.id],
  );
  return Number(rows[0]?.position ?? -1);
}

describe('the writer', () => {
  it('stores what the streams hold, field by field, and moves the position with it', async () => {
    const nowUs = wallClockUs();
    const tick = new Tick();
    Object.assign(tick, {
      instrumentId: 7,
      n: 2,
      mode: TICK_MODE.full,
      lastPrice: 2_604_015,
      volume: 3_000_000_000,
      volumeDelta: 75,
      signedVolume: -75,
      aggressor: 2,
      confidence: 3,
      mid: 2_604_012.5,
      imbalance: -0.25,
      exchangeTime: 1_795_487_476,
    });
    tick.bids.count = 1;
    tick.bids.prices[0] = 2_604_010;
    tick.bids.quantities[0] = 4_000_000_000;
    tick.bids.orders[0] = 65_535;
    entries.begin();
    entries.tick(tick);
    await append(feedById(1), 0, [{ stampUs: nowUs, bytes: entries.finish() as Buffer }]);
    await append(FEED, 0, [
      depthEntry(nowUs, 5, { levels: 0 }),
      depthEntry(nowUs + 1, 5, { levels: 200, quantity: 2 ** 31 - 1 }),
    ]);
    startWriter();
    await until(async () => expect(await position(FEED)).toBe(nowUs + 1));
    await until(async () => expect(await position(feedById(1))).toBe(nowUs));

    const depth = await client.query(
      `SELECT (extract(epoch FROM time) * 1e6)::bigint::text AS time, (extract(epoch FROM time - book_time) * 1e6)::integer AS age,
         instrument_id, feed_id, side, n, cardinality(prices) AS levels, prices[200] AS last_price, quantities[200] AS last_quantity
       FROM gehra.depth_snapshots ORDER BY time`,
    );
    expect(depth.rows).toEqual([
      {
        time: String(nowUs),
        age: 100,
        instrument_id: 5,
        feed_id: 31,
        side: BID,
        n: 0,
        levels: 0,
        last_price: null,
        last_quantity: null,
      },
      {
        time: String(nowUs + 1),
        age: 100,
        instrument_id: 5,
        feed_id: 31,
        side: BID,
        n: 0,
        levels: 200,
        last_price: 2_602_010,
        last_quantity: 2 ** 31 - 1,
      },
    ]);
    const { rows } = await client.query('SELECT * FROM gehra.ticks');
    expect(rows[0]).toMatchObject({
      instrument_id: 7,
      feed_id: 1,
      n: 2,
      mode: 3,
      last_price: 2_604_015,
      volume: 3_000_000_000,
      volume_delta: 75,
      signed_volume: -75,
      aggressor: 2,
      aggressor_confidence: 3,
      mid: 2_604_012.5,
      imbalance: -0.25,
      open: null,
      spread: null,
      bid_prices: [2_604_010],
      bid_quantities: ['4000000000'],
      bid_orders: [65_535],
      ask_prices: null,
      exchange_time: new Date(1_795_487_476_000),
    });
  });

  it('commits within 250 ms of the first row, and tells how far it is', async () => {
    const writer = startWriter();
    await until(() => expect(writer.name).toBe('writer-1'));
    await until(async () => expect(await position(FEED)).toBe(0));
    const waits: number[] = [];
    let endUs = 0;
    for (let round = 0; round < 5; round += 1) {
      const stampUs = wallClockUs();
      await append(FEED, endUs, [depthEntry(stampUs)]);
      endUs = stampUs;
      await until(async () => expect(await position(FEED)).toBe(stampUs));
      const { rows } = await client.query<{ ms: number }>(
        `SELECT extract(epoch FROM updated_at - to_timestamp(position / 1e6))::float8 * 1000 AS ms FROM gehra.feed_positions WHERE feed_id = $1`,
        [FEED.id],
      );
      waits.push(rows[0]?.ms ?? Number.POSITIVE_INFINITY);
    }
    // now() is the beginning of the transaction. The best of five, for the sake of a busy machine.
    expect(Math.min(...waits)).toBeLessThan(250);
    await until(async () => expect(Number(await redis.hget('gehra:positions', String(FEED.id)))).toBe(endUs));
  });

  it('moves the position over marks, without a row', async () => {
    entries.begin();
    entries.mark();
    const stampUs = wallClockUs();
    await append(FEED, 0, [{ stampUs, bytes: entries.finish() as Buffer }]);
    startWriter();
    await until(async () => expect(await position(FEED)).toBe(stampUs));
    expect(await count('gehra.depth_snapshots')).toBe(0);
  });

  it('stores a gap when it opens and when it closes, as one', async () => {
    const nowUs = wallClockUs();
    const gap = { fromUs: nowUs - 5_000_000, cause: 'silent' as const, instrumentIds: [1, 2] };
    const gapEntry = (stampUs: number, toUs: number): StreamEntry => {
      entries.begin();
      entries.gap({ ...gap, toUs });
      return { stampUs, bytes: entries.finish() as Buffer };
    };
    startWriter();
    await append(FEED, 0, [gapEntry(nowUs, 0)]);
    await until(async () => expect(await count('gehra.feed_gaps WHERE to_time IS NULL')).toBe(1));
    await append(FEED, nowUs, [gapEntry(nowUs + 10, nowUs)]);
    await until(async () => expect(await count('gehra.feed_gaps WHERE to_time IS NOT NULL')).toBe(1));
    const { rows } = await client.query('SELECT feed_id, cause, instrument_ids FROM gehra.feed_gaps');
    expect(rows).toEqual([{ feed_id: 31, cause: 'silent', instrument_ids: [1, 2] }]);
  });
});

describe('a row that cannot be stored', () => {
  it('is set aside alone, with its bytes and the reason, and the rest goes on', async () => {
    await client.query('ALTER TABLE gehra.depth_snapshots ADD CONSTRAINT no_thirteen CHECK (instrument_id <> 13)');
    const nowUs = wallClockUs();
    const unreadable: StreamEntry = { stampUs: nowUs + 50, bytes: Buffer.from([1, 99, 1, 2, 3]) };
    const list = [
      ...Array.from({ length: 50 }, (_, i) => depthEntry(nowUs + i, i === 20 ? 13 : 1)),
      unreadable,
      depthEntry(nowUs + 51, 1, { quantity: 2 ** 31 }),
      ...Array.from({ length: 20 }, (_, i) => depthEntry(nowUs + 60 + i, i === 7 ? 13 : 2)),
    ];
    await append(FEED, 0, list);
    const writer = startWriter();
    await until(async () => expect(await position(FEED)).toBe(nowUs + 79));
    expect(await count('gehra.depth_snapshots')).toBe(68);
    const { rows } = await client.query<{ stamp: string; stage: string; reason: string; bytes: Buffer }>(
      `SELECT (extract(epoch FROM time) * 1e6)::bigint::text AS stamp, stage, reason, bytes FROM gehra.quarantine ORDER BY time`,
    );
    expect(rows.map(({ stamp, stage, reason }) => [Number(stamp) - nowUs, stage, reason])).toEqual([
      [20, 'row', '23514'],
      [50, 'entry', 'unreadable'],
      [51, 'row', 'out_of_range'],
      [67, 'row', '23514'],
    ]);
    // An entry is a version and its records: this one has a single record.
    expect(rows[0]?.bytes).toEqual(list[20]?.bytes.subarray(1));
    expect(rows[1]?.bytes).toEqual(unreadable.bytes);
    expect(writer.status()).toMatchObject({ rows: 68, quarantined: 4, failure: null });
  });
});

describe('several writers', () => {
  it('divide the feeds, and take over from one that is gone', async () => {
    const first = startWriter();
    await until(() => expect(Object.keys(first.status().lagMs).length).toBe(FEEDS.length));
    const second = startWriter();
    const third = startWriter();
    await until(() => {
      const shares = [first, second, third].map((writer) => Object.keys(writer.status().lagMs));
      expect(shares.map(({ length }) => length)).toEqual([6, 6, 6]);
      expect(new Set(shares.flat()).size).toBe(FEEDS.length);
    });
    await second.stop();
    await until(() => {
      const shares = [first, third].map((writer) => Object.keys(writer.status().lagMs).length);
      expect(shares).toEqual([9, 9]);
    });
  });

  it('never store anything twice, also where one believes in an old position', async () => {
    const nowUs = wallClockUs();
    startWriter();
    await append(FEED, 0, [depthEntry(nowUs)]);
    await until(async () => expect(await position(FEED)).toBe(nowUs));
    // Somebody else commits the next entry behind this writer's back.
    await client.query(
      `WITH moved AS (UPDATE gehra.feed_positions SET position = $1 WHERE feed_id = $2)
       INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
       VALUES (to_timestamp($1 / 1e6), to_timestamp($1 / 1e6), 1, $2, $3, 0, 0, '{1}', '{1}', '{1}')`,
      [nowUs + 10, FEED.id, ASK],
    );
    await append(FEED, nowUs, [depthEntry(nowUs + 10), depthEntry(nowUs + 20)]);
    await until(async () => expect(await position(FEED)).toBe(nowUs + 20));
    expect(await count('gehra.depth_snapshots')).toBe(3);
  });
});

describe('a writer that cannot commit', () => {
  /** What it says of itself from now on, until it has failed so often. */
  async function saidWhileFailing(
    writer: Writer,
    failures: number,
  ): Promise<{ name: string; failure: string | null }[]> {
    const failed = async (): Promise<number> => (await interruptions.get()).values[0]?.value ?? 0;
    const before = await failed();
    const said: { name: string; failure: string | null }[] = [];
    await vi.waitFor(
      async () => {
        said.push({ name: writer.name, failure: writer.status().failure });
        expect(await failed()).toBeGreaterThanOrEqual(before + failures);
      },
      { timeout: 20_000, interval: 2 },
    );
    return said;
  }

  it('says so all the time, under its name, until it has stored again', async () => {
    const nowUs = wallClockUs();
    const writer = startWriter();
    await until(() => expect(writer.status().failure).toBeNull());
    await client.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
       CREATE TRIGGER refuse BEFORE UPDATE ON gehra.feed_positions FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    await append(FEED, 0, [depthEntry(nowUs)]);
    await until(() => expect(writer.status().failure).toBe('no space left'));
    const said = await saidWhileFailing(writer, 3);
    expect(new Set(said.map(({ name, failure }) => `${name}: ${failure}`))).toEqual(
      new Set(['writer-1: no space left']),
    );
    noteWriter(writer.status());
    expect(await registry.getSingleMetricAsString('gehra_writer_up')).toMatch(/^gehra_writer_up 0$/m);

    await client.query('DROP TRIGGER refuse ON gehra.feed_positions');
    await until(async () => expect(await position(FEED)).toBe(nowUs));
    await until(() => expect(writer.status().failure).toBeNull());
    noteWriter(writer.status());
    expect(await registry.getSingleMetricAsString('gehra_writer_up')).toMatch(/^gehra_writer_up 1$/m);
  });

  it('for want of time takes less at once, until it can', async () => {
    await client.query(
      `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN
           IF (SELECT count(*) FROM gehra.depth_snapshots WHERE xmin = pg_current_xact_id()::xid) > 100 THEN
             RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014';
           END IF;
           RETURN NEW;
         END $$;
       CREATE TRIGGER slow BEFORE UPDATE ON gehra.feed_positions FOR EACH ROW EXECUTE FUNCTION slow()`,
    );
    const nowUs = wallClockUs();
    await append(
      FEED,
      0,
      Array.from({ length: 250 }, (_, i) => depthEntry(nowUs + i)),
    );
    startWriter(400);
    await until(async () => expect(await position(FEED)).toBe(nowUs + 249));
    expect(await count('gehra.depth_snapshots')).toBe(250);
  });

  it('says so from the start, where it has no place yet, and is heard', async () => {
    // Nothing listens on port 1.
    config = loadConfig({ DATABASE_URL: 'postgres://gehra@127.0.0.1:1/gehra', REDIS_URL: server.url });
    const writer = startWriter();
    await until(() => expect(writer.status().failure).toContain('ECONNREFUSED'));
    await publishStatus(redis, writer.name, writer.status());
    expect([...(await readAllStatuses(redis))].map(([name, { kind }]) => [name, kind])).toEqual([['writer', 'writer']]);
  });
});

describe('when the database goes away', () => {
  it('everything is taken up again where it was left', async () => {
    const nowUs = wallClockUs();
    const writer = startWriter();
    let endUs = 0;
    for (let round = 0; round < 20; round += 1) {
      const list = Array.from({ length: 10 }, (_, i) => depthEntry(nowUs + round * 100 + i));
      await append(FEED, endUs, list);
      endUs = nowUs + round * 100 + 9;
      if (round % 7 === 3) {
        await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'gehra-writer%'`,
        );
      }
    }
    await until(async () => expect(await position(FEED)).toBe(endUs));
    expect(await count('gehra.depth_snapshots')).toBe(200);
    await until(() => expect(writer.status().failure).toBeNull());
  });
});
