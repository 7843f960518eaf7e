import { readdirSync } from 'node:fs';
import path from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ABSENT } from '../lib/core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../lib/core/aggressor.ts';
import { depthChecksum, tickChecksum } from '../lib/core/checksum.ts';
import { FEEDS } from '../lib/core/feeds.ts';
import { SideLevels } from '../lib/core/side.ts';
import { flowRows } from '../lib/orderflow/flow-rows.ts';
import { createDatabase } from '../tests/support/servers.ts';
import { connect } from './connect.ts';
import { addFlow } from './flow.ts';
import { knownMigrations, MIGRATION_PATH, MigrationError, migrate } from './migrate.ts';

const FILES = readdirSync(path.join(import.meta.dirname, 'migrations'));

const log = pino({ level: 'silent' });

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

async function value<T>(sql: string, parameters: unknown[] = []): Promise<T> {
  const { rows } = await client.query({ text: sql, values: parameters, rowMode: 'array' });
  return (rows[0] as [T])[0];
}

/** One instrument and one side of its 200-level book, five minutes after 09:15 IST. */
async function storeBook(): Promise<void> {
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, dhan_segment, dhan_security_id)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65, 'NSE_FNO', 52714), ('NSE', 'SBIN', 'SBI', 'EQ', 100, 5, 1, 'NSE_EQ', 3045)`,
  );
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT '2026-11-25 03:50:00+00'::timestamptz + minute * interval '1 second', '2026-11-25 03:50:00.0004+00'::timestamptz + minute * interval '1 second',
       instrument, 31, side, 0, 0, CASE side WHEN 0 THEN '{2604000,2603910}' ELSE '{2604090,2604100}' END::integer[], '{650,65}', '{3,1}'
     FROM generate_series(0, 999) AS minute, generate_series(0, 1) AS side, generate_series(1, 2) AS instrument`,
  );
  await client.query('ANALYZE gehra.depth_snapshots, gehra.instruments');
}

