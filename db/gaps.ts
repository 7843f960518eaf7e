/** Gaps of the feeds, as the writer stores them. */
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
