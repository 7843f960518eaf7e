/** The prices between which a first look at a book is taken. */
import type { BookSide } from '../book/messages.ts';

/**
 * Levels of each side that the first look shows: half of the deepest feed's. Beyond them a sparse book is far from where
 * anything happens; they are a zoom away.
 */
const LEVELS_FIRST = 100;

/** Price units. */
export interface BookSpan {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

/** Null while neither side holds a level; where only one does, it stands for the other. */
export function bookSpan(bid: Readonly<BookSide>, ask: Readonly<BookSide>): BookSpan | null {
  const bestBid = bid.levels.count > 0 ? (bid.levels.prices[0] as number) : null;
  const bestAsk = ask.levels.count > 0 ? (ask.levels.prices[0] as number) : null;
  const touch = bestBid ?? bestAsk;
  if (touch === null) return null;
  return {
    low: farthest(bid) ?? touch,
    mid: ((bestBid ?? touch) + (bestAsk ?? touch)) / 2,
    high: farthest(ask) ?? touch,
  };
}

function farthest({ levels }: Readonly<BookSide>): number | null {
  if (levels.count === 0) return null;
  return levels.prices[Math.min(levels.count, LEVELS_FIRST) - 1] as number;
}
