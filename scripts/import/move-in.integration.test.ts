/** A small database of the predecessor, in its shapes, brought over: cut off half-way, gone on with, and counted. */
import type pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { type MoveOptions, movedUs, moveIn, shiftOf } from './move-in.ts';

const log = pino({ level: 'silent' });
const SECONDS = 40;
/** Its days: times of the second one are those of India said to be UTC. */
const FIRST = '2025-12-26';
const SECOND = '2025-12-29';
/** Its shapes, without what only speed needs. */
const SHAPES = `
  CREATE TABLE instruments (instrument_token int PRIMARY KEY, exchange_token int, trading_symbol text NOT NULL, name text, exchange text NOT NULL,
    segment text, instrument_type text, expiry date, strike numeric(12,2), tick_size numeric(10,4), lot_size int,
    last_updated timestamptz DEFAULT now(), security_id text, is_active boolean DEFAULT true, source text);
  CREATE TABLE ticks (time timestamptz NOT NULL, last_trade_time timestamptz, instrument_token int NOT NULL, trading_symbol text,
    exchange text, instrument_type text, last_price numeric(12,2), last_traded_quantity int, average_traded_price numeric(12,2),
    volume_traded bigint, oi bigint, oi_day_high bigint, oi_day_low bigint, day_open numeric(12,2), day_high numeric(12,2),
    day_low numeric(12,2), day_close numeric(12,2), change numeric(12,2), change_percent numeric(8,4), total_buy_quantity bigint,
    total_sell_quantity bigint, bid_prices numeric(12,2)[5], bid_quantities int[5], bid_orders int[5], ask_prices numeric(12,2)[5],
    ask_quantities int[5], ask_orders int[5], tradable boolean DEFAULT true, mode text, volume_delta bigint, aggressor_side text,
    cvd_change bigint, PRIMARY KEY (time, instrument_token));
  CREATE TABLE depth_levels_200 (time timestamptz NOT NULL, security_id int NOT NULL, instrument_name text, side varchar(3) NOT NULL,
    level_num int NOT NULL, price numeric(12,2) NOT NULL, quantity int NOT NULL, orders int NOT NULL,
    PRIMARY KEY (time, security_id, side, level_num));
  CREATE TABLE depth_200_snapshots (id bigserial, timestamp timestamptz NOT NULL, security_id int NOT NULL, instrument_name varchar(100),
    best_bid numeric(12,2), best_ask numeric(12,2), spread numeric(12,2), total_bid_qty int, total_ask_qty int, total_bid_orders int,
    total_ask_orders int, imbalance_ratio numeric(10,4), avg_bid_order_size numeric(12,2), avg_ask_order_size numeric(12,2),
    bid_vwap numeric(12,2), ask_vwap numeric(12,2), bid_50pct_level int, ask_50pct_level int);
  CREATE TABLE depth_signals (time timestamptz NOT NULL, security_id int NOT NULL, current_price numeric(12,2), key_levels jsonb,
    absorptions jsonb, pressure_30s numeric(5,3), pressure_60s numeric(5,3), pressure_120s numeric(5,3), market_state varchar(10),
    PRIMARY KEY (time, security_id));
  CREATE TABLE historical_data (time timestamptz NOT NULL, instrument_token int NOT NULL, trading_symbol text NOT NULL, timeframe text NOT NULL,
    open numeric(12,2) NOT NULL, high numeric(12,2) NOT NULL, low numeric(12,2) NOT NULL, close numeric(12,2) NOT NULL, volume bigint NOT NULL,
    oi bigint, created_at timestamptz DEFAULT now(), PRIMARY KEY (time, instrument_token, timeframe));`;

