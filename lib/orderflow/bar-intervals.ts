/** Lengths of bars and buckets that can be asked for, µs. They are counted from 09:15 IST (bars.ts, `barStart`). */
const MINUTE_US = 60_000_000;

export const BAR_INTERVALS = {
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
export type BarInterval = keyof typeof BAR_INTERVALS;
