/**
 * The picture of the book over time, one pixel to a cell: columns of time in a ring, rows of price within a window
 * somewhat taller than the screen. Scrolling writes one column, panning only what comes into sight; a change of colours
 * is one pass through a table. The renderer scales it to the screen in one step.
 */
import { ABSENT } from '../core/absent.ts';
import type { Side } from '../core/side.ts';
import { SIDES } from './book-rows.ts';
import { Frame } from './column-store.ts';
import { COLUMN_STATE, type ColumnState } from './depth-model.ts';
import { rowOf } from './price-rows.ts';
import { BIN_COUNT, binOf } from './quantity-bins.ts';
import type { Tier } from './tiers.ts';

/** "No price", where a side of a column is empty or unknown. */
export const NO_PRICE = -2_147_483_648;

/**
 * Columns of one row lie side by side in memory and a column is written downwards. With a power of two between its cells
 * they would all fall into the same few lines of the processor's cache; an odd number of lines (16 pixels) spreads them.
 */
const LINE_PX = 16;
const oddLines = (pixels: number): number => (Math.ceil(pixels / LINE_PX) | 1) * LINE_PX;

/** Neighbouring columns that lie side by side in the ring. */
export interface Span {
  readonly column: number;
  readonly slot: number;
  readonly count: number;
}

/** Rows kept above and below the screen together, as a part of its own, so that panning does not rebuild at once. */
const ROW_MARGIN_SHARE = 0.5;

/** Where columns come from: the model, or the model as it was when it was paused. */
export interface ColumnSource {
  /** What a side of a column is, as of `nowUs`; its levels go into `into` where it is data. */
  resolve(tier: Tier, column: number, side: Side, nowUs: number, into: Frame): ColumnState;
}

/** What the cells are of: a change of it redraws everything. */
export interface RingShape {
  readonly tier: Tier;
  /** Price units a row. */
  readonly rowUnits: number;
  /** Cells of fewer orders are left empty. */
  readonly minOrders: number;
}

export class CellRing {
  /** Columns and rows of the picture. */
  width = 0;
  height = 0;
  /** RGBA, as ImageData takes it. */
  pixels = new Uint8ClampedArray(0);
  /** Number of the row at the top. */
  topRow = 0;
  /** Slots whose pixels were rewritten since `takeChanged`, as a range. */
  private changedFrom = Number.POSITIVE_INFINITY;
  private changedTo = Number.NEGATIVE_INFINITY;

  private words = new Uint32Array(0);
  private cells = new Uint16Array(0);
  private columns = new Float64Array(0);
  private states = new Uint8Array(0);
  private bests = new Int32Array(0);
  private bestLows = new Int32Array(0);
  private bestHighs = new Int32Array(0);
  private shape: RingShape = { tier: 0, rowUnits: 1, minOrders: 0 };
  private readonly frame = new Frame();

  /**
   * Makes room for these columns and rows of the screen; forgets the picture where its shape no longer fits.
   *
   * @param columns columns on the screen
   * @param topRow number of the first row on the screen
   * @param rows rows on the screen
   */
  fit(shape: RingShape, columns: number, topRow: number, rows: number): void {
    const width = oddLines(columns + 1);
    const height = Math.ceil((rows * (1 + ROW_MARGIN_SHARE)) / LINE_PX) * LINE_PX;
    const roomy = this.width >= width && this.height >= rows && this.height <= 2 * height;
    const within = topRow <= this.topRow && topRow - rows >= this.topRow - this.height;
    const same =
      shape.tier === this.shape.tier &&
      shape.rowUnits === this.shape.rowUnits &&
      shape.minOrders === this.shape.minOrders;
    if (roomy && within && same) return;
    if (!roomy) {
      this.width = Math.max(width, this.width);
      this.height = height;
      this.pixels = new Uint8ClampedArray(this.width * height * 4);
      this.words = new Uint32Array(this.pixels.buffer);
      this.cells = new Uint16Array(this.width * height);
      this.columns = new Float64Array(this.width);
      this.states = new Uint8Array(this.width * 2);
      this.bests = new Int32Array(this.width * 2);
      this.bestLows = new Int32Array(this.width * 2);
      this.bestHighs = new Int32Array(this.width * 2);
    }
    this.shape = shape;
    this.topRow = topRow + Math.floor((this.height - rows) / 2);
    this.columns.fill(Number.NaN);
  }

  /** Columns [from, to] as they lie in the ring: in one piece, or in two where it wraps. */
  spans(from: number, to: number): Span[] {
    const slot = this.slotOf(from);
    const count = to - from + 1;
    const first = Math.min(count, this.width - slot);
    const spans = [{ column: from, slot, count: first }];
    if (first < count) spans.push({ column: from + first, slot: 0, count: count - first });
    return spans;
  }

  /** State of a side of a column that is held. */
  stateOf(column: number, side: Side): ColumnState {
    return this.states[this.slotOf(column) * 2 + side] as ColumnState;
  }

  /** Best price of a side of a column that is held; NO_PRICE where there is none. */
  bestOf(column: number, side: Side): number {
    return this.bests[this.slotOf(column) * 2 + side] as number;
  }

