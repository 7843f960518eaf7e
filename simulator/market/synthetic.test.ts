import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatIstDate, istMidnightUs } from '../../lib/core/ist.ts';
import { ASK, BID } from '../../lib/core/side.ts';
import { encodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { compactMaster } from '../dhan-masters.ts';
import { isIndex } from './market.ts';
import { SyntheticMarket, type SyntheticOptions } from './synthetic.ts';

const OPEN_US = istMidnightUs('2026-11-24') + 9.25 * 3600e6;
const SECOND_US = 1_000_000;

const marketOf = (options: Partial<SyntheticOptions> = {}): SyntheticMarket =>
  new SyntheticMarket({ seed: 1, startUs: OPEN_US, session: 'always', ...options });

/** Everything that a market publishes over some seconds, as one digest. */
function digest(market: SyntheticMarket, seconds: number, stepUs = Infinity): string {
  const hash = createHash('sha256');
  const until = market.nowUs + seconds * SECOND_US;
  const listener = {
    book(i: number): void {
      hash.update(`book ${i} ${market.nowUs}`);
      for (const side of [BID, ASK] as const) hash.update(encodeDhanDepth(200, 2, 1, side, market.levels(i, side)));
    },
    tick(i: number): void {
      hash.update(`tick ${i} ${market.nowUs} ${JSON.stringify(market.quote(i))}`);
    },
  };
  while (market.nowUs < until) market.advance(Math.min(until, market.nowUs + stepUs), listener);
  return hash.digest('hex');
}

const SILENT = { book: () => undefined, tick: () => undefined };

/** Times at which an instrument's books and ticks go out. */
function timesOf(market: SyntheticMarket, instrument: number, seconds: number): { books: number[]; ticks: number[] } {
  const times = { books: [] as number[], ticks: [] as number[] };
  market.advance(market.nowUs + seconds * SECOND_US, {
    book: (i) => void (i === instrument && times.books.push(market.nowUs)),
    tick: (i) => void (i === instrument && times.ticks.push(market.nowUs)),
  });
  return times;
}

const indexOf = (market: SyntheticMarket, slug: string): number => {
  const i = market.instruments.findIndex((instrument) => instrument.slug === slug);
  if (i < 0) throw new Error(`${slug} is not listed`);
  return i;
};

describe('synthetic market', () => {
  it('is named by its seed, byte for byte, however the clock cuts it', () => {
    const first = digest(marketOf(), 20);
    expect(digest(marketOf(), 20)).toBe(first);
    expect(digest(marketOf(), 20, 7_000)).toBe(first);
    expect(digest(marketOf({ seed: 2 }), 20)).not.toBe(first);
  });

  it('lists further stocks as a load, each with a packet a second, and leaves the others what they were', () => {
    const plain = marketOf({ framesPerSecond: 40 });
    const loaded = marketOf({ framesPerSecond: 40, more: 30 });
    expect(loaded.instruments.slice(0, plain.instruments.length)).toEqual(plain.instruments);
    expect(loaded.instruments.length).toBe(plain.instruments.length + 30);
    expect(compactMaster(loaded.instruments)).toBe(compactMaster(plain.instruments));
    const ticks = timesOf(loaded, indexOf(loaded, 'NSE:MORE0030'), 10).ticks;
    expect(ticks.length).toBe(10);
    plain.advance(plain.nowUs + 10 * SECOND_US, SILENT);
    expect(timesOf(loaded, 0, 10)).toEqual(timesOf(plain, 0, 10));
  });

  it('lists the contracts of the near month, large stocks and indices', () => {
    const slugs = marketOf().instruments.map(({ slug }) => slug);
    expect(slugs).toEqual([
      'NFO:NIFTY26DECFUT',
      'NFO:BANKNIFTY26DECFUT',
      'NFO:NIFTY26DEC26000CE',
      'NFO:NIFTY26DEC26000PE',
      'NFO:NIFTY26DEC26100CE',
      'NFO:NIFTY26DEC25900PE',
      'NSE:RELIANCE',
      'NSE:HDFCBANK',
      'NSE:INFY',
      'NSE:TCS',
      'NSE:ICICIBANK',
      'NSE:SBIN',
      'INDICES:NIFTY 50',
      'INDICES:INDIA VIX',
    ]);
    expect(marketOf({ startUs: istMidnightUs('2026-11-20') }).instruments[0]?.slug).toBe('NFO:NIFTY26NOVFUT');
  });

  it('gives no two instruments the same number, and known ones their own', () => {
    const { instruments } = marketOf();
    expect(new Set(instruments.map(({ kiteToken }) => kiteToken)).size).toBe(instruments.length);
    const ids = instruments.map(({ dhanSegment, dhanSecurityId }) => `${dhanSegment} ${dhanSecurityId}`);
    expect(new Set(ids).size).toBe(instruments.length);
    const tokens = Object.fromEntries(instruments.map(({ symbol, kiteToken }) => [symbol, kiteToken]));
    expect(tokens).toMatchObject({ INFY: 408_065, 'NIFTY 50': 256_265, 'INDIA VIX': 264_969, RELIANCE: 738_561 });
    expect(ids).toEqual(expect.arrayContaining(['NSE_EQ 1333', 'NSE_EQ 2885', 'IDX_I 13', 'IDX_I 21']));
  });

  it('keeps every book in order: sorted, on tick, in lots, not crossed', () => {
    const market = marketOf({ seed: 5 });
    let books = 0;
    const wrong: string[] = [];
    market.advance(OPEN_US + 20 * SECOND_US, {
      tick: () => undefined,
      book(i) {
        books += 1;
        const { slug, tickSize, lotSize } = market.instruments[i] as (typeof market.instruments)[number];
        const [bids, asks] = [market.levels(i, BID), market.levels(i, ASK)];
        if ((bids.prices[0] as number) >= (asks.prices[0] as number)) wrong.push(`${slug} is crossed`);
        for (const [side, sign] of [
          [bids, -1],
          [asks, 1],
        ] as const) {
          for (let level = 0; level < side.count; level += 1) {
            const price = side.prices[level] as number;
            const step = level > 0 ? (price - (side.prices[level - 1] as number)) * sign : 1;
            if (step <= 0) wrong.push(`${slug} is not sorted at ${price}`);
            if (price % tickSize !== 0) wrong.push(`${slug}: ${price} is off its tick`);
            if ((side.quantities[level] as number) % lotSize !== 0) wrong.push(`${slug}: no whole lots at ${price}`);
            if (side.orders[level] === 0) wrong.push(`${slug}: no order at ${price}`);
          }
        }
      },
    });
    expect(wrong).toEqual([]);
    expect(books).toBeGreaterThan(500);
  });

  it('has thin books for options, full and dense ones for stocks, none for indices', () => {
    const market = marketOf();
    timesOf(market, 0, 5);
    const option = market.levels(indexOf(market, 'NFO:NIFTY26DEC26000CE'), BID);
    expect(option.count).toBeGreaterThan(50);
    expect(option.count).toBeLessThan(200);
    const stock = market.levels(indexOf(market, 'NSE:RELIANCE'), BID);
    expect(stock.count).toBe(200);
    // 200 levels within 220 ticks: hardly a price without an order.
    expect((stock.prices[0] as number) - (stock.prices[199] as number)).toBeLessThan(220 * 10);
    expect(market.levels(indexOf(market, 'INDICES:NIFTY 50'), BID).count).toBe(0);
  });

  it('trades: volume grows, the last price lies within the day, open interest moves', () => {
    const market = marketOf();
    const before = { ...market.quote(0) };
    timesOf(market, 0, 60);
    const after = market.quote(0);
    expect(after.volume).toBeGreaterThan(before.volume);
    expect(after.lastTradeUs).toBeGreaterThan(OPEN_US);
    expect(after.lastPrice).toBeGreaterThanOrEqual(after.low);
    expect(after.lastPrice).toBeLessThanOrEqual(after.high);
    expect(after.averagePrice).toBeGreaterThanOrEqual(after.low);
    expect(after.averagePrice).toBeLessThanOrEqual(after.high);
    expect(after.oi).not.toBe(before.oi);
    expect(after.oiDayHigh).toBeGreaterThanOrEqual(after.oi);
  });

  it('keeps options near their value: a call and a put of one strike differ by future less strike', () => {
    const market = marketOf();
    timesOf(market, 0, 30);
    const mid = (slug: string): number => {
      const i = indexOf(market, slug);
      return ((market.levels(i, BID).prices[0] as number) + (market.levels(i, ASK).prices[0] as number)) / 2;
    };
    const parity = mid('NFO:NIFTY26DEC26000CE') - mid('NFO:NIFTY26DEC26000PE');
    expect(Math.abs(parity - (mid('NFO:NIFTY26DECFUT') - 2_600_000))).toBeLessThan(1000);
  });

  it('keeps a frame rate exactly when told to, and leaves the others alone', () => {
    const market = marketOf({ framesPerSecond: 40, ticksPerSecond: 71 });
    const { books, ticks } = timesOf(market, 0, 10);
    expect(books.length).toBeGreaterThanOrEqual(199);
    expect(books.length).toBeLessThanOrEqual(201);
    expect(new Set(books.slice(1).map((us, i) => us - (books[i] as number)))).toEqual(new Set([50_000]));
    expect(ticks.length).toBeGreaterThanOrEqual(709);
    expect(ticks.length).toBeLessThanOrEqual(711);
    market.setRate(0, null, null);
    expect(timesOf(market, 0, 10).books.length).toBeLessThan(60);
    expect(timesOf(market, 1, 10).books.length).toBeGreaterThanOrEqual(199);
  });

  it('publishes nothing outside sessions, and begins a new day with new sums', () => {
    const startUs = istMidnightUs('2026-11-23') + 15.5 * 3600e6;
    const market = marketOf({ session: 'nse', startUs });
    // Derivatives trade until 15:40, stocks do not.
    const future = timesOf(market, 0, 3600).books;
    expect(future.length).toBeGreaterThan(1000);
    expect(Math.max(...future)).toBeLessThan(istMidnightUs('2026-11-23') + (15 * 60 + 40) * 60e6);
    expect(timesOf(market, indexOf(market, 'NSE:INFY'), 12 * 3600).books).toEqual([]);
    const { lastPrice, volume } = { ...market.quote(0) };
    expect(volume).toBeGreaterThan(0);
    // Tuesday is a holiday: the next book is Wednesday's first.
    expect(formatIstDate(market.nextUs())).toBe('2026-11-25');
    market.advance(market.nextUs() + 2 * SECOND_US, { book: () => undefined, tick: () => undefined });
    expect(market.quote(0).previousClose).toBe(lastPrice);
    expect(market.quote(0).volume).toBeLessThan(volume);
  });

  it('takes orders from outside, and can stand still', () => {
    const market = marketOf();
    market.setFlowing(0, false);
    const best = market.levels(0, BID).prices[0] as number;
    market.submit(0, BID, best - 10, 6500);
    const { volume } = { ...market.quote(0) };
    timesOf(market, 0, 5);
    expect(market.levels(0, BID).prices[0]).toBe(best);
    expect(market.levels(0, BID).quantities[1]).toBeGreaterThanOrEqual(6500);
    const first = market.levels(0, BID).quantities[0] as number;
    expect(market.execute(0, ASK, first)).toBe(first);
    expect(market.quote(0).volume).toBe(volume + first);
    expect(market.quote(0).lastPrice).toBe(best);
    market.clear(0, ASK);
    expect(market.levels(0, ASK).count).toBe(0);
    expect(() => market.submit(indexOf(market, 'INDICES:NIFTY 50'), BID, 1, 1)).toThrow(RangeError);
  });

  it('goes on after a sleep without making up what it missed', () => {
    const market = marketOf();
    market.jump(OPEN_US + 3600 * SECOND_US);
    expect(market.nextUs()).toBeGreaterThan(OPEN_US + 3600 * SECOND_US);
    expect(timesOf(market, 0, 2).books.length).toBeLessThan(12);
  });

  it('never prices an index between its ticks', () => {
    const market = marketOf();
    timesOf(market, 0, 20);
    market.instruments.forEach((instrument, i) => {
      if (isIndex(instrument)) expect(market.quote(i).lastPrice % instrument.tickSize).toBe(0);
    });
  });
});