const ROWS = `
  INSERT INTO instruments (instrument_token, trading_symbol, name, exchange, segment, instrument_type, expiry, tick_size, lot_size, security_id, source)
  VALUES (12683010, 'NIFTY25DECFUT', 'NIFTY', 'NFO', 'NFO-FUT', 'FUT', '2025-12-30', 0.1, 75, '49543', 'kite'),
    (256265, 'NIFTY 50', 'NIFTY 50', 'NSE', 'INDICES', 'EQ', NULL, 0.05, 1, NULL, 'kite');
  INSERT INTO ticks (time, last_trade_time, instrument_token, trading_symbol, exchange, instrument_type, last_price, last_traded_quantity,
    average_traded_price, volume_traded, oi, day_close, total_buy_quantity, total_sell_quantity, bid_prices, bid_quantities, bid_orders,
    ask_prices, ask_quantities, ask_orders, mode, volume_delta, aggressor_side, cvd_change)
  SELECT begins + s * interval '1 second', begins + s * interval '1 second', 12683010, 'NIFTY25DECFUT', 'NFO', 'FUT', 26000 + s * 0.1, 75, 26000,
    1000000 + s * 75, 9000000, 25900, 100, 200, ARRAY[26000 + s * 0.1 - 0.1], ARRAY[75], ARRAY[1], ARRAY[26000 + s * 0.1], ARRAY[150], ARRAY[2],
    'full', CASE s WHEN 0 THEN 1000000 ELSE 225 END, 'NEUTRAL', -225
  FROM unnest(ARRAY['${FIRST} 09:20+05:30'::timestamptz, '${SECOND} 12:20+00']) AS begins, generate_series(0, ${SECONDS - 1}) AS s;
  INSERT INTO ticks (time, instrument_token, last_price, mode) SELECT '${FIRST} 09:20+05:30'::timestamptz + s * interval '1 second', 256265, 25990 + s, 'ltp'
  FROM generate_series(0, 9) AS s;
  -- Of a process that made its token up; and one of which nobody says what it is.
  INSERT INTO ticks (time, instrument_token, trading_symbol, exchange, instrument_type, last_price, volume_traded, mode)
  VALUES ('${FIRST} 10:00+05:30', 99887766, 'BANKNIFTY25DECFUT', 'NFO', 'FUT', 59000, 30, 'quote'), ('${FIRST} 10:00+05:30', 1, NULL, NULL, NULL, 5, 1, 'ltp'),
    -- Of a contract that has expired, whose token is another's now; and of a share that is no option.
    ('${FIRST} 10:00+05:30', 12683010, 'NIFTY25SEPFUT', 'NFO', 'FUT', 25000, 30, 'quote'), ('${FIRST} 10:00+05:30', 738561, 'RELIANCE', 'NSE', NULL, 1500, 30, 'quote'),
    -- Of a day that is off, at an hour that lay in the day before.
    ('${SECOND} 03:00+05:30', 256265, 'NIFTY 50', 'NSE', 'EQ', 25990, NULL, 'ltp');
  INSERT INTO depth_levels_200
  SELECT begins + s * interval '200 ms', security, CASE security WHEN 49543 THEN 'NIFTY DEC FUT' ELSE '_NIFTY' END, side, level, 26000 + CASE side WHEN 'BID' THEN -level ELSE level END * 0.1, 75 * level, level
  FROM unnest(ARRAY['${FIRST} 09:20+05:30'::timestamptz, '${SECOND} 12:20+00']) AS begins, generate_series(0, ${SECONDS - 1}) AS s,
    unnest(ARRAY[49543, 53001]) AS security, unnest(ARRAY['BID', 'ASK']) AS side, generate_series(1, 20) AS level;
  INSERT INTO depth_200_snapshots (timestamp, security_id, instrument_name, best_bid, best_ask, spread, total_bid_qty, total_ask_qty, imbalance_ratio)
  SELECT t, 49543, 'NIFTY DEC FUT', 26000, 26001, 1, 300, 200, 1.5 FROM unnest(ARRAY['2025-12-24 10:00+05:30'::timestamptz, '2025-12-24 10:00+05:30', '${FIRST} 09:20+05:30']) AS t;
  INSERT INTO depth_signals VALUES ('${FIRST} 09:21+05:30', 49543, 26000, '[{"price": 26000}]', '[{"price": 1}]', 0.1, 0.35, 0.2, 'bullish');
  INSERT INTO historical_data (time, instrument_token, trading_symbol, timeframe, open, high, low, close, volume, oi)
  SELECT '${FIRST} 09:15+05:30'::timestamptz + m * interval '1 minute', 12683010, 'NIFTY25DECFUT', 'minute', 26000, 26002, 25999, 26001.5, 75 * m, 9000000
  FROM generate_series(0, 4) AS m;
  INSERT INTO historical_data (time, instrument_token, trading_symbol, timeframe, open, high, low, close, volume)
  VALUES ('${FIRST} 09:15+05:30', 12683010, 'NIFTY25DECFUT', '2minute', 1, 1, 1, 1, 1),
    ('${FIRST} 09:15+05:30', 9, 'NIFTY25NOVFUT', 'minute', 25900, 25902, 25899, 25901, 75);`;

