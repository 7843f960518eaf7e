/** Backtests as jobs: the same again and again, the same as live, and a kill costs the days under way at most. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { MARKET_DAY_US, runMarket } from '../../bench/signals/market-run.ts';
import { addBacktest, backtestDays, cancelBacktest, findBacktest, type NewBacktest } from '../../db/backtests.ts';
import { migrate } from '../../db/migrate.ts';
import { outcomeGroups } from '../../db/outcomes.ts';
import { foreignEnvironment, loadConfig } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import type { BacktestState } from '../../lib/core/backtests.ts';
import { istMidnightUs } from '../../lib/core/ist.ts';
import { FeedDecoder } from '../../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import type { RecordKind } from '../../lib/journal/format.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry, StreamReader } from '../../lib/queue/streams.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { journalIn, MARKET_FEEDS } from '../../tests/support/journal-of-market.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { Finder } from '../signals/finder.ts';
import { READ_BLOCK_MS, Writer } from '../writer/writer.ts';
import { type BacktestParts, runBacktest, workOnBacktests } from './backtests.ts';

const log = pino({ level: 'silent' });
const DAY_US = 86_400_000_000;
const SECONDS = 720;
const DAYS = 4;
/** Of so many of them the live worker and the writer know as well: the rest is there to be gone through. */
const LIVE_DAYS = 2;
/** What comes in between two looks of the live worker: less than it reads at once. */
const LOOK_S = 40;
/** The day after that of the made-up market, which is a holiday. */
const FIRST_US = istMidnightUs('2026-11-25');
/** A busy machine takes its time for an hour of market. */
const HOOK_MS = 300_000;

