/** g1, g2: a heatmap that scrolls by one column a frame. */
import { readFileSync } from 'node:fs';
import { SideEncoder } from '../lib/book/messages.ts';
import { ASK, BID, type SideLevels } from '../lib/core/side.ts';
import { SIDES } from '../lib/heatmap/book-rows.ts';
import { rowAt, rowOf } from '../lib/heatmap/price-rows.ts';
import { BIN_COUNT, binOf } from '../lib/heatmap/quantity-bins.ts';
import { TIERS_US } from '../lib/heatmap/tiers.ts';
import type { Feed } from './browser/ours.worker.ts';
import { COLUMNS, ROW_TICKS, ROWS } from './browser/scrolling.ts';
import type { Bench, Metrics, Skipped } from './support/bench.ts';
import { type Book, recordBooks } from './support/books.ts';
import { inBrowser } from './support/browser.ts';

/** Frames before and while it is measured, of those that keep up with the screen and of the one that does not. */
const FAST = { warmUp: 120, measured: 360 };
const SLOW = { warmUp: 3, measured: 15 };
const INSTRUMENT = 1;
/** The future's, price units. */
const TICK_SIZE = 10;
const ROW_UNITS = ROW_TICKS * TICK_SIZE;
const COLUMN_US = TIERS_US[0];
/** The beginning of a column; each book comes in the middle of one. */
const START_US = 1_795_480_000 * 1e6;

type Frames = typeof FAST;

const levelsOf = ({ bids, asks }: Book, side: typeof BID | typeof ASK): SideLevels => (side === BID ? bids : asks);

/** For ours: what the server sends. */
function feedOf(books: readonly Book[]): Feed {
  const encoders = [new SideEncoder(INSTRUMENT, BID), new SideEncoder(INSTRUMENT, ASK)] as const;
  const events = books.map((book, i) => {
    const stampUs = START_US + (i + 0.5) * COLUMN_US;
    const messages = SIDES.map((side) => Buffer.from(encoders[side].next(levelsOf(book, side), stampUs, stampUs)));
    return Buffer.concat(messages).toString('base64');
  });
  return { instrumentId: INSTRUMENT, tickSize: TICK_SIZE, columnUs: COLUMN_US, events };
}

/** For the peers: columns of cell numbers, around the price in the middle of the first picture. */
function cellsOf(books: readonly Book[]): Uint8Array {
  const { bids, asks } = books[COLUMNS - 1] as Book;
  const topRow = rowAt(((bids.prices[0] as number) + (asks.prices[0] as number)) / 2, ROW_UNITS) + (ROWS - 1) / 2;
  const cells = new Uint16Array(books.length * ROWS);
  const sums = new Float64Array(ROWS);
  books.forEach((book, column) => {
    for (const side of SIDES) {
      const { prices, quantities, count } = levelsOf(book, side);
      sums.fill(0);
      for (let i = 0; i < count; i += 1) {
        const row = topRow - rowOf(prices[i] as number, side, ROW_UNITS);
        if (row >= 0 && row < ROWS) sums[row] = (sums[row] as number) + (quantities[i] as number);
      }
      sums.forEach((sum, row) => {
        if (sum > 0) cells[column * ROWS + row] = side * BIN_COUNT + binOf(sum);
      });
    }
  });
  return new Uint8Array(cells.buffer);
}

/** The colours of the page, which the heatmap reads from its style sheet. */
function themeStyle(): string {
  const css = readFileSync(new URL('../app/globals.css', import.meta.url), 'utf8');
  return `:root{${(css.match(/--(color|font)-[\w-]+:[^;]+;/g) ?? []).join('')}}`;
}

/** Scrolls in a fresh browser; all its processes count. */
async function scroll(
  scripts: readonly [URL, ...URL[]],
  frames: Frames,
  dataOf: (books: readonly Book[]) => Record<string, string | Uint8Array>,
): Promise<Metrics | Skipped> {
  const data = dataOf(recordBooks(COLUMNS + frames.warmUp + frames.measured));
  return inBrowser({ scripts, style: themeStyle(), data }, async ({ page, cpuSeconds }) => {
    await page.waitForFunction(() => globalThis.scrollColumns !== undefined);
    const scrollBy = (count: number) => page.evaluate((n) => globalThis.scrollColumns?.(n), count);
    await scrollBy(frames.warmUp);
    const cpuFrom = cpuSeconds();
    const from = performance.now();
    const scrolled = await scrollBy(frames.measured);
    const seconds = (performance.now() - from) / 1000;
    const used = cpuSeconds() - cpuFrom;
    // Rows that are partly on the screen count too: one more at either end.
    if (!scrolled || Math.abs(scrolled.columns - COLUMNS) > 1 || Math.abs(scrolled.rows - ROWS) > 2) {
      throw new Error(`the picture has another size: ${JSON.stringify(scrolled)}`);
    }
    return { 'cpu-ms/frame': (used * 1000) / scrolled.frames, 'frames/s': scrolled.frames / seconds };
  });
}

const heatmapScroll: Bench = {
  name: 'heatmap-scroll',
  what: `A heatmap of ${COLUMNS} columns and ${ROWS} rows, made of books with 200 levels a side, one column further in each frame; CPU of all processes of a headless Chromium without a GPU`,
  worse: 'With a rectangle a cell a laptop shows two frames a second and its fan is heard; nobody reads a market so.',
  measures: [
    { goal: 'g1', metric: 'cpu-ms/frame', variant: 'lightweight-charts', per: 'engine' },
    { goal: 'g2', metric: 'cpu-ms/frame', variant: 'engine', per: 'image-data' },
  ],
  variants: [
    {
      name: 'engine',
      what: 'ours: model and engine in a worker, from the bytes of a live event to the picture, with book, axes and best prices.',
      run: () =>
        scroll(
          [new URL('./browser/ours.ts', import.meta.url), new URL('./browser/ours.worker.ts', import.meta.url)],
          FAST,
          (books) => ({ '/feed': JSON.stringify(feedOf(books)) }),
        ),
    },
    {
      name: 'image-data',
      what: 'a matrix whose columns come ready, a colour table, one ImageData; all of it painted and put at each frame. Nothing else.',
      run: () =>
        scroll([new URL('./browser/image-data.ts', import.meta.url)], FAST, (books) => ({ '/cells': cellsOf(books) })),
    },
    {
      name: 'lightweight-charts',
      what: 'lightweight-charts 5.2, a custom series with a filled rectangle a cell, its columns ready and its colours too.',
      run: () =>
        scroll([new URL('./browser/lightweight-charts.ts', import.meta.url)], SLOW, (books) => ({
          '/cells': cellsOf(books),
        })),
    },
  ],
};

export const benches = [heatmapScroll];
