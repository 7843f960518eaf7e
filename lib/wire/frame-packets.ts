/**
 * A frame taken apart into the numbers that it is made of, and put together again to the same bytes: what sealed history
 * stores instead of frames. Nothing is judged here: what a decoder refuses is put together as well as what it takes.
 * A frame that cannot be put together again is stored as it is; who takes frames apart finds out by doing both.
 */
import type { FeedKind } from '../core/feeds.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { DHAN_DEPTH_CODE, DHAN_DEPTH_HEADER_BYTES, DHAN_DEPTH_ROW_BYTES } from './dhan-depth.ts';
import { DHAN_LIVE_BYTES, DHAN_LIVE_CODE, DHAN_LIVE_HEADER_BYTES } from './dhan-live.ts';
import { scaleOfDhanSegment } from './dhan-segments.ts';
import { KITE_BYTES } from './kite.ts';

/** How a price stands on the wire: as the double, or as the float32, that is next to the decimal number. */
export const PRICE_FORM = { float64: 0, float32: 1 } as const;

/** One packet of a frame. */
export class FramePacket {
  /** Number of the layout in `layoutsOf`; a side of depth: its `DEPTH_LAYOUT`. */
  layout = 0;
  /** Exchange segment; 0 where the packet has none of its own. */
  segment = 0;
  /** The broker's number of the instrument. */
  instrument = 0;
  /** The other fields, as unsigned numbers, in the layout's order. */
  readonly fields = new Uint32Array(FIELDS_MAX);
  /** Of a side of depth: the header's last field. */
  x = 0;
  /** Of a side of depth: rows of nothing but zeros after the levels. */
  padding = 0;
  /** Of a side of depth: a PRICE_FORM. */
  priceForm = 0;
  side: Side = BID;
  readonly levels = new SideLevels();
}

/** Packets of one frame. Owned by the caller and reused. */
export class FramePackets {
  count = 0;
  readonly packets: FramePacket[] = [];

  next(): FramePacket {
    let packet = this.packets[this.count];
    if (!packet) {
      packet = new FramePacket();
      this.packets.push(packet);
    }
    this.count += 1;
    return packet;
  }
}

/** A fixed packet: its size, and the widths of its fields after what names the instrument. */
export interface PacketLayout {
  /** The whole packet; of Kite's the body. */
  readonly bytes: number;
  /** What the header says: Dhan's code. */
  readonly code: number;
  /** Bytes of each field, 1, 2 or 4, to the packet's end. */
  readonly widths: Uint8Array;
}

/** Fields that the largest packet has: Kite's full one, each depth entry of which is four. */
const FIELDS_MAX = 64;
/** Most packets that are taken apart in one frame. */
const PACKETS_MAX = 8192;

/** A side of depth has this layout number, and no fixed size. */
export const DEPTH_LAYOUT = 255;

const layout = (bytes: number, code: number, ...widths: readonly number[]): PacketLayout => ({
  bytes,
  code,
  widths: Uint8Array.from(widths),
});
const times = (count: number, ...widths: readonly number[]): number[] =>
  Array.from({ length: count }, () => widths).flat();

/** By length; the first word is the token. */
const KITE: readonly PacketLayout[] = [
  layout(KITE_BYTES.ltp, 0, 4),
  layout(KITE_BYTES.indexQuote, 0, ...times(6, 4)),
  layout(KITE_BYTES.indexFull, 0, ...times(7, 4)),
  layout(KITE_BYTES.quote, 0, ...times(10, 4)),
  // Ten depth entries: quantity, price, orders, padding.
  layout(KITE_BYTES.full, 0, ...times(15, 4), ...times(10, 4, 4, 2, 2)),
];

/** A depth row of Dhan's live packets: bid and ask quantity, bid and ask orders, bid and ask price. */
const DHAN_ROW = [4, 4, 2, 2, 4, 4] as const;
/** Last price, last quantity, trade time, average, volume, sell and buy quantity. */
const DHAN_TRADE = [4, 2, 4, 4, 4, 4, 4] as const;

const dhanLayout = (code: number, ...widths: readonly number[]): PacketLayout =>
  layout(DHAN_LIVE_BYTES[code] as number, code, ...widths);

const DHAN_LIVE: readonly PacketLayout[] = [
  dhanLayout(DHAN_LIVE_CODE.heartbeat),
  dhanLayout(DHAN_LIVE_CODE.index),
  dhanLayout(DHAN_LIVE_CODE.ticker, 4, 4),
  dhanLayout(DHAN_LIVE_CODE.depthV1, 4, ...times(5, ...DHAN_ROW)),
  dhanLayout(DHAN_LIVE_CODE.quote, ...DHAN_TRADE, ...times(4, 4)),
  dhanLayout(DHAN_LIVE_CODE.oi, 4),
  dhanLayout(DHAN_LIVE_CODE.previousClose, 4, 4),
  dhanLayout(DHAN_LIVE_CODE.marketStatus),
  dhanLayout(DHAN_LIVE_CODE.full, ...DHAN_TRADE, ...times(7, 4), ...times(5, ...DHAN_ROW)),
  dhanLayout(DHAN_LIVE_CODE.disconnect, 2),
];

