/** Books of the synthetic NIFTY future, whose statistics are held to a recorded session by simulator/market's tests. */

import { istMidnightUs } from '../../lib/core/ist.ts';
import { ASK, BID, SideLevels } from '../../lib/core/side.ts';
import { SyntheticMarket } from '../../simulator/market/synthetic.ts';

export interface Book {
  readonly bids: SideLevels;
  readonly asks: SideLevels;
}

const SEED = 20_251_229;
/** A morning that had a session; with it the contracts are given. */
const START_US = istMidnightUs('2026-11-24') + 9.25 * 3600e6;
const STEP_US = 1_000_000;

/** `count` books one after the other, at the future's own cadence of some 200 ms. */
export function recordBooks(count: number): Book[] {
  const market = new SyntheticMarket({ seed: SEED, startUs: START_US, session: 'always' });
  const future = market.instruments.findIndex(({ type }) => type === 'FUT');
  const books: Book[] = [];
  const listener = {
    book(i: number): void {
      if (i !== future || books.length === count) return;
      const book = { bids: new SideLevels(), asks: new SideLevels() };
      book.bids.copyFrom(market.levels(i, BID));
      book.asks.copyFrom(market.levels(i, ASK));
      books.push(book);
    },
    tick: (): void => undefined,
  };
  while (books.length < count) market.advance(market.nowUs + STEP_US, listener);
  return books;
}

export interface TimedBook {
  /** µs since the epoch. */
  readonly timeUs: number;
  readonly book: Book;
}

/** An hour of the future's books: as many as a recorded one had. */
export const HOUR = {
  fromUs: istMidnightUs('2026-11-24') + 9.5 * 3600e6,
  toUs: istMidnightUs('2026-11-24') + 10.5 * 3600e6,
};
const BOOKS_AN_HOUR = 15_060;
/** Books of so much of it are made, and come again: an hour of the whole market takes a minute to make. */
const DISTINCT = BOOKS_AN_HOUR / 5;

export function* hourOfBooks(): Generator<TimedBook> {
  const books = recordBooks(DISTINCT);
  const stepUs = (HOUR.toUs - HOUR.fromUs) / BOOKS_AN_HOUR;
  for (let i = 0; i < BOOKS_AN_HOUR; i += 1) {
    // Whole milliseconds: what the other tables keep of time.
    yield { timeUs: HOUR.fromUs + Math.floor((i * stepUs) / 1000) * 1000, book: books[i % DISTINCT] as Book };
  }
}

/** A book as the predecessor's message had it: an object a level, prices in rupees. */
export function messageOfBook({ bids, asks }: Book, timeMs: number): object {
  const levelsOf = ({ count, prices, quantities, orders }: SideLevels): object[] =>
    Array.from({ length: count }, (_, i) => ({
      price: (prices[i] as number) / 100,
      quantity: quantities[i],
      orders: orders[i],
    }));
  return {
    timestamp: new Date(timeMs).toISOString(),
    security_id: 55_796,
    instrument_name: 'NIFTY DEC FUT',
    bids: levelsOf(bids),
    asks: levelsOf(asks),
  };
}
