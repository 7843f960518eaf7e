/** What the person looking can choose about the picture, and how it is read back from where it was kept. */
import { COLOUR_MODES, type ColourMode, type Cutoffs } from './colour-scale.ts';
import type { Beside } from './layout.ts';
import { isPaletteName, type PaletteName } from './palettes.ts';
import { ROW_TICKS } from './price-rows.ts';
import { TILE_VALUES, type TileValue } from './tile.ts';

/** Where the colours begin and end: a share of the visible cells that hold anything (in percent), or so many lots. */
export interface CutoffChoice {
  readonly by: 'percentile' | 'lots';
  readonly lo: number;
  readonly hi: number;
}

/** How the price comes back to the middle while following: at every move, near an edge, or not at all. */
export const CENTRE_MODES = ['always', 'edge', 'off'] as const;
export type CentreMode = (typeof CENTRE_MODES)[number];

/** Trades this near to each other in time are one bubble, ms; 0: every trade is one of its own. */
export const CLUSTER_MS = [0, 250, 1000] as const;
export type ClusterMs = (typeof CLUSTER_MS)[number];

/** … and so near in price, ticks; 0: those of a price row. */
export const CLUSTER_TICKS = [0, 5, 20, 100] as const;
export type ClusterTicks = (typeof CLUSTER_TICKS)[number];

/** How rare a change of size must be to be marked: the largest one in so many of what is looked at. */
export const CHANGE_ONE_IN = [100, 1000, 10_000] as const;
export type ChangeOneIn = (typeof CHANGE_ONE_IN)[number];

/** Columns that may stand beside the chart. */
export const SIDE_COLUMNS = ['volume', 'delta', 'trades', 'pullStack', 'notes'] as const;
export type SideColumn = (typeof SIDE_COLUMNS)[number];

/** Whether a column shows what traded. */
export const isOfProfile = (column: SideColumn): boolean => column !== 'pullStack' && column !== 'notes';

/** The columns with one put beside them or taken away; they stand in the order in which they were chosen. */
export const withColumn = (columns: readonly SideColumn[], column: SideColumn, on: boolean): readonly SideColumn[] => [
  ...columns.filter((it) => it !== column),
  ...(on ? [column] : []),
];

/** Sides that the book column shows. */
export const BOOK_SIDES = ['both', 'bid', 'ask'] as const;
export type BookSides = (typeof BOOK_SIDES)[number];

/** Numbers of the book column. */
export const BOOK_NUMBERS = ['lots', 'quantity', 'none'] as const;
export type BookNumbers = (typeof BOOK_NUMBERS)[number];

/** Best prices: where columns are narrow enough to tell (5 s), always, or not. */
export const QUOTE_MODES = ['auto', 'always', 'off'] as const;
export type QuoteMode = (typeof QUOTE_MODES)[number];

/** Of the best prices of a column: the last ones, or also between which they were, where that is known. */
export const QUOTE_SPANS = ['last', 'range'] as const;
export type QuoteSpan = (typeof QUOTE_SPANS)[number];

/** What a profile sums up: the trades of the visible time, of the visible day, or from a chosen moment on. */
export const PROFILE_SPANS = ['visible', 'session', 'anchored'] as const;
export type ProfileSpan = (typeof PROFILE_SPANS)[number];

export const GAMMA = { min: 0.4, max: 2.5, step: 0.1 } as const;
/** Of the cells, towards the background. */
export const DIM = { min: 0, max: 0.8, step: 0.1 } as const;
/** CSS px. */
export const BOOK_WIDTH = { min: 84, max: 400 } as const;
export const COLUMN_WIDTH = { min: 44, max: 200 } as const;
const LOTS_MAX = 1e9;

