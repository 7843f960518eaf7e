/** Stored rows as the entries that they were made of, for replays where there is no journal, and of imported sessions. */
import type { GapCause } from '../lib/core/gap.ts';
import type { Side } from '../lib/core/side.ts';
import { SideLevels } from '../lib/core/side.ts';
import { Tick } from '../lib/orderflow/tick.ts';
import type { Pool } from './connect.ts';
import { copyOut, integerLiteral, type RawField, readInt4Array, timestampUs } from './copy-out.ts';
import { DEPTH_ROW, readTickRow, TICK_ROW } from './market-rows.ts';

/** Rows are read in windows of time: as long as holds about so many rows, within these limits. */
const ROWS_MIN = 500;
const ROWS_MAX = 2000;
const WINDOW_US_MIN = 1_000_000;
const WINDOW_US_FIRST = 4_000_000;
const WINDOW_US_MAX = 3_600_000_000;
/** A side frame's book_time is at most this much before its stamp (lib/book/pair.ts), µs. */
const PAIR_US = 100_000;
/** A book and a tick from before the beginning are looked for this far back, µs. */
const BEFORE_US = 600_000_000;

export interface RecordedBy {
  readonly feedId: number;
  readonly instrumentId: number;
  /** Stamp of its first row in the interval, µs. */
  readonly firstUs: number;
}

/** Which feeds have rows of these instruments (null: of any) in an interval. @param toUs exclusive */
export async function recordedBy(
  db: Pool,
  instrumentIds: readonly number[] | null,
  fromUs: number,
  toUs: number,
): Promise<RecordedBy[]> {
  const { rows } = await db.query<{ feed_id: number; instrument_id: number; first_us: number }>(
    `SELECT feed_id, instrument_id, min(first_us) AS first_us FROM (
       SELECT feed.feed_id, i.instrument_id, (extract(epoch FROM first.time) * 1e6)::bigint AS first_us
       FROM gehra.feeds AS feed
       CROSS JOIN (SELECT instrument_id FROM gehra.instruments
                   WHERE CASE WHEN $1::integer[] IS NULL THEN first_recorded IS NOT NULL ELSE instrument_id = ANY ($1) END) AS i
       CROSS JOIN LATERAL (
         (SELECT d.book_time AS time FROM gehra.depth_snapshots AS d
          WHERE d.instrument_id = i.instrument_id AND d.side = 0 AND d.feed_id = feed.feed_id
            AND d.book_time >= to_timestamp($2::bigint / 1e6) AND d.book_time < to_timestamp($3::bigint / 1e6)
          ORDER BY d.book_time LIMIT 1)
         UNION ALL
         (SELECT d.book_time FROM gehra.depth_snapshots AS d
          WHERE d.instrument_id = i.instrument_id AND d.side = 1 AND d.feed_id = feed.feed_id
            AND d.book_time >= to_timestamp($2::bigint / 1e6) AND d.book_time < to_timestamp($3::bigint / 1e6)
          ORDER BY d.book_time LIMIT 1)
         UNION ALL
         (SELECT t.time FROM gehra.ticks AS t
          WHERE t.instrument_id = i.instrument_id AND t.feed_id = feed.feed_id
            AND t.time >= to_timestamp($2::bigint / 1e6) AND t.time < to_timestamp($3::bigint / 1e6)
          ORDER BY t.time LIMIT 1)) AS first) AS found
     GROUP BY feed_id, instrument_id ORDER BY feed_id, instrument_id`,
    [instrumentIds, fromUs, toUs],
  );
  return rows.map((row) => ({ feedId: row.feed_id, instrumentId: row.instrument_id, firstUs: row.first_us }));
}

/** What is done with the rows; each of its calls has the stamp of the one before or a later one. */
export interface StoredRecords {
  depth(stampUs: number, row: StoredDepth): void;
  tick(tick: Tick): void;
  gap(stampUs: number, gap: { fromUs: number; toUs: number; cause: GapCause; instrumentIds: readonly number[] }): void;
}

export interface StoredDepth {
  readonly instrumentId: number;
  readonly n: number;
  readonly side: Side;
  readonly flags: number;
  readonly bookTimeUs: number;
  readonly levels: SideLevels;
}

