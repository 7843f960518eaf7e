/** Bars and footprints are what the stored ticks say, however many writers stored them and however often one failed. */
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { type Feed, feedById } from '../../lib/core/feeds.ts';
import { enrich, noteGap, TickStates } from '../../lib/orderflow/enrich.ts';
import { type FlowBarRow, type FlowTick, flowOf, flowRows } from '../../lib/orderflow/flow-rows.ts';
import { packFootprint } from '../../lib/orderflow/packed-footprint.ts';
import { TICK_MODE, Tick } from '../../lib/orderflow/tick.ts';
import { EntryWriter } from '../../lib/queue/entry.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry, StreamReader } from '../../lib/queue/streams.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { READ_BLOCK_MS, Writer } from './writer.ts';

const log = pino({ level: 'silent' });
const FEED = feedById(1);
const OTHER_FEED = feedById(2);
/** 2026-11-25 10:00 IST: no session opens or ends within the ticks of a test. */
const START_US = Date.UTC(2026, 10, 25, 4, 30) * 1000;

let server: TestServer;
let redis: Redis;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let config: Config;
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
  config = loadConfig({ DATABASE_URL: database.url, REDIS_URL: server.url, WRITER_FLUSH_ROWS: '7' });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await client.end();
  await database.drop();
});

function startWriter(): void {
  const own = connectRedis(server.url, log);
  const blocking = connectBlockingRedis(server.url, log, READ_BLOCK_MS);
  const writer = new Writer(config, new StreamReader(blocking, own), log);
  writer.start();
  stops.push(async () => {
    await writer.stop();
    own.disconnect();
    blocking.disconnect();
  });
}

/** A day of a feed's ticks as its collector makes them: the first has no base, one comes after a gap. */
function dayOf(
  feed: Feed,
  count: number,
  startUs: number,
): { entries: StreamEntry[]; flow: FlowTick[]; endUs: number } {
  const states = new TickStates();
  const writer = new EntryWriter();
  const tick = new Tick();
  const entries: StreamEntry[] = [];
  const flow: FlowTick[] = [];
  let volume = 415_425;
  let stampUs = startUs;
  for (let i = 0; i < count; i += 1) {
    stampUs += 37_000 + (i % 5) * 61_000;
    volume += (i * 7) % 4 === 0 ? 0 : 65 * (1 + (i % 3));
    if (i === Math.floor(count / 2)) {
      noteGap(states.of(1));
      volume += 50_000;
    }
    tick.clear();
    tick.instrumentId = 1;
    tick.stampUs = stampUs;
    tick.mode = TICK_MODE.full;
    tick.lastPrice = 2_604_000 + ((i * 13) % 7) * 10;
    tick.volume = volume;
    tick.oi = 1_000_000 + i;
    for (const [side, price] of [
      [tick.bids, 2_604_020],
      [tick.asks, 2_604_040],
    ] as const) {
      side.count = 1;
      side.prices[0] = price;
      side.quantities[0] = 65;
    }
    enrich(tick, states.of(1), 'NFO');
    const one = flowOf(feed.id, tick);
    if (one) flow.push(one);
    writer.begin();
    writer.tick(tick);
    entries.push({ stampUs, bytes: writer.finish() as Buffer });
  }
  return { entries, flow, endUs: stampUs };
}

async function append(feed: Feed, entries: readonly StreamEntry[]): Promise<void> {
  const { refused } = await new StreamAppender(redis).append(feed, 0, entries);
  expect(refused).toBeNull();
}

const present = (value: number): number | null => (value === ABSENT ? null : value);

