/** What was recorded of a day, where it has gaps, and what the nightly comparison with the broker's candles found. */
import { ABSENT } from '../lib/core/absent.ts';
import type { CoverageGap } from '../lib/orderflow/coverage.ts';
import type { ReconciledDay } from '../lib/orderflow/coverage-days.ts';
import type { MinuteBar, Reconciliation, ToldDay } from '../lib/orderflow/reconcile.ts';
import type { Client, Pool } from './connect.ts';

/** An instrument and a feed that gave, or was to give, its trades on a day. */
export interface Recorded {
  readonly instrumentId: number;
  readonly feedId: number;
  /** `NFO:NIFTY26DECFUT` */
  readonly instrument: string;
  readonly exchange: string;
  readonly isIndex: boolean;
  /** Price units in a rupee. */
  readonly priceScale: number;
  /** When a feed was first asked for it, µs. */
  readonly firstRecordedUs: number;
}

const BETWEEN = (column: string, from: number): string =>
  `${column} >= to_timestamp($${from}::bigint / 1e6) AND ${column} < to_timestamp($${from + 1}::bigint / 1e6)`;

/** Those with a tick in an interval, or a gap in which they were to have some. One index probe for each possible pair. */
export async function recordedBetween(db: Client | Pool, fromUs: number, toUs: number): Promise<Recorded[]> {
  const { rows } = await db.query<Recorded>(
    `WITH missed AS (
       SELECT DISTINCT feed_id, unnest(instrument_ids) AS instrument_id FROM gehra.feed_gaps
       WHERE from_time < to_timestamp($2::bigint / 1e6) AND coalesce(to_time, 'infinity') > to_timestamp($1::bigint / 1e6)
         AND cause <> 'market_closed')
     SELECT i.instrument_id AS "instrumentId", feed.feed_id AS "feedId", i.exchange || ':' || i.symbol AS instrument, i.exchange,
       i.type = 'INDEX' AS "isIndex", i.price_scale AS "priceScale", (extract(epoch FROM i.first_recorded) * 1e6)::bigint AS "firstRecordedUs"
     FROM gehra.instruments AS i CROSS JOIN gehra.feeds AS feed
     WHERE i.first_recorded < to_timestamp($2::bigint / 1e6) AND feed.kind IN ('ticks', 'live')
       AND (EXISTS (SELECT FROM missed WHERE missed.feed_id = feed.feed_id AND missed.instrument_id = i.instrument_id)
         OR EXISTS (SELECT FROM gehra.ticks AS t
           WHERE t.instrument_id = i.instrument_id AND t.feed_id = feed.feed_id AND ${BETWEEN('t.time', 1)}))
     ORDER BY i.exchange, i.symbol, feed.feed_id`,
    [fromUs, toUs],
  );
  return rows;
}

/** Gaps of a feed, and whom it was to give in them. */
export interface GapOfFeed extends CoverageGap {
  readonly feedId: number;
  readonly instrumentIds: readonly number[];
}

/** Gaps of the feeds of trades that touch an interval, in order. */
export async function gapsTouching(db: Client | Pool, fromUs: number, toUs: number): Promise<GapOfFeed[]> {
  const { rows } = await db.query<GapOfFeed>(
    `SELECT feed_id AS "feedId", (extract(epoch FROM from_time) * 1e6)::bigint AS "fromUs",
       (extract(epoch FROM to_time) * 1e6)::bigint AS "toUs", cause, instrument_ids AS "instrumentIds"
     FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id)
     WHERE feed.kind IN ('ticks', 'live') AND from_time < to_timestamp($2::bigint / 1e6)
       AND coalesce(to_time, 'infinity') > to_timestamp($1::bigint / 1e6)
     ORDER BY from_time, feed_id`,
    [fromUs, toUs],
  );
  return rows;
}

/** By feed id: up to which everything is stored, µs. */
export async function storedUpTo(db: Client | Pool): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; position: number }>(
    'SELECT feed_id AS id, position FROM gehra.feed_positions',
  );
  return new Map(rows.map(({ id, position }) => [id, position]));
}

