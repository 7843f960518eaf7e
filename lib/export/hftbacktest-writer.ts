/**
 * Events as hftbacktest takes them (its py-hftbacktest/hftbacktest/types.py, `event_dtype`): a NumPy array file, version 1.0, of
 * 64-byte records whose header ends on a multiple of 64, which its reader asks for.
 *
 *     u64 ev | i64 exch_ts | i64 local_ts | f64 px | f64 qty | u64 order_id | i64 ival | f64 fval      little-endian
 *
 * docs/EXPORTS.md says what such a file can and cannot tell a backtest.
 */
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { BID, type Side } from '../core/side.ts';
import type { FileSink } from './sink.ts';

export const EVENT_BYTES = 64;
/** Kinds and flags of `ev`. */
export const EVENT = {
  depth: 1,
  trade: 2,
  exchange: 2 ** 31,
  local: 2 ** 30,
  buy: 2 ** 29,
  sell: 2 ** 28,
} as const;

const BATCH_EVENTS = 4096;
const HEADER_BYTES = 256;
const NS_PER_US = 1000n;
const FIELDS = [
  ['ev', '<u8'],
  ['exch_ts', '<i8'],
  ['local_ts', '<i8'],
  ['px', '<f8'],
  ['qty', '<f8'],
  ['order_id', '<u8'],
  ['ival', '<i8'],
  ['fval', '<f8'],
];

export class HftbacktestWriter {
  events = 0;
  private readonly buffer = Buffer.alloc(BATCH_EVENTS * EVENT_BYTES);
  private held = 0;
  private knownUs = Number.NaN;
  private knownNs = 0n;

  /** @param priceScale price units in a rupee */
  constructor(
    private readonly sink: FileSink,
    private readonly priceScale: number,
  ) {}

  /** How many events there are is known at the end: the place is kept. */
  begin(): Promise<void> {
    return this.sink.write(header(0));
  }

  depth(stampUs: number, side: Side, price: number, quantity: number): void {
    this.add(EVENT.depth + (side === BID ? EVENT.buy : EVENT.sell), stampUs, price, quantity);
  }

  /** Of an unknown aggressor neither side is flagged: no order is filled by it. */
  trade(stampUs: number, aggressor: Aggressor, price: number, quantity: number): void {
    const side = aggressor === AGGRESSOR.buy ? EVENT.buy : aggressor === AGGRESSOR.sell ? EVENT.sell : 0;
    this.add(EVENT.trade + side, stampUs, price, quantity);
  }

  /** Writes what is held. To be called at least each time that `isFull`. */
  async flush(): Promise<void> {
    await this.sink.write(this.buffer.subarray(0, this.held * EVENT_BYTES));
    this.held = 0;
  }

  /** Whether the events of one more frame (two sides' levels) may find no place. */
  get isFull(): boolean {
    return this.held > BATCH_EVENTS - FRAME_EVENTS_MAX;
  }

  async end(): Promise<void> {
    await this.flush();
    await this.sink.writeBeginning(header(this.events));
  }

  /** Neither broker says when the exchange made a book: both times are the receive stamp. */
  private add(kind: number, stampUs: number, price: number, quantity: number): void {
    const { buffer } = this;
    const at = this.held * EVENT_BYTES;
    if (stampUs !== this.knownUs) {
      this.knownUs = stampUs;
      this.knownNs = BigInt(stampUs) * NS_PER_US;
    }
    buffer.writeUInt32LE(kind + EVENT.exchange + EVENT.local, at);
    buffer.writeBigInt64LE(this.knownNs, at + 8);
    buffer.writeBigInt64LE(this.knownNs, at + 16);
    buffer.writeDoubleLE(price / this.priceScale, at + 24);
    buffer.writeDoubleLE(quantity, at + 32);
    this.held += 1;
    this.events += 1;
  }
}

/** Levels gone and levels new of both sides, of 200 each. */
const FRAME_EVENTS_MAX = 800;

function header(events: number): Buffer {
  const descr = FIELDS.map(([name, type]) => `('${name}', '${type}')`).join(', ');
  const words = `{'descr': [${descr}], 'fortran_order': False, 'shape': (${events},), }`;
  const bytes = Buffer.alloc(HEADER_BYTES, ' ');
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(HEADER_BYTES - 10, 8);
  bytes.write(words, 10, 'latin1');
  bytes.write('\n', HEADER_BYTES - 1, 'latin1');
  return bytes;
}
