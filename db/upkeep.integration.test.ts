import type pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDatabase } from '../tests/support/servers.ts';
import { connect } from './connect.ts';
import { migrate } from './migrate.ts';
import { forgetReader, noteReader, oldestReadUs } from './readers.ts';
import { dayBytes } from './sizes.ts';
import { dropOld, ensurePartitions, reorderClosedDays } from './upkeep.ts';

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let edition: string;
beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  client = await connect(database.url, 'test');
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

/** Days of ticks of 2025-01: noon UTC of each. */
async function storeDays(days: readonly number[]): Promise<void> {
  for (const day of days) {
    await client.query(`SELECT gehra.ensure_day(make_date(2025, 1, $1))`, [day]);
    await client.query(
      `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence)
       VALUES (make_timestamptz(2025, 1, $1, 12, 0, 0, 'UTC'), 9, 1, 0, 1, 0, 0)`,
      [day],
    );
  }
}
const daysLeft = async (): Promise<number[]> =>
  (
    await client.query<{ day: number }>(
      `SELECT extract(day FROM time AT TIME ZONE 'UTC')::integer AS day FROM gehra.ticks WHERE instrument_id = 9 ORDER BY time`,
    )
  ).rows.map(({ day }) => day);
const us = (day: number): number => Date.UTC(2025, 0, day) * 1000;

it('leaves what an export, a backtest or a replay under way reads, until it has ended', async () => {
  const keep = { depth: 0, ticks: 5, bars: 0, tiles: 0, signals: 0 };
  await storeDays([10, 11, 12, 13, 14, 15]);
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size) VALUES ('NSE', 'X', 'X', 'EQ', 100, 5, 1)`,
  );
  await noteReader(client, 'replay 1', us(11) + 1, 300);
  await client.query(
    `INSERT INTO gehra.exports (who, kind, format, instrument_id, from_time, to_time, state)
     VALUES ('test', 'ticks', 'csv', 1, '2025-01-12 06:00Z', '2025-01-13 06:00Z', 'running')`,
  );
  await client.query(
    `INSERT INTO gehra.backtests (who, name, from_time, to_time) VALUES ('test', 'b', '2025-01-13 06:00Z', '2025-01-14 06:00Z')`,
  );
  // Five days before the 20th: all but the last would go.
  await dropOld(client, keep, us(20));
  expect(await daysLeft()).toEqual([11, 12, 13, 14, 15]);
  await forgetReader(client, 'replay 1');
  await dropOld(client, keep, us(20));
  expect(await daysLeft()).toEqual([12, 13, 14, 15]);
  await client.query(`UPDATE gehra.exports SET state = 'done'`);
  await dropOld(client, keep, us(20));
  expect(await daysLeft()).toEqual([13, 14, 15]);
  await client.query(`UPDATE gehra.backtests SET state = 'cancelled'`);
  await dropOld(client, keep, us(20));
  expect(await daysLeft()).toEqual([15]);
});

it('forgets a reader that has gone without a word', async () => {
  await noteReader(client, 'replay 2', us(1), 300);
  expect(await oldestReadUs(client)).toBe(us(1));
  await noteReader(client, 'replay 2', us(1), -1);
  expect(await oldestReadUs(client)).toBeNull();
  expect((await client.query('SELECT FROM gehra.data_readers')).rowCount).toBe(0);
});

it('knows what each day that is over takes', async () => {
  await storeDays([21, 22]);
  const days = (await dayBytes(client)).filter(
    ({ table, day }) => table === 'ticks' && day > '2025-01-20' && day < '2025-02-01',
  );
  expect(days.map(({ day }) => day)).toEqual(['2025-01-21', '2025-01-22']);
  for (const { bytes } of days) expect(bytes).toBeGreaterThan(8000);
});

it('leaves for later what a long reader, such as a backup, holds: writers would queue behind the wait', async () => {
  const reader = await connect(database.url, 'reader');
  const keepDays = { depth: 0, ticks: 1, bars: 0, tiles: 0, signals: 0 };
  try {
    await storeDays([20]);
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM gehra.ticks');
    expect(await dropOld(client, keepDays, Date.now() * 1000)).toEqual({ ticks: 0 });
    // TimescaleDB makes its chunks itself.
    expect(await ensurePartitions(client, 40)).toBe(edition !== 'plain');
  } finally {
    await reader.end();
  }
  expect((await dropOld(client, keepDays, Date.now() * 1000)).ticks).toBeGreaterThan(0);
  expect(await ensurePartitions(client, 40)).toBe(true);
});
