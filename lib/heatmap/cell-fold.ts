/** Folds the books of one side into cells of one value at one height of rows, column by column. */
import { MAX_LEVELS, type Side, type SideLevels } from '../core/side.ts';
import { rowOf } from './price-rows.ts';
import { TILE_COLUMNS, type TileValue } from './tile.ts';

/** Rows around the first one that are found by their place in an array; those farther off, by a map. */
const NEAR_ROWS = 16_384;
const ROWS_FIRST = 256;
/** Units. More than any row holds: what a broken frame claims beyond it would not fit the weighed sums (2^52). */
export const ROW_SIZE_MAX = 2 ** 36;

export class CellFold {
  private cells = new Float64Array(ROWS_FIRST * TILE_COLUMNS);
  private rows = new Int32Array(ROWS_FIRST);
  private count = 0;
  /** Number of the row at the array's beginning; where it is null no row was met yet. */
  private nearFrom: number | null = null;
  /** Index of a row plus 1; 0: not met. */
  private readonly near = new Int32Array(NEAR_ROWS);
  private readonly far = new Map<number, number>();
  /** Cells that the last book of a column has filled, for the value `last`: the next one takes their place. */
  private readonly filled = new Int32Array(MAX_LEVELS);
  private filledCount = 0;
  private filledColumn = -1;

  /** @param rowUnits height of a row, price units */
  constructor(
    private readonly side: Side,
    private readonly value: TileValue,
    private readonly rowUnits: number,
  ) {}

  /** Takes in a book that stood in a column for `ms`. Books of a column come in the order in which they stood. */
  add({ prices, quantities, count }: SideLevels, column: number, ms: number): void {
    if (this.value === 'last') this.forgetLast(column);
    const { side, rowUnits } = this;
    let row = 0;
    let sum = 0;
    // Levels are sorted, so those of a row stand together.
    for (let i = 0; i < count; i += 1) {
      const next = rowOf(prices[i] as number, side, rowUnits);
      if (next !== row) {
        if (sum > 0) this.write(row, column, sum, ms);
        row = next;
        sum = 0;
      }
      sum += quantities[i] as number;
    }
    if (sum > 0) this.write(row, column, sum, ms);
  }

  /** Rows that hold anything, ascending, and their cells. */
  finish(): { rows: Int32Array<ArrayBuffer>; cells: Float64Array<ArrayBuffer> } {
    const kept = Array.from({ length: this.count }, (_, i) => i)
      .filter((i) => this.cells.subarray(i * TILE_COLUMNS, (i + 1) * TILE_COLUMNS).some((cell) => cell !== 0))
      .sort((a, b) => (this.rows[a] as number) - (this.rows[b] as number));
    const cells = new Float64Array(kept.length * TILE_COLUMNS);
    kept.forEach((from, to) => {
      cells.set(this.cells.subarray(from * TILE_COLUMNS, (from + 1) * TILE_COLUMNS), to * TILE_COLUMNS);
    });
    return { rows: Int32Array.from(kept, (i) => this.rows[i] as number), cells };
  }

  private write(row: number, column: number, size: number, ms: number): void {
    const sum = size > ROW_SIZE_MAX ? ROW_SIZE_MAX : size;
    const at = this.indexOf(row) * TILE_COLUMNS + column;
    if (this.value === 'max') {
      if (sum > (this.cells[at] as number)) this.cells[at] = sum;
    } else if (this.value === 'mean') {
      this.cells[at] = (this.cells[at] as number) + sum * ms;
    } else {
      this.cells[at] = sum;
      this.filled[this.filledCount] = at;
      this.filledCount += 1;
    }
  }

  private forgetLast(column: number): void {
    if (column === this.filledColumn) {
      for (let i = 0; i < this.filledCount; i += 1) this.cells[this.filled[i] as number] = 0;
    }
    this.filledCount = 0;
    this.filledColumn = column;
  }

  private indexOf(row: number): number {
    this.nearFrom ??= row - NEAR_ROWS / 2;
    const place = row - this.nearFrom;
    if (place >= 0 && place < NEAR_ROWS) {
      const known = this.near[place] as number;
      if (known > 0) return known - 1;
      this.near[place] = this.count + 1;
      return this.newRow(row);
    }
    const known = this.far.get(row);
    if (known !== undefined) return known;
    this.far.set(row, this.count);
    return this.newRow(row);
  }

  private newRow(row: number): number {
    const index = this.count;
    if (index === this.rows.length) {
      const rows = new Int32Array(2 * index);
      rows.set(this.rows);
      this.rows = rows;
      const cells = new Float64Array(2 * index * TILE_COLUMNS);
      cells.set(this.cells);
      this.cells = cells;
    }
    this.rows[index] = row;
    this.count += 1;
    return index;
  }
}