/** Rows of both tables as the database has them, and as one batch of all the ticks would make them. */
async function stored(): Promise<{ bars: unknown[]; minutes: unknown[] }> {
  const us = (column: string): string => `(extract(epoch FROM ${column}) * 1e6)::bigint::float8`;
  const columns = `feed_id, ${us('time')} AS from_us, open, high, low, close, buy::float8, sell::float8, unknown::float8,
    unattributed::float8, min_delta::float8, max_delta::float8, trades, value, oi::float8, ${us('last_time')} AS last_us`;
  const bars = await client.query(`SELECT ${columns} FROM gehra.flow_bars ORDER BY feed_id, time`);
  const minutes = await client.query(`SELECT ${columns}, cells FROM gehra.flow_minutes ORDER BY feed_id, time`);
  return { bars: bars.rows, minutes: minutes.rows };
}

function expected(flow: readonly FlowTick[]): { bars: unknown[]; minutes: unknown[] } {
  const { bars, minutes } = flowRows(flow);
  const columns = (bar: FlowBarRow): object => ({
    feed_id: bar.feedId,
    from_us: bar.fromUs,
    open: present(bar.open),
    high: present(bar.high),
    low: present(bar.low),
    close: present(bar.close),
    buy: bar.buy,
    sell: bar.sell,
    unknown: bar.unknown,
    unattributed: bar.unattributed,
    min_delta: bar.minDelta,
    max_delta: bar.maxDelta,
    trades: bar.trades,
    value: bar.value,
    oi: present(bar.oi),
    last_us: bar.lastUs,
  });
  return {
    bars: bars.map(columns),
    minutes: minutes.map((minute) => ({ ...columns(minute), cells: packFootprint(minute.footprint.rows()) })),
  };
}

async function untilWritten(feed: Feed, endUs: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await client.query('SELECT position::float8 FROM gehra.feed_positions WHERE feed_id = $1', [
        feed.id,
      ]);
      expect(rows[0]?.position).toBe(endUs);
    },
    { timeout: 30_000, interval: 20 },
  );
}

it.each([1, 3])('%i writers, cut off again and again, make the rows that one batch would make', async (writers) => {
  const days = [FEED, OTHER_FEED].map((feed) => ({ feed, ...dayOf(feed, 300, START_US) }));
  for (const { feed, entries } of days) await append(feed, entries);
  for (let i = 0; i < writers; i += 1) startWriter();
  let cuts = 0;
  while (cuts < 10) {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'gehra-writer%'`,
    );
    if ((rowCount ?? 0) > 0) cuts += 1;
    const { rows } = await client.query('SELECT sum(position)::float8 AS sum FROM gehra.feed_positions');
    if (rows[0]?.sum === days.reduce((sum, { endUs }) => sum + endUs, 0)) break;
  }
  for (const { feed, endUs } of days) await untilWritten(feed, endUs);
  const flow = days.flatMap((day) => day.flow);
  expect(await stored()).toEqual(expected(flow));
  const { rows } = await client.query(
    `SELECT sum(volume_delta)::float8 AS traded, sum(volume_unattributed)::float8 AS unattributed, sum(signed_volume)::float8 AS delta
     FROM gehra.ticks`,
  );
  const sums = await client.query(
    `SELECT sum(buy + sell + unknown)::float8 AS traded, sum(unattributed)::float8 AS unattributed, sum(buy - sell)::float8 AS delta
     FROM gehra.flow_bars`,
  );
  expect(sums.rows).toEqual(rows);
  // The volume of the day before the first tick is nobody's trade.
  expect(rows[0].traded).toBeLessThan(2 * 300 * 65 * 3);
  expect(rows[0].unattributed).toBe(2 * (50_000 + 65));
});

it('a tick that the database refuses is in no bar', async () => {
  await client.query('ALTER TABLE gehra.ticks ADD CONSTRAINT not_at CHECK (last_price <> 2604030)');
  const { entries, flow, endUs } = dayOf(FEED, 60, START_US);
  await append(FEED, entries);
  startWriter();
  await untilWritten(FEED, endUs);
  const kept = flow.filter(({ price }) => price !== 2_604_030);
  expect(kept.length).toBeLessThan(flow.length);
  expect(await stored()).toEqual(expected(kept));
});
