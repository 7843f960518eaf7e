/**
 * Sizes that came into the book, or left it without a trade, in one go: of each column the largest changes against the column
 * before, by price row, and which of them are large beside all that this instrument shows.
 */
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { PRINT_WINDOW_US } from '../orderflow/passive-tape.ts';
import { SIDES } from './book-rows.ts';
import type { ColumnSource } from './cell-ring.ts';
import { BLOCK_COLUMNS, type ColumnStore, Frame } from './column-store.ts';
import { COLUMN_STATE } from './depth-model.ts';
import { rowOf } from './price-rows.ts';
import { BIN_COUNT, binOf, quantityOfBin } from './quantity-bins.ts';
import { columnOf, TIERS_US, type Tier } from './tiers.ts';

export interface BigChange {
  readonly column: number;
  readonly row: number;
  readonly side: Side;
  /** Units: above 0 what came, below 0 what left and was not traded. */
  readonly change: number;
  /** Units that traded there at the time; 0 of what came. */
  readonly traded: number;
}

/** Which changes are large. */
export interface ChangeRule {
  /** The largest one in so many of all changes. */
  readonly oneIn: number;
  /** Units; smaller ones are not large, however rare. */
  readonly least: number;
}

/** What is looked at. */
export interface ChangeWindow {
  readonly fromColumn: number;
  readonly toColumn: number;
  /** Number of the topmost row. */
  readonly topRow: number;
  readonly rows: number;
  readonly nowUs: number;
}

/** Kept of a side of a column; more marks than that in one column could not be told apart. */
const KEPT = 8;
/** The largest of what is looked at. */
const FOUND_MAX = 200;

/** The side of a column that the next one is compared with: a source's levels are gone once it is asked again. */
class HeldSide {
  column = Number.NaN;
  count = 0;
  prices = new Int32Array(256);
  quantities = new Uint32Array(256);

  /** Null: the side is not known in that column, or is not a book. */
  keep(column: number, frame: Frame | null): void {
    this.column = column;
    this.count = frame?.count ?? 0;
    if (!frame) return;
    const { start, count } = frame;
    if (count > this.prices.length) {
      this.prices = new Int32Array(2 * count);
      this.quantities = new Uint32Array(2 * count);
    }
    for (let i = 0; i < count; i += 1) {
      this.prices[i] = frame.prices[start + i] as number;
      this.quantities[i] = frame.quantities[start + i] as number;
    }
  }
}

export class BigChanges {
  private width = 0;
  private tier: Tier = 0;
  private rowUnits = 0;
  private columns = new Float64Array(0);
  /** Columns whose changes the histogram has already, by side. */
  private counted = new Float64Array(0);
  private counts = new Uint8Array(0);
  private rows = new Int32Array(0);
  private changes = new Float64Array(0);
  /** All changes by size. */
  private readonly histogram = new Uint32Array(BIN_COUNT);
  private total = 0;
  private readonly frame = new Frame();
  private readonly before = [new HeldSide(), new HeldSide()] as const;
  private isCounting = false;
  private version = 0;
  private foundKey = '';
  private list: readonly BigChange[] = [];

  /** Makes room; forgets everything where columns or rows are of another size: their changes are no measure of these. */
  fit(tier: Tier, rowUnits: number, columns: number): void {
    if (tier === this.tier && rowUnits === this.rowUnits && columns <= this.width) return;
    this.tier = tier;
    this.rowUnits = rowUnits;
    this.width = Math.max(this.width, columns);
    this.columns = new Float64Array(this.width).fill(Number.NaN);
    this.counted = new Float64Array(2 * this.width).fill(Number.NaN);
    this.counts = new Uint8Array(2 * this.width);
    this.rows = new Int32Array(2 * KEPT * this.width);
    this.changes = new Float64Array(2 * KEPT * this.width);
    this.histogram.fill(0);
    this.total = 0;
    for (const held of this.before) held.column = Number.NaN;
    this.version += 1;
  }

  /** Columns that have changed, and the one after, which is compared with them. */
  forget(from: number, to: number): void {
    for (let slot = 0; slot < this.width; slot += 1) {
      const column = this.columns[slot] as number;
      if (column >= from && column <= to + 1) this.columns[slot] = Number.NaN;
    }
    for (const held of this.before) if (held.column >= from && held.column <= to) held.column = Number.NaN;
  }