export interface HeatmapOptions {
  /** The cells themselves; without them trades and prices stand alone. */
  readonly heat: boolean;
  readonly palette: PaletteName;
  readonly mode: ColourMode;
  /** What a cell of a column of 5 s or more says; narrower ones always show their last book. */
  readonly cellValue: TileValue;
  /** Above 1 the middle is darker, below 1 brighter. */
  readonly gamma: number;
  readonly dim: number;
  readonly cutoffs: CutoffChoice;
  /** Units between which the colours are held whatever comes; null: they follow what is visible. */
  readonly locked: Cutoffs | null;
  /** Ticks a price row; null: as the zoom asks. */
  readonly rowTicks: number | null;
  /** Cells with less are left empty. */
  readonly minLots: number;
  readonly minOrders: number;
  /** Only cells from the upper cut-off on. */
  readonly wallsOnly: boolean;
  /** Lots in the cells, where they are large enough. */
  readonly values: boolean;
  readonly quotes: QuoteMode;
  readonly quoteSpan: QuoteSpan;
  readonly bubbles: boolean;
  readonly clusterMs: ClusterMs;
  readonly clusterTicks: ClusterTicks;
  /** Single trades with less are not looked at. */
  readonly minTradeLots: number;
  /** Bubbles with less are not drawn. */
  readonly minBubbleLots: number;
  /** Marks where much came into the book, or left it untraded, within one column. */
  readonly changes: boolean;
  readonly changeOneIn: ChangeOneIn;
  /** Smaller changes are not marked, however rare. */
  readonly minChangeLots: number;
  readonly columns: readonly SideColumn[];
  /** Which of them stand at the left of the chart, shown or not; the others stand between it and the book. */
  readonly leftColumns: readonly SideColumn[];
  /** Of each column, CSS px; null: as the window asks. */
  readonly columnWidth: number | null;
  readonly profileSpan: ProfileSpan;
  /** From when on an anchored profile sums up, µs; null: nothing was chosen yet. */
  readonly anchorUs: number | null;
  /** What traded in each column and whether its book is known, below the chart. */
  readonly strip: boolean;
  /** CSS px; null: as the window asks. */
  readonly bookWidth: number | null;
  readonly bookSides: BookSides;
  readonly bookNumbers: BookNumbers;
  readonly bookOrders: boolean;
  /** A line of the sizes added up from the touch. */
  readonly bookDepth: boolean;
  readonly centre: CentreMode;
}

export const DEFAULT_OPTIONS: HeatmapOptions = {
  heat: true,
  palette: 'thermal',
  mode: 'log',
  cellValue: 'last',
  gamma: 1,
  dim: 0,
  cutoffs: { by: 'percentile', lo: 50, hi: 99 },
  locked: null,
  rowTicks: null,
  minLots: 0,
  minOrders: 0,
  wallsOnly: false,
  values: true,
  quotes: 'auto',
  quoteSpan: 'range',
  bubbles: true,
  clusterMs: 250,
  clusterTicks: 0,
  minTradeLots: 0,
  minBubbleLots: 0,
  changes: false,
  changeOneIn: 1000,
  minChangeLots: 0,
  columns: [],
  leftColumns: [],
  columnWidth: null,
  profileSpan: 'visible',
  anchorUs: null,
  strip: false,
  bookWidth: null,
  bookSides: 'both',
  bookNumbers: 'lots',
  bookOrders: false,
  bookDepth: false,
  centre: 'edge',
};

/** What the options put beside the chart. */
export const besideOf = ({ bookWidth, columns, leftColumns, columnWidth, strip }: HeatmapOptions): Beside => ({
  bookWidth,
  columns: columns.map((column) => (leftColumns.includes(column) ? 'left' : 'right')),
  columnWidth,
  strip,
});

/** A cut-off moved by so many steps: percents of the cells, or tenths of the lots. The lower stays below the upper. */
export function stepCutoff(choice: CutoffChoice, which: 'lo' | 'hi', steps: number): CutoffChoice {
  const moved =
    choice.by === 'percentile'
      ? choice[which] + steps
      : Math.max(1, Math.round(choice[which] * 1.1 ** steps + Math.sign(steps)));
  return withCutoff(choice, which, moved);
}

/** A cut-off set to a value; as it was where it would meet the other one. */
export function withCutoff(choice: CutoffChoice, which: 'lo' | 'hi', value: number): CutoffChoice {
  const next = { ...choice, [which]: Math.min(Math.max(value, 0), choice.by === 'percentile' ? 100 : LOTS_MAX) };
  return next.lo < next.hi ? next : choice;
}

/** The next larger price row; after the largest the automatic one. @param now ticks; null: automatic */
export function nextRowTicks(now: number | null): number | null {
  return now === null ? ROW_TICKS[0] : (ROW_TICKS.find((ticks) => ticks > now) ?? null);
}

