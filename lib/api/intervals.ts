/** Names of the lengths of bars and buckets, by what can be asked in them. */
import { BAR_INTERVALS as INTERVALS, type BarInterval as Interval } from '../orderflow/bar-intervals.ts';

export { INTERVALS, type Interval };

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
