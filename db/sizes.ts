/** How much room the tables of market data take. */
import type { Pool } from './connect.ts';

/** Bytes of a table with its indexes, over all its partitions or chunks. */
export async function tableBytes(db: Pool, table: 'depth_snapshots' | 'ticks'): Promise<number> {
  const edition = await db.query<{ edition: string }>('SELECT gehra.timescale_edition() AS edition');
  const isPlain = edition.rows[0]?.edition === 'plain';
  const { rows } = await db.query<{ bytes: number }>(
    isPlain
      ? `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint AS bytes
         FROM pg_inherits WHERE inhparent = $1::regclass`
      : 'SELECT hypertable_size($1::regclass)::bigint AS bytes',
    [`gehra.${table}`],
  );
  return rows[0]?.bytes ?? 0;
}
