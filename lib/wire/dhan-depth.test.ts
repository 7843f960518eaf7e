import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costRatio } from '../../tests/support/cost.ts';
import { littleEndian, surrounded } from '../../tests/support/packets.ts';
import { describeWithShared, listShared, readShared, readSharedJson } from '../../tests/support/shared.ts';
import { ASK, BID, FRAME_FLAG, type Side, SideLevels } from '../core/side.ts';
import {
  DHAN_DEPTH_PACKETS_MAX,
  DhanDepthBatch,
  type DhanDepthLevels,
  type DhanDepthPacket,
  decodeDhanDepth,
  dhanDepthBytes,
  encodeDhanDepth,
  encodeDhanDepthDisconnect,
} from './dhan-depth.ts';
import type { WireErrorCode } from './errors.ts';

/** Price in rupees, quantity, orders: a row as the wire has it. */
type Row = readonly [price: number, quantity: number, orders: number];

interface PacketOptions {
  code?: number;
  segment?: number;
  securityId?: number;
  /** The last header field: row count at 200 levels, a sequence number at 20. */
  x?: number;
  length?: number;
}

function packetOf(rows: readonly Row[], options: PacketOptions = {}): Buffer {
  const { code = 41, segment = 2, securityId = 55_796, x = rows.length, length = 12 + 16 * rows.length } = options;
  return Buffer.concat([
    littleEndian(['i16', length], ['u8', code], ['u8', segment], ['u32', securityId], ['u32', x]),
    ...rows.map(([price, quantity, orders]) => littleEndian(['f64', price], ['u32', quantity], ['u32', orders])),
  ]);
}

/** `count` bid rows of falling prices from 500.00, 0.05 apart. */
const ladder = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => [(50_000 - i * 5) / 100, 75 * (i + 1), i + 1]);

const decoded = (frame: Uint8Array, kind: DhanDepthLevels = 200): DhanDepthBatch => {
  const batch = new DhanDepthBatch();
  decodeDhanDepth(frame, kind, batch);
  return batch;
};

const codesOf = ({ errors }: DhanDepthBatch): WireErrorCode[] => errors.kept.map(({ code }) => code);

/** Prices in price units, quantities and orders of a packet's levels. */
function rowsOf(batch: DhanDepthBatch, packet = 0): number[][] {
  const { count, prices, quantities, orders } = (batch.packets[packet] as DhanDepthPacket).levels;
  return Array.from({ length: count }, (_, i) => [prices[i], quantities[i], orders[i]] as number[]);
}

describe('packet sizes', () => {
  it.each([
    [20, 20, 332],
    [200, 200, 3212],
    [200, 37, 604],
    [200, 0, 12],
  ] as const)('a packet of the %i-level feed with %i rows has %i bytes', (kind, rows, bytes) => {
    expect(dhanDepthBytes(rows)).toBe(bytes);
    const packet = packetOf(ladder(rows));
    expect(packet.length).toBe(bytes);
    const batch = decoded(packet, kind);
    expect([batch.count, batch.errors.count]).toEqual([1, 0]);
    expect(rowsOf(batch).length).toBe(rows);
  });

  it('the end of a connection has 14 bytes as documented, 12 as the SDK reads it', () => {
    expect(encodeDhanDepthDisconnect(807).length).toBe(14);
    expect(encodeDhanDepthDisconnect(807, 'sdk').length).toBe(12);
  });
});

