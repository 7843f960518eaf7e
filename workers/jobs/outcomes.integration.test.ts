/** Outcomes as time passes: of a made-up ramp, with a gap, the session's end, retention and the predecessor's names over it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { outcomeGroups } from '../../db/outcomes.ts';
import { storeSignals } from '../../db/signals.ts';
import { dropOld } from '../../db/upkeep.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import { loadConfig } from '../../lib/config/config.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { measureOutcomes } from './outcomes.ts';

const S = 1_000_000;
/** Wednesday 2026-11-25, 14:00 IST; the future trades until 15:40. */
const FROM_US = Date.UTC(2026, 10, 25, 8, 30) * 1000;
const END_US = FROM_US + 100 * 60 * S;
const FEED = 31;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let pool: pg.Pool;
let dataDir: string;
let instrumentId = 0;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'gehra-outcomes-'));
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  pool = new pg.Pool({ connectionString: database.url });
  const { rows } = await client.query<{ instrument_id: number }>(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, dhan_segment, dhan_security_id)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65, 'NSE_FNO', 52714) RETURNING instrument_id`,
  );
  instrumentId = rows[0]?.instrument_id as number;
  await client.query('INSERT INTO gehra.subscriptions (instrument_id, feed_id) VALUES ($1, $2)', [instrumentId, FEED]);
  // A book a second, both sides 20 apart; the bid rises by 10 each second.
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT at, at, $3, $4, side, 0, 0, ARRAY[1000000 + i * 10 + side * 20]::integer[], ARRAY[650], ARRAY[CASE side WHEN 0 THEN 6 ELSE 2 END]
     FROM generate_series(0, ($2::bigint - $1::bigint) / 1000000) AS i, generate_series(0, 1) AS side,
       LATERAL (SELECT to_timestamp($1::bigint / 1e6) + i * interval '1 second' AS at) AS moment`,
    [FROM_US, END_US, instrumentId, FEED],
  );
  await client.query('ANALYZE gehra.depth_snapshots');
  await client.query(
    `INSERT INTO gehra.feed_gaps VALUES ($1, to_timestamp($2 / 1e6), to_timestamp($3 / 1e6), 'silent', ARRAY[$4::integer])`,
    [FEED, FROM_US + 1220 * S, FROM_US + 1225 * S, instrumentId],
  );
  await storeSignals(client, [
    signal('up', FROM_US + 600 * S),
    signal('down', FROM_US + 600 * S, { side: 'ask' }),
    signal('gap', FROM_US + 1205 * S),
    signal('late', END_US - 45 * S),
    signal('level', FROM_US + 700 * S, { kind: 'key_level', detector: 'predecessor_key_level@1', state: 'active' }),
  ]);
}, 120_000);
afterAll(async () => {
  await pool.end();
  await client.end();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const signal = (id: string, us: number, changes: Partial<Signal> = {}): Signal => ({
  id,
  kind: 'wall_appeared',
  detector: 'walls@1',
  parameters: 'ab12cd34',
  instrumentId,
  feedId: FEED,
  fromUs: us,
  toUs: us,
  foundUs: us,
  lowPrice: 1_000_000,
  highPrice: 1_000_000,
  side: 'bid',
  size: 6500,
  severity: 1,
  confidence: 0.5,
  cause: { strength: { value: 3, threshold: 2.5 }, orders: { value: 9, threshold: 5 } },
  evidence: [],
  quality: { frameMs: 1000, tickAgeMs: 0 },
  state: 'once',
  ...changes,
});

/** Runs the job with the feed stored up to an instant. */
async function runAt(positionUs: number): Promise<void> {
  await client.query(
    'INSERT INTO gehra.feed_positions VALUES ($1, $2) ON CONFLICT (feed_id) DO UPDATE SET position = excluded.position',
    [FEED, positionUs],
  );
  await measureOutcomes({
    config: loadConfig({ DATABASE_URL: database.url, GEHRA_DATA_DIR: dataDir }),
    hours: new MarketHours('calendar'),
    log: pino({ level: 'silent' }),
    nowUs: positionUs,
  });
}

const samples = async (): Promise<string[]> =>
  (
    await client.query<{ line: string }>(
      `SELECT concat_ws(' ', signal_id, sample, time AT TIME ZONE 'UTC', mid, net_ticks::text, net_bps::text, reasons::text) AS line
       FROM gehra.signal_outcomes ORDER BY signal_id COLLATE "C", sample`,
    )
  ).rows.map(({ line }) => line);
const own = async (id: string) =>
  (
    await client.query(
      'SELECT net_ticks, net_bps, reasons FROM gehra.signal_outcomes WHERE signal_id = $1 AND sample = 0',
      [id],
    )
  ).rows[0];

it('measures a signal when its feed is stored beyond it, and its random times when their hour is over', async () => {
  await runAt(FROM_US + 900 * S);
  expect(await samples()).toEqual([]);
  await runAt(FROM_US + 931 * S);
  expect((await samples()).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['down 0', 'up 0']);
  // 10, 30, 60 and 300 ticks up, less the tick that half the spread is.
  expect((await own('up')).net_ticks).toEqual([9, 29, 59, 299]);
  expect((await own('down')).net_ticks).toEqual([-11, -31, -61, -301]);
  expect((await own('up')).net_bps[0]).toBeCloseTo((90 / 1_006_010) * 10_000, 9);
  await runAt(FROM_US + 3929 * S);
  expect(await samples()).toHaveLength(4);
  await runAt(FROM_US + 3930 * S);
  expect(await samples()).toHaveLength(4 + 4 * 5);
});

it('measures nothing across a gap or the end of the session, and says so', async () => {
  await runAt(END_US + 29 * S);
  expect(await own('late')).toBeUndefined();
  await runAt(END_US + 30 * S);
  expect((await own('gap')).reasons).toEqual([null, 'gap', 'gap', 'gap']);
  expect((await own('late')).reasons).toEqual([null, null, 'outside_session', 'outside_session']);
  expect((await own('late')).net_ticks).toEqual([9, 29, null, null]);
  expect(await samples()).toHaveLength(5 * 6);
});

it('gives the same numbers when it is done again', async () => {
  const before = await samples();
  await runAt(END_US + 60 * S);
  expect(await samples()).toEqual(before);
  await client.query('DELETE FROM gehra.signal_outcomes');
  await client.query('UPDATE gehra.signals SET measured = 0');
  await runAt(END_US + 60 * S);
  expect(await samples()).toEqual(before);
});

it('puts outcomes together against those of random times', async () => {
  const groups = await outcomeGroups(pool, 'hour', {
    fromUs: FROM_US,
    toUs: END_US,
    instrumentIds: [instrumentId],
    kinds: ['wall_appeared'],
    detectors: 'own',
  });
  expect(groups.map(({ key, horizonS }) => `${key} ${horizonS}`)).toEqual([
    ...['14 10', '14 30', '14 60', '14 300'],
    ...['15 10', '15 30', '15 60', '15 300'],
  ]);
  const [first, second] = groups;
  // 9, -11 and 9 ticks.
  expect(first?.signals).toMatchObject({ n: 3, hits: 2, medianTicks: 9 });
  expect(first?.signals.meanTicks).toBeCloseTo(7 / 3, 9);
  expect(second?.missing).toEqual({ outside_session: 0, gap: 1, no_book: 0 });
  // Random times of a ramp give what the ramp gives: no signal is better than they.
  expect(first?.random.n).toBeGreaterThanOrEqual(14);
  expect(first?.sums).toMatchObject({ hours: 1, n: 3 });
  expect(Math.abs(first?.sums.s as number)).toBeLessThan(0.01);
  for (const by of ['all', 'instrument', 'version'] as const) {
    const [one] = await outcomeGroups(pool, by, {
      fromUs: FROM_US,
      toUs: END_US,
      instrumentIds: null,
      kinds: null,
      detectors: 'predecessor',
    });
    expect(one?.kind).toBe('key_level');
    expect(one?.key).toBe(
      { all: '', instrument: String(instrumentId), version: 'predecessor_key_level@1 ab12cd34' }[by],
    );
  }
});

it('is what the predecessor’s names say', async () => {
  const outcomes = await client.query(
    `SELECT security_id, signal_type, signal_data ->> 'side' AS side, price_entry, price_10s_later, price_30s_later, price_60s_later,
       price_5min_later, pnl_10s, pnl_30s, pnl_60s, pnl_5min, result
     FROM signal_outcomes WHERE security_id = 52714 AND signal_time > '2026-11-25' ORDER BY signal_time DESC LIMIT 10`,
  );
  expect(outcomes.rows).toEqual([
    {
      security_id: 52714,
      signal_type: 'key_level',
      side: 'support',
      price_entry: '10070.10',
      price_10s_later: '10071.10',
      price_30s_later: '10073.10',
      price_60s_later: '10076.10',
      price_5min_later: '10100.10',
      pnl_10s: '65.00',
      pnl_30s: '195.00',
      pnl_60s: '390.00',
      pnl_5min: '1950.00',
      result: 'profitable',
    },
  ]);
  const performance = await client.query(
    `SELECT signal_type, trade_date::text, total_signals, winning_signals, losing_signals, win_rate, avg_pnl_60s, total_pnl_60s,
       avg_pnl_5min, total_pnl_5min FROM signal_performance WHERE trade_date = '2026-11-25'`,
  );
  expect(performance.rows).toEqual([
    {
      signal_type: 'key_level',
      trade_date: '2026-11-25',
      total_signals: 1,
      winning_signals: 1,
      losing_signals: 0,
      win_rate: '100.00',
      avg_pnl_60s: '390.00',
      total_pnl_60s: '390.00',
      avg_pnl_5min: '1950.00',
      total_pnl_5min: '1950.00',
    },
  ]);
  const { rows } = await client.query(
    `SELECT current_price, pressure_30s, pressure_60s, pressure_120s, market_state, jsonb_array_length(absorptions) AS absorbed,
       level ->> 'price' AS price, level ->> 'side' AS side, level ->> 'strength' AS strength, level ->> 'age_seconds' AS age,
       level ->> 'status' AS status
     FROM depth_signals LEFT JOIN LATERAL jsonb_array_elements(key_levels) AS level ON true
     WHERE security_id = 52714 AND time = '2026-11-25 08:41:50Z'`,
  );
  expect(rows).toEqual([
    {
      // Of the last book before it: 709 s after the beginning.
      current_price: '10070.90',
      // Six orders against two.
      pressure_30s: '0.500',
      pressure_60s: '0.500',
      pressure_120s: '0.500',
      market_state: 'bullish',
      absorbed: 0,
      price: '10000.00',
      side: 'support',
      strength: '3',
      age: '10',
      status: 'active',
    },
  ]);
  await client.query(
    `INSERT INTO gehra.feed_gaps
     SELECT feed_id, '2026-11-25 08:41:45Z', '2026-11-25 08:41:48Z', 'network', ARRAY[instrument_id] FROM gehra.signals
     WHERE starts_with(detector, 'predecessor')`,
  );
  const { rows: levels } = await client.query(
    `SELECT to_char(time, 'MI:SS') AS at, jsonb_array_length(key_levels) AS levels FROM depth_signals
     WHERE time IN ('2026-11-25 08:41:40Z', '2026-11-25 08:41:50Z') ORDER BY time`,
  );
  expect(levels, 'nobody knows what became of it in a gap').toEqual([
    { at: '41:40', levels: 1 },
    { at: '41:50', levels: 0 },
  ]);
  const { rows: each } = await client.query(
    `SELECT count(*)::integer AS rows, count(DISTINCT time)::integer AS times FROM depth_signals`,
  );
  expect(each[0].rows).toBe(each[0].times);
  expect(each[0].rows).toBe(601);
});

it('goes with its signals when they are too old', async () => {
  const keep = { depth: 0, ticks: 0, bars: 0, tiles: 0, signals: 365 };
  const day = 86_400 * S;
  expect(await dropOld(client, keep, FROM_US + 365 * day)).toMatchObject({ signals: 0, depth_states: 0 });
  expect(await samples()).toHaveLength(30);
  expect((await dropOld(client, keep, END_US + 366 * day)).signals).toBe(5);
  expect(await samples()).toEqual([]);
});
