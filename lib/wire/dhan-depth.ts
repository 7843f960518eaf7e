/**
 * DhanHQ v2 market depth, 20 and 200 levels, binary messages, as documented at dhanhq.co/docs/v2/full-market-depth and
 * read by DhanHQ-py 2.3.0rc1. No real 200-level packet was at hand: that layout rests on the documents and the SDK.
 *
 *     i16 length (header included) | u8 code | u8 segment | u32 security id | u32 X | rows × ( f64 price | u32 qty | u32 orders )
 *
 * little-endian, packets stacked in a message in any number. X is the row count at 200 levels and a sequence number to be
 * ignored at 20, whose packets always have 20 rows. Each packet is one whole side: it replaces that side of the book.
 */
import { ASK, BID, FRAME_FLAG, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { scaleOfDhanSegment } from './dhan-segments.ts';
import { saying, WireErrors } from './errors.ts';

export const DHAN_DEPTH_HEADER_BYTES = 12;
export const DHAN_DEPTH_ROW_BYTES = 16;
export const DHAN_DEPTH_CODE = { bid: 41, ask: 51, disconnect: 50 } as const;
export type DhanDepthLevels = 20 | 200;

/** Largest packet of each kind. */
export const dhanDepthBytes = (rows: number): number => DHAN_DEPTH_HEADER_BYTES + rows * DHAN_DEPTH_ROW_BYTES;

/**
 * Packets read from one message: both sides of the 50 instruments that a connection may carry, ten times over. Without
 * a limit a message of nothing but headers would cost two hundred times its own size in packets kept for reuse.
 */
export const DHAN_DEPTH_PACKETS_MAX = 1000;

/** A whole side of one instrument, or the server's farewell. */
export class DhanDepthPacket {
  /** Place in the message, counting the packets that were refused. */
  index = 0;
  code = 0;
  segment = 0;
  securityId = 0;
  /** BID on a disconnect packet, too. */
  side: Side = BID;
  /** FRAME_FLAG bits. */
  flags = 0;
  readonly levels = new SideLevels();
  /** Reason of a disconnect packet (dhan.md 3); 0 on the others. */
  reason = 0;
}

/** One message's packets. Owned by the caller and reused. */
export class DhanDepthBatch {
  count = 0;
  readonly packets: DhanDepthPacket[] = [];
  readonly errors = new WireErrors();

  /** The next free packet; the batch keeps it only once `count` has moved past it. */
  next(): DhanDepthPacket {
    let packet = this.packets[this.count];
    if (!packet) {
      packet = new DhanDepthPacket();
      this.packets.push(packet);
    }
    return packet;
  }
}

const INT32_MAX = 2 ** 31 - 1;
/** A price of whole units differs from its float64 by far less; one between two units by far more. */
const UNIT_TOLERANCE = 1e-3;

/**
 * Decodes one binary message of a feed of `kind` levels into `batch` and returns how many packets it held. Never throws;
 * never reads outside `frame`. After a length that cannot be right, or too many packets, the rest of the message is
 * dropped and counted.
 */
export function decodeDhanDepth(frame: Uint8Array, kind: DhanDepthLevels, batch: DhanDepthBatch): number {
  batch.count = 0;
  const { errors } = batch;
  errors.clear();
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const end = frame.length;
  let offset = 0;
  for (let index = 0; offset < end; index += 1) {
    const left = end - offset;
    if (index === DHAN_DEPTH_PACKETS_MAX) {
      errors.add('too_many_packets', index, saying`${left} bytes left after ${DHAN_DEPTH_PACKETS_MAX} packets`);
      break;
    }
    if (left < DHAN_DEPTH_HEADER_BYTES) {
      errors.add('header_truncated', index, saying`${left} bytes left, header needs ${DHAN_DEPTH_HEADER_BYTES}`);
      break;
    }
    const length = view.getInt16(offset, true);
    const code = frame[offset + 2] as number;
    if (length < DHAN_DEPTH_HEADER_BYTES) {
      errors.add('bad_length', index, saying`length ${length}, cannot find the next packet`);
      break;
    }
    if (length > left) {
      errors.add('body_truncated', index, saying`code ${code}: ${length} bytes declared, ${left} are there`);
      break;
    }
    const packet = batch.next();
    packet.index = index;
    packet.code = code;
    packet.segment = frame[offset + 3] as number;
    packet.securityId = view.getUint32(offset + 4, true);
    packet.side = code === DHAN_DEPTH_CODE.ask ? ASK : BID;
    packet.flags = 0;
    packet.reason = 0;
    packet.levels.count = 0;
    const x = view.getUint32(offset + 8, true);
    if (code === DHAN_DEPTH_CODE.bid || code === DHAN_DEPTH_CODE.ask) {
      const held = Math.floor((length - DHAN_DEPTH_HEADER_BYTES) / DHAN_DEPTH_ROW_BYTES);
      const declared = kind === 200 ? x : 20;
      if (declared > held || declared > MAX_LEVELS) {
        errors.add(
          'row_count_mismatch',
          index,
          saying`${declared} rows declared, ${held} are there, ${MAX_LEVELS} at most`,
        );
        packet.flags |= FRAME_FLAG.rowsDisagreed;
      }
      const rows = Math.min(declared, held, MAX_LEVELS);
      const start = offset + DHAN_DEPTH_HEADER_BYTES;
      const scale = scaleOfDhanSegment(packet.segment);
      if (!readCleanRows(view, start, rows, scale, packet.side, packet.levels)) {
        const dropped = readAnyRows(view, start, rows, scale, packet.levels);
        if (dropped > 0) {
          errors.add('bad_price', index, saying`${dropped} of ${rows} levels have no price`);
          packet.flags |= FRAME_FLAG.levelsDropped;
        }
        packet.flags |= packet.levels.sort(packet.side);
      }
      batch.count += 1;
    } else if (code === DHAN_DEPTH_CODE.disconnect) {
      // Documented with 14 bytes and the reason at 12; the SDK reads 12 bytes with the reason at 8.
      packet.reason = length >= 14 ? view.getUint16(offset + 12, true) : x;
      batch.count += 1;
    } else {
      errors.add('unknown_code', index, saying`code ${code}, ${length} bytes skipped`);
    }
    offset += length;
  }
  return batch.count;
}

/**
 * Reads `rows` rows from `start` as nearly every side comes: each with a price, best first. False where one is not so;
 * then nothing in `into` counts. All that it leaves out against readAnyRows is what makes that one half as fast.
 */
function readCleanRows(
  view: DataView,
  start: number,
  rows: number,
  scale: number,
  side: Side,
  into: SideLevels,
): boolean {
  const { prices, quantities, orders } = into;
  const sign = side === BID ? -1 : 1;
  let last = side === BID ? INT32_MAX : 0;
  let clean = true;
  for (let row = 0, at = start; row < rows; row += 1, at += DHAN_DEPTH_ROW_BYTES) {
    const scaled = view.getFloat64(at, true) * scale;
    // Rounds, and cuts to 32 bits: what was no int32 comes out far from what it was, NaN as 0.
    const price = (scaled + 0.5) | 0;
    if (!(Math.abs(scaled - price) < UNIT_TOLERANCE) || Math.imul(price - last, sign) <= 0) clean = false;
    last = price;
    prices[row] = price;
    quantities[row] = view.getUint32(at + 8, true);
    orders[row] = view.getUint32(at + 12, true);
  }
  into.count = rows;
  // The lowest price of a side in order: if it is one, all are.
  const lowest = side === BID ? last : (prices[0] as number);
  return clean && (rows === 0 || lowest > 0);
}

/** Reads `rows` rows from `start`; returns how many were dropped for their price. All-zero rows only fill up a thin book. */
function readAnyRows(view: DataView, start: number, rows: number, scale: number, into: SideLevels): number {
  const { prices, quantities, orders } = into;
  let count = 0;
  let dropped = 0;
  for (let row = 0, at = start; row < rows; row += 1, at += DHAN_DEPTH_ROW_BYTES) {
    const scaled = view.getFloat64(at, true) * scale;
    const quantity = view.getUint32(at + 8, true);
    const price = Math.round(scaled);
    // Written so that NaN fails too.
    if (price > 0 && price <= INT32_MAX && Math.abs(scaled - price) < UNIT_TOLERANCE) {
      prices[count] = price;
      quantities[count] = quantity;
      orders[count] = view.getUint32(at + 12, true);
      count += 1;
    } else if (scaled !== 0 || quantity !== 0) {
      dropped += 1;
    }
  }
  into.count = count;
  return dropped;
}

/** Encodes one side. `padTo` rows: a thin 20-level book is filled up with zero rows. For the simulated exchange and tests. */
export function encodeDhanDepth(
  kind: DhanDepthLevels,
  segment: number,
  securityId: number,
  side: Side,
  levels: SideLevels,
  padTo = kind === 20 ? 20 : 0,
): Buffer {
  const sent = Math.min(levels.count, kind);
  const length = dhanDepthBytes(Math.max(sent, padTo));
  const scale = scaleOfDhanSegment(segment);
  const frame = Buffer.allocUnsafe(length);
  writeHeader(frame, length, side === BID ? DHAN_DEPTH_CODE.bid : DHAN_DEPTH_CODE.ask, segment, securityId);
  frame.writeUInt32LE(kind === 200 ? sent : 0, 8);
  const view = new DataView(frame.buffer, frame.byteOffset, length);
  for (let row = 0, at = DHAN_DEPTH_HEADER_BYTES; row < sent; row += 1, at += DHAN_DEPTH_ROW_BYTES) {
    view.setFloat64(at, (levels.prices[row] as number) / scale, true);
    view.setUint32(at + 8, levels.quantities[row] as number, true);
    view.setUint32(at + 12, levels.orders[row] as number, true);
  }
  frame.fill(0, dhanDepthBytes(sent));
  return frame;
}

/** Encodes a disconnect packet in its documented 14-byte form or the SDK's 12-byte one. */
export function encodeDhanDepthDisconnect(reason: number, form: 'documented' | 'sdk' = 'documented'): Buffer {
  const length = form === 'documented' ? 14 : 12;
  const frame = Buffer.alloc(length);
  writeHeader(frame, length, DHAN_DEPTH_CODE.disconnect, 0, 0);
  if (form === 'documented') frame.writeUInt16LE(reason, 12);
  else frame.writeUInt32LE(reason, 8);
  return frame;
}

function writeHeader(frame: Buffer, length: number, code: number, segment: number, securityId: number): void {
  frame.writeInt16LE(length, 0);
  frame[2] = code;
  frame[3] = segment;
  frame.writeUInt32LE(securityId, 4);
}
