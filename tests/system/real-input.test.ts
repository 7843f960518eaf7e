/**
 * Recorded markets through the whole line: exchange, wire, collectors, streams, writer, database. Every frame that the
 * exchange says it sent is stored, and at the reference instants the stored books are those that an independent program
 * rebuilt from the same recording.
 */
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { depthSeries, Instance, type SentSeries, storedDepth } from '../support/instance.ts';
import { describeWithShared, readShared, sharedPath } from '../support/shared.ts';

const LEVELS = 200;

interface ReferenceBook {
  /** In the recording's own clock. */
  readonly at: number;
  /** `price quantity [orders]` of each level, best first, in the units of the wire. */
  readonly sides: Readonly<Record<'B' | 'S', string[]>>;
}

/** Reads a reference file: `time, ..., side, level, price, qty[, orders]`. */
function referenceBooks(file: string[], timeColumn: string, askLetter: string, quantityScale: number): ReferenceBook[] {
  const [head = '', ...lines] = gunzipSync(readShared('data', ...file))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const columns = head.split(',');
  const books = new Map<number, ReferenceBook>();
  for (const line of lines) {
    const cells = line.split(',');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const at = Number(cell(timeColumn));
    const book = books.get(at) ?? { at, sides: { B: [], S: [] } };
    books.set(at, book);
    const level = [Math.round(Number(cell('price')) * 100), Math.round(Number(cell('qty')) * quantityScale)];
    if (columns.includes('orders')) level.push(Number(cell('orders')));
    book.sides[cell('side') === askLetter ? 'S' : 'B'].push(level.join(' '));
  }
  return [...books.values()];
}

/** The `ordinal`-th frame of a side of the 200-level feed, in the form of ReferenceBook. */
async function storedSide(instance: Instance, side: 0 | 1, ordinal: number, withOrders: boolean): Promise<string[]> {
  const [row] = await instance.sql<{ prices: number[]; quantities: number[]; orders: number[] }>(
    `SELECT prices, quantities, orders FROM gehra.depth_snapshots JOIN gehra.feeds AS feed USING (feed_id)
     WHERE feed.kind = 'depth200' AND side = $1 ORDER BY time, n OFFSET $2 LIMIT 1`,
    [side, ordinal - 1],
  );
  return (row?.prices ?? []).map((price, i) =>
    [price, row?.quantities[i], ...(withOrders ? [row?.orders[i]] : [])].join(' '),
  );
}

async function expectReferenceBooks(instance: Instance, books: readonly ReferenceBook[], withOrders: boolean) {
  for (const { at, sides } of books) {
    const sent = await instance.sent(at);
    const ordinal = (kind: string): number =>
      sent.find((series) => series.feed === 'dhan-depth200' && series.kind === kind)?.frames ?? 0;
    expect(await storedSide(instance, 0, ordinal('bid'), withOrders)).toEqual(sides.B.slice(0, LEVELS));
    expect(await storedSide(instance, 1, ordinal('ask'), withOrders)).toEqual(sides.S.slice(0, LEVELS));
  }
}

/** Waits until the exchange has sent all of its recording and the database holds as many frames. */
async function untilStored(instance: Instance, timeoutMs: number): Promise<SentSeries[]> {
  return vi.waitFor(
    async () => {
      const { finished } = await instance.exchange<{ finished: boolean }>('/accounting');
      expect(finished).toBe(true);
      const sent = await instance.sent();
      expect(depthSeries(await storedDepth(instance))).toEqual(depthSeries(sent));
      const ticks = sent.filter(({ feed }) => feed === 'kite').reduce((sum, { frames }) => sum + frames, 0);
      const [stored] = await instance.sql<{ count: number }>('SELECT count(*)::integer AS count FROM gehra.ticks');
      expect(stored?.count).toBe(ticks);
      return sent;
    },
    { timeout: timeoutMs, interval: 1000 },
  );
}

let instance: Instance | undefined;
afterEach(async () => {
  await instance?.stop();
  instance = undefined;
});

describeWithShared('data', 'recorded markets', () => {
  it('a whole day of Shanghai 600536, as fast as the pipeline takes it', { timeout: 240_000 }, async () => {
    const recording = sharedPath('data', 'sse-l3-20230711', '600536sh_events.csv.gz');
    instance = await Instance.start(['--market', `replay:${recording}`, '--speed', 'max']);
    const sent = await untilStored(instance, 200_000);
    // 52,179 distinct times at which the book changed, both sides each.
    expect(sent.find(({ feed, kind }) => feed === 'dhan-depth200' && kind === 'bid')?.frames).toBeGreaterThan(52_000);

    const books = referenceBooks(['sse-l3-20230711', '600536sh_ref_book200_10min.csv.gz'], 'ms', 'S', 1);
    expect(books.length).toBe(23);
    await expectReferenceBooks(instance, books, true);
    const [{ rejected } = { rejected: -1 }] = await instance.sql<{ rejected: number }>(
      'SELECT count(*)::integer AS rejected FROM gehra.quarantine',
    );
    expect(rejected).toBe(0);
  });

  it('a Binance spot session, a minute at its own pace and the rest at twenty times', {
    timeout: 300_000,
  }, async () => {
    const recording = sharedPath('data', 'binance-spot-ethusdt-20240808', 'raw.jsonl.gz');
    instance = await Instance.start(['--market', `replay:${recording}`, '--speed', '1']);
    const { market_us: startUs } = await instance.exchange<{ market_us: number }>('/accounting');
    await vi.waitFor(
      async () => {
        const { market_us: nowUs } = await (instance as Instance).exchange<{ market_us: number }>('/accounting');
        expect(nowUs - startUs).toBeGreaterThan(60_000_000);
      },
      { timeout: 100_000, interval: 1000 },
    );
    await instance.control('speed', { speed: 20 });
    await untilStored(instance, 120_000);

    const books = referenceBooks(['binance-spot-ethusdt-20240808', 'ref_book200_60s.csv.gz'], 'recv_ns', 'A', 10_000);
    expect(books.length).toBe(11);
    await expectReferenceBooks(instance, books, false);
  });
});