describe('migrations', () => {
  it('bring an empty database up, and do nothing the second time', async () => {
    await migrate(database.url, log);
    await migrate(database.url, log);
    expect(await value('SELECT count(*)::integer FROM gehra.migrations')).toBe(FILES.length);
    expect(await value('SELECT count(*)::integer FROM gehra.feeds')).toBe(FEEDS.length);
    expect(await value(`SELECT gehra.timescale_edition()`)).toMatch(/^(plain|apache|full)$/);
  });

  it('of several starters are done by one, while the others wait', async () => {
    await Promise.all([1, 2, 3].map(() => migrate(database.url, log)));
    expect(await value('SELECT count(*)::integer FROM gehra.migrations')).toBe(FILES.length);
  });

  it('refuse a schema newer than the code, and say so', async () => {
    await migrate(database.url, log);
    await client.query(`INSERT INTO gehra.migrations (name, run_on) VALUES ('999_from_the_future', now())`);
    const attempt = migrate(database.url, log);
    await expect(attempt).rejects.toThrow(MigrationError);
    await expect(attempt).rejects.toThrow(/newer than this version of Gehra: it has 999_from_the_future/);
    // The password is nobody's business.
    await expect(attempt).rejects.not.toThrow(`:${new URL(database.url).password}@`);
  });

  it('stop at a table of another system, and leave it as it is', async () => {
    await client.query(`CREATE TABLE public.depth_levels_200 (time timestamptz)`);
    await expect(migrate(database.url, log)).rejects.toThrow(/of another system.*database of its own/s);
    expect(await value(`SELECT to_regclass('gehra.depth_snapshots')::text`)).toBeNull();
    expect(await value('SELECT count(*)::integer FROM public.depth_levels_200')).toBe(0);
  });

  it('make of seconds and cells the minutes that the writer would have made', async () => {
    await migrate(database.url, log);
    const writer = await connect(database.url, 'test');
    const ticks = Array.from({ length: 500 }, (_, i) => ({
      feedId: 1 + (i % 2),
      instrumentId: 1,
      stampUs: Date.UTC(2026, 10, 25, 3, 45) * 1000 + i * 900_000,
      price: 2_604_000 + 10 * ((i * 7) % 23),
      quantity: i % 50 < 4 ? 0 : 65 * (1 + (i % 3)),
      unattributed: i % 50 < 4 ? 130 : 0,
      aggressor: ([AGGRESSOR.buy, AGGRESSOR.sell, AGGRESSOR.unknown] as const)[(i * 5) % 3] as Aggressor,
      oi: i % 4 === 0 ? 1_000_000 + i : ABSENT,
    }));
    await addFlow(writer, flowRows(ticks));
    await writer.end();
    const minutes = async (): Promise<unknown[]> =>
      (await client.query('SELECT m.* FROM gehra.flow_minutes AS m ORDER BY feed_id, time')).rows;
    const asWritten = await minutes();
    expect(asWritten.length).toBeGreaterThan(10);
    const back = new pg.Client({ connectionString: database.url });
    await back.connect();
    await back.query(MIGRATION_PATH);
    await runner({
      dbClient: back,
      dir: path.join(import.meta.dirname, 'migrations'),
      migrationsTable: 'migrations',
      migrationsSchema: 'gehra',
      direction: 'down',
      count: FILES.filter((file) => file >= '018').length,
      log: () => undefined,
    });
    await back.end();
    expect(await value('SELECT count(*)::integer FROM gehra.footprint_cells')).toBeGreaterThan(100);
    await migrate(database.url, log);
    expect(await minutes()).toEqual(asWritten);
  });

  it('of every released version bring its rows along, to what a new database has', async () => {
    const known = knownMigrations();
    const places = { instruments: 1, ticks: 3, depth: 4 };
    for (let version = 1; version <= known.length; version += 1) {
      await migrate(database.url, log, version);
      expect(await value('SELECT count(*)::integer FROM gehra.migrations')).toBe(version);
      // Rows of each version beside those of the ones before.
      await client.query(
        `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, kite_token, dhan_security_id)
         VALUES ('NFO', $1, 'NIFTY', 'FUT', 100, 10, 65, 1000 + $2, 5000 + $2)`,
        [`NIFTY${version}FUT`, version],
      );
      for (let i = 0; i < places.ticks; i += 1) {
        await client.query(
          `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, volume)
           VALUES (now() - $2 * interval '1 s', $1, 1, 0, 3, 0, 0, 2604000, $2)`,
          [version, i],
        );
      }
      for (let i = 0; i < places.depth; i += 1) {
        await client.query(
          `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
           SELECT t, t, $1, 31, $2 % 2, 0, 0, '{2604000,2603900}', '{650,65}', '{3,1}' FROM (SELECT now() - ($2 / 2) * interval '1 s' AS t) AS at`,
          [version, i],
        );
      }
    }
    const facts = await client.query({
      text: `SELECT (SELECT count(*)::integer FROM gehra.instruments), (SELECT count(*)::integer FROM gehra.ticks),
        (SELECT sum(volume)::integer FROM gehra.ticks), (SELECT count(*)::integer FROM ticks),
        (SELECT count(*)::integer FROM depth_levels_200), (SELECT count(*)::integer FROM gehra.migrations)`,
      rowMode: 'array',
    });
    const count = known.length;
    expect(facts.rows[0]).toEqual([count, 3 * count, 3 * count, 3 * count, 8 * count, count]);
    // The same shape as one that was made at once: no version leaves anything behind.
    const fresh = await createDatabase(inject('postgresUrl'));
    await migrate(fresh.url, log);
    const other = new pg.Client({ connectionString: fresh.url });
    await other.connect();
    // Names are told as the session sees them.
    for (const session of [client, other]) await session.query('SET search_path = public');
    const shape = (of: pg.Client) =>
      of.query(
        `SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
         WHERE table_schema IN ('gehra', 'public') AND table_name !~ '_\\d{8}$' ORDER BY 1, 2, ordinal_position`,
      );
    try {
      expect((await shape(client)).rows).toEqual((await shape(other)).rows);
    } finally {
      await other.end();
      await fresh.drop();
    }
  });

  it('keep market data by day', async () => {
    await migrate(database.url, log);
    const edition = await value<string>('SELECT gehra.timescale_edition()');
    await storeBook();
    const days =
      edition === 'plain'
        ? await value(`SELECT count(*)::integer FROM pg_inherits WHERE inhparent = 'gehra.depth_snapshots'::regclass`)
        : await value(
            `SELECT count(*)::integer FROM timescaledb_information.chunks WHERE hypertable_name = 'depth_snapshots'`,
          );
    expect(days).toBeGreaterThanOrEqual(1);
    // The rows are kept whatever partition they find: none was made for that day.
    expect(await value('SELECT count(*)::integer FROM gehra.depth_snapshots')).toBe(4000);
  });

  it('drop days that are too old, whole', async () => {
    await migrate(database.url, log);
    await client.query(
      `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
       SELECT day, day, 1, 31, 0, 0, 0, '{1}', '{1}', '{1}' FROM unnest(ARRAY[now(), now() - interval '1 day']) AS day`,
    );
    expect(await value(`SELECT gehra.drop_before('gehra.depth_snapshots', interval '5 days')`)).toBe(0);
    expect(await value(`SELECT gehra.drop_before('gehra.depth_snapshots', interval '0 seconds')`)).toBeGreaterThan(0);
    // Today's is not over.
    expect(await value('SELECT count(*)::integer FROM gehra.depth_snapshots')).toBe(1);
  });
});

