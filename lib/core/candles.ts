/** The brokers' historical candles: not what was recorded here, but what a broker says was traded. */

import type { Broker } from './feeds.ts';
import { addDays, formatIstDate, istMidnightUs } from './ist.ts';

const MINUTE_US = 60_000_000;

/** Lengths that candles are had in, µs, by the names that Kite and the predecessor's tables give them. */
export const TIMEFRAMES = {
  minute: MINUTE_US,
  '3minute': 3 * MINUTE_US,
  '5minute': 5 * MINUTE_US,
  '10minute': 10 * MINUTE_US,
  '15minute': 15 * MINUTE_US,
  '30minute': 30 * MINUTE_US,
  '60minute': 60 * MINUTE_US,
  day: 24 * 60 * MINUTE_US,
} as const;
export type Timeframe = keyof typeof TIMEFRAMES;
export const TIMEFRAME_NAMES = Object.keys(TIMEFRAMES) as [Timeframe, ...Timeframe[]];

export interface Candle {
  /** Its beginning, µs since the epoch; of a day's candle midnight in India. */
  readonly fromUs: number;
  /** Price units. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Units; 0 of an index. */
  readonly volume: number;
  /** At its end; ABSENT where the broker did not say. */
  readonly oi: number;
}

/**
 * Days that one request may ask for. Kite: texts of its server, kite.trade/forum 14149. Dhan: dhanhq.co/docs/v2/historical-data,
 * which knows no other lengths; of a day it names no limit.
 */
export const REQUEST_DAYS: Readonly<Record<Broker, Partial<Readonly<Record<Timeframe, number>>>>> = {
  kite: {
    minute: 60,
    '3minute': 100,
    '5minute': 100,
    '10minute': 100,
    '15minute': 200,
    '30minute': 200,
    '60minute': 400,
    day: 2000,
  },
  dhan: { minute: 90, '5minute': 90, '15minute': 90, '60minute': 90, day: 2000 },
};

/** Where the first of the requests ends that an interval is asked for in: at a midnight in India, or at its end. */
export function requestEnd(fromUs: number, toUs: number, days: number): number {
  return Math.min(toUs, istMidnightUs(addDays(formatIstDate(fromUs), days)));
}
