/**
 * One side of a book by price: quantity and number of orders of every level, however many there are.
 *
 * Levels stand in sorted arrays, the best one last: nearly everything happens near the touch, so an insertion or
 * removal moves only the few levels that are better.
 */
import { BID, MAX_LEVELS, type Side, type SideLevels } from '../core/side.ts';

const INITIAL_CAPACITY = 256;

export class Ladder {
  /** Levels that stand. */
  count = 0;
  /** Sum of all levels' quantities. */
  quantity = 0;
  /** Moves with every change: tells whether an extract is still good. */
  version = 0;

  private prices = new Int32Array(INITIAL_CAPACITY);
  private quantities = new Float64Array(INITIAL_CAPACITY);
  private orders = new Uint32Array(INITIAL_CAPACITY);

  constructor(readonly side: Side) {}

  /** Best price in price units; null where the side is empty. */
  get best(): number | null {
    return this.count > 0 ? (this.prices[this.count - 1] as number) : null;
  }

  /** Adds to a level what may also be negative. A level left without quantity is gone. */
  change(price: number, quantity: number, orders: number): void {
    const at = this.find(price);
    if (!this.holds(at, price)) {
      this.insert(at, price, quantity, orders);
      return;
    }
    this.write(at, (this.quantities[at] as number) + quantity, (this.orders[at] as number) + orders);
  }

  /** Makes a level what it is said to be; quantity 0 removes it. Returns whether anything changed. */
  set(price: number, quantity: number, orders: number): boolean {
    const at = this.find(price);
    if (!this.holds(at, price)) {
      if (quantity === 0) return false;
      this.insert(at, price, quantity, orders);
      return true;
    }
    if (this.quantities[at] === quantity && this.orders[at] === orders) return false;
    this.write(at, quantity, orders);
    return true;
  }

  clear(): void {
    this.count = 0;
    this.quantity = 0;
    this.version += 1;
  }

  /** Copies the best levels, best first. */
  extract(into: SideLevels, levels = MAX_LEVELS): void {
    const count = Math.min(this.count, levels);
    into.count = count;
    for (let i = 0, from = this.count - 1; i < count; i += 1, from -= 1) {
      into.prices[i] = this.prices[from] as number;
      into.quantities[i] = this.quantities[from] as number;
      into.orders[i] = this.orders[from] as number;
    }
  }

  /** Index of the level with this price, or of the first better one: where it would have to be inserted. */
  private find(price: number): number {
    const { prices } = this;
    const bids = this.side === BID;
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const here = prices[middle] as number;
      if (bids ? here < price : here > price) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  private holds(at: number, price: number): boolean {
    return at < this.count && this.prices[at] === price;
  }

  private write(at: number, quantity: number, orders: number): void {
    this.version += 1;
    this.quantity += quantity - (this.quantities[at] as number);
    if (quantity > 0) {
      this.quantities[at] = quantity;
      this.orders[at] = orders;
      return;
    }
    this.prices.copyWithin(at, at + 1, this.count);
    this.quantities.copyWithin(at, at + 1, this.count);
    this.orders.copyWithin(at, at + 1, this.count);
    this.count -= 1;
  }

  private insert(at: number, price: number, quantity: number, orders: number): void {
    if (this.count === this.prices.length) this.grow();
    this.prices.copyWithin(at + 1, at, this.count);
    this.quantities.copyWithin(at + 1, at, this.count);
    this.orders.copyWithin(at + 1, at, this.count);
    this.prices[at] = price;
    this.quantities[at] = quantity;
    this.orders[at] = orders;
    this.count += 1;
    this.quantity += quantity;
    this.version += 1;
  }

  private grow(): void {
    const capacity = this.prices.length * 2;
    const { prices, quantities, orders } = this;
    this.prices = new Int32Array(capacity);
    this.prices.set(prices);
    this.quantities = new Float64Array(capacity);
    this.quantities.set(quantities);
    this.orders = new Uint32Array(capacity);
    this.orders.set(orders);
  }
}