describe('depth_levels_200', () => {
  it('has one row per level, in rupees, both sides of a book under one time', async () => {
    await migrate(database.url, log);
    await storeBook();
    const { rows, fields } = await client.query(
      `SELECT * FROM depth_levels_200 WHERE security_id = 52714 AND time = '2026-11-25 03:50:07+00' ORDER BY side DESC, level_num`,
    );
    expect(fields.map(({ name }) => name)).toEqual([
      'time',
      'security_id',
      'instrument_name',
      'side',
      'level_num',
      'price',
      'quantity',
      'orders',
      'exchange_segment',
    ]);
    expect(rows.map(({ time: _, ...row }) => Object.values(row).join(' '))).toEqual([
      '52714 NIFTY26DECFUT BID 1 26040.00 650 3 NSE_FNO',
      '52714 NIFTY26DECFUT BID 2 26039.10 65 1 NSE_FNO',
      '52714 NIFTY26DECFUT ASK 1 26040.90 650 3 NSE_FNO',
      '52714 NIFTY26DECFUT ASK 2 26041.00 65 1 NSE_FNO',
    ]);
  });

  it('reaches the index by time, security and side', async () => {
    await migrate(database.url, log);
    await storeBook();
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT * FROM depth_levels_200 WHERE security_id = 52714 AND side = 'BID'
         AND time >= '2026-11-25 03:50:07+00' AND time < '2026-11-25 03:50:08+00'`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const condition = plan.split('\n').filter((line) => line.includes('Index Cond') && line.includes('book_time'));
    expect(condition.length, plan).toBeGreaterThan(0);
    for (const line of condition) expect(line).toMatch(/instrument_id.*side.*book_time|book_time.*instrument_id.*side/);
  });
});

describe('checksums in SQL', () => {
  it('are those of the exchange', async () => {
    await migrate(database.url, log);
    const rows = [
      [2_604_000, 650, 3],
      [2_603_910, 2_147_483_647, 1],
      [2_147_483_647, 1, 2_147_483_647],
      [1, 0, 0],
    ] as const;
    for (const count of [0, 1, 2, 4]) {
      const side = new SideLevels();
      side.count = count;
      rows.forEach(([price, quantity, orders], i) => {
        side.prices[i] = price;
        side.quantities[i] = quantity;
        side.orders[i] = orders;
      });
      const column = (i: 0 | 1 | 2) => rows.slice(0, count).map((row) => row[i]);
      expect(Number(await value('SELECT gehra.depth_checksum($1, $2, $3)', [column(0), column(1), column(2)]))).toBe(
        depthChecksum(side),
      );
    }
    for (const numbers of [[0], [1, -2, 3], [2 ** 40, -(2 ** 40)]]) {
      expect(Number(await value('SELECT gehra.numbers_checksum($1)', [numbers]))).toBe(tickChecksum(numbers));
    }
  });
});
