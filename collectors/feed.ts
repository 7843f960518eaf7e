/**
 * One feed from its raw frames to its stream: stamp, journal, decode, publish. It outlives its connections: a connection
 * hands frames in and reports when it has none.
 */
import type { MarketHours } from '../lib/calendar/hours.ts';
import type { Feed } from '../lib/core/feeds.ts';
import type { GapCause } from '../lib/core/gap.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { InstrumentTimes } from '../lib/core/instrument-times.ts';
import { createStamper } from '../lib/core/stamp.ts';
import { encodeEvent, FeedDecoder, type FeedEvent, type FrameDecoder } from '../lib/decode/feed-decoder.ts';
import { RECORD, type RecordKind } from '../lib/journal/format.ts';
import { JournalCursor, recoverJournal } from '../lib/journal/reader.ts';
import { JournalDamageError } from '../lib/journal/sealed-file.ts';
import { JournalWriter } from '../lib/journal/writer.ts';
import { monotonicMs } from '../lib/obs/clock.ts';
import type { Log } from '../lib/obs/log.ts';
import { violated } from '../lib/obs/metrics.ts';
import { EntryWriter } from '../lib/queue/entry.ts';
import type { StreamAppender } from '../lib/queue/streams.ts';
import type { WireErrorCode } from '../lib/wire/errors.ts';
import { type FeedMetrics, feedMetrics } from './metrics.ts';
import { Publisher } from './publisher.ts';

export interface FeedOptions {
  readonly feed: Feed;
  /** Those that it is to give first. */
  readonly instruments: readonly Instrument[];
  readonly newFrameDecoder: () => FrameDecoder;
  readonly appender: StreamAppender;
  readonly journalDir: string;
  readonly segmentBytes: number;
  /** Why nothing may be published now, or null. */
  readonly heldBack: () => string | null;
  /** Bytes that may wait in memory to be published. */
  readonly outboxBytesMax: number;
  /** When the market is open, as far as is known now. */
  readonly hours: () => MarketHours;
  /** Wall clock, µs since the epoch. */
  readonly nowUs: () => number;
  readonly log: Log;
}

interface TurnRecord {
  readonly stampUs: number;
  readonly kind: RecordKind;
  readonly payload: Buffer;
  /** It says where a gap begins or ends. */
  readonly isGap: boolean;
}

/** A kind of fault is logged at most this often; it is counted always. */
const FAULT_LOG_MS = 60_000;

