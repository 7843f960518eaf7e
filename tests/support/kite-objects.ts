/**
 * Ticks as the objects that the official JS client makes of a frame (kiteconnect 5.3.0), from a decoded batch: for
 * comparing the two, and what it costs to make them. The product itself never makes these.
 */
import { EXCHANGES } from '../../lib/core/exchange.ts';
import {
  KITE_BYTES,
  KITE_DEPTH_LEVELS,
  KITE_DEPTH_WORDS,
  KITE_FIELD,
  KITE_INDEX_FIELD,
  KITE_INDEX_SEGMENT,
  KITE_WORDS,
  type KiteBatch,
} from '../../lib/wire/kite.ts';

interface Ohlc {
  open: number;
  high: number;
  low: number;
  close: number;
}

interface DepthEntry {
  quantity: number;
  price: number;
  orders: number;
}

/** Prices in rupees, as floats; `change` in percent. */
export interface KiteTick {
  tradable: boolean;
  mode: 'ltp' | 'quote' | 'full';
  instrument_token: number;
  last_price: number;
  last_traded_quantity?: number;
  average_traded_price?: number;
  volume_traded?: number;
  total_buy_quantity?: number;
  total_sell_quantity?: number;
  ohlc?: Ohlc;
  change?: number;
  last_trade_time?: Date | null;
  exchange_timestamp?: Date | null;
  oi?: number;
  oi_day_high?: number;
  oi_day_low?: number;
  depth?: { buy: DepthEntry[]; sell: DepthEntry[] };
}

const scales = new Array<number>(256).fill(100);
for (const { kiteSegment, priceScale } of Object.values(EXCHANGES)) scales[kiteSegment] = priceScale;

export function kiteObjects(batch: KiteBatch): KiteTick[] {
  const ticks: KiteTick[] = [];
  for (let i = 0; i < batch.count; i += 1) {
    const length = batch.length[i] as number;
    const at = i * KITE_WORDS;
    if (length === KITE_BYTES.ltp) ticks.push(ltpTick(batch.words, at));
    else if (length === KITE_BYTES.indexQuote || length === KITE_BYTES.indexFull)
      ticks.push(indexTick(batch.words, at, length));
    else if (length === KITE_BYTES.quote) ticks.push(quoteTick(batch.words, at));
    else ticks.push(fullTick(batch.words, at));
  }
  return ticks;
}

const scaleOf = (words: Uint32Array, at: number): number => scales[(words[at] as number) & 0xff] as number;
const isTradable = (words: Uint32Array, at: number): boolean => ((words[at] as number) & 0xff) !== KITE_INDEX_SEGMENT;
const dateOf = (seconds: number): Date | null => (seconds === 0 ? null : new Date(seconds * 1000));
const percent = (last: number, close: number): number => ((last - close) * 100) / close;

function ltpTick(words: Uint32Array, at: number): KiteTick {
  return {
    tradable: isTradable(words, at),
    mode: 'ltp',
    instrument_token: words[at] as number,
    last_price: (words[at + KITE_FIELD.lastPrice] as number) / scaleOf(words, at),
  };
}

function indexTick(words: Uint32Array, at: number, length: number): KiteTick {
  const scale = scaleOf(words, at);
  const last = (words[at + KITE_INDEX_FIELD.lastPrice] as number) / scale;
  const close = (words[at + KITE_INDEX_FIELD.close] as number) / scale;
  const tick: KiteTick = {
    tradable: isTradable(words, at),
    mode: length === KITE_BYTES.indexFull ? 'full' : 'quote',
    instrument_token: words[at] as number,
    last_price: last,
    ohlc: {
      high: (words[at + KITE_INDEX_FIELD.high] as number) / scale,
      low: (words[at + KITE_INDEX_FIELD.low] as number) / scale,
      open: (words[at + KITE_INDEX_FIELD.open] as number) / scale,
      close,
    },
    // Signed here, and only where there is no close: a percentage otherwise.
    change: close === 0 ? (words[at + KITE_INDEX_FIELD.priceChange] as number) | 0 : percent(last, close),
  };
  if (length === KITE_BYTES.indexFull) {
    tick.exchange_timestamp = dateOf(words[at + KITE_INDEX_FIELD.exchangeTime] as number);
  }
  return tick;
}

