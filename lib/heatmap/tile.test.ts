import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import { CodecError } from '../core/bytes.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { ROW_SIZE_MAX } from './cell-fold.ts';
import { CARRY_US } from './depth-model.ts';
import type { Gap } from './gaps.ts';
import { levelsOf, type Row } from './test-support.ts';
import {
  cellOf,
  decodeTile,
  encodeTile,
  TILE_COLUMNS,
  TILE_VALUES,
  type Tile,
  type TileValue,
  tileStart,
  tileUs,
} from './tile.ts';
import { type TileCells, TileFold } from './tile-fold.ts';
import { coarserTile, tallerRows } from './tile-merge.ts';

/** A beginning of tiles of 250 ms and of 1 s alike. */
const T0 = tileStart(1_795_578_300_000_000, 60_000);
const TICK = 5;

interface Put {
  readonly side: Side;
  readonly atUs: number;
  readonly rows: readonly Row[];
}

/** Sides around a mid that moves, best first, their prices also off the grid of ticks. */
const anyPuts = (spanUs: number): fc.Arbitrary<Put[]> =>
  fc
    .array(
      fc.record({
        side: fc.constantFrom<Side>(BID, ASK),
        atUs: fc.integer({ min: T0 - 3_000_000, max: T0 + spanUs }),
        touch: fc.integer({ min: 10_000, max: 10_060 }),
        steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5000 })), { maxLength: 8 }),
      }),
      { maxLength: 60 },
    )
    .map((puts) =>
      puts
        .sort((a, b) => a.atUs - b.atUs)
        .map(({ side, atUs, touch, steps }) => {
          const away = side === BID ? -1 : 1;
          let price = touch + away;
          return {
            side,
            atUs,
            rows: steps.map(([step, quantity]): Row => {
              price += away * step;
              return [price, quantity];
            }),
          };
        }),
    );

const anyGaps = (spanUs: number): fc.Arbitrary<Gap[]> =>
  fc
    .array(fc.tuple(fc.nat({ max: spanUs }), fc.integer({ min: 1, max: 4_000_000 })), { maxLength: 3 })
    .map((gaps) =>
      gaps
        .sort((a, b) => a[0] - b[0])
        .map(([from, length]) => ({ fromUs: T0 + from, toUs: T0 + from + length, cause: 'silent' })),
    );

/** Books inside of a gap there are none. */
const outside = (puts: readonly Put[], gaps: readonly Gap[]): Put[] =>
  puts.filter(({ atUs }) => !gaps.some(({ fromUs, toUs }) => atUs > fromUs && atUs < toUs));

function fold(
  puts: readonly Put[],
  gaps: readonly Gap[],
  columnMs: number,
  wanted: readonly TileCells[],
  startUs = T0,
) {
  const folding = new TileFold(columnMs, startUs, wanted, gaps);
  const endUs = startUs + tileUs(columnMs);
  for (const { side, atUs, rows } of puts) {
    if (atUs >= startUs - CARRY_US && atUs < endUs) folding.put(side, atUs, atUs, levelsOf(rows));
  }
  return folding.finish(endUs);
}

const ALL: readonly TileCells[] = TILE_VALUES.map((value) => ({ value, rowUnits: TICK }));

/** A side's cells by row number and column. */
const cellsOf = (tile: Tile, side: Side): [number, number, number][] =>
  Array.from(tile.sides[side].rows).flatMap((row, i) =>
    Array.from({ length: TILE_COLUMNS }, (_, column): [number, number, number] => [
      row,
      column,
      cellOf(tile, side, i, column),
    ]).filter(([, , cell]) => cell !== 0),
  );

const SPAN_US = tileUs(250);