export class FeedPipeline {
  private readonly decoder: FeedDecoder;
  private readonly journal: JournalWriter;
  private readonly publisher: Publisher;
  private readonly metrics: FeedMetrics;
  private readonly stamp: () => number;
  private readonly faultLoggedMs = new Map<WireErrorCode, number>();
  /** Records of this turn of the event loop: journalled together, then decoded. */
  private turn: TurnRecord[] = [];
  /** Of this turn or the one that is being decoded: until they are, whether a gap is open is not known. */
  private gapEventsWaiting = 0;
  /** What began while that was not known; decided when it is. */
  private gapBegins: { readonly cause: GapCause; readonly afterUs: number } | null = null;
  /** Since when what came was dropped, as long as no gap that says so was kept. */
  private droppedSinceUs: number | null = null;
  /** A gap says so, and nothing was dropped after it. */
  private droppedIsSaid = false;
  private instruments: readonly Instrument[];
  frames = 0;
  /** When each instrument was asked for and heard of. */
  readonly times: InstrumentTimes;
  /** When data last came, on the monotonic clock, ms; minus infinity where it never did. */
  lastDataMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly options: FeedOptions,
    decoder: FeedDecoder,
    journalEndUs: number,
    usedUs: number,
    times: InstrumentTimes,
  ) {
    this.times = times;
    const { feed, journalDir, segmentBytes, log, nowUs, appender, heldBack, outboxBytesMax, newFrameDecoder } = options;
    this.decoder = decoder;
    this.metrics = feedMetrics(feed);
    this.instruments = options.instruments;
    this.stamp = createStamper(nowUs, usedUs);
    this.journal = new JournalWriter(
      {
        dir: journalDir,
        feed,
        segmentBytes,
        log,
        opening: () => encodeEvent(this.decoder.checkpoint()),
        nowMs: monotonicMs,
      },
      journalEndUs,
    );
    this.publisher = new Publisher({
      feed,
      appender,
      outboxBytesMax,
      journalDir,
      journalEndUs: () => this.journal.lastStampUs,
      newDecoder: () => new FeedDecoder(feed, newFrameDecoder()),
      // What this turn brought has its stamp already, and gets into the stream at its end.
      mark: () => (this.turn.length > 0 ? null : { stampUs: this.stamp(), bytes: MARK }),
      heldBack,
      onDiscard: (sinceUs) => this.noteDropped(sinceUs),
      onPublished: (entries, oldestUs) => this.metrics.published(entries, nowUs() - oldestUs),
      log,
    });
  }

  /**
   * Opens the journal (a record torn by a crash is cut off), brings the decoder to where it was, and starts publishing.
   * A feed that had given data before has a gap since then.
   */
  static async open(options: FeedOptions): Promise<FeedPipeline> {
    const { feed, journalDir, newFrameDecoder, appender, log } = options;
    const { lastStampUs, cutBytes } = recoverJournal(journalDir, feed.name);
    if (cutBytes > 0) log.warn({ event: 'journal_tail_cut', feed: feed.name, bytes: cutBytes });
    const times = new InstrumentTimes();
    const decoder = new FeedDecoder(feed, newFrameDecoder(), times);
    await rebuild(decoder, new JournalCursor(journalDir, feed.name, lastStampUs), log);
    // Marks in the stream are not in the journal, and may be later than it where the clock was set back.
    const published = await Promise.all([appender.lastStamp(feed), appender.writtenUpTo(feed)]).catch(
      (error: Error) => {
        log.warn({ event: 'stream_end_unknown', feed: feed.name, reason: error.message });
        return [0];
      },
    );
    const usedUs = Math.max(lastStampUs, ...published.map((stampUs) => stampUs ?? 0));
    const pipeline = new FeedPipeline(options, decoder, lastStampUs, usedUs, times);
    pipeline.publisher.start();
    if (decoder.lastDataUs > 0) pipeline.openGap('collector_down');
    return pipeline;
  }

  get feed(): Feed {
    return this.options.feed;
  }

  get openGapFromUs(): number | null {
    return this.droppedSinceUs ?? this.decoder.openGap?.fromUs ?? null;
  }

  get rejects(): number {
    return this.decoder.rejects;
  }

  get journalFailure(): string | null {
    return this.journal.failure;
  }

  get publishFailure(): string | null {
    return this.publisher.failure;
  }

  get unpublished(): number {
    return this.publisher.waiting;
  }

  /** Takes in one raw frame. */
  frame(frame: Buffer): void {
    this.frames += 1;
    this.metrics.frame(frame.length);
    this.record(RECORD.frame, frame);
  }

  /**
   * Says that nothing has come since the last data, and why. Closed by the next data. In an open gap of the same session, or
   * of the same night, it does nothing; otherwise the time is divided into what was missed and what the market was closed.
   */
  openGap(cause: GapCause): void {
    const { decoder, instruments, turn } = this;
    if (turn.length > 0 || this.gapEventsWaiting > 0) {
      this.gapBegins = { cause, afterUs: turn.at(-1)?.stampUs ?? decoder.lastDataUs };
      return;
    }
    if (this.droppedSinceUs !== null) {
      this.sayDropped(this.droppedSinceUs, null);
      return;
    }
    if (decoder.lastDataUs === 0) return;
    const { openGap } = decoder;
    const fromUs = openGap?.fromUs ?? decoder.lastDataUs;
    const missed = cause === 'market_closed' && openGap ? openGap.cause : cause;
    const interval = { fromUs, toUs: this.options.nowUs() };
    const pieces = this.options.hours().divideGap(instruments, interval, missed, openGap?.cause ?? null);
    if (openGap && pieces.length < 2) return;
    if (pieces.length === 0) this.event({ type: 'gap_opened', fromUs, cause });
    pieces.forEach((piece, i) => {
      if (i > 0 || !openGap) this.event({ type: 'gap_opened', fromUs: piece.fromUs, cause: piece.cause });
      if (i < pieces.length - 1) this.event({ type: 'gap_closed', ...piece });
    });
  }

  /** Says, before it is given up for the night, that the market is closed. @returns false where it is not */
  noteClose(): boolean {
    if (this.options.hours().isInSession(this.instruments, this.options.nowUs())) return false;
    this.openGap('market_closed');
    return true;
  }

  /** Whether silence would be a fault now. */
  get dataExpected(): boolean {
    return this.options.hours().isDataExpected(this.instruments, this.options.nowUs());
  }

  /** Says which instruments the feed is asked for from now on. */
  setInstruments(instruments: readonly Instrument[]): void {
    this.instruments = instruments;
    this.times.ask(
      instruments.map(({ id }) => id),
      this.options.nowUs(),
    );
    this.event({ type: 'instruments', instruments });
  }

  async close(): Promise<void> {
    // What a turn brings may end or begin a gap, in another.
    while (this.turn.length > 0) this.endTurn();
    await this.publisher.stop();
    this.journal.close();
  }

  private event(event: FeedEvent): void {
    if (event.type === 'gap_opened') this.metrics.gap(event.cause);
    if (event.type === 'instruments') this.record(RECORD.event, encodeEvent(event));
    else this.gapEvent(event);
  }

  private gapEvent(event: FeedEvent): void {
    this.gapEventsWaiting += 1;
    this.record(RECORD.event, encodeEvent(event), true);
  }

  private record(kind: RecordKind, payload: Buffer, isGap = false): void {
    const stampUs = this.stamp();
    this.journal.append(stampUs, kind, payload);
    this.turn.push({ stampUs, kind, payload, isGap });
    if (this.turn.length === 1) setImmediate(this.endTurn);
  }

  /** One write to the journal for all that this turn brought; only then is any of it decoded and published. */
  private readonly endTurn = (): void => {
    const { turn } = this;
    if (turn.length === 0) return;
    this.turn = [];
    const first = turn[0] as TurnRecord;
    const last = turn[turn.length - 1] as TurnRecord;
    const journalled = this.journal.flush(first.stampUs, last.stampUs);
    for (const { stampUs, kind, payload, isGap } of turn) {
      const { openGap, lastDataUs } = this.decoder;
      const entry = this.decoder.take(stampUs, kind, payload);
      const sinceUs = openGap?.fromUs ?? (lastDataUs || stampUs - 1);
      const isKept = entry !== null && this.publisher.offer(stampUs, entry, journalled, sinceUs);
      if (isGap) this.afterGapEvent();
      else if (kind === RECORD.frame) this.afterFrame(stampUs, isKept);
    }
    const { gapBegins } = this;
    if (gapBegins === null || this.gapEventsWaiting > 0) return;
    this.gapBegins = null;
    if (this.decoder.lastDataUs <= gapBegins.afterUs) this.openGap(gapBegins.cause);
  };

  private afterGapEvent(): void {
    this.gapEventsWaiting -= 1;
    if (this.gapEventsWaiting > 0 || !this.droppedIsSaid) return;
    this.droppedSinceUs = null;
    this.droppedIsSaid = false;
  }

  private afterFrame(stampUs: number, isKept: boolean): void {
    const { decoder } = this;
    if (decoder.lastErrors && decoder.lastErrors.count > 0) this.logFaults(decoder);
    if (decoder.lastDataUs !== stampUs) return;
    this.lastDataMs = monotonicMs();
    if (!isKept || this.gapEventsWaiting > 0) return;
    if (this.droppedSinceUs !== null) this.sayDropped(this.droppedSinceUs, stampUs);
    else if (decoder.openGap) {
      const { fromUs, cause } = decoder.openGap;
      this.event({ type: 'gap_closed', fromUs, toUs: stampUs, cause });
    }
  }

  private noteDropped(sinceUs: number): void {
    if (this.droppedSinceUs === null) this.metrics.gap('discarded');
    this.droppedSinceUs = Math.min(sinceUs, this.droppedSinceUs ?? sinceUs);
    this.droppedIsSaid = false;
  }

  /**
   * Says what was dropped; again and again until that is kept, because it may be dropped too.
   *
   * @param endUs when data was kept again; null: nothing has come since
   */
  private sayDropped(fromUs: number, endUs: number | null): void {
    const { decoder, instruments } = this;
    const { openGap } = decoder;
    const toUs = endUs ?? this.options.nowUs();
    const openCause = openGap?.fromUs === fromUs ? openGap.cause : null;
    // It began within what was dropped, and may have been kept.
    if (openGap && openCause === null) this.gapEvent({ type: 'gap_closed', toUs, ...openGap });
    const pieces = this.options.hours().divideGap(instruments, { fromUs, toUs }, 'discarded', openCause);
    pieces.forEach((piece, i) => {
      this.gapEvent({ type: 'gap_opened', fromUs: piece.fromUs, cause: piece.cause });
      if (endUs !== null || i < pieces.length - 1) this.gapEvent({ type: 'gap_closed', ...piece });
    });
    this.droppedIsSaid = pieces.length > 0;
  }

  private logFaults({ lastErrors, rejects }: FeedDecoder): void {
    const now = monotonicMs();
    for (const { code, message } of lastErrors?.kept ?? []) {
      if (now - (this.faultLoggedMs.get(code) ?? Number.NEGATIVE_INFINITY) < FAULT_LOG_MS) continue;
      this.faultLoggedMs.set(code, now);
      this.options.log.warn({ event: 'frame_rejected', feed: this.feed.name, code, detail: message, rejects });
    }
  }
}

/** Brings a decoder to where the journal ends. What of it cannot be read keeps nobody from recording. */
async function rebuild(decoder: FeedDecoder, cursor: JournalCursor, log: Log): Promise<void> {
  for (;;) {
    try {
      const records = await cursor.next();
      if (records.length === 0) return;
      for (const { stampUs, kind, payload } of records) decoder.take(stampUs, kind, payload);
    } catch (error) {
      if (!(error instanceof JournalDamageError)) throw error;
      violated('journal_damaged');
      log.error({ event: 'journal_damaged', feed: decoder.feed.name, reason: error.message });
    }
  }
}

const MARK = (() => {
  const entry = new EntryWriter();
  entry.begin();
  entry.mark();
  return entry.finish() as Buffer;
})();
