import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costRatio } from '../../tests/support/cost.ts';
import { type Field, littleEndian, surrounded } from '../../tests/support/packets.ts';
import { describeWithShared, listShared, readShared, readSharedJson } from '../../tests/support/shared.ts';
import { ABSENT } from '../core/absent.ts';
import { BID, SideLevels } from '../core/side.ts';
import { DHAN_LIVE_PACKETS_MAX, DhanLiveBatch, type DhanLivePacket, decodeDhanLive, priceOfF32 } from './dhan-live.ts';
import {
  type DhanQuote,
  encodeDhanFull,
  encodeDhanLiveDisconnect,
  encodeDhanOi,
  encodeDhanPreviousClose,
  encodeDhanQuote,
  encodeDhanTicker,
} from './dhan-live-encode.ts';
import type { WireErrorCode } from './errors.ts';

const TICK = 5;

function decoded(frame: Uint8Array, tick = TICK): DhanLiveBatch {
  const batch = new DhanLiveBatch();
  decodeDhanLive(frame, () => tick, batch);
  return batch;
}

const codesOf = ({ errors }: DhanLiveBatch): WireErrorCode[] => errors.kept.map(({ code }) => code);

/** Header and body; `length` where the field shall not tell the truth. */
function packetOf(code: number, body: readonly Field[], length?: number, segment = 2, securityId = 55_796): Buffer {
  const rest = littleEndian(...body);
  const header: Field[] = [
    ['u8', code],
    ['u16', length ?? 8 + rest.length],
    ['u8', segment],
    ['u32', securityId],
  ];
  return Buffer.concat([littleEndian(...header), rest]);
}

/** 2025-07-18 09:45:05 in IST, written as if it were UTC, and what it really is. */
const IST_TIME = 1_752_831_905;
const UTC_TIME = 1_752_812_105;

/** The fields that quote and full packets begin with, each with a value of its own. */
const QUOTE_BODY: readonly Field[] = [
  ['f32', 1473.4],
  ['u16', 65_535],
  ['u32', IST_TIME],
  ['f32', 1470.21],
  ['u32', 3_000_000_000],
  ['u32', 4_294_967_295],
  ['u32', 2_147_483_648],
];
const OPEN_CLOSE_HIGH_LOW: readonly Field[] = [
  ['f32', 1465],
  ['f32', 1462.55],
  ['f32', 1478.9],
  ['f32', 1460.1],
];
const QUOTE_FIELDS = {
  lastPrice: 147_340,
  lastQuantity: 65_535,
  lastTradeTime: UTC_TIME,
  averagePrice: 147_021,
  volume: 3_000_000_000,
  sellQuantity: 4_294_967_295,
  buyQuantity: 2_147_483_648,
  open: 146_500,
  close: 146_255,
  high: 147_890,
  low: 146_010,
};

/** Level `i` of five: bid quantity, ask quantity, bid orders, ask orders, bid price, ask price. */
const DEPTH: readonly Field[] = Array.from({ length: 5 }, (_, i): Field[] => [
  ['u32', 75 * (i + 1)],
  ['u32', 4_294_967_295 - i],
  ['u16', i],
  ['u16', 65_535 - i],
  ['f32', 152.25 - i * 0.05],
  ['f32', 152.35 + i * 0.05],
]).flat();
const FULL = packetOf(8, [
  ...QUOTE_BODY,
  ['u32', 1_325_025],
  ['u32', 1_340_025],
  ['u32', 1_299_075],
  ...OPEN_CLOSE_HIGH_LOW,
  ...DEPTH,
]);
const DEPTH_V1 = packetOf(3, [['f32', 152.3], ...DEPTH]);
const TICKER = packetOf(2, [
  ['f32', 152.3],
  ['u32', IST_TIME],
]);
const QUOTE = packetOf(4, [...QUOTE_BODY, ...OPEN_CLOSE_HIGH_LOW]);
const OI = packetOf(5, [['u32', 4_294_967_295]]);
const PREVIOUS_CLOSE = packetOf(6, [
  ['f32', 24_385.15],
  ['u32', 1_000_000],
]);
const DISCONNECT = packetOf(50, [['u16', 805]]);