let old: { url: string; drop: () => Promise<void> };
let database: { url: string; drop: () => Promise<void> };
let source: pg.Client;
let target: pg.Client;

const move = (change: Partial<MoveOptions> = {}, into = target) =>
  moveIn(source, into, {
    name: '127.0.0.1:5432/tradingdb',
    securities: new Map(),
    keepDays: { depth: 0, ticks: 0, signals: 0 },
    nowUs: Date.UTC(2026, 10, 27) * 1000,
    partRows: 16,
    onProgress: () => undefined,
    ...change,
  });
const rows = async (sql: string, client = target): Promise<Record<string, unknown>[]> => (await client.query(sql)).rows;
/** Everything that came, as one number for each table; instruments by name, as their numbers go on with every look. */
const contents = (client = target): Promise<Record<string, unknown>[]> => {
  const hash = (table: string, order: string): string =>
    `(SELECT md5(string_agg((to_jsonb(t) - 'instrument_id')::text || i.symbol, '|' ORDER BY i.symbol, ${order}))
      FROM gehra.${table} AS t JOIN gehra.instruments AS i USING (instrument_id))`;
  return rows(
    `SELECT ${hash('ticks', 't.time, t.n')} AS ticks, ${hash('depth_snapshots', 't.side, t.time')} AS depth,
       ${hash('flow_bars', 't.time')} AS bars, ${hash('flow_minutes', 't.time')} AS minutes,
       (SELECT count(*) FROM gehra.moved_summaries) AS summaries, (SELECT count(*) FROM gehra.moved_signals) AS signals,
       (SELECT count(*) FROM gehra.historical_candles) AS candles`,
    client,
  );
};

