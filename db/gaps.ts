/** Gaps of the feeds, as the writer stores them. */
import type { GapCause } from '../lib/core/gap.ts';
import type { Client, Pool } from './connect.ts';

export interface GapRow {
  readonly feedId: number;
  /** µs since the epoch. */
  readonly fromUs: number;
  /** 0 while the gap is open. */
  readonly toUs: number;
  readonly cause: string;
  readonly instrumentIds: readonly number[];
}

/** Stores a gap's beginning, or its end together with whatever is known of it. */
export async function storeGap(client: Client, { feedId, fromUs, toUs, cause, instrumentIds }: GapRow): Promise<void> {
  await client.query(
    `INSERT INTO gehra.feed_gaps (feed_id, from_time, to_time, cause, instrument_ids)
     VALUES ($1, to_timestamp($2::bigint / 1e6), to_timestamp(nullif($3::bigint, 0) / 1e6), $4, $5)
     ON CONFLICT (feed_id, from_time) DO UPDATE SET to_time = coalesce(excluded.to_time, feed_gaps.to_time)`,
    [feedId, fromUs, toUs, cause, instrumentIds],
  );
}

export interface FeedGaps {
  readonly feedId: number;
  readonly count: number;
  /** Together, ms; an open one up to now. */
  readonly lengthMs: number;
}

/** Gaps of each feed that began at `fromUs` or later. */
export async function gapsSince(db: Client | Pool, fromUs: number): Promise<FeedGaps[]> {
  const { rows } = await db.query<FeedGaps>(
    `SELECT feed_id AS "feedId", count(*)::integer AS count,
       (sum(extract(epoch FROM coalesce(to_time, now()) - from_time)) * 1000)::float8 AS "lengthMs"
     FROM gehra.feed_gaps WHERE from_time >= to_timestamp($1::bigint / 1e6) GROUP BY feed_id`,
    [fromUs],
  );
  return rows;
}

export interface FeedGap {
  readonly feedId: number;
  readonly fromUs: number;
  /** null while it is open. */
  readonly toUs: number | null;
  readonly cause: GapCause;
  /** Those asked for that it concerns; where none were asked for, all of them. */
  readonly instrumentIds: readonly number[];
}

/** The newest gaps that began at `fromUs` or later, newest first, at most `limit`; those of a closed market left out. */
export async function newestGaps(db: Pool, fromUs: number, limit: number): Promise<FeedGap[]> {
  const { rows } = await db.query<FeedGap>(
    `SELECT feed_id AS "feedId", (extract(epoch FROM from_time) * 1e6)::bigint AS "fromUs",
       (extract(epoch FROM to_time) * 1e6)::bigint AS "toUs", cause, instrument_ids AS "instrumentIds"
     FROM gehra.feed_gaps
     WHERE from_time >= to_timestamp($1::bigint / 1e6) AND cause <> 'market_closed'
     ORDER BY from_time DESC, feed_id LIMIT $2`,
    [fromUs, limit],
  );
  return rows;
}

/**
 * Gaps that touch an interval, oldest first, at most `limit`.
 *
 * @param instrumentIds only those that concern one of them; null: of all feeds
 * @param toUs exclusive
 */
export async function gapsOfInterval(
  db: Pool,
  instrumentIds: readonly number[] | null,
  fromUs: number,
  toUs: number,
  limit: number,
): Promise<FeedGap[]> {
  const { rows } = await db.query<FeedGap>(
    `SELECT feed_id AS "feedId", (extract(epoch FROM from_time) * 1e6)::bigint AS "fromUs",
       (extract(epoch FROM to_time) * 1e6)::bigint AS "toUs", cause,
       CASE WHEN $1::integer[] IS NULL THEN instrument_ids
         ELSE ARRAY(SELECT unnest(instrument_ids) INTERSECT SELECT unnest($1::integer[])) END AS "instrumentIds"
     FROM gehra.feed_gaps
     WHERE ($1::integer[] IS NULL OR instrument_ids && $1::integer[])
       AND from_time < to_timestamp($3::bigint / 1e6) AND coalesce(to_time, 'infinity') >= to_timestamp($2::bigint / 1e6)
     ORDER BY from_time, feed_id LIMIT $4`,
    [instrumentIds, fromUs, toUs, limit],
  );
  return rows;
}