/** What a packet says, without what it leaves open. */
function fieldsOf(packet: DhanLivePacket | undefined): Record<string, unknown> {
  const { index, code, segment, securityId, bids, asks, clear, ...fields } = packet as DhanLivePacket;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ABSENT));
}

const rowsOf = ({ count, prices, quantities, orders }: SideLevels): number[][] =>
  Array.from({ length: count }, (_, i) => [prices[i], quantities[i], orders[i]] as number[]);

const BIDS = [
  [15_225, 75, 0],
  [15_220, 150, 1],
  [15_215, 225, 2],
  [15_210, 300, 3],
  [15_205, 375, 4],
];
const ASKS = [
  [15_235, 4_294_967_295, 65_535],
  [15_240, 4_294_967_294, 65_534],
  [15_245, 4_294_967_293, 65_533],
  [15_250, 4_294_967_292, 65_532],
  [15_255, 4_294_967_291, 65_531],
];

const KINDS: [name: string, packet: Buffer, bytes: number, fields: Record<string, number>][] = [
  ['heartbeat', packetOf(0, []), 8, {}],
  ['index', packetOf(1, []), 8, {}],
  ['ticker', TICKER, 16, { lastPrice: 15_230, lastTradeTime: UTC_TIME }],
  ['v1 depth', DEPTH_V1, 112, { lastPrice: 15_230 }],
  ['quote', QUOTE, 50, QUOTE_FIELDS],
  ['OI', OI, 12, { oi: 4_294_967_295 }],
  ['previous close', PREVIOUS_CLOSE, 16, { close: 2_438_515, previousOi: 1_000_000 }],
  ['market status', packetOf(7, []), 8, {}],
  ['full', FULL, 162, { ...QUOTE_FIELDS, oi: 1_325_025, oiDayHigh: 1_340_025, oiDayLow: 1_299_075 }],
  ['disconnect', DISCONNECT, 10, { reason: 805 }],
];

describe('packets', () => {
  it.each(KINDS)('%s', (_, packet, bytes, fields) => {
    expect(packet.length).toBe(bytes);
    const batch = decoded(packet);
    expect([batch.count, batch.errors.count]).toEqual([1, 0]);
    expect(batch.packets[0]).toMatchObject({ index: 0, code: packet[0], segment: 2, securityId: 55_796 });
    expect(fieldsOf(batch.packets[0])).toEqual(fields);
    const hasDepth = packet === FULL || packet === DEPTH_V1;
    expect(rowsOf((batch.packets[0] as DhanLivePacket).bids)).toEqual(hasDepth ? BIDS : []);
    expect(rowsOf((batch.packets[0] as DhanLivePacket).asks)).toEqual(hasDepth ? ASKS : []);
  });

  it.each(KINDS)('%s, one byte short, is truncated', (_, packet, bytes) => {
    const batch = decoded(packet.subarray(0, bytes - 1));
    expect([batch.count, codesOf(batch)]).toEqual([0, [bytes > 8 ? 'body_truncated' : 'header_truncated']]);
  });

  it('of every kind stacked in one message, cut anywhere: the whole ones are kept, the other is counted', () => {
    const ends = KINDS.map((_, i) => KINDS.slice(0, i + 1).reduce((sum, [, , bytes]) => sum + bytes, 0));
    const whole = Buffer.concat(KINDS.map(([, packet]) => packet));
    const batch = new DhanLiveBatch();
    for (let cut = 0; cut <= whole.length; cut += 1) {
      expect(decodeDhanLive(whole.subarray(0, cut), () => TICK, batch)).toBe(ends.filter((end) => end <= cut).length);
      expect(batch.errors.count).toBe(cut === 0 || ends.includes(cut) ? 0 : 1);
    }
    expect(batch.packets.map(({ index }) => index)).toEqual(KINDS.map((_, i) => i));
  });

  it('says nothing in a field that its kind does not have, whatever was read before', () => {
    const batch = new DhanLiveBatch();
    decodeDhanLive(Buffer.concat([FULL, FULL]), () => TICK, batch);
    decodeDhanLive(OI, () => TICK, batch);
    expect(fieldsOf(batch.packets[0])).toEqual({ oi: 4_294_967_295 });
    expect(batch.packets[0]?.bids.count).toBe(0);
  });

  it('asks for the tick of the instrument it is of', () => {
    const asked: unknown[] = [];
    decodeDhanLive(
      packetOf(5, [['u32', 1]], undefined, 8, 4_000_000_000),
      (...of) => asked.push(of),
      new DhanLiveBatch(),
    );
    expect(asked).toEqual([[8, 4_000_000_000]]);
  });

  it('without a trade, or with a time that cannot be IST, has no trade time', () => {
    for (const time of [0, 1, 19_800]) {
      const batch = decoded(
        packetOf(2, [
          ['f32', 0],
          ['u32', time],
        ]),
      );
      expect(fieldsOf(batch.packets[0])).toEqual({ lastPrice: 0 });
    }
  });

  it('puts five levels best first, and leaves out those that are all zero', () => {
    const level = (price: number, quantity: number): Field[] => [
      ['u32', quantity],
      ['u32', quantity],
      ['u16', 1],
      ['u16', 1],
      ['f32', price],
      ['f32', price],
    ];
    const batch = decoded(
      packetOf(3, [
        ['f32', 100],
        ...[level(100.1, 1), level(0, 0), level(100.3, 3), level(100.2, 2), level(0, 0)].flat(),
      ]),
    );
    expect(rowsOf((batch.packets[0] as DhanLivePacket).bids).map(([price]) => price)).toEqual([10_030, 10_020, 10_010]);
    expect(rowsOf((batch.packets[0] as DhanLivePacket).asks).map(([price]) => price)).toEqual([10_010, 10_020, 10_030]);
    expect(batch.errors.count).toBe(0);
  });
});

