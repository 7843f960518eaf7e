/** The job that builds tiles as time passes: each is there once, whole, whatever happens on the way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { foreignEnvironment, loadConfig } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { tileStart, tileUs } from '../../lib/heatmap/tile.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { keepTiles } from './tiles.ts';

const SECOND_US = 1_000_000;
const BASE_MS = 5000;
const LENGTH_US = tileUs(BASE_MS);
/** Of ten minutes each. */
const TILES = 5;
/** The job's clock is the machine's: what it is to build lies within the last hour. */
const START_US = tileStart(wallClockUs(), BASE_MS) - (TILES + 1) * LENGTH_US;
const END_US = START_US + TILES * LENGTH_US;
const FEEDS = { 1: 31, 2: 32 } as const;
/** A maximum at each of ten heights of rows, and the other two values. */
const TILES_OF_A_PLACE = 12;
const LOCK = 77;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NFO', 'BANKNIFTY26DECFUT', 'BANKNIFTY', 'FUT', 100, 20, 30)`,
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
beforeEach(async () => {
  lines = [];
  await client.query('TRUNCATE gehra.heatmap_tiles, gehra.depth_snapshots, gehra.feed_positions');
});

const keep = (which: 'new' | 'changed' = 'new') => keepTiles(loadConfig({ DATABASE_URL: database.url }), log, which);
const said = (event: string): Record<string, unknown>[] => lines.filter((line) => line.event === event);

/** A book a second of an instrument, on a feed of its own that is stored up to `positionUs`. */
async function storeBooks(id: 1 | 2, positionUs = END_US + 60 * SECOND_US): Promise<void> {
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT at, at + side * interval '3 milliseconds', $3, $4, side, 0, 0,
       ARRAY[base + side * 100, base + side * 100 + (2 * side - 1) * 20]::integer[], ARRAY[65 * (1 + i % 7), 650], ARRAY[1, 2]
     FROM generate_series(0, ($2::bigint - $1::bigint) / 1000000 - 1) AS i, generate_series(0, 1) AS side,
       LATERAL (SELECT to_timestamp($1::bigint / 1e6) + i * interval '1 second' AS at, 2604000 + (i / 90 % 5) * 20 AS base)`,
    [START_US, END_US, id, FEEDS[id]],
  );
  await client.query(
    'INSERT INTO gehra.feed_positions VALUES ($1, $2) ON CONFLICT (feed_id) DO UPDATE SET position = excluded.position',
    [FEEDS[id], positionUs],
  );
}

/** What is stored, a line a tile. */
async function contents(): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT concat_ws(' ', instrument_id, column_ms, value, row_units, extract(epoch FROM start_time), feed_id, revision, md5(bytes)) AS line
     FROM gehra.heatmap_tiles ORDER BY 1`,
  );
  return rows.map(({ line }) => line);
}

/** How many tiles of the finest stored columns each instrument has, by their beginning. */
async function baseTiles(): Promise<{ id: number; tiles: number }[]> {
  const { rows } = await client.query<{ id: number; tiles: number }>(
    `SELECT instrument_id AS id, count(*)::integer AS tiles FROM gehra.heatmap_tiles WHERE column_ms = $1
     GROUP BY instrument_id, start_time ORDER BY instrument_id, start_time`,
    [BASE_MS],
  );
  return rows;
}

it('does nothing where nothing is stored, and says nothing', async () => {
  for (const which of ['new', 'changed'] as const) await keep(which);
  expect([await contents(), lines]).toEqual([[], []]);
});

