/** Tiles of one width that a page holds: the past of wide columns, which need not be asked for as books. */
import { ABSENT } from '../core/absent.ts';
import { BID, type Side } from '../core/side.ts';
import type { Frame } from './column-store.ts';
import { Coverage } from './coverage.ts';
import { columnOf } from './tiers.ts';
import { TILE_COLUMNS, type Tile, type TileValue, tileUs } from './tile.ts';

/** What the cells of the tiles say: tiles of another kind are of no use to the picture. */
export interface TileKind {
  readonly value: TileValue;
  /** Height of a row, price units. Of `last` and `mean` taller ones can be summed up, of `max` not. */
  readonly rowUnits: number;
}

const LEVELS_FIRST = 512;

export class TileStore {
  /** Which tiles are wanted; null: none, the columns are made of books. */
  kind: TileKind | null = null;
  /** What the tiles tell of. */
  readonly coverage = new Coverage();
  /** What no tiles can be had of: books stand for them. */
  readonly without = new Coverage();
  private readonly tiles = new Map<number, Tile>();
  /** A side of a column, best price first; indexed by Side. */
  private readonly prices: [Int32Array, Int32Array] = [new Int32Array(LEVELS_FIRST), new Int32Array(LEVELS_FIRST)];
  private readonly quantities: [Uint32Array, Uint32Array] = [
    new Uint32Array(LEVELS_FIRST),
    new Uint32Array(LEVELS_FIRST),
  ];
  /** Tiles know of no orders. */
  private noOrders = new Uint32Array(LEVELS_FIRST);
  private readonly columnMs: number;

  constructor(private readonly columnUs: number) {
    this.columnMs = columnUs / 1000;
  }

  /** Asks for another kind from now on. @returns whether it is another one than before: what was held is forgotten */
  want(kind: TileKind | null): boolean {
    if (kind?.value === this.kind?.value && kind?.rowUnits === this.kind?.rowUnits) return false;
    this.kind = kind;
    this.tiles.clear();
    this.forget(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    return true;
  }

  /** Keeps a tile, if it is of the kind that is wanted. @param toUs up to where it is known to be complete */
  put(tile: Tile, toUs: number): void {
    const { value, rowUnits, columnMs, startUs } = tile;
    if (columnMs !== this.columnMs || value !== this.kind?.value || rowUnits !== this.kind.rowUnits) return;
    this.tiles.set(this.numberOf(startUs), tile);
    // Of a column that is under way it would tell too little.
    const wholeToUs = columnOf(Math.min(toUs, startUs + tileUs(columnMs)), this.columnUs) * this.columnUs;
    this.coverage.add(startUs, wholeToUs);
  }

  /** Whether a column is told of. */
  covers(column: number): boolean {
    return this.kind !== null && this.coverage.has(column * this.columnUs);
  }

  /** Gives up what tells of a stretch of time. */
  drop(fromUs: number, toUs: number): void {
    this.forget(fromUs, toUs);
    for (const [number, { startUs }] of this.tiles) {
      const endUs = startUs + tileUs(this.columnMs);
      if (this.coverage.missing(startUs, endUs)[0]?.fromUs === startUs && startUs >= fromUs && endUs <= toUs) {
        this.tiles.delete(number);
      }
    }
  }

  /** The claim to hold it, not what is held: it is asked for again. */
  forget(fromUs: number, toUs: number): void {
    this.coverage.remove(fromUs, toUs);
    this.without.remove(fromUs, toUs);
  }

  /**
   * Puts a side of a column that is covered into `into`, each row as a level at its price, without orders; it is valid until
   * the next one of the same side. @returns false where the side was not known in that column
   */
  read(column: number, side: Side, into: Frame): boolean {
    const startUs = column * this.columnUs;
    const tile = this.tiles.get(this.numberOf(startUs));
    if (!tile) return false;
    const at = Math.round((startUs - tile.startUs) / this.columnUs);
    const { rows, cells, knownMs, bestLast, bestLow, bestHigh } = tile.sides[side];
    const known = knownMs[at] as number;
    if (known === 0) return false;
    this.makeRoom(side, rows.length);
    const prices = this.prices[side];
    const quantities = this.quantities[side];
    const { rowUnits } = tile;
    const divisor = tile.value === 'mean' ? known : 1;
    let count = 0;
    for (let i = 0; i < rows.length; i += 1) {
      const row = side === BID ? rows.length - 1 - i : i;
      const cell = cells[row * TILE_COLUMNS + at] as number;
      if (cell === 0) continue;
      prices[count] = (rows[row] as number) * rowUnits;
      // What stood for a moment only is more than nothing.
      quantities[count] = Math.max(1, Math.round(cell / divisor));
      count += 1;
    }
    into.prices = prices;
    into.quantities = quantities;
    into.orders = this.noOrders;
    into.hasOrders = false;
    into.best = bestLast[at] as number;
    into.bestLow = bestLow[at] as number;
    into.bestHigh = bestHigh[at] as number;
    into.start = 0;
    into.count = count;
    into.stampUs = 0;
    into.value = tile.value;
    return true;
  }

  /** Puts between which prices the best one of a side was in a column into `into`, whose levels are known otherwise. */
  readRange(column: number, side: Side, into: Frame): void {
    const startUs = column * this.columnUs;
    const tile = this.tiles.get(this.numberOf(startUs));
    if (!tile) return;
    const at = Math.round((startUs - tile.startUs) / this.columnUs);
    const { bestLow, bestHigh } = tile.sides[side];
    if (bestLow[at] === ABSENT) return;
    into.bestLow = bestLow[at] as number;
    into.bestHigh = bestHigh[at] as number;
  }

  private makeRoom(side: Side, rows: number): void {
    if (rows <= this.prices[side].length) return;
    this.prices[side] = new Int32Array(rows * 2);
    this.quantities[side] = new Uint32Array(rows * 2);
    if (this.noOrders.length < rows * 2) this.noOrders = new Uint32Array(rows * 2);
  }

  private numberOf(timeUs: number): number {
    return Math.floor(timeUs / tileUs(this.columnMs));
  }
}
