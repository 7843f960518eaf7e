/** How long the disk of a data folder lasts: for the page of what is kept, for health and for `./gehra doctor`. */
import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Client, Pool } from '../../db/connect.ts';
import { dayBytes } from '../../db/sizes.ts';
import type { Config } from '../config/config.ts';
import { type DiskForecast, forecastDisk, tradingDaysOf } from '../core/disk-forecast.ts';

/** So many closed days say what one takes. */
const DAYS_LOOKED_AT = 5;
const TIERS = { depth_snapshots: 'depth', ticks: 'ticks', flow_bars: 'bars', flow_minutes: 'bars' } as const;

export interface DiskState extends DiskForecast {
  readonly freeBytes: number;
  readonly diskBytes: number;
}

/**
 * Of the disk of the data folder: where the database is on another, only the journal's days and that disk count as they are.
 *
 * @param today UTC date; it is not over, and says nothing
 */
export async function diskForecast(
  db: Client | Pool,
  { dataDir, keepDays }: Pick<Config, 'dataDir' | 'keepDays'>,
  today: string,
): Promise<DiskState> {
  const [rows, journal, disk] = await Promise.all([
    dayBytes(db),
    journalDays(path.join(dataDir, 'journal'), today),
    statfs(dataDir),
  ]);
  const freeBytes = disk.bavail * disk.bsize;
  const tables = Object.entries(TIERS).map(([table, tier]) =>
    tierOf(
      rows.filter((row) => row.table === table).map(({ bytes }) => bytes),
      keepDays[tier],
    ),
  );
  return {
    ...forecastDisk(freeBytes, [...tables, tierOf(journal, keepDays.journal)]),
    freeBytes,
    diskBytes: disk.blocks * disk.bsize,
  };
}

function tierOf(days: readonly number[], keepDays: number): { bytesPerDay: number; days: number; keepDays: number } {
  const last = days.slice(-DAYS_LOOKED_AT);
  const bytesPerDay = last.length === 0 ? 0 : last.reduce((sum, bytes) => sum + bytes, 0) / last.length;
  return { bytesPerDay, days: days.length, keepDays: tradingDaysOf(keepDays) };
}

/** What each day of the journal before today takes, oldest first. Files that go meanwhile count for nothing. */
async function journalDays(dir: string, today: string): Promise<number[]> {
  const absent = (error: NodeJS.ErrnoException): null => {
    if (error.code === 'ENOENT') return null;
    throw error;
  };
  const days = new Map<string, number>();
  for (const entry of (await readdir(dir, { recursive: true, withFileTypes: true }).catch(absent)) ?? []) {
    const day = path.basename(entry.parentPath);
    if (!entry.isFile() || !/^\d{4}-\d{2}-\d{2}$/.test(day) || day >= today) continue;
    const found = await stat(path.join(entry.parentPath, entry.name)).catch(absent);
    days.set(day, (days.get(day) ?? 0) + (found?.size ?? 0));
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
}
