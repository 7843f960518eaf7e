/** Replays of whole recordings against books that an independent program rebuilt from them. */
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ASK, BID, SideLevels } from '../../lib/core/side.ts';
import type { ReplayMarket } from '../../lib/recordings/replay-market.ts';
import { describeWithShared, readShared, sharedPath } from '../../tests/support/shared.ts';
import { openReplay } from './open.ts';

interface Case {
  readonly folder: string;
  readonly recording: string;
  readonly reference: string;
  readonly slug: string;
  /** Columns of the reference file after time, side, level, price, quantity. */
  readonly hasOrders: boolean;
  readonly quantityScale: number;
  /** Of the whole recording: units, trades, and open, high, low, close in price units. */
  readonly volume: number;
  readonly trades: number;
  readonly prices: readonly [open: number, high: number, low: number, close: number];
}

const CASES: readonly Case[] = [
  {
    folder: 'sse-l3-20230711',
    recording: '600536sh_events.csv.gz',
    reference: '600536sh_ref_book200_10min.csv.gz',
    slug: 'NSE:SH600536',
    hasOrders: true,
    quantityScale: 1,
    volume: 12_364_596,
    trades: 33_553,
    prices: [5121, 5136, 5034, 5073],
  },
  {
    folder: 'sse-l3-20230711',
    recording: '601825sh_events.csv.gz',
    reference: '601825sh_ref_book200_10min.csv.gz',
    slug: 'NSE:SH601825',
    hasOrders: true,
    quantityScale: 1,
    volume: 5_185_669,
    trades: 5370,
    prices: [548, 549, 545, 548],
  },
  {
    folder: 'binance-spot-ethusdt-20240808',
    recording: 'raw.jsonl.gz',
    reference: 'ref_book200_60s.csv.gz',
    slug: 'NSE:ETHUSDT',
    hasOrders: false,
    quantityScale: 10_000,
    volume: 42_727_241,
    trades: 14_515,
    prices: [268_380, 268_537, 267_360, 267_761],
  },
  {
    folder: 'binance-coinm-btcusd_perp-20240808',
    recording: 'raw.jsonl.gz',
    reference: 'ref_book200_60s.csv.gz',
    slug: 'NSE:BTCUSDPERP',
    hasOrders: false,
    quantityScale: 1,
    volume: 182_183,
    trades: 5235,
    prices: [6_180_480, 6_184_500, 6_153_640, 6_160_000],
  },
];

/** A level as text, to compare whole books at once. */
const levelText = (side: string, level: number, price: number, quantity: number, orders: number): string =>
  `${side}${level} ${price} ${quantity} ${orders}`;

/** Reference books by time, in the order of time. */
function referenceBooks({ folder, reference, hasOrders, quantityScale }: Case): Map<string, string[]> {
  const [header = '', ...rows] = gunzipSync(readShared('data', folder, reference))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const columns = header.split(',');
  const books = new Map<string, string[]>();
  for (const row of rows) {
    const fields = row.split(',');
    const field = (name: string): string => fields[columns.indexOf(name)] ?? '';
    const time = fields[0] as string;
    const book = books.get(time) ?? [];
    books.set(time, book);
    book.push(
      levelText(
        field('side'),
        Number(field('level')),
        Math.round(Number(field('price')) * 100),
        Math.round(Number(field('qty')) * quantityScale),
        hasOrders ? Number(field('orders')) : 0,
      ),
    );
  }
  return books;
}

/** The book last published, as text. */
function bookText(levels: readonly [SideLevels, SideLevels]): string[] {
  return ([BID, ASK] as const).flatMap((side) => {
    const { count, prices, quantities, orders } = levels[side];
    return Array.from({ length: count }, (_, i) =>
      levelText(side === BID ? 'B' : 'S', i + 1, prices[i] as number, quantities[i] as number, orders[i] as number),
    );
  });
}

/** Side letters differ between the reference files. */
const normal = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/^A/, 'S')).sort();

/** Plays a recording to its end. */
async function play(market: ReplayMarket, onBook: () => void, onTick: () => void): Promise<void> {
  for (;;) {
    if (market.loading !== null) await market.loading;
    if (market.loading !== null) continue;
    if (market.nextUs() === Infinity) return;
    market.advance(market.nextUs(), { book: onBook, tick: onTick });
  }
}

for (const one of CASES) {
  describeWithShared(`data/${one.folder}`, `replay of ${one.slug}`, () => {
    it('publishes the reference books, level by level, and every trade', { timeout: 30_000 }, async () => {
      const market = await openReplay(sharedPath('data', one.folder, one.recording));
      expect(market.instruments.map(({ slug }) => slug)).toEqual([one.slug]);
      const waiting = [...referenceBooks(one)];
      const published: [SideLevels, SideLevels] = [new SideLevels(), new SideLevels()];
      let compared = 0;
      let ticks = 0;
      let lastAt = -1;
      const compareUntil = (at: number): void => {
        for (let next = waiting[0]; next; next = waiting[0]) {
          // The state before the first event at or after the reference's time.
          if ((market.recording.parse(next[0]) as number) > at) return;
          expect(normal(bookText(published)), `book at ${next[0]}`).toEqual(normal(next[1]));
          compared += 1;
          waiting.shift();
        }
      };
      await play(
        market,
        () => {
          // Books go out in time order; what the reference wants is what stood before this one.
          const at = market.recording.now();
          expect(at).toBeGreaterThan(lastAt);
          lastAt = at;
          compareUntil(at);
          for (const side of [BID, ASK] as const) published[side].copyFrom(market.levels(0, side));
        },
        () => {
          ticks += 1;
        },
      );
      compareUntil(Infinity);
      expect(compared).toBeGreaterThan(10);
      expect(waiting).toEqual([]);
      expect(ticks).toBe(one.trades);
      const { volume, open, high, low, lastPrice } = market.quote(0);
      expect(volume).toBe(one.volume);
      expect([open, high, low, lastPrice]).toEqual(one.prices);
      await market.close();
    });
  });
}
