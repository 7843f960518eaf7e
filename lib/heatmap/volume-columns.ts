/** What traded in each column, for the strip below the chart. */
import { AGGRESSOR } from '../core/aggressor.ts';
import { BLOCK_COLUMNS, type ColumnStore } from './column-store.ts';
import { columnOf } from './tiers.ts';

export class VolumeColumns {
  /** The first column, and how many there are. */
  fromColumn = 0;
  count = 0;
  /** Units, by column from the first one. */
  bought = new Float64Array(0);
  sold = new Float64Array(0);
  unknown = new Float64Array(0);
  /** The most of any column, units. */
  most = 0;

  /** Sums up the trades that are held of the columns, those before `toUs`. */
  sumUp(store: ColumnStore, fromColumn: number, toColumn: number, toUs: number): void {
    const { columnUs } = store;
    this.fromColumn = fromColumn;
    this.count = Math.max(0, toColumn - fromColumn + 1);
    if (this.bought.length < this.count) {
      for (const part of ['bought', 'sold', 'unknown'] as const) this[part] = new Float64Array(2 * this.count);
    }
    for (const part of [this.bought, this.sold, this.unknown]) part.fill(0, 0, this.count);
    const endUs = Math.min(toUs, (toColumn + 1) * columnUs);
    const lastBlock = Math.floor(toColumn / BLOCK_COLUMNS);
    for (let number = Math.floor(fromColumn / BLOCK_COLUMNS); number <= lastBlock; number += 1) {
      const trades = store.blocks.get(number)?.trades;
      if (!trades) continue;
      for (let i = trades.firstFrom(fromColumn * columnUs); i < trades.count; i += 1) {
        const stampUs = trades.stampsUs[i] as number;
        if (stampUs >= endUs) break;
        const aggressor = trades.aggressor(i);
        const part =
          aggressor === AGGRESSOR.buy ? this.bought : aggressor === AGGRESSOR.sell ? this.sold : this.unknown;
        const at = columnOf(stampUs, columnUs) - fromColumn;
        part[at] = (part[at] as number) + (trades.volumes[i] as number);
      }
    }
    this.most = 0;
    for (let at = 0; at < this.count; at += 1) this.most = Math.max(this.most, this.volumeAt(at));
  }

  /** Units of a column, counted from the first one. */
  volumeAt(at: number): number {
    return (this.bought[at] as number) + (this.sold[at] as number) + (this.unknown[at] as number);
  }
}
