/** Reads the journal of one feed. See format.ts. */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress, brotliDecompressSync } from 'node:zlib';
import {
  feedIdOfHeader,
  type JournalRecord,
  PAYLOAD_BYTES_MAX,
  parseSegmentName,
  RECORD_HEADER_BYTES,
  readRecord,
  SEGMENT_HEADER_BYTES,
  type SegmentForm,
} from './format.ts';
import { JournalDamageError, SealedSegment } from './sealed-file.ts';

/** Bytes read from a segment at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;

export interface Segment {
  readonly file: string;
  readonly firstStampUs: number;
  /** IST date of the folder it stands in. */
  readonly day: string;
  readonly form: SegmentForm;
}

/** Of a segment in several forms this one is taken: the one that was there first. */
const PREFERENCE: Readonly<Record<SegmentForm, number>> = { raw: 0, brotli: 1, sealed: 2 };

/** All segments of a feed, oldest first. One in several forms (made into another, not yet deleted) counts once. */
export function listSegments(dir: string, feedName: string): Segment[] {
  const folder = path.join(dir, feedName);
  if (!existsSync(folder)) return [];
  const byStamp = new Map<number, Segment>();
  for (const day of readdirSync(folder)) {
    for (const name of readdirSync(path.join(folder, day))) {
      const parsed = parseSegmentName(name);
      if (!parsed) continue;
      const known = byStamp.get(parsed.firstStampUs);
      if (known && PREFERENCE[known.form] < PREFERENCE[parsed.form]) continue;
      byStamp.set(parsed.firstStampUs, { ...parsed, day, file: path.join(folder, day, name) });
    }
  }
  return [...byStamp.values()].sort((a, b) => a.firstStampUs - b.firstStampUs);
}

/**
 * A place in a feed's journal that moves forward as records are read; also while the journal is being written.
 *
 * It begins with the segment that holds the first record above `afterUs`, at that segment's `opened` event, since a
 * decoder needs it and the records after it to find its state: the caller tells by the stamp which ones it wanted.
 * With `from: 'block'` a sealed segment is entered at the block that holds that record: for who wants raw frames only.
 */
export class JournalCursor {
  private segment: Segment | null = null;
  /** A brotli segment's bytes, whole; null where the segment is read from its file. */
  private unpacked: Buffer | null = null;
  private sealed: SealedSegment | null = null;
  private offset = 0;
  private readonly from: 'opening' | 'block';

  constructor(
    private readonly dir: string,
    private readonly feedName: string,
    private readonly afterUs: number,
    { from = 'opening' }: { from?: 'opening' | 'block' } = {},
  ) {
    this.from = from;
  }

  /**
   * The next records, at least one and about `CHUNK_BYTES` at most; none where the journal ends, for now.
   *
   * @throws JournalDamageError where a stretch of sealed journal cannot be read; asked again, it goes on behind it
   */
  async next(): Promise<JournalRecord[]> {
    for (;;) {
      if (this.segment === null && !(await this.enter(this.firstSegment()))) return [];
      const segment = this.segment as Segment;
      const records = this.readChunk(segment);
      if (records === 'moved') {
        // Compressed since it was entered; its content, and so the place in it, is the same.
        const { offset } = this;
        if (!(await this.enter(this.sameSegment(segment)))) return [];
        this.offset = offset;
        continue;
      }
      if (records.length > 0) return records;
      if (!(await this.enter(this.segmentAfter(segment)))) return [];
    }
  }

  private sameSegment({ firstStampUs }: Segment): Segment | undefined {
    return listSegments(this.dir, this.feedName).find((other) => other.firstStampUs === firstStampUs);
  }

  private firstSegment(): Segment | undefined {
    const segments = listSegments(this.dir, this.feedName);
    return segments.findLast(({ firstStampUs }) => firstStampUs <= this.afterUs + 1) ?? segments[0];
  }

  private segmentAfter({ firstStampUs }: Segment): Segment | undefined {
    return listSegments(this.dir, this.feedName).find((other) => other.firstStampUs > firstStampUs);
  }

  private async enter(segment: Segment | undefined): Promise<boolean> {
    if (!segment) return false;
    const isFirst = this.segment === null;
    try {
      this.unpacked = segment.form === 'brotli' ? await unbrotli(readFileSync(segment.file)) : null;
      this.segment = segment;
      // Where a sealed one cannot be opened, the next call goes on behind it.
      this.sealed = null;
      this.offset = Number.POSITIVE_INFINITY;
      this.sealed = segment.form === 'sealed' ? SealedSegment.open(segment.file) : null;
    } catch (error) {
      if (!isMissing(error)) throw error;
      // It took another form, or was deleted, since it was listed.
      return this.enter(this.sameSegment(segment) ?? this.segmentAfter(segment));
    }
    const seek = isFirst && this.from === 'block' && this.sealed;
    this.offset = seek ? seek.placeAfter(this.afterUs) : SEGMENT_HEADER_BYTES;
    return true;
  }

