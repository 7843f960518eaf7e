/**
 * DhanHQ v2 live market feed, binary messages, as documented at dhanhq.co/docs/v2/live-market-feed and read by DhanHQ-py
 * 2.3.0rc1. Two real packets' headers and tails agree. Layout unknown and not decoded: codes 0 (heartbeat), 1 (index) and
 * 7 (market status), whose bodies nobody documents.
 *
 *     u8 code | u16 length (header included) | u8 segment | u32 security id | body         little-endian, packets stacked
 *
 * Prices are float32 of rupees: they are rounded to the instrument's tick, since 142345.65 arrives as 142345.65625.
 * The last trade time is IST wall clock written as if it were UTC: 19,800 s too late.
 */
import { ABSENT } from '../core/absent.ts';
import { FEED_LIMITS } from '../core/feeds.ts';
import { IST_OFFSET_US } from '../core/ist.ts';
import { ASK, BID, SideLevels } from '../core/side.ts';
import { scaleOfDhanSegment } from './dhan-segments.ts';
import { saying, WireErrors } from './errors.ts';

export const DHAN_LIVE_HEADER_BYTES = 8;
export const DHAN_LIVE_CODE = {
  heartbeat: 0,
  index: 1,
  ticker: 2,
  depthV1: 3,
  quote: 4,
  oi: 5,
  previousClose: 6,
  marketStatus: 7,
  full: 8,
  disconnect: 50,
} as const;

/** Bytes of each packet, header included; where the body is undocumented, the header alone. */
export const DHAN_LIVE_BYTES: Readonly<Record<number, number>> = {
  [DHAN_LIVE_CODE.heartbeat]: 8,
  [DHAN_LIVE_CODE.index]: 8,
  [DHAN_LIVE_CODE.ticker]: 16,
  [DHAN_LIVE_CODE.depthV1]: 112,
  [DHAN_LIVE_CODE.quote]: 50,
  [DHAN_LIVE_CODE.oi]: 12,
  [DHAN_LIVE_CODE.previousClose]: 16,
  [DHAN_LIVE_CODE.marketStatus]: 8,
  [DHAN_LIVE_CODE.full]: 162,
  [DHAN_LIVE_CODE.disconnect]: 10,
};

/** Packets read from one message: as many as a connection may carry instruments. */
export const DHAN_LIVE_PACKETS_MAX = FEED_LIMITS.live.instruments;

/** The wire's last trade time is ahead of UTC by this much, s. */
export const DHAN_TRADE_TIME_OFFSET_S = IST_OFFSET_US / 1_000_000;

const DEPTH_LEVELS = 5;
const DEPTH_ROW_BYTES = 20;

/** Instrument's tick in price units, by numeric segment and security id; 1 where it is not known. */
export type TickLookup = (segment: number, securityId: number) => number;

/** One packet. Fields that its code does not carry are ABSENT. Prices in price units. */
export class DhanLivePacket {
  index = 0;
  code = 0;
  segment = 0;
  securityId = 0;
  lastPrice = ABSENT;
  lastQuantity = ABSENT;
  /** Last trade, seconds since the epoch, UTC; ABSENT where the packet says 0, or less than an IST time can. */
  lastTradeTime = ABSENT;
  averagePrice = ABSENT;
  volume = ABSENT;
  sellQuantity = ABSENT;
  buyQuantity = ABSENT;
  oi = ABSENT;
  oiDayHigh = ABSENT;
  oiDayLow = ABSENT;
  open = ABSENT;
  /** Close of the previous session. */
  close = ABSENT;
  high = ABSENT;
  low = ABSENT;
  previousOi = ABSENT;
  /** Reason of a disconnect packet; ABSENT on the others. */
  reason = ABSENT;
  /** Best first, like every side; empty where the code carries none. */
  readonly bids = new SideLevels(DEPTH_LEVELS);
  readonly asks = new SideLevels(DEPTH_LEVELS);

  clear(): void {
    this.lastPrice = ABSENT;
    this.lastQuantity = ABSENT;
    this.lastTradeTime = ABSENT;
    this.averagePrice = ABSENT;
    this.volume = ABSENT;
    this.sellQuantity = ABSENT;
    this.buyQuantity = ABSENT;
    this.oi = ABSENT;
    this.oiDayHigh = ABSENT;
    this.oiDayLow = ABSENT;
    this.open = ABSENT;
    this.close = ABSENT;
    this.high = ABSENT;
    this.low = ABSENT;
    this.previousOi = ABSENT;
    this.reason = ABSENT;
    this.bids.count = 0;
    this.asks.count = 0;
  }
}

/** One message's packets. Owned by the caller and reused. */
export class DhanLiveBatch {
  count = 0;
  readonly packets: DhanLivePacket[] = [];
  readonly errors = new WireErrors();

  next(): DhanLivePacket {
    let packet = this.packets[this.count];
    if (!packet) {
      packet = new DhanLivePacket();
      this.packets.push(packet);
    }
    packet.clear();
    return packet;
  }
}

/**
 * Decodes one binary message into `batch` and returns how many packets it held. Never throws; never reads outside
 * `frame`. A known packet whose length field is too small is read by its layout; after any other impossible length, or
 * too many packets, the rest of the message is dropped and counted.
 */
