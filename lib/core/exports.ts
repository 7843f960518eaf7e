/** What can be exported, in which form, and what has become of it: the words of requests, rows, files and screens. */

/** Files of rows; the other kind is an array of events. */
const TABLE_FORMATS = ['csv', 'ndjson', 'parquet'] as const;

/** What can be exported, with the formats it can be had in. */
export const EXPORT_KINDS = {
  ticks: TABLE_FORMATS,
  bars: TABLE_FORMATS,
  depth_levels: TABLE_FORMATS,
  depth_sides: TABLE_FORMATS,
  hftbacktest: ['npy'],
} as const satisfies Record<string, readonly string[]>;
export type ExportKind = keyof typeof EXPORT_KINDS;
export type ExportFormat = (typeof EXPORT_KINDS)[ExportKind][number];

export const EXPORT_KIND_NAMES = Object.keys(EXPORT_KINDS) as [ExportKind, ...ExportKind[]];
export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet', 'npy'] as const satisfies readonly ExportFormat[];

/** Whether a kind can be had in a format. */
export const isFormatOf = (kind: ExportKind, format: ExportFormat): boolean =>
  (EXPORT_KINDS[kind] as readonly ExportFormat[]).includes(format);

/** Each kind in words. */
export const EXPORT_KIND_WORDS: Readonly<Record<ExportKind, string>> = {
  ticks: 'Ticks',
  bars: 'Bars',
  depth_levels: 'Depth, a row per level',
  depth_sides: 'Depth, a row per side',
  hftbacktest: 'Events for hftbacktest',
};

/**
 * `cancelled`: by a person. `failed`: `error` says why. Deleted ones have no row.
 */
export const EXPORT_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type ExportState = (typeof EXPORT_STATES)[number];

/** States that nothing follows. */
export const isEnded = (state: ExportState): boolean => state !== 'queued' && state !== 'running';

/** An export may reach over so many days. */
export const EXPORT_DAYS_MAX = 31;

/** An export as `/api/exports` lists it. */
export interface ExportSummary {
  readonly id: number;
  /** Name of who asked for it. */
  readonly who: string;
  readonly kind: ExportKind;
  readonly format: ExportFormat;
  /** Slug of the instrument. */
  readonly instrument: string;
  /** Length of a bar; null for what is no bars. */
  readonly interval: string | null;
  /** µs since the epoch; `toUs` is exclusive. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly state: ExportState;
  /** Of the interval done, 0 to 1. */
  readonly progress: number;
  readonly rows: number;
  /** Of the file, so far. */
  readonly bytes: number;
  /** Holes that lie in the interval; null until it is done. */
  readonly gaps: number | null;
  readonly error: string | null;
  /** ms since the epoch. */
  readonly createdMs: number;
  readonly finishedMs: number | null;
  /** When the file is deleted; null: never, or there is none. */
  readonly deletedAtMs: number | null;
}

/** What an export would be, before it is begun. */
export interface ExportEstimate {
  /** Rows of the file (events, levels, sides ...), about. */
  readonly rows: number;
  readonly bytes: number;
  /** What the disk has beyond what is kept for the recording. */
  readonly bytesFree: number;
  /** What one export may take. */
  readonly bytesMax: number;
  /** Why it cannot be begun, in words; null where it can. */
  readonly refusal: string | null;
}

/** A column of an exported table. */
export interface ExportColumn {
  readonly name: string;
  readonly type: ExportColumnType;
  readonly nullable: boolean;
  readonly unit: string;
}

/** `instant`: µs since the epoch, written as each format writes instants. `int16` and `int32` are told apart by the database. */
export type ExportColumnType = 'instant' | 'int16' | 'int32' | 'int64' | 'double' | 'text' | 'int32[]' | 'int64[]';

/** A value of such a column: µs for an instant. Whole numbers are safe ones. */
export type ExportValue = number | string | readonly number[] | null;
