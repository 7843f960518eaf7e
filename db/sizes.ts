/** How much room the tables of market data take. */
import type { Client, Pool } from './connect.ts';

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
export async function tableBytes(db: Pool | Client, table: SizedTable): Promise<number> {
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

const DAILY: readonly SizedTable[] = ['depth_snapshots', 'ticks', 'flow_bars', 'flow_minutes'];

/** A UTC day of the tables that are made of days, oldest first, and what it takes. */
export interface DayBytes {
  readonly table: SizedTable;
  readonly day: string;
  readonly bytes: number;
}

/** Days before today; what lies in a default partition is in none. */
export async function dayBytes(db: Pool | Client): Promise<DayBytes[]> {
  const edition = await db.query<{ edition: string }>('SELECT gehra.timescale_edition() AS edition');
  const { rows } = await db.query<DayBytes>(
    edition.rows[0]?.edition === 'plain'
      ? `SELECT parent.relname AS table, to_date(right(child.relname, 8), 'YYYYMMDD')::text AS day, pg_total_relation_size(child.oid)::bigint AS bytes
         FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid JOIN pg_class AS parent ON parent.oid = inhparent
         WHERE inhparent = ANY ($1::text[]::regclass[]) AND child.relname ~ '_\\d{8}$' AND pg_relation_size(child.oid) > 0
           AND to_date(right(child.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date ORDER BY day`
      : `SELECT name AS table, (c.range_start AT TIME ZONE 'UTC')::date::text AS day, size.total_bytes::bigint AS bytes
         FROM unnest($1::text[]) AS full_name CROSS JOIN LATERAL (SELECT split_part(full_name, '.', 2) AS name) AS split
         CROSS JOIN LATERAL chunks_detailed_size(full_name::regclass) AS size
         JOIN timescaledb_information.chunks AS c ON c.chunk_schema = size.chunk_schema AND c.chunk_name = size.chunk_name
         WHERE c.range_end <= date_trunc('day', now(), 'UTC') ORDER BY day`,
    [DAILY.map((table) => `gehra.${table}`)],
  );
  return rows;
}