export function decodeDhanLive(frame: Uint8Array, tickOf: TickLookup, batch: DhanLiveBatch): number {
  batch.count = 0;
  const { errors } = batch;
  errors.clear();
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const end = frame.length;
  let offset = 0;
  for (let index = 0; offset < end; index += 1) {
    const left = end - offset;
    if (index === DHAN_LIVE_PACKETS_MAX) {
      errors.add('too_many_packets', index, saying`${left} bytes left after ${DHAN_LIVE_PACKETS_MAX} packets`);
      break;
    }
    if (left < DHAN_LIVE_HEADER_BYTES) {
      errors.add('header_truncated', index, saying`${left} bytes left, header needs ${DHAN_LIVE_HEADER_BYTES}`);
      break;
    }
    const code = frame[offset] as number;
    const declared = view.getUint16(offset + 1, true);
    const layout = DHAN_LIVE_BYTES[code];
    const length = Math.max(declared, layout ?? 0);
    if (length < DHAN_LIVE_HEADER_BYTES) {
      errors.add('bad_length', index, saying`code ${code}: length ${declared}, cannot find the next packet`);
      break;
    }
    if (length > left) {
      errors.add('body_truncated', index, saying`code ${code}: ${length} bytes needed, ${left} are there`);
      break;
    }
    if (layout === undefined) {
      errors.add('unknown_code', index, saying`code ${code}, ${length} bytes skipped`);
    } else {
      if (declared < layout)
        errors.add('bad_length', index, saying`code ${code}: length ${declared}, layout has ${layout}`);
      const packet = batch.next();
      packet.index = index;
      packet.code = code;
      packet.segment = frame[offset + 3] as number;
      packet.securityId = view.getUint32(offset + 4, true);
      const dropped = readBody(view, offset, packet, tickOf(packet.segment, packet.securityId));
      if (dropped > 0) errors.add('bad_price', index, saying`code ${code}: ${dropped} prices are none`);
      batch.count += 1;
    }
    offset += length;
  }
  return batch.count;
}

/** Reads the fields that the packet's code has; returns how many prices were none and were left out. */
function readBody(view: DataView, at: number, packet: DhanLivePacket, tick: number): number {
  const scale = scaleOfDhanSegment(packet.segment);
  let dropped = 0;
  const price = (offset: number, grid = tick): number => {
    const value = priceOfF32(view.getFloat32(at + offset, true), scale, grid);
    if (value === ABSENT) dropped += 1;
    return value;
  };
  const u16 = (offset: number): number => view.getUint16(at + offset, true);
  const u32 = (offset: number): number => view.getUint32(at + offset, true);

  switch (packet.code) {
    case DHAN_LIVE_CODE.ticker:
      packet.lastPrice = price(8);
      packet.lastTradeTime = utcOfTradeTime(u32(12));
      break;
    case DHAN_LIVE_CODE.quote:
    case DHAN_LIVE_CODE.full: {
      packet.lastPrice = price(8);
      packet.lastQuantity = u16(12);
      packet.lastTradeTime = utcOfTradeTime(u32(14));
      // An average lies between ticks.
      packet.averagePrice = price(18, 1);
      packet.volume = u32(22);
      packet.sellQuantity = u32(26);
      packet.buyQuantity = u32(30);
      const isFull = packet.code === DHAN_LIVE_CODE.full;
      const ohlc = isFull ? 46 : 34;
      packet.open = price(ohlc);
      packet.close = price(ohlc + 4);
      packet.high = price(ohlc + 8);
      packet.low = price(ohlc + 12);
      if (isFull) {
        packet.oi = u32(34);
        packet.oiDayHigh = u32(38);
        packet.oiDayLow = u32(42);
        dropped += readDepth(view, at + 62, packet, scale, tick);
      }
      break;
    }
    case DHAN_LIVE_CODE.oi:
      packet.oi = u32(8);
      break;
    case DHAN_LIVE_CODE.previousClose:
      packet.close = price(8);
      packet.previousOi = u32(12);
      break;
    case DHAN_LIVE_CODE.depthV1:
      packet.lastPrice = price(8);
      dropped += readDepth(view, at + 12, packet, scale, tick);
      break;
    case DHAN_LIVE_CODE.disconnect:
      packet.reason = u16(8);
      break;
  }
  return dropped;
}

function readDepth(view: DataView, at: number, packet: DhanLivePacket, scale: number, tick: number): number {
  let dropped = 0;
  for (let level = 0; level < DEPTH_LEVELS; level += 1) {
    const row = at + level * DEPTH_ROW_BYTES;
    dropped += addLevel(
      packet.bids,
      priceOfF32(view.getFloat32(row + 12, true), scale, tick),
      view.getUint32(row, true),
      view.getUint16(row + 8, true),
    );
    dropped += addLevel(
      packet.asks,
      priceOfF32(view.getFloat32(row + 16, true), scale, tick),
      view.getUint32(row + 4, true),
      view.getUint16(row + 10, true),
    );
  }
  packet.bids.sort(BID);
  packet.asks.sort(ASK);
  return dropped;
}

/** Adds a level and returns 0; or 1 where it was left out for its price. An all-zero level only says: there is none. */
function addLevel(side: SideLevels, price: number, quantity: number, orders: number): 0 | 1 {
  // ABSENT is negative, too.
  if (price <= 0) return price === 0 && quantity === 0 ? 0 : 1;
  side.prices[side.count] = price;
  side.quantities[side.count] = quantity;
  side.orders[side.count] = orders;
  side.count += 1;
  return 0;
}

const INT32_MAX = 2 ** 31 - 1;

/** A float32 of rupees in price units, on the tick grid; ABSENT where it is no price (NaN, infinite, beyond int32). */
export function priceOfF32(rupees: number, scale: number, tick: number): number {
  const price = Math.round((rupees * scale) / tick) * tick;
  return Math.abs(price) <= INT32_MAX ? price : ABSENT;
}

const utcOfTradeTime = (istSeconds: number): number =>
  istSeconds > DHAN_TRADE_TIME_OFFSET_S ? istSeconds - DHAN_TRADE_TIME_OFFSET_S : ABSENT;
