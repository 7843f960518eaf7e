/** What was sent against what is stored. */
import type { Client } from '../../db/connect.ts';

export interface RowBalance {
  /** Frames that were sent and have no row. */
  readonly lost: number;
  /** Rows beyond the one that a frame is to have. A row that no frame was sent for is one too. */
  readonly doubled: number;
  /** Rows and entries that the writer or the database refused: what was sent is all in order. */
  readonly setAside: number;
}

/** Compares the depth rows of a feed with the checksums of all frames sent, whatever they are stored as. */
export async function balanceOf(client: Client, feedId: number, sent: readonly number[]): Promise<RowBalance> {
  const balance = new Map<number, number>();
  const add = (checksum: number, count: number): void => {
    balance.set(checksum, (balance.get(checksum) ?? 0) + count);
  };
  for (const checksum of sent) add(checksum, -1);
  const stored = await client.query<{ checksum: number; count: number }>(
    `SELECT gehra.depth_checksum(prices, quantities, orders)::bigint AS checksum, count(*)::integer AS count
     FROM gehra.depth_snapshots WHERE feed_id = $1 GROUP BY 1`,
    [feedId],
  );
  for (const { checksum, count } of stored.rows) add(checksum, count);
  const quarantined = await client.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM gehra.quarantine WHERE feed_id = $1',
    [feedId],
  );
  let [lost, doubled] = [0, 0];
  for (const count of balance.values()) {
    lost += Math.max(0, -count);
    doubled += Math.max(0, count);
  }
  return { lost, doubled, setAside: quarantined.rows[0]?.count ?? 0 };
}