describe('priceOfF32', () => {
  it.each([
    // float32 nearest to 142,345.65 is 142,345.65625: two decimals would make 66 of it.
    [142_345.65, 100, 5, 14_234_565],
    [142_345.65, 100, 1, 14_234_566],
    [7.05, 100, 5, 705],
    [86.1275, 10_000_000, 25_000, 861_275_000],
    [86.1275, 10_000, 25, 861_275],
    [0, 100, 5, 0],
    [-2_884, 100, 100, -288_400],
    [21_474_836, 100, 5, 2_147_483_600],
    [21_474_838, 100, 5, ABSENT],
    [1e30, 100, 5, ABSENT],
    [Number.NaN, 100, 5, ABSENT],
    [Number.POSITIVE_INFINITY, 100, 5, ABSENT],
    [Number.NEGATIVE_INFINITY, 100, 5, ABSENT],
    [100, 100, 0, ABSENT],
  ])('%d rupees at %i units a rupee, tick %i: %d', (rupees, scale, tick, price) => {
    expect(priceOfF32(Math.fround(rupees), scale, tick)).toBe(price);
  });

  it('a tick of 0.05 survives float32 up to 524,288 rupees, one of 0.01 up to 131,072', () => {
    for (const [tick, limit] of [
      [5, 52_428_800],
      [1, 13_107_200],
    ] as const) {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: limit / tick }), (ticks) => {
          expect(priceOfF32(Math.fround((ticks * tick) / 100), 100, tick)).toBe(ticks * tick);
        }),
      );
    }
  });
});

