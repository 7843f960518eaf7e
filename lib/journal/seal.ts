/**
 * Sealing: closed segments are rewritten as blocks of what changed, a few percent of their size, and go themselves once
 * the sealed file has been read back from the disk and gives the same bytes.
 *
 * A kill at any instant leaves a journal that reads the same: the new file takes its name only when it is whole, on the
 * disk and compared; while both stand there, readers take the older form. The next run compares again and ends the work.
 */
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { crc32, createBrotliDecompress } from 'node:zlib';
import { FEEDS, type Feed } from '../core/feeds.ts';
import { formatIstDate } from '../core/ist.ts';
import type { Log } from '../obs/log.ts';
import {
  type JournalRecord,
  RECORD_HEADER_BYTES,
  readRecord,
  SEGMENT_HEADER_BYTES,
  segmentHeader,
  segmentName,
} from './format.ts';
import { ARCHIVE_LOCK, ARCHIVE_WAIT_S, LockHeldError, lockFolder } from './lock.ts';
import { listSegments, type Segment } from './reader.ts';
import { encodeBlock, encodeVerbatim } from './sealed-block.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_RAW_BYTES,
  type Block,
  blockHeader,
  directoryOf,
  JournalDamageError,
  SEALED_HEADER_BYTES,
  SealedSegment,
  sealedHeader,
} from './sealed-file.ts';

const US_PER_DAY = 86_400_000_000;
/** A segment that is the newest of its feed is taken for closed when its day is so many days back: nobody writes to it any more. */
const SURELY_CLOSED_DAYS = 2;
const READ_BYTES = 1024 * 1024;

export interface SealWish {
  /** IST date; null for every day. */
  readonly day: string | null;
  /** Null for every feed. */
  readonly feed: Feed | null;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /**
   * Whether the newest segment of a feed is sealed too, where no collector of its broker runs. It takes the collector's
   * lock meanwhile: one that is started then waits.
   */
  readonly newest: boolean;
}

export interface SealedNote {
  readonly feed: string;
  readonly day: string;
  /** As it stood there before. */
  readonly file: string;
  readonly rawBytes: number;
  /** Null on a dry run. */
  readonly sealedBytes: number | null;
}

export interface SealReport {
  readonly sealed: readonly SealedNote[];
  /** Files that may still be written to. */
  readonly open: readonly string[];
  /** Left as they were, and why. */
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Seals what is closed and not sealed yet.
 *
 * @throws LockHeldError where somebody else is sealing or compressing
 */
export async function sealJournal(dir: string, wish: SealWish, nowUs: number, log: Log): Promise<SealReport> {
  const letGo = wish.dryRun ? null : await lockFolder(dir, ARCHIVE_LOCK, ARCHIVE_WAIT_S);
  try {
    return await new Sealing(dir, wish, nowUs, log).run();
  } finally {
    letGo?.();
  }
}

/** Reads every sealed block. @returns what is damaged, and how many blocks are not */
export function checkSealed(
  dir: string,
  { day, feed }: Pick<SealWish, 'day' | 'feed'>,
): { whole: number; damaged: string[] } {
  let whole = 0;
  const damaged: string[] = [];
  const noting = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof JournalDamageError)) throw error;
      damaged.push(error.message);
    }
  };
  for (const { name } of FEEDS) {
    if (feed && feed.name !== name) continue;
    for (const segment of listSegments(dir, name)) {
      if (segment.form !== 'sealed' || (day !== null && segment.day !== day)) continue;
      noting(() => {
        const sealed = SealedSegment.open(segment.file);
        sealed.blocks.forEach((_, number) => {
          noting(() => {
            sealed.read(number);
            whole += 1;
          });
        });
        if (sealed.lostFrom !== null) damaged.push(`${segment.file}: damaged from ${sealed.lostFrom} on`);
      });
    }
  }
  return { whole, damaged };
}

class Sealing {
  private readonly sealed: SealedNote[] = [];
  private readonly open: string[] = [];
  private readonly failed: { file: string; reason: string }[] = [];
  private readonly surelyClosedDay: string;
  private diskFull = false;

  constructor(
    private readonly dir: string,
    private readonly wish: SealWish,
    nowUs: number,
    private readonly log: Log,
  ) {
    this.surelyClosedDay = formatIstDate(nowUs - SURELY_CLOSED_DAYS * US_PER_DAY);
  }

