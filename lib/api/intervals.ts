/** Lengths of bars and buckets by their names, µs. They are counted from 09:15 IST (lib/orderflow/bars.ts, `barStart`). */
const MINUTE_US = 60_000_000;

export const INTERVALS = {
  '1s': 1_000_000,
  '5s': 5_000_000,
  '15s': 15_000_000,
  '30s': 30_000_000,
  '1m': MINUTE_US,
  '3m': 3 * MINUTE_US,
  '5m': 5 * MINUTE_US,
  '15m': 15 * MINUTE_US,
  '30m': 30 * MINUTE_US,
  '1h': 60 * MINUTE_US,
  '1d': 24 * 60 * MINUTE_US,
} as const;
export type Interval = keyof typeof INTERVALS;

export const ALL_INTERVALS = Object.keys(INTERVALS) as [Interval, ...Interval[]];
/** Those of whole minutes, as footprint cells are kept. */
export const MINUTES = ['1m', '3m', '5m', '15m', '30m', '1h', '1d'] as const satisfies readonly Interval[];
/** Those that lie within a session. */
export const WITHIN_A_DAY = [
  '1s',
  '5s',
  '15s',
  '30s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
] as const satisfies readonly Interval[];
