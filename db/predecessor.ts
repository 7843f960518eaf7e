/**
 * Reads a database of the predecessor, and never writes there: each reading is a transaction that may only read. Its tables, and what
 * of their columns is an observation; what it computed is not read (docs/MOVING_IN.md says why).
 */
import type { Client } from './connect.ts';

/** Its tables that hold something to bring over, by the column that their days go by. */
export const TIMED_TABLES = {
  depth_levels_200: 'time',
  ticks: 'time',
  depth_200_snapshots: 'timestamp',
  depth_signals: 'time',
  historical_data: 'time',
} as const;
export type TimedTable = keyof typeof TIMED_TABLES;

/** Without these a table is something else of that name. */
const NEEDED: Readonly<Record<TimedTable, readonly string[]>> = {
  depth_levels_200: ['time', 'security_id', 'side', 'level_num', 'price', 'quantity', 'orders'],
  ticks: ['time', 'instrument_token', 'last_price', 'volume_traded'],
  depth_200_snapshots: ['timestamp', 'security_id', 'best_bid', 'best_ask', 'total_bid_qty', 'total_ask_qty'],
  depth_signals: ['time', 'security_id', 'key_levels'],
  historical_data: ['time', 'instrument_token', 'timeframe', 'open', 'high', 'low', 'close', 'volume'],
};

/** Columns of its tables, by table; tables that it lacks are not there. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>;

/** Runs one reading. What it changed would be an error of the server's. */
async function reading<T>(source: Client, work: () => Promise<T>): Promise<T> {
  await source.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    return await work();
  } finally {
    await source.query('ROLLBACK');
  }
}

export async function shapeOf(source: Client): Promise<Shape> {
  return reading(source, async () => {
    const { rows } = await source.query<{ table: string; columns: string[] }>(
      `SELECT table_name AS table, array_agg(column_name::text) AS columns FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = ANY ($1::text[]) GROUP BY table_name`,
      [[...Object.keys(TIMED_TABLES), 'instruments']],
    );
    return new Map(rows.map(({ table, columns }) => [table, new Set(columns)]));
  });
}

/** Columns that a table must have and lacks. */
export const lacking = (shape: Shape, table: TimedTable): string[] =>
  NEEDED[table].filter((column) => shape.get(table)?.has(column) !== true);

/** True where that database is one of ours: its views are made of tables that ./gehra restore brings back. */
export async function isOurs(source: Client): Promise<boolean> {
  const { rows } = await source.query<{ ours: boolean }>(`SELECT to_regclass('gehra.migrations') IS NOT NULL AS ours`);
  return rows[0]?.ours === true;
}

export interface SourceDay {
  /** In IST. */
  readonly day: string;
  readonly rows: number;
  /** Of those how many lie within 09:00 and 15:40 IST as they are, 5 h 30 min earlier, and 5 h 30 min later. */
  readonly inHours: number;
  readonly inHoursEarlier: number;
  readonly inHoursLater: number;
}

/** Days of a table and how many rows each has, oldest first. */
export async function daysOf(source: Client, table: TimedTable): Promise<SourceDay[]> {
  const time = TIMED_TABLES[table];
  const within = (shift: string): string =>
    `count(*) FILTER (WHERE (at_ist ${shift})::time BETWEEN '09:00' AND '15:40')`;
  return reading(source, async () => {
    const { rows } = await source.query<SourceDay>(
      `SELECT at_ist::date::text AS day, count(*) AS rows, ${within('')} AS "inHours",
         ${within(`- interval '330 min'`)} AS "inHoursEarlier", ${within(`+ interval '330 min'`)} AS "inHoursLater"
       FROM (SELECT ${time} AT TIME ZONE 'Asia/Kolkata' AS at_ist FROM public.${table}) AS t GROUP BY 1 ORDER BY 1`,
    );
    return rows;
  });
}

export interface SourceInstrument {
  readonly token: number;
  readonly exchange: string | null;
  readonly symbol: string | null;
  readonly name: string | null;
  readonly segment: string | null;
  readonly type: string | null;
  readonly expiry: string | null;
  readonly strike: number | null;
  readonly tickSize: number | null;
  readonly lotSize: number | null;
  readonly securityId: string | null;
  readonly source: string | null;
}

