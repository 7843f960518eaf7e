/** How large an export will be, about: from some pieces of its interval and what a row of each kind takes. */
import type { Client, Pool } from '../../db/connect.ts';
import { feedsWithRows, sampleRows } from '../../db/export-rows.ts';
import type { ExportFormat, ExportKind } from '../core/exports.ts';
import { BAR_INTERVALS } from '../orderflow/bar-intervals.ts';
import type { ExportAsk } from './ask.ts';
import { EVENT_BYTES } from './hftbacktest-writer.ts';
import { tableOf } from './write-export.ts';

/**
 * Bytes of a row (of depth_sides: of a level) in a file, measured on the synthetic market and rounded up: prices and quantities of
 * other instruments have a digit more or less.
 */
const ROW_BYTES: Readonly<Record<Exclude<ExportKind, 'hftbacktest'>, Partial<Record<ExportFormat, number>>>> = {
  ticks: { csv: 500, ndjson: 1200, parquet: 220 },
  bars: { csv: 200, ndjson: 450, parquet: 150 },
  depth_levels: { csv: 85, ndjson: 190, parquet: 12 },
  depth_sides: { csv: 18, ndjson: 18, parquet: 12 },
};
/** Levels that change from one frame of a side to the next, of the levels it has. */
const CHANGED_SHARE = 0.2;

export interface Estimated {
  readonly rows: number;
  readonly bytes: number;
  /** Feed whose rows they are; null where there are none. */
  readonly feedId: number | null;
}

export async function estimateExport(db: Pool | Client, ask: ExportAsk): Promise<Estimated> {
  const { kind, format, instrument, fromUs, toUs, interval } = ask;
  const table = tableOf(kind);
  const query = { instrumentId: instrument.id, fromUs, toUs };
  const feeds = await feedsWithRows(db, table, query);
  const feedId = (ask.feedId === null ? feeds[0] : feeds.find((id) => id === ask.feedId)) ?? null;
  if (feedId === null) return { rows: 0, bytes: 0, feedId };
  const sample = await sampleRows(db, table, { ...query, feedId });
  const stored = sample.rows / sample.share;
  const levels = sample.levels / sample.share;
  const sized = (rows: number, bytes: number): Estimated => ({
    rows: Math.round(rows),
    bytes: Math.round(bytes),
    feedId,
  });
  if (kind === 'hftbacktest') {
    const events = levels * CHANGED_SHARE;
    return sized(events, events * EVENT_BYTES);
  }
  const rowBytes = ROW_BYTES[kind][format] ?? 0;
  if (kind === 'depth_levels') return sized(levels, levels * rowBytes);
  if (kind === 'depth_sides') return sized(stored, levels * rowBytes + stored * 100);
  const rows = interval === null ? stored : Math.min(stored, (toUs - fromUs) / BAR_INTERVALS[interval] + 1);
  return sized(rows, rows * rowBytes);
}
