/** Stored books and trades of one instrument over an interval. */
import type { Aggressor } from '../lib/core/aggressor.ts';
import type { GapCause } from '../lib/core/gap.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../lib/core/side.ts';
import type { Client, Pool } from './connect.ts';
import { copyOut, integerLiteral, type RawField, readInt4Array, timestampUs } from './copy-out.ts';

/**
 * Feed that an interval of an instrument is read from: the one with the deepest books in it, an imported session only where no live feed has any; where it has none, the one of
 * the last book before, which says why there are none; before its first book, the deepest one it is subscribed on.
 *
 * @param toUs exclusive
 * @returns null for an instrument that no feed gives
 */
export async function feedOfInterval(
  db: Pool,
  instrumentId: number,
  fromUs: number,
  toUs: number,
): Promise<number | null> {
  const { rows } = await db.query<{ feed_id: number | null }>(
    `SELECT coalesce(
       (SELECT feed.feed_id FROM gehra.feeds AS feed
        WHERE feed.kind IN ('depth200', 'depth20', 'import') AND EXISTS (
          SELECT FROM gehra.depth_snapshots AS d
          WHERE d.instrument_id = $1 AND d.side IN (0, 1) AND d.feed_id = feed.feed_id
            AND d.book_time >= to_timestamp($2::bigint / 1e6) AND d.book_time < to_timestamp($3::bigint / 1e6))
        ORDER BY array_position(ARRAY['depth200', 'depth20', 'import'], feed.kind), feed.number LIMIT 1),
       (SELECT feed_id FROM gehra.depth_snapshots
        WHERE instrument_id = $1 AND side = 0 AND book_time < to_timestamp($2::bigint / 1e6)
        ORDER BY book_time DESC LIMIT 1),
       (SELECT feed_id FROM gehra.subscriptions JOIN gehra.feeds AS feed USING (feed_id) WHERE instrument_id = $1
        ORDER BY array_position(ARRAY['depth200', 'depth20', 'ticks', 'live'], feed.kind), feed.number LIMIT 1)
     ) AS feed_id`,
    [instrumentId, fromUs, toUs],
  );
  return rows[0]?.feed_id ?? null;
}

/** A side frame of a stored book. `levels` is filled by `read`. */
export interface StoredSide {
  readonly side: Side;
  readonly bookTimeUs: number;
  readonly stampUs: number;
  /** Puts the levels into `into`. */
  read(into: SideLevels): void;
}

/**
 * The last frame of each column of an interval, for both sides, by book time. Columns begin at whole multiples of
 * `columnUs` since the epoch. One index probe a column and side, however many frames the column has.
 *
 * @param toUs exclusive
 */
export async function lastFrameOfColumns(
  db: Pool,
  { instrumentId, feedId, fromUs, toUs, columnUs, levels = MAX_LEVELS }: ColumnsQuery,
): Promise<StoredSide[]> {
  const [instrument, feed, from, to, column] = [instrumentId, feedId, fromUs, toUs, columnUs].map(integerLiteral);
  const rows = await copyOut(
    db,
    `SELECT frame.side, frame.book_time, frame.time, ${firstLevels('frame', levels)}
      FROM generate_series(${from}::bigint / ${column}::bigint, (${to}::bigint - 1) / ${column}::bigint) AS slot
      CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS wanted (side)
      CROSS JOIN LATERAL (
        SELECT * FROM gehra.depth_snapshots AS d
        WHERE d.instrument_id = ${instrument}::integer AND d.side = wanted.side AND d.feed_id = ${feed}::smallint
          AND d.book_time >= to_timestamp(greatest(slot * ${column}::bigint, ${from}::bigint) / 1e6)
          AND d.book_time < to_timestamp(least((slot + 1) * ${column}::bigint, ${to}::bigint) / 1e6)
        ORDER BY d.book_time DESC LIMIT 1) AS frame
      ORDER BY frame.book_time, frame.side`,
  );
  return rows.map(storedSide);
}

