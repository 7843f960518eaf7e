/**
 * Rows in PostgreSQL's binary COPY format (documented with the COPY command, "Binary Format"), written straight from
 * typed arrays. Text would have to be printed here and parsed there: measured, binary takes about half the CPU of both.
 */

/** µs from the Unix epoch to 2000-01-01, where PostgreSQL's timestamps begin. */
const PG_EPOCH_US = 946_684_800_000_000;
const OID_INT8 = 20;
const OID_INT4 = 23;
const TWO_POW_32 = 2 ** 32;

export const COPY_HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

/** Growing buffer of encoded rows; reused from batch to batch. */
export class CopyRows {
  private buffer: Buffer;
  private view: DataView;
  /** Bytes used. */
  length = 0;

  constructor(capacity = 1024 * 1024) {
    this.buffer = Buffer.allocUnsafe(capacity);
    this.view = viewOf(this.buffer);
  }

  clear(): void {
    this.length = 0;
  }

  /** A part of the rows, not a copy: valid until the next `clear`. */
  slice(from: number, to: number): Buffer {
    return this.buffer.subarray(from, to);
  }

  /** Begins a row of `fields` fields; each must then be written, in the order of the columns. */
  row(fields: number): void {
    this.reserve(2);
    this.view.setInt16(this.length, fields);
    this.length += 2;
  }

  null(): void {
    this.reserve(4);
    this.view.setInt32(this.length, -1);
    this.length += 4;
  }

  int2(value: number): void {
    this.reserve(6);
    this.view.setInt32(this.length, 2);
    this.view.setInt16(this.length + 4, value);
    this.length += 6;
  }

  int4(value: number): void {
    this.reserve(8);
    this.view.setInt32(this.length, 4);
    this.view.setInt32(this.length + 4, value);
    this.length += 8;
  }

  /** Any whole number that a double holds exactly. */
  int8(value: number): void {
    this.reserve(12);
    this.view.setInt32(this.length, 8);
    this.setInt64(this.length + 4, value);
    this.length += 12;
  }

  float8(value: number): void {
    this.reserve(12);
    this.view.setInt32(this.length, 8);
    this.view.setFloat64(this.length + 4, value);
    this.length += 12;
  }

  /** @param us µs since the Unix epoch */
  timestamptz(us: number): void {
    this.int8(us - PG_EPOCH_US);
  }

  /** The first `count` values as integer[]. They must fit: a stored value is never a wrapped one. */
  int4Array(values: Int32Array | Uint32Array, count: number): void {
    // A loop that meets both kinds of array takes five times as long as one that meets one.
    const signed = new Int32Array(values.buffer, values.byteOffset, count);
    const { view } = this.array(OID_INT4, count, 8);
    let at = this.length;
    for (let i = 0; i < count; i += 1) {
      view.setInt32(at, 4);
      view.setInt32(at + 4, signed[i] as number);
      at += 8;
    }
    this.length = at;
  }

  /** The first `count` values as bigint[]. */
  int8Array(values: Uint32Array, count: number): void {
    const { view } = this.array(OID_INT8, count, 12);
    for (let i = 0; i < count; i += 1) {
      view.setInt32(this.length, 8);
      this.setInt64(this.length + 4, values[i] as number);
      this.length += 12;
    }
  }

  /** Header of an array field; returns the view after making room for its elements. */
  private array(elementOid: number, count: number, elementBytes: number): { view: DataView } {
    const headerBytes = count === 0 ? 12 : 20;
    this.reserve(4 + headerBytes + count * elementBytes);
    const { view } = this;
    view.setInt32(this.length, headerBytes + count * elementBytes);
    view.setInt32(this.length + 4, count === 0 ? 0 : 1);
    view.setInt32(this.length + 8, 0);
    view.setInt32(this.length + 12, elementOid);
    if (count > 0) {
      view.setInt32(this.length + 16, count);
      view.setInt32(this.length + 20, 1);
    }
    this.length += 4 + headerBytes;
    return { view };
  }

  private setInt64(at: number, value: number): void {
    this.view.setInt32(at, Math.floor(value / TWO_POW_32));
    this.view.setUint32(at + 4, value >= 0 ? value % TWO_POW_32 : ((value % TWO_POW_32) + TWO_POW_32) % TWO_POW_32);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.length + bytes, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
    this.view = viewOf(grown);
  }
}

const viewOf = (buffer: Buffer): DataView => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