const column = (shape: Shape, table: string, name: string, type: string, alias: string): string =>
  `${shape.get(table)?.has(name) ? `${name}::${type}` : `NULL::${type}`} AS "${alias}"`;

export async function instrumentsOf(source: Client, shape: Shape): Promise<SourceInstrument[]> {
  if (!shape.has('instruments')) return [];
  const of = (name: string, type: string, alias: string): string => column(shape, 'instruments', name, type, alias);
  return reading(source, async () => {
    const { rows } = await source.query<SourceInstrument>(
      `SELECT ${of('instrument_token', 'bigint', 'token')}, ${of('exchange', 'text', 'exchange')}, ${of('trading_symbol', 'text', 'symbol')},
         ${of('name', 'text', 'name')}, ${of('segment', 'text', 'segment')}, ${of('instrument_type', 'text', 'type')},
         ${of('expiry', 'date', 'expiryDate')}, to_char(${shape.get('instruments')?.has('expiry') ? 'expiry' : 'NULL::date'}, 'YYYY-MM-DD') AS expiry,
         ${of('strike', 'float8', 'strike')}, ${of('tick_size', 'float8', 'tickSize')}, ${of('lot_size', 'integer', 'lotSize')},
         ${of('security_id', 'text', 'securityId')}, ${of('source', 'text', 'source')}
       FROM public.instruments ORDER BY 1`,
    );
    return rows;
  });
}

/** Rows of a select, so many at a time, in one transaction. */
async function* inParts<T extends object>(
  source: Client,
  select: string,
  values: unknown[],
  count: number,
): AsyncGenerator<T[]> {
  await source.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await source.query(`DECLARE part NO SCROLL CURSOR FOR ${select}`, values);
    for (;;) {
      const { rows } = await source.query<T>(`FETCH ${count} FROM part`);
      if (rows.length === 0) return;
      yield rows;
    }
  } finally {
    await source.query('ROLLBACK');
  }
}

const IN_DAY = (time: string): string =>
  `${time} >= ($1::date)::timestamp AT TIME ZONE 'Asia/Kolkata' AND ${time} < ($1::date + 1)::timestamp AT TIME ZONE 'Asia/Kolkata'`;
const US = (time: string): string => `(extract(epoch FROM ${time}) * 1e6)::bigint`;

/** A side of a book: its levels, best first. */
export interface SourceSide {
  readonly us: number;
  readonly securityId: number;
  readonly name: string | null;
  readonly side: 'BID' | 'ASK';
  readonly levels: number;
  readonly prices: number[];
  readonly quantities: number[];
  readonly orders: number[];
}

/** Sides of the books of a day, in the order of their times; of one time and security, the bid first. */
export function sidesOf(source: Client, shape: Shape, day: string, count: number): AsyncGenerator<SourceSide[]> {
  const name = shape.get('depth_levels_200')?.has('instrument_name') ? 'min(instrument_name)' : 'NULL::text';
  return inParts(
    source,
    `SELECT ${US('time')} AS us, security_id AS "securityId", ${name} AS name, side, count(*)::integer AS levels,
       array_agg(price::float8 ORDER BY level_num) AS prices, array_agg(quantity::float8 ORDER BY level_num) AS quantities,
       array_agg(orders::float8 ORDER BY level_num) AS orders
     FROM public.depth_levels_200 WHERE ${IN_DAY('time')}
     GROUP BY time, security_id, side ORDER BY time, security_id, side DESC`,
    [day],
    count,
  );
}

/** What of a tick is an observation. */
export interface SourceTick {
  readonly us: number;
  readonly token: number;
  readonly symbol: string | null;
  readonly exchange: string | null;
  readonly type: string | null;
  readonly mode: string | null;
  readonly lastTradeS: number | null;
  readonly lastPrice: number | null;
  readonly lastQuantity: number | null;
  readonly averagePrice: number | null;
  readonly volume: number | null;
  readonly oi: number | null;
  readonly oiDayHigh: number | null;
  readonly oiDayLow: number | null;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly buyQuantity: number | null;
  readonly sellQuantity: number | null;
  readonly bidPrices: number[] | null;
  readonly bidQuantities: number[] | null;
  readonly bidOrders: number[] | null;
  readonly askPrices: number[] | null;
  readonly askQuantities: number[] | null;
  readonly askOrders: number[] | null;
}

