/** What the heatmap's stored tiles of some books take, made as the job makes them, without a database. */
import { STORED_MS, storedCells, tileBytes } from '../../db/build-tiles.ts';
import { ASK, BID } from '../../lib/core/side.ts';
import { type Tile, tileStart, tileUs } from '../../lib/heatmap/tile.ts';
import { TileFold } from '../../lib/heatmap/tile-fold.ts';
import { coarserTile } from '../../lib/heatmap/tile-merge.ts';
import type { TimedBook } from './sealed-books.ts';

/** Price units that all prices are whole multiples of: the instrument's tick. */
export function tickSizeOf(books: readonly TimedBook[]): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let tick = 0;
  for (const { sides } of books) {
    for (const { prices, count } of sides) for (let i = 0; i < count; i += 1) tick = divisor(tick, prices[i] as number);
  }
  return tick;
}

/** Bytes of all tiles that are stored of an instrument with these books and no trades, by the width of their columns in ms. */
export function storedTileBytes(books: readonly TimedBook[], tickSize: number): Map<number, number> {
  const cells = storedCells(tickSize);
  let finer: Tile[][] = cells.map(() => []);
  const bytes = new Map<number, number>();
  STORED_MS.forEach((columnMs, tier) => {
    const starts = new Set(books.map(({ stampUs }) => tileStart(stampUs, columnMs)));
    const ofTier: Tile[][] = cells.map(() => []);
    for (const startUs of starts) {
      const tiles =
        tier === 0
          ? foldTile(books, columnMs, startUs, cells)
          : cells.map((one, i) => {
              const within = (finer[i] as Tile[]).filter((tile) => tileStart(tile.startUs, columnMs) === startUs);
              return coarserTile({ ...one, columnMs, startUs }, within);
            });
      tiles.forEach((tile, i) => {
        (ofTier[i] as Tile[]).push(tile);
        bytes.set(columnMs, (bytes.get(columnMs) ?? 0) + tileBytes(tile).length);
      });
    }
    finer = ofTier;
  });
  return bytes;
}

function foldTile(
  books: readonly TimedBook[],
  columnMs: number,
  startUs: number,
  cells: ReturnType<typeof storedCells>,
): Tile[] {
  const fold = new TileFold(columnMs, startUs, cells, []);
  for (const { stampUs, sides } of books)
    for (const side of [BID, ASK] as const) fold.put(side, stampUs, stampUs, sides[side]);
  return fold.finish(startUs + tileUs(columnMs));
}
