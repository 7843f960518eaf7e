import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import { CodecError } from '../core/bytes.ts';
import { ASK, BID, SideLevels } from '../core/side.ts';
import { TICK_INTEGERS, TICK_REALS, Tick } from '../orderflow/tick.ts';
import { type EntryHandler, EntryReader, EntryWriter, type GapRecord } from './entry.ts';

const STAMP = 1_795_487_476_443_382;

/** Everything an entry holds, as plain data. */
function read(bytes: Uint8Array): unknown[] {
  const seen: unknown[] = [];
  const reader = new EntryReader();
  const levels = ({ count, prices, quantities, orders }: SideLevels) =>
    Array.from({ length: count }, (_, i) => [prices[i], quantities[i], orders[i]]);
  const handler: EntryHandler = {
    onDepth: ({ levels: side, ...names }) => seen.push({ ...names, levels: levels(side) }),
    onTick: (tick) =>
      seen.push({ ...tick, numbers: [...tick.numbers], bids: levels(tick.bids), asks: levels(tick.asks) }),
    onGap: (gap) => seen.push(gap),
    onReject: ({ bytes: evidence, ...names }) => seen.push({ ...names, bytes: [...evidence] }),
  };
  reader.read(STAMP, bytes, handler);
  return seen;
}

const sideOf = (...rows: [number, number, number][]): SideLevels => {
  const side = new SideLevels();
  side.count = rows.length;
  rows.forEach(([price, quantity, orders], i) => {
    side.prices[i] = price;
    side.quantities[i] = quantity;
    side.orders[i] = orders;
  });
  return side;
};

describe('entries', () => {
  it('give back a frame of several sides', () => {
    const writer = new EntryWriter();
    writer.begin();
    writer.depth(8, 0, BID, 1, 0, sideOf([2_604_000, 650, 3], [2_603_910, 65, 1]));
    writer.depth(8, 1, ASK, 0, 412, sideOf());
    expect(writer.hasData).toBe(true);
    expect(read(writer.finish() as Buffer)).toEqual([
      {
        instrumentId: 8,
        stampUs: STAMP,
        n: 0,
        side: BID,
        flags: 1,
        bookTimeUs: STAMP,
        levels: [
          [2_604_000, 650, 3],
          [2_603_910, 65, 1],
        ],
      },
      { instrumentId: 8, stampUs: STAMP, n: 1, side: ASK, flags: 0, bookTimeUs: STAMP - 412, levels: [] },
    ]);
  });

  it('give back any tick, absent fields absent', () => {
    const integer = fc.option(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { nil: ABSENT });
    const real = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: ABSENT });
    const fields = fc.record({
      ...Object.fromEntries(TICK_INTEGERS.map((name) => [name, integer])),
      ...Object.fromEntries(TICK_REALS.map((name) => [name, real])),
    });
    fc.assert(
      fc.property(fields, fc.nat({ max: 2 }), fc.nat({ max: 3 }), (values, aggressor, confidence) => {
        const tick = new Tick();
        Object.assign(tick, values, { instrumentId: 3, stampUs: STAMP, n: 17, aggressor, confidence });
        tick.bids.copyFrom(sideOf([100, 5, 1], [99, 6, 2]));
        const writer = new EntryWriter();
        writer.begin();
        writer.tick(tick);
        expect(read(writer.finish() as Buffer)).toEqual([
          {
            ...tick,
            numbers: [...tick.numbers],
            bids: [
              [100, 5, 1],
              [99, 6, 2],
            ],
            asks: [],
          },
        ]);
      }),
    );
  });

  it('give back gaps and rejects, and nothing of a mark', () => {
    const opened: GapRecord = { fromUs: STAMP - 5, toUs: 0, cause: 'silent', instrumentIds: [1, 2, 300] };
    const closed: GapRecord = { ...opened, toUs: STAMP };
    const writer = new EntryWriter();
    writer.begin();
    writer.gap(opened);
    writer.gap(closed);
    writer.reject(4, 'bad_length', 'packet 4: length -1', Uint8Array.of(1, 2, 3));
    writer.mark();
    expect(writer.hasData).toBe(false);
    expect(read(writer.finish() as Buffer)).toEqual([
      opened,
      closed,
      { stampUs: STAMP, n: 4, code: 'bad_length', detail: 'packet 4: length -1', bytes: [1, 2, 3] },
    ]);
  });

  it('are nothing where nothing was written', () => {
    const writer = new EntryWriter();
    writer.begin();
    expect(writer.finish()).toBeNull();
  });

  it('refuse another version, and answer any bytes with records or a CodecError', () => {
    expect(() => read(Uint8Array.of(9))).toThrow('entry of version 9');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          read(Uint8Array.of(1, ...bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
