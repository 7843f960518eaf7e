import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, CodecError } from './bytes.ts';

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(1);
  write(writer);
  return writer.copy();
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('varint', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [2 ** 28, '8080808001'],
    [2 ** 32 - 1, 'ffffffff0f'],
    [2 ** 32, '8080808010'],
    [2 ** 35, '808080808001'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
  ])('%i is %s', (value, bytes) => {
    expect(hex(written((writer) => writer.varint(value)))).toBe(bytes);
    expect(new ByteReader(Buffer.from(bytes, 'hex')).varint()).toBe(value);
  });

  it.each([-1, 0.5, 2 ** 53, 1e308, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d is refused, not written as another',
    (value) => {
      const writer = new ByteWriter();
      expect(() => writer.varint(value)).toThrow(RangeError);
      expect(writer.position).toBe(0);
    },
  );

  it.each([
    ['nothing', ''],
    ['one that goes on after the end', 'ff'],
    ['one beyond 2^53', 'ffffffffffffff1f'],
    ['one of nine bytes', '808080808080808001'],
    ['one that never ends', 'ff'.repeat(1000)],
  ])('reading %s is a CodecError', (_, bytes) => {
    expect(() => new ByteReader(Buffer.from(bytes, 'hex')).varint()).toThrow(CodecError);
  });
});

describe('zigzag', () => {
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-64, '7f'],
    [64, '8001'],
    [-(2 ** 52), 'ffffffffffffff0f'],
  ])('%i is %s', (value, bytes) => {
    expect(hex(written((writer) => writer.zigzag(value)))).toBe(bytes);
    expect(new ByteReader(Buffer.from(bytes, 'hex')).zigzag()).toBe(value);
  });

  it('refuses what it cannot hold', () => {
    for (const value of [2 ** 52, -(2 ** 52) - 1]) expect(() => new ByteWriter().zigzag(value)).toThrow(RangeError);
  });
});

const operations = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('u8' as const), fc.nat({ max: 255 })),
    fc.tuple(fc.constant('varint' as const), fc.maxSafeNat()),
    fc.tuple(fc.constant('zigzag' as const), fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 })),
    fc.tuple(fc.constant('f64' as const), fc.double()),
    fc.tuple(fc.constant('text' as const), fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\uFEFFmark first'))),
    fc.tuple(fc.constant('raw' as const), fc.uint8Array({ maxLength: 40 })),
  ),
);

describe('ByteWriter and ByteReader', () => {
  it('give back in order what was written, from a buffer that had to grow', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const bytes = written((writer) => {
          for (const [kind, value] of list) (writer[kind] as (value: unknown) => void).call(writer, value);
        });
        const reader = new ByteReader(bytes);
        for (const [kind, value] of list) {
          if (kind === 'raw') expect([...reader.raw(value.length)]).toEqual([...value]);
          else expect(reader[kind]()).toBe(value);
        }
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it('keep to the part of the bytes that they were given', () => {
    const bytes = Buffer.from('0102030405060708ff', 'hex');
    const reader = new ByteReader(bytes, 1, 3);
    expect([reader.u8(), reader.u8(), reader.remaining]).toEqual([2, 3, 0]);
    for (const read of [
      () => reader.u8(),
      () => reader.varint(),
      () => reader.f64(),
      () => reader.raw(1),
      () => reader.text(),
    ]) {
      expect(read).toThrow(CodecError);
      expect(reader.position).toBe(3);
    }
  });

  it('read at any offset of a larger buffer', () => {
    for (let shift = 0; shift < 9; shift += 1) {
      const room = Buffer.alloc(shift + 8, 0xee);
      room.writeDoubleLE(-2.5, shift);
      expect(new ByteReader(room.subarray(shift)).f64()).toBe(-2.5);
    }
  });

  it('a text whose length goes beyond the end is a CodecError', () => {
    expect(() => new ByteReader(Buffer.from([5, 0x61])).text()).toThrow(CodecError);
  });

  it('a copy outlives the writer’s next message, a view does not', () => {
    const writer = new ByteWriter(4);
    writer.u8(1);
    const [copy, view] = [writer.copy(), writer.view()];
    writer.reset();
    writer.u8(2);
    expect([copy[0], view[0], writer.position]).toEqual([1, 2, 1]);
  });
});
