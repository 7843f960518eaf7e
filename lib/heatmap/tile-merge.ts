/** Tiles made of tiles: coarser columns of finer ones, taller price rows of lower ones. */
import { ABSENT } from '../core/absent.ts';
import { BID, type Side } from '../core/side.ts';
import {
  newTileSide,
  newTrades,
  TILE_COLUMNS,
  type Tile,
  type TileHead,
  type TileSide,
  type TileTrades,
  tileUs,
} from './tile.ts';

const US_PER_MS = 1000;

/**
 * The tile of coarser columns that the books themselves would give: a maximum is that of the maxima, the last one that of the
 * last column that is known, a mean that of the sums.
 *
 * @param finer tiles of the same value and row height within it, oldest first; one that is not there is not known
 * @throws RangeError where one of them is another's part
 */
export function coarserTile(head: TileHead, finer: readonly Tile[]): Tile {
  for (const tile of finer) mustBePart(head, tile);
  return {
    ...head,
    sides: [coarserSide(head, finer, 0), coarserSide(head, finer, 1)],
    trades: coarserTrades(head, finer),
  };
}

function mustBePart(head: TileHead, { value, rowUnits, columnMs, startUs }: TileHead): void {
  const within = startUs >= head.startUs && startUs + tileUs(columnMs) <= head.startUs + tileUs(head.columnMs);
  // A coarser column lies within one finer tile.
  const whole = head.columnMs % columnMs === 0 && TILE_COLUMNS % (head.columnMs / columnMs) === 0;
  if (value === head.value && rowUnits === head.rowUnits && within && whole) return;
  throw new RangeError(`a ${value} tile of ${columnMs} ms at ${startUs} is no part of one of ${head.columnMs} ms`);
}

/** Column of the coarser tile that a column of a finer one falls into. */
const columnIn = (head: TileHead, finer: TileHead, column: number): number =>
  Math.floor((finer.startUs - head.startUs + column * finer.columnMs * US_PER_MS) / (head.columnMs * US_PER_MS));

function coarserSide(head: TileHead, finer: readonly Tile[], side: Side): TileSide {
  const rows = [...new Set(finer.flatMap((tile) => [...tile.sides[side].rows]))].sort((a, b) => a - b);
  const into = newTileSide(Int32Array.from(rows));
  const places = new Map(rows.map((row, i) => [row, i]));
  for (const tile of finer) {
    const from = tile.sides[side];
    const place = Array.from(from.rows, (row) => places.get(row) as number);
    for (let column = 0; column < TILE_COLUMNS; column += 1) {
      const known = from.knownMs[column] as number;
      if (known === 0) continue;
      const to = columnIn(head, tile, column);
      into.knownMs[to] = (into.knownMs[to] as number) + known;
      into.bestLast[to] = from.bestLast[column] as number;
      keepLow(into.bestLow, to, from.bestLow[column] as number);
      keepHigh(into.bestHigh, to, from.bestHigh[column] as number);
      for (let i = 0; i < place.length; i += 1) {
        const cell = from.cells[i * TILE_COLUMNS + column] as number;
        const at = (place[i] as number) * TILE_COLUMNS + to;
        const held = into.cells[at] as number;
        into.cells[at] = head.value === 'last' ? cell : head.value === 'max' ? Math.max(held, cell) : held + cell;
      }
    }
  }
  return withoutEmptyRows(into);
}

/** What was the last of a finer column need not be that of a coarser one. */
function withoutEmptyRows(side: TileSide): TileSide {
  const rowCells = (row: number): Float64Array => side.cells.subarray(row * TILE_COLUMNS, (row + 1) * TILE_COLUMNS);
  const kept = Array.from(side.rows.keys()).filter((row) => rowCells(row).some((cell) => cell !== 0));
  if (kept.length === side.rows.length) return side;
  const cells = new Float64Array(kept.length * TILE_COLUMNS);
  kept.forEach((row, i) => {
    cells.set(rowCells(row), i * TILE_COLUMNS);
  });
  return { ...side, rows: Int32Array.from(kept, (row) => side.rows[row] as number), cells };
}

function coarserTrades(head: TileHead, finer: readonly Tile[]): TileTrades {
  const into = newTrades();
  for (const tile of finer) {
    const { trades } = tile;
    for (let column = 0; column < TILE_COLUMNS; column += 1) {
      const to = columnIn(head, tile, column);
      for (const name of ['buy', 'sell', 'unknown', 'turnover'] as const) {
        into[name][to] = (into[name][to] as number) + (trades[name][column] as number);
      }
      if (trades.last[column] === ABSENT) continue;
      into.last[to] = trades.last[column] as number;
      keepLow(into.low, to, trades.low[column] as number);
      keepHigh(into.high, to, trades.high[column] as number);
    }
  }
  return into;
}

function keepLow(into: Float64Array, at: number, price: number): void {
  if (price !== ABSENT && (into[at] === ABSENT || price < (into[at] as number))) into[at] = price;
}

function keepHigh(into: Float64Array, at: number, price: number): void {
  if (price !== ABSENT && (into[at] === ABSENT || price > (into[at] as number))) into[at] = price;
}

/**
 * The same tile with taller rows: bids summed down, asks up, as `rowOf` does with prices.
 *
 * @param rowUnits a multiple of the tile's
 * @throws RangeError for a maximum, which cannot be had from lower rows: their maxima stood at different times
 */
export function tallerRows(tile: Tile, rowUnits: number): Tile {
  const times = rowUnits / tile.rowUnits;
  if (tile.value === 'max' || !Number.isInteger(times)) {
    throw new RangeError(`rows of ${rowUnits} cannot be made of a ${tile.value} tile with rows of ${tile.rowUnits}`);
  }
  const taller = (side: Side): TileSide => {
    const from = tile.sides[side];
    const rowsOf = Array.from(from.rows, (row) => (side === BID ? Math.floor(row / times) : Math.ceil(row / times)));
    const rows = Int32Array.from(new Set(rowsOf));
    const cells = new Float64Array(rows.length * TILE_COLUMNS);
    let place = -1;
    rowsOf.forEach((row, i) => {
      if (rows[place] !== row) place += 1;
      for (let column = 0; column < TILE_COLUMNS; column += 1) {
        const at = place * TILE_COLUMNS + column;
        cells[at] = (cells[at] as number) + (from.cells[i * TILE_COLUMNS + column] as number);
      }
    });
    return { ...from, rows, cells };
  };
  return { ...tile, rowUnits, sides: [taller(0), taller(1)] };
}
