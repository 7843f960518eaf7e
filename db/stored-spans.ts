/** When something of an instrument was stored first and last in a span of time. */
import type { Pool } from './connect.ts';

export interface AskedSpan {
  readonly instrumentId: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

export interface StoredSpan {
  readonly feedId: number;
  readonly firstUs: number;
  readonly lastUs: number;
  /** Whether the feed is to give the instrument now. */
  readonly subscribed: boolean;
}

const TABLES = {
  trades: { table: 'ticks', time: 'time', side: '', kinds: ['ticks', 'live'] },
  depth: { table: 'depth_snapshots', time: 'book_time', side: 'AND side = 0', kinds: ['depth200', 'depth20'] },
} as const;

/** By the place of the span: of the feed that charts are drawn of; nothing where no feed has stored anything in it. */
export async function storedSpans(
  db: Pool,
  of: keyof typeof TABLES,
  spans: readonly AskedSpan[],
): Promise<Map<number, StoredSpan>> {
  const { table, time, side, kinds } = TABLES[of];
  const edge = (direction: 'ASC' | 'DESC'): string =>
    `(SELECT ${time} FROM gehra.${table} WHERE instrument_id = asked.instrument_id ${side} AND feed_id = feed.feed_id
        AND ${time} >= to_timestamp(asked.from_us / 1e6) AND ${time} < to_timestamp(asked.to_us / 1e6)
      ORDER BY ${time} ${direction} LIMIT 1)`;
  const { rows } = await db.query<StoredSpan & { place: number }>(
    `SELECT DISTINCT ON (asked.place) asked.place::integer AS place, feed.feed_id AS "feedId",
       (extract(epoch FROM edges.first) * 1e6)::bigint AS "firstUs", (extract(epoch FROM edges.last) * 1e6)::bigint AS "lastUs",
       EXISTS (SELECT FROM gehra.subscriptions AS s
               WHERE s.instrument_id = asked.instrument_id AND s.feed_id = feed.feed_id) AS subscribed
     FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (instrument_id, from_us, to_us, place)
     JOIN gehra.feeds AS feed ON feed.kind = ANY ($4::text[])
     CROSS JOIN LATERAL (SELECT ${edge('ASC')} AS first, ${edge('DESC')} AS last) AS edges
     WHERE edges.first IS NOT NULL
     ORDER BY asked.place, array_position($4::text[], feed.kind), feed.number`,
    [
      spans.map(({ instrumentId }) => instrumentId),
      spans.map(({ fromUs }) => fromUs),
      spans.map(({ toUs }) => toUs),
      kinds,
    ],
  );
  return new Map(rows.map(({ place, ...span }) => [place - 1, span]));
}
