/**
 * Resting orders that come and go near the touch: what joins the book and what leaves it without a trade. The book and the prints come on
 * feeds of their own, so what left waits a little for the print that explains it.
 */
import { SideChanges } from '../book/side-changes.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ASK, BID, type Side, type SideLevels } from '../core/side.ts';

export interface PassiveEvent {
  /** Of the frame that showed it. */
  readonly stampUs: number;
  readonly side: Side;
  /** Price units. */
  readonly price: number;
  readonly kind: 'added' | 'pulled';
  /** Units; of what was pulled, less what traded there. */
  readonly quantity: number;
  /** Units that traded there at the time. */
  readonly traded: number;
  /** What rests there now, units. */
  readonly left: number;
  /** Ticks from the best price of its side before. */
  readonly distance: number;
}

export interface PassiveRule {
  /** Units. */
  readonly minQuantity: number;
  /** Ticks from the best price of the side. */
  readonly withinTicks: number;
}

/** A print comes at most so long before or after the frame that shows what it took: feeds of ticks send once a second. */
export const PRINT_WINDOW_US = 1_200_000;

interface Left {
  readonly stampUs: number;
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  readonly left: number;
  readonly distance: number;
}

interface Print {
  readonly stampUs: number;
  readonly price: number;
  readonly against: Side | null;
  /** Units that no level that left has been explained by yet. */
  open: number;
}

export class PassiveTape {
  private readonly changes = [new SideChanges(BID), new SideChanges(ASK)] as const;
  private readonly resting = [new Map<number, number>(), new Map<number, number>()] as const;
  /** Best price of a side's last frame; null before the first. */
  private readonly best: [number | null, number | null] = [null, null];
  /** A price beyond it was not in the feed's window before. */
  private readonly reach: [number, number] = [0, 0];
  private waiting: Left[] = [];
  private prints: Print[] = [];

  constructor(
    private readonly tickSize: number,
    private readonly rule: PassiveRule,
    private readonly take: (event: PassiveEvent) => void,
  ) {}

  /** A side's frame, best first. */
  onSide(side: Side, levels: SideLevels, stampUs: number): void {
    const { rule } = this;
    const resting = this.resting[side];
    const touch = this.best[side];
    const forward = side === BID ? -1 : 1;
    this.changes[side].next(levels, (price, quantity) => {
      const before = resting.get(price) ?? 0;
      if (quantity === 0) resting.delete(price);
      else resting.set(price, quantity);
      // The first frame of a side is no event, and what comes into the feed's window from afar is none either.
      if (touch === null || (price - this.reach[side]) * forward > 0) return;
      const distance = Math.round(((price - touch) * forward) / this.tickSize);
      const change = quantity - before;
      if (Math.abs(distance) > rule.withinTicks || Math.abs(change) < rule.minQuantity) return;
      if (change > 0) {
        this.take({ stampUs, side, price, kind: 'added', quantity: change, traded: 0, left: quantity, distance });
      } else this.waiting.push({ stampUs, side, price, quantity: -change, left: quantity, distance });
    });
    const { count, prices } = levels;
    this.best[side] = count > 0 ? (prices[0] as number) : null;
    this.reach[side] = count > 0 ? (prices[count - 1] as number) : 0;
    this.settle(stampUs);
  }

  onTrade(price: number, quantity: number, aggressor: Aggressor, stampUs: number): void {
    if (quantity <= 0) return;
    const against = aggressor === AGGRESSOR.unknown ? null : aggressor === AGGRESSOR.buy ? ASK : BID;
    this.prints.push({ stampUs, price, against, open: quantity });
  }

  /** Tells what has left and was not traded, once no print can come for it any more. */
  private settle(nowUs: number): void {
    const due = this.waiting.filter(({ stampUs }) => nowUs - stampUs > PRINT_WINDOW_US);
    if (due.length === 0) return;
    this.waiting = this.waiting.filter(({ stampUs }) => nowUs - stampUs <= PRINT_WINDOW_US);
    for (const { quantity, ...left } of due) {
      const traded = this.explain(left.side, left.price, left.stampUs, quantity);
      if (quantity - traded < this.rule.minQuantity) continue;
      this.take({ ...left, kind: 'pulled', quantity: quantity - traded, traded });
    }
    this.prints = this.prints.filter(({ stampUs, open }) => open > 0 && nowUs - stampUs <= 2 * PRINT_WINDOW_US);
  }

  /** After a hole nothing is compared with what was before it. */
  clear(): void {
    for (const side of [BID, ASK] as const) {
      this.changes[side].clear((price) => this.resting[side].delete(price));
      this.best[side] = null;
    }
    this.waiting = [];
    this.prints = [];
  }

  /** Units of what left that prints at its price took; each print explains its own quantity once. */
  private explain(side: Side, price: number, stampUs: number, quantity: number): number {
    let open = quantity;
    for (const print of this.prints) {
      if (print.price !== price || (print.against !== null && print.against !== side)) continue;
      if (Math.abs(print.stampUs - stampUs) > PRINT_WINDOW_US) continue;
      const used = Math.min(open, print.open);
      print.open -= used;
      open -= used;
    }
    return quantity - open;
  }
}
