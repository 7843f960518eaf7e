/** What the exchange says of an instrument, as Kite packets and as the numbers that accounting sums up. */
import type { SideLevels } from '../lib/core/side.ts';
import type { Quote } from '../lib/recordings/quote.ts';
import { KITE_BYTES, KITE_DEPTH_LEVELS, KITE_DEPTH_WORDS, KITE_FIELD, KITE_INDEX_FIELD } from '../lib/wire/kite.ts';
import { type KitePacket, kitePacket } from '../lib/wire/kite-encode.ts';
import type { KiteMode } from '../lib/wire/kite-messages.ts';
import type { PacketKind } from './accounting.ts';
import type { MarketInstrument } from './market/market.ts';

const US_PER_SECOND = 1_000_000;
/** Orders of a level have 16 bits on the wire. */
const ORDERS_MAX = 0xffff;

export const kindOfMode = (mode: KiteMode, index: boolean): PacketKind => {
  if (!index || mode === 'ltp') return mode;
  return mode === 'full' ? 'index' : 'index_quote';
};

export interface EncodedTick {
  readonly packet: KitePacket;
  /**
   * The packet's numbers in the order in which tick checksums take them: last_price, last_quantity, average_price,
   * volume, buy_quantity, sell_quantity, open, high, low, close, last_trade_time, oi, oi_day_high, oi_day_low,
   * exchange_timestamp, then five bids and five asks of price, quantity, orders. `quote` ends after close, `ltp` after
   * last_price; an index has last_price, open, high, low, close and, in full mode, exchange_timestamp.
   */
  readonly values: readonly number[];
}

/** A tradable instrument's packet. */
export function encodeTick(
  mode: KiteMode,
  { kiteToken }: MarketInstrument,
  quote: Quote,
  bids: SideLevels,
  asks: SideLevels,
  nowUs: number,
): EncodedTick {
  const packet = kitePacket(KITE_BYTES[mode]);
  const { words } = packet;
  words[KITE_FIELD.token] = kiteToken;
  words[KITE_FIELD.lastPrice] = quote.lastPrice;
  if (mode === 'ltp') return { packet, values: [quote.lastPrice] };

  const { averagePrice } = quote;
  words[KITE_FIELD.lastQuantity] = quote.lastQuantity;
  words[KITE_FIELD.averagePrice] = averagePrice;
  words[KITE_FIELD.volume] = quote.volume;
  words[KITE_FIELD.buyQuantity] = quote.buyQuantity;
  words[KITE_FIELD.sellQuantity] = quote.sellQuantity;
  words[KITE_FIELD.open] = quote.open;
  words[KITE_FIELD.high] = quote.high;
  words[KITE_FIELD.low] = quote.low;
  words[KITE_FIELD.close] = quote.previousClose;
  const values = [
    quote.lastPrice,
    quote.lastQuantity,
    averagePrice,
    quote.volume,
    quote.buyQuantity,
    quote.sellQuantity,
    quote.open,
    quote.high,
    quote.low,
    quote.previousClose,
  ];
  if (mode === 'quote') return { packet, values };

  const lastTradeTime = Math.floor(quote.lastTradeUs / US_PER_SECOND);
  const exchangeTime = Math.floor(nowUs / US_PER_SECOND);
  words[KITE_FIELD.lastTradeTime] = lastTradeTime;
  words[KITE_FIELD.oi] = quote.oi;
  words[KITE_FIELD.oiDayHigh] = quote.oiDayHigh;
  words[KITE_FIELD.oiDayLow] = quote.oiDayLow;
  words[KITE_FIELD.exchangeTime] = exchangeTime;
  values.push(lastTradeTime, quote.oi, quote.oiDayHigh, quote.oiDayLow, exchangeTime);
  writeDepth(words, KITE_FIELD.depth, bids, values);
  writeDepth(words, KITE_FIELD.depth + KITE_DEPTH_LEVELS * KITE_DEPTH_WORDS, asks, values);
  return { packet, values };
}

/** An index's packet. */
export function encodeIndex(mode: KiteMode, { kiteToken }: MarketInstrument, quote: Quote, nowUs: number): EncodedTick {
  const { lastPrice, open, high, low, previousClose } = quote;
  if (mode === 'ltp') {
    const packet = kitePacket(KITE_BYTES.ltp);
    packet.words[KITE_INDEX_FIELD.token] = kiteToken;
    packet.words[KITE_INDEX_FIELD.lastPrice] = lastPrice;
    return { packet, values: [lastPrice] };
  }
  const packet = kitePacket(mode === 'full' ? KITE_BYTES.indexFull : KITE_BYTES.indexQuote);
  const { words } = packet;
  words[KITE_INDEX_FIELD.token] = kiteToken;
  words[KITE_INDEX_FIELD.lastPrice] = lastPrice;
  words[KITE_INDEX_FIELD.high] = high;
  words[KITE_INDEX_FIELD.low] = low;
  words[KITE_INDEX_FIELD.open] = open;
  words[KITE_INDEX_FIELD.close] = previousClose;
  words[KITE_INDEX_FIELD.priceChange] = lastPrice - previousClose;
  const values = [lastPrice, open, high, low, previousClose];
  if (mode === 'quote') return { packet, values };
  const exchangeTime = Math.floor(nowUs / US_PER_SECOND);
  words[KITE_INDEX_FIELD.exchangeTime] = exchangeTime;
  return { packet, values: [...values, exchangeTime] };
}

/** Five entries; a thin side's missing ones are zeros. */
function writeDepth(words: Uint32Array, at: number, side: SideLevels, values: number[]): void {
  for (let level = 0; level < KITE_DEPTH_LEVELS; level += 1) {
    const there = level < side.count;
    const price = there ? (side.prices[level] as number) : 0;
    const quantity = there ? (side.quantities[level] as number) : 0;
    const orders = there ? Math.min(side.orders[level] as number, ORDERS_MAX) : 0;
    const word = at + level * KITE_DEPTH_WORDS;
    words[word] = quantity;
    words[word + 1] = price;
    words[word + 2] = orders << 16;
    values.push(price, quantity, orders);
  }
}
