/** Search over as many instruments as there are, in a real database. */
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { InstrumentsQuery } from '../api/instruments.ts';
import { services } from './context.ts';
import { searchInstruments } from './instruments.ts';

const log = pino({ level: 'silent' });
let database: { url: string; drop: () => Promise<void> };
let stop: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  ({ stop } = await startTestServices(database.url, log));
  const client = await connect(database.url, 'test');
  // 40 underlyings × 12 expiries × 104 strikes × 2 = 99,840 options, and their futures, shares and two indices.
  await client.query(
    `WITH underlying AS (SELECT CASE n WHEN 1 THEN 'NIFTY' WHEN 2 THEN 'BANKNIFTY' ELSE 'STOCK' || n END AS name FROM generate_series(1, 40) AS n),
       month AS (SELECT d::date AS expiry, to_char(d, 'YYMON') AS code FROM generate_series('2026-12-29'::date, '2027-11-29', '1 month') AS d)
     INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, kite_token)
     SELECT 'NFO', name || code || strike || type, name, type, expiry, strike * 100, 100, 5, 65, row_number() OVER () * 256 + 2
     FROM underlying, month, generate_series(20000, 30300, 100) AS strike, (VALUES ('CE'), ('PE')) AS option (type)
     UNION ALL SELECT 'NFO', name || code || 'FUT', name, 'FUT', expiry, NULL, 100, 10, 65, NULL FROM underlying, month
     UNION ALL SELECT 'NSE', name, name || ' LIMITED', 'EQ', NULL, NULL, 100, 5, 1, NULL FROM underlying WHERE name LIKE 'STOCK%'
     UNION ALL SELECT 'INDICES', symbol, symbol, 'INDEX', NULL, NULL, 100, 5, 1, NULL FROM (VALUES ('NIFTY 50'), ('NIFTY BANK')) AS i (symbol)`,
  );
  await client.query(
    `INSERT INTO gehra.subscriptions (instrument_id, feed_id) SELECT instrument_id, 1 FROM gehra.instruments ORDER BY random() LIMIT 500`,
  );
  await client.end();
});
afterAll(async () => {
  await stop();
  await database.drop();
});

const search = async (words: string, limit = 100) =>
  (await searchInstruments(await demoCaller(), InstrumentsQuery.parse({ search: words, limit }))).instruments;

/** What people type: whole queries, and every beginning of them. */
const TYPED = [
  'NIFTY 25000 CE',
  'BANKNIFTY SEP FUT',
  'nifty dec fut',
  'STOCK17 27300 PE',
  'stock9',
  'CE',
  '25',
  'zzz zzz',
  'put 29 DEC',
];
const QUERIES = TYPED.flatMap((query) => Array.from({ length: query.length }, (_, i) => query.slice(0, i + 1)));

describe('search over 100,000 instruments', { timeout: 120_000 }, () => {
  it('finds contracts by words', async () => {
    const symbols = async (words: string) => (await search(words, 500)).map(({ symbol }) => symbol);
    const calls = await symbols('NIFTY 25000 CE');
    expect(calls.length).toBe(24);
    for (const symbol of calls) expect(symbol).toMatch(/NIFTY\d\d[A-Z]{3}25000CE/);
    const sep = await symbols('BANKNIFTY SEP FUT');
    expect(sep).toEqual(['BANKNIFTY27SEPFUT']);
    expect(new Set(await symbols('nifty dec fut'))).toEqual(new Set(['NIFTY26DECFUT', 'BANKNIFTY26DECFUT']));
    expect((await symbols('STOCK17'))[0]).toMatch(/^STOCK17/);
    expect(await symbols('zzz')).toEqual([]);
  });

  it('puts what is recorded first', async () => {
    const levels = (await search('STOCK', 500)).map((found) => found.levels);
    expect(levels[0]).toBe(5);
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
  });

  it('sees a new instrument at once', async () => {
    const { db } = services();
    expect(await search('NEWCOMER')).toEqual([]);
    await db.query(
      `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size) VALUES ('NSE', 'NEWCOMER', 'NEW', 'EQ', 100, 5, 1)`,
    );
    expect((await search('NEWCOMER')).map(({ symbol }) => symbol)).toEqual(['NEWCOMER']);
  });

  it('answers many times faster than the database that looks at every row', async () => {
    const { db } = services();
    await search('warm');
    const ours: number[] = [];
    for (const query of QUERIES) ours.push(await timed(() => search(query)));
    const scans: number[] = [];
    for (const query of TYPED) {
      scans.push(
        await timed(() =>
          db.query(
            `SELECT instrument_id FROM gehra.instruments
             WHERE (SELECT bool_and(strpos(upper(exchange || ' ' || symbol || ' ' || name), word) > 0) FROM unnest($1::text[]) AS word)
             ORDER BY length(symbol), symbol LIMIT 100`,
            [query.toUpperCase().split(' ')],
          ),
        ),
      );
    }
    const [p95, scan] = [percentile(ours, 0.95), percentile(scans, 0.5)];
    console.info(`search p95 ${p95.toFixed(1)} ms over ${QUERIES.length} queries; a scan takes ${scan.toFixed(1)} ms`);
    expect(scan / p95).toBeGreaterThan(3);
  });
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] as number;
