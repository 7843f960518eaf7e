/**
 * A sealed segment: the same bytes as the raw one, in blocks that each stand by themselves, with a directory at the end by
 * which a block is found without reading the others. Layout: docs/JOURNAL.md. What a body holds: sealed-block.ts.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { CodecError } from '../core/bytes.ts';
import { type Feed, feedById } from '../core/feeds.ts';
import { PAYLOAD_BYTES_MAX, SEGMENT_HEADER_BYTES } from './format.ts';
import { decodeBlock } from './sealed-block.ts';

export const SEALED_MAGIC = Buffer.from('GEHRAS1\n', 'latin1');
const TRAILER_MAGIC = Buffer.from('GEHRAE1\n', 'latin1');
export const SEALED_HEADER_BYTES = 16;
export const BLOCK_HEADER_BYTES = 44;
const TRAILER_BYTES = 16;
/** Raw bytes that a block is filled up to; the record that reaches it still belongs to it. */
export const BLOCK_RAW_BYTES = 4 * 1024 * 1024;
const BLOCK_RAW_BYTES_MAX = BLOCK_RAW_BYTES + PAYLOAD_BYTES_MAX + 64;
/** More than a segment of any size that can be set is cut into. */
const BLOCKS_MAX = 100_000;
const TWO_POW_32 = 2 ** 32;

/** What the directory says of a block. */
export interface Block {
  /** Its place in the file, from 0. */
  readonly number: number;
  /** Where its header stands in the sealed file. */
  readonly at: number;
  readonly bodyBytes: number;
  /** Where its bytes stood in the raw segment, and how many they were. */
  readonly rawAt: number;
  readonly rawBytes: number;
  readonly records: number;
  /** Of its first and last record, µs; 0 where it has none. */
  readonly firstUs: number;
  readonly lastUs: number;
  readonly bodyCrc: number;
  readonly rawCrc: number;
}

/** A stretch of the journal that cannot be read. What stands before and behind it can. */
export class JournalDamageError extends Error {
  override readonly name = 'JournalDamageError';

  /** @param lastUs stamp of the last record that cannot be read; 0 where that is not known */
  constructor(
    message: string,
    readonly lastUs = 0,
  ) {
    super(message);
  }
}

export function sealedHeader(feedId: number): Buffer {
  const header = Buffer.alloc(SEALED_HEADER_BYTES);
  SEALED_MAGIC.copy(header);
  header.writeUInt16LE(feedId, SEALED_MAGIC.length);
  return header;
}

export function blockHeader({ number, bodyBytes, rawBytes, records, firstUs, lastUs, bodyCrc, rawCrc }: Block): Buffer {
  const header = Buffer.allocUnsafe(BLOCK_HEADER_BYTES);
  header.writeUInt32LE(bodyBytes, 0);
  header.writeUInt32LE(rawBytes, 4);
  header.writeUInt32LE(records, 8);
  writeU64(header, firstUs, 12);
  writeU64(header, lastUs, 20);
  header.writeUInt32LE(bodyCrc, 28);
  header.writeUInt32LE(rawCrc, 32);
  header.writeUInt32LE(number, 36);
  header.writeUInt32LE(crc32(header.subarray(0, 40)), 40);
  return header;
}

/** The directory (all block headers once more) and the trailer, which says where it begins. */
export function directoryOf(blocks: readonly Block[]): Buffer {
  const directory = Buffer.concat(blocks.map(blockHeader));
  const trailer = Buffer.allocUnsafe(TRAILER_BYTES);
  trailer.writeUInt32LE(blocks.length, 0);
  trailer.writeUInt32LE(crc32(directory), 4);
  TRAILER_MAGIC.copy(trailer, 8);
  return Buffer.concat([directory, trailer]);
}

/** A sealed file, open for reading. */
export class SealedSegment {
  private constructor(
    readonly file: string,
    readonly feed: Feed,
    readonly blocks: readonly Block[],
    /** Where blocks end that could be found though the directory could not be read; null where all are known. */
    readonly lostFrom: string | null,
  ) {}

