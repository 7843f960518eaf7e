/**
 * Several feeds as one sequence in (stamp, feed) order. An entry is given once every feed has passed its stamp, which
 * feeds say even when they are idle, by marks. A feed silent for SILENT_US is left out of that waiting until it speaks
 * again. What it then says of the time that has been given already is in no sequence; it is told as missed, so that whoever
 * merges the same again can leave out the same.
 */

/** Feeds mark their streams every 100 ms: a feed that has not for this long is not there. */
export const SILENT_US = 2_000_000;

/** Entries waiting for the slowest feed, at most; beyond it the slowest is left out at once. */
const WAITING_MAX = 100_000;

export interface MergedEntry<T> {
  readonly feedId: number;
  readonly stampUs: number;
  readonly value: T;
}

/** A feed was left out of the waiting, or taken in again. */
export interface MergeDecision {
  readonly feedId: number;
  readonly atUs: number;
  readonly included: boolean;
}

/** Entries of a feed that came too late, both ends included. */
export interface MissedFrames {
  readonly feedId: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** How far a merge has come. */
export interface Merged {
  /** By feed: stamp of its newest entry that was given, µs. */
  readonly lookedUs: ReadonlyMap<number, number>;
  /** Of all feeds. */
  readonly givenUs: number;
}

/** Tells of each entry whether it is among what was missed. */
export function missedTest(missed: readonly MissedFrames[]): (feedId: number, stampUs: number) => boolean {
  const byFeed = new Map<number, MissedFrames[]>();
  for (const one of missed) byFeed.set(one.feedId, [...(byFeed.get(one.feedId) ?? []), one]);
  return (feedId, stampUs) =>
    byFeed.get(feedId)?.some(({ fromUs, toUs }) => stampUs >= fromUs && stampUs <= toUs) ?? false;
}

interface FeedQueue<T> {
  readonly entries: { stampUs: number; value: T }[];
  /** Stamp of the newest entry or mark. */
  passedUs: number;
  included: boolean;
}

export class StampMerge<T> {
  private readonly feeds = new Map<number, FeedQueue<T>>();
  private waiting = 0;
  /** Stamp up to which entries have been given: what comes later with an earlier stamp comes too late. */
  private givenUs = 0;
  private missed: MissedFrames[] = [];
  private readonly wasMissed: (feedId: number, stampUs: number) => boolean;

  /**
   * Begins anew, or merges again what was merged before.
   *
   * @param missedBefore what was missed then: it is left out again
   * @param before how far it had come then: what had not been there by then comes too late now as well
   */
  constructor(
    missedBefore: readonly MissedFrames[] = [],
    private readonly before: Merged = { lookedUs: new Map(), givenUs: 0 },
  ) {
    this.wasMissed = missedTest(missedBefore);
  }

  /** Adds entries of a feed, oldest first. */
  push(feedId: number, entries: readonly { stampUs: number; value: T }[]): void {
    const feed = this.feed(feedId);
    let wasLate = false;
    for (const entry of entries) {
      feed.passedUs = entry.stampUs;
      if (this.wasMissed(feedId, entry.stampUs)) continue;
      const late = this.isLate(feedId, entry.stampUs);
      if (late) {
        const goesOn = wasLate ? this.missed.pop() : undefined;
        this.missed.push({ feedId, fromUs: goesOn?.fromUs ?? entry.stampUs, toUs: entry.stampUs });
      }
      wasLate = late;
      if (late) continue;
      feed.entries.push(entry);
      this.waiting += 1;
    }
  }

  /** What came too late since this was asked last. */
  takeMissed(): MissedFrames[] {
    return this.missed.splice(0);
  }

  /** Takes what is due at `nowUs` (wall clock, or the recorded one in a replay), in order. */
  advance(nowUs: number): { entries: MergedEntry<T>[]; decisions: MergeDecision[] } {
    const decisions: MergeDecision[] = [];
    for (const [feedId, feed] of this.feeds) {
      const included = nowUs - feed.passedUs <= SILENT_US && this.waiting <= WAITING_MAX;
      if (included === feed.included) continue;
      feed.included = included;
      decisions.push({ feedId, atUs: nowUs, included });
    }
    let watermarkUs = Number.POSITIVE_INFINITY;
    for (const feed of this.feeds.values()) if (feed.included) watermarkUs = Math.min(watermarkUs, feed.passedUs);
    if (watermarkUs === Number.POSITIVE_INFINITY) watermarkUs = nowUs;

    const entries: MergedEntry<T>[] = [];
    for (const [feedId, feed] of this.feeds) {
      let due = 0;
      while (due < feed.entries.length && (feed.entries[due] as { stampUs: number }).stampUs <= watermarkUs) due += 1;
      for (const entry of feed.entries.splice(0, due)) entries.push({ feedId, ...entry });
    }
    this.waiting -= entries.length;
    this.givenUs = Math.max(
      this.givenUs,
      entries.reduce((last, { stampUs }) => Math.max(last, stampUs), 0),
    );
    entries.sort((a, b) => a.stampUs - b.stampUs || a.feedId - b.feedId);
    return { entries, decisions };
  }

  private isLate(feedId: number, stampUs: number): boolean {
    const { lookedUs, givenUs } = this.before;
    return stampUs <= this.givenUs || (stampUs <= givenUs && stampUs > (lookedUs.get(feedId) ?? 0));
  }

  private feed(feedId: number): FeedQueue<T> {
    let feed = this.feeds.get(feedId);
    if (!feed) {
      feed = { entries: [], passedUs: 0, included: true };
      this.feeds.set(feedId, feed);
    }
    return feed;
  }
}
