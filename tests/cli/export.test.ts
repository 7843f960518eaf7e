/** `./gehra export` on a database: into a file, to the output, and what it refuses. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { gehra } from '../support/gehra.ts';
import { createDatabase } from '../support/servers.ts';
import { OPEN_US, SLUG, type StoredMarket, storeMarket } from '../support/stored-market.ts';

let database: { url: string; drop: () => Promise<void> };
let market: StoredMarket;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-export-'));
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  market = await storeMarket(client, {
    frames: 40,
    frameUs: 500_000,
    levels: 20,
    ticks: 50,
    tickUs: 300_000,
    withGap: true,
  });
  await client.end();
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

const interval = (): string[] => ['--from', String(OPEN_US / 1000), '--to', new Date(market.toUs / 1000).toISOString()];
const exported = (...args: string[]) =>
  gehra(['export', '--instrument', SLUG, ...interval(), ...args], { env: { DATABASE_URL: database.url } });

it('writes a file and what is said of it, and the same rows to the output', async () => {
  const out = path.join(dir, 'sides.csv');
  const file = await exported('--what', 'depth_sides', '--out', out);
  expect(file).toMatchObject({ code: 0, stdout: '', stderr: '64 rows; 1 gap in the interval\n' });
  expect(readdirSync(dir).toSorted()).toEqual(['sides.about.json', 'sides.csv']);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const text = readFileSync(out, 'utf8');
  expect(text.split('\n')).toHaveLength(66);

  const output = await exported('--what', 'depth_sides');
  expect(output.code).toBe(0);
  expect(output.stdout).toBe(text);
  expect(output.stderr).toContain(readFileSync(path.join(dir, 'sides.about.json'), 'utf8'));
});

it('writes over nothing', async () => {
  const out = path.join(dir, 'once.csv');
  expect((await exported('--what', 'ticks', '--out', out)).code).toBe(0);
  const before = readFileSync(out, 'utf8');
  const again = await exported('--what', 'depth_sides', '--out', out);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
  expect(readFileSync(out, 'utf8')).toBe(before);
});

it.each([
  [['--what', 'bars'], 2, '--interval is the length of bars'],
  [['--what', 'ticks', '--format', 'npy'], 2, 'ticks cannot be had as npy'],
  [['--what', 'hftbacktest', '--format', 'npy'], 1, 'can only be written to a file'],
  [['--what', 'ticks', '--instrument', 'NFO:NOTHING'], 1, 'There is no instrument NFO:NOTHING'],
  [['--what', 'ticks', '--out', '/nowhere/at/all.csv'], 1, 'cannot be written'],
])('refuses %j', async (args, code, words) => {
  const answer = await exported(...args);
  expect([answer.code, answer.stdout]).toEqual([code, '']);
  expect(answer.stderr).toContain(words);
});
