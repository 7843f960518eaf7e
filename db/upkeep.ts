/**
 * What is kept of each table, how its rows lie, and when they go: the one place. docs/RETENTION.md says the same to people.
 *
 * | table | kept | in order of | in the columnstore (full edition) after |
 * |---|---|---|---|
 * | depth_snapshots | DEPTH_KEEP_DAYS | instrument, side, book_time | 2 days |
 * | ticks | TICKS_KEEP_DAYS | instrument, feed, time | 7 days |
 * | flow_bars, flow_minutes | BARS_KEEP_DAYS | instrument, feed, time | 2 days |
 * | heatmap_tiles of 5 s and 15 s | TILES_KEEP_DAYS | | compressed as they are built |
 * | heatmap_tiles of 60 s | for ever | | compressed as they are built |
 * | signals with their outcomes, depth_states, moved_signals, missed_frames | SIGNALS_KEEP_DAYS | | |
 *
 * Days are dropped by a job in every edition. Where TimescaleDB's full edition is, its policies compress and reorder days
 * (migrations 001, 010, 011, 018); where it is not, a job reorders them, and nothing is compressed but tiles and the journal.
 */
import { tileStart } from '../lib/heatmap/tile.ts';
import { STORED_MS } from './build-tiles.ts';
import type { Client } from './connect.ts';
import { oldestReadUs } from './readers.ts';

const US_PER_DAY = 86_400_000_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** Of the tiles the coarsest are kept. */
const COARSEST_MS = STORED_MS[STORED_MS.length - 1] as number;

/** Days after which each tier goes; 0: never. */
export interface KeepDays {
  readonly depth: number;
  readonly ticks: number;
  readonly bars: number;
  readonly tiles: number;
  readonly signals: number;
}

/** Tables that are made of days, and whose word decides. */
const DAILY: readonly (readonly [table: string, tier: 'depth' | 'ticks' | 'bars'])[] = [
  ['depth_snapshots', 'depth'],
  ['ticks', 'ticks'],
  ['flow_bars', 'bars'],
  ['flow_minutes', 'bars'],
];

/**
 * Does what takes a lock that nobody else may have, and behind which every writer would queue: waits for it for 3 s.
 *
 * @returns null where somebody, a backup say, reads for longer: the next hour does it
 */
async function unlessRead<T>(client: Client, work: () => Promise<T>): Promise<T | null> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = '3s'`);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return null;
    throw error;
  }
}

/** Makes partitions for the next days where the database has no TimescaleDB to do it. @returns false where it is for the next hour */
export async function ensurePartitions(client: Client, aheadDays: number): Promise<boolean> {
  return (await unlessRead(client, () => client.query('SELECT gehra.ensure_partitions($1)', [aheadDays]))) !== null;
}

/**
 * What is older than this goes, µs; what an export, a backtest or a replay under way still reads waits until it has ended.
 *
 * @param keepDays at least 1
 */
export const cutUs = (keepDays: number, nowUs: number, readUs: number | null): number =>
  Math.min(nowUs - keepDays * US_PER_DAY, readUs ?? Number.POSITIVE_INFINITY);

/** Drops what is too old: whole days, tiles and signals one by one. @returns how many partitions, chunks or tiles went, by table */
export async function dropOld(client: Client, keepDays: KeepDays, nowUs: number): Promise<Record<string, number>> {
  const readUs = await oldestReadUs(client);
  const dropped: Record<string, number> = {};
  for (const [table, tier] of DAILY) {
    if (keepDays[tier] === 0) continue;
    const answer = await unlessRead(client, () =>
      client.query<{ dropped: number }>(
        'SELECT gehra.drop_before($1::regclass, now() - to_timestamp($2::bigint / 1e6)) AS dropped',
        [`gehra.${table}`, cutUs(keepDays[tier], nowUs, readUs)],
      ),
    );
    dropped[table] = answer?.rows[0]?.dropped ?? 0;
  }
  if (keepDays.tiles > 0) {
    // Where a coarse tile begins: what is left of the finer ones is never a part of what a coarse one was made of.
    const beforeUs = tileStart(cutUs(keepDays.tiles, nowUs, readUs), COARSEST_MS);
    const { rowCount } = await client.query(
      'DELETE FROM gehra.heatmap_tiles WHERE column_ms < $1 AND start_time < to_timestamp($2::bigint / 1e6)',
      [COARSEST_MS, beforeUs],
    );
    dropped.heatmap_tiles = rowCount ?? 0;
  }
  if (keepDays.signals > 0) {
    // Outcomes go with their signals.
    for (const table of ['signals', 'depth_states', 'moved_signals', 'missed_frames']) {
      const { rowCount } = await client.query(
        `DELETE FROM gehra.${table} WHERE time < to_timestamp($1::bigint / 1e6)`,
        [cutUs(keepDays.signals, nowUs, readUs)],
      );
      dropped[table] = rowCount ?? 0;
    }
  }
  return dropped;
}

/**
 * Puts the rows of closed days into the order of their key, so that an hour of one instrument lies together: they came mixed.
 * Each day once; it stands locked meanwhile, and needs as much room again. Does nothing on the full edition, which has its policies.
 *
 * @returns the names of the partitions or chunks
 */
export async function reorderClosedDays(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ day: string; key: string }>(`SELECT * FROM gehra.closed_days_to_reorder()`);
  const done: string[] = [];
  for (const { day, key } of rows) {
    // Names are the database's own, quoted where they need it.
    if ((await unlessRead(client, () => client.query(`CLUSTER ${day} USING ${key}`))) !== null) done.push(day);
  }
  return done;
}
