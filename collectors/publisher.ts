/**
 * Brings the entries of one feed into its stream, in order and without a hole, whatever happens to Redis.
 *
 * The script that appends checks where the stream ends, so what a lost answer leaves open is settled by looking. Where
 * the stream lost entries (or is empty), or where more waits here than may be held in memory, they are made again from
 * the journal; until its end is reached, live entries are left to the journal too.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Feed } from '../lib/core/feeds.ts';
import { encodeEvent, type FeedDecoder } from '../lib/decode/feed-decoder.ts';
import { type JournalRecord, RECORD } from '../lib/journal/format.ts';
import { JournalCursor } from '../lib/journal/reader.ts';
import { JournalDamageError } from '../lib/journal/sealed-file.ts';
import type { Log } from '../lib/obs/log.ts';
import { violated } from '../lib/obs/metrics.ts';
import type { StreamAppender, StreamEntry } from '../lib/queue/streams.ts';

/** One append takes at most so many entries and bytes: a script runs while Redis does nothing else. */
const BATCH_ENTRIES = 256;
const BATCH_BYTES = 1024 * 1024;
/** What may wait in memory, bytes: at 40 frames/s of 0.7 kB that is 20 minutes. Beyond it the journal holds it. */
export const OUTBOX_BYTES_MAX = 32 * 1024 * 1024;
/** After a failure Redis is asked again this often. */
const RETRY_MS = 200;
/** An idle stream is given a mark this often, so that its readers know that they have everything. */
const MARK_MS = 100;
/** At the end, what waits is given this long to get out. */
const DRAIN_MS = 3000;

export interface PublisherOptions {
  readonly feed: Feed;
  readonly appender: StreamAppender;
  readonly outboxBytesMax: number;
  readonly journalDir: string;
  /** Stamp of the last record in the journal. */
  readonly journalEndUs: () => number;
  /** A decoder that has seen nothing yet. */
  readonly newDecoder: () => FeedDecoder;
  /** An entry that only says "you have everything up to here"; null while something with an earlier stamp is to come. */
  readonly mark: () => StreamEntry | null;
  /** Why nothing may be published now (the streams take too much memory), or null. */
  readonly heldBack: () => string | null;
  /** Entries that the journal does not have were dropped: from `sinceUs` on not everything is known. */
  readonly onDiscard: (sinceUs: number) => void;
  /** The stream has taken so many entries; the first of them was stamped `oldestUs`. */
  readonly onPublished: (entries: number, oldestUs: number) => void;
  readonly log: Log;
}

interface OutboxEntry extends StreamEntry {
  readonly journalled: boolean;
  /** From when on not everything is known where this is lost. */
  readonly sinceUs: number;
}

export class Publisher {
  private outbox: OutboxEntry[] = [];
  private outboxBytes = 0;
  /** End of the stream as far as we know; null: it has to be looked up. */
  private endUs: number | null = null;
  /** The last entry that the stream is known to have taken from this process. */
  private publishedUs: number | null = null;
  private readonly journalAtStartUs: number;
  /** Entries were left out of the outbox: the journal has to be read. */
  private outboxHasHole = true;
  private catchUp: CatchUp | null = null;
  private wake: (() => void) | null = null;
  private stopping = false;
  private loop: Promise<void> | null = null;
  private markTimer: NodeJS.Timeout | null = null;
  private failedSince = 0;

  /** Why nothing gets into the stream; null while it does. */
  failure: string | null = 'not connected to Redis yet';
  published = 0;

  constructor(private readonly options: PublisherOptions) {
    this.journalAtStartUs = options.journalEndUs();
  }

  start(): void {
    this.loop = this.run();
    this.markTimer = setInterval(() => this.offerMark(), MARK_MS);
  }