export interface ColumnsQuery {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly columnUs: number;
  /** Only so many of the best levels; default: all. */
  readonly levels?: number;
}

/** The arrays of a row's best levels: what is not asked for need not travel. */
function firstLevels(row: string, levels: number): string {
  const slice = levels < MAX_LEVELS ? `[1:${integerLiteral(levels)}]` : '';
  return ['prices', 'quantities', 'orders'].map((array) => `${row}.${array}${slice}`).join(', ');
}

/** A frame's name within its instrument and feed, in the order in which frames are read. */
export interface FrameName {
  readonly bookTimeUs: number;
  readonly side: Side;
  readonly stampUs: number;
  readonly n: number;
}

export interface FramesQuery {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly levels: number;
  /** The page begins behind this one. */
  readonly after: FrameName | null;
  readonly limit: number;
}

/** Every frame of an interval by book time, bid before ask, at most `limit`. */
export async function framesOfPage(db: Pool, query: FramesQuery): Promise<(StoredSide & FrameName)[]> {
  const [instrument, feed, from, to, limit] = [
    query.instrumentId,
    query.feedId,
    query.fromUs,
    query.toUs,
    query.limit,
  ].map(integerLiteral);
  const { after } = query;
  const behind = after
    ? `AND (d.book_time, d.side::integer, d.time, d.n::bigint) > (to_timestamp(${integerLiteral(after.bookTimeUs)}::bigint / 1e6),
         ${integerLiteral(after.side)}, to_timestamp(${integerLiteral(after.stampUs)}::bigint / 1e6), ${integerLiteral(after.n)}::bigint)
       AND d.book_time >= to_timestamp(${integerLiteral(after.bookTimeUs)}::bigint / 1e6)`
    : '';
  const ofSide = (side: Side): string =>
    `(SELECT * FROM gehra.depth_snapshots AS d
      WHERE d.instrument_id = ${instrument}::integer AND d.side = ${side}::smallint AND d.feed_id = ${feed}::smallint
        AND d.book_time >= to_timestamp(${from}::bigint / 1e6) AND d.book_time < to_timestamp(${to}::bigint / 1e6) ${behind}
      ORDER BY d.book_time, d.time, d.n LIMIT ${limit})`;
  const rows = await copyOut(
    db,
    `SELECT frame.side, frame.book_time, frame.time, ${firstLevels('frame', query.levels)}, frame.n
     FROM (${ofSide(BID)} UNION ALL ${ofSide(ASK)}) AS frame
     ORDER BY frame.book_time, frame.side, frame.time, frame.n LIMIT ${limit}`,
  );
  return rows.map((row) => ({ ...storedSide(row), n: (row[6] as Buffer).readInt16BE(0) }));
}

