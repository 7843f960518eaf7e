import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { buildTiles, STORED_MS } from '../../db/build-tiles.ts';
import { createPool, type Pool } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { ASK, BID, SideLevels } from '../../lib/core/side.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import type { TimedBook } from './sealed-books.ts';
import { storedTileBytes, tickSizeOf } from './tile-bytes.ts';

const TICK = 10;
const DEPTH200 = 31;
/** 2026-11-25 09:38 IST: the books go over from one tile of 5 s columns into the next. */
const START_US = Date.UTC(2026, 10, 25, 4, 8) * 1000;
const CADENCE_US = 203_000;

/** Books whose best prices and sizes change with each. */
const BOOKS: TimedBook[] = Array.from({ length: 900 }, (_, at) => {
  const sides = ([BID, ASK] as const).map((side) => {
    const levels = new SideLevels();
    levels.count = 30;
    for (let i = 0; i < levels.count; i += 1) {
      levels.prices[i] = 2_604_000 + ((at * 7) % 13) * TICK + (side === BID ? -1 : 1) * (i * 2 + 1) * TICK;
      levels.quantities[i] = 65 * (1 + ((at * 31 + i * 17) % 23));
      levels.orders[i] = 1;
    }
    return levels;
  });
  return { stampUs: START_US + at * CADENCE_US, sides: sides as [SideLevels, SideLevels] };
});

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let db: Pool;
beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  db = createPool(database.url, 'test', () => undefined);
});
afterAll(async () => {
  await db.end();
  await client.end();
  await database.drop();
});

it('knows the tick of the books', () => {
  expect(tickSizeOf(BOOKS)).toBe(TICK);
});

it('counts the bytes that the job stores of the same books, tier by tier', async () => {
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, $1, 65)`,
    [TICK],
  );
  for (const { stampUs, sides } of BOOKS) {
    for (const side of [BID, ASK] as const) {
      const { prices, quantities, orders, count } = sides[side];
      const numbers = (of: ArrayLike<number>): number[] => Array.from({ length: count }, (_, i) => of[i] as number);
      await client.query(
        `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
         SELECT at, at, 1, $2, $3, 0, 0, $4, $5, $6 FROM to_timestamp($1::bigint / 1e6) AS at`,
        [stampUs, DEPTH200, side, numbers(prices), numbers(quantities), numbers(orders)],
      );
    }
  }
  const nowUs = START_US + 3 * 86_400_000_000;
  await buildTiles(db, {
    instrumentIds: [1],
    fromUs: START_US - 3_600_000_000,
    toUs: nowUs,
    nowUs,
    which: 'all',
    isTimeUp: () => false,
    onFailure: (_, error) => {
      throw error;
    },
  });
  const { rows } = await client.query<{ column_ms: number; bytes: number }>(
    'SELECT column_ms, sum(octet_length(bytes))::integer AS bytes FROM gehra.heatmap_tiles GROUP BY 1',
  );
  const counted = storedTileBytes(BOOKS, TICK);
  expect([...counted.keys()]).toEqual(STORED_MS);
  expect(new Map(rows.map(({ column_ms, bytes }) => [column_ms, bytes]))).toEqual(counted);
});
