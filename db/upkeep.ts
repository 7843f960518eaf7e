/** Partitions and retention; the functions themselves are in the first migration. */
import type { Client } from './connect.ts';

/** Makes partitions for the next days where the database has no TimescaleDB to do it. */
export async function ensurePartitions(client: Client, aheadDays: number): Promise<void> {
  await client.query('SELECT gehra.ensure_partitions($1)', [aheadDays]);
}

/** Drops whole days of a table older than `keepDays`. @returns how many partitions or chunks went */
export async function dropOld(client: Client, table: 'depth_snapshots' | 'ticks', keepDays: number): Promise<number> {
  const { rows } = await client.query<{ dropped: number }>(
    'SELECT gehra.drop_before($1::regclass, make_interval(days => $2)) AS dropped',
    [`gehra.${table}`, keepDays],
  );
  return rows[0]?.dropped ?? 0;
}
