import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWithShared, listShared, readShared, readSharedJson } from '../../tests/support/shared.ts';
import { EXCHANGES } from '../core/exchange.ts';
import {
  decodeKiteFrame,
  KITE_BYTES,
  KITE_DEPTH_LEVELS,
  KITE_DEPTH_WORDS,
  KITE_FIELD,
  KITE_INDEX_FIELD,
  KITE_INDEX_SEGMENT,
  KITE_WORDS,
  KiteBatch,
} from './kite.ts';
import { encodeKiteFrame, type KitePacket, type KitePacketLength } from './kite-encode.ts';

/** A frame built word by word, without the encoder's help. */
function frameOf(...bodies: Buffer[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(bodies.length);
  return Buffer.concat([
    count,
    ...bodies.flatMap((body) => [Buffer.from([body.length >> 8, body.length & 0xff]), body]),
  ]);
}

const bodyOf = (...words: number[]): Buffer => {
  const body = Buffer.alloc(words.length * 4);
  words.forEach((word, i) => {
    body.writeUInt32BE(word, i * 4);
  });
  return body;
};

describe('packet sizes', () => {
  it.each([
    ['ltp', 8],
    ['indexQuote', 28],
    ['indexFull', 32],
    ['quote', 44],
    ['full', 184],
  ] as const)('%s has %i bytes', (kind, bytes) => {
    expect(KITE_BYTES[kind]).toBe(bytes);
    const batch = new KiteBatch();
    expect(decodeKiteFrame(frameOf(Buffer.alloc(bytes, 1)), batch)).toBe(1);
    expect(batch.length[0]).toBe(bytes);
    for (const wrong of [bytes - 1, bytes + 1]) {
      expect(decodeKiteFrame(frameOf(Buffer.alloc(wrong, 1)), batch)).toBe(0);
      expect(batch.errors.kept[0]?.code).toBe('unknown_length');
    }
  });

  it('a full packet is the fixed part and ten depth entries', () => {
    expect(KITE_FIELD.depth + 2 * KITE_DEPTH_LEVELS * KITE_DEPTH_WORDS).toBe(KITE_WORDS);
  });
});

describe('decodeKiteFrame', () => {
  it('reads every word unsigned', () => {
    const batch = new KiteBatch();
    decodeKiteFrame(frameOf(bodyOf(408065, 0xffff_ffff)), batch);
    expect(batch.words[KITE_FIELD.lastPrice]).toBe(4_294_967_295);
  });

  it('keeps good packets around bad ones, with their places in the frame', () => {
    const batch = new KiteBatch();
    const good = (token: number) => bodyOf(token, 100);
    decodeKiteFrame(frameOf(good(1), Buffer.alloc(20), good(2), Buffer.alloc(0), good(3)), batch);
    expect([...batch.packet.subarray(0, batch.count)]).toEqual([0, 2, 4]);
    expect([0, 1, 2].map((i) => batch.words[i * KITE_WORDS])).toEqual([1, 2, 3]);
    expect(batch.errors.kept.map((error) => error.message)).toEqual([
      'packet 1: no packet has 20 bytes',
      'packet 3: no packet has 0 bytes',
    ]);
  });

  it.each([7, 20, 100, 255, 256, 300, 65_535])('passes over a packet of %i bytes by its length', (length) => {
    const batch = new KiteBatch();
    expect(decodeKiteFrame(frameOf(Buffer.alloc(length, 1), bodyOf(7, 8)), batch)).toBe(1);
    expect(batch.words[0]).toBe(7);
    expect(batch.errors.kept.map(({ code }) => code)).toEqual(['unknown_length']);
  });

  it('is read at any offset of its buffer', () => {
    const frame = frameOf(bodyOf(7, 8));
    for (let shift = 0; shift < 9; shift += 1) {
      const shifted = Buffer.concat([Buffer.alloc(shift, 0xaa), frame]).subarray(shift);
      const batch = new KiteBatch();
      expect(decodeKiteFrame(shifted, batch)).toBe(1);
      expect([...batch.words.subarray(0, 2)]).toEqual([7, 8]);
    }
  });

  it('takes a packet of each truncation for what it is', () => {
    const whole = frameOf(bodyOf(...Array.from({ length: 46 }, (_, i) => i)));
    for (let cut = 0; cut < whole.length; cut += 1) {
      const batch = new KiteBatch();
      expect(decodeKiteFrame(whole.subarray(0, cut), batch)).toBe(0);
      // The count, the length field, the body.
      const error = cut < 2 ? [] : cut < 4 ? ['header_truncated'] : ['body_truncated'];
      expect(batch.errors.kept.map(({ code }) => code)).toEqual(error);
    }
  });

  it('does not let a count claim more than the bytes hold', () => {
    const batch = new KiteBatch();
    const capacity = batch.length.length;
    expect(decodeKiteFrame(Buffer.from([0xff, 0xff, 0]), batch)).toBe(0);
    expect(batch.length.length).toBe(capacity);
    expect(batch.errors.kept.map(({ code }) => code)).toEqual(['too_many_packets', 'header_truncated']);
  });

  it('takes a message of any size, whatever it took before', () => {
    const batch = new KiteBatch();
    const small = frameOf(bodyOf(1, 2));
    const long = Buffer.concat([frameOf(bodyOf(3, 4)), Buffer.alloc(300_000, 0xff)]);
    const many = frameOf(...Array.from({ length: 500 }, (_, i) => bodyOf(i, 5)));
    for (const [frame, count, last] of [
      [small, 1, 1],
      [long, 1, 3],
      [many, 500, 499],
      [small, 1, 1],
      [long, 1, 3],
    ] as const) {
      expect(decodeKiteFrame(frame, batch)).toBe(count);
      expect(batch.words[(count - 1) * KITE_WORDS]).toBe(last);
    }
  });

  it('takes 3,000 instruments in one message', () => {
    const batch = new KiteBatch();
    const packets = Array.from({ length: 3000 }, (_, i): KitePacket => {
      const words = new Uint32Array(KITE_WORDS).fill(i);
      return { length: 184, words };
    });
    expect(decodeKiteFrame(encodeKiteFrame(packets), batch)).toBe(3000);
    expect(batch.words[2999 * KITE_WORDS + 45]).toBe(2999);
    expect([batch.declared, batch.errors.count]).toEqual([3000, 0]);
  });
});

const anyPacket: fc.Arbitrary<KitePacket> = fc
  .constantFrom<KitePacketLength>(8, 28, 32, 44, 184)
  .chain((length) =>
    fc
      .array(fc.nat({ max: 0xffff_ffff }), { minLength: length / 4, maxLength: length / 4 })
      .map((words) => ({ length, words: Uint32Array.from(words) })),
  );

describe('properties', () => {
  it('decoding what was encoded gives it back', () => {
    const batch = new KiteBatch();
    fc.assert(
      fc.property(fc.array(anyPacket, { maxLength: 40 }), (packets) => {
        expect(decodeKiteFrame(encodeKiteFrame(packets), batch)).toBe(packets.length);
        expect(batch.errors.count).toBe(0);
        packets.forEach((packet, i) => {
          expect(batch.length[i]).toBe(packet.length);
          expect([...batch.words.subarray(i * KITE_WORDS, i * KITE_WORDS + packet.length / 4)]).toEqual([
            ...packet.words,
          ]);
        });
      }),
    );
  });

  it('any bytes give ticks or errors, never an exception, never a byte from outside', () => {
    const batch = new KiteBatch();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat({ max: 7 }), (bytes, shift) => {
        // What lies before and after the frame differs in the two runs; the result may not.
        const seen = [0x00, 0xff].map((around) => {
          const room = Buffer.alloc(shift + bytes.length + 64, around);
          room.set(bytes, shift);
          const count = decodeKiteFrame(room.subarray(shift, shift + bytes.length), batch);
          return [
            count,
            [...batch.length.subarray(0, count)],
            ticksOf(batch),
            batch.errors.kept.map(({ message }) => message),
          ];
        });
        expect(seen[0]).toEqual(seen[1]);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes time in proportion to the bytes', () => {
    const batch = new KiteBatch();
    const cost = (bytes: number): number => {
      const zeroLengthPackets = Buffer.alloc(bytes);
      zeroLengthPackets.writeUInt16BE(0xffff, 0);
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 20; round += 1) {
        const from = process.hrtime.bigint();
        decodeKiteFrame(zeroLengthPackets, batch);
        best = Math.min(best, Number(process.hrtime.bigint() - from));
      }
      return best;
    };
    cost(65_536);
    expect(cost(131_072)).toBeLessThan(1_000_000);
  });
});

function ticksOf(batch: KiteBatch): number[][] {
  return Array.from({ length: batch.count }, (_, i) => [
    ...batch.words.subarray(i * KITE_WORDS, i * KITE_WORDS + (batch.length[i] as number) / 4),
  ]);
}

interface CanonicalPacket extends Record<string, unknown> {
  length: number;
  token: number;
  segment: number;
  divisor: number;
  tradable: boolean;
}

interface Fixture {
  canonical: { kind: string; declared_count?: number; packets: CanonicalPacket[]; notes: string[] };
}

/** Exact decimal text of a price, as the expected results have it. */
function decimal(raw: number, divisor: number): string {
  const digits = Math.log10(divisor);
  const text = String(raw).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function canonicalOf(batch: KiteBatch, i: number): Record<string, unknown> {
  const length = batch.length[i] as number;
  const word = (field: number): number => batch.words[i * KITE_WORDS + field] as number;
  const token = word(KITE_FIELD.token);
  const segment = token & 0xff;
  const exchange = Object.values(EXCHANGES).find(({ kiteSegment }) => kiteSegment === segment);
  const divisor = exchange?.priceScale ?? 100;
  const price = (field: number): string => decimal(word(field), divisor);
  const result: Record<string, unknown> = {
    length,
    token,
    exchange_token: Math.floor(token / 256),
    segment,
    tradable: segment !== KITE_INDEX_SEGMENT,
    divisor,
    last_price_raw: word(KITE_FIELD.lastPrice),
    last_price: price(KITE_FIELD.lastPrice),
  };
  if (length === KITE_BYTES.ltp) return result;
  if (length === KITE_BYTES.indexQuote || length === KITE_BYTES.indexFull) {
    result.high = price(KITE_INDEX_FIELD.high);
    result.low = price(KITE_INDEX_FIELD.low);
    result.open = price(KITE_INDEX_FIELD.open);
    result.close = price(KITE_INDEX_FIELD.close);
    if (length === KITE_BYTES.indexFull) result.exchange_timestamp = word(KITE_INDEX_FIELD.exchangeTime);
    return result;
  }
  result.last_quantity = word(KITE_FIELD.lastQuantity);
  result.average_price = price(KITE_FIELD.averagePrice);
  result.volume = word(KITE_FIELD.volume);
  result.buy_quantity = word(KITE_FIELD.buyQuantity);
  result.sell_quantity = word(KITE_FIELD.sellQuantity);
  for (const name of ['open', 'high', 'low', 'close'] as const) result[name] = price(KITE_FIELD[name]);
  if (length === KITE_BYTES.quote) return result;
  result.last_trade_time = word(KITE_FIELD.lastTradeTime);
  result.oi = word(KITE_FIELD.oi);
  result.oi_day_high = word(KITE_FIELD.oiDayHigh);
  result.oi_day_low = word(KITE_FIELD.oiDayLow);
  result.exchange_timestamp = word(KITE_FIELD.exchangeTime);
  const side = (first: number) =>
    Array.from({ length: KITE_DEPTH_LEVELS }, (_, level) => {
      const at = KITE_FIELD.depth + (first + level) * KITE_DEPTH_WORDS;
      return [word(at), price(at + 1), word(at + 2) >>> 16];
    });
  result.buy = side(0);
  result.sell = side(KITE_DEPTH_LEVELS);
  return result;
}

describeWithShared('protocols', 'fixtures made with the official clients', () => {
  const names = listShared('.bin', 'protocols', 'fixtures', 'kite', 'frames');

  it('are all here', () => {
    expect(names.length).toBe(30);
  });

  it.each(names)('%s', (name) => {
    const frame = readShared('protocols', 'fixtures', 'kite', 'frames', `${name}.bin`);
    const { canonical } = readSharedJson<Fixture>('protocols', 'fixtures', 'kite', 'expected', `${name}.json`);
    const batch = new KiteBatch();
    decodeKiteFrame(frame, batch);

    expect(batch.heartbeat).toBe(canonical.kind === 'heartbeat');
    if (canonical.declared_count !== undefined) expect(batch.declared).toBe(canonical.declared_count);
    expect(batch.count).toBe(canonical.packets.length);
    canonical.packets.forEach((expected, i) => {
      const { segment_name, mode, depth_columns, price_change_raw, ...fields } = expected;
      expect(canonicalOf(batch, i)).toMatchObject(fields);
    });
    // Trailing bytes are ignored, everything else the notes speak of is counted.
    const faults = canonical.notes.filter((note) => !note.includes('trailing bytes'));
    expect(batch.errors.count).toBe(faults.length);
  });
});
