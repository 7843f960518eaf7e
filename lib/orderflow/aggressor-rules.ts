/** Who initiated a trade, from prices alone. */
import { ABSENT, isPresent } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';

/** How sure a side is: by where the price lies, by how it moved, or because the source itself told (recordings alone do). */
export const CONFIDENCE = { unknown: 0, tickTest: 1, insideSpread: 2, atTouch: 3, told: 4 } as const;

/** Side of the last price change; a trade at the same price carries `direction` on. */
export function tickTest(price: number, priceBefore: number, direction: Aggressor): Aggressor {
  if (!isPresent(price) || !isPresent(priceBefore) || price === priceBefore) return direction;
  return price > priceBefore ? AGGRESSOR.buy : AGGRESSOR.sell;
}

/**
 * Side of the mid on which a trade lies; unknown at the mid, and without a quote that is one (a missing side, a crossed or
 * locked book).
 */
export function quoteRule(price: number, bestBid: number, bestAsk: number): Aggressor {
  if (!isPresent(price) || !isPresent(bestBid) || !isPresent(bestAsk) || bestBid >= bestAsk) return AGGRESSOR.unknown;
  const aboveMid = 2 * price - bestBid - bestAsk;
  if (aboveMid === 0) return AGGRESSOR.unknown;
  return aboveMid > 0 ? AGGRESSOR.buy : AGGRESSOR.sell;
}

/**
 * The quote rule against the quote that prevailed before the trade, and where it says nothing the tick test. Lee and Ready,
 * J. Finance 46(2), 1991.
 *
 * @param direction what the tick test says
 */
export function leeReady(price: number, bestBid: number, bestAsk: number, direction: Aggressor): Aggressor {
  return quoteRule(price, bestBid, bestAsk) || direction;
}

/** How sure what `leeReady` says is: a value of CONFIDENCE. */
export function confidenceOf(price: number, bestBid: number, bestAsk: number, direction: Aggressor): number {
  if (quoteRule(price, bestBid, bestAsk) === AGGRESSOR.unknown) {
    return direction === AGGRESSOR.unknown ? CONFIDENCE.unknown : CONFIDENCE.tickTest;
  }
  return price >= bestAsk || price <= bestBid ? CONFIDENCE.atTouch : CONFIDENCE.insideSpread;
}

/** +quantity bought, −quantity sold, 0 where nobody knows; ABSENT like the quantity. */
export function signed(quantity: number, aggressor: Aggressor): number {
  if (quantity === ABSENT) return ABSENT;
  if (aggressor === AGGRESSOR.unknown) return 0;
  return aggressor === AGGRESSOR.buy ? quantity : -quantity;
}
