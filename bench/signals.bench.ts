/** What the detectors cost: entries of a made-up market, as the worker takes them off the queue. */
import { feedById } from '../lib/core/feeds.ts';
import { FeedDecoder } from '../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../lib/decode/frame-decoders.ts';
import { Detectors } from '../workers/signals/detectors.ts';
import { runMarket } from './signals/market-run.ts';
import type { Bench, Metrics } from './support/bench.ts';

const BOOKS_PER_SECOND = 40;
const INSTRUMENTS = [0, 1, 2, 3, 4] as const;
/** Detectors say nothing before they know what is usual, and cost less: that time is not counted. */
const WARM_UP_S = 300;
const SECONDS = 420;

interface Entry {
  readonly feedId: number;
  readonly stampUs: number;
  readonly bytes: Buffer;
}

/** What the queue would hold of an instrument at 40 books and ticks a second. */
function entriesOf(instrument: number): Entry[] {
  const entries: Entry[] = [];
  const decoders = new Map<number, FeedDecoder>();
  runMarket({
    seed: 11,
    framesPerSecond: BOOKS_PER_SECOND,
    seconds: SECONDS,
    eventsPerMinute: 0,
    instrument,
    onRecord(feedId, stampUs, kind, payload) {
      const feed = feedById(feedId);
      const decoder = decoders.get(feedId) ?? new FeedDecoder(feed, newFrameDecoder(feed));
      decoders.set(feedId, decoder);
      const bytes = decoder.take(stampUs, kind, payload);
      if (bytes) entries.push({ feedId, stampUs, bytes: Buffer.from(bytes) });
    },
  });
  return entries;
}

function measure(): Metrics {
  const all = INSTRUMENTS.flatMap((instrument) => {
    const detectors = new Detectors();
    return entriesOf(instrument).map((entry) => ({ ...entry, detectors }));
  }).sort((a, b) => a.stampUs - b.stampUs);
  const countedUs = (all[0]?.stampUs ?? 0) + WARM_UP_S * 1_000_000;
  let from: NodeJS.CpuUsage | null = null;
  for (const { feedId, stampUs, bytes, detectors } of all) {
    if (from === null && stampUs >= countedUs) from = process.cpuUsage();
    detectors.take(feedId, stampUs, bytes);
  }
  const { user, system } = process.cpuUsage(from ?? undefined);
  const seconds = SECONDS - WARM_UP_S;
  const books = INSTRUMENTS.length * BOOKS_PER_SECOND * seconds;
  return { 'µs/book': (user + system) / books, '% of a core': (user + system) / seconds / 10_000 };
}

const signals: Bench = {
  name: 'signals',
  what: 'Five instruments at 40 books of 200 levels a side and 40 ticks a second, through all detectors',
  worse: 'At a quarter of a core for five instruments, a machine of two cores has none left for a watchlist of twenty.',
  measures: [
    { goal: 'signals-book', metric: 'µs/book', variant: 'detectors' },
    { goal: 'signals-core', metric: '% of a core', variant: 'detectors' },
  ],
  variants: [
    {
      name: 'detectors',
      what: 'entries decoded and shown to all eighteen detectors; without Redis and the database.',
      run: measure,
    },
  ],
};

export const benches = [signals];
