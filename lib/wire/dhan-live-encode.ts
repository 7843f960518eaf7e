/** The sending side of dhan-live.ts, for the simulated exchange and for tests. */
import type { SideLevels } from '../core/side.ts';
import { DHAN_LIVE_BYTES, DHAN_LIVE_CODE, DHAN_TRADE_TIME_OFFSET_S } from './dhan-live.ts';
import { scaleOfDhanSegment } from './dhan-segments.ts';

/** What a quote or full packet says. Prices in price units, times in seconds since the epoch (0: no trade yet). */
export interface DhanQuote {
  readonly lastPrice: number;
  readonly lastQuantity: number;
  readonly lastTradeTime: number;
  readonly averagePrice: number;
  readonly volume: number;
  readonly sellQuantity: number;
  readonly buyQuantity: number;
  readonly open: number;
  readonly close: number;
  readonly high: number;
  readonly low: number;
  readonly oi: number;
  readonly oiDayHigh: number;
  readonly oiDayLow: number;
}

const U16_MAX = 0xffff;

export function encodeDhanTicker(segment: number, securityId: number, quote: DhanQuote): Buffer {
  const frame = packet(DHAN_LIVE_CODE.ticker, segment, securityId);
  frame.writeFloatLE(quote.lastPrice / scaleOfDhanSegment(segment), 8);
  frame.writeUInt32LE(tradeTime(quote), 12);
  return frame;
}

export function encodeDhanQuote(segment: number, securityId: number, quote: DhanQuote): Buffer {
  const frame = packet(DHAN_LIVE_CODE.quote, segment, securityId);
  writeQuote(frame, segment, quote, 34);
  return frame;
}

/** `bids` and `asks`: the best five are sent. */
export function encodeDhanFull(
  segment: number,
  securityId: number,
  quote: DhanQuote,
  bids: SideLevels,
  asks: SideLevels,
): Buffer {
  const frame = packet(DHAN_LIVE_CODE.full, segment, securityId);
  writeQuote(frame, segment, quote, 46);
  frame.writeUInt32LE(quote.oi, 34);
  frame.writeUInt32LE(quote.oiDayHigh, 38);
  frame.writeUInt32LE(quote.oiDayLow, 42);
  const scale = scaleOfDhanSegment(segment);
  for (let level = 0; level < 5; level += 1) {
    const at = 62 + level * 20;
    if (level < bids.count) {
      frame.writeUInt32LE(bids.quantities[level] as number, at);
      frame.writeUInt16LE(Math.min(bids.orders[level] as number, U16_MAX), at + 8);
      frame.writeFloatLE((bids.prices[level] as number) / scale, at + 12);
    }
    if (level < asks.count) {
      frame.writeUInt32LE(asks.quantities[level] as number, at + 4);
      frame.writeUInt16LE(Math.min(asks.orders[level] as number, U16_MAX), at + 10);
      frame.writeFloatLE((asks.prices[level] as number) / scale, at + 16);
    }
  }
  return frame;
}

export function encodeDhanOi(segment: number, securityId: number, oi: number): Buffer {
  const frame = packet(DHAN_LIVE_CODE.oi, segment, securityId);
  frame.writeUInt32LE(oi, 8);
  return frame;
}

export function encodeDhanPreviousClose(segment: number, securityId: number, close: number, oi: number): Buffer {
  const frame = packet(DHAN_LIVE_CODE.previousClose, segment, securityId);
  frame.writeFloatLE(close / scaleOfDhanSegment(segment), 8);
  frame.writeUInt32LE(oi, 12);
  return frame;
}

export function encodeDhanLiveDisconnect(reason: number): Buffer {
  const frame = packet(DHAN_LIVE_CODE.disconnect, 0, 0);
  frame.writeUInt16LE(reason, 8);
  return frame;
}

function packet(code: number, segment: number, securityId: number): Buffer {
  const frame = Buffer.alloc(DHAN_LIVE_BYTES[code] as number);
  frame[0] = code;
  frame.writeUInt16LE(frame.length, 1);
  frame[3] = segment;
  frame.writeUInt32LE(securityId, 4);
  return frame;
}

function writeQuote(frame: Buffer, segment: number, quote: DhanQuote, ohlc: number): void {
  const scale = scaleOfDhanSegment(segment);
  frame.writeFloatLE(quote.lastPrice / scale, 8);
  // The field has 16 bits; what Dhan sends above them is not known.
  frame.writeUInt16LE(Math.min(quote.lastQuantity, U16_MAX), 12);
  frame.writeUInt32LE(tradeTime(quote), 14);
  frame.writeFloatLE(quote.averagePrice / scale, 18);
  frame.writeUInt32LE(quote.volume, 22);
  frame.writeUInt32LE(quote.sellQuantity, 26);
  frame.writeUInt32LE(quote.buyQuantity, 30);
  frame.writeFloatLE(quote.open / scale, ohlc);
  frame.writeFloatLE(quote.close / scale, ohlc + 4);
  frame.writeFloatLE(quote.high / scale, ohlc + 8);
  frame.writeFloatLE(quote.low / scale, ohlc + 12);
}

const tradeTime = ({ lastTradeTime }: DhanQuote): number =>
  lastTradeTime === 0 ? 0 : lastTradeTime + DHAN_TRADE_TIME_OFFSET_S;