export interface StoredQuery {
  readonly feedId: number;
  readonly instrumentIds: readonly number[];
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/**
 * Hands over what one feed gave of these instruments, oldest first: first the books and ticks that stood at `fromUs`, then
 * window by window. Yields after each, so that no more than one is in memory.
 */
export async function* storedRecords(db: Pool, query: StoredQuery, into: StoredRecords): AsyncGenerator<void> {
  const { fromUs, toUs } = query;
  await readBefore(db, query, into);
  yield;
  let windowUs = WINDOW_US_FIRST;
  for (let at = fromUs; at < toUs; ) {
    const end = Math.min(toUs, at + windowUs);
    const rows = await readWindow(db, { ...query, fromUs: at, toUs: end }, at === fromUs, into);
    yield;
    at = end;
    if (rows < ROWS_MIN) windowUs = Math.min(windowUs * 2, WINDOW_US_MAX);
    if (rows > ROWS_MAX) windowUs = Math.max(windowUs / 2, WINDOW_US_MIN);
  }
}

const listOf = (numbers: readonly number[]): string => numbers.map(integerLiteral).join(', ');

/** The last frame of each side and the last tick of each instrument before the interval, each with its own stamp. */
async function readBefore(
  db: Pool,
  { feedId, instrumentIds, fromUs }: StoredQuery,
  into: StoredRecords,
): Promise<void> {
  const [ids, feed, from, before] = [
    listOf(instrumentIds),
    integerLiteral(feedId),
    integerLiteral(fromUs),
    integerLiteral(fromUs - BEFORE_US),
  ];
  const [depth, ticks] = await Promise.all([
    copyOut(
      db,
      `SELECT frame.* FROM gehra.instruments AS i
        CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS wanted (side)
        CROSS JOIN LATERAL (
          SELECT ${DEPTH_ROW} FROM gehra.depth_snapshots AS d
          WHERE d.instrument_id = i.instrument_id AND d.side = wanted.side AND d.feed_id = ${feed}::smallint
            AND d.book_time < to_timestamp(${from}::bigint / 1e6) AND d.time < to_timestamp(${from}::bigint / 1e6)
            AND d.book_time >= to_timestamp(${before}::bigint / 1e6)
          ORDER BY d.book_time DESC LIMIT 1) AS frame
        WHERE i.instrument_id IN (${ids})`,
    ),
    copyOut(
      db,
      `SELECT tick.* FROM gehra.instruments AS i
        CROSS JOIN LATERAL (
          SELECT ${TICK_ROW} FROM gehra.ticks AS t
          WHERE t.instrument_id = i.instrument_id AND t.feed_id = ${feed}::smallint
            AND t.time < to_timestamp(${from}::bigint / 1e6) AND t.time >= to_timestamp(${before}::bigint / 1e6)
          ORDER BY t.time DESC, t.n DESC LIMIT 1) AS tick
        WHERE i.instrument_id IN (${ids})`,
    ),
  ]);
  hand(depth, ticks, [], into);
}

/** @returns how many rows there were */
async function readWindow(
  db: Pool,
  { feedId, instrumentIds, fromUs, toUs }: StoredQuery,
  isFirst: boolean,
  into: StoredRecords,
): Promise<number> {
  const [ids, feed, from, to, bookFrom] = [
    listOf(instrumentIds),
    integerLiteral(feedId),
    integerLiteral(fromUs),
    integerLiteral(toUs),
    integerLiteral(fromUs - PAIR_US),
  ];
  const [depth, ticks, gaps] = await Promise.all([
    copyOut(
      db,
      `SELECT ${DEPTH_ROW} FROM gehra.depth_snapshots
        WHERE instrument_id IN (${ids}) AND side IN (0, 1) AND feed_id = ${feed}::smallint
          AND book_time >= to_timestamp(${bookFrom}::bigint / 1e6) AND book_time < to_timestamp(${to}::bigint / 1e6)
          AND time >= to_timestamp(${from}::bigint / 1e6) AND time < to_timestamp(${to}::bigint / 1e6)
        ORDER BY time, n`,
    ),
    copyOut(
      db,
      `SELECT ${TICK_ROW} FROM gehra.ticks
        WHERE instrument_id IN (${ids}) AND feed_id = ${feed}::smallint
          AND time >= to_timestamp(${from}::bigint / 1e6) AND time < to_timestamp(${to}::bigint / 1e6)
        ORDER BY time, n`,
    ),
    gapsIn(db, { feedId, instrumentIds, fromUs, toUs }, isFirst),
  ]);
  hand(depth, ticks, gaps, into);
  return depth.length + ticks.length;
}

interface GapEvent {
  readonly stampUs: number;
  readonly gap: Parameters<StoredRecords['gap']>[1];
}

/**
 * Beginnings and ends of gaps within the window. A gap is told of right after the last frame before it, and its end after the
 * first one behind: what the rows know at once, the collector found out by waiting.
 */
async function gapsIn(
  db: Pool,
  { feedId, instrumentIds, fromUs, toUs }: StoredQuery,
  isFirst: boolean,
): Promise<GapEvent[]> {
  const { rows } = await db.query<{ from_us: number; to_us: number | null; cause: GapCause; instrument_ids: number[] }>(
    `SELECT (extract(epoch FROM from_time) * 1e6)::bigint AS from_us, (extract(epoch FROM to_time) * 1e6)::bigint AS to_us,
       cause, instrument_ids
     FROM gehra.feed_gaps
     WHERE feed_id = $1 AND instrument_ids && $2::integer[]
       AND from_time < to_timestamp($4::bigint / 1e6) AND coalesce(to_time, 'infinity') >= to_timestamp($3::bigint / 1e6)`,
    [feedId, instrumentIds, fromUs, toUs],
  );
  return rows
    .flatMap(({ from_us, to_us, cause, instrument_ids }) => {
      const gap = { fromUs: from_us, cause, instrumentIds: instrument_ids };
      // One that stood open when the interval began is told of at its beginning.
      const opened = { stampUs: isFirst ? Math.max(fromUs, from_us + 1) : from_us + 1, gap: { ...gap, toUs: 0 } };
      const closed = to_us === null ? [] : [{ stampUs: to_us + 1, gap: { ...gap, toUs: to_us } }];
      return [opened, ...closed];
    })
    .filter(({ stampUs }) => stampUs >= fromUs && stampUs < toUs);
}

const tick = new Tick();
const levels = new SideLevels();

/** Hands rows over by stamp; of one stamp the ticks first, then the sides, each in the order of their frame. */
function hand(
  depth: readonly RawField[][],
  ticks: readonly RawField[][],
  gaps: readonly GapEvent[],
  into: StoredRecords,
): void {
  const events = [
    ...gaps.map(({ stampUs, gap }) => ({ stampUs, order: 0, give: () => into.gap(stampUs, gap) })),
    ...ticks.map((row) => ({
      stampUs: timestampUs(row[0] as Buffer),
      order: 1,
      give: () => {
        readTickRow(row, tick);
        into.tick(tick);
      },
    })),
    ...depth.map((row) => {
      const stampUs = timestampUs(row[1] as Buffer);
      return { stampUs, order: 2, give: () => into.depth(stampUs, depthOf(row)) };
    }),
  ];
  // Stable: rows of one stamp come in the order of their places.
  for (const { give } of events.sort((a, b) => a.stampUs - b.stampUs || a.order - b.order)) give();
}

function depthOf(row: readonly RawField[]): StoredDepth {
  const [bookTime, , instrumentId, , side, n, flags, prices, quantities, orders] = row as Buffer[];
  levels.count = readInt4Array(prices as Buffer, levels.prices);
  readInt4Array(quantities as Buffer, levels.quantities);
  readInt4Array(orders as Buffer, levels.orders);
  return {
    instrumentId: (instrumentId as Buffer).readInt32BE(0),
    n: (n as Buffer).readInt16BE(0),
    side: (side as Buffer).readInt16BE(0) as Side,
    flags: (flags as Buffer).readInt16BE(0),
    bookTimeUs: timestampUs(bookTime as Buffer),
    levels,
  };
}
