/** Where a replay is read from: the journal of this machine, or the database. */
import type pg from 'pg';
import { type RecordedBy, recordedBy, storedRecords } from '../../db/replay.ts';
import type { REPLAY_SOURCES } from '../api/replays.ts';
import { type Feed, feedById, isImportFeed } from '../core/feeds.ts';
import type { Instrument } from '../core/instrument.ts';
import { decodeEvent } from '../decode/feed-decoder.ts';
import { RECORD } from '../journal/format.ts';
import { JournalCursor } from '../journal/reader.ts';
import { journalEntries, journalsAt } from '../replay/journal.ts';
import { EntryCollector } from '../replay/records.ts';
import { mergeSources, type ReplayInterval, type ReplaySource } from '../replay/source.ts';

export type ReplaySourceName = (typeof REPLAY_SOURCES)[number];

export interface ReplayPlaces {
  /** Null: the journal alone. */
  readonly db: pg.Pool | null;
  readonly journalDir: string;
}

export interface FoundReplay {
  readonly source: 'journal' | 'database';
  /** Feeds that it is made of. */
  readonly feedIds: readonly number[];
  /** Instruments that it has; null where only reading the journal tells. */
  readonly instrumentIds: readonly number[] | null;
  /** Entries from an instant of the interval on. */
  open(fromUs: number, onInstruments?: (instruments: readonly Instrument[]) => void): ReplaySource;
}

/**
 * Finds what an interval can be replayed from. By itself the journal is taken where it reaches back to the first stored row of
 * every feed, or where nothing is stored; else the database. Imported sessions stand in the database alone, and are taken only
 * where no live feed recorded: they are never mixed.
 *
 * @returns null where nothing was recorded
 */
export async function findReplay(
  { db, journalDir }: ReplayPlaces,
  interval: ReplayInterval,
  wanted: ReplaySourceName,
): Promise<FoundReplay | null> {
  const ids = interval.instrumentIds === null ? null : [...interval.instrumentIds];
  const stored = db ? oneKind(await recordedBy(db, ids, interval.fromUs, interval.toUs)) : [];
  const feeds = wanted === 'database' ? [] : await journalFeeds(journalDir, interval, stored, wanted === 'auto');
  if (feeds.length > 0) {
    return {
      source: 'journal',
      feedIds: feeds.map(({ id }) => id),
      instrumentIds: ids,
      open: (fromUs, onInstruments) =>
        mergeSources(feeds.map((feed) => journalEntries(journalDir, feed, { ...interval, fromUs }, onInstruments))),
    };
  }
  if (wanted === 'journal' || stored.length === 0 || !db) return null;
  const feedIds = [...new Set(stored.map(({ feedId }) => feedId))];
  return {
    source: 'database',
    feedIds,
    instrumentIds: [...new Set(stored.map(({ instrumentId }) => instrumentId))],
    open: (fromUs) =>
      mergeSources(
        feedIds.map((feedId) => {
          const instrumentIds = stored.filter((one) => one.feedId === feedId).map(({ instrumentId }) => instrumentId);
          return storedEntries(db, { feedId, instrumentIds, fromUs, toUs: interval.toUs });
        }),
      ),
  };
}

/** Live feeds where there are any, else of each instrument the session imported last. */
function oneKind(stored: readonly RecordedBy[]): RecordedBy[] {
  const live = stored.filter(({ feedId }) => !isImportFeed(feedId));
  if (live.length > 0) return live;
  const newest = new Map<number, RecordedBy>();
  for (const one of stored) newest.set(one.instrumentId, one);
  return [...newest.values()];
}

/** @param mustHoldAll whether a journal that lacks what is stored is no source */
async function journalFeeds(
  dir: string,
  { fromUs, toUs, instrumentIds }: ReplayInterval,
  stored: readonly RecordedBy[],
  mustHoldAll: boolean,
): Promise<Feed[]> {
  if (stored.some(({ feedId }) => isImportFeed(feedId))) return [];
  const begun = new Map(journalsAt(dir, toUs).map(({ feed, firstUs }) => [feed.id, firstUs]));
  if (stored.length > 0) {
    const held = stored.filter(({ feedId, firstUs }) => (begun.get(feedId) ?? Number.POSITIVE_INFINITY) <= firstUs);
    if (mustHoldAll && held.length < stored.length) return [];
    return [...new Set(held.map(({ feedId }) => feedId))].map(feedById);
  }
  const feeds: Feed[] = [];
  for (const id of begun.keys()) {
    const feed = feedById(id);
    if (await names(dir, feed, fromUs, instrumentIds)) feeds.push(feed);
  }
  return feeds;
}

/** Whether the journal says, around an instant, that the feed is asked for any of these. */
async function names(
  dir: string,
  { name }: Feed,
  fromUs: number,
  instrumentIds: ReadonlySet<number> | null,
): Promise<boolean> {
  if (instrumentIds === null) return true;
  for (const { kind, payload } of await new JournalCursor(dir, name, fromUs - 1).next()) {
    if (kind !== RECORD.event) continue;
    const event = decodeEvent(payload);
    if ('instruments' in event && event.instruments.some(({ id }) => instrumentIds.has(id))) return true;
  }
  return false;
}

async function* storedEntries(
  db: pg.Pool,
  query: { feedId: number; instrumentIds: readonly number[]; fromUs: number; toUs: number },
): ReplaySource {
  const collector = new EntryCollector(query.feedId);
  for await (const _ of storedRecords(db, query, collector)) yield collector.take();
}
