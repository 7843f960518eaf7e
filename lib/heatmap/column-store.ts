/**
 * Columns of one width: for each, the last frame of each side that fell into it, level by level. A frame belongs where its
 * book time does, so that the two sides of a book stand in one column. Frames may come in any order and any number of
 * times, from the live stream and from history alike: in each column the newest frame of a side wins, so the two join
 * without a seam whichever comes first.
 */
import type { BookSide, TickMessage } from '../book/messages.ts';
import { ABSENT } from '../core/absent.ts';
import { ASK, BID, MAX_LEVELS, type Side } from '../core/side.ts';
import { Coverage } from './coverage.ts';
import { columnOf } from './tiers.ts';
import type { TileValue } from './tile.ts';
import { emptyTick, TradeList } from './trades.ts';

/** Columns that are allocated and given up together: 1.2 MB of levels. */
export const BLOCK_COLUMNS = 256;

const SLOTS = BLOCK_COLUMNS * 2;

export class ColumnBlock {
  /** Price units, best first, MAX_LEVELS to a slot; a slot is one side of one column. */
  readonly prices = new Int32Array(SLOTS * MAX_LEVELS);
  readonly quantities = new Uint32Array(SLOTS * MAX_LEVELS);
  readonly orders = new Uint32Array(SLOTS * MAX_LEVELS);
  readonly counts = new Uint16Array(SLOTS);
  /** Receive stamp of the frame in each slot; 0 where there is none. */
  readonly stampsUs = new Float64Array(SLOTS);
  readonly trades = new TradeList();

  /** @param number the block's first column, in blocks */
  constructor(readonly number: number) {}
}

/** One side of one column, where it lies in its block. Reused; valid until the store changes. */
export class Frame {
  prices: Int32Array = new Int32Array(0);
  quantities: Uint32Array = new Uint32Array(0);
  orders: Uint32Array = new Uint32Array(0);
  /** Index of the best level. */
  start = 0;
  count = 0;
  /** Receive stamp, µs; 0 where a tile told it. */
  stampUs = 0;
  /** Best price at the end, price units; ABSENT where there is none. */
  best = ABSENT;
  /** The lowest and the highest best price of the column; where only its last book is known, that one's. */
  bestLow = ABSENT;
  bestHigh = ABSENT;
  /** Whether the orders are known. */
  hasOrders = true;
  /** What the quantities are of all that stood in the column. */
  value: TileValue = 'last';

  /** Lets the frame stand for a side that is held elsewhere. */
  pointAt(side: Readonly<BookSide>): void {
    this.prices = side.levels.prices;
    this.quantities = side.levels.quantities;
    this.orders = side.levels.orders;
    this.start = 0;
    this.count = side.levels.count;
    this.stampUs = side.stampUs;
    this.isBook();
  }

  /** Says of what was put into it that it is a book, not a column of a tile. */
  isBook(): void {
    this.best = this.count > 0 ? (this.prices[this.start] as number) : ABSENT;
    this.bestLow = this.best;
    this.bestHigh = this.best;
    this.hasOrders = true;
    this.value = 'last';
  }
}

export class ColumnStore {
  readonly blocks = new Map<number, ColumnBlock>();
  /** What is held completely. */
  readonly coverage = new Coverage();
  /** Raised by every trade that is kept. */
  tradesVersion = 0;
  private recent: ColumnBlock | null = null;

  constructor(readonly columnUs: number) {}

  /** Keeps the frame if it is the newest of its column and side. */
  put(column: number, side: Side, frame: Frame): boolean {
    const block = this.blockFor(column);
    const slot = slotOf(column, side);
    if (frame.stampUs < (block.stampsUs[slot] as number)) return false;
    const { count, prices, quantities, orders, start: from } = frame;
    const to = slot * MAX_LEVELS;
    for (let i = 0; i < count; i += 1) {
      block.prices[to + i] = prices[from + i] as number;
      block.quantities[to + i] = quantities[from + i] as number;
      block.orders[to + i] = orders[from + i] as number;
    }
    block.counts[slot] = count;
    block.stampsUs[slot] = frame.stampUs;
    return true;
  }

  /** Keeps a trade, unless it is held already. */
  putTrade(tick: TickMessage): boolean {
    const isNew = this.blockFor(columnOf(tick.stampUs, this.columnUs)).trades.add(tick);
    if (isNew) this.tradesVersion += 1;
    return isNew;
  }

  /** The frame of a side that fell into this very column; false where there is none. */
  frame(column: number, side: Side, into: Frame): boolean {
    const block = this.find(column);
    if (!block) return false;
    const slot = slotOf(column, side);
    const stampUs = block.stampsUs[slot] as number;
    if (stampUs === 0) return false;
    into.prices = block.prices;
    into.quantities = block.quantities;
    into.orders = block.orders;
    into.start = slot * MAX_LEVELS;
    into.count = block.counts[slot] as number;
    into.stampUs = stampUs;
    into.isBook();
    return true;
  }

  /** The last frame of a side in the `columns` columns before this one; false where there is none. */
  frameBefore(column: number, columns: number, side: Side, into: Frame): boolean {
    for (let at = column - 1; at >= column - columns; at -= 1) {
      if (this.frame(at, side, into)) return true;
      // Where there is no block at all, the next one to look into is the one before.
      if (!this.find(at)) at = Math.floor(at / BLOCK_COLUMNS) * BLOCK_COLUMNS;
    }
    return false;
  }

  /** Makes columns of what a store of finer ones holds: the last finer column in each is what history would give. */
  deriveFrom(finer: ColumnStore): void {
    for (const held of finer.coverage.all) {
      for (const { fromUs, toUs } of this.coverage.missing(held.fromUs, held.toUs)) {
        this.copyFrom(finer, fromUs, toUs);
        this.coverage.add(fromUs, toUs);
      }
    }
  }

  /** Gives up a block and the claim to hold its time. */
  drop(number: number): void {
    this.blocks.delete(number);
    if (this.recent?.number === number) this.recent = null;
    const blockUs = BLOCK_COLUMNS * this.columnUs;
    this.coverage.remove(number * blockUs, (number + 1) * blockUs);
  }

  private copyFrom(finer: ColumnStore, fromUs: number, toUs: number): void {
    const frame = new Frame();
    const finerInOne = this.columnUs / finer.columnUs;
    const last = columnOf(toUs, finer.columnUs);
    for (let column = columnOf(fromUs, finer.columnUs); column <= last; column += 1) {
      const to = Math.floor(column / finerInOne);
      if (finer.frame(column, BID, frame)) this.put(to, BID, frame);
      if (finer.frame(column, ASK, frame)) this.put(to, ASK, frame);
    }
    const tick = emptyTick();
    for (const { trades } of finer.blocks.values()) {
      for (let i = 0; i < trades.count; i += 1) {
        trades.read(i, tick);
        if (tick.stampUs >= fromUs && tick.stampUs < toUs) this.putTrade(tick);
      }
    }
  }

  private find(column: number): ColumnBlock | null {
    const number = Math.floor(column / BLOCK_COLUMNS);
    if (this.recent?.number === number) return this.recent;
    const block = this.blocks.get(number) ?? null;
    if (block) this.recent = block;
    return block;
  }

  private blockFor(column: number): ColumnBlock {
    const found = this.find(column);
    if (found) return found;
    const block = new ColumnBlock(Math.floor(column / BLOCK_COLUMNS));
    this.blocks.set(block.number, block);
    this.recent = block;
    return block;
  }
}

const slotOf = (column: number, side: Side): number =>
  (column - Math.floor(column / BLOCK_COLUMNS) * BLOCK_COLUMNS) * 2 + side;
