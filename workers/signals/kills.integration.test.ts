/**
 * The signals worker as it runs, killed again and again in the middle of its streams: no signal is lost, none stands twice, and no rule
 * tells one twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { runMarket } from '../../bench/signals/market-run.ts';
import { addRule } from '../../db/alerts.ts';
import { createPool } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { loadSignalProgress, moveSignalProgress } from '../../db/signals.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { feedById } from '../../lib/core/feeds.ts';
import { FeedDecoder } from '../../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { connectRedis } from '../../lib/queue/redis.ts';
import { signalsAfter } from '../../lib/queue/signals.ts';
import { StreamAppender, type StreamEntry } from '../../lib/queue/streams.ts';
import { StampMerge } from '../../lib/signals/merge.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { Alerter } from '../jobs/alerts/alerter.ts';
import { Detectors } from './detectors.ts';

const log = pino({ level: 'silent' });
const FEEDS = [feedById(1), feedById(31)];
const SECONDS = 780;
/** How much of the market there is at each life of the worker but the last, and of its signals stored when it is killed. */
const LIVES = [
  { share: 0.85, killedAt: 0.1 },
  { share: 0.95, killedAt: 0.5 },
] as const;
const LIMIT_MS = 120_000;

let server: TestServer;
let redis: Redis;
let database: { url: string; drop: () => Promise<void> };
let pool: pg.Pool;
let expected: readonly Signal[];
let worker: ChildProcess | undefined;
const streams = new Map<number, StreamEntry[]>(FEEDS.map(({ id }) => [id, []]));

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  pool = createPool(database.url, 'kills', () => undefined);
  recordMarket();
  await beginAtTheBeginning();
}, LIMIT_MS);
afterAll(async () => {
  worker?.kill('SIGKILL');
  redis.disconnect();
  await pool.end();
  await database.drop();
  await server.stop();
});

/** A market that ended a few seconds ago, and what is to be found in it. */
function recordMarket(): void {
  const records: { feedId: number; stampUs: number; kind: Parameters<FeedDecoder['take']>[1]; payload: Buffer }[] = [];
  runMarket({
    seed: 6,
    framesPerSecond: 4,
    seconds: SECONDS,
    eventsPerMinute: 8,
    instrument: 0,
    // The exchange writes over what it has sent.
    onRecord: (feedId, stampUs, kind, payload) =>
      void records.push({ feedId, stampUs, kind, payload: Buffer.from(payload) }),
  });
  const shiftUs = Date.now() * 1000 - 5_000_000 - (records.at(-1)?.stampUs as number);
  const decoders = new Map(FEEDS.map((feed) => [feed.id, new FeedDecoder(feed, newFrameDecoder(feed))]));
  for (const { feedId, stampUs, kind, payload } of records) {
    const bytes = decoders.get(feedId)?.take(stampUs + shiftUs, kind, payload);
    if (bytes) streams.get(feedId)?.push({ stampUs: stampUs + shiftUs, bytes: Buffer.from(bytes) });
  }
  const merge = new StampMerge<Buffer>();
  for (const [feedId, entries] of streams) {
    merge.push(
      feedId,
      entries.map(({ stampUs, bytes }) => ({ stampUs, value: bytes as Buffer })),
    );
  }
  const detectors = new Detectors();
  const { entries } = merge.advance(Number.MAX_SAFE_INTEGER);
  expected = entries.flatMap(({ feedId, stampUs, value }) => detectors.take(feedId, stampUs, value));
}

/** A worker that never ran begins where the streams end; this one has looked at nothing yet. */
async function beginAtTheBeginning(): Promise<void> {
  const client = await pool.connect();
  try {
    const { version } = await loadSignalProgress(client as never);
    // 0: before the streams have begun.
    const positions = new Map([...streams.keys()].map((feedId) => [feedId, 0]));
    await moveSignalProgress(
      client as never,
      version,
      { lookedUs: new Map(), givenUs: 0 },
      { positions, state: new Detectors().save() },
    );
  } finally {
    client.release();
  }
}

const appended = new Map(FEEDS.map(({ id }) => [id, 0]));
/** Puts a share of the market into its streams. */
async function append(share: number): Promise<void> {
  const appender = new StreamAppender(redis);
  for (const feed of FEEDS) {
    const entries = streams.get(feed.id) as StreamEntry[];
    const to = Math.floor(entries.length * share);
    for (let from = appended.get(feed.id) as number; from < to; from += 500) {
      await appender.append(feed, entries[from - 1]?.stampUs ?? 0, entries.slice(from, Math.min(to, from + 500)));
    }
    appended.set(feed.id, to);
  }
}

function start(): ChildProcess {
  worker = spawn(process.execPath, ['--import', 'tsx', path.join(packageRoot, 'workers/signals/main.ts')], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      REDIS_URL: server.url,
      GEHRA_SIMULATED: '1',
      MARKET_HOURS: 'always',
      STREAM_WINDOW_S: '3600',
    },
    stdio: 'ignore',
  });
  return worker;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const stored = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ line: string }>(`SELECT signal_id || ' ' || state AS line FROM gehra.signals`);
  return rows.map(({ line }) => line).sort();
};
const newest = (): string[] =>
  [...new Map(expected.map(({ id, state }) => [id, state]))].map(([id, state]) => `${id} ${state}`).sort();

it('loses no signal and doubles none, and no rule tells one twice', { timeout: LIMIT_MS }, async () => {
  await pool.query(
    `INSERT INTO gehra.instruments (instrument_id, exchange, symbol, name, type, price_scale, tick_size, lot_size)
     OVERRIDING SYSTEM VALUE
     SELECT id, 'NFO', 'I' || id, 'I' || id, 'FUT', 100, 5, 75 FROM unnest($1::integer[]) AS id`,
    [[...new Set(expected.map(({ instrumentId }) => instrumentId))]],
  );
  const watch = { by: 'signals', kinds: [], detectors: 'all', side: null, minSeverity: 1, minSize: 0 } as const;
  const all = { name: 'all', isOn: true, watch, instrumentIds: null, fromMinute: 0, toMinute: 1440 } as const;
  await addRule(pool, { ...all, cooldownS: 0, cooldownOf: 'price', channels: ['screen'] }, 'test');
  const alerter = new Alerter({ databaseUrl: database.url }, redis, log, () => Date.now() * 1000);
  await alerter.step();

  for (const { share, killedAt } of LIVES) {
    await append(share);
    const child = start();
    await vi.waitFor(
      async () => expect((await stored()).length).toBeGreaterThanOrEqual(Math.floor(newest().length * killedAt)),
      { timeout: 60_000, interval: 10 },
    );
    await kill(child);
    await alerter.step();
  }
  await append(1);
  const last = start();
  await vi.waitFor(async () => expect(await stored()).toEqual(newest()), { timeout: 60_000, interval: 50 });
  await kill(last);
  while ((await alerter.step()) > 0);
  await alerter.close();

  expect(newest().length).toBeGreaterThan(20);
  const told = await signalsAfter(redis, '0-0', 10_000);
  expect(told.length, 'some were told again after a kill, which is what makes this a test').toBeGreaterThan(
    expected.length,
  );
  expect(new Set(told.map(({ signal }) => `${signal.id} ${signal.state}`))).toEqual(
    new Set(expected.map(({ id, state }) => `${id} ${state}`)),
  );
  const { rows } = await pool.query<{ id: string }>('SELECT occasion_id AS id FROM gehra.alerts');
  expect(rows.map(({ id }) => id).sort()).toEqual([...new Set(expected.map(({ id }) => id))].sort());
});
