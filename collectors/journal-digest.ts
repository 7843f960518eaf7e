/** What a feed's journal decodes to, as a hash: equal hashes, equal rows. */
import { createHash } from 'node:crypto';
import type { Feed } from '../lib/core/feeds.ts';
import { FeedDecoder, type FrameDecoder } from '../lib/decode/feed-decoder.ts';
import { JournalCursor } from '../lib/journal/reader.ts';

export interface JournalDigest {
  readonly records: number;
  /** Those that the stream, and so the database, would be given. */
  readonly entries: number;
  /** SHA-256, hexadecimal, of the stamps and bytes of all entries, in order. */
  readonly sha256: string;
}

/**
 * Goes through the whole journal of a feed as the collector does (decoding, enriching, making entries).
 * @throws JournalDamageError where some of it cannot be read: no hash of a part
 */
export async function digestJournal(journalDir: string, feed: Feed, frames: FrameDecoder): Promise<JournalDigest> {
  const decoder = new FeedDecoder(feed, frames);
  const cursor = new JournalCursor(journalDir, feed.name, 0);
  const hash = createHash('sha256');
  const stamp = Buffer.alloc(8);
  let records = 0;
  let entries = 0;
  for (let next = await cursor.next(); next.length > 0; next = await cursor.next()) {
    for (const { stampUs, kind, payload } of next) {
      records += 1;
      const entry = decoder.take(stampUs, kind, payload);
      if (!entry) continue;
      entries += 1;
      stamp.writeDoubleLE(stampUs);
      hash.update(stamp).update(entry);
    }
  }
  return { records, entries, sha256: hash.digest('hex') };
}
