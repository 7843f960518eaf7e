/** What is kept, for how long, and how much room it takes. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { tableBytes } from '../../db/sizes.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { diskForecast } from './disk-forecast.ts';

export interface DataKept {
  readonly tiers: readonly {
    readonly name: string;
    /** What it is for. */
    readonly purpose: string;
    /** 0: for ever. */
    readonly keepDays: number;
    readonly variable: string;
    readonly bytes: number;
  }[];
  readonly diskFreeBytes: number;
  readonly diskBytes: number;
  /** What a trading day takes, of the last ones; 0 where none is over. */
  readonly bytesPerDay: number;
  /** Until the disk is full, with what retention drops; null: nobody knows yet, or it never will be. */
  readonly tradingDaysLeft: number | null;
}

export async function dataKept(_caller: Caller): Promise<DataKept> {
  const { config, db, nowMs } = services();
  const { keepDays, dataDir } = config;
  const [journal, depth, ticks, bars, minutes, tiles, signals, outcomes, disk] = await Promise.all([
    folderBytes(path.join(dataDir, 'journal')),
    tableBytes(db, 'depth_snapshots'),
    tableBytes(db, 'ticks'),
    tableBytes(db, 'flow_bars'),
    tableBytes(db, 'flow_minutes'),
    tableBytes(db, 'heatmap_tiles'),
    tableBytes(db, 'signals'),
    tableBytes(db, 'signal_outcomes'),
    diskForecast(db, config, new Date(nowMs()).toISOString().slice(0, 10)),
  ]);
  return {
    tiers: [
      {
        name: 'Journal',
        purpose: 'Every frame as it came; rows can be made from it again, and it can be replayed.',
        keepDays: keepDays.journal,
        variable: 'JOURNAL_KEEP_DAYS',
        bytes: journal,
      },
      {
        name: 'Depth',
        purpose: 'Every side of every book, for the heatmap and for queries.',
        keepDays: keepDays.depth,
        variable: 'DEPTH_KEEP_DAYS',
        bytes: depth,
      },
      {
        name: 'Ticks',
        purpose: 'Prices, volumes and five levels of every tick.',
        keepDays: keepDays.ticks,
        variable: 'TICKS_KEEP_DAYS',
        bytes: ticks,
      },
      {
        name: 'Bars',
        purpose: 'What traded in each second, and in each minute at each price.',
        keepDays: keepDays.bars,
        variable: 'BARS_KEEP_DAYS',
        bytes: bars + minutes,
      },
      {
        name: 'Tiles',
        purpose: 'The heatmap of the past in columns of 5 s and 15 s; those of a minute are kept for ever.',
        keepDays: keepDays.tiles,
        variable: 'TILES_KEEP_DAYS',
        bytes: tiles,
      },
      {
        name: 'Signals',
        purpose: 'What the detectors found, and what it was worth.',
        keepDays: keepDays.signals,
        variable: 'SIGNALS_KEEP_DAYS',
        bytes: signals + outcomes,
      },
    ],
    diskFreeBytes: disk.freeBytes,
    diskBytes: disk.diskBytes,
    bytesPerDay: disk.bytesPerDay,
    tradingDaysLeft: Number.isFinite(disk.tradingDaysLeft) ? disk.tradingDaysLeft : null,
  };
}

/** Bytes of all files below a folder; 0 where there is none. Files that go while it is read count for nothing. */
async function folderBytes(dir: string): Promise<number> {
  const absent = (error: NodeJS.ErrnoException): null => {
    if (error.code === 'ENOENT') return null;
    throw error;
  };
  const entries = (await readdir(dir, { recursive: true, withFileTypes: true }).catch(absent)) ?? [];
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name)).catch(absent))?.size ?? 0;
  }
  return bytes;
}
