/** Stored tiles of the heatmap, and what tiles are made of. */
import { ABSENT } from '../lib/core/absent.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { CARRY_US } from '../lib/heatmap/depth-model.ts';
import {
  TILE_COLUMNS,
  TILE_VALUES,
  TILE_VERSION,
  type TileTrades,
  type TileValue,
  tileUs,
} from '../lib/heatmap/tile.ts';
import type { Pool } from './connect.ts';
import { copyOut, integerLiteral, timestampUs } from './copy-out.ts';

/** Tiles of one instrument, feed and kind that begin in an interval. */
export interface TilesQuery {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly columnMs: number;
  readonly value: TileValue;
  readonly rowUnits: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

export interface StoredTile {
  readonly startUs: number;
  readonly revision: string;
  /** Compressed by gzip. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const valueNumber = (value: TileValue): number => TILE_VALUES.indexOf(value);

/** Oldest first. */
export async function storedTiles(db: Pool, query: TilesQuery): Promise<StoredTile[]> {
  const [instrument, feed, column, value, row, from, to] = [
    query.instrumentId,
    query.feedId,
    query.columnMs,
    valueNumber(query.value),
    query.rowUnits,
    query.fromUs,
    query.toUs,
  ].map(integerLiteral);
  const rows = await copyOut(
    db,
    `SELECT start_time, revision, bytes FROM gehra.heatmap_tiles
      WHERE instrument_id = ${instrument} AND column_ms = ${column} AND value = ${value} AND row_units = ${row}
        AND start_time >= to_timestamp(${from}::bigint / 1e6) AND start_time < to_timestamp(${to}::bigint / 1e6)
        AND feed_id = ${feed}
      ORDER BY start_time`,
  );
  return rows.map((fields) => {
    const [start, revision, bytes] = fields as [Buffer, Buffer, Buffer];
    return { startUs: timestampUs(start), revision: revision.toString('utf8'), bytes: Uint8Array.from(bytes) };
  });
}

/**
 * One stored tile, found by the instrument's name; null where it is not stored. What a page asks for hundreds of times: one
 * query, where finding the instrument first would be three.
 *
 * @param rowTicks height of a row in the instrument's ticks
 */
export async function storedTileOf(
  db: Pool,
  { exchange, symbol }: Pick<Instrument, 'exchange' | 'symbol'>,
  {
    feedId,
    columnMs,
    value,
    fromUs,
    rowTicks,
  }: Omit<TilesQuery, 'instrumentId' | 'rowUnits' | 'toUs'> & { readonly rowTicks: number },
): Promise<StoredTile | null> {
  const { rows } = await db.query<{ revision: string; bytes: Buffer }>(
    `SELECT t.revision, t.bytes FROM gehra.instruments AS i
      JOIN gehra.heatmap_tiles AS t ON t.instrument_id = i.instrument_id AND t.row_units = $6::integer * i.tick_size
      WHERE i.exchange = $1 AND i.symbol = $2 AND t.feed_id = $3 AND t.column_ms = $4 AND t.value = $5
        AND t.start_time = to_timestamp($7::bigint / 1e6)`,
    [exchange, symbol, feedId, columnMs, valueNumber(value), rowTicks, fromUs],
  );
  const [row] = rows;
  return row ? { startUs: fromUs, revision: row.revision, bytes: Uint8Array.from(row.bytes) } : null;
}

/** Revision of each stored tile by its beginning, µs. */
export async function storedRevisions(db: Pool, query: TilesQuery): Promise<Map<number, string>> {
  const { rows } = await db.query<{ start_us: number; revision: string }>(
    `SELECT (extract(epoch FROM start_time) * 1e6)::bigint AS start_us, revision FROM gehra.heatmap_tiles
     WHERE instrument_id = $1 AND feed_id = $2 AND column_ms = $3 AND value = $4 AND row_units = $5
       AND start_time >= to_timestamp($6::bigint / 1e6) AND start_time < to_timestamp($7::bigint / 1e6)`,
    [
      query.instrumentId,
      query.feedId,
      query.columnMs,
      valueNumber(query.value),
      query.rowUnits,
      query.fromUs,
      query.toUs,
    ],
  );
  return new Map(rows.map(({ start_us, revision }) => [start_us, revision]));
}

/** The deepest feed with stored tiles in an interval; null where none has any. Many times faster than asking the frames. */
export async function feedOfTiles(db: Pool, query: Omit<TilesQuery, 'feedId'>): Promise<number | null> {
  const { rows } = await db.query<{ feed_id: number }>(
    `SELECT feed_id FROM gehra.heatmap_tiles JOIN gehra.feeds AS feed USING (feed_id)
     WHERE instrument_id = $1 AND column_ms = $2 AND value = $3 AND row_units = $4
       AND start_time >= to_timestamp($5::bigint / 1e6) AND start_time < to_timestamp($6::bigint / 1e6)
     ORDER BY feed.kind = 'depth200' DESC, feed.number LIMIT 1`,
    [query.instrumentId, query.columnMs, valueNumber(query.value), query.rowUnits, query.fromUs, query.toUs],
  );
  return rows[0]?.feed_id ?? null;
}

/** A tile to store: its key and its content. */
export interface TileRow extends StoredTile {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly columnMs: number;
  readonly value: TileValue;
  readonly rowUnits: number;
}

/** Stores tiles, all or none, in the place of those that there were. */
export async function storeTiles(db: Pool, tiles: readonly TileRow[]): Promise<void> {
  const column = <T>(of: (tile: TileRow) => T): T[] => tiles.map(of);
  await db.query(
    `INSERT INTO gehra.heatmap_tiles (instrument_id, column_ms, value, row_units, start_time, feed_id, revision, bytes)
     SELECT instrument_id, column_ms, value, row_units, to_timestamp(start_us / 1e6), feed_id, revision, bytes
     FROM unnest($1::integer[], $2::integer[], $3::smallint[], $4::integer[], $5::bigint[], $6::smallint[], $7::text[], $8::bytea[])
       AS t (instrument_id, column_ms, value, row_units, start_us, feed_id, revision, bytes)
     ON CONFLICT (instrument_id, column_ms, value, row_units, start_time, feed_id) DO UPDATE SET
       revision = excluded.revision, bytes = excluded.bytes, built_at = now()`,
    [
      column(({ instrumentId }) => instrumentId),
      column(({ columnMs }) => columnMs),
      column(({ value }) => valueNumber(value)),
      column(({ rowUnits }) => rowUnits),
      column(({ startUs }) => startUs),
      column(({ feedId }) => feedId),
      column(({ revision }) => revision),
      column(({ bytes }) => Buffer.from(bytes)),
    ],
  );
}

/** Beginning of the newest stored tile of an instrument at this width; null where there is none. */
export async function newestTile(db: Pool, instrumentId: number, columnMs: number): Promise<number | null> {
  const { rows } = await db.query<{ start_us: number | null }>(
    `SELECT (extract(epoch FROM max(start_time)) * 1e6)::bigint AS start_us FROM gehra.heatmap_tiles
     WHERE instrument_id = $1 AND column_ms = $2 AND value = 0`,
    [instrumentId, columnMs],
  );
  return rows[0]?.start_us ?? null;
}

/** A tile of coarser columns whose finer ones are stored, and which is not stored as they are. */
export interface CoarseTile {
  readonly feedId: number;
  readonly value: TileValue;
  readonly rowUnits: number;
  readonly startUs: number;
  /** That of the finer ones together. */
  readonly revision: string;
}

/** @param fromUs beginning of a coarse tile. @param again also those that are stored as their finer ones are */
export async function coarseTilesToBuild(
  db: Pool,
  instrumentId: number,
  { finerMs, columnMs, fromUs, toUs, again }: CoarseQuery,
): Promise<CoarseTile[]> {
  const { rows } = await db.query<{
    feed_id: number;
    value: number;
    row_units: number;
    start_us: number;
    revision: string;
  }>(
    `WITH wanted AS (
       SELECT feed_id, value, row_units, date_bin(make_interval(secs => $4), start_time, 'epoch'::timestamptz) AS start,
         left(md5(string_agg(revision, ' ' ORDER BY start_time)), 16) AS revision
       FROM gehra.heatmap_tiles
       WHERE instrument_id = $1 AND column_ms = $2
         AND start_time >= to_timestamp($5::bigint / 1e6) AND start_time < to_timestamp($6::bigint / 1e6)
       GROUP BY 1, 2, 3, 4)
     SELECT feed_id, value, row_units, (extract(epoch FROM start) * 1e6)::bigint AS start_us, revision
     FROM wanted WHERE $7 OR NOT EXISTS (
       SELECT FROM gehra.heatmap_tiles AS t
       WHERE t.instrument_id = $1 AND t.column_ms = $3 AND t.value = wanted.value AND t.row_units = wanted.row_units
         AND t.start_time = wanted.start AND t.feed_id = wanted.feed_id AND t.revision = wanted.revision)
     ORDER BY start, feed_id, value, row_units`,
    [instrumentId, finerMs, columnMs, tileUs(columnMs) / 1e6, fromUs, toUs, again],
  );
  return rows.map(({ feed_id, value, row_units, start_us, revision }) => ({
    feedId: feed_id,
    value: TILE_VALUES[value] as TileValue,
    rowUnits: row_units,
    startUs: start_us,
    revision,
  }));
}

export interface CoarseQuery {
  readonly finerMs: number;
  readonly columnMs: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly again: boolean;
}

/** What tiles at one width are made of. */
export interface TileSources {
  readonly instrumentId: number;
  readonly feedId: number;
  /** Feed of the ticks; null where none gives the instrument. */
  readonly flowFeedId: number | null;
  readonly columnMs: number;
}

/**
 * Names of what each tile of an interval is made of, by its beginning, µs: they change with a frame, a trade or a gap that
 * comes late, and with the version of the tiles. A frame's name says what is in it, so its levels need not be read.
 *
 * @param fromUs beginning of the first tile
 */
export async function sourceRevisions(
  db: Pool,
  { instrumentId, feedId, flowFeedId, columnMs }: TileSources,
  fromUs: number,
  toUs: number,
): Promise<Map<number, string>> {
  const { rows } = await db.query<{ start_us: number; revision: string }>(
    `SELECT start_us, left(md5(concat_ws(' ', $7::integer, frames.held, trades.held, gaps.held)), 16) AS revision
     FROM generate_series($4::bigint, $5::bigint - 1, $6::bigint) AS start_us,
     LATERAL (SELECT to_timestamp(start_us / 1e6) AS start, to_timestamp((start_us + $6::bigint) / 1e6) AS ends,
       to_timestamp((start_us - $8::bigint) / 1e6) AS carried) AS tile,
     LATERAL (
       SELECT concat_ws(',', count(*), extract(epoch FROM max(time))) AS held FROM gehra.depth_snapshots
       WHERE instrument_id = $1 AND side IN (0, 1) AND feed_id = $2 AND book_time >= carried AND book_time < ends) AS frames,
     LATERAL (
       SELECT concat_ws(',', count(*), sum(volume_delta), extract(epoch FROM max(time))) AS held FROM gehra.ticks
       WHERE instrument_id = $1 AND feed_id = $3 AND time >= start AND time < ends AND volume_delta > 0) AS trades,
     LATERAL (
       SELECT string_agg(concat_ws('-', extract(epoch FROM from_time), extract(epoch FROM least(coalesce(to_time, ends), ends))), ',' ORDER BY from_time) AS held
       FROM gehra.feed_gaps
       WHERE feed_id = $2 AND instrument_ids @> ARRAY[$1::integer] AND from_time < ends AND coalesce(to_time, 'infinity') >= carried) AS gaps`,
    [instrumentId, feedId, flowFeedId, fromUs, toUs, tileUs(columnMs), TILE_VERSION, CARRY_US],
  );
  return new Map(rows.map(({ start_us, revision }) => [start_us, revision]));
}

/** Fills in what traded in the columns of the tile that begins at `startUs`. */
export async function readTrades(
  db: Pool,
  { instrumentId, flowFeedId, columnMs }: TileSources,
  startUs: number,
  into: TileTrades,
): Promise<void> {
  if (flowFeedId === null) return;
  const { rows } = await db.query<Record<'place' | Exclude<keyof TileTrades, 'place'>, number>>(
    `SELECT ((extract(epoch FROM time) * 1e6)::bigint - $3::bigint) / $4::bigint AS place,
       coalesce(sum(volume_delta) FILTER (WHERE aggressor = 1), 0)::bigint AS buy,
       coalesce(sum(volume_delta) FILTER (WHERE aggressor = 2), 0)::bigint AS sell,
       coalesce(sum(volume_delta) FILTER (WHERE aggressor = 0), 0)::bigint AS unknown,
       sum(last_price::bigint * volume_delta)::float8 AS turnover, min(last_price) AS low, max(last_price) AS high,
       (array_agg(last_price ORDER BY time DESC, n DESC))[1] AS last
     FROM gehra.ticks
     WHERE instrument_id = $1 AND feed_id = $2 AND time >= to_timestamp($3::bigint / 1e6)
       AND time < to_timestamp(($3::bigint + $4::bigint * $5) / 1e6) AND volume_delta > 0 AND last_price IS NOT NULL
     GROUP BY 1`,
    [instrumentId, flowFeedId, startUs, columnMs * 1000, TILE_COLUMNS],
  );
  for (const { place, ...traded } of rows) {
    for (const name of Object.keys(traded) as (keyof typeof traded)[]) into[name][place] = traded[name] ?? ABSENT;
  }
}

/** Instruments with books in an interval. */
export async function instrumentsWithBooks(db: Pool, fromUs: number, toUs: number): Promise<number[]> {
  // From one instrument to the next along the index, instead of over all rows.
  const { rows } = await db.query<{ id: number }>(
    `WITH RECURSIVE known (id) AS (
       (SELECT instrument_id FROM gehra.depth_snapshots WHERE ${BETWEEN} ORDER BY instrument_id LIMIT 1)
       UNION ALL
       SELECT (SELECT instrument_id FROM gehra.depth_snapshots WHERE instrument_id > known.id AND ${BETWEEN}
         ORDER BY instrument_id LIMIT 1)
       FROM known WHERE known.id IS NOT NULL)
     SELECT id FROM known WHERE id IS NOT NULL`,
    [fromUs, toUs],
  );
  return rows.map(({ id }) => id);
}

const BETWEEN = 'book_time >= to_timestamp($1::bigint / 1e6) AND book_time < to_timestamp($2::bigint / 1e6)';

/** Book time of an instrument's first frame in an interval; null where there is none. */
export async function firstBook(db: Pool, instrumentId: number, fromUs: number, toUs: number): Promise<number | null> {
  const first = (side: number): string => `(SELECT book_time FROM gehra.depth_snapshots
    WHERE instrument_id = $3 AND side = ${side} AND ${BETWEEN} ORDER BY book_time LIMIT 1)`;
  const { rows } = await db.query<{ first_us: number | null }>(
    `SELECT (extract(epoch FROM least(${first(0)}, ${first(1)})) * 1e6)::bigint AS first_us`,
    [fromUs, toUs, instrumentId],
  );
  return rows[0]?.first_us ?? null;
}

/** Feeds that gave an instrument's books in an interval, and up to where the database holds everything of each, µs. */
export async function feedsWithBooks(
  db: Pool,
  instrumentId: number,
  fromUs: number,
  toUs: number,
): Promise<{ readonly feedId: number; readonly positionUs: number }[]> {
  const { rows } = await db.query<{ feed_id: number; position: number }>(
    `SELECT feed_id, coalesce(position, 0) AS position
     FROM (SELECT DISTINCT feed_id FROM gehra.depth_snapshots
       WHERE instrument_id = $3 AND side IN (0, 1) AND ${BETWEEN}) AS given
     LEFT JOIN gehra.feed_positions USING (feed_id) ORDER BY feed_id`,
    [fromUs, toUs, instrumentId],
  );
  return rows.map(({ feed_id, position }) => ({ feedId: feed_id, positionUs: position }));
}