/** Ticks of a day in the order of their times. */
export function ticksOf(source: Client, shape: Shape, day: string, count: number): AsyncGenerator<SourceTick[]> {
  const of = (name: string, type: string, alias: string): string => column(shape, 'ticks', name, type, alias);
  const traded = shape.get('ticks')?.has('last_trade_time')
    ? 'extract(epoch FROM last_trade_time)::float8'
    : 'NULL::float8';
  return inParts(
    source,
    `SELECT ${US('time')} AS us, instrument_token::bigint AS token, ${of('trading_symbol', 'text', 'symbol')}, ${of('exchange', 'text', 'exchange')},
       ${of('instrument_type', 'text', 'type')}, ${of('mode', 'text', 'mode')}, ${traded} AS "lastTradeS",
       ${of('last_price', 'float8', 'lastPrice')}, ${of('last_traded_quantity', 'float8', 'lastQuantity')},
       ${of('average_traded_price', 'float8', 'averagePrice')}, ${of('volume_traded', 'float8', 'volume')}, ${of('oi', 'float8', 'oi')},
       ${of('oi_day_high', 'float8', 'oiDayHigh')}, ${of('oi_day_low', 'float8', 'oiDayLow')}, ${of('day_open', 'float8', 'open')},
       ${of('day_high', 'float8', 'high')}, ${of('day_low', 'float8', 'low')}, ${of('day_close', 'float8', 'close')},
       ${of('total_buy_quantity', 'float8', 'buyQuantity')}, ${of('total_sell_quantity', 'float8', 'sellQuantity')},
       ${of('bid_prices', 'float8[]', 'bidPrices')}, ${of('bid_quantities', 'float8[]', 'bidQuantities')}, ${of('bid_orders', 'float8[]', 'bidOrders')},
       ${of('ask_prices', 'float8[]', 'askPrices')}, ${of('ask_quantities', 'float8[]', 'askQuantities')}, ${of('ask_orders', 'float8[]', 'askOrders')}
     FROM public.ticks WHERE ${IN_DAY('time')} ORDER BY time, instrument_token`,
    [day],
    count,
  );
}

export interface SourceCandle {
  readonly us: number;
  readonly token: number;
  readonly symbol: string | null;
  readonly timeframe: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly oi: number | null;
}

export function candlesOf(source: Client, shape: Shape, day: string, count: number): AsyncGenerator<SourceCandle[]> {
  const of = (name: string, type: string, alias: string): string => column(shape, 'historical_data', name, type, alias);
  return inParts(
    source,
    `SELECT ${US('time')} AS us, instrument_token::bigint AS token, ${of('trading_symbol', 'text', 'symbol')}, timeframe,
       open::float8, high::float8, low::float8, close::float8, volume::float8, ${of('oi', 'float8', 'oi')}
     FROM public.historical_data WHERE ${IN_DAY('time')} ORDER BY time, instrument_token, timeframe`,
    [day],
    count,
  );
}

/** Rows of depth_200_snapshots or depth_signals of a day as they are, as JSON for the same columns here. */
export function wholeRowsOf(
  source: Client,
  table: 'depth_200_snapshots' | 'depth_signals',
  day: string,
  count: number,
): AsyncGenerator<{ row: Record<string, unknown> }[]> {
  const time = TIMED_TABLES[table];
  return inParts(
    source,
    `SELECT to_jsonb(t) || jsonb_build_object('us', ${US(`t.${time}`)}, 'n',
       row_number() OVER (PARTITION BY t.security_id, t.${time} ORDER BY t.*) - 1) AS row
     FROM public.${table} AS t WHERE ${IN_DAY(`t.${time}`)} ORDER BY t.${time}, t.security_id`,
    [day],
    count,
  );
}