  /** Works out those of the columns that are over and not held. */
  write(source: ColumnSource, fromColumn: number, toColumn: number, nowUs: number): void {
    const last = Math.min(toColumn, columnOf(nowUs, TIERS_US[this.tier]) - 1);
    for (let column = fromColumn; column <= last; column += 1) {
      const slot = column - Math.floor(column / this.width) * this.width;
      if (this.columns[slot] === column) continue;
      this.columns[slot] = column;
      for (const side of SIDES) this.writeSide(source, column, slot, side, nowUs);
      this.version += 1;
    }
  }

  /** Units from which on a change is large; null before there is anything to measure by. */
  threshold({ oneIn, least }: ChangeRule): number | null {
    if (this.total === 0) return null;
    let above = 0;
    for (let bin = BIN_COUNT - 1; bin > 0; bin -= 1) {
      above += this.histogram[bin] as number;
      if (above * oneIn >= this.total) return Math.max(least, quantityOfBin(bin));
    }
    throw new Error('unreachable: the counts of a histogram reach their own total');
  }

  /**
   * The large changes within a window, the largest first. What has left is told once no trade can come any more that
   * explains it.
   *
   * @param store has the trades
   */
  found(window: ChangeWindow, rule: ChangeRule, store: ColumnStore): readonly BigChange[] {
    const { fromColumn, toColumn, topRow, rows, nowUs } = window;
    const settled = columnOf(nowUs - PRINT_WINDOW_US, store.columnUs);
    const least = this.threshold(rule);
    const key = [this.version, fromColumn, toColumn, topRow, rows, settled, least, store.tradesVersion].join();
    if (key === this.foundKey) return this.list;
    this.foundKey = key;
    const list: BigChange[] = [];
    for (let column = fromColumn; column <= toColumn && least !== null; column += 1) {
      const slot = column - Math.floor(column / this.width) * this.width;
      if (this.columns[slot] !== column) continue;
      for (const side of SIDES) {
        const first = (2 * slot + side) * KEPT;
        for (let at = first; at < first + (this.counts[2 * slot + side] as number); at += 1) {
          const row = this.rows[at] as number;
          const change = this.changes[at] as number;
          if (Math.abs(change) < least || row > topRow || row <= topRow - rows) continue;
          if (change > 0) list.push({ column, row, side, change, traded: 0 });
          else if (column < settled) {
            const traded = tradedAt(store, side, row, this.rowUnits, column);
            if (-change - traded >= least) list.push({ column, row, side, change: change + traded, traded });
          }
        }
      }
    }
    list.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
    this.list = list.slice(0, FOUND_MAX);
    return this.list;
  }

  private writeSide(source: ColumnSource, column: number, slot: number, side: Side, nowUs: number): void {
    const { frame } = this;
    const before = this.before[side];
    this.counts[2 * slot + side] = 0;
    if (before.column !== column - 1) before.keep(column - 1, this.bookOf(source, column - 1, side, nowUs));
    const now = this.bookOf(source, column, side, nowUs);
    if (now && now.count > 0 && before.count > 0) {
      // Once, and not before there was anything to count: history comes when it comes.
      this.isCounting = this.counted[2 * slot + side] !== column;
      this.counted[2 * slot + side] = column;
      this.compare(slot, side, before);
    }
    before.keep(column, now && frame);
  }

  /** Largest and mean sizes of a column are not what stood at its end: nothing came or left between them. */
  private bookOf(source: ColumnSource, column: number, side: Side, nowUs: number): Frame | null {
    const { frame } = this;
    const isData = source.resolve(this.tier, column, side, nowUs, frame) === COLUMN_STATE.data;
    return isData && frame.value === 'last' ? frame : null;
  }

