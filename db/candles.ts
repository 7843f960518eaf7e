/** The brokers' historical candles, and what is still to be had of them. */
import { ABSENT, isPresent } from '../lib/core/absent.ts';
import type { Candle, Timeframe } from '../lib/core/candles.ts';
import type { Broker } from '../lib/core/feeds.ts';
import type { Client, Pool } from './connect.ts';

const US_PER_S = 1e6;

/** Which candles: of one instrument, one length, one broker. */
export interface CandleSeries {
  readonly instrumentId: number;
  readonly source: Broker;
  readonly timeframe: Timeframe;
}

/** Stores candles of different times. @returns how many were new or different */
export async function storeCandles(
  client: Client,
  { instrumentId, source, timeframe }: CandleSeries,
  candles: readonly Candle[],
): Promise<number> {
  if (candles.length === 0) return 0;
  const column = (of: (candle: Candle) => number): number[] => candles.map(of);
  const { rowCount } = await client.query(
    `INSERT INTO gehra.historical_candles AS kept (instrument_id, timeframe, source, time, open, high, low, close, volume, oi)
     SELECT $1, $2, $3, to_timestamp(s), open, high, low, close, volume, oi
     FROM unnest($4::float8[], $5::integer[], $6::integer[], $7::integer[], $8::integer[], $9::bigint[], $10::bigint[])
       AS c (s, open, high, low, close, volume, oi)
     ON CONFLICT (instrument_id, timeframe, source, time) DO UPDATE SET
       open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
       oi = excluded.oi, created_at = now()
     WHERE (kept.open, kept.high, kept.low, kept.close, kept.volume, kept.oi)
       IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.oi)`,
    [
      instrumentId,
      timeframe,
      source,
      column(({ fromUs }) => fromUs / US_PER_S),
      column(({ open }) => open),
      column(({ high }) => high),
      column(({ low }) => low),
      column(({ close }) => close),
      column(({ volume }) => volume),
      candles.map(({ oi }) => (isPresent(oi) ? oi : null)),
    ],
  );
  return rowCount ?? 0;
}

