/** Positions of the feeds: up to which stamp the database holds everything. */
import type { Client } from './connect.ts';

/** A server that went away without a word gives no answer: a query has failed by then. Not known to the types. */
const IN_TIME = { query_timeout: 10_000 };

/** Positions of these feeds, µs; a feed seen for the first time starts at 0. */
export async function loadPositions(client: Client, feedIds: readonly number[]): Promise<Map<number, number>> {
  await client.query({
    ...IN_TIME,
    text: 'INSERT INTO gehra.feed_positions (feed_id) SELECT unnest($1::smallint[]) ON CONFLICT (feed_id) DO NOTHING',
    values: [feedIds],
  });
  const { rows } = await client.query<{ feed_id: number; position: number }>({
    ...IN_TIME,
    text: 'SELECT feed_id, position FROM gehra.feed_positions WHERE feed_id = ANY ($1::smallint[])',
    values: [feedIds],
  });
  return new Map(rows.map(({ feed_id, position }) => [feed_id, position]));
}

/**
 * Moves positions within the caller's transaction, each only from the value it is believed to have.
 *
 * @returns false where one of them has another: somebody else has written that feed, and the transaction must not commit
 */
export async function movePositions(
  client: Client,
  moves: readonly { feedId: number; fromUs: number; toUs: number }[],
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE gehra.feed_positions AS p SET position = move.target, updated_at = now()
     FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS move (feed_id, base, target)
     WHERE p.feed_id = move.feed_id AND p.position = move.base`,
    [moves.map(({ feedId }) => feedId), moves.map(({ fromUs }) => fromUs), moves.map(({ toUs }) => toUs)],
  );
  return rowCount === moves.length;
}