describe('decodeDhanDepth', () => {
  it('reads a bid side', () => {
    const rows: Row[] = [
      [25_940.05, 75, 1],
      [25_939.9, 4_294_967_295, 65_536],
      [0.01, 1, 4_294_967_295],
    ];
    const batch = decoded(packetOf(rows, { segment: 1, securityId: 4_000_000_000 }));
    expect(batch.packets[0]).toMatchObject({ index: 0, code: 41, segment: 1, side: BID, flags: 0, reason: 0 });
    // Unsigned, as the SDK reads it; no id so high is known.
    expect(batch.packets[0]?.securityId).toBe(4_000_000_000);
    expect(rowsOf(batch)).toEqual([
      [2_594_005, 75, 1],
      [2_593_990, 4_294_967_295, 65_536],
      [1, 1, 4_294_967_295],
    ]);
    expect(batch.errors.count).toBe(0);
  });

  it('reads an ask side', () => {
    const batch = decoded(
      packetOf(
        [
          [152.35, 75, 1],
          [152.4, 150, 2],
        ],
        { code: 51 },
      ),
    );
    expect(batch.packets[0]).toMatchObject({ code: 51, side: ASK, flags: 0 });
    expect(rowsOf(batch).map(([price]) => price)).toEqual([15_235, 15_240]);
  });

  it('puts both sides best first and says that they were not', () => {
    const shuffled: Row[] = [
      [100.1, 1, 1],
      [100.3, 3, 3],
      [100.2, 2, 2],
    ];
    const batch = decoded(Buffer.concat([packetOf(shuffled), packetOf(shuffled, { code: 51 })]));
    expect(rowsOf(batch, 0)).toEqual([
      [10_030, 3, 3],
      [10_020, 2, 2],
      [10_010, 1, 1],
    ]);
    expect(rowsOf(batch, 1)).toEqual(rowsOf(batch, 0).reverse());
    expect(batch.packets.map(({ flags }) => flags)).toEqual([FRAME_FLAG.unsorted, FRAME_FLAG.unsorted]);
    expect(batch.errors.count).toBe(0);
  });

  it('keeps two levels of one price in their order and says so', () => {
    const batch = decoded(
      packetOf([
        [100, 1, 1],
        [100, 2, 2],
      ]),
    );
    expect(rowsOf(batch)).toEqual([
      [10_000, 1, 1],
      [10_000, 2, 2],
    ]);
    expect(batch.packets[0]?.flags).toBe(FRAME_FLAG.duplicatePrice);
  });

  it('takes the header’s last field for a row count at 200 levels only', () => {
    const packet = packetOf(ladder(20), { x: 3 });
    expect(rowsOf(decoded(packet, 20)).length).toBe(20);
    expect(rowsOf(decoded(packet, 200)).length).toBe(3);
  });

  it('leaves out the zero rows that fill up a thin book, without a word', () => {
    const batch = decoded(packetOf([...ladder(2), ...Array.from({ length: 18 }, (): Row => [0, 0, 0])]), 20);
    expect(rowsOf(batch).length).toBe(2);
    expect([batch.errors.count, batch.packets[0]?.flags]).toEqual([0, 0]);
  });

  it('reads an empty side as one', () => {
    const batch = decoded(packetOf([]));
    expect([batch.count, rowsOf(batch).length, batch.errors.count]).toEqual([1, 0, 0]);
  });

  it.each([
    ['documented', 14, 805],
    ['sdk', 12, 810],
  ] as const)('reads the reason of a disconnect packet in its %s form', (form, bytes, reason) => {
    const documented = form === 'documented';
    const packet = Buffer.concat([
      littleEndian(['i16', bytes], ['u8', 50], ['u8', 0], ['u32', 0], ['u32', documented ? 0 : reason]),
      documented ? littleEndian(['u16', reason]) : Buffer.alloc(0),
    ]);
    expect(encodeDhanDepthDisconnect(reason, form)).toEqual(packet);
    const batch = decoded(packet);
    expect(batch.packets[0]).toMatchObject({ code: 50, reason });
    expect(batch.errors.count).toBe(0);
  });

  it('skips a code it does not know by its length', () => {
    const batch = decoded(Buffer.concat([packetOf(ladder(1), { code: 60 }), packetOf(ladder(2))]));
    expect(batch.count).toBe(1);
    expect(batch.packets[0]?.index).toBe(1);
    expect(batch.errors.kept.map(({ message }) => message)).toEqual(['packet 0: code 60, 28 bytes skipped']);
  });

  it('forgets the message before', () => {
    const batch = decoded(Buffer.concat([packetOf(ladder(2), { code: 51 }), packetOf(ladder(3), { code: 60 })]));
    expect(batch.packets[0]).toMatchObject({ side: ASK, flags: FRAME_FLAG.unsorted });
    decodeDhanDepth(encodeDhanDepthDisconnect(807), 200, batch);
    expect(batch.packets[0]).toMatchObject({ code: 50, side: BID, flags: 0, reason: 807 });
    expect([batch.count, rowsOf(batch).length, batch.errors.count]).toEqual([1, 0, 0]);
  });
});

