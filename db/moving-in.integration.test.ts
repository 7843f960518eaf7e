/** SQL in the predecessor's shapes, over our own tables: its columns, its names, and its known mistakes corrected. */
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createDatabase } from '../tests/support/servers.ts';
import { connect } from './connect.ts';
import { migrate } from './migrate.ts';

const log = pino({ level: 'silent' });

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = await connect(database.url, 'test');
  // 1: NIFTY future of both brokers; 2: of Dhan alone; 3: an index.
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, kite_token, dhan_segment,
       dhan_security_id, first_recorded)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65, 13368834, 'NSE_FNO', 52714, now()),
       ('NFO', 'BANKNIFTY26DECFUT', 'BANKNIFTY', 'FUT', 100, 10, 30, NULL, 'NSE_FNO', 52701, now()),
       ('INDICES', 'NIFTY 50', 'NIFTY 50', 'INDEX', 100, 5, 1, 256265, 'IDX_I', 13, now())`,
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
beforeEach(async () => {
  await client.query('DELETE FROM gehra.ticks; DELETE FROM gehra.depth_snapshots; DELETE FROM gehra.flow_minutes');
});

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await client.query(sql, values)).rows;
const columns = async (relation: string): Promise<string[]> =>
  (await client.query(`SELECT * FROM ${relation} LIMIT 0`)).fields.map(({ name }) => name);

const KITE = 1;
const DHAN_LIVE = 11;
const DEPTH = 31;

/** A tick of 2026-11-25, seconds after 09:20 IST; prices in paise. */
async function storeTick(seconds: number, values: Record<string, unknown>): Promise<void> {
  const tick = {
    instrument_id: 1,
    feed_id: KITE,
    n: 0,
    mode: 3,
    aggressor: 0,
    aggressor_confidence: 0,
    ...values,
    time: new Date(Date.UTC(2026, 10, 25, 3, 50, seconds)),
  };
  const names = Object.keys(tick);
  await client.query(
    `INSERT INTO gehra.ticks (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(tick),
  );
}

