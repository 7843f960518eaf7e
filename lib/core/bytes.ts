/** Bytes that cannot be what they claim to be, in one of our own formats (journal, stream entry, live message). */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

const TWO_POW_32 = 2 ** 32;

/**
 * Grows as needed and is reused: `reset()` before each message. Unsigned integers go out as LEB128 varints, up to
 * 2^53 - 1; signed ones zigzag-coded first, up to ±2^52.
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  position = 0;
  private dataView: DataView;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.dataView = new DataView(this.bytes.buffer);
  }

  reset(): void {
    this.position = 0;
  }

  /** Makes room for `count` further bytes. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.dataView = new DataView(grown.buffer);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  /** @throws RangeError where no varint holds the number: a mistake of the caller's, which must not become other bytes. */
  varint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let position = this.position;
    let rest = value;
    if (value >>> 0 !== value) {
      if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no varint`);
      // Above 2^32 the bit operators would cut the number: divide until they can take over.
      while (rest >= TWO_POW_32) {
        bytes[position++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
    }
    rest >>>= 0;
    while (rest > 0x7f) {
      bytes[position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[position++] = rest;
    this.position = position;
  }

  /** The first `count` numbers as varints: in a loop of its own each takes half the time. */
  varints(values: Uint32Array, count: number): void {
    this.reserve(count * 5);
    const { bytes } = this;
    let position = this.position;
    for (let i = 0; i < count; i += 1) {
      let rest = values[i] as number;
      while (rest > 0x7f) {
        bytes[position++] = (rest & 0x7f) | 0x80;
        rest >>>= 7;
      }
      bytes[position++] = rest;
    }
    this.position = position;
  }

  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  f64(value: number): void {
    this.reserve(8);
    this.dataView.setFloat64(this.position, value, true);
    this.position += 8;
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  /** UTF-8 text with its length before it. */
  text(value: string): void {
    const encoded = textEncoder.encode(value);
    this.varint(encoded.length);
    this.raw(encoded);
  }

  /** The message so far, without a copy: valid until the next `reset`. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.position);
  }

  /** The message so far, as bytes of their own. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.position);
  }
}

/** Reads what ByteWriter wrote. Every read is bounds-checked. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public position = 0,
    private readonly end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.end - this.position;
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.position++] as number;
  }

  varint(): number {
    const { bytes, end } = this;
    let position = this.position;
    let value = 0;
    let shift = 0;
    while (position < end) {
      const byte = bytes[position++] as number;
      // Bit operators while they are exact, multiplication above.
      if (shift < 28) value |= (byte & 0x7f) << shift;
      else value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        this.position = position;
        return value;
      }
      shift += 7;
      if (shift > 49) break;
    }
    throw new CodecError(`varint at ${this.position} does not end within its bounds`);
  }

  /** The next `count` varints. @throws CodecError also where one is beyond 2^32 - 1 */
  varints(into: Uint32Array, count: number): void {
    const { bytes, end } = this;
    let position = this.position;
    for (let i = 0; i < count; i += 1) {
      const byte = position < end ? (bytes[position] as number) : 0x80;
      if (byte < 0x80) {
        into[i] = byte;
        position += 1;
        continue;
      }
      this.position = position;
      const value = this.varint();
      into[i] = value;
      if (into[i] !== value) throw new CodecError(`${value} where at most ${TWO_POW_32 - 1} can be`);
      position = this.position;
    }
    this.position = position;
  }

  zigzag(): number {
    const value = this.varint();
    // Bit operators while they are exact.
    if (value >>> 0 === value) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  f64(): number {
    this.need(8);
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A view of the next `length` bytes, not a copy. */
  raw(length: number): Uint8Array {
    this.need(length);
    const part = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return part;
  }

  text(): string {
    return textDecoder.decode(this.raw(this.varint()));
  }

  private need(count: number): void {
    if (count > this.end - this.position) {
      throw new CodecError(`${count} bytes wanted at ${this.position}, ${this.end - this.position} are there`);
    }
  }
}

const textEncoder = new TextEncoder();
// A text may begin with U+FEFF: without this it would be taken for a byte order mark and left out.
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
