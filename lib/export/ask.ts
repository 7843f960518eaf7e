/** What an export is made of: everything that is decided before its first row. */
import type { ExportRow } from '../../db/exports.ts';
import type { ExportFormat, ExportKind } from '../core/exports.ts';
import type { Instrument } from '../core/instrument.ts';
import type { BarInterval } from '../orderflow/bar-intervals.ts';

export interface ExportAsk {
  readonly kind: ExportKind;
  readonly format: ExportFormat;
  readonly instrument: Pick<Instrument, 'id' | 'exchange' | 'symbol' | 'priceScale' | 'tickSize' | 'lotSize'>;
  /** Length of a bar; null for what is no bars. */
  readonly interval: BarInterval | null;
  /** µs since the epoch. Of depth it is the time of the book. */
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Which feed's rows; null: of those that have some, the best (db/export-rows.ts, feedsWithRows). */
  readonly feedId: number | null;
}

/** What a stored export asks for. */
export const askOf = (row: ExportRow): ExportAsk => ({
  kind: row.kind,
  format: row.format,
  instrument: {
    id: row.instrumentId,
    exchange: row.exchange,
    symbol: row.symbol,
    priceScale: row.priceScale,
    tickSize: row.tickSize,
    lotSize: row.lotSize,
  },
  interval: row.bar as BarInterval | null,
  fromUs: row.fromUs,
  toUs: row.toUs,
  feedId: row.feedId,
});

/** Why an export cannot be, in words for a person: trying again would change nothing. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

/** Name of the file as a person gets it: `NFO_NIFTY26DECFUT-depth_levels-20261125T034500Z-20261125T100000Z.csv`. */
export function fileNameOf({ kind, format, instrument, interval, fromUs, toUs }: Omit<ExportAsk, 'feedId'>): string {
  const symbol = instrument.symbol.replace(/[^A-Za-z0-9]+/g, '_');
  const stamp = (us: number): string => new Date(us / 1000).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  const what = interval === null ? kind : `${kind}_${interval}`;
  return `${instrument.exchange}_${symbol}-${what}-${stamp(fromUs)}-${stamp(toUs)}.${format}`;
}
