/**
 * The journal: every raw frame of a feed, in the order received, before anything else happens to it. It is the spool
 * when Redis is down, the source for deterministic replay, and the evidence when a decoder is doubted.
 *
 *     <dir>/<feed name>/<IST date>/<first stamp>.gj        the segment being written
 *     <dir>/<feed name>/<IST date>/<first stamp>.gj.br     a closed one, brotli
 *     <dir>/<feed name>/<IST date>/<first stamp>.gj.sealed one of a closed day, sealed: see sealed-file.ts
 *
 * A segment is a 16-byte header (`GEHRAJ1\n`, u16 feed id, 6 bytes 0) and records one after the other:
 *
 *     u32 payload length | u32 CRC-32 of what follows | u64 stamp, µs | u8 kind | payload           little-endian
 *
 * The first record of a segment is an `opened` event: with the instruments asked for and the state that the decoder of
 * its frames needs, a segment can be understood without the ones before it. A record cut short, or whose CRC is wrong,
 * is where the segment ends: the process died in the middle of a write.
 */
import { crc32 } from 'node:zlib';
import { formatIstDate } from '../core/ist.ts';

export const SEGMENT_MAGIC = Buffer.from('GEHRAJ1\n', 'latin1');
export const SEGMENT_HEADER_BYTES = 16;
export const RECORD_HEADER_BYTES = 17;
/** Far above the 2 MiB that a WebSocket message may have: a length beyond it is no length. */
export const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;

export const RECORD = { frame: 1, event: 2 } as const;
export type RecordKind = (typeof RECORD)[keyof typeof RECORD];

export interface JournalRecord {
  readonly stampUs: number;
  readonly kind: RecordKind;
  readonly payload: Buffer;
}

export function segmentHeader(feedId: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  SEGMENT_MAGIC.copy(header);
  header.writeUInt16LE(feedId, SEGMENT_MAGIC.length);
  return header;
}

/** Feed id in a segment's header; null where it is no segment. */
export function feedIdOfHeader(header: Buffer): number | null {
  if (header.length < SEGMENT_HEADER_BYTES || !header.subarray(0, SEGMENT_MAGIC.length).equals(SEGMENT_MAGIC))
    return null;
  return header.readUInt16LE(SEGMENT_MAGIC.length);
}

const TWO_POW_32 = 2 ** 32;

/** Writes a record at `at` and returns where it ends. The buffer must have room. */
export function writeRecord(into: Buffer, at: number, stampUs: number, kind: RecordKind, payload: Uint8Array): number {
  const end = at + RECORD_HEADER_BYTES + payload.length;
  into.writeUInt32LE(payload.length, at);
  into.writeUInt32LE(stampUs % TWO_POW_32, at + 8);
  into.writeUInt32LE(Math.floor(stampUs / TWO_POW_32), at + 12);
  into[at + 16] = kind;
  into.set(payload, at + RECORD_HEADER_BYTES);
  into.writeUInt32LE(crc32(into.subarray(at + 8, end)), at + 4);
  return end;
}

/**
 * Reads the record at `at`. `null`: the bytes end before the record does. `'torn'`: it can never become one (its CRC or
 * its numbers are wrong). The payload is a view.
 */
export function readRecord(bytes: Buffer, at: number): { record: JournalRecord; end: number } | null | 'torn' {
  if (at + RECORD_HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(at);
  if (length > PAYLOAD_BYTES_MAX) return 'torn';
  const end = at + RECORD_HEADER_BYTES + length;
  if (end > bytes.length) return null;
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return 'torn';
  const kind = bytes[at + 16];
  if (kind !== RECORD.frame && kind !== RECORD.event) return 'torn';
  const stampUs = bytes.readUInt32LE(at + 12) * TWO_POW_32 + bytes.readUInt32LE(at + 8);
  return { record: { stampUs, kind, payload: bytes.subarray(at + RECORD_HEADER_BYTES, end) }, end };
}

/** Folder of a feed's segments of the trading day in which `stampUs` lies. */
export const dayOf = (stampUs: number): string => formatIstDate(stampUs);

/** In which form a segment stands on the disk; all give the same bytes. */
export type SegmentForm = 'raw' | 'brotli' | 'sealed';

const SEGMENT_NAME = /^(\d{16})\.gj(\.br|\.sealed)?$/;

export const segmentName = (firstStampUs: number): string => `${String(firstStampUs).padStart(16, '0')}.gj`;

/** First stamp of a segment by its file name; null where the name is not a segment's. */
export function parseSegmentName(name: string): { firstStampUs: number; form: SegmentForm } | null {
  const match = SEGMENT_NAME.exec(name);
  if (!match) return null;
  const form = match[2] === undefined ? 'raw' : match[2] === '.br' ? 'brotli' : 'sealed';
  return { firstStampUs: Number(match[1]), form };
}
