/** Folds the books of one side into cells of one value at one height of rows, column by column. */
import type { Side } from '../core/side.ts';
import { RowSums } from './row-sums.ts';
import { TILE_COLUMNS, type TileValue } from './tile.ts';

/** Rows around the first one that are found by their place in an array; those farther off, by a map. */
const NEAR_ROWS = 16_384;
const ROWS_FIRST = 256;
/** Units. More than any row holds: what a broken frame claims beyond it would not fit the weighed sums (2^52). */
export const ROW_SIZE_MAX = 2 ** 36;

export class CellFold {
  private cells = new Float64Array(ROWS_FIRST * TILE_COLUMNS);
  private rows = new Int32Array(ROWS_FIRST);
  /** Cells of the column that is being folded, one a row: side by side, as those of `cells` are not, whose columns are. */
  private current = new Float64Array(ROWS_FIRST);
  private column = -1;
  private count = 0;
  /** Number of the row at the array's beginning; where it is null no row was met yet. */
  private nearFrom: number | null = null;
  /** Index of a row plus 1; 0: not met. */
  private readonly near = new Int32Array(NEAR_ROWS);
  private readonly far = new Map<number, number>();
  /** For the value `last`: the last book of a column, which is written when the column is over. */
  private readonly last: RowSums;
  private lastColumn = -1;

  /** @param rowUnits height of a row, price units */
  constructor(
    side: Side,
    private readonly value: TileValue,
    rowUnits: number,
  ) {
    this.last = new RowSums(side, rowUnits);
  }

  /** Takes in a book, by rows of this height, that stood in a column for `ms`. Books come in the order in which they stood. */
  add(book: RowSums, column: number, ms: number): void {
    if (this.value === 'last') {
      if (column !== this.lastColumn) this.writeLast();
      this.lastColumn = column;
      this.last.copyFrom(book);
      return;
    }
    this.write(book, column, ms);
  }

  /** Rows that hold anything, ascending, and their cells. */
  finish(): { rows: Int32Array<ArrayBuffer>; cells: Float64Array<ArrayBuffer> } {
    this.writeLast();
    this.endColumn();
    const kept = Array.from({ length: this.count }, (_, i) => i)
      .filter((i) => this.cells.subarray(i * TILE_COLUMNS, (i + 1) * TILE_COLUMNS).some((cell) => cell !== 0))
      .sort((a, b) => (this.rows[a] as number) - (this.rows[b] as number));
    const cells = new Float64Array(kept.length * TILE_COLUMNS);
    kept.forEach((from, to) => {
      cells.set(this.cells.subarray(from * TILE_COLUMNS, (from + 1) * TILE_COLUMNS), to * TILE_COLUMNS);
    });
    return { rows: Int32Array.from(kept, (i) => this.rows[i] as number), cells };
  }

  private writeLast(): void {
    if (this.lastColumn >= 0) this.write(this.last, this.lastColumn, 0);
    this.lastColumn = -1;
  }

  private write({ rows, sums, count }: RowSums, column: number, ms: number): void {
    if (column !== this.column) this.endColumn();
    this.column = column;
    const isMean = this.value === 'mean';
    for (let i = 0; i < count; i += 1) {
      const size = sums[i] as number;
      if (size === 0) continue;
      const sum = size > ROW_SIZE_MAX ? ROW_SIZE_MAX : size;
      const at = this.indexOf(rows[i] as number);
      const before = this.current[at] as number;
      if (isMean) this.current[at] = before + sum * ms;
      else if (sum > before) this.current[at] = sum;
    }
  }

  private endColumn(): void {
    const { cells, current, column, count } = this;
    if (column < 0) return;
    for (let i = 0; i < count; i += 1) cells[i * TILE_COLUMNS + column] = current[i] as number;
    current.fill(0);
    this.column = -1;
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
      const current = new Float64Array(2 * index);
      current.set(this.current);
      this.current = current;
      const cells = new Float64Array(2 * index * TILE_COLUMNS);
      cells.set(this.cells);
      this.cells = cells;
    }
    this.rows[index] = row;
    this.count += 1;
    return index;
  }
}
