/** One side of a book by price rows of one height: how much stands in each, in the order of the levels. */
import { MAX_LEVELS, type Side, type SideLevels } from '../core/side.ts';
import { rowOf } from './price-rows.ts';

export class RowSums {
  readonly rows = new Int32Array(MAX_LEVELS);
  /** Units. */
  readonly sums = new Float64Array(MAX_LEVELS);
  count = 0;

  /** @param rowUnits height of a row, price units */
  constructor(
    private readonly side: Side,
    readonly rowUnits: number,
  ) {}

  /** Levels are sorted, so those of a row stand together. */
  takeLevels({ prices, quantities, count }: SideLevels): void {
    const { rows, sums, side, rowUnits } = this;
    let last = -1;
    for (let i = 0; i < count; i += 1) {
      const row = rowOf(prices[i] as number, side, rowUnits) | 0;
      if (last < 0 || rows[last] !== row) {
        last += 1;
        rows[last] = row;
        sums[last] = 0;
      }
      sums[last] = (sums[last] as number) + (quantities[i] as number);
    }
    this.count = last + 1;
  }

  /** The same as of the levels, of rows whose height divides this one's: there are fewer of them. */
  takeFiner(finer: RowSums): void {
    const { rows, sums, side } = this;
    const factor = this.rowUnits / finer.rowUnits;
    let last = -1;
    for (let i = 0; i < finer.count; i += 1) {
      const row = rowOf(finer.rows[i] as number, side, factor) | 0;
      if (last < 0 || rows[last] !== row) {
        last += 1;
        rows[last] = row;
        sums[last] = 0;
      }
      sums[last] = (sums[last] as number) + (finer.sums[i] as number);
    }
    this.count = last + 1;
  }

  copyFrom({ rows, sums, count }: RowSums): void {
    this.rows.set(count === MAX_LEVELS ? rows : rows.subarray(0, count));
    this.sums.set(count === MAX_LEVELS ? sums : sums.subarray(0, count));
    this.count = count;
  }
}
