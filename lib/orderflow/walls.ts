/** Walls: levels that hold far more than their neighbours. Thresholds scale with the book, never fixed quantities. */
import type { SideLevels } from '../core/side.ts';

export interface WallRule {
  /** Times the median level within `bps` of the mid. */
  readonly timesMedian: number;
  readonly bps: number;
  /** And at least so many units: some lots, and what few levels of the instrument exceed today. */
  readonly minQuantity: number;
}

/** Scratch of one caller: levels are compared without allocating anything a book. */
export class WallFinder {
  /** Places of the walls found last, best level first; the first `count` entries. */
  readonly places = new Int32Array(200);
  count = 0;
  /** Units of the median level near the mid. */
  median = 0;
  private readonly sorted = new Float64Array(200);

  constructor(private readonly rule: WallRule) {}

  find(side: SideLevels, mid: number): void {
    const { rule, sorted, places } = this;
    const reach = (mid * rule.bps) / 10_000;
    let near = 0;
    while (near < side.count && Math.abs((side.prices[near] as number) - mid) <= reach) {
      sorted[near] = side.quantities[near] as number;
      near += 1;
    }
    this.count = 0;
    this.median = 0;
    if (near === 0) return;
    const ordered = sorted.subarray(0, near).sort();
    const middle = near >> 1;
    this.median =
      near % 2 === 1
        ? (ordered[middle] as number)
        : ((ordered[middle - 1] as number) + (ordered[middle] as number)) / 2;
    const least = Math.max(rule.minQuantity, rule.timesMedian * this.median);
    for (let i = 0; i < near; i += 1) {
      if ((side.quantities[i] as number) < least) continue;
      places[this.count] = i;
      this.count += 1;
    }
  }
}
