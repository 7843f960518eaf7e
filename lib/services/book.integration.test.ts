import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { BookQuery } from '../api/books.ts';
import type { Answer } from '../api/operations.ts';
import { bookAt } from './book.ts';
import { inIst } from './times.ts';

const log = pino({ level: 'silent' });
/** 2026-11-25 10:00 IST. */
const START_US = Date.UTC(2026, 10, 25, 4, 30) * 1000;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let stop: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1)`,
  );
  // A book every 200 ms for ten seconds, the ask 30 ms after the bid and under the bid's time.
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT at, at + side * interval '30 milliseconds', 1, 31, side, 0, 0,
       CASE side WHEN 0 THEN ARRAY[2604000 + i * 10, 2603990] ELSE ARRAY[2604050 + i * 10, 2604060 + i * 10, 2604070 + i * 10] END,
       CASE side WHEN 0 THEN ARRAY[650, 65 * (i + 1)] ELSE ARRAY[130, 65, 65] END,
       CASE side WHEN 0 THEN ARRAY[2, 1] ELSE ARRAY[1, 1, 1] END
     FROM generate_series(0, 49) AS i, generate_series(0, 1) AS side,
       LATERAL (SELECT to_timestamp($1 / 1e6) + i * interval '200 milliseconds' AS at)`,
    [START_US],
  );
  await client.query(
    `INSERT INTO gehra.feed_gaps VALUES (31, to_timestamp($1 / 1e6), to_timestamp($2 / 1e6), 'network', '{1}')`,
    [START_US + 9_830_000, START_US + 60_000_000],
  );
  ({ stop } = await startTestServices(database.url, log));
});
afterAll(async () => {
  await stop();
  await client.end();
  await database.drop();
});

const at = async (us: number, more: Record<string, string> = {}): Promise<Answer<'/api/depth/book'>> =>
  bookAt(
    await demoCaller(),
    BookQuery.parse({ instrument: 'NFO:NIFTY26DECFUT', at: new Date(us / 1000).toISOString(), ...more }),
  );

describe('the book as of an instant', () => {
  it('is the newest of both sides received by then', async () => {
    const book = await at(START_US + 1_010_000);
    // The bid of the sixth book has come, its ask not yet.
    expect(book).toMatchObject({ state: 'whole', feed: 'dhan-depth200-1', lotSize: 65, priceScale: 100, cause: null });
    expect(book.bid).toEqual({
      received: inIst(START_US + 1_000_000),
      ageMs: 10,
      count: 2,
      levels: [
        [2_604_050, 650, 2],
        [2_603_990, 390, 1],
      ],
    });
    expect(book.ask).toMatchObject({ received: inIst(START_US + 830_000), ageMs: 180, count: 3 });
    expect(book.ask.levels[0]).toEqual([2_604_090, 130, 1]);
    expect(book.metrics).toMatchObject({ spread: 40, mid: 2_604_070, bidOrderSize: 1040 / 3 });
    expect(book.metrics?.roundTrip10).toBeNull();
    expect(book.metrics?.roundTrip1).toBeGreaterThan(0);
  });

  it('gives as many levels as asked for, and measures all of them', async () => {
    const book = await at(START_US + 1_100_000, { levels: '1' });
    expect([book.bid.levels.length, book.ask.levels.length]).toEqual([1, 1]);
    expect([book.bid.count, book.ask.count]).toEqual([2, 3]);
    expect(book.metrics?.imbalance200).toBeCloseTo((1040 - 260) / (1040 + 260), 12);
  });

  it('says how old it is, that nobody listened, and measures nothing then', async () => {
    const inGap = await at(START_US + 20_000_000);
    expect(inGap).toMatchObject({ state: 'gap', cause: 'network', metrics: null });
    expect(inGap.bid.ageMs).toBe(10_200);
    const after = await at(START_US + 3_600_000_000);
    expect(after).toMatchObject({ state: 'stale', cause: null, metrics: null });
  });

  it('is not whole where one side is of before a gap and the other of after it', async () => {
    await client.query(
      `INSERT INTO gehra.feed_gaps VALUES (31, to_timestamp($1 / 1e6), to_timestamp($2 / 1e6), 'network', '{1}')`,
      [START_US + 5_100_000, START_US + 5_190_000],
    );
    // The bid of 5.2 s has come, and the ask is of 5.0 s.
    expect(await at(START_US + 5_210_000)).toMatchObject({ state: 'stale', metrics: null });
    expect(await at(START_US + 5_240_000)).toMatchObject({ state: 'whole' });
  });

  it('is none before the first book, and where nobody gives the instrument', async () => {
    const none = { received: null, ageMs: null, count: 0, levels: [] };
    expect(await at(START_US - 1000)).toMatchObject({ state: 'none', bid: none, ask: none, metrics: null });
    expect(await at(START_US, { instrument: 'NSE:SBIN' })).toMatchObject({ state: 'none', feed: null });
    await expect(at(START_US, { instrument: 'NSE:NOBODY' })).rejects.toMatchObject({ status: 404 });
  });
});