function quoteTick(words: Uint32Array, at: number): KiteTick {
  const scale = scaleOf(words, at);
  const last = (words[at + KITE_FIELD.lastPrice] as number) / scale;
  const close = (words[at + KITE_FIELD.close] as number) / scale;
  return {
    tradable: isTradable(words, at),
    mode: 'quote',
    instrument_token: words[at] as number,
    last_price: last,
    last_traded_quantity: words[at + KITE_FIELD.lastQuantity] as number,
    average_traded_price: (words[at + KITE_FIELD.averagePrice] as number) / scale,
    volume_traded: words[at + KITE_FIELD.volume] as number,
    total_buy_quantity: words[at + KITE_FIELD.buyQuantity] as number,
    total_sell_quantity: words[at + KITE_FIELD.sellQuantity] as number,
    ohlc: ohlcOf(words, at, scale, close),
    change: close === 0 ? 0 : percent(last, close),
  };
}

function fullTick(words: Uint32Array, at: number): KiteTick {
  const scale = scaleOf(words, at);
  const last = (words[at + KITE_FIELD.lastPrice] as number) / scale;
  const close = (words[at + KITE_FIELD.close] as number) / scale;
  const bids = at + KITE_FIELD.depth;
  // All in one literal: fields added to an object one by one cost it a second allocation.
  return {
    tradable: isTradable(words, at),
    mode: 'full',
    instrument_token: words[at] as number,
    last_price: last,
    last_traded_quantity: words[at + KITE_FIELD.lastQuantity] as number,
    average_traded_price: (words[at + KITE_FIELD.averagePrice] as number) / scale,
    volume_traded: words[at + KITE_FIELD.volume] as number,
    total_buy_quantity: words[at + KITE_FIELD.buyQuantity] as number,
    total_sell_quantity: words[at + KITE_FIELD.sellQuantity] as number,
    ohlc: ohlcOf(words, at, scale, close),
    change: close === 0 ? 0 : percent(last, close),
    last_trade_time: dateOf(words[at + KITE_FIELD.lastTradeTime] as number),
    exchange_timestamp: dateOf(words[at + KITE_FIELD.exchangeTime] as number),
    oi: words[at + KITE_FIELD.oi] as number,
    oi_day_high: words[at + KITE_FIELD.oiDayHigh] as number,
    oi_day_low: words[at + KITE_FIELD.oiDayLow] as number,
    depth: {
      buy: depthEntries(words, bids, scale),
      sell: depthEntries(words, bids + KITE_DEPTH_LEVELS * KITE_DEPTH_WORDS, scale),
    },
  };
}

const ohlcOf = (words: Uint32Array, at: number, scale: number, close: number): Ohlc => ({
  open: (words[at + KITE_FIELD.open] as number) / scale,
  high: (words[at + KITE_FIELD.high] as number) / scale,
  low: (words[at + KITE_FIELD.low] as number) / scale,
  close,
});

const depthEntries = (words: Uint32Array, at: number, scale: number): DepthEntry[] => [
  depthEntry(words, at, scale),
  depthEntry(words, at + KITE_DEPTH_WORDS, scale),
  depthEntry(words, at + 2 * KITE_DEPTH_WORDS, scale),
  depthEntry(words, at + 3 * KITE_DEPTH_WORDS, scale),
  depthEntry(words, at + 4 * KITE_DEPTH_WORDS, scale),
];

const depthEntry = (words: Uint32Array, at: number, scale: number): DepthEntry => ({
  quantity: words[at] as number,
  price: (words[at + 1] as number) / scale,
  orders: (words[at + 2] as number) >>> 16,
});