  /** Both are sorted, so those of a row stand together. What lies beyond the last level of either may be there all the same. */
  private compare(slot: number, side: Side, before: HeldSide): void {
    const { frame: now, rowUnits } = this;
    const forward = side === BID ? -1 : 1;
    const [nowEnd, beforeEnd] = [now.start + now.count, before.count];
    const farNow = rowOf(now.prices[nowEnd - 1] as number, side, rowUnits);
    const farBefore = rowOf(before.prices[beforeEnd - 1] as number, side, rowUnits);
    const far = side === BID ? Math.max(farNow, farBefore) : Math.min(farNow, farBefore);
    let i = now.start;
    let j = 0;
    while (i < nowEnd && j < beforeEnd) {
      const rowNow = rowOf(now.prices[i] as number, side, rowUnits);
      const rowBefore = rowOf(before.prices[j] as number, side, rowUnits);
      const row = (rowNow - rowBefore) * forward <= 0 ? rowNow : rowBefore;
      if ((row - far) * forward >= 0) return;
      let change = 0;
      for (; i < nowEnd && rowOf(now.prices[i] as number, side, rowUnits) === row; i += 1) {
        change += now.quantities[i] as number;
      }
      for (; j < beforeEnd && rowOf(before.prices[j] as number, side, rowUnits) === row; j += 1) {
        change -= before.quantities[j] as number;
      }
      if (change !== 0) this.keep(slot, side, row, change);
    }
  }

  private keep(slot: number, side: Side, row: number, change: number): void {
    if (this.isCounting) {
      const bin = binOf(Math.abs(change));
      this.histogram[bin] = (this.histogram[bin] as number) + 1;
      this.total += 1;
    }
    const first = (2 * slot + side) * KEPT;
    const count = this.counts[2 * slot + side] as number;
    let at = first + count;
    if (count === KEPT) {
      at = first;
      for (let i = first + 1; i < first + KEPT; i += 1) {
        if (Math.abs(this.changes[i] as number) < Math.abs(this.changes[at] as number)) at = i;
      }
      if (Math.abs(change) <= Math.abs(this.changes[at] as number)) return;
    } else this.counts[2 * slot + side] = count + 1;
    this.rows[at] = row;
    this.changes[at] = change;
  }
}

/** Units that may have traded against a side at a row from the column before to the end of this one: prints come late or early. */
function tradedAt(store: ColumnStore, side: Side, row: number, rowUnits: number, column: number): number {
  const fromUs = (column - 1) * store.columnUs - PRINT_WINDOW_US;
  const toUs = (column + 1) * store.columnUs + PRINT_WINDOW_US;
  const other = side === ASK ? AGGRESSOR.sell : AGGRESSOR.buy;
  const lastBlock = Math.floor(columnOf(toUs, store.columnUs) / BLOCK_COLUMNS);
  let volume = 0;
  for (let number = Math.floor(columnOf(fromUs, store.columnUs) / BLOCK_COLUMNS); number <= lastBlock; number += 1) {
    const trades = store.blocks.get(number)?.trades;
    if (!trades) continue;
    for (let i = trades.firstFrom(fromUs); i < trades.count && (trades.stampsUs[i] as number) < toUs; i += 1) {
      const isThere = rowOf(trades.prices[i] as number, side, rowUnits) === row;
      if (isThere && trades.aggressor(i) !== other) volume += trades.volumes[i] as number;
    }
  }
  return volume;
}

/** Changes that would lie upon each other, as one mark at the place of the largest. */
export interface ChangeMark {
  readonly x: number;
  readonly y: number;
  readonly side: Side;
  /** Units, summed up. */
  change: number;
  /** Changes in it. */
  count: number;
}

const MERGE_PX = { x: 22, y: 12 };

/** @param changes largest first. @param placeOf CSS px */
export function mergeChanges(
  changes: readonly BigChange[],
  placeOf: (change: BigChange) => { readonly x: number; readonly y: number },
): ChangeMark[] {
  const marks: ChangeMark[] = [];
  for (const each of changes) {
    const { x, y } = placeOf(each);
    const near = marks.find(
      (mark) =>
        mark.side === each.side &&
        mark.change > 0 === each.change > 0 &&
        Math.abs(mark.x - x) < MERGE_PX.x &&
        Math.abs(mark.y - y) < MERGE_PX.y,
    );
    if (near) {
      near.change += each.change;
      near.count += 1;
    } else marks.push({ x, y, side: each.side, change: each.change, count: 1 });
  }
  return marks;
}