  /** The lowest best price of a side of a column that is held, as far as is known; NO_PRICE where there is none. */
  bestLowOf(column: number, side: Side): number {
    return this.bestLows[this.slotOf(column) * 2 + side] as number;
  }

  /** The highest, likewise. */
  bestHighOf(column: number, side: Side): number {
    return this.bestHighs[this.slotOf(column) * 2 + side] as number;
  }

  /** Drops columns from the picture, to be written again when they are shown. */
  forget(from: number, to: number): void {
    for (let slot = 0; slot < this.width; slot += 1) {
      const column = this.columns[slot] as number;
      if (column >= from && column <= to) this.columns[slot] = Number.NaN;
    }
  }

  /** Writes those of the columns that are not held, as of `nowUs`; returns how many. */
  write(source: ColumnSource, from: number, to: number, nowUs: number, table: Uint32Array): number {
    let written = 0;
    for (let column = from; column <= to; column += 1) {
      const slot = this.slotOf(column);
      if (this.columns[slot] === column) continue;
      this.columns[slot] = column;
      this.writeColumn(source, column, slot, nowUs);
      this.colour(table, slot, slot + 1);
      written += 1;
    }
    return written;
  }

  /** Gives every cell the colour that the table now has for it. */
  recolour(table: Uint32Array): void {
    const { cells, words } = this;
    for (let i = 0; i < cells.length; i += 1) words[i] = table[cells[i] as number] as number;
    this.mark(0, this.width);
  }

  /** Slots [from, to) whose pixels have changed since this was last asked; null where none have. */
  takeChanged(): { from: number; to: number } | null {
    if (this.changedFrom >= this.changedTo) return null;
    const changed = { from: this.changedFrom, to: this.changedTo };
    this.changedFrom = Number.POSITIVE_INFINITY;
    this.changedTo = Number.NEGATIVE_INFINITY;
    return changed;
  }

  /** Counts the cells of these columns and rows by quantity bin, both sides together. */
  count(fromColumn: number, toColumn: number, topRow: number, rows: number, histogram: Uint32Array): void {
    histogram.fill(0);
    const firstRow = Math.max(0, this.topRow - topRow);
    const lastRow = Math.min(this.height, firstRow + rows);
    for (const { slot, count } of this.spans(fromColumn, toColumn)) {
      for (let row = firstRow; row < lastRow; row += 1) {
        const start = row * this.width + slot;
        for (let at = start; at < start + count; at += 1) {
          const cell = this.cells[at] as number;
          const bin = cell < BIN_COUNT ? cell : cell - BIN_COUNT;
          histogram[bin] = (histogram[bin] as number) + 1;
        }
      }
    }
  }

  private writeColumn(source: ColumnSource, column: number, slot: number, nowUs: number): void {
    const { cells, width, height, frame } = this;
    for (let at = slot; at < width * height; at += width) cells[at] = 0;
    for (const side of SIDES) {
      const state = source.resolve(this.shape.tier, column, side, nowUs, frame);
      const data = state === COLUMN_STATE.data;
      this.states[slot * 2 + side] = state;
      const hasBest = data && frame.best !== ABSENT;
      this.bests[slot * 2 + side] = hasBest ? frame.best : NO_PRICE;
      this.bestLows[slot * 2 + side] = hasBest ? frame.bestLow : NO_PRICE;
      this.bestHighs[slot * 2 + side] = hasBest ? frame.bestHigh : NO_PRICE;
      if (data) this.writeSide(side, slot);
    }
  }

  /** Sums the frame's levels up by row: they are sorted, so those of a row stand together. */
  private writeSide(side: Side, slot: number): void {
    const { topRow, frame } = this;
    const { rowUnits, minOrders } = this.shape;
    const { prices, quantities, orders, start, count } = frame;
    const base = side * BIN_COUNT;
    let y = -1;
    let sum = 0;
    let sumOrders = 0;
    for (let i = start; i < start + count; i += 1) {
      const next = topRow - rowOf(prices[i] as number, side, rowUnits);
      if (next !== y) {
        if (sumOrders >= minOrders) this.writeCell(y, slot, base, sum);
        y = next;
        sum = 0;
        sumOrders = 0;
      }
      sum += quantities[i] as number;
      sumOrders += orders[i] as number;
    }
    if (sumOrders >= minOrders) this.writeCell(y, slot, base, sum);
  }

  private writeCell(y: number, slot: number, base: number, sum: number): void {
    if (y >= 0 && y < this.height && sum > 0) this.cells[y * this.width + slot] = base + binOf(sum);
  }

  private colour(table: Uint32Array, from: number, to: number): void {
    const { cells, words, width } = this;
    for (let row = 0; row < cells.length; row += width) {
      for (let at = row + from; at < row + to; at += 1) words[at] = table[cells[at] as number] as number;
    }
    this.mark(from, to);
  }

  private slotOf(column: number): number {
    return column - Math.floor(column / this.width) * this.width;
  }

  private mark(from: number, to: number): void {
    this.changedFrom = Math.min(this.changedFrom, from);
    this.changedTo = Math.max(this.changedTo, to);
  }
}