  private readChunk(segment: Segment): JournalRecord[] | 'moved' {
    if (this.sealed) return this.readSealed(this.sealed);
    if (segment.form === 'sealed') return [];
    let bytes = this.unpacked?.subarray(this.offset) ?? readPart(segment.file, this.offset, CHUNK_BYTES);
    if (bytes === null) return 'moved';
    // A record larger than a chunk: read as much as it needs.
    if (readRecord(bytes, 0) === null && bytes.length === CHUNK_BYTES) {
      bytes = readPart(segment.file, this.offset, RECORD_HEADER_BYTES + PAYLOAD_BYTES_MAX);
      if (bytes === null) return 'moved';
    }
    const { records, end } = recordsOf(bytes, CHUNK_BYTES);
    this.offset += end;
    return records;
  }

  /** The rest of the block in which the cursor stands. */
  private readSealed(sealed: SealedSegment): JournalRecord[] | 'moved' {
    const { offset } = this;
    const number = sealed.blockAt(offset);
    const block = sealed.blocks[number];
    if (!block) {
      this.offset = Number.POSITIVE_INFINITY;
      if (sealed.lostFrom === null || offset === Number.POSITIVE_INFINITY) return [];
      throw new JournalDamageError(
        `${sealed.file}: damaged from ${sealed.lostFrom} on: what stood there cannot be read`,
      );
    }
    // Before it is read: where it is damaged, the next call goes on behind it.
    this.offset = block.rawAt + block.rawBytes;
    try {
      // What stands behind the last whole record is no record, and the segment ends there.
      return recordsOf(sealed.read(number).subarray(offset - block.rawAt), Number.POSITIVE_INFINITY).records;
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.offset = offset;
      return 'moved';
    }
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The records from the beginning of `bytes` on, until they are `enough` bytes, and where the last one ends. */
function recordsOf(bytes: Buffer, enough: number): { records: JournalRecord[]; end: number } {
  const records: JournalRecord[] = [];
  let end = 0;
  for (let read = readRecord(bytes, end); read !== null && read !== 'torn'; read = readRecord(bytes, end)) {
    records.push(read.record);
    end = read.end;
    if (end >= enough) break;
  }
  return { records, end };
}

const unbrotli = promisify(brotliDecompress);

/** Part of a file; null where the file is gone. */
function readPart(file: string, from: number, length: number): Buffer | null {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, from));
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes the last segment end with its last whole record, and returns that record's stamp (0 where the journal is
 * empty). Called before writing goes on: the process before may have died in the middle of a write.
 */
export function recoverJournal(dir: string, feedName: string): { lastStampUs: number; cutBytes: number } {
  let cutBytes = 0;
  for (const segment of listSegments(dir, feedName).toReversed()) {
    const { lastStampUs, end, length } = lastRecordOf(segment);
    if (segment.form === 'raw' && end < length) {
      cutBytes += length - end;
      truncateSync(segment.file, lastStampUs > 0 ? end : 0);
    }
    if (lastStampUs > 0) return { lastStampUs, cutBytes };
  }
  return { lastStampUs: 0, cutBytes };
}

/** Stamp of a segment's last whole record, where that ends, and where the segment does. */
function lastRecordOf({ file, form }: Segment): { lastStampUs: number; end: number; length: number } {
  if (form === 'sealed') return { lastStampUs: lastSealedStamp(file), end: 0, length: 0 };
  const read = readFileSync(file);
  const bytes = form === 'brotli' ? brotliDecompressSync(read) : read;
  const { length } = bytes;
  if (feedIdOfHeader(bytes) === null) return { lastStampUs: 0, end: SEGMENT_HEADER_BYTES, length };
  let end = SEGMENT_HEADER_BYTES;
  let lastStampUs = 0;
  for (let next = readRecord(bytes, end); next !== null && next !== 'torn'; next = readRecord(bytes, end)) {
    lastStampUs = next.record.stampUs;
    end = next.end;
  }
  return { lastStampUs, end, length };
}

/** 0 where the file is damaged beyond telling: recording goes on all the same. */
function lastSealedStamp(file: string): number {
  try {
    return SealedSegment.open(file).lastUs;
  } catch (error) {
    if (error instanceof JournalDamageError) return 0;
    throw error;
  }
}