  async run(): Promise<SealReport> {
    for (const feed of FEEDS) {
      if (this.wish.feed && this.wish.feed.id !== feed.id) continue;
      const segments = listSegments(this.dir, feed.name);
      const newest = segments.at(-1);
      for (const segment of segments) {
        const { day, form } = segment;
        if (form === 'sealed' || (this.wish.day !== null && this.wish.day !== day) || this.diskFull) continue;
        if (segment !== newest || day <= this.surelyClosedDay) await this.take(feed, segment);
        else await this.takeNewest(feed, segment);
      }
    }
    const { sealed, open: stillOpen, failed } = this;
    return { sealed, open: stillOpen, failed };
  }

  private async takeNewest(feed: Feed, segment: Segment): Promise<void> {
    let letGo: (() => void) | null = null;
    try {
      if (this.wish.newest) letGo = await lockFolder(this.dir, feed.broker, 0);
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
    }
    if (!letGo) {
      this.open.push(segment.file);
      return;
    }
    try {
      await this.take(feed, segment);
    } finally {
      letGo();
    }
  }

  /** Seals one segment, or leaves it as it was and notes why. */
  private async take(feed: Feed, segment: Segment): Promise<void> {
    const { file, day } = segment;
    try {
      const rawBytes = await rawBytesOf(segment);
      // Segments that died before their first record: there is nothing in them.
      if (rawBytes <= SEGMENT_HEADER_BYTES) return;
      const sealedBytes = this.wish.dryRun ? null : await sealSegment(feed, segment);
      this.sealed.push({ feed: feed.name, day, file, rawBytes, sealedBytes });
      if (sealedBytes !== null)
        this.log.info({ event: 'segment_sealed', feed: feed.name, file, rawBytes, sealedBytes });
    } catch (error) {
      // Retention deletes whole days, also this one.
      if (!existsSync(file)) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.failed.push({ file, reason });
      this.log.error({ event: 'segment_not_sealed', feed: feed.name, file, reason });
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') this.diskFull = true;
    }
  }
}