describe('hostile bytes', () => {
  // [price in rupees, quantity] -> price units that are kept, or null.
  it.each<[string, number, number, number | null]>([
    ['NaN', Number.NaN, 75, null],
    ['+Infinity', Number.POSITIVE_INFINITY, 75, null],
    ['-Infinity', Number.NEGATIVE_INFINITY, 75, null],
    ['-1', -1, 75, null],
    ['1e308', 1e308, 75, null],
    ['the smallest double', Number.MIN_VALUE, 75, null],
    ['0 with a quantity', 0, 75, null],
    ['-0 with a quantity', -0, 75, null],
    ['NaN without a quantity', Number.NaN, 0, null],
    ['between two price units', 152.255, 75, null],
    ['a little off a price unit', 152.2501, 75, null],
    ['off by what doubles are off', 152.25 + 1e-9, 75, 15_225],
    ['not on the tick, but a price', 152.26, 75, 15_226],
    ['the largest int32', 21_474_836.47, 75, 2_147_483_647],
    ['beyond int32', 21_474_836.48, 75, null],
    ['beyond uint32', 42_949_672.97, 75, null],
    ['a price without a quantity', 152.25, 0, 15_225],
  ])('price %s', (_, price, quantity, kept) => {
    const batch = decoded(packetOf([[price, quantity, 1], ...ladder(1)]));
    const rows = rowsOf(batch);
    expect(rows).toContainEqual([50_000, 75, 1]);
    expect(rows.length).toBe(kept === null ? 1 : 2);
    if (kept !== null) expect(rows).toContainEqual([kept, quantity, 1]);
    expect(codesOf(batch)).toEqual(kept === null ? ['bad_price'] : []);
    expect((batch.packets[0]?.flags ?? 0) & FRAME_FLAG.levelsDropped).toBe(
      kept === null ? FRAME_FLAG.levelsDropped : 0,
    );
  });

  const KNOWN_ROWS = [0, 1, 199, 200, 201];
  it.each(
    [...KNOWN_ROWS, 2 ** 31, 2 ** 32 - 1].flatMap((declared) => KNOWN_ROWS.map((held) => [declared, held] as const)),
  )('%i rows declared, %i there', (declared, held) => {
    const batch = decoded(packetOf(ladder(held), { x: declared }));
    expect(rowsOf(batch).length).toBe(Math.min(declared, held, 200));
    const disagree = declared > held || declared > 200;
    expect(codesOf(batch)).toEqual(disagree ? ['row_count_mismatch'] : []);
    expect(batch.packets[0]?.flags).toBe(disagree ? FRAME_FLAG.rowsDisagreed : 0);
  });

  it('reads as many rows of a 20-level packet as fit, 20 at most', () => {
    expect(codesOf(decoded(packetOf(ladder(19)), 20))).toEqual(['row_count_mismatch']);
    expect(rowsOf(decoded(packetOf(ladder(25)), 20)).length).toBe(20);
  });

  it.each<[number, WireErrorCode]>([
    [-32_768, 'bad_length'],
    [-1, 'bad_length'],
    [0, 'bad_length'],
    [11, 'bad_length'],
    [29, 'body_truncated'],
    [32_767, 'body_truncated'],
  ])('length %i in a message of 28 bytes: nothing after it is believed', (length, code) => {
    const good = packetOf(ladder(2));
    const batch = decoded(Buffer.concat([good, packetOf(ladder(1), { length })]));
    expect(batch.count).toBe(1);
    expect(rowsOf(batch).length).toBe(2);
    expect(codesOf(batch)).toEqual([code]);
  });

  it('ignores bytes of a packet beyond its rows', () => {
    const padded = Buffer.concat([
      packetOf(ladder(2), { x: 1, length: 47 }),
      Buffer.alloc(3, 0xff),
      packetOf(ladder(1)),
    ]);
    const batch = decoded(padded);
    expect([batch.count, rowsOf(batch, 0).length, rowsOf(batch, 1).length]).toEqual([2, 1, 1]);
    expect(batch.errors.count).toBe(0);
  });

  it('of stacked packets cut anywhere, keeps the whole ones and counts the other', () => {
    const packets = [packetOf(ladder(3)), packetOf(ladder(1), { code: 51 }), encodeDhanDepthDisconnect(805)];
    const ends = packets.map((_, i) => Buffer.concat(packets.slice(0, i + 1)).length);
    const whole = Buffer.concat(packets);
    const batch = new DhanDepthBatch();
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const complete = ends.filter((end) => end <= cut).length;
      expect(decodeDhanDepth(whole.subarray(0, cut), 200, batch)).toBe(complete);
      expect(batch.errors.count).toBe(cut === 0 || ends.includes(cut) ? 0 : 1);
    }
  });

  it('keeps a limited number of packets, whatever a message claims', () => {
    const header = packetOf([]);
    const batch = decoded(Buffer.concat(Array.from({ length: DHAN_DEPTH_PACKETS_MAX + 500 }, () => header)));
    expect([batch.count, batch.packets.length]).toEqual([DHAN_DEPTH_PACKETS_MAX, DHAN_DEPTH_PACKETS_MAX]);
    expect(codesOf(batch)).toEqual(['too_many_packets']);
  });

  it('keeps a limited number of errors and counts them all', () => {
    const unknown = packetOf([], { code: 99 });
    const { errors, packets } = decoded(Buffer.concat(Array.from({ length: 900 }, () => unknown)));
    expect([errors.count, errors.kept.length, packets.length]).toEqual([900, 16, 1]);
  });
});

