/** Pulled and stacked within the last seconds, price by price: the book now against copies of it from before. */
import type { TickMessage } from '../book/messages.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { eachNetChange } from '../orderflow/pull-stack.ts';

const US_PER_SECOND = 1_000_000;
/** Windows that can be chosen, s. */
export const CHANGE_WINDOWS_S = [5, 10, 30] as const;
const COPIES = 32;

interface Copy {
  stampUs: number;
  readonly levels: SideLevels;
}

/** One side's copies, about a second apart. */
class Copies {
  private readonly ring: Copy[] = Array.from({ length: COPIES }, () => ({ stampUs: 0, levels: new SideLevels() }));
  private count = 0;

  note(levels: SideLevels, stampUs: number): void {
    const newest = this.ring[(this.count - 1) % COPIES];
    if (this.count > 0 && newest && stampUs - newest.stampUs < US_PER_SECOND) return;
    const copy = this.ring[this.count % COPIES] as Copy;
    copy.stampUs = stampUs;
    copy.levels.copyFrom(levels);
    this.count += 1;
  }

  /** The newest that is at least as old as `us`; else the oldest. Null where there is none. */
  at(us: number): Copy | null {
    let found: Copy | null = null;
    for (let i = this.count - 1; i >= Math.max(0, this.count - COPIES); i -= 1) {
      found = this.ring[i % COPIES] as Copy;
      if (found.stampUs <= us) break;
    }
    return found;
  }

  clear(): void {
    this.count = 0;
  }
}

interface Trade {
  readonly stampUs: number;
  readonly price: number;
  readonly quantity: number;
  /** The side that it took from; null where nobody knows. */
  readonly against: Side | null;
}

export class RecentChanges {
  private readonly copies = [new Copies(), new Copies()] as const;
  private trades: Trade[] = [];
  private readonly executed = new Map<number, number>();

  note(side: Side, levels: SideLevels, stampUs: number): void {
    this.copies[side].note(levels, stampUs);
  }

  trade({ stampUs, lastPrice: price, volumeDelta: quantity, aggressor }: TickMessage): void {
    if (quantity <= 0) return;
    const against = aggressor === AGGRESSOR.unknown ? null : aggressor === AGGRESSOR.buy ? ASK : BID;
    this.trades.push({ stampUs, price, quantity, against });
    const oldestUs = stampUs - COPIES * US_PER_SECOND;
    if ((this.trades[0] as Trade).stampUs < oldestUs) this.trades = this.trades.filter((it) => it.stampUs >= oldestUs);
  }

  /** Nothing is compared over a hole. */
  clear(): void {
    for (const copies of this.copies) copies.clear();
    this.trades = [];
  }

  /**
   * Net change of each price of a side since `windowUs` before `stampUs`, units. Prices that the feed's window did not reach then are
   * left out: nobody knows what rested there.
   */
  each(side: Side, now: SideLevels, stampUs: number, windowUs: number, take: (price: number, change: number) => void) {
    const before = this.copies[side].at(stampUs - windowUs);
    if (!before) return;
    const { executed } = this;
    executed.clear();
    for (const trade of this.trades) {
      if (trade.stampUs <= before.stampUs || trade.against === (side === BID ? ASK : BID)) continue;
      executed.set(trade.price, (executed.get(trade.price) ?? 0) + trade.quantity);
    }
    const { levels } = before;
    const forward = side === ASK ? 1 : -1;
    const reach = levels.count > 0 ? (levels.prices[levels.count - 1] as number) : 0;
    eachNetChange(now, levels, side, MAX_LEVELS, executed, (price, change) => {
      if (change !== 0 && (price - reach) * forward <= 0) take(price, change);
    });
  }
}
