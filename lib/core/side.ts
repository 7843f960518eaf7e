/** One side of a book, as a feed gave it: the level arrays that travel from decoder to database to screen. */

/** Levels that Dhan's deepest feed gives a side; no side has more. */
export const MAX_LEVELS = 200;

export const BID = 0;
export const ASK = 1;
export type Side = typeof BID | typeof ASK;

/** Facts about a side frame that a reader of its numbers should know. Bit flags. */
export const FRAME_FLAG = {
  /** Levels came in another order and were sorted. */
  unsorted: 1,
  /** Levels were dropped: their price was no price. */
  levelsDropped: 2,
  /** The row count and the size of the packet disagreed. */
  rowsDisagreed: 4,
  /** Two levels carry the same price. */
  duplicatePrice: 8,
} as const;

/** Levels of one side, best first. Arrays are fixed and reused; only the first `count` entries mean anything. */
export class SideLevels {
  count = 0;
  /** Price units. */
  readonly prices: Int32Array;
  /** Units, not lots. */
  readonly quantities: Uint32Array;
  /** Number of orders; 0 where the feed does not say. */
  readonly orders: Uint32Array;

  /** `capacity`: fewer than MAX_LEVELS where a feed can never give more and many sides are kept. */
  constructor(capacity = MAX_LEVELS) {
    this.prices = new Int32Array(capacity);
    this.quantities = new Uint32Array(capacity);
    this.orders = new Uint32Array(capacity);
  }

  copyFrom(other: SideLevels): void {
    this.count = other.count;
    this.prices.set(other.prices.subarray(0, other.count));
    this.quantities.set(other.quantities.subarray(0, other.count));
    this.orders.set(other.orders.subarray(0, other.count));
  }

  equals(other: SideLevels): boolean {
    if (this.count !== other.count) return false;
    for (let i = 0; i < this.count; i += 1) {
      if (
        this.prices[i] !== other.prices[i] ||
        this.quantities[i] !== other.quantities[i] ||
        this.orders[i] !== other.orders[i]
      ) {
        return false;
      }
    }
    return true;
  }

  /** Puts the levels in order, best first, and returns the flags that apply. Sorted input costs one pass. */
  sort(side: Side): number {
    const { prices, quantities, orders, count } = this;
    const sign = side === BID ? -1 : 1;
    let flags = 0;
    for (let i = 1; i < count; i += 1) {
      const step = ((prices[i] as number) - (prices[i - 1] as number)) * sign;
      if (step > 0) continue;
      if (step === 0) {
        flags |= FRAME_FLAG.duplicatePrice;
        continue;
      }
      flags |= FRAME_FLAG.unsorted;
      const price = prices[i] as number;
      const quantity = quantities[i] as number;
      const order = orders[i] as number;
      let to = i;
      while (to > 0 && (price - (prices[to - 1] as number)) * sign < 0) {
        prices[to] = prices[to - 1] as number;
        quantities[to] = quantities[to - 1] as number;
        orders[to] = orders[to - 1] as number;
        to -= 1;
      }
      prices[to] = price;
      quantities[to] = quantity;
      orders[to] = order;
      if (to > 0 && prices[to - 1] === price) flags |= FRAME_FLAG.duplicatePrice;
    }
    return flags;
  }
}