const sideOf = (side: Side, rows: readonly Row[]): SideLevels => {
  const levels = new SideLevels();
  for (const [price, quantity, orders] of rows) {
    levels.prices[levels.count] = price;
    levels.quantities[levels.count] = quantity;
    levels.orders[levels.count] = orders;
    levels.count += 1;
  }
  levels.sort(side);
  return levels;
};

describe('encodeDhanDepth', () => {
  const rows: Row[] = [
    [15_225, 75, 1],
    [15_220, 4_294_967_295, 4_294_967_295],
  ];
  const onWire: Row[] = [
    [152.25, 75, 1],
    [152.2, 4_294_967_295, 4_294_967_295],
  ];

  it('writes the documented bytes at 200 levels', () => {
    expect(encodeDhanDepth(200, 2, 55_796, BID, sideOf(BID, rows))).toEqual(packetOf(onWire));
    expect(encodeDhanDepth(200, 1, 2885, ASK, sideOf(ASK, rows))).toEqual(
      packetOf(onWire.toReversed(), { code: 51, segment: 1, securityId: 2885 }),
    );
  });

  it('fills a 20-level packet up with zero rows', () => {
    const filled = [...onWire, ...Array.from({ length: 18 }, (): Row => [0, 0, 0])];
    expect(encodeDhanDepth(20, 2, 55_796, BID, sideOf(BID, rows))).toEqual(packetOf(filled, { x: 0 }));
  });

  it('can fill a 200-level packet up, of which the row count still says how many count', () => {
    const packet = encodeDhanDepth(200, 2, 55_796, BID, sideOf(BID, rows), 200);
    expect(packet.length).toBe(3212);
    const batch = decoded(packet);
    expect([rowsOf(batch).length, batch.errors.count]).toEqual([2, 0]);
  });

  it('sends an empty side as a header alone at 200 levels', () => {
    expect(encodeDhanDepth(200, 2, 55_796, BID, sideOf(BID, []))).toEqual(packetOf([]));
  });

  it('sends the best 20 of a deeper side at 20 levels', () => {
    const deep = sideOf(
      BID,
      Array.from({ length: 200 }, (_, i): Row => [20_000 - i, 1, 1]),
    );
    expect(rowsOf(decoded(encodeDhanDepth(20, 2, 1, BID, deep), 20)).map(([price]) => price)).toEqual(
      Array.from({ length: 20 }, (_, i) => 20_000 - i),
    );
  });
});

