/** Stored rows for exports: as they come from the server, whatever their number, in the order of time. */
import { ABSENT } from '../lib/core/absent.ts';
import type { Aggressor } from '../lib/core/aggressor.ts';
import type { ExportColumn, ExportColumnType, ExportValue } from '../lib/core/exports.ts';
import type { Side, SideLevels } from '../lib/core/side.ts';
import type { Bar } from '../lib/orderflow/bars.ts';
import type { Client, Pool } from './connect.ts';
import { copyOutInParts, integerLiteral, integersOf, type RawField, readInt4Array, timestampUs } from './copy-out.ts';

export interface RowsQuery {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** A number as the value of its column; by type. */
const DECODERS: Readonly<Record<ExportColumnType, (field: Buffer) => ExportValue>> = {
  instant: timestampUs,
  int16: (field) => field.readInt16BE(0),
  int32: (field) => field.readInt32BE(0),
  int64: (field) => Number(field.readBigInt64BE(0)),
  double: (field) => field.readDoubleBE(0),
  text: (field) => field.toString('utf8'),
  'int32[]': integersOf,
  'int64[]': integersOf,
};

const within = (column: 'time' | 'book_time', { instrumentId, feedId, fromUs, toUs }: RowsQuery): string =>
  `instrument_id = ${integerLiteral(instrumentId)}::integer AND feed_id = ${integerLiteral(feedId)}::smallint
   AND ${column} >= ${instantLiteral(fromUs)} AND ${column} < ${instantLiteral(toUs)}`;

const instantLiteral = (us: number): string => `to_timestamp(${integerLiteral(us)}::bigint / 1e6)`;

/** Ticks of a feed, each as the values of these columns of gehra.ticks. @param columns constants of ours */
export async function* tickRows(
  client: Client,
  query: RowsQuery,
  columns: readonly ExportColumn[],
): AsyncGenerator<ExportValue[][]> {
  const decoders = columns.map(({ type }) => DECODERS[type]);
  const names = columns.map(({ name }) => name).join(', ');
  const select = `SELECT ${names} FROM gehra.ticks WHERE ${within('time', query)} ORDER BY time, n`;
  for await (const rows of copyOutInParts(client, select)) {
    yield rows.map((row) => row.map((field, i) => (field === null ? null : (decoders[i]?.(field) ?? null))));
  }
}

/** A trade of a feed, as its tick says it. */
export interface FeedTrade {
  readonly stampUs: number;
  readonly price: number;
  readonly quantity: number;
  readonly aggressor: Aggressor;
}

/** Ticks of a feed on which volume traded. */
export async function feedTrades(client: Client, query: RowsQuery): Promise<FeedTrade[]> {
  const trades: FeedTrade[] = [];
  const select = `SELECT time, last_price, volume_delta, aggressor FROM gehra.ticks
    WHERE ${within('time', query)} AND volume_delta > 0 AND last_price IS NOT NULL ORDER BY time, n`;
  for await (const rows of copyOutInParts(client, select)) {
    for (const [time, price, quantity, aggressor] of rows as Buffer[][]) {
      trades.push({
        stampUs: timestampUs(time as Buffer),
        price: (price as Buffer).readInt32BE(0),
        quantity: Number((quantity as Buffer).readBigInt64BE(0)),
        aggressor: (aggressor as Buffer).readInt16BE(0) as Aggressor,
      });
    }
  }
  return trades;
}

/** A stored side frame with its whole name. `read` is good until the next frames are asked for. */
export interface DepthFrame {
  readonly bookTimeUs: number;
  readonly stampUs: number;
  readonly n: number;
  readonly side: Side;
  readonly flags: number;
  /** Puts the levels into `into`. */
  read(into: SideLevels): void;
}

/**
 * Side frames of a feed by book time, both sides of a book together: which is the order of their stamps.
 *
 * @param storedToUs up to which stamp everything is stored
 */
export async function* depthFrames(client: Client, query: RowsQuery, storedToUs: number): AsyncGenerator<DepthFrame[]> {
  const columns = 'book_time, time, n, side, flags, prices, quantities, orders';
  // Each side comes in the order of the key: the two are merged, and nothing is sorted.
  const ofSide = (side: 0 | 1): string =>
    `SELECT ${columns} FROM gehra.depth_snapshots
     WHERE side = ${side}::smallint AND ${within('book_time', query)} AND time <= ${instantLiteral(storedToUs)}`;
  const select = `SELECT ${columns} FROM (${ofSide(0)} UNION ALL ${ofSide(1)}) AS both_sides ORDER BY book_time, time, n, side`;
  for await (const rows of copyOutInParts(client, select)) yield rows.map(depthFrame);
}

function depthFrame(row: RawField[]): DepthFrame {
  const [bookTime, time, n, side, flags, prices, quantities, orders] = row as Buffer[];
  return {
    bookTimeUs: timestampUs(bookTime as Buffer),
    stampUs: timestampUs(time as Buffer),
    n: (n as Buffer).readInt16BE(0),
    side: (side as Buffer).readInt16BE(0) as Side,
    flags: (flags as Buffer).readInt16BE(0),
    read(into: SideLevels): void {
      into.count = readInt4Array(prices as Buffer, into.prices);
      readInt4Array(quantities as Buffer, into.quantities);
      readInt4Array(orders as Buffer, into.orders);
    },
  };
}

/** Bars of a second of a feed. */
export async function* secondBars(client: Client, query: RowsQuery): AsyncGenerator<Bar[]> {
  const select = `SELECT time, last_time, open, high, low, close, buy, sell, unknown, unattributed, min_delta, max_delta, trades,
      value, oi FROM gehra.flow_bars WHERE ${within('time', query)} ORDER BY time`;
  for await (const rows of copyOutInParts(client, select)) yield rows.map(secondBar);
}

function secondBar(row: RawField[]): Bar {
  const int4 = (i: number): number => row[i]?.readInt32BE(0) ?? ABSENT;
  const int8 = (i: number): number => (row[i] ? Number((row[i] as Buffer).readBigInt64BE(0)) : ABSENT);
  const [buy, sell, unknown] = [int8(6), int8(7), int8(8)];
  return {
    fromUs: timestampUs(row[0] as Buffer),
    lastUs: timestampUs(row[1] as Buffer),
    open: int4(2),
    high: int4(3),
    low: int4(4),
    close: int4(5),
    volume: buy + sell + unknown,
    buy,
    sell,
    unknown,
    unattributed: int8(9),
    minDelta: int8(10),
    maxDelta: int8(11),
    trades: int4(12),
    value: (row[13] as Buffer).readDoubleBE(0),
    oi: int8(14),
  };
}

/** Where rows of a kind stand, and which feeds can have them, the best first. */
const TABLES = {
  ticks: { table: 'gehra.ticks', time: 'time', kinds: ['ticks', 'live', 'import'] },
  bars: { table: 'gehra.flow_bars', time: 'time', kinds: ['ticks', 'live', 'import'] },
  depth: { table: 'gehra.depth_snapshots', time: 'book_time', kinds: ['depth200', 'depth20', 'import'] },
} as const;
export type StoredTable = keyof typeof TABLES;

/**
 * Feeds that have rows of an instrument in the interval, the best first: the deepest books, Kite's ticks before Dhan's, and
 * imports behind whatever was live.
 *
 * @param toUs exclusive
 */
export async function feedsWithRows(
  db: Pool | Client,
  what: StoredTable,
  { instrumentId, fromUs, toUs }: Omit<RowsQuery, 'feedId'>,
): Promise<number[]> {
  const { table, time, kinds } = TABLES[what];
  // The key of depth begins with the side.
  const side = what === 'depth' ? 'AND r.side IN (0, 1)' : '';
  const { rows } = await db.query<{ feed_id: number }>(
    `SELECT feed.feed_id FROM gehra.feeds AS feed
     WHERE feed.kind = ANY ($4) AND EXISTS (
       SELECT FROM ${table} AS r WHERE r.instrument_id = $1 AND r.feed_id = feed.feed_id ${side}
         AND r.${time} >= to_timestamp($2::bigint / 1e6) AND r.${time} < to_timestamp($3::bigint / 1e6))
     ORDER BY array_position($4, feed.kind), feed.number`,
    [instrumentId, fromUs, toUs, [...kinds]],
  );
  return rows.map(({ feed_id }) => feed_id);
}

/** Of an interval, some short pieces, and what is in them. */
export interface Sample {
  /** Rows (of depth: side frames) in the pieces. */
  readonly rows: number;
  /** Levels in them; 0 for what has none. */
  readonly levels: number;
  /** Length of all pieces together, of the time between the first row of the interval and the last. */
  readonly share: number;
}

/** Pieces that are looked at, spread evenly: a day's quiet and busy hours all have some. */
const PIECES = 96;
const PIECE_US = 1_000_000;

/** Looks at some pieces of an interval, for an estimate of the whole. What is no longer than they are is counted. */
export async function sampleRows(db: Pool | Client, what: StoredTable, query: RowsQuery): Promise<Sample> {
  const { table, time } = TABLES[what];
  const { instrumentId, feedId } = query;
  const isDepth = what === 'depth';
  const side = isDepth ? 'AND r.side IN (0, 1)' : '';
  const ends = await db.query<{ first: number | null; last: number | null }>(
    `SELECT (extract(epoch FROM min(r.${time})) * 1e6)::bigint AS first, (extract(epoch FROM max(r.${time})) * 1e6)::bigint AS last
     FROM ${table} AS r WHERE r.instrument_id = $1 AND r.feed_id = $2 ${isDepth ? 'AND r.side = 0' : ''}
       AND r.${time} >= to_timestamp($3::bigint / 1e6) AND r.${time} < to_timestamp($4::bigint / 1e6)`,
    [instrumentId, feedId, query.fromUs, query.toUs],
  );
  const fromUs = ends.rows[0]?.first ?? query.fromUs;
  const spanUs = (ends.rows[0]?.last ?? fromUs) + 1 - fromUs;
  const slotUs = Math.ceil(spanUs / PIECES);
  // Bars are few, and a second of them is one.
  const pieceUs = what === 'bars' ? slotUs : Math.min(PIECE_US, slotUs);
  const { rows } = await db.query<{ rows: number; levels: number }>(
    `SELECT coalesce(sum(piece.rows), 0)::bigint AS rows, coalesce(sum(piece.levels), 0)::bigint AS levels
     FROM generate_series(0, $5::integer - 1) AS slot CROSS JOIN LATERAL (
       SELECT count(*) AS rows, ${isDepth ? 'sum(cardinality(r.prices))' : '0'} AS levels FROM ${table} AS r
       WHERE r.instrument_id = $1 AND r.feed_id = $2 ${side}
         AND r.${time} >= to_timestamp(($3::bigint + slot * $4::bigint) / 1e6)
         AND r.${time} < to_timestamp(($3::bigint + slot * $4::bigint + $6::bigint) / 1e6)) AS piece`,
    [instrumentId, feedId, fromUs, slotUs, PIECES, pieceUs],
  );
  return { rows: rows[0]?.rows ?? 0, levels: rows[0]?.levels ?? 0, share: pieceUs / slotUs };
}
