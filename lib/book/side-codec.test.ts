import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, CodecError } from '../core/bytes.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { applyDelta, decodeLevels, encodeDelta, encodeLevels } from './side-codec.ts';

type Row = readonly [price: number, quantity: number, orders: number];

function sideOf(side: Side, rows: readonly Row[]): SideLevels {
  const levels = new SideLevels();
  levels.count = rows.length;
  rows.forEach(([price, quantity, orders], i) => {
    levels.prices[i] = price;
    levels.quantities[i] = quantity;
    levels.orders[i] = orders;
  });
  levels.sort(side);
  return levels;
}

const anySide = fc.constantFrom<Side>(BID, ASK);
const anyRows = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 0xffff_ffff })),
  { maxLength: MAX_LEVELS },
);
/** Two ladders that share most of their prices, as neighbours in time do. */
const neighbours = fc.tuple(
  fc.integer({ min: 1, max: 300 }).chain((tick) =>
    fc.tuple(
      fc.uniqueArray(
        fc.integer({ min: 1000, max: 1260 }).map((n) => n * tick),
        { maxLength: MAX_LEVELS },
      ),
      fc.uniqueArray(
        fc.integer({ min: 1000, max: 1260 }).map((n) => n * tick),
        { maxLength: MAX_LEVELS },
      ),
    ),
  ),
  fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })), {
    minLength: 2 * MAX_LEVELS,
    maxLength: 2 * MAX_LEVELS,
  }),
);

describe('side codec', () => {
  it('gives back what was encoded, whole', () => {
    fc.assert(
      fc.property(anySide, anyRows, (side, rows) => {
        const levels = sideOf(side, rows);
        const writer = new ByteWriter();
        encodeLevels(writer, side, levels);
        const reader = new ByteReader(writer.view());
        const back = new SideLevels();
        decodeLevels(reader, side, back);
        expect(back.equals(levels)).toBe(true);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it.each([
    ['unrelated', fc.tuple(anyRows, anyRows)],
    [
      'neighbouring',
      neighbours.map(([[a, b], sizes]) => {
        const rows = (prices: number[], from: number): Row[] =>
          prices.map((price, i) => [price, 75 * (sizes[from + i]?.[0] ?? 1), sizes[from + i]?.[1] ?? 1]);
        return [rows(a, 0), rows(b, MAX_LEVELS)] as [Row[], Row[]];
      }),
    ],
  ])('gives back what was encoded, as a delta between %s sides', (_, pairs: fc.Arbitrary<[Row[], Row[]]>) => {
    fc.assert(
      fc.property(anySide, pairs, (side, [before, after]) => {
        const base = sideOf(side, before);
        const next = sideOf(side, after);
        const writer = new ByteWriter();
        encodeDelta(writer, side, base, next);
        const reader = new ByteReader(writer.view());
        const back = new SideLevels();
        applyDelta(reader, side, base, back);
        expect(back.equals(next)).toBe(true);
        expect(reader.remaining).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('costs about three bytes a level whole, and one byte where nothing changed', () => {
    const rows = Array.from(
      { length: 200 },
      (_, i): Row => [2_594_000 - i * 70, 75 * (1 + ((i * 7) % 15)), 1 + (i % 5)],
    );
    const levels = sideOf(BID, rows);
    const writer = new ByteWriter();
    encodeLevels(writer, BID, levels);
    expect(writer.position).toBeLessThan(3.1 * 200 + 10);
    writer.reset();
    encodeDelta(writer, BID, levels, levels);
    expect(writer.position).toBeLessThanOrEqual(9);
  });

  it.each<[string, number, number, number, number]>([
    ['a price beyond int32', 2 ** 31, 1, 1, 1],
    ['a quantity beyond 32 bits', 1000, 1, 2 ** 32, 1],
    ['a quantity beyond 32 bits in its unit', 1000, 2 ** 20, 2 ** 20, 1],
    ['orders beyond 32 bits', 1000, 1, 1, 2 ** 32],
  ])('refuses %s, which its arrays would keep as another number', (_, price, quantityUnit, quantity, orders) => {
    const writer = new ByteWriter();
    writer.varint(1);
    writer.zigzag(price);
    for (const value of [1, quantityUnit, quantity, orders]) writer.varint(value);
    expect(() => decodeLevels(new ByteReader(writer.view()), BID, new SideLevels())).toThrow(CodecError);
  });

  it('refuses a change to less than nothing', () => {
    const writer = new ByteWriter();
    for (const value of [1, 1, 1]) writer.varint(value);
    writer.u8(1 << 6);
    writer.zigzag(-11);
    writer.zigzag(0);
    const base = sideOf(BID, [[1000, 10, 1]]);
    expect(() => applyDelta(new ByteReader(writer.view()), BID, base, new SideLevels())).toThrow(CodecError);
  });

  it('answers any bytes with levels or a CodecError', () => {
    const base = sideOf(
      BID,
      Array.from({ length: 50 }, (_, i): Row => [1000 - i, 10, 1]),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const read of [
          () => decodeLevels(new ByteReader(bytes), BID, new SideLevels()),
          () => applyDelta(new ByteReader(bytes), BID, base, new SideLevels()),
        ]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