const anyU32 = fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1));
const anyRows = (most: number): fc.Arbitrary<Row[]> =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), anyU32, anyU32), { maxLength: most });
const anyPacket = (kind: DhanDepthLevels) =>
  fc.record({
    side: fc.constantFrom<Side>(BID, ASK),
    segment: fc.constantFrom(1, 2),
    securityId: anyU32,
    rows: anyRows(kind),
  });

/** Everything that a batch says, for comparing two. */
const pictureOf = (batch: DhanDepthBatch): unknown => [
  batch.packets.slice(0, batch.count).map(({ levels, ...fields }, i) => ({ ...fields, rows: rowsOf(batch, i) })),
  batch.errors.count,
  batch.errors.kept.map(({ message }) => message),
];

describe('properties', () => {
  it.each([20, 200] as const)('decoding what was encoded gives it back, %i levels', (kind) => {
    const batch = new DhanDepthBatch();
    fc.assert(
      fc.property(fc.array(anyPacket(kind), { maxLength: 6 }), (packets) => {
        const sides = packets.map(({ side, rows }) => sideOf(side, rows));
        const frame = Buffer.concat(
          packets.map(({ segment, securityId, side }, i) =>
            encodeDhanDepth(kind, segment, securityId, side, sides[i] as SideLevels),
          ),
        );
        expect(decodeDhanDepth(frame, kind, batch)).toBe(packets.length);
        expect(batch.errors.count).toBe(0);
        packets.forEach(({ segment, securityId, side }, i) => {
          expect(batch.packets[i]).toMatchObject({ index: i, segment, securityId, side });
          expect(batch.packets[i]?.levels.equals(sides[i] as SideLevels)).toBe(true);
        });
      }),
    );
  });

  it('a disconnect packet gives its reason back, in both forms', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff }), fc.constantFrom('documented' as const, 'sdk' as const), (reason, form) => {
        expect(decoded(encodeDhanDepthDisconnect(reason, form)).packets[0]?.reason).toBe(reason);
      }),
    );
  });

  it.each([20, 200] as const)(
    'any bytes give packets or errors, never an exception, never a byte from outside, %i levels',
    (kind) => {
      const anyHeader = fc.tuple(fc.integer({ min: -2, max: 80 }), fc.constantFrom(41, 51, 50, 60), anyU32);
      const anyBytes = fc.oneof(
        fc.uint8Array({ maxLength: 600 }),
        fc
          .array(fc.tuple(anyHeader, fc.uint8Array({ maxLength: 70 })), { maxLength: 8 })
          .map((packets) =>
            Buffer.concat(
              packets.flatMap(([[length, code, x], body]) => [packetOf([], { length, code, x }), Buffer.from(body)]),
            ),
          ),
      );
      const batch = new DhanDepthBatch();
      fc.assert(
        fc.property(anyBytes, fc.nat({ max: 17 }), (bytes, shift) => {
          const seen = [0x00, 0xff].map((filler) => {
            decodeDhanDepth(surrounded(bytes, filler, shift), kind, batch);
            return pictureOf(batch);
          });
          expect(seen[0]).toEqual(seen[1]);
          for (const { levels, side } of batch.packets.slice(0, batch.count)) {
            expect(levels.sort(side) & FRAME_FLAG.unsorted).toBe(0);
            expect(levels.prices.subarray(0, levels.count).every((price) => price > 0)).toBe(true);
          }
        }),
        { numRuns: 1500 },
      );
    },
  );

  it.each([
    ['headers only', packetOf([])],
    ['unknown codes', packetOf([], { code: 99 })],
    ['sides in the worst order', packetOf(ladder(200).reverse())],
    ['sides without one price', packetOf(ladder(200).map(([, quantity]): Row => [Number.NaN, quantity, 1]))],
  ])('%s cost no more than in proportion to their bytes', (_, packet) => {
    const frame = Buffer.concat(Array.from({ length: Math.floor(65_536 / packet.length) }, () => packet));
    const batch = new DhanDepthBatch();
    const part = frame.subarray(0, frame.length / 16);
    const decode = (bytes: Buffer) => () => decodeDhanDepth(bytes, 200, batch);
    // 16 times the bytes; by their square it would be 256 times the time.
    expect(costRatio(decode(frame), decode(part))).toBeLessThan(40);
  });
});

