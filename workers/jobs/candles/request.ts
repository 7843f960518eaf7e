/** What is asked of a broker in one request for candles. */
import type { Timeframe } from '../../../lib/core/candles.ts';
import type { Instrument } from '../../../lib/core/instrument.ts';
import { istWithoutOffset } from '../../../lib/core/ist.ts';

export interface CandleRequest {
  readonly instrument: Instrument;
  readonly timeframe: Timeframe;
  /** µs since the epoch, within what one request may ask for. */
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** 90 days of MCX have 80,000 candles of a minute, of some 70 bytes; nobody waits at a page for them. */
export const CANDLE_CALL = { answerBytesMax: 32 * 1024 * 1024, timeoutMs: 30_000 } as const;

/** `2026-11-25 09:15:00`, IST, as both brokers want it. */
export const istSecond = (us: number): string =>
  istWithoutOffset(us / 1000)
    .slice(0, 19)
    .replace('T', ' ');
