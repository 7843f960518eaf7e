/** Databases of the predecessor that are brought over: what is in already, and the rows that come. */
import { feedName, IMPORT_FEED_FIRST_ID } from '../lib/core/feeds.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { type FlowTick, flowRows } from '../lib/orderflow/flow-rows.ts';
import type { Client } from './connect.ts';
import type { CopyRows } from './copy.ts';
import { addFlow } from './flow.ts';
import { lockImports, stage } from './imports.ts';
import { DEPTH_ROW, TICK_ROW } from './market-rows.ts';
import type { TimedTable } from './predecessor.ts';

/** Held while a database is brought over: two would count each other's rows. */
const MOVING_LOCK = 0x6d6f7665;

/** @returns false where another one is under way. Of the session: over a connection without a pooler. */
export async function lockMoving(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [MOVING_LOCK]);
  return rows[0]?.held === true;
}

/** The feed of a database, begun now where it is new. @param source host:port/name, without a user or a password */
export async function beginMove(client: Client, source: string): Promise<number> {
  await client.query('BEGIN');
  try {
    await lockImports(client);
    const known = await client.query<{ feed_id: number }>(
      'UPDATE gehra.moved_databases SET finished_at = NULL WHERE source = $1 RETURNING feed_id',
      [source],
    );
    const feedId = known.rows[0]?.feed_id ?? (await addFeed(client, source));
    await client.query('COMMIT');
    return feedId;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function addFeed(client: Client, source: string): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    'SELECT greatest($1::integer, max(feed_id) + 1) AS id FROM gehra.feeds',
    [IMPORT_FEED_FIRST_ID],
  );
  const feedId = rows[0]?.id as number;
  await client.query(
    `INSERT INTO gehra.feeds (feed_id, name, broker, kind, number) VALUES ($1, $2, 'predecessor', 'import', $3)`,
    [feedId, feedName(feedId), feedId - IMPORT_FEED_FIRST_ID + 1],
  );
  await client.query('INSERT INTO gehra.feed_positions (feed_id) VALUES ($1)', [feedId]);
  await client.query('INSERT INTO gehra.moved_databases (feed_id, source) VALUES ($1, $2)', [feedId, source]);
  return feedId;
}

export async function finishMove(client: Client, feedId: number): Promise<void> {
  await client.query('UPDATE gehra.moved_databases SET finished_at = now() WHERE feed_id = $1', [feedId]);
}

