/** Who reads the past at this moment: retention leaves what they read. */
import type { Client, Pool } from './connect.ts';

/** Says that somebody reads from `fromUs` on, for so many seconds from now. */
export async function noteReader(db: Client | Pool, reader: string, fromUs: number, seconds: number): Promise<void> {
  await db.query(
    `INSERT INTO gehra.data_readers (reader, from_time, valid_until)
     VALUES ($1, to_timestamp($2::bigint / 1e6), now() + make_interval(secs => $3))
     ON CONFLICT (reader) DO UPDATE SET from_time = excluded.from_time, valid_until = excluded.valid_until`,
    [reader, fromUs, seconds],
  );
}

export async function forgetReader(db: Client | Pool, reader: string): Promise<void> {
  await db.query('DELETE FROM gehra.data_readers WHERE reader = $1', [reader]);
}

/** The oldest time that an export, a backtest or a replay under way reads, µs; null where none is. Forgets those that are gone. */
export async function oldestReadUs(db: Client | Pool): Promise<number | null> {
  await db.query('DELETE FROM gehra.data_readers WHERE valid_until < now()');
  const { rows } = await db.query<{ us: number | null }>(
    `SELECT (extract(epoch FROM min(from_time)) * 1e6)::bigint AS us FROM (
       SELECT from_time FROM gehra.data_readers
       UNION ALL SELECT from_time FROM gehra.exports WHERE state IN ('queued', 'running')
       UNION ALL SELECT from_time FROM gehra.backtests WHERE state IN ('queued', 'running')) AS readers`,
  );
  return rows[0]?.us ?? null;
}