  /**
   * Hands over the next entry, in the order of the stamps.
   *
   * @param journalled the journal holds what it was made from
   * @param sinceUs from when on not everything is known where it is lost
   * @returns whether it was kept, here or by the journal
   */
  offer(stampUs: number, bytes: Buffer, journalled: boolean, sinceUs: number): boolean {
    if (!this.outboxHasHole) {
      this.push({ stampUs, bytes, journalled, sinceUs });
      if (this.outboxBytes > this.options.outboxBytesMax) this.leaveToJournal();
      this.wake?.();
    } else if (!journalled) this.options.onDiscard(sinceUs);
    return journalled || !this.outboxHasHole;
  }

  /** Entries waiting in memory; -1 where the journal is being caught up with. */
  get waiting(): number {
    return this.outboxHasHole ? -1 : this.outbox.length;
  }

  async stop(): Promise<void> {
    if (this.markTimer) clearInterval(this.markTimer);
    const until = performance.now() + DRAIN_MS;
    while ((this.outbox.length > 0 || this.catchUp) && this.failure === null && performance.now() < until) {
      await delay(10);
    }
    this.stopping = true;
    this.wake?.();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const heldBack = this.options.heldBack();
      try {
        if (heldBack !== null) {
          this.fail(heldBack);
          await delay(RETRY_MS);
        } else if (this.endUs === null) {
          await this.findEnd();
        } else if (this.outbox.length > 0) {
          await this.publishBatch(this.endUs);
        } else if (this.catchUp) {
          await this.readJournal(this.catchUp);
        } else {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          this.wake = null;
        }
      } catch (error) {
        this.fail(error instanceof Error ? error.message : String(error));
        this.endUs = null;
        await delay(RETRY_MS);
      }
    }
  }

  private async publishBatch(endUs: number): Promise<void> {
    let count = 0;
    let bytes = 0;
    while (count < this.outbox.length && count < BATCH_ENTRIES && bytes < BATCH_BYTES) {
      bytes += (this.outbox[count] as OutboxEntry).bytes.length;
      count += 1;
    }
    const { appended, lastUs, refused } = await this.options.appender.append(
      this.options.feed,
      endUs,
      this.outbox.slice(0, count),
    );
    if (appended > 0) {
      this.options.onPublished(appended, (this.outbox[0] as OutboxEntry).stampUs);
      this.dropThrough(lastUs);
      this.publishedUs = lastUs;
      this.endUs = lastUs;
      this.published += appended;
    }
    if (refused === 'end_moved') this.endUs = null;
    else if (refused !== null) throw new Error(refused);
    else this.recovered();
  }

  /** Finds out where the stream ends and from where on entries have to be made again. */
  private async findEnd(): Promise<void> {
    const { feed, appender, journalEndUs, log } = this.options;
    const streamUs = await appender.lastStamp(feed);
    const tookPrefix = this.publishedUs === streamUs || this.outbox.some(({ stampUs }) => stampUs === streamUs);
    if (!this.outboxHasHole && !this.catchUp && this.publishedUs !== null && tookPrefix) {
      this.dropThrough(streamUs);
      this.publishedUs = streamUs;
      this.endUs = streamUs;
      return;
    }
    let fromUs = streamUs;
    if (fromUs < journalEndUs()) {
      const writtenUs = await appender.writtenUpTo(feed);
      // Something of ours may be in the database already; to publish all of the journal again would be a long detour.
      if (writtenUs === null && streamUs === 0 && (this.journalAtStartUs > 0 || this.publishedUs !== null)) {
        throw new Error('the stream is empty and no writer has said yet how far the database is');
      }
      fromUs = Math.max(streamUs, writtenUs ?? 0);
    }
    this.leaveToJournal();
    this.endUs = streamUs;
    this.catchUp = new CatchUp(this.options, fromUs);
    log.info({ event: 'catching_up', feed: feed.name, fromUs, journalEndUs: journalEndUs(), streamUs });
  }

  private async readJournal(catchUp: CatchUp): Promise<void> {
    if (catchUp.readUs < this.options.journalEndUs()) {
      const { entries, progressed } = await catchUp.next();
      for (const entry of entries) this.push({ ...entry, journalled: true, sinceUs: entry.stampUs });
      if (!progressed) await delay(RETRY_MS);
    }
    // Nothing can be journalled between this look and the next line: both stand in one turn of the event loop.
    if (catchUp.readUs < this.options.journalEndUs()) return;
    this.catchUp = null;
    this.outboxHasHole = false;
    this.recovered();
  }

  /** Gives up what waits in memory: it is made again from the journal. */
  private leaveToJournal(): void {
    const lost = this.outbox.filter(({ journalled }) => !journalled);
    this.outbox = [];
    this.outboxBytes = 0;
    this.outboxHasHole = true;
    this.endUs = null;
    if (lost.length === 0) return;
    // Not always the first: the end of an earlier gap may be among them.
    this.options.onDiscard(lost.reduce((least, { sinceUs }) => Math.min(least, sinceUs), Number.POSITIVE_INFINITY));
  }

  private offerMark(): void {
    if (this.outboxHasHole || this.endUs === null || this.outbox.length > 0) return;
    const mark = this.options.mark();
    if (mark) this.offer(mark.stampUs, mark.bytes, true, mark.stampUs);
  }

  private push(entry: OutboxEntry): void {
    this.outbox.push(entry);
    this.outboxBytes += entry.bytes.length;
  }

  private dropThrough(stampUs: number): void {
    let count = 0;
    while (count < this.outbox.length && (this.outbox[count] as OutboxEntry).stampUs <= stampUs) {
      this.outboxBytes -= (this.outbox[count] as OutboxEntry).bytes.length;
      count += 1;
    }
    this.outbox.splice(0, count);
  }

  private fail(reason: string): void {
    if (this.failure === null) {
      this.failedSince = performance.now();
      this.options.log.warn({ event: 'publishing_stopped', feed: this.options.feed.name, reason });
    }
    this.failure = reason;
  }

  private recovered(): void {
    if (this.failure === null) return;
    const { feed, log } = this.options;
    if (this.failedSince > 0) {
      const seconds = Math.round((performance.now() - this.failedSince) / 100) / 10;
      log.info({ event: 'publishing_resumed', feed: feed.name, afterS: seconds });
    }
    this.failure = null;
  }
}