export interface MovedDay {
  readonly table: TimedTable;
  /** In IST. */
  readonly day: string;
  readonly sourceRows: number;
  readonly storedRows: number;
  /** How many, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly shiftMinutes: number;
}

export async function movedDays(client: Client, feedId: number): Promise<MovedDay[]> {
  const { rows } = await client.query<MovedDay>(
    `SELECT table_name AS table, day::text AS day, source_rows AS "sourceRows", stored_rows AS "storedRows", left_out AS "leftOut",
       shift_minutes AS "shiftMinutes"
     FROM gehra.moved_days WHERE feed_id = $1 ORDER BY day, table_name`,
    [feedId],
  );
  return rows;
}

/** Notes that a day is wholly in, and moves the feed's position to the end of it where it is one of market data. */
export async function noteDay(client: Client, feedId: number, moved: MovedDay): Promise<void> {
  const { table, day, sourceRows, storedRows, leftOut, shiftMinutes } = moved;
  await client.query(
    `INSERT INTO gehra.moved_days (feed_id, table_name, day, source_rows, stored_rows, left_out, shift_minutes)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (feed_id, table_name, day) DO UPDATE SET source_rows = excluded.source_rows, stored_rows = excluded.stored_rows,
       left_out = excluded.left_out, shift_minutes = excluded.shift_minutes, moved_at = now()`,
    [feedId, table, day, sourceRows, storedRows, leftOut, shiftMinutes],
  );
}

/** Everything up to the end of a day is in. */
export async function movePositionPast(client: Client, feedId: number, day: string): Promise<void> {
  await client.query(
    `UPDATE gehra.feed_positions SET updated_at = now(), position = greatest(position,
       (extract(epoch FROM ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Kolkata') * 1e6)::bigint) WHERE feed_id = $1`,
    [feedId, day],
  );
}

/** Partitions for an IST day, which is of two days in UTC. */
export async function ensureDay(client: Client, day: string): Promise<void> {
  await client.query('SELECT gehra.ensure_day($1::date - 1), gehra.ensure_day($1::date)', [day]);
}

const IN_DAY = (time: string, day: string): string =>
  `${time} >= (${day}::date)::timestamp AT TIME ZONE 'Asia/Kolkata' AND ${time} < (${day}::date + 1)::timestamp AT TIME ZONE 'Asia/Kolkata'`;

/** What of our tables a day of one of its tables went into, by the column of their times. Candles are no feed's, and stay. */
const STORED: Readonly<Record<TimedTable, Readonly<Record<string, string>>>> = {
  ticks: { ticks: 'time', flow_bars: 'time', flow_minutes: 'time' },
  depth_levels_200: { depth_snapshots: 'book_time' },
  depth_200_snapshots: { moved_summaries: 'time' },
  depth_signals: { moved_signals: 'time' },
  historical_data: {},
};

/** Takes away what a feed of a move has of a day, so that it can be gone through again as if for the first time. */
export async function forgetDay(client: Client, feedId: number, table: TimedTable, day: string): Promise<void> {
  await client.query('BEGIN');
  try {
    // A compressed day is opened whole; by default no more than 100,000 rows of it would be.
    await client.query(
      `SELECT set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true) WHERE gehra.timescale_edition() = 'full'`,
    );
    for (const [stored, time] of Object.entries(STORED[table])) {
      await client.query(`DELETE FROM gehra.${stored} WHERE feed_id = $1 AND ${IN_DAY(time, '$2')}`, [feedId, day]);
    }
    await client.query('DELETE FROM gehra.moved_days WHERE feed_id = $1 AND table_name = $2 AND day = $3::date', [
      feedId,
      table,
      day,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

export type NewInstrument = Omit<Instrument, 'id'>;

/**
 * Our instrument of that exchange and symbol, made where there is none: not listed, so that nobody subscribes to it, but with the
 * numbers by which the predecessor's scripts ask for it; without one that a listed instrument bears now, which would be taken for it.
 */
export async function provideInstrument(
  client: Client,
  wanted: NewInstrument,
): Promise<{ id: number; priceScale: number }> {
  const { rows } = await client.query<{ id: number; priceScale: number }>(
    `INSERT INTO gehra.instruments AS i (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, kite_token,
       dhan_segment, dhan_security_id, listed, first_recorded)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
       CASE WHEN NOT EXISTS (SELECT FROM gehra.instruments AS other WHERE other.listed AND other.kite_token = $10
         AND (other.exchange, other.symbol) <> ($1, $2)) THEN $10 END,
       $11,
       CASE WHEN NOT EXISTS (SELECT FROM gehra.instruments AS other WHERE other.listed AND other.dhan_security_id = $12
         AND other.dhan_segment = $11 AND (other.exchange, other.symbol) <> ($1, $2)) THEN $12 END,
       false, now())
     ON CONFLICT (exchange, symbol) DO UPDATE SET first_recorded = coalesce(i.first_recorded, now()),
       kite_token = coalesce(i.kite_token, excluded.kite_token), dhan_segment = coalesce(i.dhan_segment, excluded.dhan_segment),
       dhan_security_id = coalesce(i.dhan_security_id, excluded.dhan_security_id)
     RETURNING instrument_id AS id, price_scale AS "priceScale"`,
    [
      wanted.exchange,
      wanted.symbol,
      wanted.name,
      wanted.type,
      wanted.expiry,
      wanted.strike,
      wanted.priceScale,
      wanted.tickSize,
      wanted.lotSize,
      wanted.kiteToken,
      wanted.dhanSegment,
      wanted.dhanSecurityId,
    ],
  );
  return rows[0] as { id: number; priceScale: number };
}

/** Of each instrument that our own feeds recorded on a day: the time of its first row, µs. */
export async function ownFirstUs(client: Client, of: 'ticks' | 'depth', day: string): Promise<Map<number, number>> {
  const [table, time, kinds] =
    of === 'ticks' ? ['ticks', 'time', ['ticks', 'live']] : ['depth_snapshots', 'book_time', ['depth200']];
  const { rows } = await client.query<{ id: number; us: number }>(
    `SELECT instrument_id AS id, (extract(epoch FROM min(${time})) * 1e6)::bigint AS us FROM gehra.${table}
     JOIN gehra.feeds AS feed USING (feed_id)
     WHERE feed.kind = ANY ($2::text[]) AND ${IN_DAY(time, '$1')} GROUP BY instrument_id`,
    [day, kinds],
  );
  return new Map(rows.map(({ id, us }) => [id, us]));
}

/** Of each security, by its number at Dhan: when our own rows of a table of the predecessor's begin on a day, µs. */
export async function ownFirstUsOfSecurities(
  client: Client,
  table: 'depth_200_snapshots' | 'depth_signals',
  day: string,
): Promise<Map<number, number>> {
  const [from, time] =
    table === 'depth_signals'
      ? ['gehra.depth_states AS own', 'own.time']
      : [
          `gehra.depth_snapshots AS own JOIN gehra.feeds AS feed ON feed.feed_id = own.feed_id AND feed.kind = 'depth200'`,
          'own.book_time',
        ];
  const { rows } = await client.query<{ id: number; us: number }>(
    `SELECT i.dhan_security_id AS id, (extract(epoch FROM min(${time})) * 1e6)::bigint AS us
     FROM ${from} JOIN gehra.instruments AS i ON i.instrument_id = own.instrument_id
     WHERE ${IN_DAY(time, '$1')} AND i.dhan_security_id IS NOT NULL GROUP BY i.dhan_security_id`,
    [day],
  );
  return new Map(rows.map(({ id, us }) => [id, us]));
}

export interface MovedPart {
  readonly depth: CopyRows;
  readonly ticks: CopyRows;
  /** What the ticks say of the flow, with their places in their stamps. */
  readonly flow: readonly { readonly n: number; readonly tick: FlowTick }[];
}

/** Stores rows of market data; those that are there already stay as they are, and what traded is added for new ones only. */
export async function storeMoved(client: Client, { depth, ticks, flow }: MovedPart): Promise<void> {
  await client.query('BEGIN');
  try {
    const stored = await stage(client, 'ticks', TICK_ROW, ticks);
    await stage(client, 'depth_snapshots', DEPTH_ROW, depth);
    await addFlow(
      client,
      flowRows(flow.flatMap(({ n, tick }) => (stored.has(`${tick.instrumentId} ${tick.stampUs} ${n}`) ? tick : []))),
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Rows of a day that stand here: ticks, or levels of depth. */
export async function countMoved(client: Client, feedId: number, of: 'ticks' | 'depth', day: string): Promise<number> {
  const [what, table, time] =
    of === 'ticks'
      ? ['count(*)', 'ticks', 'time']
      : ['coalesce(sum(cardinality(prices)), 0)', 'depth_snapshots', 'book_time'];
  const { rows } = await client.query<{ count: number }>(
    `SELECT (${what})::bigint AS count FROM gehra.${table} WHERE feed_id = $1 AND ${IN_DAY(time, '$2')}`,
    [feedId, day],
  );
  return rows[0]?.count ?? 0;
}

export interface MovedCandle {
  readonly instrumentId: number;
  readonly source: 'kite' | 'dhan';
  readonly timeframe: string;
  readonly us: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly oi: number | null;
}

/** Candles; one that is there already, of whichever origin, stays. @returns how many are new */
export async function storeMovedCandles(client: Client, candles: readonly MovedCandle[]): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO gehra.historical_candles (instrument_id, timeframe, source, time, open, high, low, close, volume, oi)
     SELECT c."instrumentId", c.timeframe, c.source, to_timestamp(c.us / 1e6), c.open, c.high, c.low, c.close, c.volume, c.oi
     FROM jsonb_to_recordset($1::jsonb) AS c ("instrumentId" integer, timeframe text, source text, us bigint, open integer, high integer,
       low integer, close integer, volume bigint, oi bigint)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(candles)],
  );
  return rowCount ?? 0;
}

const SUMMARY_COLUMNS = `security_id integer, n integer, instrument_name text, best_bid numeric, best_ask numeric, spread numeric,
  total_bid_qty bigint, total_ask_qty bigint, total_bid_orders bigint, total_ask_orders bigint, imbalance_ratio numeric,
  avg_bid_order_size numeric, avg_ask_order_size numeric, bid_vwap numeric, ask_vwap numeric, bid_50pct_level integer,
  ask_50pct_level integer`;
const SIGNAL_COLUMNS = `security_id integer, n integer, current_price numeric, key_levels jsonb, pressure_30s numeric, pressure_60s numeric,
  pressure_120s numeric, market_state text`;
const namesOf = (columns: string): string => columns.replaceAll(/ (integer|text|numeric|bigint|jsonb)/g, '');

/** Rows of depth_200_snapshots or depth_signals as they were, `us` (after any shift) in place of their time. @returns how many are new */
export async function storeWholeRows(
  client: Client,
  feedId: number,
  table: 'depth_200_snapshots' | 'depth_signals',
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<number> {
  const columns = table === 'depth_200_snapshots' ? SUMMARY_COLUMNS : SIGNAL_COLUMNS;
  const { rowCount } = await client.query(
    `INSERT INTO gehra.${table === 'depth_200_snapshots' ? 'moved_summaries' : 'moved_signals'} (feed_id, time, ${namesOf(columns)})
     SELECT $1, to_timestamp(us / 1e6), ${namesOf(columns)} FROM jsonb_to_recordset($2::jsonb) AS r (us bigint, ${columns})
     ON CONFLICT DO NOTHING`,
    [feedId, JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}

interface SecurityWithDepth {
  /** Its number at Dhan; null where a listed instrument bears it now. */
  readonly securityId: number | null;
  readonly slug: string;
}

/** Securities of which depth was brought over on a day. */
export async function securitiesWithDepth(client: Client, feedId: number, day: string): Promise<SecurityWithDepth[]> {
  const { rows } = await client.query<SecurityWithDepth>(
    `SELECT i.dhan_security_id AS "securityId", i.exchange || ':' || i.symbol AS slug
     FROM gehra.instruments AS i WHERE i.instrument_id IN (
       SELECT d.instrument_id FROM gehra.depth_snapshots AS d WHERE d.feed_id = $1 AND ${IN_DAY('d.book_time', '$2')})`,
    [feedId, day],
  );
  return rows;
}
