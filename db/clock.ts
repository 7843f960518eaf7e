/** The database's clock: rows have its time in what it stamps itself, and ours in what we stamp. */
import type { Pool } from './connect.ts';

/** How far our clock is ahead of the database's, ms, to half of the time that the answer takes. @param nowMs our clock */
export async function databaseSkewMs(db: Pool, nowMs: () => number): Promise<number> {
  const beforeMs = nowMs();
  const { rows } = await db.query<{ ms: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
  );
  return (beforeMs + nowMs()) / 2 - (rows[0] as { ms: number }).ms;
}
