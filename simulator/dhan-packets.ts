/** What the exchange says of an instrument, as packets of Dhan's live feed and as the numbers accounting sums up. */
import { DHAN_SEGMENT_CODES } from '../lib/core/exchange.ts';
import type { SideLevels } from '../lib/core/side.ts';
import type { Quote } from '../lib/recordings/quote.ts';
import {
  type DhanQuote,
  encodeDhanFull,
  encodeDhanOi,
  encodeDhanPreviousClose,
  encodeDhanQuote,
  encodeDhanTicker,
} from '../lib/wire/dhan-live-encode.ts';
import type { MarketInstrument } from './market/market.ts';

export type DhanLiveMode = 'ticker' | 'quote' | 'full';

/** The last quantity and the orders of a level have 16 bits on the wire. */
const U16_MAX = 0xffff;
const LEVELS = 5;

export interface EncodedDhanPacket {
  readonly bytes: Buffer;
  /**
   * The packet's numbers in the order in which tick checksums take them: last_price, last_quantity, average_price,
   * volume, buy_quantity, sell_quantity, open, high, low, close, last_trade_time (UTC seconds, 0 if none), oi,
   * oi_day_high, oi_day_low, then five bids and five asks of price, quantity, orders. `quote` ends after
   * last_trade_time; `ticker` has last_price and last_trade_time; `oi` has oi; `prev_close` has close and previous oi.
   */
  readonly values: readonly number[];
}

/** A packet of the mode asked for. */
export function encodeLive(
  mode: DhanLiveMode,
  { dhanSegment, dhanSecurityId }: MarketInstrument,
  quote: Quote,
  bids: SideLevels,
  asks: SideLevels,
): EncodedDhanPacket {
  const segment = DHAN_SEGMENT_CODES[dhanSegment];
  const wire = wireQuote(quote);
  if (mode === 'ticker') {
    return {
      bytes: encodeDhanTicker(segment, dhanSecurityId, wire),
      values: [wire.lastPrice, wire.lastTradeTime],
    };
  }
  const values = [
    wire.lastPrice,
    wire.lastQuantity,
    wire.averagePrice,
    wire.volume,
    wire.buyQuantity,
    wire.sellQuantity,
    wire.open,
    wire.high,
    wire.low,
    wire.close,
    wire.lastTradeTime,
  ];
  if (mode === 'quote') return { bytes: encodeDhanQuote(segment, dhanSecurityId, wire), values };
  values.push(wire.oi, wire.oiDayHigh, wire.oiDayLow);
  addDepth(values, bids);
  addDepth(values, asks);
  return { bytes: encodeDhanFull(segment, dhanSecurityId, wire, bids, asks), values };
}

/** Open interest, which follows the quotes of derivatives as a packet of its own. */
export function encodeOi({ dhanSegment, dhanSecurityId }: MarketInstrument, { oi }: Quote): EncodedDhanPacket {
  return { bytes: encodeDhanOi(DHAN_SEGMENT_CODES[dhanSegment], dhanSecurityId, oi), values: [oi] };
}

export function encodePreviousClose(
  { dhanSegment, dhanSecurityId }: MarketInstrument,
  { previousClose }: Quote,
): EncodedDhanPacket {
  const segment = DHAN_SEGMENT_CODES[dhanSegment];
  return {
    bytes: encodeDhanPreviousClose(segment, dhanSecurityId, previousClose, 0),
    values: [previousClose, 0],
  };
}

function wireQuote(quote: Quote): DhanQuote {
  return {
    lastPrice: quote.lastPrice,
    lastQuantity: Math.min(quote.lastQuantity, U16_MAX),
    lastTradeTime: Math.floor(quote.lastTradeUs / 1_000_000),
    averagePrice: quote.averagePrice,
    volume: quote.volume,
    sellQuantity: quote.sellQuantity,
    buyQuantity: quote.buyQuantity,
    open: quote.open,
    close: quote.previousClose,
    high: quote.high,
    low: quote.low,
    oi: quote.oi,
    oiDayHigh: quote.oiDayHigh,
    oiDayLow: quote.oiDayLow,
  };
}

function addDepth(values: number[], side: SideLevels): void {
  for (let level = 0; level < LEVELS; level += 1) {
    const there = level < side.count;
    values.push(
      there ? (side.prices[level] as number) : 0,
      there ? (side.quantities[level] as number) : 0,
      there ? Math.min(side.orders[level] as number, U16_MAX) : 0,
    );
  }
}
