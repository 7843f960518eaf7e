/**
 * Messages that are wrong on purpose: the shapes that a client must survive. Each is made from the present state of an
 * instrument, so that only the one thing named is wrong.
 */
import { DHAN_SEGMENT_CODES } from '../lib/core/exchange.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../lib/core/side.ts';
import { DHAN_DEPTH_HEADER_BYTES, DHAN_DEPTH_ROW_BYTES, encodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { KITE_BYTES, KITE_FIELD } from '../lib/wire/kite.ts';
import { encodeKiteFrame } from '../lib/wire/kite-encode.ts';
import type { FeedName } from './accounting.ts';
import { encodeLive } from './dhan-packets.ts';
import { encodeTick } from './kite-packets.ts';
import type { Market, MarketInstrument } from './market/market.ts';

/** A message to send: bytes, or a text frame. */
export type Garbage = Buffer | string;

/** Well above the 2 MiB that a client of these feeds accepts. */
const HUGE_BYTES = 10 * 1024 * 1024;
const RANDOM_BYTES = 500;
/** Exchange time of a packet that comes from the past, seconds. */
const TIME_BACK_S = 5;

type Shapes = Readonly<Record<string, (market: Market, instrument: number) => Garbage>>;

const KITE_SHAPES: Shapes = {
  count_high: (market, i) => changed(kiteFrame(market, i), (frame) => frame.writeUInt16BE(7, 0)),
  count_low: (market, i) => changed(kiteFrame(market, i, i), (frame) => frame.writeUInt16BE(1, 0)),
  count_65535: (market, i) => changed(kiteFrame(market, i), (frame) => frame.writeUInt16BE(0xffff, 0)),
  length_0: (market, i) => lengthBefore(0, kiteFrame(market, i)),
  length_7: (market, i) => lengthBefore(7, kiteFrame(market, i)),
  length_100: (market, i) => lengthBefore(100, kiteFrame(market, i)),
  length_65535: (market, i) => changed(kiteFrame(market, i), (frame) => frame.writeUInt16BE(0xffff, 2)),
  truncated: (market, i) => kiteFrame(market, i).subarray(0, 100),
  empty: () => Buffer.alloc(0),
  two_bytes: () => Buffer.alloc(2),
  text_in_binary: () => Buffer.from('{"type":"message","data":"in the wrong frame"}'),
  random: () => Buffer.from(randomBytes()),
  tail: (market, i) => Buffer.concat([kiteFrame(market, i), Buffer.alloc(7, 0xee)]),
  token_zero: (market, i) => withWord(market, i, KITE_FIELD.token, () => 0),
  token_unknown: (market, i) => withWord(market, i, KITE_FIELD.token, (token) => token + 0x0100_0000),
  segment_unknown: (market, i) => withWord(market, i, KITE_FIELD.token, (token) => (token & ~0xff) | 0x63),
  index_in_equity_length: (market, i) => withWord(market, i, KITE_FIELD.token, (token) => (token & ~0xff) | 9),
  time_back: (market, i) => withWord(market, i, KITE_FIELD.exchangeTime, (time) => time - TIME_BACK_S),
  high_values: (market, i) => withWord(market, i, KITE_FIELD.volume, () => 3_000_000_000),
  huge: () => Buffer.alloc(HUGE_BYTES),
  null_text: () => 'null',
  broken_text: () => '{bad',
};

const DEPTH_SHAPES: Shapes = {
  length_negative: (market, i) => changed(depthFrame(market, i), (frame) => frame.writeInt16LE(-20, 0)),
  length_short: (market, i) => changed(depthFrame(market, i), (frame) => frame.writeInt16LE(8, 0)),
  length_long: (market, i) => changed(depthFrame(market, i), (frame) => frame.writeInt16LE(frame.length + 100, 0)),
  unknown_code: (market, i) => {
    const strange = changed(depthFrame(market, i), (frame) => frame.writeUInt8(99, 2));
    return Buffer.concat([strange, depthFrame(market, i)]);
  },
  stacked_cut: (market, i) => Buffer.concat([depthFrame(market, i), depthFrame(market, i, ASK).subarray(0, 40)]),
  header_only: (market, i) => depthFrame(market, i).subarray(0, DHAN_DEPTH_HEADER_BYTES - 4),
  tail: (market, i) => Buffer.concat([depthFrame(market, i), Buffer.alloc(7, 0xee)]),
  rows_0: (market, i) => rows(market, i, 0),
  rows_1: (market, i) => rows(market, i, 1),
  rows_201: (market, i) => rows(market, i, MAX_LEVELS + 1),
  rows_2_31: (market, i) => rows(market, i, 2 ** 31),
  price_nan: (market, i) => withPrice(market, i, Number.NaN),
  price_infinity: (market, i) => withPrice(market, i, Number.POSITIVE_INFINITY),
  price_negative: (market, i) => withPrice(market, i, -1),
  price_huge: (market, i) => withPrice(market, i, 1e308),
  price_zero: (market, i) => withPrice(market, i, 0),
  price_off_tick: (market, i) => withPrice(market, i, 123.4567),
  crossed: (market, i) => withBestBid(market, i, (bestAsk, tick) => bestAsk + tick),
  locked: (market, i) => withBestBid(market, i, (bestAsk) => bestAsk),
  unsorted: (market, i) => {
    const frame = depthFrame(market, i);
    // The last row comes first.
    const last = frame.subarray(frame.length - DHAN_DEPTH_ROW_BYTES);
    return Buffer.concat([
      frame.subarray(0, DHAN_DEPTH_HEADER_BYTES),
      last,
      frame.subarray(DHAN_DEPTH_HEADER_BYTES, frame.length - DHAN_DEPTH_ROW_BYTES),
    ]);
  },
  equal_prices: (market, i) => {
    const frame = depthFrame(market, i);
    frame.copyWithin(
      DHAN_DEPTH_HEADER_BYTES + DHAN_DEPTH_ROW_BYTES,
      DHAN_DEPTH_HEADER_BYTES,
      DHAN_DEPTH_HEADER_BYTES + 8,
    );
    return frame;
  },
  unknown_instrument: (market, i) => changed(depthFrame(market, i), (frame) => frame.writeInt32LE(1, 4)),
  empty: () => Buffer.alloc(0),
  random: () => Buffer.from(randomBytes()),
  huge: () => Buffer.alloc(HUGE_BYTES),
};

const LIVE_SHAPES: Shapes = {
  length_0: (market, i) => changed(liveFrame(market, i), (frame) => frame.writeUInt16LE(0, 1)),
  length_short: (market, i) => changed(liveFrame(market, i), (frame) => frame.writeUInt16LE(20, 1)),
  length_long: (market, i) => changed(liveFrame(market, i), (frame) => frame.writeUInt16LE(frame.length + 100, 1)),
  unknown_code: (market, i) => {
    const strange = changed(liveFrame(market, i), (frame) => frame.writeUInt8(99, 0));
    return Buffer.concat([strange, liveFrame(market, i)]);
  },
  stacked_cut: (market, i) => Buffer.concat([liveFrame(market, i), liveFrame(market, i).subarray(0, 40)]),
  header_only: (market, i) => liveFrame(market, i).subarray(0, 5),
  tail: (market, i) => Buffer.concat([liveFrame(market, i), Buffer.alloc(7, 0xee)]),
  price_nan: (market, i) => changed(liveFrame(market, i), (frame) => frame.writeFloatLE(Number.NaN, 8)),
  price_huge: (market, i) => changed(liveFrame(market, i), (frame) => frame.writeFloatLE(3e38, 8)),
  unknown_instrument: (market, i) => changed(liveFrame(market, i), (frame) => frame.writeUInt32LE(1, 4)),
  empty: () => Buffer.alloc(0),
  random: () => Buffer.from(randomBytes()),
  huge: () => Buffer.alloc(HUGE_BYTES),
};

const SHAPES: Readonly<Record<FeedName, Shapes>> = {
  kite: KITE_SHAPES,
  'dhan-live': LIVE_SHAPES,
  'dhan-depth20': DEPTH_SHAPES,
  'dhan-depth200': DEPTH_SHAPES,
};

/** Shapes there are for a feed. */
export const shapesOf = (feed: FeedName): string[] => Object.keys(SHAPES[feed]);

/** A message of a shape, about an instrument; null where the feed has no such shape. */
export function makeGarbage(feed: FeedName, shape: string, market: Market, instrument: number): Garbage | null {
  return SHAPES[feed][shape]?.(market, instrument) ?? null;
}

/** Noise, the same every time. */
function randomBytes(): Uint8Array {
  let state = 12_345;
  return Uint8Array.from({ length: RANDOM_BYTES }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

function changed(frame: Buffer, change: (frame: Buffer) => void): Buffer {
  change(frame);
  return frame;
}

const listedAt = (market: Market, i: number): MarketInstrument => market.instruments[i] as MarketInstrument;

/** A Kite frame with a full packet for each of these instruments. */
function kiteFrame(market: Market, ...instruments: number[]): Buffer {
  return encodeKiteFrame(instruments.map((i) => kiteTick(market, i)));
}

const kiteTick = (market: Market, i: number) =>
  encodeTick('full', listedAt(market, i), market.quote(i), market.levels(i, BID), market.levels(i, ASK), market.nowUs)
    .packet;

/** A frame of two packets: first one of an impossible length, then the good one. */
function lengthBefore(length: number, good: Buffer): Buffer {
  const head = Buffer.alloc(4 + length);
  head.writeUInt16BE(2, 0);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, good.subarray(2)]);
}

function withWord(market: Market, i: number, field: number, change: (value: number) => number): Buffer {
  const packet = kiteTick(market, i);
  packet.words[field] = change(packet.words[field] as number);
  return encodeKiteFrame([{ ...packet, length: KITE_BYTES.full }]);
}

function depthFrame(market: Market, i: number, side: Side = BID, levels = market.levels(i, side)): Buffer {
  const { dhanSegment, dhanSecurityId } = listedAt(market, i);
  return encodeDhanDepth(200, DHAN_SEGMENT_CODES[dhanSegment], dhanSecurityId, side, levels);
}

function rows(market: Market, i: number, count: number): Buffer {
  return changed(depthFrame(market, i), (frame) => frame.writeUInt32LE(count, 8));
}

/** The second row's price is this. */
function withPrice(market: Market, i: number, rupees: number): Buffer {
  return changed(depthFrame(market, i), (frame) =>
    frame.writeDoubleLE(rupees, DHAN_DEPTH_HEADER_BYTES + DHAN_DEPTH_ROW_BYTES),
  );
}

function withBestBid(market: Market, i: number, price: (bestAsk: number, tick: number) => number): Buffer {
  const bids = new SideLevels();
  bids.copyFrom(market.levels(i, BID));
  bids.prices[0] = price(market.levels(i, ASK).prices[0] as number, listedAt(market, i).tickSize);
  return depthFrame(market, i, BID, bids);
}

function liveFrame(market: Market, i: number): Buffer {
  const listed = listedAt(market, i);
  return encodeLive('full', listed, market.quote(i), market.levels(i, BID), market.levels(i, ASK)).bytes;
}
