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

/** A journal of both feeds. */
export function journalIn(folder: string): {
  readonly append: NonNullable<MarketRun['onRecord']>;
  replay(): Promise<ReplayEntry[]>;
} {
  const log = pino({ level: 'silent' });
  const journals = new Map(
    MARKET_FEEDS.map((feed) => {
      const decoder = new FeedDecoder(feed, newFrameDecoder(feed));
      // Each segment begins with what is known before its first record.
      const opening = (): Buffer => encodeEvent(decoder.checkpoint());
      const settings = { dir: folder, feed, segmentBytes: SEGMENT_BYTES, log, opening, nowMs: () => 0 };
      return [feed.id, { decoder, writer: new JournalWriter(settings, 0) }] as const;
    }),
  );
  return {
    append: (feedId, stampUs, kind, payload) => {
      const journal = journals.get(feedId);
      journal?.writer.append(stampUs, kind, payload);
      journal?.writer.flush(stampUs, stampUs);
      journal?.decoder.take(stampUs, kind, payload);
    },
    replay: async () => {
      for (const { writer } of journals.values()) writer.close();
      const entries: ReplayEntry[] = [];
      const sources = MARKET_FEEDS.map((feed) => journalEntries(folder, feed, ALL));
      for await (const some of mergeSources(sources)) entries.push(...some);
      return entries;
    },
  };
}
