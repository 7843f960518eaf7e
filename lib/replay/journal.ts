/** A feed's journal gone through again, by the decoder that went through its frames when they came. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Feed } from '../core/feeds.ts';
import { FEEDS } from '../core/feeds.ts';
import type { Instrument } from '../core/instrument.ts';
import { decodeEvent, FeedDecoder } from '../decode/feed-decoder.ts';
import { newFrameDecoder } from '../decode/frame-decoders.ts';
import { RECORD } from '../journal/format.ts';
import { JournalCursor, listSegments } from '../journal/reader.ts';
import type { ReplayEntry, ReplayInterval, ReplaySource } from './source.ts';

/** Frames decoded at a stretch, a few ms: who replays shares the process with live streams. */
const RECORDS_A_TURN = 64;

/** Feeds whose journal begins at or before `us`, with the stamp that it begins at. */
export function journalsAt(dir: string, us: number): { readonly feed: Feed; readonly firstUs: number }[] {
  return FEEDS.flatMap((feed) => {
    const firstUs = listSegments(dir, feed.name)[0]?.firstStampUs;
    return firstUs !== undefined && firstUs <= us ? [{ feed, firstUs }] : [];
  });
}

/**
 * Entries of one feed's journal. It begins with the segment that holds `fromUs`: its first record has the decoder's state.
 *
 * @param onInstruments told whom the feed is asked for, as often as the journal says so
 */
export async function* journalEntries(
  dir: string,
  feed: Feed,
  { fromUs, toUs, instrumentIds }: ReplayInterval,
  onInstruments: (instruments: readonly Instrument[]) => void = () => undefined,
): ReplaySource {
  const decoder = new FeedDecoder(feed, newFrameDecoder(feed));
  const cursor = new JournalCursor(dir, feed.name, fromUs - 1);
  let wanted = instrumentIds === null;
  let decoded = 0;
  for (let records = await cursor.next(); records.length > 0; records = await cursor.next()) {
    const entries: ReplayEntry[] = [];
    for (const { stampUs, kind, payload } of records) {
      if (stampUs >= toUs) {
        yield entries;
        return;
      }
      if (kind === RECORD.event) {
        const event = decodeEvent(payload);
        if ('instruments' in event) {
          onInstruments(event.instruments);
          wanted = instrumentIds === null || event.instruments.some(({ id }) => instrumentIds.has(id));
        }
      } else if (!wanted) {
        // Frames of a feed that gives none of those wanted need not be decoded: that they came is all that a gap begins with.
        decoder.lastDataUs = stampUs;
        continue;
      }
      decoded += 1;
      if (decoded % RECORDS_A_TURN === 0) await nextTurn();
      const bytes = decoder.take(stampUs, kind, payload);
      if (bytes) entries.push({ feedId: feed.id, stampUs, bytes });
    }
    yield entries;
  }
}
