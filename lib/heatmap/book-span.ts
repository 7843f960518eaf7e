/** The prices between which a first look at a book is taken. */
import type { BookSide } from '../book/messages.ts';
import type { Frame } from './column-store.ts';

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
  return spanOf(endsOf(bid.levels.prices, 0, bid.levels.count), endsOf(ask.levels.prices, 0, ask.levels.count));
}

/** The same of two frames. */
export const frameSpan = (bid: Frame, ask: Frame): BookSpan | null =>
  spanOf(endsOf(bid.prices, bid.start, bid.count), endsOf(ask.prices, ask.start, ask.count));

interface Ends {
  readonly best: number;
  readonly farthest: number;
}

function spanOf(bid: Ends | null, ask: Ends | null): BookSpan | null {
  const one = bid ?? ask;
  if (!one) return null;
  return {
    low: bid?.farthest ?? one.best,
    mid: ((bid?.best ?? one.best) + (ask?.best ?? one.best)) / 2,
    high: ask?.farthest ?? one.best,
  };
}

function endsOf(prices: Int32Array, start: number, count: number): Ends | null {
  if (count === 0) return null;
  const last = start + Math.min(count, LEVELS_FIRST) - 1;
  return { best: prices[start] as number, farthest: prices[last] as number };
}