/** Makes the sealed file, compares it, and removes the others. @returns the sealed file's size */
async function sealSegment(feed: Feed, segment: Segment): Promise<number> {
  const folder = path.dirname(segment.file);
  const raw = path.join(folder, segmentName(segment.firstStampUs));
  const target = `${raw}.sealed`;
  const sizeBefore = (await stat(segment.file)).size;
  // Killed between the renaming and the removing: only the removing is left to do.
  if (!(existsSync(target) && (await isSame(target, feed, segment)))) {
    const next = `${target}.tmp`;
    try {
      await writeSealed(next, feed, segment);
      if (!(await isSame(next, feed, segment))) {
        throw new Error('the sealed file does not give the same bytes back');
      }
      await rename(next, target);
      await syncFolder(folder);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
  }
  if ((await stat(segment.file)).size !== sizeBefore) {
    await rm(target);
    throw new Error('it was still being written to');
  }
  await rm(`${raw}.br`, { force: true });
  await rm(raw, { force: true });
  return (await stat(target)).size;
}

async function writeSealed(file: string, feed: Feed, segment: Segment): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    const blocks: Block[] = [];
    let at = SEALED_HEADER_BYTES;
    let rawAt = SEGMENT_HEADER_BYTES;
    await handle.appendFile(sealedHeader(feed.id));
    for await (const { bytes, records } of stretchesOf(feed, segment)) {
      const body = records.length > 0 ? encodeBlock(feed, records) : encodeVerbatim(bytes);
      const block: Block = {
        number: blocks.length,
        at,
        bodyBytes: body.length,
        rawAt,
        rawBytes: bytes.length,
        ...spanOf(records),
        bodyCrc: crc32(body),
        rawCrc: crc32(bytes),
      };
      await handle.appendFile(blockHeader(block));
      await handle.appendFile(body);
      blocks.push(block);
      at += BLOCK_HEADER_BYTES + body.length;
      rawAt += bytes.length;
    }
    await handle.appendFile(directoryOf(blocks));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the sealed file, as it stands on the disk, gives every record of the segment, byte for byte. */
async function isSame(file: string, feed: Feed, segment: Segment): Promise<boolean> {
  try {
    const sealed = SealedSegment.open(file);
    if (sealed.lostFrom !== null || sealed.feed.id !== feed.id) return false;
    let number = 0;
    for await (const { bytes, records } of stretchesOf(feed, segment)) {
      const block = sealed.blocks[number];
      const span = spanOf(records);
      if (!block || block.records !== span.records || block.firstUs !== span.firstUs || block.lastUs !== span.lastUs) {
        return false;
      }
      if (!sealed.read(number).equals(bytes)) return false;
      number += 1;
    }
    return number === sealed.blocks.length;
  } catch (error) {
    if (error instanceof JournalDamageError) return false;
    throw error;
  }
}

function spanOf(records: readonly JournalRecord[]): Pick<Block, 'records' | 'firstUs' | 'lastUs'> {
  const stamps = records.map(({ stampUs }) => stampUs);
  return {
    records: records.length,
    firstUs: stamps[0] ?? 0,
    lastUs: stamps.reduce((last, stampUs) => Math.max(last, stampUs), 0),
  };
}

/** A stretch of a segment, as a block will hold it. Without records it is what stands behind the last whole one. */
interface Stretch {
  readonly bytes: Buffer;
  readonly records: readonly JournalRecord[];
}

/** The segment in stretches, the same ones each time; at most one of them is in memory. */
async function* stretchesOf(feed: Feed, segment: Segment): AsyncGenerator<Stretch> {
  const cutter = new Cutter(feed);
  for await (const chunk of sourceOf(segment)) {
    cutter.add(chunk);
    yield* cutter.stretches(false);
  }
  yield* cutter.stretches(true);
}

/** Cuts a segment as it is read; where the cuts are does not depend on how it is read. */
class Cutter {
  private parts: Buffer[] = [];
  private size = 0;
  /** Bytes to wait for before looking again. */
  private wanted = SEGMENT_HEADER_BYTES;
  private part: 'header' | 'records' | 'tail' = 'header';

  constructor(private readonly feed: Feed) {}

  add(chunk: Buffer): void {
    this.parts.push(chunk);
    this.size += chunk.length;
  }

  *stretches(isEnd: boolean): Generator<Stretch> {
    while (this.size >= this.wanted || isEnd) {
      const bytes = Buffer.concat(this.parts);
      this.parts = [bytes];
      if (this.part === 'header') {
        checkHeader(bytes, this.feed);
        this.part = 'records';
        this.skip(bytes, SEGMENT_HEADER_BYTES);
        continue;
      }
      if (bytes.length === 0) return;
      const records = this.part === 'records' ? recordsAtStart(bytes, isEnd) : [];
      if (records === null) {
        this.wanted = this.size + READ_BYTES;
        continue;
      }
      // Behind what is no record nothing can be told apart any more.
      if (records.length === 0) this.part = 'tail';
      const length =
        records.length === 0
          ? Math.min(bytes.length, BLOCK_RAW_BYTES)
          : records.reduce((sum, { payload }) => sum + RECORD_HEADER_BYTES + payload.length, 0);
      yield { bytes: bytes.subarray(0, length), records };
      this.skip(bytes, length);
    }
  }

  private skip(bytes: Buffer, count: number): void {
    this.parts = [bytes.subarray(count)];
    this.size = bytes.length - count;
    this.wanted = BLOCK_RAW_BYTES;
  }
}

/** The records at the beginning of `bytes`, as many as a block takes; null where more bytes have to come first. */
function recordsAtStart(bytes: Buffer, isEnd: boolean): JournalRecord[] | null {
  const records: JournalRecord[] = [];
  for (let at = 0; at < BLOCK_RAW_BYTES; ) {
    const read = readRecord(bytes, at);
    if (read === null && !isEnd) return null;
    if (read === null || read === 'torn') break;
    records.push(read.record);
    at = read.end;
  }
  return records;
}

function checkHeader(bytes: Buffer, feed: Feed): void {
  if (!bytes.subarray(0, SEGMENT_HEADER_BYTES).equals(segmentHeader(feed.id))) {
    throw new Error(`its header is not that of a segment of ${feed.name}`);
  }
}

function sourceOf({ file, form }: Segment): AsyncIterable<Buffer> {
  const source = createReadStream(file, { highWaterMark: READ_BYTES });
  if (form === 'raw') return source;
  const unpacking = createBrotliDecompress({ chunkSize: READ_BYTES });
  // pipe does not pass on what goes wrong while reading.
  source.on('error', (error) => unpacking.destroy(error));
  return source.pipe(unpacking);
}

/** Bytes of the raw segment, whatever form it has. */
async function rawBytesOf(segment: Segment): Promise<number> {
  if (segment.form === 'raw') return (await stat(segment.file)).size;
  let bytes = 0;
  for await (const chunk of sourceOf(segment)) bytes += chunk.length;
  return bytes;
}

/** Puts what was renamed in it on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
