/** The decoders that meet bytes from outside, and what each promises of any bytes. */
import { encodeGap, encodeTick, MessageReader, SideEncoder } from '../../lib/book/messages.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { AGGRESSOR } from '../../lib/core/aggressor.ts';
import { CodecError } from '../../lib/core/bytes.ts';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import {
  DHAN_DEPTH_PACKETS_MAX,
  DhanDepthBatch,
  type DhanDepthLevels,
  decodeDhanDepth,
  encodeDhanDepth,
  encodeDhanDepthDisconnect,
} from '../../lib/wire/dhan-depth.ts';
import { DHAN_LIVE_PACKETS_MAX, DhanLiveBatch, decodeDhanLive } from '../../lib/wire/dhan-live.ts';
import { encodeDhanFull, encodeDhanOi, encodeDhanQuote, encodeDhanTicker } from '../../lib/wire/dhan-live-encode.ts';
import type { WireErrors } from '../../lib/wire/errors.ts';
import { decodeKiteFrame, KITE_BYTES, KITE_WORDS, KiteBatch } from '../../lib/wire/kite.ts';
import { encodeKiteFrame, KITE_HEARTBEAT, type KitePacketLength, kitePacket } from '../../lib/wire/kite-encode.ts';
import { Random } from '../../simulator/market/random.ts';
import { Digest, type FuzzTarget } from './fuzz.ts';
import { listShared, readShared } from './shared.ts';

const random = new Random(1, 0);

function promise(kept: boolean, what: string): asserts kept {
  if (!kept) throw new Error(`broken promise: ${what}`);
}

/** Frames that others made, where they are there. */
const fixtures = (broker: string, which: RegExp): Buffer[] =>
  listShared('.bin', 'protocols', 'fixtures', broker, 'frames')
    .filter((name) => which.test(name))
    .map((name) => readShared('protocols', 'fixtures', broker, 'frames', `${name}.bin`));

function ladder(side: Side, count: number): SideLevels {
  const levels = new SideLevels();
  for (let i = 0; i < count; i += 1) {
    levels.prices[i] = 2_594_000 + (side === BID ? -i : i + 1) * 5 * (1 + random.below(4));
    levels.quantities[i] = 75 * (1 + random.below(40));
    levels.orders[i] = 1 + random.below(9);
  }
  levels.count = count;
  levels.sort(side);
  return levels;
}

function addErrors(digest: Digest, errors: WireErrors): void {
  promise(errors.kept.length === Math.min(errors.count, 16), 'kept errors are the first of those counted');
  digest.add(errors.count);
  for (const { packet, message } of errors.kept) {
    digest.add(packet);
    digest.add(message.length);
  }
}

function addSide(digest: Digest, side: Side, { count, prices, quantities, orders }: SideLevels): void {
  digest.add(count);
  for (let i = 0; i < count; i += 1) {
    const price = prices[i] as number;
    promise(price > 0, 'a level has a price');
    const better = i === 0 ? price : (prices[i - 1] as number);
    promise(side === BID ? price <= better : price >= better, 'levels stand best first');
    digest.add(price);
    digest.add(quantities[i] as number);
    digest.add(orders[i] as number);
  }
}

function kite(): FuzzTarget {
  const lengths = new Set<number>(Object.values(KITE_BYTES));
  const packet = (length: KitePacketLength) => {
    const made = kitePacket(length);
    for (let i = 0; i < made.words.length; i += 1) made.words[i] = random.u32();
    return made;
  };
  const batch = new KiteBatch();
  return {
    name: 'kite',
    seeds: [
      ...fixtures('kite', /./),
      KITE_HEARTBEAT,
      encodeKiteFrame([packet(8), packet(28), packet(32), packet(44), packet(184)]),
      encodeKiteFrame(Array.from({ length: 12 }, () => packet(184))),
    ],
    decode(frame) {
      const count = decodeKiteFrame(frame, batch);
      promise(count === batch.count && count <= batch.declared, 'no more ticks than declared');
      promise(batch.heartbeat === (frame.length === 1), 'one byte is a heartbeat, nothing else is');
      const digest = new Digest();
      let bytes = 2;
      for (let i = 0; i < count; i += 1) {
        const length = batch.length[i] as number;
        promise(lengths.has(length), 'a tick has one of five lengths');
        promise(i === 0 || (batch.packet[i] as number) > (batch.packet[i - 1] as number), 'ticks keep their order');
        bytes += 2 + length;
        digest.add(batch.packet[i] as number);
        for (let word = 0; word < length / 4; word += 1) digest.add(batch.words[i * KITE_WORDS + word] as number);
      }
      promise(count === 0 || bytes <= frame.length, 'ticks come out of the bytes that are there');
      addErrors(digest, batch.errors);
      return { digest: digest.value, records: count, errors: batch.errors.count };
    },
  };
}