/** Fixed packets of a kind of feed, by number; none of a depth feed. The numbers stand in sealed files: they stay. */
export function layoutsOf(kind: FeedKind): readonly PacketLayout[] {
  if (kind === 'ticks') return KITE;
  return kind === 'live' ? DHAN_LIVE : [];
}

/** Takes a frame apart. @returns false where it cannot; where it can, `joinFrame` may still give other bytes */
export function splitFrame(kind: FeedKind, frame: Uint8Array, into: FramePackets): boolean {
  into.count = 0;
  if (frame.length < 2) return false;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (kind === 'ticks') return splitKite(view, into);
  return kind === 'live' ? splitDhanLive(view, into) : splitDhanDepth(view, into);
}

/** Bytes of the frame that `joinFrame` makes. */
export function joinedBytes(kind: FeedKind, { count, packets }: FramePackets): number {
  let bytes = kind === 'ticks' ? 2 : 0;
  const layouts = layoutsOf(kind);
  for (let i = 0; i < count; i += 1) {
    const { layout: number, levels, padding } = packets[i] as FramePacket;
    if (number === DEPTH_LAYOUT) bytes += DHAN_DEPTH_HEADER_BYTES + (levels.count + padding) * DHAN_DEPTH_ROW_BYTES;
    else bytes += (layouts[number] as PacketLayout).bytes + (kind === 'ticks' ? 2 : 0);
  }
  return bytes;
}

/** Puts a frame together from `at` on; there must be room for `joinedBytes`. */
export function joinFrame(kind: FeedKind, packets: FramePackets, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'ticks') joinKite(packets, view, at);
  else if (kind === 'live') joinDhanLive(packets, view, at);
  else joinDhanDepth(packets, view, at);
}

function splitKite(view: DataView, into: FramePackets): boolean {
  const declared = view.getUint16(0);
  let at = 2;
  for (let i = 0; i < declared; i += 1) {
    if (at + 2 > view.byteLength || i === PACKETS_MAX) return false;
    const length = view.getUint16(at);
    const number = KITE.findIndex(({ bytes }) => bytes === length);
    if (number < 0 || at + 2 + length > view.byteLength) return false;
    const packet = into.next();
    packet.layout = number;
    packet.segment = 0;
    packet.instrument = view.getUint32(at + 2);
    readFields(view, at + 6, (KITE[number] as PacketLayout).widths, false, packet.fields);
    at += 2 + length;
  }
  return at === view.byteLength;
}

function joinKite({ count, packets }: FramePackets, view: DataView, start: number): void {
  view.setUint16(start, count);
  let at = start + 2;
  for (let i = 0; i < count; i += 1) {
    const { layout: number, instrument, fields } = packets[i] as FramePacket;
    const { bytes, widths } = KITE[number] as PacketLayout;
    view.setUint16(at, bytes);
    view.setUint32(at + 2, instrument);
    writeFields(view, at + 6, widths, false, fields);
    at += 2 + bytes;
  }
}

function splitDhanLive(view: DataView, into: FramePackets): boolean {
  let at = 0;
  while (at < view.byteLength) {
    if (at + DHAN_LIVE_HEADER_BYTES > view.byteLength || into.count === PACKETS_MAX) return false;
    const code = view.getUint8(at);
    const number = DHAN_LIVE.findIndex((one) => one.code === code);
    const found = DHAN_LIVE[number];
    if (!found || view.getUint16(at + 1, true) !== found.bytes || at + found.bytes > view.byteLength) return false;
    const packet = into.next();
    packet.layout = number;
    packet.segment = view.getUint8(at + 3);
    packet.instrument = view.getUint32(at + 4, true);
    readFields(view, at + DHAN_LIVE_HEADER_BYTES, found.widths, true, packet.fields);
    at += found.bytes;
  }
  return true;
}

function joinDhanLive({ count, packets }: FramePackets, view: DataView, start: number): void {
  let at = start;
  for (let i = 0; i < count; i += 1) {
    const { layout: number, segment, instrument, fields } = packets[i] as FramePacket;
    const { bytes, code, widths } = DHAN_LIVE[number] as PacketLayout;
    view.setUint8(at, code);
    view.setUint16(at + 1, bytes, true);
    view.setUint8(at + 3, segment);
    view.setUint32(at + 4, instrument, true);
    writeFields(view, at + DHAN_LIVE_HEADER_BYTES, widths, true, fields);
    at += bytes;
  }
}