  /**
   * Reads header and directory; where the directory is damaged, it goes from block to block as far as that leads.
   * @throws JournalDamageError where the file is no sealed segment
   */
  static open(file: string): SealedSegment {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const header = readAt(fd, 0, SEALED_HEADER_BYTES);
      if (header.length < SEALED_HEADER_BYTES || !header.subarray(0, SEALED_MAGIC.length).equals(SEALED_MAGIC)) {
        throw new JournalDamageError(`${file} is no sealed segment: its header is damaged`);
      }
      const feed = feedOf(header.readUInt16LE(SEALED_MAGIC.length), file);
      const blocks = readDirectory(fd, size);
      if (blocks) return new SealedSegment(file, feed, blocks, null);
      const found = walk(fd, size);
      return new SealedSegment(file, feed, found.blocks, `byte ${found.endsAt}`);
    } finally {
      closeSync(fd);
    }
  }

  /** Last stamp of all; 0 where there are no records. */
  get lastUs(): number {
    return this.blocks.reduce((last, block) => Math.max(last, block.lastUs), 0);
  }

  /** Number of the block that holds this place of the raw segment; that of blocks where none does. */
  blockAt(rawOffset: number): number {
    const found = this.blocks.findIndex(({ rawAt, rawBytes }) => rawOffset < rawAt + rawBytes);
    return found < 0 ? this.blocks.length : found;
  }

  /** Where in the raw segment the block begins that holds the first record above `stampUs`; infinity where none does. */
  placeAfter(stampUs: number): number {
    return this.blocks.find(({ lastUs }) => lastUs > stampUs)?.rawAt ?? Number.POSITIVE_INFINITY;
  }

  /**
   * The raw bytes of a block.
   * @throws JournalDamageError where they are not what was sealed
   */
  read(number: number): Buffer {
    const block = this.blocks[number] as Block;
    const fd = openSync(this.file, 'r');
    try {
      const body = readAt(fd, block.at + BLOCK_HEADER_BYTES, block.bodyBytes);
      if (body.length < block.bodyBytes) throw this.damage(number, 'the file ends before it does');
      if (crc32(body) !== block.bodyCrc) throw this.damage(number, 'its checksum is wrong');
      const raw = decodeBlock(this.feed, body, block.rawBytes);
      if (crc32(raw) !== block.rawCrc) throw this.damage(number, 'it gives other bytes than were sealed');
      return raw;
    } catch (error) {
      if (error instanceof CodecError) throw this.damage(number, error.message);
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  private damage(number: number, reason: string): JournalDamageError {
    const { firstUs, lastUs, records } = this.blocks[number] as Block;
    return new JournalDamageError(
      `${this.file}: block ${number + 1} of ${this.blocks.length} is damaged (${reason}): ` +
        `${records} records from ${isoOf(firstUs)} to ${isoOf(lastUs)} cannot be read`,
      lastUs,
    );
  }
}

const isoOf = (stampUs: number): string => new Date(stampUs / 1000).toISOString();

function feedOf(id: number, file: string): Feed {
  try {
    return feedById(id);
  } catch {
    throw new JournalDamageError(`${file} is of the feed ${id}, which there is none of`);
  }
}

/** The blocks as the directory lists them; null where it is not whole. */
function readDirectory(fd: number, size: number): Block[] | null {
  if (size < SEALED_HEADER_BYTES + TRAILER_BYTES) return null;
  const trailer = readAt(fd, size - TRAILER_BYTES, TRAILER_BYTES);
  if (!trailer.subarray(8).equals(TRAILER_MAGIC)) return null;
  const count = trailer.readUInt32LE(0);
  const length = count * BLOCK_HEADER_BYTES;
  if (count > BLOCKS_MAX || length > size - TRAILER_BYTES - SEALED_HEADER_BYTES) return null;
  const directory = readAt(fd, size - TRAILER_BYTES - length, length);
  if (crc32(directory) !== trailer.readUInt32LE(4)) return null;
  const blocks: Block[] = [];
  for (let i = 0; i < count; i += 1) {
    const block = parseHeader(directory.subarray(i * BLOCK_HEADER_BYTES), blocks.at(-1));
    if (!block) return null;
    blocks.push(block);
  }
  return blocks;
}

/** From header to header. */
function walk(fd: number, size: number): { blocks: Block[]; endsAt: number } {
  const blocks: Block[] = [];
  for (;;) {
    const at = endOf(blocks.at(-1));
    const block =
      at + BLOCK_HEADER_BYTES > size ? null : parseHeader(readAt(fd, at, BLOCK_HEADER_BYTES), blocks.at(-1));
    if (!block || blocks.length === BLOCKS_MAX) return { blocks, endsAt: at };
    blocks.push(block);
  }
}

const endOf = (before: Block | undefined): number =>
  before ? before.at + BLOCK_HEADER_BYTES + before.bodyBytes : SEALED_HEADER_BYTES;

/** Null where it is none. */
function parseHeader(header: Buffer, before: Block | undefined): Block | null {
  if (header.length < BLOCK_HEADER_BYTES || crc32(header.subarray(0, 40)) !== header.readUInt32LE(40)) return null;
  const rawBytes = header.readUInt32LE(4);
  const number = header.readUInt32LE(36);
  // Behind the last block come the headers again, from the first on.
  if (rawBytes > BLOCK_RAW_BYTES_MAX || number !== (before ? before.number + 1 : 0)) return null;
  return {
    number,
    at: endOf(before),
    bodyBytes: header.readUInt32LE(0),
    rawAt: before ? before.rawAt + before.rawBytes : SEGMENT_HEADER_BYTES,
    rawBytes,
    records: header.readUInt32LE(8),
    firstUs: readU64(header, 12),
    lastUs: readU64(header, 20),
    bodyCrc: header.readUInt32LE(28),
    rawCrc: header.readUInt32LE(32),
  };
}

function writeU64(into: Buffer, value: number, at: number): void {
  into.writeUInt32LE(value % TWO_POW_32, at);
  into.writeUInt32LE(Math.floor(value / TWO_POW_32), at + 4);
}

const readU64 = (from: Buffer, at: number): number => from.readUInt32LE(at + 4) * TWO_POW_32 + from.readUInt32LE(at);

/** As many of the bytes as the file has. */
function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const more = readSync(fd, bytes, read, length - read, at + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}
