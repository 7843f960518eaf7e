/** Reads the journal of one feed. See format.ts. */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import {
  feedIdOfHeader,
  type JournalRecord,
  PAYLOAD_BYTES_MAX,
  parseSegmentName,
  RECORD_HEADER_BYTES,
  readRecord,
  SEGMENT_HEADER_BYTES,
} from './format.ts';

/** Bytes read from a segment at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;

export interface Segment {
  readonly file: string;
  readonly firstStampUs: number;
  readonly compressed: boolean;
}

/** All segments of a feed, oldest first. A segment present in both forms (compressed, not yet deleted) counts once. */
export function listSegments(dir: string, feedName: string): Segment[] {
  const folder = path.join(dir, feedName);
  if (!existsSync(folder)) return [];
  const byStamp = new Map<number, Segment>();
  for (const day of readdirSync(folder)) {
    for (const name of readdirSync(path.join(folder, day))) {
      const parsed = parseSegmentName(name);
      if (!parsed) continue;
      const known = byStamp.get(parsed.firstStampUs);
      if (known && !known.compressed) continue;
      byStamp.set(parsed.firstStampUs, { ...parsed, file: path.join(folder, day, name) });
    }
  }
  return [...byStamp.values()].sort((a, b) => a.firstStampUs - b.firstStampUs);
}

/**
 * A place in a feed's journal that moves forward as records are read; also while the journal is being written.
 *
 * It begins with the segment that holds the first record above `afterUs`, at that segment's `opened` event, since a
 * decoder needs it and the records after it to find its state: the caller tells by the stamp which ones it wanted.
 */
export class JournalCursor {
  private segment: Segment | null = null;
  /** A compressed segment's bytes, whole; null where the segment is read from its file. */
  private unpacked: Buffer | null = null;
  private offset = 0;

  constructor(
    private readonly dir: string,
    private readonly feedName: string,
    private readonly afterUs: number,
  ) {}

  /** The next records, at least one and about `CHUNK_BYTES` at most; none where the journal ends, for now. */
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
    this.unpacked = segment.compressed ? await unbrotli(readFileSync(segment.file)) : null;
    this.segment = segment;
    this.offset = SEGMENT_HEADER_BYTES;
    return true;
  }

  private readChunk(segment: Segment): JournalRecord[] | 'moved' {
    let bytes = this.unpacked?.subarray(this.offset) ?? readPart(segment.file, this.offset, CHUNK_BYTES);
    if (bytes === null) return 'moved';
    // A record larger than a chunk: read as much as it needs.
    if (readRecord(bytes, 0) === null && bytes.length === CHUNK_BYTES) {
      bytes = readPart(segment.file, this.offset, RECORD_HEADER_BYTES + PAYLOAD_BYTES_MAX);
      if (bytes === null) return 'moved';
    }
    const records: JournalRecord[] = [];
    let at = 0;
    for (let read = readRecord(bytes, at); read !== null && read !== 'torn'; read = readRecord(bytes, at)) {
      records.push(read.record);
      at = read.end;
      if (at >= CHUNK_BYTES) break;
    }
    this.offset += at;
    return records;
  }
}

const unbrotli = promisify(brotliDecompress);

/** Part of a file; null where the file is gone. */
function readPart(file: string, from: number, length: number): Buffer | null {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
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
  const open = listSegments(dir, feedName).filter(({ compressed }) => !compressed);
  let cutBytes = 0;
  for (const { file } of open.toReversed()) {
    const bytes = readFileSync(file);
    let at = SEGMENT_HEADER_BYTES;
    let lastStampUs = 0;
    if (feedIdOfHeader(bytes) !== null) {
      for (let read = readRecord(bytes, at); read !== null && read !== 'torn'; read = readRecord(bytes, at)) {
        lastStampUs = read.record.stampUs;
        at = read.end;
      }
    }
    if (at < bytes.length) {
      cutBytes += bytes.length - at;
      truncateSync(file, lastStampUs > 0 ? at : 0);
    }
    if (lastStampUs > 0) return { lastStampUs, cutBytes };
  }
  return { lastStampUs: 0, cutBytes };
}