function splitDhanDepth(view: DataView, into: FramePackets): boolean {
  let at = 0;
  while (at < view.byteLength) {
    if (at + DHAN_DEPTH_HEADER_BYTES > view.byteLength || into.count === PACKETS_MAX) return false;
    const length = view.getInt16(at, true);
    const code = view.getUint8(at + 2);
    if (code !== DHAN_DEPTH_CODE.bid && code !== DHAN_DEPTH_CODE.ask) return false;
    const rows = (length - DHAN_DEPTH_HEADER_BYTES) / DHAN_DEPTH_ROW_BYTES;
    if (!Number.isInteger(rows) || rows < 0 || rows > MAX_LEVELS || at + length > view.byteLength) return false;
    const packet = into.next();
    packet.layout = DEPTH_LAYOUT;
    packet.segment = view.getUint8(at + 3);
    packet.instrument = view.getUint32(at + 4, true);
    packet.x = view.getUint32(at + 8, true);
    packet.side = code === DHAN_DEPTH_CODE.bid ? BID : ASK;
    if (!readRows(view, at + DHAN_DEPTH_HEADER_BYTES, rows, packet)) return false;
    at += length;
  }
  return true;
}

/** Reads rows with whole prices, strictly best first, and zero rows behind them. False where there are others. */
function readRows(view: DataView, start: number, rows: number, packet: FramePacket): boolean {
  const { side, levels } = packet;
  const { prices, quantities, orders } = levels;
  const scale = scaleOfDhanSegment(packet.segment);
  const sign = side === BID ? -1 : 1;
  let count = 0;
  let last = 0;
  for (let row = 0, at = start; row < rows; row += 1, at += DHAN_DEPTH_ROW_BYTES) {
    const rupees = view.getFloat64(at, true);
    const price = Math.round(rupees * scale);
    // Written so that NaN fails too. A price of 0 is what rows are filled up with.
    if (!(price > 0 && price < 2 ** 31)) break;
    if (count > 0 && (price - last) * sign <= 0) return false;
    last = price;
    prices[count] = price;
    quantities[count] = view.getUint32(at + 8, true);
    orders[count] = view.getUint32(at + 12, true);
    count += 1;
  }
  const first = count > 0 ? (prices[0] as number) / scale : 0;
  packet.priceForm = count > 0 && view.getFloat64(start, true) !== first ? PRICE_FORM.float32 : PRICE_FORM.float64;
  levels.count = count;
  packet.padding = rows - count;
  return true;
}

function joinDhanDepth({ count, packets }: FramePackets, view: DataView, start: number): void {
  let at = start;
  for (let i = 0; i < count; i += 1) {
    const { side, segment, instrument, x, levels, padding, priceForm } = packets[i] as FramePacket;
    const { prices, quantities, orders } = levels;
    const scale = scaleOfDhanSegment(segment);
    view.setInt16(at, DHAN_DEPTH_HEADER_BYTES + (levels.count + padding) * DHAN_DEPTH_ROW_BYTES, true);
    view.setUint8(at + 2, side === BID ? DHAN_DEPTH_CODE.bid : DHAN_DEPTH_CODE.ask);
    view.setUint8(at + 3, segment);
    view.setUint32(at + 4, instrument, true);
    view.setUint32(at + 8, x, true);
    at += DHAN_DEPTH_HEADER_BYTES;
    for (let level = 0; level < levels.count; level += 1, at += DHAN_DEPTH_ROW_BYTES) {
      const rupees = (prices[level] as number) / scale;
      view.setFloat64(at, priceForm === PRICE_FORM.float32 ? Math.fround(rupees) : rupees, true);
      view.setUint32(at + 8, quantities[level] as number, true);
      view.setUint32(at + 12, orders[level] as number, true);
    }
    for (const end = at + padding * DHAN_DEPTH_ROW_BYTES; at < end; at += 4) view.setUint32(at, 0);
  }
}

function readFields(view: DataView, start: number, widths: Uint8Array, littleEndian: boolean, into: Uint32Array): void {
  let at = start;
  for (let i = 0; i < widths.length; i += 1) {
    const width = widths[i] as number;
    if (width === 4) into[i] = view.getUint32(at, littleEndian);
    else if (width === 2) into[i] = view.getUint16(at, littleEndian);
    else into[i] = view.getUint8(at);
    at += width;
  }
}

function writeFields(
  view: DataView,
  start: number,
  widths: Uint8Array,
  littleEndian: boolean,
  from: Uint32Array,
): void {
  let at = start;
  for (let i = 0; i < widths.length; i += 1) {
    const width = widths[i] as number;
    const value = from[i] as number;
    if (width === 4) view.setUint32(at, value, littleEndian);
    else if (width === 2) view.setUint16(at, value, littleEndian);
    else view.setUint8(at, value);
    at += width;
  }
}