interface CanonicalPacket {
  code: number;
  segment: number;
  security_id: number;
  side?: 'bid' | 'ask';
  levels?: Row[];
  reason?: number;
  unknown?: boolean;
}

interface Fixture {
  feed: 'market' | 'depth20' | 'depth200';
  canonical: { packets: CanonicalPacket[]; notes: string[] };
}

/** What is counted in each malformed message. Where the expected result has no note, or a note that is no fault, why. */
const FAULTS: Record<string, WireErrorCode[]> = {
  d08_truncated20: ['body_truncated'],
  d11_negative_len: ['bad_length'],
  d12_short_header: ['header_truncated'],
  // Listed there as a packet marked unknown. Here it is counted instead, and only the good one after it is given on.
  d13_unknown_code: ['unknown_code'],
  // Its note says which of the two forms it is: both are right.
  d10_disconnect_12: [],
  e08_rows_exceed_body: ['row_count_mismatch'],
  // 250 rows where the protocol has 200: the first 200 are kept, as there, and the side is flagged.
  e09_rows_250: ['row_count_mismatch'],
};

describeWithShared('protocols', 'depth fixtures', () => {
  const folder = ['protocols', 'fixtures', 'dhan'] as const;
  const names = listShared('.bin', ...folder, 'frames').filter((name) => /^[de]/.test(name));

  it('are all here', () => {
    expect(names.length).toBe(23);
    expect(Object.keys(FAULTS).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(names)('%s', (name) => {
    const frame = readShared(...folder, 'frames', `${name}.bin`);
    const { feed, canonical } = readSharedJson<Fixture>(...folder, 'expected', `${name}.json`);
    const batch = decoded(frame, feed === 'depth20' ? 20 : 200);
    const expected = canonical.packets.filter(({ unknown }) => !unknown);

    expect(batch.count).toBe(expected.length);
    expected.forEach((packet, i) => {
      expect(batch.packets[i]).toMatchObject({
        code: packet.code,
        segment: packet.segment,
        securityId: packet.security_id,
        reason: packet.reason ?? 0,
      });
      if (packet.side) expect(batch.packets[i]?.side).toBe(packet.side === 'bid' ? BID : ASK);
      // Doubles of rupees there, whole paise here; rows of zeros, which only fill up a book, are left out.
      const rows = (packet.levels ?? []).filter(([price, quantity]) => price !== 0 || quantity !== 0);
      expect(rowsOf(batch, i)).toEqual(
        rows.map(([price, quantity, orders]) => [Number(price.toFixed(2).replace('.', '')), quantity, orders]),
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
  decoded: { code: number; segment: number; security_id: number };
}

describeWithShared('protocols', 'the beginning of a real packet', () => {
  it('is read as what it is', () => {
    const captures = readSharedJson<Capture[]>('protocols', 'fixtures', 'dhan', 'real-capture-prefixes.json');
    const capture = captures.find(({ what }) => what.startsWith('20-level')) as Capture;
    const frame = Buffer.alloc(capture.length);
    frame.set(Buffer.from(capture.first_16_hex, 'hex'));
    // The capture ends in the middle of the first price, 0x????????66666666; with this upper half it is 1473.10.
    frame.writeUInt32LE(0x40970466, 16);
    frame.writeUInt32LE(75, 20);
    const batch = decoded(frame, 20);
    const { code, segment, security_id } = capture.decoded;
    expect(batch.packets[0]).toMatchObject({ code, segment, securityId: security_id, side: BID });
    expect(rowsOf(batch)).toEqual([[147_310, 75, 0]]);
    expect([batch.count, batch.errors.count]).toEqual([1, 0]);
  });
});
