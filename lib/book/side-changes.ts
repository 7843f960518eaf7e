/**
 * What a side's frame changes of the frame before: the way from snapshots to the updates that backtesters take. Levels that
 * left the feed's window are gone like those that were cancelled: a snapshot does not tell the two apart.
 */
import { BID, type Side, SideLevels } from '../core/side.ts';

/** @param quantity 0: the level is gone */
export type TakeChange = (price: number, quantity: number) => void;

export class SideChanges {
  /** Prices better and better are larger on the bid side, smaller on the other. */
  private readonly sign: 1 | -1;
  /** Of the frame before, each price once. */
  private readonly before = new SideLevels();
  private readonly now = new SideLevels();

  constructor(side: Side) {
    this.sign = side === BID ? 1 : -1;
  }

  /** Takes a frame, best first. Tells first the levels that are gone, then those that are new or another. */
  next(levels: SideLevels, take: TakeChange): void {
    const { before, now } = this;
    onePerPrice(levels, now);
    let to = 0;
    for (let i = 0; i < before.count; i += 1) {
      const price = before.prices[i] as number;
      while (to < now.count && this.isBetter(now.prices[to] as number, price)) to += 1;
      if (to >= now.count || now.prices[to] !== price) take(price, 0);
    }
    let at = 0;
    for (let i = 0; i < now.count; i += 1) {
      const price = now.prices[i] as number;
      const quantity = now.quantities[i] as number;
      while (at < before.count && this.isBetter(before.prices[at] as number, price)) at += 1;
      const isSame = at < before.count && before.prices[at] === price && before.quantities[at] === quantity;
      if (!isSame) take(price, quantity);
    }
    before.copyFrom(now);
  }

  /** Forgets the side: after a hole nothing of it is known. Tells each level as gone. */
  clear(take: TakeChange): void {
    const { before } = this;
    for (let i = 0; i < before.count; i += 1) take(before.prices[i] as number, 0);
    before.count = 0;
  }

  private isBetter(price: number, than: number): boolean {
    return (price - than) * this.sign > 0;
  }
}

/** Adds up levels of one price, which stand side by side, and leaves out those without a quantity. */
function onePerPrice(levels: SideLevels, into: SideLevels): void {
  let count = 0;
  for (let i = 0; i < levels.count; i += 1) {
    const price = levels.prices[i] as number;
    const quantity = levels.quantities[i] as number;
    if (quantity === 0) continue;
    if (count > 0 && into.prices[count - 1] === price) {
      into.quantities[count - 1] = (into.quantities[count - 1] as number) + quantity;
      continue;
    }
    into.prices[count] = price;
    into.quantities[count] = quantity;
    count += 1;
  }
  into.count = count;
}
