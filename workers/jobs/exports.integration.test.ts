/** Exports as jobs: one file, whole, whatever happens on the way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { addExport, cancelExport, findExport, type NewExport, noteReading } from '../../db/exports.ts';
import { migrate } from '../../db/migrate.ts';
import { foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import type { ExportState } from '../../lib/core/exports.ts';
import { exportsFolder } from '../../lib/export/files.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { OPEN_US, type StoredMarket, storeMarket } from '../../tests/support/stored-market.ts';
import { type ExportParts, runExport, sweepExports, workOnExports } from './exports.ts';

const log = pino({ level: 'silent' });
const HOUR_US = 3_600_000_000;

let redis: TestServer;
let database: { url: string; drop: () => Promise<void> };
let pool: pg.Pool;
let market: StoredMarket;
let config: ExportParts;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  pool = new pg.Pool({ connectionString: database.url });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  market = await storeMarket(client, {
    frames: 800,
    frameUs: 225_000,
    levels: 200,
    ticks: 50,
    tickUs: 2_000_000,
    withGap: false,
  });
  await client.end();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  await redis.stop();
});
beforeEach(async () => {
  config = {
    dataDir: newDataFolder(),
    databaseUrl: database.url,
    redisUrl: redis.url,
    keepDays: { journal: 0, depth: 0, ticks: 0, bars: 0, tiles: 0, signals: 0 },
    exports: { keepDays: 7, bytesMax: 1e12, atATime: 1 },
  };
  await pool.query('DELETE FROM gehra.exports');
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  rmSync(config.dataDir, { recursive: true, force: true });
});

async function asked(changes: Partial<NewExport> = {}): Promise<number> {
  const id = await addExport(
    pool,
    {
      who: 'test',
      kind: 'depth_levels',
      format: 'csv',
      instrumentId: market.instrumentId,
      bar: null,
      feedId: null,
      fromUs: OPEN_US,
      toUs: market.toUs,
      ...changes,
    },
    1000,
  );
  return id as number;
}

const files = (): string[] =>
  existsSync(exportsFolder(config.dataDir)) ? readdirSync(exportsFolder(config.dataDir)).toSorted() : [];
const fileOf = (name: string): string => path.join(exportsFolder(config.dataDir), name);
const stateOf = async (id: number): Promise<ExportState | undefined> => (await findExport(pool, id))?.state;
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 150_000, interval: 20 });
const untilState = (id: number, state: ExportState): Promise<void> =>
  until(async () => expect(await stateOf(id)).toBe(state));
const never = new AbortController().signal;

/** Works in this process. */
function work(): void {
  stops.push(workOnExports(config, log, { lockMs: 1000, sweepMs: 200 }));
}

/** A header, 1,599 sides of 200 levels, and the one without any. */
const EXPECTED_LINES = 1 + 1599 * 200 + 1;
const linesOf = (name: string): number => readFileSync(fileOf(name), 'latin1').split('\n').length - 1;

it('writes a file for its owner alone, with what is said beside it, and says what became of it', async () => {
  const id = await asked();
  work();
  await untilState(id, 'done');
  expect(files()).toEqual([`${id}.about.json`, `${id}.csv`]);
  for (const name of files()) expect(statSync(fileOf(name)).mode & 0o777).toBe(0o600);
  expect(linesOf(`${id}.csv`)).toBe(EXPECTED_LINES);
  expect(await findExport(pool, id)).toMatchObject({
    progress: 1,
    rows: EXPECTED_LINES - 1,
    bytes: statSync(fileOf(`${id}.csv`)).size,
    gaps: 0,
    error: null,
    attempt: 1,
  });
  expect(JSON.parse(readFileSync(fileOf(`${id}.about.json`), 'utf8'))).toMatchObject({
    what: 'depth_levels',
    gaps: [],
  });
});

