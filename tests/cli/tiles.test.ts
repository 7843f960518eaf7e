import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { gehra } from '../support/gehra.ts';
import { createDatabase } from '../support/servers.ts';
import { SLUG, storeMarket } from '../support/stored-market.ts';

const log = pino({ level: 'silent' });
const DAY = ['--from', '2026-11-25', '--to', '2026-11-25'];

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // Twenty minutes from 09:15 on: a tile of ten minutes is whole, and one on either side of it in part.
  await storeMarket(client, {
    frames: 1200,
    frameUs: 1_000_000,
    levels: 20,
    ticks: 50,
    tickUs: 2_000_000,
    withGap: false,
  });
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const tiles = (...args: string[]) => gehra(['tiles', ...args], { env: { DATABASE_URL: database.url } });
const stored = async (): Promise<string[]> =>
  (
    await client.query<{ line: string }>(
      `SELECT concat_ws(' ', column_ms, value, row_units, start_time, revision, md5(bytes)) AS line FROM gehra.heatmap_tiles ORDER BY 1`,
    )
  ).rows.map(({ line }) => line);

it('builds what is missing, leaves what is as it should be, and builds all anew where asked to', async () => {
  const first = await tiles('--instrument', SLUG, ...DAY);
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).toMatch(/^2026-11-25 to 2026-11-25: [1-9]\d* built, 0 as they should be, 0 failed\n$/);
  const before = await stored();
  expect(before.length).toBeGreaterThanOrEqual(12);
  const again = await tiles(...DAY);
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringMatching(/: 0 built, [1-9]\d* as they should be, 0 failed/),
  ]);
  await client.query(`UPDATE gehra.heatmap_tiles SET bytes = '\\x00' WHERE column_ms = 5000`);
  expect((await tiles(...DAY)).stdout).toContain(': 0 built');
  const rebuilt = await tiles('--rebuild', ...DAY);
  expect([rebuilt.code, rebuilt.stdout]).toEqual([0, expect.stringMatching(/: [1-9]\d* built, 0 as they should be/)]);
  expect(await stored()).toEqual(before);
});

it('finds nothing on a day without books', async () => {
  const { code, stdout } = await tiles('--to', '2026-11-24');
  expect([code, stdout]).toEqual([0, '2026-11-24 to 2026-11-24: 0 built, 0 as they should be, 0 failed\n']);
});

it('names the tiles that cannot be built, and fails', async () => {
  await client.query('DELETE FROM gehra.heatmap_tiles');
  await client.query('ALTER TABLE gehra.heatmap_tiles ADD CONSTRAINT none CHECK (column_ms > 5000)');
  const { code, stdout, stderr } = await tiles(...DAY);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/: 0 built, 0 as they should be, [1-9]\d* failed/)]);
  expect(stderr).toMatch(/^the tile of 5000 ms at 2026-11-25T03:\d0:00\.000Z: new row .* violates check constraint/m);
  expect(stderr).toContain('Not every tile could be built.');
  await client.query('ALTER TABLE gehra.heatmap_tiles DROP CONSTRAINT none');
});

it.each([
  [['--instrument', 'NFO:NOSUCH'], 'There is no instrument NFO:NOSUCH'],
  [['--instrument', "x'; DROP TABLE gehra.ticks"], 'There is no instrument'],
  [['--from', '2026-11-26', '--to', '2026-11-25'], '--to 2026-11-25 is before --from 2026-11-26.'],
  [['--from', '2026-02-30'], 'It is no date'],
])('refuses %j', async (args, words) => {
  const { code, stderr } = await tiles(...args);
  expect([code === 0, stderr]).toEqual([false, expect.stringContaining(words)]);
});

it('says what to do where no instance runs', async () => {
  const { code, stderr } = await gehra(['tiles', '--data', newDataFolder()]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('Start one with: ./gehra up --data')]);
});