interface Interval {
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

const BETWEEN = (from: number): string =>
  `time >= to_timestamp($${from}::bigint / 1e6) AND time < to_timestamp($${from + 1}::bigint / 1e6)`;

/** Candles that begin in an interval, oldest first. */
export async function candlesBetween(
  db: Client | Pool,
  { instrumentId, source, timeframe }: CandleSeries,
  { fromUs, toUs }: Interval,
): Promise<Candle[]> {
  const { rows } = await db.query<Omit<Candle, 'oi'> & { oi: number | null }>(
    `SELECT (extract(epoch FROM time) * 1e6)::bigint AS "fromUs", open, high, low, close, volume, oi
     FROM gehra.historical_candles
     WHERE instrument_id = $1 AND timeframe = $2 AND source = $3 AND ${BETWEEN(4)} ORDER BY time`,
    [instrumentId, timeframe, source, fromUs, toUs],
  );
  return rows.map((row) => ({ ...row, oi: row.oi ?? ABSENT }));
}

/** How many candles of an interval each broker gave. */
export async function candleCounts(
  db: Pool,
  instrumentId: number,
  timeframe: Timeframe,
  { fromUs, toUs }: Interval,
): Promise<Readonly<Record<Broker, number>>> {
  const { rows } = await db.query<Record<Broker, number>>(
    `SELECT count(*) FILTER (WHERE source = 'kite')::integer AS kite, count(*) FILTER (WHERE source = 'dhan')::integer AS dhan
     FROM gehra.historical_candles WHERE instrument_id = $1 AND timeframe = $2 AND ${BETWEEN(3)}`,
    [instrumentId, timeframe, fromUs, toUs],
  );
  return rows[0] ?? { kite: 0, dhan: 0 };
}

/** When the first trade of an instrument was recorded here, µs; null where none was. */
export async function firstRecordedUs(db: Pool, instrumentId: number): Promise<number | null> {
  const { rows } = await db.query<{ us: number | null }>(
    `SELECT (extract(epoch FROM min(first)) * 1e6)::bigint AS us
     FROM gehra.feeds AS feed CROSS JOIN LATERAL (
       SELECT time AS first FROM gehra.flow_bars WHERE instrument_id = $1 AND feed_id = feed.feed_id ORDER BY time LIMIT 1) AS bar
     WHERE feed.kind IN ('ticks', 'live')`,
    [instrumentId],
  );
  return rows[0]?.us ?? null;
}

export interface NewDownload extends CandleSeries, Interval {
  readonly askedBy: string;
}

/** Not to be gone on with until somebody asks for it again: it waits for ever. */
const CANCELLED = `state = 'waiting' AND due_at = 'infinity'`;
const UNDER_WAY = `state = 'waiting' AND due_at < 'infinity'`;

/**
 * Notes what is to be downloaded. What waits already is not noted again, and what was cancelled goes on where it was, to the end
 * that is asked for now.
 *
 * @returns the ids, in the order asked for
 */
export async function askForCandles(db: Client | Pool, downloads: readonly NewDownload[]): Promise<number[]> {
  const ids: number[] = [];
  for (const { askedBy, instrumentId, source, timeframe, fromUs, toUs } of downloads) {
    // Of two that were cancelled the first alone may get the new end: those that wait differ.
    await db.query(
      `UPDATE gehra.candle_downloads SET to_time = to_timestamp($5::bigint / 1e6) WHERE download_id = (
         SELECT min(download_id) FROM gehra.candle_downloads WHERE ${CANCELLED} AND source = $1 AND instrument_id = $2
           AND timeframe = $3 AND from_time = to_timestamp($4::bigint / 1e6) AND done_to < to_timestamp($5::bigint / 1e6))
         AND NOT EXISTS (SELECT FROM gehra.candle_downloads WHERE state = 'waiting' AND source = $1 AND instrument_id = $2
           AND timeframe = $3 AND from_time = to_timestamp($4::bigint / 1e6) AND to_time = to_timestamp($5::bigint / 1e6))`,
      [source, instrumentId, timeframe, fromUs, toUs],
    );
    // Asked for again, what waits is tried at once.
    const { rows } = await db.query<{ id: number }>(
      `INSERT INTO gehra.candle_downloads (asked_by, instrument_id, source, timeframe, from_time, to_time, done_to)
       VALUES ($1, $2, $3, $4, to_timestamp($5::bigint / 1e6), to_timestamp($6::bigint / 1e6), to_timestamp($5::bigint / 1e6))
       ON CONFLICT (source, instrument_id, timeframe, from_time, to_time) WHERE state = 'waiting'
       DO UPDATE SET failure = NULL, due_at = now() RETURNING download_id AS id`,
      [askedBy, instrumentId, source, timeframe, fromUs, toUs],
    );
    ids.push((rows[0] as { id: number }).id);
  }
  return ids;
}

export interface Download extends NewDownload {
  readonly id: number;
  /** `NFO:NIFTY26DECFUT` */
  readonly instrument: string;
  readonly askedMs: number;
  /** Everything before it is stored, µs. */
  readonly doneToUs: number;
  readonly state: 'waiting' | 'done' | 'failed' | 'cancelled';
  readonly received: number;
  readonly changed: number;
  readonly refused: number;
  readonly failure: string | null;
  readonly movedMs: number;
}

const DOWNLOAD = `SELECT download_id AS id, asked_by AS "askedBy", (extract(epoch FROM asked_at) * 1000)::bigint AS "askedMs",
    instrument_id AS "instrumentId", i.exchange || ':' || i.symbol AS instrument, source, timeframe,
    (extract(epoch FROM from_time) * 1e6)::bigint AS "fromUs", (extract(epoch FROM to_time) * 1e6)::bigint AS "toUs",
    (extract(epoch FROM done_to) * 1e6)::bigint AS "doneToUs",
    CASE WHEN ${CANCELLED} THEN 'cancelled' ELSE state END AS state, received, changed, refused, failure,
    (extract(epoch FROM moved_at) * 1000)::bigint AS "movedMs"
  FROM gehra.candle_downloads JOIN gehra.instruments AS i USING (instrument_id)`;

/** The next one to go on with, the oldest first; null where none is due of these brokers. */
export async function nextDownload(client: Client, sources: readonly Broker[]): Promise<Download | null> {
  const { rows } = await client.query<Download>(
    `${DOWNLOAD} WHERE state = 'waiting' AND due_at <= now() AND source = ANY ($1) ORDER BY download_id LIMIT 1`,
    [sources],
  );
  return rows[0] ?? null;
}

/** Those that wait first, then the newest. */
export async function listDownloads(db: Pool, limit: number): Promise<Download[]> {
  const { rows } = await db.query<Download>(
    `${DOWNLOAD} ORDER BY (${UNDER_WAY}) DESC, CASE WHEN ${UNDER_WAY} THEN NULL ELSE moved_at END DESC, download_id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Those with these ids, in the order of their ids. */
export async function downloadsOf(db: Client | Pool, ids: readonly number[]): Promise<Download[]> {
  const { rows } = await db.query<Download>(
    `${DOWNLOAD} WHERE download_id = ANY ($1::integer[]) ORDER BY download_id`,
    [ids],
  );
  return rows;
}

/**
 * Has downloads not gone on; what they brought stays. A request that is being made is stored still.
 *
 * @param who for whoever reads why
 * @returns the ids of those that were under way
 */
export async function cancelDownloads(db: Client | Pool, ids: readonly number[], who: string): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `UPDATE gehra.candle_downloads SET due_at = 'infinity', failure = 'Cancelled by ' || $2 || '.', moved_at = now()
     WHERE download_id = ANY ($1::integer[]) AND ${UNDER_WAY} RETURNING download_id AS id`,
    [ids, who],
  );
  return rows.map(({ id }) => id);
}

/** Goes on with a cancelled download where it was. @returns whether it was cancelled */
export async function resumeDownload(db: Client | Pool, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.candle_downloads SET due_at = now(), failure = NULL, moved_at = now() WHERE download_id = $1 AND ${CANCELLED}`,
    [id],
  );
  return rowCount === 1;
}

/** One request's candles and how far the download has come by them: both or neither. @param refused not believed */
export async function storeProgress(
  client: Client,
  download: Download,
  { candles, refused }: { readonly candles: readonly Candle[]; readonly refused: number },
  doneToUs: number,
): Promise<void> {
  await client.query('BEGIN');
  try {
    const changed = await storeCandles(client, download, candles);
    await client.query(
      `UPDATE gehra.candle_downloads SET done_to = to_timestamp($2::bigint / 1e6), received = received + $3, changed = changed + $4,
         refused = refused + $5, moved_at = now(),
         failure = CASE WHEN due_at = 'infinity' AND to_timestamp($2::bigint / 1e6) < to_time THEN failure END,
         state = CASE WHEN to_timestamp($2::bigint / 1e6) >= to_time THEN 'done' ELSE state END
       WHERE download_id = $1`,
      [download.id, doneToUs, candles.length, changed, refused],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Says why a download does not go on now. @param dueInS when it is tried again; null: never */
export async function storeSetback(client: Client, id: number, failure: string, dueInS: number | null): Promise<void> {
  await client.query(
    `UPDATE gehra.candle_downloads SET failure = $2, moved_at = now(), state = CASE WHEN $3::integer IS NULL THEN 'failed' ELSE state END,
       due_at = now() + make_interval(secs => coalesce($3, 0)) WHERE download_id = $1 AND ${UNDER_WAY}`,
    [id, failure, dueInS],
  );
}

/** Says of all that wait for these brokers why they do. */
export async function storeWaiting(client: Client, sources: readonly Broker[], failure: string): Promise<void> {
  await client.query(
    `UPDATE gehra.candle_downloads SET failure = $2, moved_at = now()
     WHERE ${UNDER_WAY} AND source = ANY ($1) AND failure IS DISTINCT FROM $2`,
    [sources, failure],
  );
}

/** Forgets those that ended so many days ago; their candles stay. */
export async function forgetDownloads(client: Client, days: number): Promise<void> {
  await client.query(
    `DELETE FROM gehra.candle_downloads WHERE NOT (${UNDER_WAY}) AND moved_at < now() - make_interval(days => $1)`,
    [days],
  );
}
