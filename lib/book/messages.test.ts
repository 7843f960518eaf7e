import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { CodecError } from '../core/bytes.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import {
  type BookSide,
  encodeGap,
  encodeTick,
  type GapMessage,
  type MessageHandler,
  MessageReader,
  SEQ_MODULUS,
  SideEncoder,
  type TickMessage,
} from './messages.ts';

function sideOf(side: Side, prices: readonly number[]): SideLevels {
  const levels = new SideLevels();
  levels.count = prices.length;
  prices.forEach((price, i) => {
    levels.prices[i] = price;
    levels.quantities[i] = price * 3;
    levels.orders[i] = i + 1;
  });
  levels.sort(side);
  return levels;
}

/** Notes down what a reader is told. */
class Notes implements MessageHandler {
  readonly depth: {
    instrumentId: number;
    side: Side;
    seq: number;
    bookTimeUs: number;
    stampUs: number;
    prices: number[];
  }[] = [];
  readonly ticks: TickMessage[] = [];
  readonly gaps: GapMessage[] = [];
  readonly missing: [instrumentId: number, side: Side][] = [];

  onDepth(instrumentId: number, { side, seq, bookTimeUs, stampUs, levels }: BookSide): void {
    const prices = [...levels.prices.subarray(0, levels.count)];
    this.depth.push({ instrumentId, side, seq, bookTimeUs, stampUs, prices });
  }
  onTick(tick: TickMessage): void {
    this.ticks.push({ ...tick });
  }
  onGap(gap: GapMessage): void {
    this.gaps.push(gap);
  }
  onBaseMissing(instrumentId: number, side: Side): void {
    this.missing.push([instrumentId, side]);
  }
}

const T = 1_752_812_105_000_000;

describe('depth messages', () => {
  it('carry a side from frame to frame, a keyframe first, then deltas', () => {
    const encoder = new SideEncoder(7, BID);
    const frames = [[100, 95, 90], [100, 95], [105, 100, 95], []];
    const messages = frames.map((prices, i) => encoder.next(sideOf(BID, prices), T + i * 10, T + i * 10 + 3));
    const notes = new Notes();
    const reader = new MessageReader();
    reader.read(Buffer.concat(messages), notes);
    expect(notes.depth).toEqual(
      frames.map((prices, i) => ({
        instrumentId: 7,
        side: BID,
        seq: i,
        bookTimeUs: T + i * 10,
        stampUs: T + i * 10 + 3,
        prices,
      })),
    );
    expect(reader.side(7, BID).levels.equals(encoder.state.levels)).toBe(true);
  });

  it('a book time may run back, a stamp never lies before it', () => {
    const encoder = new SideEncoder(7, ASK);
    const notes = new Notes();
    new MessageReader().read(
      Buffer.concat([encoder.next(sideOf(ASK, [100]), T, T), encoder.next(sideOf(ASK, [101]), T - 50_000, T + 1)]),
      notes,
    );
    expect(notes.depth[1]).toMatchObject({ bookTimeUs: T - 50_000, stampUs: T + 1 });
    expect(() => encoder.next(sideOf(ASK, [102]), T + 9, T + 8)).toThrow(RangeError);
  });

  it('whoever lacks the base is told, once a delta, and reads on from the next keyframe', () => {
    const encoder = new SideEncoder(7, BID);
    encoder.next(sideOf(BID, [100]), T, T);
    const second = encoder.next(sideOf(BID, [101]), T + 1, T + 1);
    const keyframe = encoder.whole();
    const third = encoder.next(sideOf(BID, [102]), T + 2, T + 2);
    const notes = new Notes();
    const reader = new MessageReader();
    reader.read(Buffer.concat([second, second]), notes);
    expect(notes.missing).toEqual([
      [7, BID],
      [7, BID],
    ]);
    reader.read(Buffer.concat([keyframe, third]), notes);
    expect(notes.depth.map(({ prices }) => prices)).toEqual([[101], [102]]);
    // The same delta again stands on another base.
    reader.read(third, notes);
    expect(reader.side(7, BID).known).toBe(false);
  });

  it('a keyframe is made once, however many ask', () => {
    const encoder = new SideEncoder(7, BID);
    const first = encoder.next(sideOf(BID, [100]), T, T);
    expect(encoder.whole()).toBe(first);
    encoder.next(sideOf(BID, [101]), T, T);
    expect(encoder.whole()).toBe(encoder.whole());
    expect(encoder.whole()).not.toBe(first);
  });

  it('numbers begin again after the last', () => {
    const encoder = new SideEncoder(7, BID);
    const reader = new MessageReader();
    const notes = new Notes();
    const side = sideOf(BID, [100]);
    for (let i = 0; i <= SEQ_MODULUS; i += 1) reader.read(encoder.next(side, T + i, T + i), notes);
    expect(notes.missing).toEqual([]);
    expect(notes.depth.slice(-2).map(({ seq }) => seq)).toEqual([SEQ_MODULUS - 1, 0]);
  });

  it('a side of which half was read is not believed any more', () => {
    const encoder = new SideEncoder(7, BID);
    const keyframe = encoder.next(sideOf(BID, [100, 95, 90]), T, T);
    const delta = encoder.next(sideOf(BID, [110, 105, 95]), T + 1, T + 1);
    const next = encoder.next(sideOf(BID, [111]), T + 2, T + 2);
    // One byte less, and a length that agrees with it.
    const cut = (message: Uint8Array): Uint8Array => {
      const length = message[0] as number;
      return Uint8Array.from([length - 1, ...message.subarray(1, length)]);
    };
    for (const broken of [cut(keyframe), cut(delta)]) {
      const reader = new MessageReader();
      const notes = new Notes();
      reader.read(keyframe, notes);
      expect(() => reader.read(broken, notes)).toThrow(CodecError);
      expect(reader.side(7, BID).known).toBe(false);
      reader.read(next, notes);
      expect(notes.missing).toEqual([[7, BID]]);
    }
  });

  it('are forgotten at a reset', () => {
    const reader = new MessageReader();
    reader.read(new SideEncoder(7, BID).next(sideOf(BID, [100]), T, T), new Notes());
    reader.reset();
    expect(reader.side(7, BID).known).toBe(false);
  });
});

