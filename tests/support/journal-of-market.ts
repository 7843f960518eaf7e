/** The journals of a market that runs in process (bench/signals/market-run.ts), as the collectors would have written them. */
import pino from 'pino';
import type { MarketRun } from '../../bench/signals/market-run.ts';
import { feedById } from '../../lib/core/feeds.ts';
import { encodeEvent, FeedDecoder } from '../../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { JournalWriter } from '../../lib/journal/writer.ts';
import { journalEntries } from '../../lib/replay/journal.ts';
import { mergeSources, type ReplayEntry } from '../../lib/replay/source.ts';

/** Feeds of the ticks and of the books. */
export const MARKET_FEEDS = [feedById(1), feedById(31)];
const SEGMENT_BYTES = 64 * 1024 * 1024;
const ALL = { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER, instrumentIds: null };

/** A journal of both feeds, as the collectors write it. */
export function journalIn(folder: string): {
  readonly append: NonNullable<MarketRun['onRecord']>;
  replay(): Promise<ReplayEntry[]>;
} {
  const log = pino({ level: 'silent' });
  const writers = new Map(
    MARKET_FEEDS.map((feed) => {
      const opening = (): Buffer => encodeEvent(new FeedDecoder(feed, newFrameDecoder(feed)).checkpoint());
      const settings = { dir: folder, feed, segmentBytes: SEGMENT_BYTES, log, opening, nowMs: () => 0 };
      return [feed.id, new JournalWriter(settings, 0)] as const;
    }),
  );
  let records = 0;
  /** Stamps of what a feed has appended and not flushed yet. */
  const spans = new Map<number, { fromUs: number; toUs: number }>();
  const flush = (): void => {
    for (const [feedId, { fromUs, toUs }] of spans) writers.get(feedId)?.flush(fromUs, toUs);
    spans.clear();
  };
  return {
    append: (feedId, stampUs, kind, payload) => {
      writers.get(feedId)?.append(stampUs, kind, payload);
      records += 1;
      spans.set(feedId, { fromUs: spans.get(feedId)?.fromUs ?? stampUs, toUs: stampUs });
      if (records % 200 === 0) flush();
    },
    replay: async () => {
      flush();
      for (const writer of writers.values()) writer.close();
      const entries: ReplayEntry[] = [];
      const sources = MARKET_FEEDS.map((feed) => journalEntries(folder, feed, ALL));
      for await (const some of mergeSources(sources)) entries.push(...some);
      return entries;
    },
  };
}
