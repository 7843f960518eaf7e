/**
 * Kite Connect v3 ticker, binary messages, as documented at kite.trade/docs/connect/v3/websocket and read by the official
 * clients (kiteconnect JS 5.3.0, Python 5.2.0, Go 4.4). Not decoded: the price change of index packets (bytes 24–27),
 * whose scale no source gives; text messages are in kite-messages.ts.
 *
 *     u16 count | count × ( u16 length | body )                       all big-endian, all unsigned
 *
 * There is no type byte: the body's length decides. A body of 184 bytes is exactly 46 words of 32 bits (a depth entry is
 * quantity, price, and one word holding the orders in its upper half), so decoding is: read each body's words into those of
 * the batch; fields are words by number.
 */
import { saying, WireErrors } from './errors.ts';

export const KITE_BYTES = { ltp: 8, indexQuote: 28, indexFull: 32, quote: 44, full: 184 } as const;

/** Words a tick takes in a batch, whatever its packet: the largest packet's. */
export const KITE_WORDS = KITE_BYTES.full / 4;

/** Word numbers of an `ltp`, `quote` or `full` packet. */
export const KITE_FIELD = {
  token: 0,
  lastPrice: 1,
  lastQuantity: 2,
  averagePrice: 3,
  volume: 4,
  buyQuantity: 5,
  sellQuantity: 6,
  open: 7,
  high: 8,
  low: 9,
  close: 10,
  lastTradeTime: 11,
  oi: 12,
  oiDayHigh: 13,
  oiDayLow: 14,
  exchangeTime: 15,
  depth: 16,
} as const;

/** Word numbers of an index packet: high, low, open, close, in that order. */
export const KITE_INDEX_FIELD = {
  token: 0,
  lastPrice: 1,
  high: 2,
  low: 3,
  open: 4,
  close: 5,
  priceChange: 6,
  exchangeTime: 7,
} as const;

export const KITE_DEPTH_LEVELS = 5;
/** Words of a depth entry: quantity, price, orders << 16 | padding. */
export const KITE_DEPTH_WORDS = 3;

/** Segment number (the token's lowest byte) of indices, which are not tradable. */
export const KITE_INDEX_SEGMENT = 9;

/** Most packets in one message: as many as instruments on a connection. */
export const KITE_PACKETS_MAX = 3000;

/** Room of a new batch. It grows to what its connection sends. */
const FIRST_TICKS = 64;

/** One message's ticks. Owned by the caller and reused: `decodeKiteFrame` overwrites it. */
export class KiteBatch {
  /** Ticks decoded. */
  count = 0;
  /** Body length of each tick, one of KITE_BYTES: which fields it has. */
  length: Uint8Array = new Uint8Array(FIRST_TICKS);
  /** Place of each tick in its message, counting the packets that were refused. */
  packet: Uint16Array = new Uint16Array(FIRST_TICKS);
  /** KITE_WORDS words a tick; what a shorter packet lacks means nothing. */
  words: Uint32Array = new Uint32Array(FIRST_TICKS * KITE_WORDS);
  /** Packets that the message claims to hold. */
  declared = 0;
  /** True for the one-byte message that says only that the connection lives. */
  heartbeat = false;
  readonly errors = new WireErrors();

  /** Makes room for `ticks`. What was there is gone where it had to grow. */
  grow(ticks: number): void {
    const had = this.length.length;
    if (ticks <= had) return;
    const capacity = Math.max(ticks, had * 2);
    this.length = new Uint8Array(capacity);
    this.packet = new Uint16Array(capacity);
    this.words = new Uint32Array(capacity * KITE_WORDS);
  }
}

/**
 * Decodes one binary message into `batch` and returns how many ticks it held. Never throws; never reads outside `frame`.
 * Unknown, truncated and surplus packets are left out and counted in `batch.errors`; bytes after the declared packets
 * are ignored, as every official client does.
 */
export function decodeKiteFrame(frame: Uint8Array, batch: KiteBatch): number {
  batch.count = 0;
  batch.declared = 0;
  batch.errors.clear();
  batch.heartbeat = frame.length === 1;
  if (frame.length < 2) return 0;

  const declared = ((frame[0] as number) << 8) | (frame[1] as number);
  batch.declared = declared;
  if (declared > KITE_PACKETS_MAX) {
    batch.errors.add('too_many_packets', 0, saying`${declared} packets declared, at most ${KITE_PACKETS_MAX} are sent`);
  }
  // A packet takes at least its length field: no more of them than the bytes allow, whatever the count says.
  batch.grow(Math.min(declared, KITE_PACKETS_MAX, Math.ceil(frame.length / (2 + KITE_BYTES.ltp))));

  const { errors, length: lengths, packet: packets, words } = batch;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const end = frame.length;
  const most = Math.min(declared, KITE_PACKETS_MAX);
  let count = 0;
  let offset = 2;
  for (let packet = 0; packet < most; packet += 1) {
    if (offset + 2 > end) {
      errors.add('header_truncated', packet, saying`length field missing, ${declared} packets declared`);
      break;
    }
    const length = ((frame[offset] as number) << 8) | (frame[offset + 1] as number);
    const body = offset + 2;
    if (body + length > end) {
      errors.add('body_truncated', packet, saying`${length} bytes declared, ${end - body} are there`);
      break;
    }
    offset = body + length;
    if (!isKiteLength(length)) {
      errors.add('unknown_length', packet, saying`no packet has ${length} bytes`);
      continue;
    }
    readWords(view, body, words, count * KITE_WORDS, length / 4);
    lengths[count] = length;
    packets[count] = packet;
    count += 1;
  }
  batch.count = count;
  return count;
}

const isKiteLength = (length: number): boolean =>
  length === KITE_BYTES.full ||
  length === KITE_BYTES.quote ||
  length === KITE_BYTES.ltp ||
  length === KITE_BYTES.indexFull ||
  length === KITE_BYTES.indexQuote;

/** Four at a turn: measured, the loop's own work takes a third of the time of one at a turn. */
function readWords(view: DataView, from: number, words: Uint32Array, to: number, count: number): void {
  let at = from;
  let i = to;
  for (const fours = to + (count & ~3); i < fours; i += 4, at += 16) {
    words[i] = view.getUint32(at);
    words[i + 1] = view.getUint32(at + 4);
    words[i + 2] = view.getUint32(at + 8);
    words[i + 3] = view.getUint32(at + 12);
  }
  for (const end = to + count; i < end; i += 1, at += 4) words[i] = view.getUint32(at);
}
