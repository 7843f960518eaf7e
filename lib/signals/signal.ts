/** What a detector found: one shape for the stream, the table, the API and the screen. */

/** Every kind of signal there is, and what it says in a few words. */
export const SIGNAL_KINDS = {
  wall_appeared: 'a level far larger than those around it',
  wall_pulled: 'a wall was taken away without having traded',
  wall_filled: 'a wall was traded away',
  large_trade: 'far more traded at once than is usual',
  large_lot: 'a single fill far larger than is usual',
  sweep: 'one side bought or sold through many levels at once',
  absorption: 'much traded into a level, and the price held',
  key_level: 'a level where far more orders rest than elsewhere',
  pressure: 'the orders near the touch lean to one side, for long',
  imbalance_shift: 'the quantities near the touch lean to one side',
  big_add: 'much was added at a price within seconds',
  big_pull: 'much was taken away at a price within seconds, without trades',
  iceberg: 'a level was refilled again and again while it traded (inferred)',
  layering: 'several large levels of a side were taken away together (inferred)',
  stacked_imbalance: 'buying or selling outweighed the other at several prices in a row',
  delta_divergence: 'a new extreme of the price that buying or selling did not follow',
  ofi_burst: 'orders came to one side of the best quotes far faster than usual',
  spread_stress: 'the spread stands far wider than usual',
  one_sided_book: 'a side of the book is empty',
  order_absorption: "the orders of a tested level went, and the price through it (the predecessor's)",
} as const;
export type SignalKind = keyof typeof SIGNAL_KINDS;
export const SIGNAL_KIND_NAMES = Object.keys(SIGNAL_KINDS) as [SignalKind, ...SignalKind[]];

/** Most signals are told once. Levels go from forming to broken or gone, states begin and end: each change is told under the same id. */
export const SIGNAL_STATES = ['once', 'begun', 'ended', 'forming', 'active', 'breaking', 'broken', 'gone'] as const;
export type SignalState = (typeof SIGNAL_STATES)[number];

/** A number, and what it had to reach; null where it is told for information. */
export interface CauseNumber {
  readonly value: number;
  readonly threshold: number | null;
}

/** How good the data were that a signal was found in. */
export interface SignalQuality {
  /** Mean time between two frames of a side, ms. */
  readonly frameMs: number;
  /** Age of the newest tick when it was found, ms; null where the instrument has none: executions are then not known. */
  readonly tickAgeMs: number | null;
}

export interface Signal {
  /** The same for the same input, and for each change of state of one signal. */
  readonly id: string;
  readonly kind: SignalKind;
  /** `walls@1`: what found it, and the version of its rules. */
  readonly detector: string;
  /** Hash of the detector's parameters. */
  readonly parameters: string;
  readonly instrumentId: number;
  /** Feed of the book. */
  readonly feedId: number;
  /** What happened lies from here to there, µs since the epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Stamp of the frame at which it was known; later than `toUs` where trades had to be waited for. */
  readonly foundUs: number;
  /** Price units; equal for a single price. */
  readonly lowPrice: number;
  readonly highPrice: number;
  /** Side of the book it is about; of a trade the side that was hit. null: neither, or both. */
  readonly side: 'bid' | 'ask' | null;
  /** Units; 0 where it has no size. */
  readonly size: number;
  /** 1 to 3: how far beyond its threshold. */
  readonly severity: number;
  /** 0 to 1, a rule of thumb: how far beyond its threshold, and how good the data. No probability. */
  readonly confidence: number;
  readonly cause: Readonly<Record<string, CauseNumber>>;
  /** `feed/stamp/n` of the frames it rests on. */
  readonly evidence: readonly string[];
  readonly quality: SignalQuality;
  readonly state: SignalState;
}

/** FNV-1a over a detector's parameters, whatever order they are written in: tells rows of one setting from another's. */
export function parameterHash(options: object): string {
  const text = JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

export const frameName = (feedId: number, stampUs: number, n: number): string => `${feedId}/${stampUs}/${n}`;