const anyTick: fc.Arbitrary<TickMessage> = fc.record({
  instrumentId: fc.nat(),
  stampUs: fc.maxSafeNat(),
  lastPrice: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  volumeDelta: fc.maxSafeNat(),
  aggressor: fc.constantFrom<Aggressor>(AGGRESSOR.unknown, AGGRESSOR.buy, AGGRESSOR.sell),
  confidence: fc.nat({ max: 3 }),
  volume: fc.maxSafeNat(),
  oi: fc.maxSafeNat(),
  previousClose: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
});
const anyGap: fc.Arbitrary<GapMessage> = fc.record({
  instrumentId: fc.nat(),
  fromUs: fc.maxSafeNat(),
  toUs: fc.maxSafeNat(),
  cause: fc.string({ unit: 'grapheme' }),
});

describe('messages', () => {
  it('are read as they were written, in order', () => {
    fc.assert(
      fc.property(fc.array(anyTick), fc.array(anyGap), (ticks, gaps) => {
        const notes = new Notes();
        new MessageReader().read(Buffer.concat([...ticks.map(encodeTick), ...gaps.map(encodeGap)]), notes);
        expect(notes.ticks).toEqual(ticks);
        expect(notes.gaps).toEqual(gaps);
      }),
    );
  });

  it('have a length divisible by three, so that their base64 texts can be put one after the other', () => {
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 4 }), (ticks) => {
        const messages = ticks.map(encodeTick);
        for (const message of messages) expect(message.length % 3).toBe(0);
        const text = messages.map((message) => Buffer.from(message).toString('base64')).join('');
        const notes = new Notes();
        new MessageReader().read(Buffer.from(text, 'base64'), notes);
        expect(notes.ticks).toEqual(ticks);
      }),
    );
  });

  it('of a later version are passed over', () => {
    const later = Uint8Array.from([3, 99, 1, 2]);
    const notes = new Notes();
    new MessageReader().read(
      Buffer.concat([later, encodeGap({ instrumentId: 1, fromUs: 2, toUs: 0, cause: 'silent' })]),
      notes,
    );
    expect(notes.gaps.length).toBe(1);
  });

  it('any bytes are messages or a CodecError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          new MessageReader().read(bytes, new Notes());
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