/** How many frames an interval has; more than `most` are not counted. */
export async function countFrames(
  db: Pool,
  { instrumentId, feedId, fromUs, toUs }: Pick<FramesQuery, 'instrumentId' | 'feedId' | 'fromUs' | 'toUs'>,
  most: number,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM (
       SELECT FROM gehra.depth_snapshots
       WHERE instrument_id = $1 AND side IN (0, 1) AND feed_id = $2
         AND book_time >= to_timestamp($3::bigint / 1e6) AND book_time < to_timestamp($4::bigint / 1e6)
       LIMIT $5) AS frame`,
    [instrumentId, feedId, fromUs, toUs, most],
  );
  return rows[0]?.count ?? 0;
}

/** A tick on which volume traded. */
export interface StoredTrade {
  readonly stampUs: number;
  readonly lastPrice: number;
  readonly volumeDelta: number;
  readonly aggressor: Aggressor;
  readonly confidence: number;
  readonly volume: number;
  readonly oi: number;
  readonly previousClose: number;
}

/** Ticks of a feed in an interval on which volume traded, oldest first, at most `limit`. */
export async function tradesBetween(
  db: Pool,
  instrumentId: number,
  feedId: number,
  fromUs: number,
  toUs: number,
  limit: number,
): Promise<StoredTrade[]> {
  const { rows } = await db.query<Record<string, number>>(
    `SELECT (extract(epoch FROM time) * 1e6)::bigint AS stamp, last_price, volume_delta, aggressor, aggressor_confidence,
       volume, coalesce(oi, 0) AS oi, coalesce(close, 0) AS close
     FROM gehra.ticks
     WHERE instrument_id = $1 AND feed_id = $2
       AND time >= to_timestamp($3::bigint / 1e6) AND time < to_timestamp($4::bigint / 1e6) AND volume_delta > 0
     ORDER BY time, n LIMIT $5`,
    [instrumentId, feedId, fromUs, toUs, limit],
  );
  return rows.map((row) => ({
    stampUs: row.stamp as number,
    lastPrice: row.last_price as number,
    volumeDelta: row.volume_delta as number,
    aggressor: row.aggressor as Aggressor,
    confidence: row.aggressor_confidence as number,
    volume: row.volume as number,
    oi: row.oi as number,
    previousClose: row.close as number,
  }));
}

export interface StoredGap {
  readonly fromUs: number;
  /** null while it is open. */
  readonly toUs: number | null;
  readonly cause: GapCause;
}

/** Gaps of a feed that concern an instrument and touch the interval, oldest first. */
export async function gapsBetween(
  db: Pool | Client,
  instrumentId: number,
  feedId: number,
  fromUs: number,
  toUs: number,
): Promise<StoredGap[]> {
  const { rows } = await db.query<{ from_us: number; to_us: number | null; cause: GapCause }>(
    `SELECT (extract(epoch FROM from_time) * 1e6)::bigint AS from_us,
       (extract(epoch FROM to_time) * 1e6)::bigint AS to_us, cause
     FROM gehra.feed_gaps
     WHERE feed_id = $2 AND instrument_ids @> ARRAY[$1::integer]
       AND from_time < to_timestamp($4::bigint / 1e6) AND coalesce(to_time, 'infinity') >= to_timestamp($3::bigint / 1e6)
     ORDER BY from_time`,
    [instrumentId, feedId, fromUs, toUs],
  );
  return rows.map(({ from_us, to_us, cause }) => ({ fromUs: from_us, toUs: to_us, cause }));
}

/**
 * When a feed was first listened to for an instrument, µs: when a feed was first asked for it, or its first row where that is older,
 * as after a rebuild from the journal. An import begins with its recording, a moved database with its first row. 0 where nobody noted it.
 *
 * @param fromUs what lies before it is not asked about: an older beginning is told without a look at the rows
 */
export async function firstHeardUs(
  db: Pool | Client,
  instrumentId: number,
  feedId: number,
  fromUs: number,
): Promise<number> {
  const first = (table: string, where: string, time: string): string =>
    `(SELECT ${time} FROM ${table} WHERE instrument_id = $1 AND ${where} feed_id = $2 ORDER BY ${time} LIMIT 1)`;
  const { rows } = await db.query<{ us: number | null }>(
    `SELECT (extract(epoch FROM CASE
       WHEN feed.kind = 'import' AND feed.broker = 'import' THEN (SELECT from_time FROM gehra.import_sessions WHERE feed_id = $2)
       WHEN feed.kind <> 'import' AND (i.first_recorded IS NULL OR i.first_recorded <= to_timestamp($3::bigint / 1e6)) THEN i.first_recorded
       ELSE least(CASE WHEN feed.kind <> 'import' THEN i.first_recorded END, ${first('gehra.flow_bars', '', 'time')}, ${first('gehra.ticks', '', 'time')},
         ${first('gehra.depth_snapshots', 'side = 0 AND', 'book_time')}, ${first('gehra.depth_snapshots', 'side = 1 AND', 'book_time')})
       END) * 1e6)::bigint AS us
     FROM gehra.instruments AS i CROSS JOIN gehra.feeds AS feed WHERE i.instrument_id = $1 AND feed.feed_id = $2`,
    [instrumentId, feedId, fromUs],
  );
  return rows[0]?.us ?? 0;
}

/** Stamp up to which the database holds everything of a feed; 0 where it holds nothing. */
export async function positionOf(db: Pool | Client, feedId: number): Promise<number> {
  const { rows } = await db.query<{ position: number }>(
    'SELECT position FROM gehra.feed_positions WHERE feed_id = $1',
    [feedId],
  );
  return rows[0]?.position ?? 0;
}

/**
 * The newest frame of each side of one feed's book that was received at or before an instant, and within a day of it; a side
 * without one is left out.
 */
export async function bookAsOf(db: Pool, instrumentId: number, feedId: number, atUs: number): Promise<StoredSide[]> {
  const [instrument, feed, at] = [instrumentId, feedId, atUs].map(integerLiteral);
  const rows = await copyOut(
    db,
    `SELECT frame.side, frame.book_time, frame.time, frame.prices, frame.quantities, frame.orders
      FROM (VALUES (0::smallint), (1::smallint)) AS wanted (side)
      CROSS JOIN LATERAL (
        SELECT * FROM gehra.depth_snapshots AS d
        WHERE d.instrument_id = ${instrument}::integer AND d.side = wanted.side AND d.feed_id = ${feed}::smallint
          AND d.book_time <= to_timestamp(${at}::bigint / 1e6) AND d.time <= to_timestamp(${at}::bigint / 1e6)
          AND d.book_time > to_timestamp(${at}::bigint / 1e6) - interval '1 day'
        ORDER BY d.book_time DESC LIMIT 1) AS frame
      ORDER BY frame.side`,
  );
  return rows.map(storedSide);
}

/** Fields: side, book_time, time, prices, quantities, orders. */
function storedSide(row: RawField[]): StoredSide {
  const [side, bookTime, time, prices, quantities, orders] = row as Buffer[];
  return {
    side: (side as Buffer).readInt16BE(0) as Side,
    bookTimeUs: timestampUs(bookTime as Buffer),
    stampUs: timestampUs(time as Buffer),
    read(into: SideLevels): void {
      into.count = readInt4Array(prices as Buffer, into.prices);
      readInt4Array(quantities as Buffer, into.quantities);
      readInt4Array(orders as Buffer, into.orders);
    },
  };
}

/** Books are read in pieces of so much time: some thousands of frames, some MB. */
const PIECE_US = 60_000_000;

/**
 * Hands over the frames of an interval, of one feed and both sides, in the order of their book times. Their orders are not
 * read. One `levels` for all: it is valid within the call.
 *
 * @param toUs exclusive
 */
export async function eachFrame(
  db: Pool,
  { instrumentId, feedId, fromUs, toUs }: Omit<ColumnsQuery, 'columnUs'>,
  onFrame: (side: Side, bookTimeUs: number, stampUs: number, levels: SideLevels) => void,
): Promise<void> {
  const [instrument, feed] = [instrumentId, feedId].map(integerLiteral);
  const levels = new SideLevels();
  for (let pieceUs = fromUs; pieceUs < toUs; pieceUs += PIECE_US) {
    const [from, to] = [pieceUs, Math.min(pieceUs + PIECE_US, toUs)].map(integerLiteral);
    const rows = await copyOut(
      db,
      `SELECT side, book_time, time, prices, quantities FROM gehra.depth_snapshots
        WHERE instrument_id = ${instrument}::integer AND side IN (0, 1) AND feed_id = ${feed}::smallint
          AND book_time >= to_timestamp(${from}::bigint / 1e6) AND book_time < to_timestamp(${to}::bigint / 1e6)
        ORDER BY book_time, time, n`,
    );
    for (const row of rows) {
      const [side, bookTime, time, prices, quantities] = row as [Buffer, Buffer, Buffer, Buffer, Buffer];
      levels.count = readInt4Array(prices, levels.prices);
      readInt4Array(quantities, levels.quantities);
      onFrame(side.readInt16BE(0) as Side, timestampUs(bookTime), timestampUs(time), levels);
    }
  }
}