describe('a database of the predecessor', () => {
  beforeAll(async () => {
    old = await createDatabase(inject('postgresUrl'));
    const client = await connect(old.url, 'test');
    await client.query(SHAPES);
    await client.query(ROWS);
    await client.end();
  });
  afterAll(() => old.drop());
  beforeEach(async () => {
    database = await createDatabase(inject('postgresUrl'));
    await migrate(database.url, log);
    source = await connect(old.url, 'test');
    target = await connect(database.url, 'test');
  });
  afterEach(async () => {
    await source.end();
    await target.end();
    await database.drop();
  });

  it('is brought over with every row counted, and its times put right', async () => {
    const { days, madeUp, absent } = await move();
    expect(absent).toEqual([]);
    expect(
      days.map(({ table, day, sourceRows, storedRows, leftOut, shiftMinutes }) => [
        day,
        table,
        sourceRows,
        storedRows,
        leftOut,
        shiftMinutes,
      ]),
    ).toEqual([
      ['2025-12-24', 'depth_200_snapshots', 2, 2, {}, 0],
      [FIRST, 'depth_200_snapshots', 1, 0, { 'sums over levels that are there': 1 }, 0],
      [FIRST, 'depth_levels_200', 3200, 3200, {}, 0],
      [FIRST, 'depth_signals', 1, 1, {}, 0],
      [FIRST, 'historical_data', 7, 6, { 'of a length that no broker has': 1 }, 0],
      [FIRST, 'ticks', 54, 53, { 'of an instrument that it does not name': 1 }, 0],
      [SECOND, 'depth_levels_200', 3200, 3200, {}, -330],
      [SECOND, 'ticks', 41, 41, {}, -330],
    ]);
    expect(madeUp).toEqual([{ securityId: 53_001, slug: 'NFO:NIFTY 53001' }]);
    // Its names give what its tables gave.
    const levels = `SELECT count(*) AS count, sum(price * quantity * orders * level_num) AS sum, count(DISTINCT time) AS books FROM depth_levels_200 WHERE security_id = 49543`;
    expect(await rows(levels)).toEqual(await rows(levels, source));
    const first = `SELECT last_price, volume_traded, oi, bid_prices, ask_quantities::text[], mode, trading_symbol, last_trade_time FROM ticks
      WHERE instrument_token = 12683010 AND trading_symbol = 'NIFTY25DECFUT' AND time < '2025-12-27' ORDER BY time`;
    expect(await rows(first)).toEqual(await rows(first, source));
    expect(
      await rows(
        `SELECT trading_symbol, min(time) AS first FROM ticks WHERE time > '2025-12-28' GROUP BY 1 ORDER BY 1`,
      ),
    ).toEqual([
      // Moved it would be of a day that is counted already.
      { trading_symbol: 'NIFTY 50', first: new Date('2025-12-28T21:30:00Z') },
      { trading_symbol: 'NIFTY25DECFUT', first: new Date(`${SECOND}T06:50:00Z`) },
    ]);
    expect(
      await rows(`SELECT i.exchange || ' ' || i.symbol || ' ' || i.type AS what FROM gehra.instruments AS i
        WHERE symbol IN ('NIFTY25SEPFUT', 'NIFTY25NOVFUT', 'RELIANCE') AND kite_token IS NULL ORDER BY 1`),
    ).toEqual([{ what: 'NFO NIFTY25NOVFUT FUT' }, { what: 'NFO NIFTY25SEPFUT FUT' }, { what: 'NSE RELIANCE EQ' }]);
    const candles = `SELECT time, instrument_token, open, high, low, close, volume, oi FROM historical_data WHERE timeframe = 'minute' AND instrument_token = 12683010 ORDER BY time`;
    expect(await rows(candles)).toEqual(await rows(candles, source));
    expect(await rows('SELECT market_state, key_levels, absorptions FROM depth_signals')).toEqual([
      { market_state: 'bullish', key_levels: [{ price: 26_000 }], absorptions: [] },
    ]);
    expect(
      await rows(
        'SELECT timestamp, total_bid_qty FROM depth_200_snapshots WHERE security_id = 49543 AND timestamp < $$2025-12-25$$',
      ),
    ).toHaveLength(2);
  });

  it('counts what traded anew, and copies no mistake', async () => {
    await move();
    expect(
      await rows(
        `SELECT sum(volume_delta)::integer AS sum, count(*) FILTER (WHERE volume_delta IS NULL)::integer AS firsts,
           count(*) FILTER (WHERE aggressor_side = 'BUY')::integer AS bought
         FROM ticks WHERE instrument_token = 12683010`,
      ),
      // Each day from its second tick on; at the ask of the tick before.
    ).toEqual([{ sum: 2 * (SECONDS - 1) * 75, firsts: 2, bought: 2 * (SECONDS - 1) }]);
    expect(
      await rows(`SELECT sum(volume)::integer AS volume FROM ticks_1min WHERE instrument_token = 12683010`),
    ).toEqual([{ volume: 2 * (SECONDS - 1) * 75 }]);
  });

  it('goes on where it was cut off, and comes to the same; the second time nothing changes', async () => {
    const whole = await createDatabase(inject('postgresUrl'));
    await migrate(whole.url, log);
    const other = await connect(whole.url, 'test');
    await move({}, other);
    const expected = await contents(other);
    await other.end();
    await whole.drop();
    // Its connection ends in the middle of a day's depth, then in the middle of a day's ticks.
    for (const [table, after] of [
      ['depth_levels_200', 1000],
      ['ticks', 20],
    ] as const) {
      const doomed = await connect(database.url, 'test');
      const { rows: pid } = await doomed.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      let killed: Promise<unknown> | undefined;
      const attempt = move(
        {
          onProgress: (reached) => {
            if (reached.table === table && reached.rows > after) {
              killed ??= target.query('SELECT pg_terminate_backend($1)', [pid[0]?.pid]);
            }
          },
        },
        doomed,
      );
      await expect(attempt).rejects.toThrow();
      await killed;
    }
    const { days } = await move();
    expect(days).toHaveLength(8);
    expect(await contents()).toEqual(expected);
    await move();
    expect(await contents()).toEqual(expected);
    expect(await rows('SELECT source, finished_at IS NOT NULL AS finished FROM gehra.moved_databases')).toEqual([
      { source: '127.0.0.1:5432/tradingdb', finished: true },
    ]);
  });

  it('gives way to what Gehra recorded itself, and takes a name that people know', async () => {
    await target.query(
      `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, kite_token)
       VALUES ('NFO', 'NIFTY25DECFUT', 'NIFTY', 'FUT', 100, 10, 75, 12683010), ('NSE', 'TCS', 'TCS', 'EQ', 100, 5, 1, 256265)`,
    );
    await target.query(`UPDATE gehra.instruments SET dhan_segment = 'NSE_FNO', dhan_security_id = 49543 WHERE instrument_id = 1;
      INSERT INTO gehra.depth_states VALUES ('${FIRST} 09:20:50+05:30', 1, 31, 2600000, 1, 1);
      INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
      VALUES ('2025-12-24 09:59+05:30', '2025-12-24 09:59+05:30', 1, 31, 0, 0, 0, '{2600000}', '{75}', '{1}');
      INSERT INTO gehra.historical_candles (instrument_id, timeframe, source, time, open, high, low, close, volume)
      VALUES (1, 'minute', 'kite', '${FIRST} 09:15+05:30', 1, 1, 1, 1, 1)`);
    await target.query(
      `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price)
       VALUES ('${FIRST} 09:20:10+05:30', 1, 1, 0, 3, 0, 0, 2600000)`,
    );
    const { days, madeUp } = await move({ securities: new Map([[53_001, 'NFO:NIFTY26JANFUT']]) });
    expect(days.find(({ table, day }) => table === 'ticks' && day === FIRST)?.leftOut).toMatchObject({
      'recorded by Gehra itself from then on': 30,
    });
    expect(days.map(({ table, day, storedRows, leftOut }) => [day, table, storedRows, leftOut])).toEqual(
      expect.arrayContaining([
        ['2025-12-24', 'depth_200_snapshots', 0, { 'recorded by Gehra itself from then on': 2 }],
        [FIRST, 'depth_signals', 0, { 'recorded by Gehra itself from then on': 1 }],
        [FIRST, 'historical_data', 5, { 'there already': 1, 'of a length that no broker has': 1 }],
      ]),
    );
    // A token that a listed instrument bears is that one's alone.
    expect(await rows(`SELECT symbol FROM gehra.instruments WHERE kite_token = 256265`)).toEqual([{ symbol: 'TCS' }]);
    expect(madeUp).toEqual([]);
    expect(await rows(`SELECT DISTINCT instrument_name FROM depth_levels_200 WHERE security_id = 53001`)).toEqual([
      { instrument_name: 'NIFTY26JANFUT' },
    ]);
    // Its row of the instrument counts, not a second one.
    expect(
      await rows(`SELECT count(*)::integer AS count FROM gehra.instruments WHERE symbol = 'NIFTY25DECFUT'`),
    ).toEqual([{ count: 1 }]);
  });

  it('takes a day that has grown anew, by the names that are known by then, and leaves one that has lost rows', async () => {
    await move();
    const late = `'${FIRST} 09:19+05:30', 53001`;
    const known = { securities: new Map([[53_001, 'NFO:NIFTY26JANFUT']]) };
    const depth = async (): Promise<unknown> =>
      (await move(known)).days.find(({ table, day }) => table === 'depth_levels_200' && day === FIRST)?.storedRows;
    await source.query(`INSERT INTO depth_levels_200 VALUES (${late}, '_NIFTY', 'BID', 1, 26000, 75, 1)`);
    try {
      expect(await depth()).toBe(3201);
      expect(
        await rows(`SELECT instrument_name, count(*)::integer AS levels FROM depth_levels_200
          WHERE security_id = 53001 AND time < '${SECOND}' GROUP BY 1`),
      ).toEqual([{ instrument_name: 'NIFTY26JANFUT', levels: 1601 }]);
    } finally {
      await source.query(`DELETE FROM depth_levels_200 WHERE (time, security_id) = (${late})`);
    }
    expect(await depth()).toBe(3201);
  });

  it('leaves a number to the listed instrument that bears it now, and still knows of what it has the levels', async () => {
    await target.query(
      `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size, dhan_segment, dhan_security_id)
       VALUES ('NFO', 'TCS26DECFUT', 'TCS', 'FUT', 100, 10, 175, 'NSE_FNO', 49543)`,
    );
    const { days } = await move();
    expect(days.find(({ table, day }) => table === 'depth_200_snapshots' && day === FIRST)?.leftOut).toEqual({
      'sums over levels that are there': 1,
    });
    expect(
      await rows(`SELECT DISTINCT security_id FROM depth_levels_200 WHERE instrument_name = 'NIFTY25DECFUT'`),
    ).toEqual([{ security_id: null }]);
  });

  it('is left where it is of days that would go at once', async () => {
    const { tooOld, days } = await move({ keepDays: { depth: 60, ticks: 335, signals: 0 } });
    expect(Object.fromEntries(tooOld)).toEqual({ depth_levels_200: [FIRST, SECOND], ticks: [FIRST] });
    expect(days.filter(({ table }) => table === 'ticks').map(({ day }) => day)).toEqual([SECOND]);
  });

  it('is never written to', async () => {
    const before = await rows(
      'SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::integer AS changes FROM pg_stat_user_tables',
      source,
    );
    await move();
    await source.query('SELECT pg_stat_force_next_flush()');
    expect(
      await rows('SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::integer AS changes FROM pg_stat_user_tables', source),
    ).toEqual(before);
  });

  it('is refused where it is none, or where it is one of ours', async () => {
    const empty = await createDatabase(inject('postgresUrl'));
    const client = await connect(empty.url, 'test');
    const options = {
      name: 'x',
      securities: new Map(),
      keepDays: { depth: 0, ticks: 0, signals: 0 },
      nowUs: 0,
      onProgress: () => undefined,
    };
    await expect(moveIn(client, target, options)).rejects.toThrow(/has none of the tables/);
    await client.end();
    await empty.drop();
    await expect(moveIn(target, target, options)).rejects.toThrow(/gehra restore/);
  });
});