it('builds what is final of each instrument, and the next run finds nothing to do', async () => {
  await storeBooks(1);
  await storeBooks(2, START_US + 2 * LENGTH_US + 20 * SECOND_US);
  await keep();
  expect(await baseTiles()).toEqual([
    ...Array.from({ length: TILES }, () => ({ id: 1, tiles: TILES_OF_A_PLACE })),
    // Only two of its tiles are over by the position of its feed.
    ...Array.from({ length: 2 }, () => ({ id: 2, tiles: TILES_OF_A_PLACE })),
  ]);
  expect(said('tiles_built')).toHaveLength(1);
  const before = await contents();
  await keep();
  expect(await contents()).toEqual(before);
  expect(said('tiles_built')).toHaveLength(1);
  // As the position moves on, the others follow.
  await client.query('UPDATE gehra.feed_positions SET position = $1', [END_US + 60 * SECOND_US]);
  await keep();
  expect((await baseTiles()).filter(({ id }) => id === 2)).toHaveLength(TILES);
  expect(await contents()).toEqual(expect.arrayContaining(before));
});

it('leaves a frame that came late to the night, which builds its tile anew and no other', async () => {
  await storeBooks(1);
  await storeBooks(2);
  await keep();
  const before = await contents();
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT at, at, 2, $2, 0, 0, 0, '{2603000}', '{999999}', '{1}' FROM (SELECT to_timestamp($1::bigint / 1e6) AS at) AS late`,
    [START_US + LENGTH_US + 300 * SECOND_US + 500_000, FEEDS[2]],
  );
  await keep();
  expect(await contents()).toEqual(before);
  await keep('changed');
  const changed = (await contents()).filter((line) => !before.includes(line));
  expect(changed.filter((line) => line.startsWith(`2 ${BASE_MS} `))).toHaveLength(TILES_OF_A_PLACE);
  expect(changed.filter((line) => line.startsWith('1 '))).toEqual([]);
  const after = await contents();
  await keep('changed');
  expect(await contents()).toEqual(after);
});

it('says which tile could not be built, and builds the others', async () => {
  await storeBooks(1);
  await client.query(
    `ALTER TABLE gehra.heatmap_tiles ADD CONSTRAINT none CHECK (start_time <> to_timestamp(${START_US / 1e6}))`,
  );
  await keep();
  expect(said('tile_not_built')[0]).toMatchObject({ instrumentId: 1, columnMs: BASE_MS, startUs: START_US });
  expect(await baseTiles()).toHaveLength(TILES - 1);
  await client.query('ALTER TABLE gehra.heatmap_tiles DROP CONSTRAINT none');
  await keep('changed');
  expect(await baseTiles()).toHaveLength(TILES);
});

it('goes on where it was killed, and nothing shows that it was', { timeout: 180_000 }, async () => {
  await storeBooks(1);
  await storeBooks(2);
  await keep();
  const whole = await contents();
  await client.query('TRUNCATE gehra.heatmap_tiles');
  // It stops at the third tile of the first instrument for as long as somebody holds the lock.
  await client.query(
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NEW; END $$;
     CREATE TRIGGER wait BEFORE INSERT ON gehra.heatmap_tiles FOR EACH ROW
       WHEN (NEW.start_time >= to_timestamp(${(START_US + 2 * LENGTH_US) / 1e6})) EXECUTE FUNCTION wait();
     SELECT pg_advisory_lock(${LOCK})`,
  );
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(packageRoot, 'tests/support/tiles-worker.ts'), database.url],
    { cwd: packageRoot, env: foreignEnvironment() as NodeJS.ProcessEnv, stdio: 'ignore' },
  );
  const waiting = async (): Promise<number[]> =>
    (
      await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`,
      )
    ).rows.map(({ pid }) => pid);
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 120_000, interval: 50 });
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Its statement dies with it: PostgreSQL would finish it as soon as the lock is free.
  for (const pid of await waiting()) await client.query('SELECT pg_terminate_backend($1)', [pid]);
  await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 60_000, interval: 50 });
  await client.query(
    `SELECT pg_advisory_unlock(${LOCK}); DROP TRIGGER wait ON gehra.heatmap_tiles; DROP FUNCTION wait()`,
  );
  // Two are there whole, and nothing of the third.
  expect(await baseTiles()).toEqual([
    { id: 1, tiles: TILES_OF_A_PLACE },
    { id: 1, tiles: TILES_OF_A_PLACE },
  ]);
  await keep();
  expect(await contents()).toEqual(whole);
});