describe('hostile bytes', () => {
  const level = (price: number, quantity: number): Field[] => [
    ['u32', quantity],
    ['u32', quantity],
    ['u16', 1],
    ['u16', 2],
    ['f32', price],
    ['f32', price],
  ];

  it.each([
    ['NaN', Number.NaN, 75],
    ['Infinity', Number.POSITIVE_INFINITY, 75],
    ['-1', -1, 75],
    ['1e30', 1e30, 75],
    ['0 with a quantity', 0, 75],
    ['NaN without a quantity', Number.NaN, 0],
  ])('a level with price %s is left out and counted', (_, price, quantity) => {
    const levels = [level(price, quantity), level(100, 1), level(0, 0), level(0, 0), level(0, 0)].flat();
    const batch = decoded(packetOf(3, [['f32', 100], ...levels]));
    expect(rowsOf((batch.packets[0] as DhanLivePacket).bids)).toEqual([[10_000, 1, 1]]);
    expect(rowsOf((batch.packets[0] as DhanLivePacket).asks)).toEqual([[10_000, 1, 2]]);
    expect(batch.errors.kept.map(({ message }) => message)).toEqual(['packet 0: code 3: 2 prices are none']);
  });

  it('a last price that is none is absent and counted', () => {
    const batch = decoded(
      packetOf(2, [
        ['f32', Number.NaN],
        ['u32', IST_TIME],
      ]),
    );
    expect(fieldsOf(batch.packets[0])).toEqual({ lastTradeTime: UTC_TIME });
    expect(codesOf(batch)).toEqual(['bad_price']);
  });

  // [code, length field, bytes there] -> packets kept, errors. A good ticker follows.
  it.each<[string, number, number, number, number, WireErrorCode[]]>([
    ['a known code whose length is too small is read by its layout', 2, 0, 16, 2, ['bad_length']],
    ['so is one whose length is 15', 2, 15, 16, 2, ['bad_length']],
    ['a longer packet than its layout is skipped by its length', 2, 20, 20, 2, []],
    ['an unknown code is skipped by its length', 99, 20, 20, 1, ['unknown_code']],
    ['an unknown code with a length of 7 ends the message', 99, 7, 8, 0, ['bad_length']],
    ['a length beyond the end of the message ends it', 99, 65_535, 20, 0, ['body_truncated']],
    ['so does one of a known code', 2, 65_535, 20, 0, ['body_truncated']],
    ['the undocumented body of an index packet is passed over', 1, 16, 16, 2, []],
  ])('%s', (_, code, length, bytes, kept, errors) => {
    const first = Buffer.concat([packetOf(code, [], length), Buffer.alloc(bytes - 8, 1)]);
    const batch = decoded(Buffer.concat([first, TICKER]));
    expect(batch.count).toBe(kept);
    expect(codesOf(batch)).toEqual(errors);
    if (kept > 0) expect(fieldsOf(batch.packets[kept - 1])).toEqual(fieldsOf(decoded(TICKER).packets[0]));
  });

  it('keeps a limited number of packets, whatever a message claims', () => {
    const batch = decoded(Buffer.concat(Array.from({ length: DHAN_LIVE_PACKETS_MAX + 100 }, () => OI)));
    expect([batch.count, batch.packets.length]).toEqual([DHAN_LIVE_PACKETS_MAX, DHAN_LIVE_PACKETS_MAX]);
    expect(codesOf(batch)).toEqual(['too_many_packets']);
    // Five levels a side, not 200: the packets are kept for reuse.
    expect(batch.packets[0]?.bids.prices.length).toBe(5);
  });
});

const QUOTE_VALUES: DhanQuote = { ...QUOTE_FIELDS, oi: 1_325_025, oiDayHigh: 1_340_025, oiDayLow: 1_299_075 };

function sideOf(rows: readonly (readonly number[])[]): SideLevels {
  const side = new SideLevels();
  for (const [price, quantity, orders] of rows) {
    side.prices[side.count] = price as number;
    side.quantities[side.count] = quantity as number;
    side.orders[side.count] = orders as number;
    side.count += 1;
  }
  return side;
}