describe('ticks', () => {
  it('has the columns of the predecessor, new ones last', async () => {
    expect((await columns('ticks')).join(' ')).toBe(
      'time last_trade_time instrument_token trading_symbol exchange instrument_type last_price last_traded_quantity average_traded_price ' +
        'volume_traded oi oi_day_high oi_day_low day_open day_high day_low day_close change change_percent total_buy_quantity ' +
        'total_sell_quantity bid_prices bid_quantities bid_orders ask_prices ask_quantities ask_orders tradable mode volume_delta oi_delta ' +
        'price_delta buy_quantity_delta sell_quantity_delta aggressor_side cvd_change mid_price_calc bid_depth_total ask_depth_total ' +
        'depth_imbalance_ratio order_imbalance bid_ask_spread mid_price consumption_rate flow_intensity depth_toxicity_tick ' +
        'kyle_lambda_tick imbalance spread_bps',
    );
  });

  it('tells of a trade in rupees, with the formulas of before', async () => {
    await storeTick(1, {
      last_price: 2_604_055,
      last_quantity: 65,
      volume: 130_650,
      close: 2_600_000,
      oi: 9_750_000,
      buy_quantity: 300_000,
      sell_quantity: 400_000,
      bid_prices: [2_604_000, 2_603_990],
      bid_quantities: [650, 650],
      bid_orders: [3, 2],
      ask_prices: [2_604_055],
      ask_quantities: [650],
      ask_orders: [4],
      bid_depth: 1300,
      ask_depth: 650,
      spread: 55,
      mid: 2_604_027.5,
      spread_over_last: 55 / 2_604_055,
      imbalance: 650 / 1950,
      volume_delta: 650,
      price_delta: 65,
      oi_delta: -65,
      aggressor: 1,
      aggressor_confidence: 3,
      signed_volume: 650,
    });
    const [tick] = await rows('SELECT * FROM ticks WHERE instrument_token = 13368834');
    expect(tick).toMatchObject({
      trading_symbol: 'NIFTY26DECFUT',
      exchange: 'NFO',
      instrument_type: 'FUT',
      last_price: '26040.55',
      last_traded_quantity: 65,
      volume_traded: 130_650,
      change: '40.55',
      change_percent: '0.1560',
      bid_quantities: ['650', '650'],
      tradable: true,
      mode: 'full',
      volume_delta: 650,
      price_delta: '0.65',
      aggressor_side: 'BUY',
      cvd_change: 650,
      mid_price_calc: '26040.2750',
      depth_imbalance_ratio: '2.0000',
      order_imbalance: -100_000,
      bid_ask_spread: '0.55',
    });
    expect(tick?.bid_prices).toEqual([26040, 26039.9]);
    expect(Number(tick?.consumption_rate)).toBe(3);
    expect(Number(tick?.flow_intensity)).toBeCloseTo(0.001, 12);
    expect(Number(tick?.depth_toxicity_tick)).toBe(0.25);
    expect(Number(tick?.kyle_lambda_tick)).toBeCloseTo(0.00025, 12);
    expect(tick?.spread_bps).toBeCloseTo((10_000 * 0.55) / 26040.55, 9);
  });

  it('says nothing where it knows nothing, and 0 where a side is missing as before', async () => {
    await storeTick(1, {
      last_price: 2_604_000,
      volume: 10,
      bid_prices: [2_603_900],
      bid_quantities: [65],
      bid_orders: [1],
      bid_depth: 65,
      ask_depth: 0,
    });
    await storeTick(2, { last_price: 2_604_000, volume: 10, volume_delta: 0, price_delta: 0, signed_volume: 0 });
    const [first, second] = await rows('SELECT * FROM ticks ORDER BY time');
    // The first counts nothing of the day's volume.
    expect(first).toMatchObject({
      volume_delta: null,
      cvd_change: null,
      mid_price: null,
      bid_ask_spread: null,
      ask_prices: null,
    });
    expect(first).toMatchObject({
      mid_price_calc: '26040.0000',
      depth_imbalance_ratio: '0.0000',
      depth_toxicity_tick: null,
    });
    // No trade is no toxicity, and NEUTRAL is no sale.
    expect(second).toMatchObject({
      aggressor_side: 'NEUTRAL',
      cvd_change: 0,
      consumption_rate: null,
      depth_toxicity_tick: null,
      kyle_lambda_tick: null,
    });
  });

  it("has Kite's alone of what both brokers gave, Dhan's of the rest, and no tick of what is none", async () => {
    await storeTick(1, { last_price: 2_604_000 });
    await storeTick(1, { feed_id: DHAN_LIVE, last_price: 2_604_010 });
    await storeTick(2, { feed_id: DHAN_LIVE, instrument_id: 2, last_price: 5_900_000 });
    await storeTick(3, { feed_id: DHAN_LIVE, instrument_id: 2, mode: 5, oi: 7 });
    await storeTick(4, { instrument_id: 3, mode: 4, last_price: 2_600_000 });
    expect(
      await rows(
        'SELECT instrument_token, last_price, exchange, instrument_type, tradable, mode FROM ticks ORDER BY time',
      ),
    ).toEqual([
      {
        instrument_token: 13_368_834,
        last_price: '26040.00',
        exchange: 'NFO',
        instrument_type: 'FUT',
        tradable: true,
        mode: 'full',
      },
      {
        instrument_token: -2,
        last_price: '59000.00',
        exchange: 'NFO',
        instrument_type: 'FUT',
        tradable: true,
        mode: 'full',
      },
      {
        instrument_token: 256_265,
        last_price: '26000.00',
        exchange: 'NSE',
        instrument_type: 'EQ',
        tradable: false,
        mode: 'quote',
      },
    ]);
  });

  it('gives its newest tick, and a mean price by what traded', async () => {
    await storeTick(1, { last_price: 2_604_000, volume_delta: 65, last_quantity: 1 });
    await storeTick(2, {
      last_price: 2_605_000,
      volume_delta: 195,
      last_quantity: 1000,
      volume: 260,
      bid_prices: [2_604_900],
      bid_quantities: [1],
      bid_orders: [1],
    });
    await storeTick(3, { feed_id: DHAN_LIVE, mode: 5, oi: 1 });
    const { fields, rows: newest } = await client.query('SELECT * FROM get_latest_tick(13368834)');
    expect(fields.map(({ name }) => name)).toEqual([
      'time',
      'last_price',
      'volume_traded',
      'oi',
      'bid_price',
      'ask_price',
      'spread',
    ]);
    expect(newest).toMatchObject([
      { last_price: '26050.00', volume_traded: 260, bid_price: '26049.00', ask_price: null },
    ]);
    expect(
      await rows(`SELECT calculate_vwap(13368834, '2026-11-25 09:20+05:30', '2026-11-25 09:21+05:30') AS vwap`),
    ).toEqual([{ vwap: '26047.5000' }]);
    expect(await rows(`SELECT calculate_vwap(1, '2026-11-25', '2026-11-26') AS vwap`)).toEqual([{ vwap: null }]);
  });

  it('reaches its rows by token and time', async () => {
    await client.query(
      `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price)
       SELECT '2026-11-25 03:50+00'::timestamptz + i * interval '1 second', instrument, 1, 0, 3, 0, 0, 100
       FROM generate_series(0, 1999) AS i, unnest(ARRAY[1, 2, 3]) AS instrument`,
    );
    await client.query('ANALYZE gehra.ticks, gehra.instruments, gehra.feeds');
    const { rows: lines } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT * FROM ticks WHERE instrument_token = 13368834 AND time >= '2026-11-25 03:50+00' AND time < '2026-11-25 03:51+00'`,
    );
    const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Cond: .*instrument_id = instrument\.instrument_id.*time"? >=/);
  });

  it('makes bars of a minute and of five, by the volume of the day', async () => {
    await client.query(
      `INSERT INTO gehra.flow_minutes (time, instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed, min_delta,
         max_delta, trades, value, oi, last_time, cells)
       SELECT t, 1, feed, 2604000, 2604000 + i * 100, 2603900 - i, 2604050 + i, 65, 130, 0, 65, 0, 0, 3, 0, 100 + i, t, ''
       FROM unnest(ARRAY[${KITE}, ${DHAN_LIVE}]) AS feed, unnest(ARRAY[0, 1, 5]) AS i, LATERAL (SELECT '2026-11-25 03:50+00'::timestamptz + i * interval '1 minute' AS t) AS times`,
    );
    // Of both brokers Kite's, whether or not their ticks are still kept.
    expect(await rows('SELECT bucket FROM ticks_1min')).toHaveLength(3);
    await storeTick(1, { last_price: 2_604_000, spread: 50, buy_quantity: 100, sell_quantity: 60 });
    await storeTick(2, { last_price: 2_604_000, spread: 100, buy_quantity: 100, sell_quantity: 80 });
    await storeTick(61, { last_price: 2_604_000, spread: 30, buy_quantity: 10, sell_quantity: 10 });
    const names = [
      'bucket',
      'instrument_token',
      'trading_symbol',
      'open',
      'high',
      'low',
      'close',
      'volume',
      'oi',
      'avg_spread',
      'avg_imbalance',
      'tick_count',
    ];
    expect(await columns('ticks_1min')).toEqual(names);
    expect(await columns('ticks_5min')).toEqual(names);
    const [minute] = await rows(
      `SELECT * FROM ticks_1min WHERE instrument_token = 13368834 AND bucket = '2026-11-25 09:20+05:30'`,
    );
    expect(minute).toMatchObject({
      open: '26040.00',
      close: '26040.50',
      volume: 260,
      oi: 100,
      avg_spread: '0.7500',
      tick_count: 2,
    });
    expect(Number(minute?.avg_imbalance)).toBe(30);
    const five = await rows('SELECT * FROM ticks_5min ORDER BY bucket');
    expect(five).toMatchObject([
      {
        open: '26040.00',
        high: '26041.00',
        low: '26038.99',
        close: '26040.51',
        volume: 520,
        oi: 101,
        avg_spread: '0.6000',
        tick_count: 3,
      },
      { volume: 260, tick_count: 0, avg_spread: null },
    ]);
  });

  it('tells of the last hour by minute', async () => {
    await client.query(
      `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, spread)
       SELECT now() - age, instrument, 1, 0, 3, 0, 0, 100, 50 FROM unnest(ARRAY[interval '10 min', '2 h']) AS age, unnest(ARRAY[1, 3]) AS instrument`,
    );
    expect(await columns('ingestion_stats')).toEqual([
      'minute',
      'tick_count',
      'unique_instruments',
      'avg_spread',
      'latest_tick_time',
    ]);
    expect(await rows('SELECT * FROM ingestion_stats')).toMatchObject([{ tick_count: 2, unique_instruments: 2 }]);
  });
});

describe('depth', () => {
  /** A side of a book of so many seconds after 09:20 IST. */
  async function storeSide(
    seconds: number,
    side: 0 | 1,
    levels: readonly (readonly [price: number, quantity: number, orders: number])[],
    of = { instrument: 1, feed: DEPTH },
  ): Promise<void> {
    const time = new Date(Date.UTC(2026, 10, 25, 3, 50, seconds));
    await client.query(
      `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
       VALUES ($1, $1, $2, $3, $4, 0, 0, $5, $6, $7)`,
      [
        time,
        of.instrument,
        of.feed,
        side,
        levels.map(([p]) => p),
        levels.map(([, q]) => q),
        levels.map(([, , o]) => o),
      ],
    );
  }

  it('has the newest whole book of each security', async () => {
    await storeSide(1, 0, [
      [2_604_000, 65, 1],
      [2_603_900, 130, 2],
    ]);
    await storeSide(1, 1, [[2_604_100, 65, 1]]);
    await storeSide(2, 0, [[1, 1, 1]]);
    await storeSide(0, 0, [[5_900_000, 30, 1]], { instrument: 2, feed: DEPTH + 1 });
    await storeSide(0, 1, [[5_900_100, 30, 1]], { instrument: 2, feed: DEPTH + 1 });
    const found = await rows('SELECT security_id, side, level_num, price, quantity, orders FROM latest_depth_snapshot');
    expect(found.map((row) => Object.values(row).join(' '))).toEqual([
      '52701 BID 1 59000.00 30 1',
      '52701 ASK 1 59001.00 30 1',
      '52714 BID 1 26040.00 65 1',
      '52714 BID 2 26039.00 130 2',
      '52714 ASK 1 26041.00 65 1',
    ]);
  });

  it('sums over each whole book', async () => {
    await storeSide(1, 0, [
      [2_604_000, 100, 1],
      [2_603_900, 100, 3],
      [2_603_800, 200, 4],
    ]);
    await storeSide(1, 1, [
      [2_604_100, 300, 2],
      [2_604_200, 100, 2],
    ]);
    await storeSide(2, 0, [[2_604_000, 100, 1]]);
    expect(await rows('SELECT * FROM depth_200_snapshots')).toEqual([
      {
        timestamp: new Date('2026-11-25T03:50:01Z'),
        security_id: 52_714,
        instrument_name: 'NIFTY26DECFUT',
        best_bid: '26040.00',
        best_ask: '26041.00',
        spread: '1.00',
        total_bid_qty: 400,
        total_ask_qty: 400,
        total_bid_orders: 8,
        total_ask_orders: 4,
        imbalance_ratio: '1.0000',
        avg_bid_order_size: '50.00',
        avg_ask_order_size: '100.00',
        bid_vwap: '26038.75',
        ask_vwap: '26041.25',
        bid_50pct_level: 2,
        ask_50pct_level: 1,
      },
    ]);
  });
});

describe('instruments, candles', () => {
  it('are subscribed to by UPDATE, over either view', async () => {
    await client.query(`UPDATE instruments SET is_active = true WHERE trading_symbol = 'NIFTY26DECFUT'`);
    expect(await rows('SELECT trading_symbol FROM active_instruments')).toEqual([{ trading_symbol: 'NIFTY26DECFUT' }]);
    await client.query(`UPDATE active_instruments SET is_active = false WHERE trading_symbol = 'NIFTY26DECFUT'`);
    expect(await rows('SELECT trading_symbol FROM active_instruments')).toEqual([]);
    await expect(client.query('UPDATE instruments SET lot_size = 1')).rejects.toThrow(/only is_active/);
  });

  it('are given by the function and the view of before', async () => {
    await client.query(
      `INSERT INTO gehra.historical_candles (instrument_id, timeframe, source, time, open, high, low, close, volume, oi)
       SELECT 1, 'minute', 'kite', '2026-11-25 03:45+00'::timestamptz + i * interval '1 minute', 100, 300, 50, 200, 65 * i, 9
       FROM generate_series(0, 2) AS i`,
    );
    const { fields, rows: candles } = await client.query(
      `SELECT * FROM get_historical_data(13368834, 'minute', '2026-11-25 09:15+05:30', '2026-11-25 09:16+05:30')`,
    );
    expect(fields.map(({ name }) => name)).toEqual([
      'result_time',
      'result_open',
      'result_high',
      'result_low',
      'result_close',
      'result_volume',
      'result_oi',
    ]);
    expect(candles.map(({ result_close, result_volume }) => [result_close, result_volume])).toEqual([
      ['2.00', 0],
      ['2.00', 65],
    ]);
    expect(await rows('SELECT instrument_token, timeframe, volume FROM latest_historical_data')).toEqual([
      { instrument_token: 13_368_834, timeframe: 'minute', volume: 130 },
    ]);
  });
});

describe('a database of the predecessor', () => {
  it.each([
    'CREATE TABLE public.ticks (time timestamptz)',
    'CREATE VIEW public.ticks_1min AS SELECT 1 AS bucket',
    'CREATE TABLE public.depth_200_snapshots (id bigint)',
    'CREATE TABLE public.instruments (instrument_token integer)',
    'CREATE TABLE public.depth_signals (time timestamptz)',
    'CREATE TABLE public.historical_data (time timestamptz)',
  ])('is left as it is: %s', async (sql) => {
    const foreign = await createDatabase(inject('postgresUrl'));
    const other = new pg.Client({ connectionString: foreign.url });
    await other.connect();
    try {
      await other.query(sql);
      await expect(migrate(foreign.url, log)).rejects.toThrow(/of another system.*import --from DATABASE_URL/s);
      const { rows: left } = await other.query(`SELECT to_regclass('gehra.instruments')::text AS made`);
      expect(left).toEqual([{ made: null }]);
    } finally {
      await other.end();
      await foreign.drop();
    }
  });
});
