import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, type Side } from '../core/side.ts';
import { CellRing, type ColumnSource, NO_PRICE } from './cell-ring.ts';
import { CELL_COUNT } from './colour-scale.ts';
import { COLUMN_STATE } from './depth-model.ts';
import { BIN_COUNT, binOf } from './quantity-bins.ts';
import { frameOf, type Row } from './test-support.ts';

/** A table that lets a pixel be read back as its cell's number. */
const plainTable = Uint32Array.from({ length: CELL_COUNT }, (_, cell) => cell);

/** Columns made of a function of their number. */
const sourceOf = (rowsAt: (column: number, side: Side) => readonly Row[] | null): ColumnSource => ({
  resolve(_tier, column, side, _nowUs, into) {
    const rows = rowsAt(column, side);
    if (!rows) return COLUMN_STATE.stale;
    const { prices, quantities, orders } = frameOf(side, 1, rows);
    Object.assign(into, { prices, quantities, orders, start: 0, count: rows.length, stampUs: 1 });
    into.isBook();
    return COLUMN_STATE.data;
  },
});

/** The cell that stands at a column and a row. */
function cellAt(ring: CellRing, column: number, row: number): number {
  const [span] = ring.spans(column, column);
  const words = new Uint32Array(ring.pixels.buffer);
  return words[(ring.topRow - row) * ring.width + (span?.slot ?? 0)] as number;
}

const book = (column: number, side: Side): Row[] =>
  side === BID
    ? [
        [990, 10 + column],
        [984, 20],
        [970, 5],
      ]
    : [
        [1001, 30],
        [1009, 7],
        [1030, column + 1],
      ];

describe('cell ring', () => {
  it('sums up levels by row, bids down and asks up', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 120, 40);
    ring.write(sourceOf(book), 3, 3, 0, plainTable);
    expect(cellAt(ring, 3, 99)).toBe(binOf(13));
    expect(cellAt(ring, 3, 98)).toBe(binOf(20));
    expect(cellAt(ring, 3, 97)).toBe(binOf(5));
    expect(cellAt(ring, 3, 101)).toBe(BIN_COUNT + binOf(37));
    expect(cellAt(ring, 3, 103)).toBe(BIN_COUNT + binOf(4));
    expect(cellAt(ring, 3, 100)).toBe(0);
    expect([ring.bestOf(3, BID), ring.bestOf(3, ASK)]).toEqual([990, 1001]);
  });

  it('writes each column once, until it is told to forget it', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 120, 40);
    const source = sourceOf(book);
    expect(ring.write(source, 10, 30, 0, plainTable)).toBe(21);
    expect(ring.write(source, 10, 30, 0, plainTable)).toBe(0);
    expect(ring.write(source, 12, 35, 0, plainTable)).toBe(5);
    ring.forget(20, 22);
    expect(ring.write(source, 10, 35, 0, plainTable)).toBe(3);
  });

  it('leaves nothing behind of what a column was before', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 120, 40);
    ring.write(sourceOf(book), 3, 3, 0, plainTable);
    ring.forget(3, 3);
    ring.write(
      sourceOf((_, side) => (side === BID ? [[950, 8]] : [])),
      3,
      3,
      0,
      plainTable,
    );
    expect([99, 98, 97, 101, 103].map((row) => cellAt(ring, 3, row))).toEqual([0, 0, 0, 0, 0]);
    expect(cellAt(ring, 3, 95)).toBe(binOf(8));
    expect(ring.bestOf(3, ASK)).toBe(NO_PRICE);
  });

  it('shows the same wherever in the ring a column comes to lie', () => {
    const columns = fc.integer({ min: 7_000_000_000, max: 7_000_000_500 });
    fc.assert(
      fc.property(fc.array(columns, { minLength: 1, maxLength: 12 }), (visits) => {
        const ring = new CellRing();
        ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 60, 120, 40);
        const source = sourceOf((column, side) => book(column % 1000, side));
        for (const from of visits) {
          ring.write(source, from, from + 59, 0, plainTable);
          for (const column of [from, from + 30, from + 59]) {
            expect(cellAt(ring, column, 99)).toBe(binOf(10 + (column % 1000)));
          }
          const spans = ring.spans(from, from + 59);
          expect(spans.reduce((sum, { count }) => sum + count, 0)).toBe(60);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('leaves a side that is not known empty, and says so', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 120, 40);
    ring.write(
      sourceOf((column, side) => (side === BID ? null : book(column, side))),
      1,
      1,
      0,
      plainTable,
    );
    expect(ring.stateOf(1, BID)).toBe(COLUMN_STATE.stale);
    expect(ring.bestOf(1, BID)).toBe(NO_PRICE);
    expect(cellAt(ring, 1, 99)).toBe(0);
    expect(ring.stateOf(1, ASK)).toBe(COLUMN_STATE.data);
  });

  it('keeps its picture while the screen moves within it, and begins anew beyond', () => {
    const ring = new CellRing();
    const shape = { tier: 0, rowUnits: 10, minOrders: 0 } as const;
    ring.fit(shape, 50, 120, 40);
    ring.write(sourceOf(book), 1, 5, 0, plainTable);
    ring.fit(shape, 50, 122, 40);
    expect(ring.write(sourceOf(book), 1, 5, 0, plainTable)).toBe(0);
    ring.fit(shape, 50, 400, 40);
    expect(ring.write(sourceOf(book), 1, 5, 0, plainTable)).toBe(5);
    ring.fit({ tier: 0, rowUnits: 20, minOrders: 0 }, 50, 400, 40);
    expect(ring.write(sourceOf(book), 1, 5, 0, plainTable)).toBe(5);
    ring.fit({ tier: 1, rowUnits: 20, minOrders: 0 }, 50, 400, 40);
    expect(ring.write(sourceOf(book), 1, 5, 0, plainTable)).toBe(5);
  });

  it('drops levels outside of its window without touching others', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 100, 3);
    const far: Row[] = [
      [5000, 1],
      [990, 10],
      [-5000, 1],
    ];
    ring.write(
      sourceOf((_, side) => (side === BID ? far : [])),
      1,
      1,
      0,
      plainTable,
    );
    const lit = [...new Uint32Array(ring.pixels.buffer)].filter((cell) => cell !== 0);
    expect(lit).toEqual([binOf(10)]);
  });

  it('counts what is visible, both sides together', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 120, 40);
    ring.write(sourceOf(book), 10, 20, 0, plainTable);
    const histogram = new Uint32Array(BIN_COUNT);
    ring.count(10, 20, 120, 40, histogram);
    // 20 stands in each of the eleven columns, and once more in columns 10 and 19.
    expect(histogram[binOf(20)]).toBe(11 + 2);
    expect(histogram[binOf(37)]).toBe(11);
    ring.count(10, 20, 99, 1, histogram);
    expect(histogram[binOf(37)]).toBe(0);
    expect(histogram[binOf(20)]).toBe(1);
  });

  it('says which columns of pixels have changed, once', () => {
    const ring = new CellRing();
    ring.fit({ tier: 0, rowUnits: 10, minOrders: 0 }, 50, 120, 40);
    ring.write(sourceOf(book), 3, 5, 0, plainTable);
    expect(ring.takeChanged()).toEqual({ from: 3, to: 6 });
    expect(ring.takeChanged()).toBeNull();
    ring.recolour(plainTable);
    expect(ring.takeChanged()).toEqual({ from: 0, to: ring.width });
  });
});
