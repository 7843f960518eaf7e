/** How much room the tables of market data take. */
import type { Pool } from './connect.ts';

export type SizedTable =
  | 'depth_snapshots'
  | 'ticks'
  | 'flow_bars'
  | 'flow_minutes'
  | 'heatmap_tiles'
  | 'signals'
  | 'signal_outcomes';

/** Those that are not made of days. */
const WHOLE: readonly SizedTable[] = ['heatmap_tiles', 'signals', 'signal_outcomes'];

/** Bytes of a table with its indexes, over all its partitions or chunks. */
export async function tableBytes(db: Pool, table: SizedTable): Promise<number> {
  const edition = await db.query<{ edition: string }>('SELECT gehra.timescale_edition() AS edition');
  const isPlain = edition.rows[0]?.edition === 'plain' || WHOLE.includes(table);
  const { rows } = await db.query<{ bytes: number }>(
    isPlain
      ? `SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint AS bytes FROM pg_partition_tree($1::regclass)`
      : 'SELECT hypertable_size($1::regclass)::bigint AS bytes',
    [`gehra.${table}`],
  );
  return rows[0]?.bytes ?? 0;
}