it.each([
  [{ rows: 100, inHours: 90, inHoursEarlier: 99, inHoursLater: 0 }, 0],
  [{ rows: 100, inHours: 2, inHoursEarlier: 99, inHoursLater: 0 }, -330],
  [{ rows: 100, inHours: 2, inHoursEarlier: 0, inHoursLater: 96 }, 330],
  // A whole day that is off: its first hour, or its last, lies in trading hours as it is.
  [{ rows: 100, inHours: 15, inHoursEarlier: 100, inHoursLater: 0 }, -330],
  // An evening of commodities.
  [{ rows: 100, inHours: 0, inHoursEarlier: 70, inHoursLater: 0 }, 0],
] as const)('takes times of %o for %i minutes off', (day, minutes) => {
  expect(shiftOf(day)).toBe(minutes);
});

it.each([
  ['2025-12-29T06:00:00+05:30', -330, '2025-12-29T00:30:00+05:30'],
  ['2025-12-29T05:00:00+05:30', -330, '2025-12-29T05:00:00+05:30'],
  ['2025-12-29T18:30:00+05:30', 330, '2025-12-29T18:30:00+05:30'],
] as const)('moves %s by %i minutes within its day', (from, minutes, to) => {
  expect(movedUs(Date.parse(from) * 1000, '2025-12-29', minutes)).toBe(Date.parse(to) * 1000);
});
