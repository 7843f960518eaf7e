/**
 * Pulling and stacking: by how much the quantity resting at prices near the touch grew or shrank beyond what trades explain.
 * From snapshots executions are known only as far as the prints are; without them this is the net change.
 */
import { ASK, type Side, type SideLevels } from '../core/side.ts';

export interface PullStack {
  /** Added, units. */
  readonly stacked: number;
  /** Taken away without a trade, units. */
  readonly pulled: number;
}

/** @param change units that came (positive) or went, beyond what trades explain; 0 where trades explain all of it */
export type TakeNetChange = (price: number, change: number) => void;

/**
 * One side, over the prices of its `levels` best levels now: Q now − Q before + executed since.
 *
 * @param executed units traded against this side since then, by price
 */
export function pullStackOf(
  now: SideLevels,
  before: SideLevels,
  side: Side,
  levels: number,
  executed: ReadonlyMap<number, number>,
): PullStack {
  let stacked = 0;
  let pulled = 0;
  eachNetChange(now, before, side, levels, executed, (_price, change) => {
    if (change > 0) stacked += change;
    else pulled -= change;
  });
  return { stacked, pulled };
}

/** The same price by price, best first; also of prices without a change. */
export function eachNetChange(
  now: SideLevels,
  before: SideLevels,
  side: Side,
  levels: number,
  executed: ReadonlyMap<number, number>,
  take: TakeNetChange,
): void {
  const forward = side === ASK ? 1 : -1;
  const end = Math.min(now.count, levels);
  let j = 0;
  for (let i = 0; i < end; i += 1) {
    const price = now.prices[i] as number;
    // Levels that were better than this one and are gone.
    while (j < before.count && ((before.prices[j] as number) - price) * forward < 0) {
      const gone = before.prices[j] as number;
      take(gone, (executed.get(gone) ?? 0) - (before.quantities[j] as number));
      j += 1;
    }
    const same = j < before.count && before.prices[j] === price;
    const quantityBefore = same ? (before.quantities[j] as number) : 0;
    if (same) j += 1;
    take(price, (now.quantities[i] as number) - quantityBefore + (executed.get(price) ?? 0));
  }
}

/** Positive: the book leans up. (stacked bid + pulled ask) − (stacked ask + pulled bid). */
export const leanOf = (bid: PullStack, ask: PullStack): number => bid.stacked + ask.pulled - (ask.stacked + bid.pulled);