/** Options out of what was kept: what is missing, or is not what it should be, is the default. */
export function readOptions(kept: unknown): HeatmapOptions {
  const from = recordOf(kept);
  const is = DEFAULT_OPTIONS;
  const flag = (
    name: 'heat' | 'wallsOnly' | 'values' | 'bubbles' | 'changes' | 'strip' | 'bookOrders' | 'bookDepth',
  ): boolean => (typeof from[name] === 'boolean' ? from[name] : is[name]);
  return {
    heat: flag('heat'),
    palette: isPaletteName(String(from.palette)) ? (from.palette as PaletteName) : is.palette,
    mode: oneOf(COLOUR_MODES, from.mode, is.mode),
    cellValue: oneOf(TILE_VALUES, from.cellValue, is.cellValue),
    gamma: within(from.gamma, GAMMA.min, GAMMA.max) ?? is.gamma,
    dim: within(from.dim, DIM.min, DIM.max) ?? is.dim,
    cutoffs: readCutoffChoice(from.cutoffs),
    locked: readLock(from.locked),
    rowTicks: within(from.rowTicks, 1, LOTS_MAX),
    minLots: within(from.minLots, 0, LOTS_MAX) ?? is.minLots,
    minOrders: within(from.minOrders, 0, LOTS_MAX) ?? is.minOrders,
    wallsOnly: flag('wallsOnly'),
    values: flag('values'),
    quotes: oneOf(QUOTE_MODES, from.quotes, is.quotes),
    quoteSpan: oneOf(QUOTE_SPANS, from.quoteSpan, is.quoteSpan),
    bubbles: flag('bubbles'),
    clusterMs: oneOf(CLUSTER_MS, from.clusterMs, is.clusterMs),
    clusterTicks: oneOf(CLUSTER_TICKS, from.clusterTicks, is.clusterTicks),
    minTradeLots: within(from.minTradeLots, 0, LOTS_MAX) ?? is.minTradeLots,
    minBubbleLots: within(from.minBubbleLots, 0, LOTS_MAX) ?? is.minBubbleLots,
    changes: flag('changes'),
    changeOneIn: oneOf(CHANGE_ONE_IN, from.changeOneIn, is.changeOneIn),
    minChangeLots: within(from.minChangeLots, 0, LOTS_MAX) ?? is.minChangeLots,
    columns: readColumns(from.columns),
    leftColumns: readColumns(from.leftColumns),
    columnWidth: within(from.columnWidth, COLUMN_WIDTH.min, COLUMN_WIDTH.max),
    profileSpan: oneOf(PROFILE_SPANS, from.profileSpan, is.profileSpan),
    anchorUs: within(from.anchorUs, 0, Number.MAX_SAFE_INTEGER),
    strip: flag('strip'),
    bookWidth: within(from.bookWidth, BOOK_WIDTH.min, BOOK_WIDTH.max),
    bookSides: oneOf(BOOK_SIDES, from.bookSides, is.bookSides),
    bookNumbers: oneOf(BOOK_NUMBERS, from.bookNumbers, is.bookNumbers),
    bookOrders: flag('bookOrders'),
    bookDepth: flag('bookDepth'),
    centre: oneOf(CENTRE_MODES, from.centre, is.centre),
  };
}

/** What differs from the defaults, which is all that has to be kept. */
export const changedOptions = (options: HeatmapOptions): Partial<HeatmapOptions> =>
  Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULT_OPTIONS[name as keyof HeatmapOptions]),
    ),
  );

const readColumns = (kept: unknown): readonly SideColumn[] =>
  [...new Set(Array.isArray(kept) ? kept : [])].filter((column) => SIDE_COLUMNS.includes(column));

function readCutoffChoice(kept: unknown): CutoffChoice {
  const { by, lo, hi } = recordOf(kept);
  const unit = by === 'lots' ? 'lots' : 'percentile';
  const max = unit === 'lots' ? LOTS_MAX : 100;
  const from = within(lo, 0, max);
  const to = within(hi, 0, max);
  if (from === null || to === null || from >= to) return DEFAULT_OPTIONS.cutoffs;
  return { by: unit, lo: from, hi: to };
}

function readLock(kept: unknown): Cutoffs | null {
  const { lo, hi } = recordOf(kept);
  const from = within(lo, 0, Number.MAX_SAFE_INTEGER);
  const to = within(hi, 0, Number.MAX_SAFE_INTEGER);
  return from !== null && to !== null && from < to ? { lo: from, hi: to } : null;
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const oneOf = <T>(list: readonly T[], value: unknown, otherwise: T): T =>
  list.includes(value as T) ? (value as T) : otherwise;

const within = (value: unknown, min: number, max: number): number | null =>
  typeof value === 'number' && value >= min && value <= max ? value : null;
