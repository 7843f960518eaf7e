import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDatabase } from '../tests/support/servers.ts';
import { migrate } from './migrate.ts';
import { reorderClosedDays } from './upkeep.ts';

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let edition: string;
beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  edition =
    (await client.query<{ edition: string }>('SELECT gehra.timescale_edition() AS edition')).rows[0]?.edition ?? '';
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const lying = async (): Promise<string> =>
  (
    await client.query<{ lying: string }>(
      `SELECT string_agg(instrument_id || '-' || i, ' ') AS lying
       FROM (SELECT instrument_id, (extract(epoch FROM time)::bigint % 10)::integer AS i FROM gehra.ticks WHERE time < now() - interval '2 days') AS rows`,
    )
  ).rows[0]?.lying ?? '';

it('puts each closed day into the order of its key, once', async () => {
  if (edition === 'plain') {
    await client.query(
      `CREATE TABLE gehra.ticks_20250102 PARTITION OF gehra.ticks FOR VALUES FROM ('2025-01-02 00:00Z') TO ('2025-01-03 00:00Z')`,
    );
  }
  // Two instruments, mixed as they come; and some of today, which is not over.
  await client.query(
    `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence)
     SELECT day + i * interval '1 second', instrument, 1, 0, 1, 0, 0
     FROM unnest(ARRAY['2025-01-02 05:00Z'::timestamptz, now()]) AS day, generate_series(0, 2) AS i, unnest(ARRAY[2, 1]) AS instrument
     ORDER BY i, instrument DESC`,
  );
  expect(await lying()).toBe('2-0 1-0 2-1 1-1 2-2 1-2');
  const days = await reorderClosedDays(client);
  // Where its own policies do it, nothing is left to us.
  expect(days).toHaveLength(edition === 'full' ? 0 : 1);
  expect(await reorderClosedDays(client)).toEqual([]);
  if (edition !== 'full') expect(await lying()).toBe('1-0 1-1 1-2 2-0 2-1 2-2');
});
