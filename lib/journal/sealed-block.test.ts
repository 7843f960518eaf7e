import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FuzzTarget, fuzz } from '../../tests/support/fuzz.ts';
import { fuzzTargets } from '../../tests/support/fuzz-targets.ts';
import { CodecError } from '../core/bytes.ts';
import { type Feed, feedById } from '../core/feeds.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { encodeDhanDepth, encodeDhanDepthDisconnect } from '../wire/dhan-depth.ts';
import { encodeKiteFrame, kitePacket } from '../wire/kite-encode.ts';
import { type JournalRecord, RECORD, RECORD_HEADER_BYTES, writeRecord } from './format.ts';
import { decodeBlock, encodeBlock, encodeVerbatim } from './sealed-block.ts';

const START_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const KITE = feedById(1);
const LIVE = feedById(11);
const DEPTH20 = feedById(21);
const DEPTH200 = feedById(31);
const FEED_OF_TARGET: Readonly<Record<string, Feed>> = {
  kite: KITE,
  'dhan-live': LIVE,
  'dhan-depth20': DEPTH20,
  'dhan-depth200': DEPTH200,
};

const frameRecord = (payload: Uint8Array, i = 0): JournalRecord => ({
  stampUs: START_US + i * 101_500,
  kind: RECORD.frame,
  payload: Buffer.from(payload),
});

function rawBytesOf(records: readonly JournalRecord[]): Buffer {
  const raw = Buffer.alloc(records.reduce((sum, { payload }) => sum + RECORD_HEADER_BYTES + payload.length, 0));
  let at = 0;
  for (const { stampUs, kind, payload } of records) at = writeRecord(raw, at, stampUs, kind, payload);
  return raw;
}

/** Encodes and decodes. @returns the bytes that the block takes */
function roundTrip(feed: Feed, records: readonly JournalRecord[]): number {
  const raw = rawBytesOf(records);
  const body = encodeBlock(feed, records).slice();
  expect(decodeBlock(feed, body, raw.length).equals(raw)).toBe(true);
  return body.length;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

const anySide = fc
  .record({
    side: fc.constantFrom<Side>(BID, ASK),
    best: fc.integer({ min: 1_000_000, max: 1_000_400 }),
    steps: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 200 }),
    quantities: fc.array(fc.oneof(fc.nat(40), fc.nat(2 ** 32 - 1)), { minLength: 200, maxLength: 200 }),
    securityId: fc.constantFrom(1, 2, 4_000_000_000),
  })
  .map(({ side, best, steps, quantities, securityId }) => {
    const levels = new SideLevels();
    let price = best;
    for (const step of steps) {
      price += side === ASK ? step : -step;
      levels.prices[levels.count] = price;
      levels.quantities[levels.count] = quantities[levels.count] as number;
      levels.orders[levels.count] = (quantities[levels.count] as number) % 17;
      levels.count += 1;
    }
    return encodeDhanDepth(200, 2, securityId, side, levels);
  });

const anyRecord = fc.record({
  gapUs: fc.oneof(fc.nat(3000), fc.nat(10 ** 12)),
  kind: fc.constantFrom(RECORD.frame, RECORD.frame, RECORD.event),
  payload: fc.oneof(
    anySide,
    fc.tuple(anySide, anySide).map(([a, b]) => Buffer.concat([a, b])),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  ),
});

const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 12 }).map((all): JournalRecord[] => {
  let stampUs = START_US;
  return all.map(({ gapUs, kind, payload }) => {
    stampUs += gapUs;
    return { stampUs, kind, payload };
  });
});