describe('encoders write the documented bytes', () => {
  it.each([
    ['ticker', encodeDhanTicker(2, 55_796, { ...QUOTE_VALUES, lastPrice: 15_230 }), TICKER],
    ['quote', encodeDhanQuote(2, 55_796, QUOTE_VALUES), QUOTE],
    ['full', encodeDhanFull(2, 55_796, QUOTE_VALUES, sideOf(BIDS), sideOf(ASKS)), FULL],
    ['OI', encodeDhanOi(2, 55_796, 4_294_967_295), OI],
    ['previous close', encodeDhanPreviousClose(2, 55_796, 2_438_515, 1_000_000), PREVIOUS_CLOSE],
    ['disconnect', encodeDhanLiveDisconnect(805), packetOf(50, [['u16', 805]], undefined, 0, 0)],
  ])('%s', (_, encoded, written) => {
    expect(encoded.toString('hex')).toBe(written.toString('hex'));
  });

  it('no trade yet: time 0', () => {
    const frame = encodeDhanTicker(2, 1, { ...QUOTE_VALUES, lastTradeTime: 0 });
    expect(frame.readUInt32LE(12)).toBe(0);
  });

  it('what 16 bits cannot hold goes out as their largest number', () => {
    const frame = encodeDhanFull(
      2,
      1,
      { ...QUOTE_VALUES, lastQuantity: 65_536 },
      sideOf([[100, 1, 70_000]]),
      sideOf([]),
    );
    expect(frame.readUInt16LE(12)).toBe(65_535);
    expect(frame.readUInt16LE(62 + 8)).toBe(65_535);
  });

  it('levels that a side does not have are zero, those beyond five are not sent', () => {
    const six = sideOf([...BIDS, [15_200, 1, 1]]);
    const batch = decoded(encodeDhanFull(2, 1, QUOTE_VALUES, six, sideOf(ASKS.slice(0, 2))));
    expect(rowsOf((batch.packets[0] as DhanLivePacket).bids)).toEqual(BIDS);
    expect(rowsOf((batch.packets[0] as DhanLivePacket).asks)).toEqual(ASKS.slice(0, 2));
    expect(batch.errors.count).toBe(0);
  });
});

const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_ffff });
/** Prices that float32 carries to the tick (see priceOfF32). */
const price = fc.nat({ max: 10_000_000 }).map((ticks) => ticks * TICK);
const anyQuote: fc.Arbitrary<DhanQuote> = fc.record({
  lastPrice: price,
  lastQuantity: u16,
  lastTradeTime: fc.nat({ max: 0xffff_ffff - 19_800 }),
  averagePrice: fc.nat({ max: 13_107_200 }),
  volume: u32,
  sellQuantity: u32,
  buyQuantity: u32,
  open: price,
  close: price,
  high: price,
  low: price,
  oi: u32,
  oiDayHigh: u32,
  oiDayLow: u32,
});
const anySide = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 10_000_000 }), u32, u16), {
    maxLength: 5,
    selector: ([ticks]) => ticks,
  })
  .map((rows) => {
    const side = sideOf(rows.map(([ticks, quantity, orders]) => [ticks * TICK, quantity, orders]));
    side.sort(BID);
    return rowsOf(side);
  });
const anyRef = fc.record({ segment: fc.constantFrom(0, 1, 2, 4, 5, 8), securityId: u32 });

const withTime = ({ lastTradeTime, ...rest }: Partial<DhanQuote>) => ({
  ...rest,
  ...(lastTradeTime ? { lastTradeTime } : {}),
});

describe('properties: decoding what was encoded gives it back', () => {
  /** One packet, of which header and fields are looked at. */
  function expectPacket(frame: Buffer, header: object, fields: object): DhanLivePacket {
    const batch = decoded(frame);
    expect([batch.count, batch.errors.count]).toEqual([1, 0]);
    const packet = batch.packets[0] as DhanLivePacket;
    expect(packet).toMatchObject(header);
    expect(fieldsOf(packet)).toEqual(fields);
    return packet;
  }

  it('ticker', () => {
    fc.assert(
      fc.property(anyRef, anyQuote, (ref, quote) => {
        const { lastPrice, lastTradeTime } = quote;
        const frame = encodeDhanTicker(ref.segment, ref.securityId, quote);
        expectPacket(frame, ref, withTime({ lastPrice, lastTradeTime }));
      }),
    );
  });

  it('quote', () => {
    fc.assert(
      fc.property(anyRef, anyQuote, (ref, quote) => {
        const { oi, oiDayHigh, oiDayLow, ...fields } = quote;
        expectPacket(encodeDhanQuote(ref.segment, ref.securityId, quote), ref, withTime(fields));
      }),
    );
  });

  it('full', () => {
    fc.assert(
      fc.property(anyRef, anyQuote, anySide, anySide, (ref, quote, bids, falling) => {
        const asks = falling.toReversed();
        const frame = encodeDhanFull(ref.segment, ref.securityId, quote, sideOf(bids), sideOf(asks));
        const packet = expectPacket(frame, ref, withTime(quote));
        expect(rowsOf(packet.bids)).toEqual(bids);
        expect(rowsOf(packet.asks)).toEqual(asks);
      }),
    );
  });

  it('OI, previous close, disconnect', () => {
    fc.assert(
      fc.property(anyRef, u32, price, u16, (ref, oi, close, reason) => {
        expectPacket(encodeDhanOi(ref.segment, ref.securityId, oi), ref, { oi });
        const frame = encodeDhanPreviousClose(ref.segment, ref.securityId, close, oi);
        expectPacket(frame, ref, { close, previousOi: oi });
        expectPacket(encodeDhanLiveDisconnect(reason), { code: 50 }, { reason });
      }),
    );
  });
});

