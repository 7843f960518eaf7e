/** What of a broker's candles can be believed. */
import { ABSENT } from '../../../lib/core/absent.ts';
import { type Candle, TIMEFRAMES, type Timeframe } from '../../../lib/core/candles.ts';
import { barStart } from '../../../lib/orderflow/bars.ts';

/** A candle as a broker gives it: rupees. */
export interface RawCandle {
  /** µs since the epoch; NaN where it cannot be read. */
  readonly us: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly oi: number | null;
}

export interface Believed {
  /** Oldest first, one a time. */
  readonly candles: readonly Candle[];
  /** Those that no market can have made, and those of another time than was asked for. */
  readonly refused: number;
}

const PRICE_MAX = 2 ** 31 - 1;

/**
 * Prices are rounded to price units: what was adjusted for a split lies between them.
 *
 * @param asked µs; the end exclusive
 */
export function believe(
  raw: readonly RawCandle[],
  priceScale: number,
  timeframe: Timeframe,
  asked: { readonly fromUs: number; readonly toUs: number },
): Believed {
  const lengthUs = TIMEFRAMES[timeframe];
  const firstUs = barStart(asked.fromUs, lengthUs);
  const byTime = new Map<number, Candle>();
  let refused = 0;
  for (const one of raw) {
    const fromUs = Number.isFinite(one.us) ? barStart(one.us, lengthUs) : Number.NaN;
    const [open, high, low, close] = [one.open, one.high, one.low, one.close].map((price) =>
      Math.round(price * priceScale),
    ) as [number, number, number, number];
    const oi = one.oi ?? ABSENT;
    const isPossible =
      fromUs >= firstUs &&
      fromUs < asked.toUs &&
      low > 0 &&
      high <= PRICE_MAX &&
      low <= Math.min(open, close) &&
      high >= Math.max(open, close) &&
      Number.isSafeInteger(one.volume) &&
      one.volume >= 0 &&
      (one.oi === null || (Number.isSafeInteger(oi) && oi >= 0));
    if (isPossible) byTime.set(fromUs, { fromUs, open, high, low, close, volume: one.volume, oi });
    else refused += 1;
  }
  return { candles: [...byTime.values()].sort((a, b) => a.fromUs - b.fromUs), refused };
}