let redis: TestServer;
let database: { url: string; drop: () => Promise<void> };
let pool: pg.Pool;
let config: BacktestParts;
/** A folder with the journal, and one without. */
let withJournal: string;
let withoutJournal: string;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [withJournal, withoutJournal] = [newDataFolder(), newDataFolder()];
  redis = await startTestRedis();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  pool = new pg.Pool({ connectionString: database.url });
  await pool.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, first_recorded)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65, now())`,
  );
  const client = connectRedis(redis.url, log);
  const blocking = connectBlockingRedis(redis.url, log, READ_BLOCK_MS);
  await new Promise((resolve) => client.once('ready', resolve));
  await record(client, blocking);
  client.disconnect();
  blocking.disconnect();
}, HOOK_MS);
afterAll(async () => {
  await pool.end();
  await database.drop();
  await redis.stop();
  for (const folder of [withJournal, withoutJournal]) rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  config = { dataDir: withJournal, databaseUrl: database.url, redisUrl: redis.url, marketHours: 'calendar' };
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  await pool.query('DELETE FROM gehra.backtests');
});

/** The same market on each of the days: into a journal, and of the first into the database by the writer and through the live worker. */
async function record(client: Redis, blocking: Redis): Promise<void> {
  const records: [number, number, RecordKind, Buffer][] = [];
  runMarket({
    seed: 5,
    framesPerSecond: 4,
    seconds: SECONDS,
    eventsPerMinute: 4,
    instrument: 0,
    onRecord: (feedId, stampUs, kind, payload) => void records.push([feedId, stampUs, kind, payload]),
  });
  const journal = journalIn(path.join(withJournal, 'journal'));
  const decoders = new Map(MARKET_FEEDS.map((feed) => [feed.id, new FeedDecoder(feed, newFrameDecoder(feed))]));
  const appender = new StreamAppender(client);
  const settings = loadConfig({ DATABASE_URL: database.url, REDIS_URL: redis.url });
  const writer = new Writer(settings, new StreamReader(blocking, client), log);
  const finding = connectBlockingRedis(redis.url, log, READ_BLOCK_MS);
  let nowUs = 0;
  const finder = new Finder(
    settings,
    new StreamReader(finding, client),
    async () => undefined,
    log,
    () => nowUs,
  );
  const lastUs = new Map(MARKET_FEEDS.map(({ id }) => [id, 0]));
  writer.start();
  for (let day = 1; day <= DAYS; day += 1) {
    const entries = new Map(MARKET_FEEDS.map(({ id }) => [id, [] as StreamEntry[]]));
    for (const [feedId, us, kind, payload] of records) {
      const stampUs = us + day * DAY_US;
      journal.append(feedId, stampUs, kind, payload);
      if (day > LIVE_DAYS) continue;
      const bytes = decoders.get(feedId)?.take(stampUs, kind, payload);
      if (bytes) entries.get(feedId)?.push({ stampUs, bytes });
    }
    if (day > LIVE_DAYS) continue;
    const fromUs = MARKET_DAY_US + day * DAY_US;
    // The night is over: it begins anew, and where the streams end.
    nowUs = fromUs;
    finder.forget();
    await finder.step();
    for (let s = 0; s < SECONDS; s += LOOK_S) {
      const untilUs = fromUs + (s + LOOK_S) * 1_000_000;
      for (const feed of MARKET_FEEDS) {
        const all = entries.get(feed.id) as StreamEntry[];
        const some = all.filter(({ stampUs }) => stampUs > (lastUs.get(feed.id) as number) && stampUs <= untilUs);
        if (some.length === 0) continue;
        expect((await appender.append(feed, lastUs.get(feed.id) as number, some)).refused).toBeNull();
        lastUs.set(feed.id, some.at(-1)?.stampUs as number);
      }
      nowUs = untilUs;
      await finder.step();
    }
    // What is held back for a feed that may still come.
    nowUs += 60_000_000;
    await finder.step();
  }
  await finder.close();
  await journal.replay();
  await until(async () => {
    const { rows } = await pool.query<{ feed_id: number; position: number }>(
      'SELECT feed_id, position::float8 AS position FROM gehra.feed_positions',
    );
    for (const [feedId, us] of lastUs) expect(rows.find((row) => row.feed_id === feedId)?.position).toBe(us);
  });
  await writer.stop();
  finding.disconnect();
}

async function asked(changes: Partial<NewBacktest> = {}): Promise<number> {
  const id = await addBacktest(
    pool,
    {
      who: 'test',
      name: '',
      fromUs: FIRST_US,
      toUs: FIRST_US + DAY_US,
      instrumentIds: null,
      detectors: null,
      overrides: {},
      ...changes,
    },
    1000,
  );
  return id as number;
}

const never = new AbortController().signal;
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 90_000, interval: 20 });
const stateOf = async (id: number): Promise<BacktestState | undefined> => (await findBacktest(pool, id))?.state;

/** Asks for one and does it. */
async function done(changes: Partial<NewBacktest> = {}): Promise<number> {
  const id = await asked(changes);
  await runBacktest(config, log, id, true, never);
  expect(await findBacktest(pool, id)).toMatchObject({ state: 'done', error: null, progress: 1 });
  return id;
}

it('finds what was found live, to the byte, out of the journal and out of the database, and again', {
  timeout: HOOK_MS,
}, async () => {
  const id = await done({ toUs: FIRST_US + 2 * DAY_US });
  const days = await backtestDays(pool, id);
  expect(days.map(({ day, source }) => `${day} ${source}`)).toEqual(['2026-11-25 journal', '2026-11-26 journal']);
  for (const { signals, hash, liveHash, liveSignals } of days) {
    expect(signals).toBeGreaterThan(20);
    expect(liveSignals).toBe(signals);
    expect(liveHash).toBe(hash);
  }
  const again = await done({ toUs: FIRST_US + 2 * DAY_US, instrumentIds: [1] });
  config = { ...config, dataDir: withoutJournal };
  const stored = await done({ toUs: FIRST_US + 2 * DAY_US });
  expect((await backtestDays(pool, stored)).map(({ source }) => source)).toEqual(['database', 'database']);
  const hash = (await findBacktest(pool, id))?.hash;
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  for (const other of [again, stored]) expect((await findBacktest(pool, other))?.hash).toBe(hash);
});

it('measures each signal against random times of the same day', { timeout: HOOK_MS }, async () => {
  const id = await done();
  const { signals } = (await findBacktest(pool, id)) as { signals: number };
  const asking = { fromUs: 0, toUs: FIRST_US + DAY_US, instrumentIds: null, kinds: null, detectors: 'all' as const };
  const groups = await outcomeGroups(pool, 'all', { ...asking, backtestId: id });
  const after10s = groups.filter(({ horizonS }) => horizonS === 10);
  const counted = after10s.reduce((sum, one) => {
    const { outside_session, gap, no_book } = one.missing;
    return sum + one.signals.n + outside_session + gap + no_book;
  }, 0);
  expect(counted).toBe(signals);
  const walls = after10s.find(({ kind, of }) => kind === 'wall_appeared' && of === 'own');
  expect(walls?.signals.n).toBeGreaterThan(3);
  // Random times after the quarter of an hour that was recorded have no book.
  expect(walls?.random.n).toBeGreaterThan(walls?.signals.n ?? 0);
  expect(Math.abs(walls?.random.medianTicks as number)).toBeLessThan(100);
  // Nothing of it is among those found live.
  expect(await outcomeGroups(pool, 'all', asking)).toEqual([]);
});

it('looks with the detectors and parameters that were asked for, and says so by other names', {
  timeout: HOOK_MS,
}, async () => {
  const all = await done();
  const walls = await done({ detectors: ['walls'] });
  const lower = await done({ detectors: ['walls'], overrides: { walls: { timesUsual: 0.5, timesMedian: 2 } } });
  const namesOf = async (id: number): Promise<string[]> =>
    (
      await pool.query<{ name: string }>(
        `SELECT DISTINCT detector || ' ' || parameters AS name FROM gehra.backtest_signals WHERE backtest_id = $1`,
        [id],
      )
    ).rows.map(({ name }) => name);
  expect((await namesOf(all)).length).toBeGreaterThan(5);
  const [name, ...others] = await namesOf(walls);
  expect(others).toEqual([]);
  expect(name).toMatch(/^walls@/);
  expect(await namesOf(lower)).not.toContain(name);
  const [wallsDay] = await backtestDays(pool, walls);
  const [lowerDay] = await backtestDays(pool, lower);
  // Of the detectors asked for alone it is as live; with other parameters there is nothing to hold it against.
  expect(wallsDay?.liveHash).toBe(wallsDay?.hash);
  expect(lowerDay).toMatchObject({ liveHash: null, liveSignals: 0 });
  expect(lowerDay?.signals).toBeGreaterThan(wallsDay?.signals as number);
});

it('has a day without anything as a day without anything', { timeout: HOOK_MS }, async () => {
  const id = await done({ fromUs: FIRST_US - DAY_US });
  expect(await backtestDays(pool, id)).toMatchObject([
    { day: '2026-11-24', source: null, entries: 0, signals: 0 },
    { day: '2026-11-25', source: 'journal' },
  ]);
  expect(await findBacktest(pool, id)).toMatchObject({ days: 1 });
});

// A program is started in it, and four days are gone through: on a busy machine that takes longer than a test may.
it('goes on after a kill with the days that are missing, and comes to the same', { timeout: HOOK_MS }, async () => {
  const id = await asked({ toUs: FIRST_US + DAYS * DAY_US });
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(packageRoot, 'tests/support/backtest-worker.ts'), JSON.stringify(config)],
    { cwd: packageRoot, env: foreignEnvironment() as NodeJS.ProcessEnv, stdio: 'ignore' },
  );
  const rowsOf = async (): Promise<string[]> =>
    (
      await pool.query<{ row: string }>(
        `SELECT concat_ws(' ', day, hash, xmin) AS row FROM gehra.backtest_days WHERE backtest_id = $1 ORDER BY day`,
        [id],
      )
    ).rows.map(({ row }) => row);
  await until(async () => expect((await rowsOf()).length).toBeGreaterThan(0));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const kept = await rowsOf();
  expect(kept.length).toBeLessThan(DAYS);
  expect(await stateOf(id)).toBe('running');

  stops.push(workOnBacktests(config, log, { lockMs: 1000, sweepMs: 200 }));
  await until(async () => expect(await stateOf(id)).toBe('done'));
  expect(await rowsOf()).toEqual(expect.arrayContaining(kept));
  expect(await rowsOf()).toHaveLength(DAYS);
  await stops.pop()?.();
  const whole = await done({ toUs: FIRST_US + DAYS * DAY_US });
  expect((await findBacktest(pool, id))?.hash).toBe((await findBacktest(pool, whole))?.hash);
  expect((await findBacktest(pool, id))?.attempt).toBe(2);
});

it('stops when it is cancelled, and stores nothing more', { timeout: HOOK_MS }, async () => {
  const id = await asked({ toUs: FIRST_US + DAYS * DAY_US });
  const running = runBacktest(config, log, id, true, never);
  await until(async () => expect((await findBacktest(pool, id))?.progress).toBeGreaterThan(0));
  expect(await cancelBacktest(pool, id)).toBe(true);
  await running;
  expect(await findBacktest(pool, id)).toMatchObject({ state: 'cancelled', hash: null });
  expect((await backtestDays(pool, id)).length).toBeLessThan(DAYS);
});