describe('a sealed block', () => {
  it('gives back any records, whatever the feed', () => {
    fc.assert(
      fc.property(anyRecords, fc.constantFrom(KITE, LIVE, DEPTH20, DEPTH200), (records, feed) => {
        roundTrip(feed, records);
      }),
      { numRuns: 60 },
    );
  });

  it('gives back good and damaged frames of every kind', () => {
    for (const { name, seeds } of fuzzTargets()) {
      const feed = FEED_OF_TARGET[name];
      if (!feed) continue;
      const [first] = seeds as [Uint8Array];
      const target: FuzzTarget = {
        name,
        seeds,
        decode(frame) {
          const size = roundTrip(feed, [frameRecord(first), frameRecord(frame, 1), frameRecord(first, 2)]);
          return { digest: size, records: 1, errors: 0 };
        },
      };
      expect(fuzz(target, 100, 7).frames).toBe(100);
    }
  }, 240_000);

  it('holds packets as what they changed by: repeated frames cost next to nothing', () => {
    for (const { name, seeds } of fuzzTargets()) {
      const feed = FEED_OF_TARGET[name];
      const frame = seeds.toSorted((a, b) => b.length - a.length)[0] as Uint8Array;
      if (!feed) continue;
      const once = roundTrip(feed, [frameRecord(frame)]);
      const often = roundTrip(
        feed,
        Array.from({ length: 101 }, (_, i) => frameRecord(frame, i)),
      );
      expect((often - once) / 100, name).toBeLessThan(Math.max(20, frame.length / 40));
    }
  });

  it('keeps what no packet can be: prices of a half unit, unsorted levels, NaN, farewells, lengths that are wrong', () => {
    const levels = new SideLevels();
    levels.count = 3;
    levels.prices.set([100, 90, 80]);
    levels.quantities.set([75, 150, 75]);
    const good = encodeDhanDepth(200, 2, 1, BID, levels);
    const changed = (change: (frame: Buffer) => void): Buffer => {
      const frame = Buffer.from(good);
      change(frame);
      return frame;
    };
    const frames = [
      good,
      changed((frame) => frame.writeDoubleLE(0.905, 28)),
      changed((frame) => frame.writeDoubleLE(Number.NaN, 28)),
      changed((frame) => frame.writeDoubleLE(-0, 44)),
      changed((frame) => frame.writeDoubleLE(2, 44)),
      changed((frame) => frame.writeInt16LE(61, 0)),
      changed((frame) => frame.writeInt16LE(-5, 0)),
      changed((frame) => frame.writeUInt32LE(7, 8)),
      changed((frame) => frame.writeUInt8(77, 2)),
      encodeDhanDepthDisconnect(805),
      encodeDhanDepthDisconnect(805, 'sdk'),
      Buffer.alloc(0),
      good,
    ];
    roundTrip(DEPTH200, frames.map(frameRecord));
    roundTrip(DEPTH20, frames.map(frameRecord));
  });

  it('keeps prices that are float32 of the decimal, as small as those that are doubles', () => {
    const side = (i: number, round: (price: number) => number): Buffer => {
      const levels = new SideLevels();
      levels.count = 200;
      for (let level = 0; level < 200; level += 1) {
        levels.prices[level] = 2_597_490 + level * 5;
        levels.quantities[level] = 75 * (1 + ((level + i) % 3));
      }
      const frame = encodeDhanDepth(200, 2, 1, ASK, levels);
      for (let at = 12; at < frame.length; at += 16) frame.writeDoubleLE(round(frame.readDoubleLE(at)), at);
      return frame;
    };
    const sizeOf = (round: (price: number) => number): number =>
      roundTrip(
        DEPTH200,
        Array.from({ length: 20 }, (_, i) => frameRecord(side(i, round), i)),
      );
    expect(sizeOf(Math.fround)).toBeLessThanOrEqual(sizeOf((price) => price) + 8);
  });

  it('is written as it always was: what was sealed once must be read for ever', () => {
    const ladder = (side: Side, i: number): Buffer => {
      const levels = new SideLevels();
      levels.count = 20;
      for (let level = 0; level < 20; level += 1) {
        levels.prices[level] = 2_594_000 + (side === ASK ? 1 : -1) * (50 + level * 10 + (i % 3) * 10);
        levels.quantities[level] = 75 * (1 + ((level * 7 + (level === i ? i : 0)) % 31));
        levels.orders[level] = 1 + (level % 5);
      }
      return encodeDhanDepth(20, 2, 55_796, side, levels);
    };
    const packet = (i: number): Buffer => {
      const made = kitePacket(184);
      for (let word = 0; word < made.words.length; word += 1) made.words[word] = 1000 * word + (word % 4 === 1 ? i : 0);
      return encodeKiteFrame([made]);
    };
    const depth = Array.from({ length: 20 }, (_, i) => frameRecord(ladder(i % 2 === 0 ? BID : ASK, i), i));
    const ticks = Array.from({ length: 20 }, (_, i) => frameRecord(packet(i), i));
    // These change only together with the file's magic.
    expect(hashOf(encodeBlock(DEPTH20, depth))).toBe('2250babda5c2b21a');
    expect(hashOf(encodeBlock(KITE, ticks))).toBe('70d15697c8c86deb');
  });

  it('keeps bytes that are no records', () => {
    for (const bytes of [Buffer.alloc(1), Buffer.alloc(100_000, 'torn'), Buffer.from('x')]) {
      expect(decodeBlock(DEPTH200, encodeVerbatim(bytes), bytes.length).equals(bytes)).toBe(true);
    }
  });

  it('that was damaged or cut ends in a CodecError or in bytes of the right number, never in anything else', () => {
    for (const { name, seeds: frames } of fuzzTargets()) {
      const feed = FEED_OF_TARGET[name];
      if (!feed) continue;
      const records = Array.from({ length: 8 }, (_, i) => frameRecord(frames[i % frames.length] as Uint8Array, i));
      const raw = rawBytesOf(records);
      const body = encodeBlock(feed, records).slice();
      const read = (bytes: Uint8Array): 'whole' | 'other' | 'refused' => {
        try {
          const out = decodeBlock(feed, bytes, raw.length);
          expect(out.length).toBe(raw.length);
          return out.equals(raw) ? 'whole' : 'other';
        } catch (error) {
          expect(error, name).toBeInstanceOf(CodecError);
          return 'refused';
        }
      };
      expect(read(body)).toBe('whole');
      const target: FuzzTarget = {
        name: `${name}, sealed`,
        seeds: [body],
        decode(frame) {
          const result = read(frame);
          return { digest: result.length, records: result === 'refused' ? 0 : 1, errors: result === 'refused' ? 1 : 0 };
        },
      };
      expect(fuzz(target, 80, 11).withErrors).toBeGreaterThan(0);
      // The last few bytes only end the interval: without them the last decision may be the same.
      for (let cut = 0; cut < body.length - 8; cut += 1 + Math.floor(body.length / 60)) {
        expect(read(body.subarray(0, cut))).not.toBe('whole');
      }
    }
  }, 240_000);
});
