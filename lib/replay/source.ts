/** What a replay reads: the entries that the streams carried, of several feeds in one order. */
import type { StreamEntry } from '../queue/streams.ts';

/** What of the past is wanted. */
export interface ReplayInterval {
  /** µs since the epoch. */
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Null: all. Entries may hold others beside them. */
  readonly instrumentIds: ReadonlySet<number> | null;
}

export interface ReplayEntry extends StreamEntry {
  readonly feedId: number;
}

/**
 * Entries of an interval, in batches, by stamp and feed. What leads up to `fromUs` comes first, so that who takes it all in
 * knows the books and the last ticks as they stood then: told by its stamps.
 */
export type ReplaySource = AsyncGenerator<readonly ReplayEntry[], void, undefined>;

interface Head {
  readonly source: ReplaySource;
  entries: readonly ReplayEntry[];
  at: number;
}

/** Several feeds, each in the order of its stamps, as one; of the same stamp the lower feed first. */
export async function* mergeSources(sources: readonly ReplaySource[]): ReplaySource {
  const heads: Head[] = sources.map((source) => ({ source, entries: [], at: 0 }));
  try {
    for (const head of heads) await refill(head);
    for (;;) {
      const open = heads.filter(({ entries }) => entries.length > 0);
      if (open.length === 0) return;
      // Up to the earliest end of a batch nothing earlier can come from anywhere.
      const limitUs = Math.min(...open.map(({ entries }) => (entries.at(-1) as ReplayEntry).stampUs));
      const ready: ReplayEntry[] = [];
      for (const head of open) {
        for (; head.at < head.entries.length; head.at += 1) {
          const entry = head.entries[head.at] as ReplayEntry;
          if (entry.stampUs > limitUs) break;
          ready.push(entry);
        }
        if (head.at === head.entries.length) await refill(head);
      }
      yield ready.sort((a, b) => a.stampUs - b.stampUs || a.feedId - b.feedId);
    }
  } finally {
    for (const { source } of heads) await source.return();
  }
}

/** The next batch that is not empty; none where the source has ended. */
async function refill(head: Head): Promise<void> {
  head.at = 0;
  for (;;) {
    const { value } = await head.source.next();
    head.entries = value ?? [];
    if (!value || value.length > 0) return;
  }
}