/** Makes entries again from the journal. */
class CatchUp {
  private readonly decoder: FeedDecoder;
  private readonly cursor: JournalCursor;
  /** Stamp of the last record read. */
  readUs: number;

  constructor(
    private readonly options: PublisherOptions,
    private readonly fromUs: number,
  ) {
    const { feed, journalDir, newDecoder } = options;
    this.decoder = newDecoder();
    this.cursor = new JournalCursor(journalDir, feed.name, fromUs);
    this.readUs = fromUs;
  }

  /** The next entries; `progressed` is false where the journal gave nothing more. */
  async next(): Promise<{ entries: StreamEntry[]; progressed: boolean }> {
    const records = await this.read();
    const entries: StreamEntry[] = [];
    for (const { stampUs, kind, payload } of records) {
      const bytes = this.decoder.take(stampUs, kind, payload);
      if (stampUs <= this.fromUs) continue;
      if (bytes) entries.push({ stampUs, bytes });
      this.readUs = stampUs;
    }
    return { entries, progressed: records.length > 0 };
  }

  /** The next records; a gap for those that cannot be read any more. */
  private async read(): Promise<JournalRecord[]> {
    try {
      return await this.cursor.next();
    } catch (error) {
      if (!(error instanceof JournalDamageError)) throw error;
      const { feed, log } = this.options;
      violated('journal_damaged');
      log.error({ event: 'journal_damaged', feed: feed.name, reason: error.message });
      const gap = { fromUs: this.readUs, cause: 'discarded' } as const;
      // Before what was asked for, or so much that its end is not known.
      if (error.lastUs <= this.readUs + 1) return this.read();
      return [
        { stampUs: error.lastUs - 1, kind: RECORD.event, payload: encodeEvent({ type: 'gap_opened', ...gap }) },
        {
          stampUs: error.lastUs,
          kind: RECORD.event,
          payload: encodeEvent({ type: 'gap_closed', toUs: error.lastUs, ...gap }),
        },
      ];
    }
  }
}