describe('folding books into a tile', () => {
  it('gives the maximum, the last and the time-weighted mean of each column', () => {
    const puts: Put[] = [
      { side: BID, atUs: T0, rows: [[1000, 100]] },
      {
        side: BID,
        atUs: T0 + 100_000,
        rows: [
          [1000, 300],
          [995, 50],
        ],
      },
      { side: BID, atUs: T0 + 150_000, rows: [[1000, 200]] },
    ];
    const [max, last, mean] = fold(puts, [], 250, ALL) as [Tile, Tile, Tile];
    expect(cellsOf(max, BID).filter(([, column]) => column === 0)).toEqual([
      [199, 0, 50],
      [200, 0, 300],
    ]);
    expect(cellsOf(last, BID).filter(([, column]) => column === 0)).toEqual([[200, 0, 200]]);
    // 100 for 100 ms, 300 for 50 ms, 200 for 100 ms.
    expect(cellsOf(mean, BID).filter(([, column]) => column === 0)).toEqual([
      [199, 0, 10],
      [200, 0, 180],
    ]);
    expect([max.sides[BID].bestLow[0], max.sides[BID].bestHigh[0], max.sides[BID].bestLast[0]]).toEqual([
      1000, 1000, 1000,
    ]);
  });

  it('takes the maximum of a taller row from the books: the sum of maxima is more than ever stood there', () => {
    const puts: Put[] = [
      {
        side: ASK,
        atUs: T0,
        rows: [
          [1001, 500],
          [1006, 10],
        ],
      },
      {
        side: ASK,
        atUs: T0 + 50_000,
        rows: [
          [1001, 10],
          [1006, 500],
        ],
      },
    ];
    const wanted = [
      { value: 'max', rowUnits: TICK },
      { value: 'max', rowUnits: 2 * TICK },
    ] as const;
    const [low, tall] = fold(puts, [], 250, wanted) as [Tile, Tile];
    expect(cellsOf(low, ASK).filter(([, column]) => column === 0)).toEqual([
      [201, 0, 500],
      [202, 0, 500],
    ]);
    expect(cellsOf(tall, ASK).filter(([, column]) => column === 0)).toEqual([[101, 0, 510]]);
  });

  it('tells missing from empty: after two seconds of silence, in a gap, and of an empty side', () => {
    const gaps: Gap[] = [{ fromUs: T0 + 10_000_000, toUs: T0 + 12_000_000, cause: 'disconnected' }];
    const puts: Put[] = [
      { side: BID, atUs: T0, rows: [[1000, 100]] },
      { side: BID, atUs: T0 + 9_900_000, rows: [[1000, 100]] },
      { side: BID, atUs: T0 + 12_000_000, rows: [] },
    ];
    const [tile] = fold(puts, gaps, 250, ALL) as [Tile];
    const { knownMs, bestLast } = tile.sides[BID];
    const cell = (column: number): number => cellOf(tile, BID, 0, column);
    expect([cell(0), cell(7), cell(8), cell(38)]).toEqual([100, 100, ABSENT, ABSENT]);
    // Known until the gap begins, in the middle of nothing else.
    expect([knownMs[39], cell(39), knownMs[40], cell(40), cell(47)]).toEqual([100, 100, 0, ABSENT, ABSENT]);
    expect([knownMs[48], cell(48), bestLast[48]]).toEqual([250, 0, ABSENT]);
    expect(knownMs[56]).toBe(0);
    expect(tile.sides[ASK].knownMs.every((ms) => ms === 0)).toBe(true);
  });

  it('shows a book of less than a millisecond', () => {
    const puts: Put[] = [
      { side: BID, atUs: T0 + 400, rows: [[1000, 900]] },
      { side: BID, atUs: T0 + 700, rows: [[1000, 100]] },
    ];
    const [max] = fold(puts, [], 250, ALL) as [Tile];
    expect(cellOf(max, BID, 0, 0)).toBe(900);
  });

  it('knows a side for no less than a millisecond, or not at all', () => {
    const at = T0 + 8_000_444;
    const [max] = fold([{ side: BID, atUs: at, rows: [[1000, 900]] }], [], 250, ALL) as [Tile];
    const { knownMs, cells } = max.sides[BID];
    expect([knownMs[32], knownMs[39], knownMs[40], cells[39], cells[40]]).toEqual([250, 250, 0, 900, 0]);
  });

  it('is the same whether the side is one or the other, mirrored', () => {
    fc.assert(
      fc.property(anyPuts(SPAN_US), anyGaps(SPAN_US), (some, gaps) => {
        const puts = outside(some, gaps);
        const mirrored = puts.map(
          ({ side, atUs, rows }): Put => ({
            side: side === BID ? ASK : BID,
            atUs,
            rows: rows.map(([price, quantity]): Row => [-price, quantity]),
          }),
        );
        const wanted = [...ALL, { value: 'max', rowUnits: 4 * TICK } as const];
        const [there, back] = [fold(puts, gaps, 250, wanted), fold(mirrored, gaps, 250, wanted)];
        there.forEach((tile, i) => {
          const other = back[i] as Tile;
          const turned = cellsOf(other, ASK).map(([row, column, cell]) => [0 - row, column, cell]);
          expect(cellsOf(tile, BID)).toEqual(
            turned.sort((a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number)),
          );
          expect(tile.sides[BID].knownMs).toEqual(other.sides[ASK].knownMs);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('holds what a plain calculation of each millisecond holds', () => {
    fc.assert(
      fc.property(anyPuts(SPAN_US), anyGaps(SPAN_US), (some, gaps) => {
        const puts = outside(some, gaps).map((put) => ({ ...put, atUs: Math.floor(put.atUs / 1000) * 1000 }));
        const [max, last, mean] = fold(puts, gaps, 250, ALL) as [Tile, Tile, Tile];
        for (const side of [BID, ASK] as const) {
          const plain = plainly(
            puts.filter((put) => put.side === side),
            gaps,
            side,
          );
          expect(cellsOf(max, side).filter(([, , cell]) => cell !== ABSENT)).toEqual(plain('max'));
          expect(cellsOf(last, side).filter(([, , cell]) => cell !== ABSENT)).toEqual(plain('last'));
          expect(cellsOf(mean, side).filter(([, , cell]) => cell !== ABSENT)).toEqual(plain('mean'));
        }
      }),
      { numRuns: 12 },
    );
  });

  it('makes of finer tiles what the books themselves make, byte for byte', () => {
    const spanUs = tileUs(1000);
    fc.assert(
      fc.property(anyPuts(spanUs), anyGaps(spanUs), (some, gaps) => {
        const puts = outside(some, gaps);
        const finer = Array.from({ length: 4 }, (_, i) => fold(puts, gaps, 250, ALL, T0 + i * SPAN_US));
        fold(puts, gaps, 1000, ALL).forEach((direct, i) => {
          const merged = coarserTile(
            direct,
            finer.map((tiles) => tiles[i] as Tile),
          );
          expect(Buffer.compare(encodeTile(merged), encodeTile(direct))).toBe(0);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('sums rows up as taller ones of the books would be, for the last and the mean', () => {
    fc.assert(
      fc.property(anyPuts(SPAN_US), fc.constantFrom(2, 5, 10), (puts, times) => {
        const low = fold(puts, [], 250, ALL);
        const tall = fold(
          puts,
          [],
          250,
          ALL.map((cells) => ({ ...cells, rowUnits: TICK * times })),
        );
        for (const i of [1, 2]) {
          expect(encodeTile(tallerRows(low[i] as Tile, TICK * times))).toEqual(encodeTile(tall[i] as Tile));
        }
        expect(() => tallerRows(low[0] as Tile, TICK * times)).toThrow(RangeError);
      }),
      { numRuns: 40 },
    );
  });

  it('finds rows however far apart', () => {
    const rows: Row[] = Array.from({ length: MAX_LEVELS }, (_, i) => [2_000_000 - i * i * 50, i + 1]);
    const [tile] = fold([{ side: BID, atUs: T0, rows }], [], 250, ALL) as [Tile];
    expect(cellsOf(tile, BID).filter(([, column]) => column === 0)).toEqual(
      rows.map(([price, quantity]) => [Math.floor(price / TICK), 0, quantity]).reverse(),
    );
  });

  it('refuses parts of another tile', () => {
    const [tile] = fold([], [], 250, ALL) as [Tile];
    const head = { value: 'max', columnMs: 1000, startUs: T0, rowUnits: TICK } as const;
    expect(() => coarserTile({ ...head, value: 'last' }, [tile])).toThrow('is no part of');
    expect(() => coarserTile({ ...head, rowUnits: 10 }, [tile])).toThrow('is no part of');
    expect(() => coarserTile({ ...head, startUs: T0 + tileUs(1000) }, [tile])).toThrow('is no part of');
    expect(() => coarserTile({ ...head, columnMs: 700 }, [tile])).toThrow('is no part of');
  });
});

/** The definition again, millisecond by millisecond; times of books are whole milliseconds. */
function plainly(
  puts: readonly Put[],
  gaps: readonly Gap[],
  side: Side,
): (value: TileValue) => [number, number, number][] {
  const MS = 1000;
  const columns = Array.from({ length: TILE_COLUMNS }, () => ({
    known: 0,
    max: new Map<number, number>(),
    last: new Map<number, number>(),
    sum: new Map<number, number>(),
  }));
  for (let ms = 0; ms < SPAN_US / MS; ms += 1) {
    const nowUs = T0 + ms * MS;
    // Of several within this millisecond each counts, the last one for its time; else the one before.
    const before = puts.filter(({ atUs }) => atUs <= nowUs).at(-1);
    if (!before) continue;
    const gap = gaps.find(({ toUs }) => toUs > before.atUs);
    const silentUs = Math.min(before.atUs + CARRY_US, gap?.fromUs ?? Number.POSITIVE_INFINITY);
    if (nowUs >= Math.max(before.atUs + MS, Math.floor(silentUs / MS) * MS)) continue;
    const column = columns[Math.floor(ms / 250)] as (typeof columns)[number];
    column.known += 1;
    column.last.clear();
    for (const [price, quantity] of before.rows) {
      const row = side === BID ? Math.floor(price / TICK) : Math.ceil(price / TICK);
      column.last.set(row, (column.last.get(row) ?? 0) + quantity);
    }
    for (const [row, size] of column.last) {
      column.max.set(row, Math.max(column.max.get(row) ?? 0, size));
      column.sum.set(row, (column.sum.get(row) ?? 0) + size);
    }
  }
  return (value) =>
    columns
      .flatMap(({ known, max, last, sum }, column) => {
        if (known === 0) return [];
        const cells = value === 'max' ? max : value === 'last' ? last : sum;
        return [...cells].map(([row, cell]): [number, number, number] => [
          row,
          column,
          value === 'mean' ? cell / known : cell,
        ]);
      })
      .filter(([, , cell]) => cell !== 0)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

describe('the bytes of a tile', () => {
  const anyTile = fc.tuple(anyPuts(SPAN_US), anyGaps(SPAN_US)).map(([puts, gaps]) => fold(puts, gaps, 250, ALL));

  it('give the tile back, and the same tile the same bytes', () => {
    fc.assert(
      fc.property(anyTile, fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 20 }), (tiles, volumes) => {
        for (const tile of tiles) {
          volumes.forEach((volume, i) => {
            tile.trades.buy[i * 3] = volume;
            tile.trades.turnover[i * 3] = volume * 2_604_010;
            tile.trades.low[i * 3] = volume - 500;
          });
          const bytes = encodeTile(tile);
          expect(decodeTile(bytes)).toEqual(tile);
          expect(encodeTile(decodeTile(bytes))).toEqual(bytes);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are refused where they are cut off, of another version, or not ours', () => {
    const [tile] = fold([{ side: BID, atUs: T0, rows: [[1000, 100]] }], [], 250, ALL) as [Tile];
    const bytes = encodeTile(tile);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeTile(bytes.subarray(0, length)), `${length} bytes`).toThrow(CodecError);
    }
    expect(() => decodeTile(Uint8Array.from([...bytes, 0]))).toThrow('1 bytes behind the end');
    expect(() => decodeTile(Uint8Array.from(bytes, (byte, i) => (i === 3 ? 99 : byte)))).toThrow('version 99');
    expect(() => decodeTile(new TextEncoder().encode('<html>'))).toThrow('no heatmap tile');
  });

  it('whatever they are, end in a tile or in a CodecError', () => {
    const [tile] = fold(
      [
        {
          side: ASK,
          atUs: T0,
          rows: [
            [1000, 100],
            [1010, 7],
          ],
        },
      ],
      [],
      250,
      ALL,
    ) as [Tile];
    const bytes = encodeTile(tile);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = byte;
        try {
          decodeTile(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('hold the largest sizes that rows can have, whatever a frame claims', () => {
    const levels = new SideLevels();
    levels.count = MAX_LEVELS;
    levels.prices.fill(1000);
    levels.quantities.fill(2 ** 31 - 1);
    const folding = new TileFold(60_000, T0, ALL, []);
    for (let at = T0; at < T0 + 60_000_000; at += 1_000_000) folding.put(BID, at, at, levels);
    const [max, , mean] = folding.finish(T0 + tileUs(60_000)).map((tile) => decodeTile(encodeTile(tile))) as [
      Tile,
      Tile,
      Tile,
    ];
    expect(cellOf(max, BID, 0, 0)).toBe(ROW_SIZE_MAX);
    expect(cellOf(mean, BID, 0, 0)).toBe(ROW_SIZE_MAX);
  });
});
