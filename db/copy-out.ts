/**
 * Reads query results in PostgreSQL's binary COPY format. The driver knows results as text only, and text of long arrays
 * costs ten times as much to read as the arrays' bytes.
 */
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ABSENT } from '../lib/core/absent.ts';
import type { Client } from './connect.ts';
import { COPY_HEADER } from './copy.ts';

/** µs from the Unix epoch to 2000-01-01, where PostgreSQL's timestamps begin. */
const PG_EPOCH_US = 946_684_800_000_000n;

/** A field's bytes in PostgreSQL's binary representation of its type; null for NULL. */
export type RawField = Buffer | null;

/**
 * Runs `select` and returns its rows as raw fields.
 *
 * @param select without parameters, which COPY cannot have: only numbers checked by the caller may be written into it
 */
export async function copyOut(pool: pg.Pool, select: string): Promise<RawField[][]> {
  return parseRows(await copyBytes(pool, select));
}

async function copyBytes(db: Client | pg.Pool, select: string): Promise<Buffer> {
  if (!(db instanceof pg.Pool)) return readAll(db, select);
  const client = await db.connect();
  try {
    const bytes = await readAll(client, select);
    client.release();
    return bytes;
  } catch (error) {
    // In the middle of a copy the connection cannot be used for anything else.
    client.release(true);
    throw error;
  }
}

async function readAll(client: pg.ClientBase, select: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`)))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Reads a result row by row, field by field in their order, and makes no object of any. */
export class FieldReader {
  private at = 0;

  constructor(private readonly result: Buffer) {}

  /** Goes to the next row. @returns false behind the last */
  next(): boolean {
    if (this.at === 0) this.at = COPY_HEADER.length;
    // The trailer is a field count of -1.
    if (this.result.readInt16BE(this.at) < 0) return false;
    this.at += 2;
    return true;
  }

  /** A smallint, integer or bigint; ABSENT for NULL. */
  integer(): number {
    const length = this.length();
    if (length < 0) return ABSENT;
    const at = this.at;
    this.at += length;
    if (length === 4) return this.result.readInt32BE(at);
    if (length === 2) return this.result.readInt16BE(at);
    const high = this.result.readInt32BE(at);
    return high === 0 ? this.result.readUInt32BE(at + 4) : high * 2 ** 32 + this.result.readUInt32BE(at + 4);
  }

  /** A double precision that is not NULL. */
  double(): number {
    const length = this.length();
    this.at += length;
    return this.result.readDoubleBE(this.at - length);
  }

  /** A timestamptz that is not NULL, µs since the Unix epoch. */
  timestampUs(): number {
    return this.integer() + Number(PG_EPOCH_US);
  }

  /** A bytea that is not NULL. */
  bytes(): Buffer {
    const length = this.length();
    this.at += length;
    return this.result.subarray(this.at - length, this.at);
  }

  private length(): number {
    this.at += 4;
    return this.result.readInt32BE(this.at - 4);
  }
}

/** As `copyOut`, for rows of many fields. */
export async function copyOutFields(db: Client | pg.Pool, select: string): Promise<FieldReader> {
  return new FieldReader(await copyBytes(db, select));
}

/**
 * The same row by row as they come, with nothing kept: for results of any size. Whoever takes them slowly slows the server down.
 * The fields are good until the next rows are asked for.
 *
 * @param client can be used for nothing else meanwhile, and never again where it was not read to the end
 */
export async function* copyOutInParts(client: Client, select: string): AsyncGenerator<RawField[][]> {
  let left: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`))) {
    const bytes = left.length === 0 ? (chunk as Buffer) : Buffer.concat([left, chunk as Buffer]);
    if (!begun && bytes.length < COPY_HEADER.length) {
      left = bytes;
      continue;
    }
    const rows: RawField[][] = [];
    const end = takeRows(bytes, begun ? 0 : COPY_HEADER.length, rows);
    begun = true;
    left = bytes.subarray(end);
    if (rows.length > 0) yield rows;
  }
}

function parseRows(bytes: Buffer): RawField[][] {
  const rows: RawField[][] = [];
  takeRows(bytes, COPY_HEADER.length, rows);
  return rows;
}

/** Takes the whole rows that begin at `from` into `rows`. @returns where what is no whole row begins */
function takeRows(bytes: Buffer, from: number, rows: RawField[][]): number {
  for (let begin = from; ; ) {
    if (begin + 2 > bytes.length) return begin;
    const fields = bytes.readInt16BE(begin);
    // The trailer is a field count of -1.
    if (fields < 0) return begin + 2;
    let at = begin + 2;
    const row: RawField[] = [];
    while (row.length < fields) {
      if (at + 4 > bytes.length) return begin;
      const length = bytes.readInt32BE(at);
      at += 4;
      if (at + length > bytes.length) return begin;
      row.push(length < 0 ? null : bytes.subarray(at, at + length));
      at += Math.max(length, 0);
    }
    rows.push(row);
    begin = at;
  }
}

/** µs since the Unix epoch. */
export const timestampUs = (field: Buffer): number => Number(field.readBigInt64BE(0) + PG_EPOCH_US);

/** Puts an integer[] without NULLs into `into` and returns how many elements it has. */
export function readInt4Array(field: Buffer, into: Int32Array | Uint32Array): number {
  // Dimensions, flags, element type; then, unless there are none, length and lower bound, and a length and a value each.
  if (field.readInt32BE(0) === 0) return 0;
  const count = field.readInt32BE(12);
  const view = new DataView(field.buffer, field.byteOffset, field.byteLength);
  // A loop that meets both kinds of array takes five times as long as one that meets one.
  const signed = new Int32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < count; i += 1) signed[i] = view.getInt32(24 + i * 8);
  return count;
}

/** An integer[] or bigint[] without NULLs as numbers. */
export function integersOf(field: Buffer): number[] {
  if (field.readInt32BE(0) === 0) return [];
  const count = field.readInt32BE(12);
  const bytes = field.readInt32BE(20);
  const numbers = new Array<number>(count);
  for (let i = 0, at = 24; i < count; i += 1, at += 4 + bytes) {
    numbers[i] = bytes === 4 ? field.readInt32BE(at) : Number(field.readBigInt64BE(at));
  }
  return numbers;
}

/** Reads bigint[] whose elements fit 32 bits without a sign into `into`. @returns how many there are */
export function readInt8Array(field: Buffer, into: Uint32Array): number {
  if (field.readInt32BE(0) === 0) return 0;
  const count = field.readInt32BE(12);
  for (let i = 0; i < count; i += 1) into[i] = Number(field.readBigInt64BE(24 + i * 12));
  return count;
}

/** A number as a literal for `copyOut`. @throws RangeError where it is no whole number */
export function integerLiteral(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return `(${value})`;
}
