import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, type Side } from '../core/side.ts';
import { ColumnStore, Frame } from './column-store.ts';
import { frameOf, type Row, rowsOf, T0, tickOf } from './test-support.ts';
import { columnOf } from './tiers.ts';

const FINE_US = 250_000;

interface Put {
  readonly side: Side;
  readonly stampUs: number;
  readonly rows: readonly Row[];
}

const puts: fc.Arbitrary<Put[]> = fc
  .uniqueArray(fc.nat({ max: 8_000_000 }), { minLength: 1, maxLength: 60 })
  .map((times) =>
    times.map(
      (time, i): Put => ({ side: i % 2 === 0 ? BID : ASK, stampUs: T0 + time, rows: [[1000 + i, 65 * (i + 1), i]] }),
    ),
  );

function fill(store: ColumnStore, frames: readonly Put[]): void {
  for (const { side, stampUs, rows } of frames) {
    store.put(columnOf(stampUs, store.columnUs), side, frameOf(side, stampUs, rows));
  }
}

/** Every column's frames, to compare stores by. */
function contents(store: ColumnStore): Map<string, { stampUs: number; rows: Row[] }> {
  const found = new Map<string, { stampUs: number; rows: Row[] }>();
  const frame = new Frame();
  for (const number of [...store.blocks.keys()].sort((a, b) => a - b)) {
    for (let column = number * 256; column < (number + 1) * 256; column += 1) {
      for (const side of [BID, ASK] as const) {
        if (store.frame(column, side, frame)) {
          found.set(`${column} ${side}`, { stampUs: frame.stampUs, rows: rowsOf(frame) });
        }
      }
    }
  }
  return found;
}

describe('column store', () => {
  it('keeps the newest frame of each column and side, whatever the order and however often', () => {
    fc.assert(
      fc.property(puts, fc.infiniteStream(fc.nat()), (frames, randoms) => {
        const expected = new Map<string, { stampUs: number; rows: readonly Row[] }>();
        for (const frame of [...frames].sort((a, b) => a.stampUs - b.stampUs)) {
          expected.set(`${columnOf(frame.stampUs, FINE_US)} ${frame.side}`, {
            stampUs: frame.stampUs,
            rows: frame.rows,
          });
        }
        const store = new ColumnStore(FINE_US);
        const shuffled = [...frames, ...frames]
          .map((frame) => ({ frame, key: randoms.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ frame }) => frame);
        fill(store, shuffled);
        expect(contents(store)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('makes of finer columns what the frames themselves would have made', () => {
    fc.assert(
      fc.property(puts, fc.constantFrom(1_000_000, 5_000_000, 15_000_000), (frames, columnUs) => {
        const finer = new ColumnStore(FINE_US);
        fill(finer, frames);
        finer.coverage.add(T0, T0 + 8_000_001);
        const derived = new ColumnStore(columnUs);
        derived.deriveFrom(finer);
        const direct = new ColumnStore(columnUs);
        fill(direct, frames);
        expect(contents(derived)).toEqual(contents(direct));
        expect(derived.coverage.all).toEqual(finer.coverage.all);
      }),
      { numRuns: 30 },
    );
  });

  it('takes trades along when it derives', () => {
    const finer = new ColumnStore(FINE_US);
    finer.putTrade(tickOf(T0 + 10));
    finer.putTrade(tickOf(T0 + 900_000));
    finer.coverage.add(T0, T0 + 1_000_000);
    const coarser = new ColumnStore(1_000_000);
    coarser.deriveFrom(finer);
    coarser.deriveFrom(finer);
    expect([...coarser.blocks.values()].map(({ trades }) => trades.count)).toEqual([2]);
  });

  it('looks back for a frame as far as it is asked to, over blocks that are not there', () => {
    const store = new ColumnStore(FINE_US);
    const column = columnOf(T0, FINE_US);
    fill(store, [{ side: ASK, stampUs: T0, rows: [[1000, 65]] }]);
    const frame = new Frame();
    for (const distance of [1, 2, 100, 255, 256, 257, 700]) {
      expect(store.frameBefore(column + distance, distance, ASK, frame)).toBe(true);
      expect(frame.stampUs).toBe(T0);
      expect(store.frameBefore(column + distance, distance - 1, ASK, frame)).toBe(false);
      expect(store.frameBefore(column + distance, distance, BID, frame)).toBe(false);
    }
    expect(store.frameBefore(column, 10, ASK, frame)).toBe(false);
  });

  it('tells an empty side from one that is not there', () => {
    const store = new ColumnStore(FINE_US);
    store.put(columnOf(T0, FINE_US), BID, frameOf(BID, T0, []));
    const frame = new Frame();
    expect(store.frame(columnOf(T0, FINE_US), BID, frame)).toBe(true);
    expect(frame.count).toBe(0);
    expect(store.frame(columnOf(T0, FINE_US), ASK, frame)).toBe(false);
  });

  it('gives up the claim to hold a block together with the block', () => {
    const store = new ColumnStore(FINE_US);
    fill(store, [{ side: BID, stampUs: T0, rows: [[1000, 65]] }]);
    const blockUs = 256 * FINE_US;
    store.coverage.add(T0 - 2 * blockUs, T0 + 2 * blockUs);
    const number = Math.floor(columnOf(T0, FINE_US) / 256);
    store.drop(number);
    expect(store.blocks.size).toBe(0);
    expect(store.coverage.has(T0)).toBe(false);
    expect(store.coverage.has((number + 1) * blockUs)).toBe(true);
    expect(store.frame(columnOf(T0, FINE_US), BID, new Frame())).toBe(false);
  });
});