interface Series {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** An index has values and no trades: its bars of a minute, oldest first, are those of its ticks. */
export async function indexMinutes(
  db: Client | Pool,
  { instrumentId, feedId, fromUs, toUs }: Series,
): Promise<MinuteBar[]> {
  const { rows } = await db.query<Pick<MinuteBar, 'fromUs' | 'open' | 'high' | 'low' | 'close'>>(
    `SELECT (extract(epoch FROM date_trunc('minute', time)) * 1e6)::bigint AS "fromUs",
       (array_agg(last_price ORDER BY time, n))[1] AS open, max(last_price) AS high, min(last_price) AS low,
       (array_agg(last_price ORDER BY time DESC, n DESC))[1] AS close
     FROM gehra.ticks WHERE instrument_id = $1 AND feed_id = $2 AND ${BETWEEN('time', 3)} AND last_price IS NOT NULL
     GROUP BY 1 ORDER BY 1`,
    [instrumentId, feedId, fromUs, toUs],
  );
  return rows.map((row) => ({ ...row, volume: 0, unattributed: 0, oi: ABSENT }));
}

/** The exchange's own numbers of the day, as the last ticks of an interval told them; null where there is none. */
export async function toldDay(
  db: Client | Pool,
  { instrumentId, feedId, fromUs, toUs }: Series,
): Promise<ToldDay | null> {
  const last = (column: string): string =>
    `(SELECT ${column} FROM gehra.ticks WHERE instrument_id = $1 AND feed_id = $2 AND ${BETWEEN('time', 3)}
      AND ${column} IS NOT NULL ORDER BY time DESC, n DESC LIMIT 1) AS ${column}`;
  const { rows } = await db.query<Record<keyof ToldDay, number | null>>(
    `SELECT ${['open', 'high', 'low', 'oi'].map(last).join(', ')}`,
    [instrumentId, feedId, fromUs, toUs],
  );
  const told = rows[0];
  if (!told || Object.values(told).every((value) => value === null)) return null;
  return { open: told.open ?? ABSENT, high: told.high ?? ABSENT, low: told.low ?? ABSENT, oi: told.oi ?? ABSENT };
}

export interface StoredReconciliation {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly madeMs: number;
  readonly untilUs: number;
  readonly final: boolean;
  /** Null where nothing was traded by the calendar. */
  readonly coverage: number | null;
  readonly found: Reconciliation;
}

/** Puts what was found of a day in the place of what was found before. */
export async function storeReconciliation(
  db: Client | Pool,
  day: string,
  { instrumentId, feedId, untilUs, final, coverage, found }: Omit<StoredReconciliation, 'madeMs'>,
): Promise<void> {
  await db.query(
    `INSERT INTO gehra.reconciliations (day, instrument_id, feed_id, until_time, final, outcome, coverage, found)
     VALUES ($1, $2, $3, to_timestamp($4::bigint / 1e6), $5, $6, $7, $8)
     ON CONFLICT (day, instrument_id, feed_id) DO UPDATE SET made_at = now(), until_time = excluded.until_time,
       final = excluded.final, outcome = excluded.outcome, coverage = excluded.coverage, found = excluded.found`,
    [day, instrumentId, feedId, untilUs, final, found.outcome, coverage, JSON.stringify(found)],
  );
}

export async function reconciliationsOf(db: Client | Pool, day: string): Promise<StoredReconciliation[]> {
  const { rows } = await db.query<StoredReconciliation>(
    `SELECT instrument_id AS "instrumentId", feed_id AS "feedId", (extract(epoch FROM made_at) * 1000)::bigint AS "madeMs",
       (extract(epoch FROM until_time) * 1e6)::bigint AS "untilUs", final, coverage, found
     FROM gehra.reconciliations WHERE day = $1`,
    [day],
  );
  return rows;
}

/** Days from `from` to `to`, both within, of which anything was found. */
export async function reconciledDays(db: Pool, from: string, to: string): Promise<ReconciledDay[]> {
  const { rows } = await db.query<ReconciledDay>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, count(*)::integer AS instruments, avg(coverage) AS coverage, min(coverage) AS least,
       count(*) FILTER (WHERE outcome = 'equal')::integer AS equal,
       count(*) FILTER (WHERE outcome = 'explained')::integer AS explained,
       count(*) FILTER (WHERE outcome = 'differs')::integer AS differs,
       count(*) FILTER (WHERE outcome = 'no_candles')::integer AS "noCandles"
     FROM gehra.reconciliations WHERE day BETWEEN $1 AND $2 GROUP BY day ORDER BY day`,
    [from, to],
  );
  return rows;
}
