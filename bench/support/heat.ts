/** A picture of the heatmap as numbers: the largest size at each price row in each column, both sides beside each other. */
import { ASK, BID } from '../../lib/core/side.ts';
import { TILE_COLUMNS, type Tile } from '../../lib/heatmap/tile.ts';
import { HOUR } from './books.ts';

/** Price of the lowest row and rows, in ticks of 10 price units: what the synthetic future moves in, and some. */
const LOW_TICK = 259_500;
const ROWS = 2000;
export const TICK = 10;

export class Heat {
  readonly columns: number;
  readonly cells: Uint32Array;

  constructor(readonly columnMs: number) {
    this.columns = (HOUR.toUs - HOUR.fromUs) / (columnMs * 1000);
    this.cells = new Uint32Array(2 * ROWS * this.columns);
  }

  clear(): void {
    this.cells.fill(0);
  }

  put(side: number, tick: number, column: number, size: number): void {
    const row = tick - LOW_TICK;
    if (row < 0 || row >= ROWS) throw new RangeError(`tick ${tick} lies outside of the picture`);
    this.cells[(side * ROWS + row) * this.columns + column] = size;
  }

  putTile(tile: Tile): void {
    const first = (tile.startUs - HOUR.fromUs) / (this.columnMs * 1000);
    for (const side of [BID, ASK] as const) {
      const { rows, cells } = tile.sides[side];
      let from = 0;
      for (const row of rows) {
        let at = (side * ROWS + row - LOW_TICK) * this.columns + first;
        // Whole numbers to the engine before they are stored: it converts a float's bits more slowly.
        for (const stop = from + TILE_COLUMNS; from < stop; from += 1) this.cells[at++] = (cells[from] as number) >>> 0;
      }
    }
  }

  /** Cells that hold anything. */
  get lit(): number {
    return this.cells.reduce((count, cell) => count + (cell > 0 ? 1 : 0), 0);
  }
}

/** The picture in SQL on rows of levels, for PostgreSQL and DuckDB alike. @param second seconds of a time, in the dialect */
export const heatSql = (columnMs: number, second: string): string =>
  `SELECT CASE side WHEN 'BID' THEN 0 ELSE 1 END AS side, CAST(price * 10 AS integer) AS tick,
     CAST(floor(${second} * 1000 / ${columnMs}) AS bigint) AS slot, max(quantity) AS size
   FROM depth_levels_peer
   WHERE security_id = 55796 AND time >= '${new Date(HOUR.fromUs / 1000).toISOString()}' AND time < '${new Date(HOUR.toUs / 1000).toISOString()}'
   GROUP BY 1, 2, 3`;
