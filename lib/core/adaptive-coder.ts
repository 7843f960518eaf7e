/**
 * An adaptive arithmetic coder of yes/no decisions, the one behind sealed history. Each decision is made in a context, and
 * costs as many bits as it is surprising there: the coder learns per context how often the answer is yes. Numbers are made
 * of decisions.
 *
 * One class does both directions, so that a model is written once: `bit(context, value)` writes `value` and returns it
 * where it encodes, ignores it and returns what was written where it decodes. Integer arithmetic only: the bytes are the
 * same on every machine.
 *
 * Interval arithmetic without a carry, as in lpaq1 by M. Mahoney; the estimate is the mean of a fast one and of one
 * that slows down as it has seen more.
 */

/** Contexts that a number takes: 64 for its length in bits, 8 for each length's leading bits. */
export const NUMBER_CONTEXTS = 64 + 33 * 8;

/** The fast estimate moves by 1/16 of what it was wrong by. */
const FAST_SHIFT = 4;
/** The slow one by 1/(n + 1.5) at its n-th decision, but never less than at this one. */
const SLOW_LIMIT = 160;
const SLOW_RATE = Int32Array.from({ length: SLOW_LIMIT + 1 }, (_, n) => Math.floor(16_384 / (n + 1.5)));
/** Estimates stand in 1/65536, decisions are made in 1/32768: with the interval's 31 bits, all fits what V8 keeps as an integer. */
const HALF = 0x8000;
const EVEN = 0x4000;
/** No answer is ever held to be certain. */
const SURE = 12;
const WHOLE = 0x7fff_ffff;
/** Bits of the interval's top byte. */
const TOP = 0x7f80_0000;

const EMPTY = new Uint8Array(0);

export class AdaptiveCoder {
  private readonly fast: Uint16Array;
  private readonly slow: Uint16Array;
  private readonly seen: Uint8Array;
  private reserved = 0;
  private low = 0;
  private high = WHOLE;
  private code = 0;
  private position = 0;
  private lastByte = 0;
  private bytes: Uint8Array;

  /**
   * @param contexts how many contexts there can be
   * @param encoded what is to be decoded; null to encode
   */
  constructor(contexts: number, encoded: Uint8Array | null) {
    this.fast = new Uint16Array(contexts).fill(HALF);
    this.slow = new Uint16Array(contexts).fill(HALF);
    this.seen = new Uint8Array(contexts);
    this.encoding = encoded === null;
    this.bytes = encoded ?? EMPTY;
    if (encoded) for (let i = 0; i < 4; i += 1) this.code = ((this.code << 8) & WHOLE) | this.nextBits();
  }

  readonly encoding: boolean;

  /** Where `count` contexts begin that nobody else uses. @throws RangeError where there are no more */
  reserve(count: number): number {
    const first = this.reserved;
    this.reserved += count;
    if (this.reserved > this.fast.length) throw new RangeError(`${this.reserved} contexts of ${this.fast.length}`);
    return first;
  }

  /** One decision, 0 or 1. */
  bit(context: number, value: number): number {
    const { fast, slow, seen } = this;
    const f = fast[context] as number;
    const s = slow[context] as number;
    let p = (f + s) >>> 2;
    if (p < SURE) p = SURE;
    else if (p > 0x7fff - SURE) p = 0x7fff - SURE;
    const answer = this.split(p, value);
    const n = seen[context] as number;
    const target = answer === 0 ? 0 : 0xffff;
    fast[context] = f + ((target - f) >> FAST_SHIFT);
    slow[context] = s + (((target - s) * (SLOW_RATE[n] as number)) >> 14);
    if (n < SLOW_LIMIT) seen[context] = n + 1;
    return answer;
  }

  /** The lowest `count` bits of `value`, at most 32, about which nothing is known. */
  plain(value: number, count: number): number {
    let read = 0;
    for (let i = count - 1; i >= 0; i -= 1) read = (read << 1) | this.split(EVEN, (value >>> i) & 1);
    return read >>> 0;
  }

  /** An unsigned number below 2^32, by its length in bits, then its bits. `context`: the first of NUMBER_CONTEXTS. */
  number(context: number, value: number): number {
    const length = 32 - Math.clz32(value);
    // A tree of six decisions, the first from the top.
    let node = 1;
    for (let i = 5; i >= 0; i -= 1) node = (node << 1) | this.bit(context + node, (length >>> i) & 1);
    const read = node & 63;
    if (read < 2) return read;
    // Only damaged bytes have such a length: their reader finds out by the checksum.
    if (read > 32) return 0;
    // The three bits after the leading one have contexts of their own, the others are noise.
    const known = read - 1 < 3 ? read - 1 : 3;
    const first = context + 64 + read * 8;
    let prefix = 1;
    for (let i = 0; i < known; i += 1) {
      prefix = (prefix << 1) | this.bit(first + prefix, (value >>> (read - 2 - i)) & 1);
    }
    const rest = read - 1 - known;
    if (rest === 0) return prefix;
    return (prefix * 2 ** rest + this.plain(value, rest)) >>> 0;
  }

  /** An unsigned number up to 2^53. `context`: the first of two times NUMBER_CONTEXTS. */
  wide(context: number, value: number): number {
    const upper = this.number(context + NUMBER_CONTEXTS, Math.floor(value / 2 ** 32));
    return upper * 2 ** 32 + this.number(context, value >>> 0);
  }

  /** The bytes, once everything has been encoded. */
  finish(): Uint8Array {
    // A whole number of the interval: what follows it does not matter.
    let { high } = this;
    for (let i = 0; i < 4; i += 1) {
      this.put(high >>> 23);
      high = (high << 8) & WHOLE;
    }
    return this.bytes.subarray(0, this.position);
  }

  /** More bytes were wanted than there are: not what an encoder wrote. */
  get exhausted(): boolean {
    return this.position > this.bytes.length + 4;
  }

  /** Divides the interval at `p`/32768, and goes on with the lower part where the answer is 1. */
  private split(p: number, value: number): number {
    let { low, high } = this;
    const range = high - low;
    const middle = low + (range >>> 15) * p + (((range & 0x7fff) * p) >>> 15);
    const answer = this.encoding ? value : this.code <= middle ? 1 : 0;
    if (answer === 1) high = middle;
    else low = middle + 1;
    while (((low ^ high) & TOP) === 0) {
      if (this.encoding) this.put(high >>> 23);
      else this.code = ((this.code << 8) & WHOLE) | this.nextBits();
      low = (low << 8) & WHOLE;
      high = ((high << 8) & WHOLE) | 0xff;
    }
    this.low = low;
    this.high = high;
    return answer;
  }

  private put(byte: number): void {
    if (this.position === this.bytes.length) {
      const grown = new Uint8Array(Math.max(4096, 2 * this.bytes.length));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[this.position++] = byte;
  }

  /** The next eight bits of the stream, which the interval's 31 put one off the bytes. */
  private nextBits(): number {
    const { position } = this;
    this.position += 1;
    const byte = position < this.bytes.length ? (this.bytes[position] as number) : 0;
    const bits = ((this.lastByte << 7) | (byte >>> 1)) & 0xff;
    this.lastByte = byte;
    return bits;
  }
}