function depth(kind: DhanDepthLevels): FuzzTarget {
  const bid = encodeDhanDepth(kind, 2, 55_796, BID, ladder(BID, kind));
  const ask = encodeDhanDepth(kind, 2, 55_796, ASK, ladder(ASK, kind));
  const thin = encodeDhanDepth(kind, 1, 2885, BID, ladder(BID, 7));
  const batch = new DhanDepthBatch();
  return {
    name: `dhan-depth${kind}`,
    seeds: [
      ...fixtures('dhan', kind === 20 ? /^d/ : /^e/),
      bid,
      thin,
      Buffer.concat([bid, ask]),
      Buffer.concat([thin, encodeDhanDepthDisconnect(805), thin, encodeDhanDepthDisconnect(807, 'sdk')]),
    ],
    decode(frame) {
      const count = decodeDhanDepth(frame, kind, batch);
      promise(count === batch.count && count <= DHAN_DEPTH_PACKETS_MAX, 'a limited number of packets');
      const digest = new Digest();
      let bytes = 0;
      for (let i = 0; i < count; i += 1) {
        const { index, code, segment, securityId, side, flags, levels, reason } = batch.packets[
          i
        ] as (typeof batch.packets)[number];
        promise(levels.count <= kind, 'no more levels than the feed has');
        promise(code === 50 || code === (side === BID ? 41 : 51), 'the code says which side');
        promise(code !== 50 || levels.count === 0, 'a disconnect packet has no levels');
        bytes += 12 + 16 * levels.count;
        for (const value of [index, code, segment, securityId, side, flags, reason]) digest.add(value);
        addSide(digest, side, levels);
      }
      promise(bytes <= frame.length, 'levels come out of the bytes that are there');
      addErrors(digest, batch.errors);
      return { digest: digest.value, records: count, errors: batch.errors.count };
    },
  };
}

const LIVE_FIELDS = [
  'lastPrice',
  'lastQuantity',
  'lastTradeTime',
  'averagePrice',
  'volume',
  'sellQuantity',
  'buyQuantity',
  'oi',
  'oiDayHigh',
  'oiDayLow',
  'open',
  'close',
  'high',
  'low',
  'previousOi',
  'reason',
] as const;

function live(): FuzzTarget {
  const values = LIVE_FIELDS.map((name) => [name, 5 * (1 + random.below(5000))] as const);
  const quote = Object.fromEntries(values) as Record<(typeof LIVE_FIELDS)[number], number>;
  const ticker = encodeDhanTicker(2, 55_796, quote);
  const full = encodeDhanFull(2, 55_796, quote, ladder(BID, 5), ladder(ASK, 5));
  const batch = new DhanLiveBatch();
  return {
    name: 'dhan-live',
    seeds: [
      ...fixtures('dhan', /^m/),
      ticker,
      full,
      Buffer.concat([ticker, encodeDhanQuote(2, 55_796, quote), encodeDhanOi(2, 55_796, 1), full]),
    ],
    decode(frame) {
      const count = decodeDhanLive(frame, () => 5, batch);
      promise(count === batch.count && count <= DHAN_LIVE_PACKETS_MAX, 'a limited number of packets');
      promise(count * 8 <= frame.length, 'packets come out of the bytes that are there');
      const digest = new Digest();
      for (let i = 0; i < count; i += 1) {
        const packet = batch.packets[i] as (typeof batch.packets)[number];
        for (const value of [packet.index, packet.code, packet.segment, packet.securityId]) digest.add(value);
        for (const name of LIVE_FIELDS) {
          const value = packet[name];
          promise(
            value === ABSENT || (Number.isInteger(value) && Math.abs(value) < 2 ** 32),
            `${name} is a number or absent`,
          );
          digest.add(value);
        }
        promise(packet.bids.count <= 5 && packet.asks.count <= 5, 'five levels at most');
        addSide(digest, BID, packet.bids);
        addSide(digest, ASK, packet.asks);
      }
      addErrors(digest, batch.errors);
      return { digest: digest.value, records: count, errors: batch.errors.count };
    },
  };
}

/** Our own messages, as a browser or a worker reads them. Bytes that are none end the reading: one error. */
function messages(): FuzzTarget {
  const encoder = new SideEncoder(7, BID);
  const keyframe = encoder.next(ladder(BID, 60), 1_752_812_105_000_000, 1_752_812_105_000_400);
  const delta = encoder.next(ladder(BID, 61), 1_752_812_105_200_000, 1_752_812_105_200_400);
  const tick = encodeTick({
    instrumentId: 7,
    stampUs: 1_752_812_105_300_000,
    lastPrice: 2_594_005,
    volumeDelta: 75,
    aggressor: AGGRESSOR.buy,
    confidence: 3,
    volume: 3_333_675,
    oi: 13_250_025,
    previousClose: 2_590_000,
  });
  const reader = new MessageReader();
  const gap = encodeGap({ instrumentId: 7, fromUs: 1_752_812_105_000_000, toUs: 0, cause: 'silent' });
  return {
    name: 'messages',
    seeds: [keyframe, Buffer.concat([keyframe, delta]), Buffer.concat([tick, gap, keyframe, tick]), tick, gap],
    decode(frame) {
      const digest = new Digest();
      let records = 0;
      let errors = 0;
      const handler = {
        onDepth: (instrumentId: number, { levels, seq, bookTimeUs, stampUs }: ReturnType<MessageReader['side']>) => {
          for (const value of [instrumentId, seq, bookTimeUs, stampUs, levels.count]) digest.add(value);
          for (let i = 0; i < levels.count; i += 1) digest.add(levels.prices[i] as number);
          records += 1;
        },
        onTick: (read: object) => {
          for (const value of Object.values(read)) digest.add(value as number);
          records += 1;
        },
        onGap: ({ fromUs, toUs, cause }: { fromUs: number; toUs: number; cause: string }) => {
          for (const value of [fromUs, toUs, cause.length]) digest.add(value);
          records += 1;
        },
        onBaseMissing: () => {
          records += 1;
        },
      };
      try {
        reader.reset();
        reader.read(frame, handler);
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        errors = 1;
      }
      return { digest: digest.value, records, errors };
    },
  };
}

export const fuzzTargets = (): FuzzTarget[] => [kite(), live(), depth(20), depth(200), messages()];
