/** Appends to the journal of one feed. See format.ts. */
import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Feed } from '../core/feeds.ts';
import type { Log } from '../obs/log.ts';
import {
  dayOf,
  RECORD,
  RECORD_HEADER_BYTES,
  type RecordKind,
  SEGMENT_HEADER_BYTES,
  segmentHeader,
  segmentName,
  writeRecord,
} from './format.ts';

/** Records of one turn of the event loop are gathered here; a larger record grows it. */
const STAGE_BYTES = 1024 * 1024;
/** After a failed write journalling is tried again this often. */
const RETRY_MS = 5000;
/** The kernel is told to put written records on the disk this often: what a power cut may cost. */
const SYNC_MS = 1000;

export interface JournalWriterOptions {
  readonly dir: string;
  readonly feed: Feed;
  readonly segmentBytes: number;
  readonly log: Log;
  /** Payload of the `opened` event with which each segment begins. */
  readonly opening: () => Uint8Array;
  readonly nowMs: () => number;
}

/**
 * Records are staged, then written by one `flush` a turn. A full or broken disk never stops the feed: journalling is
 * switched off with an alarm, `flush` says that nothing was written, and it is tried again every few seconds.
 */
export class JournalWriter {
  private stage = Buffer.allocUnsafe(STAGE_BYTES);
  private staged = 0;
  private fd: number | null = null;
  private day = '';
  /** Bytes of the open segment that hold whole records. */
  private size = 0;
  private offSinceMs: number | null = null;
  private syncing = false;
  private unsynced = false;
  private readonly syncTimer: NodeJS.Timeout;

  /** Stamp of the last record that was written. */
  lastStampUs: number;
  /** Why journalling is off; null while it works. */
  failure: string | null = null;

  constructor(
    private readonly options: JournalWriterOptions,
    afterUs: number,
  ) {
    this.lastStampUs = afterUs;
    this.syncTimer = setInterval(() => this.sync(), SYNC_MS);
    this.syncTimer.unref();
  }

  /** Adds a record to what the next `flush` writes. */
  append(stampUs: number, kind: RecordKind, payload: Uint8Array): void {
    const needed = this.staged + RECORD_HEADER_BYTES + payload.length;
    if (needed > this.stage.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.stage.length * 2));
      this.stage.copy(grown, 0, 0, this.staged);
      this.stage = grown;
    }
    this.staged = writeRecord(this.stage, this.staged, stampUs, kind, payload);
  }

  /**
   * Writes what was appended, all stamped between `firstUs` and `lastUs`. False where it could not be: then none of it is
   * in the journal.
   */
  flush(firstUs: number, lastUs: number): boolean {
    const { staged } = this;
    this.staged = 0;
    if (staged === 0) return true;
    if (this.offSinceMs !== null && this.options.nowMs() - this.offSinceMs < RETRY_MS) return false;
    try {
      const fd = this.segmentFor(firstUs);
      this.write(fd, this.stage, staged);
    } catch (error) {
      this.switchOff(error);
      return false;
    }
    this.lastStampUs = lastUs;
    this.unsynced = true;
    if (this.failure !== null) {
      this.options.log.info({ event: 'journal_resumed', feed: this.options.feed.name });
      this.failure = null;
      this.offSinceMs = null;
    }
    return true;
  }

  close(): void {
    clearInterval(this.syncTimer);
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  /** The open segment, or a new one where the day has changed or the old one is full. */
  private segmentFor(stampUs: number): number {
    const day = dayOf(stampUs);
    if (this.fd !== null && day === this.day && this.size < this.options.segmentBytes) return this.fd;
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
    const { dir, feed } = this.options;
    const folder = path.join(dir, feed.name, day);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = openSync(path.join(folder, segmentName(stampUs)), 'ax', 0o600);
    this.fd = fd;
    this.day = day;
    this.size = 0;
    const payload = this.options.opening();
    const opening = Buffer.allocUnsafe(SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + payload.length);
    segmentHeader(feed.id).copy(opening);
    // One µs before the first record: the order of stamps is the order of records.
    const end = writeRecord(opening, SEGMENT_HEADER_BYTES, stampUs - 1, RECORD.event, payload);
    this.write(fd, opening, end);
    return fd;
  }

  /** Writes all of it or leaves the segment as it was. */
  private write(fd: number, bytes: Buffer, length: number): void {
    let written = 0;
    try {
      while (written < length) written += writeSync(fd, bytes, written, length - written);
    } catch (error) {
      // Half a record may stand there now; a reader would end at it, so the records after it would be lost.
      if (written > 0) ftruncateSync(fd, this.size);
      throw error;
    }
    this.size += length;
  }

  private switchOff(error: unknown): void {
    if (this.fd !== null) {
      closeSync(this.fd);
      this.fd = null;
    }
    this.offSinceMs = this.options.nowMs();
    const message = error instanceof Error ? error.message : String(error);
    if (this.failure === null) {
      this.options.log.error({ event: 'journal_stopped', feed: this.options.feed.name, err: error });
    }
    this.failure = message;
  }

  private sync(): void {
    if (this.fd === null || this.syncing || !this.unsynced) return;
    this.syncing = true;
    this.unsynced = false;
    fdatasync(this.fd, (error) => {
      this.syncing = false;
      // EBADF: the segment was closed meanwhile.
      if (error && error.code !== 'EBADF') {
        this.options.log.error({ event: 'journal_sync_failed', feed: this.options.feed.name, err: error });
      }
    });
  }
}