// A program is started in it, and an export begun twice: on a busy machine that takes longer than a test may.
it('goes on with what a killed worker left: one whole file, and nothing of the half one', {
  timeout: 180_000,
}, async () => {
  const id = await asked();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(packageRoot, 'tests/support/export-worker.ts'), JSON.stringify(config)],
    { cwd: packageRoot, env: foreignEnvironment() as NodeJS.ProcessEnv, stdio: 'ignore' },
  );
  const half = `${id}.1.csv.part`;
  await until(() => expect(statSync(fileOf(half)).size).toBeGreaterThan(1_000_000));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(files()).toContain(half);
  expect(files()).not.toContain(`${id}.csv`);
  expect(await stateOf(id)).toBe('running');

  work();
  await untilState(id, 'done');
  expect(files()).toEqual([`${id}.about.json`, `${id}.csv`]);
  expect(linesOf(`${id}.csv`)).toBe(EXPECTED_LINES);
  expect((await findExport(pool, id))?.attempt).toBe(2);
});

it('lets only the attempt finish that was begun last', async () => {
  const id = await asked();
  const first = runExport(config, log, id, false, never);
  await until(() => expect(files()).toContain(`${id}.1.csv.part`));
  const second = runExport(config, log, id, false, never);
  await Promise.all([first, second]);
  expect(files()).toEqual([`${id}.about.json`, `${id}.csv`]);
  expect(linesOf(`${id}.csv`)).toBe(EXPECTED_LINES);
  expect(await findExport(pool, id)).toMatchObject({ state: 'done', attempt: 2 });
});

it('stops in the middle when it is cancelled, and leaves nothing behind', async () => {
  const id = await asked();
  work();
  await until(() => expect(statSync(fileOf(`${id}.1.csv.part`)).size).toBeGreaterThan(1_000_000));
  expect(await cancelExport(pool, id)).toBe(true);
  await until(() => expect(files()).toEqual([]));
  expect(await stateOf(id)).toBe('cancelled');
});

it('puts what is under way back when its worker is stopped, and the next one does it', async () => {
  const id = await asked();
  work();
  await until(() => expect(statSync(fileOf(`${id}.1.csv.part`)).size).toBeGreaterThan(1_000_000));
  await stops.pop()?.();
  expect(await stateOf(id)).toBe('queued');
  expect(files()).toEqual([]);
  work();
  await untilState(id, 'done');
  expect(linesOf(`${id}.csv`)).toBe(EXPECTED_LINES);
});

it('fails with the reason where trying again changes nothing, and without it is done again', async () => {
  config = { ...config, exports: { ...config.exports, bytesMax: 1000 } };
  const id = await asked();
  await runExport(config, log, id, false, never);
  expect(await findExport(pool, id)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('larger than EXPORT_BYTES_MAX'),
  });
  expect(files()).toEqual([]);

  const other = await asked();
  const nowhere = { ...config, dataDir: '/dev/null' };
  await expect(runExport(nowhere, log, other, false, never)).rejects.toThrow(/ENOTDIR/);
  expect(await stateOf(other)).toBe('running');
  await runExport(nowhere, log, other, true, never);
  expect(await findExport(pool, other)).toMatchObject({ state: 'failed', error: expect.stringContaining('ENOTDIR') });
});

it('asks again for what the queue has lost', async () => {
  const id = await asked({ kind: 'ticks' });
  await sweepExports(config, log);
  work();
  await untilState(id, 'done');
});

it('deletes what is old and what belongs to nothing, but not what is read or written', async () => {
  const ids = [];
  for (let i = 0; i < 3; i += 1) ids.push(await asked({ kind: 'ticks', toUs: OPEN_US + HOUR_US }));
  const [old, read, fresh] = ids as [number, number, number];
  for (const id of ids) await runExport(config, log, id, true, never);
  await pool.query(`UPDATE gehra.exports SET finished_at = now() - interval '8 days' WHERE export_id = ANY ($1)`, [
    [old, read],
  ]);
  expect(await noteReading(pool, read, 60)).toBe(true);
  const running = await asked();
  await pool.query(`UPDATE gehra.exports SET state = 'running', attempt = 1 WHERE export_id = $1`, [running]);
  mkdirSync(exportsFolder(config.dataDir), { recursive: true });
  for (const name of [`${running}.1.csv.part`, `${fresh}.1.csv.part`, '999999.csv', '999999.2.csv.part']) {
    writeFileSync(fileOf(name), 'x');
  }
  await sweepExports(config, log);
  expect(files()).toEqual(
    [`${read}.about.json`, `${read}.csv`, `${fresh}.about.json`, `${fresh}.csv`, `${running}.1.csv.part`].toSorted(),
  );
  expect(await findExport(pool, old)).toBeNull();
});
