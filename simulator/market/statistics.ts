/**
 * What a sequence of books looks like in numbers: the table by which the synthetic market is held to a measured one.
 * Everything in it can be computed from a summary of each book, because of the real one no more was kept.
 */
import type { SideLevels } from '../../lib/core/side.ts';

/** One book, summed up. */
export interface BookSummary {
  readonly us: number;
  /** Price units. */
  readonly bestBid: number;
  readonly bestAsk: number;
  /** Units and orders over all levels of a side. */
  readonly bidQuantity: number;
  readonly askQuantity: number;
  readonly bidOrders: number;
  readonly askOrders: number;
  /** Mean price of a side, weighted by quantity, price units. */
  readonly bidMean: number;
  readonly askMean: number;
}

/** Sums up a two-sided book. */
export function summarize(us: number, bids: SideLevels, asks: SideLevels): BookSummary {
  const bid = sumUp(bids);
  const ask = sumUp(asks);
  return {
    us,
    bestBid: bids.prices[0] as number,
    bestAsk: asks.prices[0] as number,
    bidQuantity: bid.quantity,
    askQuantity: ask.quantity,
    bidOrders: bid.orders,
    askOrders: ask.orders,
    bidMean: bid.mean,
    askMean: ask.mean,
  };
}

function sumUp({ count, prices, quantities, orders }: SideLevels): { quantity: number; orders: number; mean: number } {
  let quantity = 0;
  let turnover = 0;
  let orderCount = 0;
  for (let i = 0; i < count; i += 1) {
    quantity += quantities[i] as number;
    turnover += (prices[i] as number) * (quantities[i] as number);
    orderCount += orders[i] as number;
  }
  return { quantity, orders: orderCount, mean: turnover / quantity };
}

/** 1 %, 5 %, 50 %, 95 % and 99 % of a distribution. */
export interface Spectrum {
  readonly p01: number;
  readonly p05: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Books after which the mid's move is compared with the imbalance. */
export const HORIZONS = [5, 25, 50, 250] as const;

export interface BookStatistics {
  readonly books: number;
  readonly intervalMs: Spectrum;
  readonly spreadTicks: Spectrum;
  /** In lots, so that contracts of different lots compare. */
  readonly bidLots: Spectrum;
  readonly askLots: Spectrum;
  readonly bidOrders: Spectrum;
  readonly askOrders: Spectrum;
  /** From the mid to the side's mean price, in ticks. */
  readonly bidDistanceTicks: Spectrum;
  readonly askDistanceTicks: Spectrum;
  /** Size of the change of a side's total from book to book, both sides together. */
  readonly changeLots: Spectrum;
  /** Share of books whose summary equals the one before. */
  readonly identical: number;
  /** Share of books with another best bid or best ask than the one before. */
  readonly newBest: number;
  /** (bid − ask) / (bid + ask) of the sides' totals. */
  readonly imbalance: Spectrum;
  /** Correlation of the imbalance with that of the next book. */
  readonly imbalancePersistence: number;
  /** Correlation of the imbalance with the mid's move over the next n books, in the order of HORIZONS. */
  readonly imbalanceForesight: readonly number[];
}

/** @throws RangeError where there are too few books for the longest horizon. */
export function bookStatistics(
  books: readonly BookSummary[],
  { tickSize, lotSize }: { readonly tickSize: number; readonly lotSize: number },
): BookStatistics {
  const longest = HORIZONS.at(-1) as number;
  if (books.length < 2 * longest) throw new RangeError(`${books.length} books, at least ${2 * longest} needed`);
  const pairs = books.slice(1).map((book, i) => [books[i] as BookSummary, book] as const);
  const mids = books.map(({ bestBid, bestAsk }) => (bestBid + bestAsk) / 2);
  const imbalances = books.map(({ bidQuantity: b, askQuantity: a }) => (b - a) / (b + a));
  const share = (test: (before: BookSummary, after: BookSummary) => boolean): number =>
    pairs.filter(([before, after]) => test(before, after)).length / pairs.length;

  return {
    books: books.length,
    intervalMs: spectrum(pairs.map(([before, after]) => (after.us - before.us) / 1000)),
    spreadTicks: spectrum(books.map(({ bestBid, bestAsk }) => (bestAsk - bestBid) / tickSize)),
    bidLots: spectrum(books.map(({ bidQuantity }) => bidQuantity / lotSize)),
    askLots: spectrum(books.map(({ askQuantity }) => askQuantity / lotSize)),
    bidOrders: spectrum(books.map(({ bidOrders }) => bidOrders)),
    askOrders: spectrum(books.map(({ askOrders }) => askOrders)),
    bidDistanceTicks: spectrum(books.map(({ bidMean }, i) => ((mids[i] as number) - bidMean) / tickSize)),
    askDistanceTicks: spectrum(books.map(({ askMean }, i) => (askMean - (mids[i] as number)) / tickSize)),
    changeLots: spectrum(
      pairs.flatMap(([before, after]) => [
        Math.abs(after.bidQuantity - before.bidQuantity) / lotSize,
        Math.abs(after.askQuantity - before.askQuantity) / lotSize,
      ]),
    ),
    identical: share(equalSummaries),
    newBest: share((before, after) => before.bestBid !== after.bestBid || before.bestAsk !== after.bestAsk),
    imbalance: spectrum(imbalances),
    imbalancePersistence: correlation(imbalances.slice(0, -1), imbalances.slice(1)),
    imbalanceForesight: HORIZONS.map((ahead) =>
      correlation(
        imbalances.slice(0, -ahead),
        mids.slice(ahead).map((mid, i) => mid - (mids[i] as number)),
      ),
    ),
  };
}

const equalSummaries = (a: BookSummary, b: BookSummary): boolean =>
  a.bestBid === b.bestBid &&
  a.bestAsk === b.bestAsk &&
  a.bidQuantity === b.bidQuantity &&
  a.askQuantity === b.askQuantity &&
  a.bidOrders === b.bidOrders &&
  a.askOrders === b.askOrders &&
  a.bidMean === b.bidMean &&
  a.askMean === b.askMean;

function spectrum(values: readonly number[]): Spectrum {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  return { p01: at(0.01), p05: at(0.05), median: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const meanX = mean(xs);
  const meanY = mean(ys);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < xs.length; i += 1) {
    const x = (xs[i] as number) - meanX;
    const y = (ys[i] as number) - meanY;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xy / Math.sqrt(xx * yy);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