const pictureOf = (batch: DhanLiveBatch): unknown => [
  batch.packets.slice(0, batch.count).map((packet) => {
    const { index, code, segment, securityId, bids, asks } = packet;
    return { index, code, segment, securityId, bids: rowsOf(bids), asks: rowsOf(asks), ...fieldsOf(packet) };
  }),
  batch.errors.count,
  batch.errors.kept.map(({ message }) => message),
];

describe('properties', () => {
  it('any bytes give packets or errors, never an exception, never a byte from outside', () => {
    const codes = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 50, 99);
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc
        .array(fc.tuple(codes, fc.nat({ max: 180 }), fc.uint8Array({ maxLength: 170 })), { maxLength: 8 })
        .map((packets) =>
          Buffer.concat(packets.flatMap(([code, length, body]) => [packetOf(code, [], length), Buffer.from(body)])),
        ),
    );
    const batch = new DhanLiveBatch();
    fc.assert(
      fc.property(anyBytes, fc.nat({ max: 17 }), (bytes, shift) => {
        const seen = [0x00, 0xff].map((filler) => {
          decodeDhanLive(surrounded(bytes, filler, shift), () => TICK, batch);
          return pictureOf(batch);
        });
        expect(seen[0]).toEqual(seen[1]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['zeros', Buffer.alloc(65_536)],
    ['unknown codes', Buffer.concat(Array.from({ length: 8192 }, () => packetOf(99, [])))],
    ['full packets', Buffer.concat(Array.from({ length: 404 }, () => FULL))],
  ])('%s cost no more than in proportion to their bytes', (_, frame) => {
    const batch = new DhanLiveBatch();
    const part = frame.subarray(0, frame.length / 16);
    const decode = (bytes: Buffer) => () => decodeDhanLive(bytes, () => TICK, batch);
    // 16 times the bytes; by their square it would be 256 times the time.
    expect(costRatio(decode(frame), decode(part))).toBeLessThan(40);
  });
});

interface CanonicalPacket extends Record<string, unknown> {
  code: number;
  segment: number;
  security_id: number;
  depth?: [number, number, number, number, number, number][];
  unknown?: boolean;
}

interface Fixture {
  canonical: { packets: CanonicalPacket[]; notes: string[] };
}

/** What is counted in each malformed message. */
const FAULTS: Record<string, WireErrorCode[]> = {
  m09_truncated_full: ['body_truncated'],
  // Listed there as a packet marked unknown; here it is only counted.
  m10_unknown_code_99: ['unknown_code'],
  m14_one_byte: ['header_truncated'],
  // The packet is read by its layout, as the official client does, and the length field of 0 is counted.
  m17_bad_length_field: ['bad_length'],
};

/** Names there, and ours. */
const FIELD_NAMES = {
  ltp: 'lastPrice',
  ltq: 'lastQuantity',
  ltt: 'lastTradeTime',
  atp: 'averagePrice',
  volume: 'volume',
  total_sell: 'sellQuantity',
  total_buy: 'buyQuantity',
  oi: 'oi',
  oi_high: 'oiDayHigh',
  oi_low: 'oiDayLow',
  open: 'open',
  close: 'close',
  high: 'high',
  low: 'low',
  prev_close: 'close',
  prev_oi: 'previousOi',
  reason: 'reason',
} as const;
const PRICES = ['ltp', 'atp', 'open', 'close', 'high', 'low', 'prev_close'];

/** A float32 of rupees, as the expected results have it, in paise: to two decimals, which all but m16 allow. */
const paise = (rupees: number): number => Number(rupees.toFixed(2).replace('.', ''));

describeWithShared('protocols', 'live feed fixtures', () => {
  const folder = ['protocols', 'fixtures', 'dhan'] as const;
  const names = listShared('.bin', ...folder, 'frames').filter((name) => name.startsWith('m'));

  it('are all here', () => {
    expect(names.length).toBe(24);
    expect(Object.keys(FAULTS).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(names)('%s', (name) => {
    const frame = readShared(...folder, 'frames', `${name}.bin`);
    const { canonical } = readSharedJson<Fixture>(...folder, 'expected', `${name}.json`);
    const batch = decoded(frame);
    const expected = canonical.packets.filter(({ unknown }) => !unknown);

    expect(batch.count).toBe(expected.length);
    expected.forEach((packet, i) => {
      const ours = batch.packets[i] as DhanLivePacket;
      expect(ours).toMatchObject({
        code: packet.code,
        segment: packet.segment,
        securityId: packet.security_id,
      });
      const fields: Record<string, number> = {};
      for (const [theirs, field] of Object.entries(FIELD_NAMES)) {
        const value = packet[theirs] as number | undefined;
        if (value === undefined) continue;
        if (theirs === 'ltt') {
          // IST written as UTC there, UTC here; and 0 there is absent here (m18).
          if (value > 0) fields[field] = value - 19_800;
        } else {
          fields[field] = PRICES.includes(theirs) ? paise(value) : value;
        }
      }
      // Two decimals of its float32 are 142345.66; on the instrument's tick, 0.05, it is what the exchange said.
      if (name === 'm16_f32_precision') fields.lastPrice = 14_234_565;
      expect(fieldsOf(ours)).toEqual(fields);
      const depth = packet.depth ?? [];
      expect(rowsOf(ours.bids)).toEqual(
        depth.map(([quantity, , orders, , rupees]) => [paise(rupees), quantity, orders]),
      );
      expect(rowsOf(ours.asks)).toEqual(
        depth.map(([, quantity, , orders, , rupees]) => [paise(rupees), quantity, orders]),
      );
    });
    if (canonical.notes.length > 0) expect(Object.keys(FAULTS)).toContain(name);
    expect(codesOf(batch)).toEqual(FAULTS[name] ?? []);
  });
});

interface Capture {
  what: string;
  length: number;
  first_16_hex: string;
  last_8_hex: string;
  decoded: {
    code: number;
    segment: number;
    security_id: number;
    ltp: number;
    ltq: number;
    ltt_low16: number;
    level5_bid_price: number;
    level5_ask_price: number;
  };
}

describeWithShared('protocols', 'beginning and end of real packets', () => {
  const captures = (): Capture[] =>
    readSharedJson<Capture[]>('protocols', 'fixtures', 'dhan', 'real-capture-prefixes.json').filter(({ what }) =>
      what.startsWith('live feed'),
    );

  it('are read as what they are', () => {
    expect(captures().length).toBe(2);
    for (const { length, first_16_hex, last_8_hex, decoded: seen } of captures()) {
      // What lies between was not published: the upper half of the trade time, and all up to the fifth level's prices.
      const frame = Buffer.alloc(length);
      frame.set(Buffer.from(first_16_hex, 'hex'));
      frame.set(Buffer.from(last_8_hex, 'hex'), length - 8);
      frame.writeUInt16LE(IST_TIME >>> 16, 16);
      const batch = decoded(frame);
      const packet = batch.packets[0] as DhanLivePacket;
      expect([batch.count, batch.errors.count]).toEqual([1, 0]);
      expect(packet).toMatchObject({
        code: seen.code,
        segment: seen.segment,
        securityId: seen.security_id,
        lastPrice: paise(seen.ltp),
        lastQuantity: seen.ltq,
        lastTradeTime: Math.floor(IST_TIME / 65_536) * 65_536 + seen.ltt_low16 - 19_800,
      });
      expect(rowsOf(packet.bids)).toEqual([[paise(seen.level5_bid_price), 0, 0]]);
      expect(rowsOf(packet.asks)).toEqual([[paise(seen.level5_ask_price), 0, 0]]);
    }
  });
});
