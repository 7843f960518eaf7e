/**
 * Key levels: prices at which far more orders rest than elsewhere, with their lives. Forming once old enough to be believed, active
 * later, breaking when the price has come to them or their orders go, broken when it has gone through; gone when it was withdrawn.
 */
import { BID, type Side } from '../core/side.ts';
import { against, Detector, sideFrames } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { frameName, type Signal, type SignalState } from './signal.ts';
import type { Usual } from './usual.ts';

export const KEY_LEVEL_OPTIONS = {
  /** Orders, in multiples of the mean of all levels of the side. */
  timesMean: 2.5,
  /** And in multiples of the 99th percentile of orders at levels near the mid; 0: whatever that is. */
  timesUsual: 2,
  /** And so many units rest there, at least. */
  minQuantity: 0,
  /** So far from the mid, price units; 0: basis points decide. */
  reach: 0,
  reachBps: 40,
  /** Ages, µs. */
  formingUs: 5_000_000,
  activeUs: 10_000_000,
  /** The price has come so near, price units; 0: half a basis point. It is breaking then, once so much of its orders has gone. */
  testedWithin: 0,
  breakingShare: 0.5,
  /** It has gone where fewer orders than this share of its threshold are left for so long, µs. */
  goneShare: 0.5,
  goneUs: 1_000_000,
};
export type KeyLevelOptions = Readonly<typeof KEY_LEVEL_OPTIONS>;

interface KeyLevel {
  readonly side: Side;
  readonly price: number;
  readonly fromUs: number;
  readonly fromN: number;
  /** When it last held enough. */
  heldUs: number;
  peakOrders: number;
  peakQuantity: number;
  strength: number;
  state: SignalState | null;
  /** When its first state was told: names it. */
  namedUs: number;
  tests: number;
  near: boolean;
}

const LEVELS_MAX = 64;
/** So often a side is looked through: these levels live for many seconds. */
const LOOK_US = 200_000;

export class KeyLevels extends Detector {
  private levels: KeyLevel[] = [];
  private readonly lookedUs = new Float64Array(2);

  constructor(
    private readonly usual: Usual,
    private readonly options: KeyLevelOptions = KEY_LEVEL_OPTIONS,
    name = 'key_levels',
  ) {
    super(name, 1, options);
  }

  get ready(): boolean {
    return this.options.timesUsual === 0 || this.usual.knowsLevels;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.side || !this.ready || !view.isWhole) return;
    if (view.stampUs - (this.lookedUs[view.side] as number) < LOOK_US) return;
    this.lookedUs[view.side] = view.stampUs;
    const { side, stampUs } = view;
    const levels = view.sides[side];
    const { count, orders, prices, quantities } = levels;
    if (count === 0) return;
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += orders[i] as number;
    const mean = sum / count;
    const least = Math.max(this.options.timesMean * mean, this.options.timesUsual * this.usual.orders.value);
    const reach = this.options.reach > 0 ? this.options.reach : (view.mid * this.options.reachBps) / 10_000;
    for (let i = 0; i < count && Math.abs((prices[i] as number) - view.mid) <= reach; i += 1) {
      if ((orders[i] as number) <= least || (quantities[i] as number) < this.options.minQuantity) continue;
      this.hold(view, side, prices[i] as number, orders[i] as number, quantities[i] as number, mean);
    }
    for (let i = this.levels.length - 1; i >= 0; i -= 1) {
      const level = this.levels[i] as KeyLevel;
      if (level.side === side && this.live(view, level, least, stampUs, found)) this.levels.splice(i, 1);
    }
  }

  reset(): void {
    this.levels = [];
  }

  private hold(view: MarketView, side: Side, price: number, orders: number, quantity: number, mean: number): void {
    let level = this.levels.find((one) => one.side === side && one.price === price);
    if (!level) {
      if (this.levels.length >= LEVELS_MAX) return;
      const { stampUs, n } = view;
      level = {
        side,
        price,
        fromUs: stampUs,
        fromN: n,
        heldUs: stampUs,
        peakOrders: 0,
        peakQuantity: 0,
        strength: 0,
        state: null,
        namedUs: 0,
        tests: 0,
        near: false,
      };
      this.levels.push(level);
    }
    level.heldUs = view.stampUs;
    level.peakOrders = Math.max(level.peakOrders, orders);
    level.peakQuantity = Math.max(level.peakQuantity, quantity);
    level.strength = orders / mean;
  }

  /** One look at a level's life. @returns whether it is over */
  private live(view: MarketView, level: KeyLevel, least: number, stampUs: number, found: Signal[]): boolean {
    const { formingUs, activeUs, breakingShare, goneShare, goneUs } = this.options;
    const { side, price } = level;
    const forward = side === BID ? -1 : 1;
    const best = view.best(side);
    const quantity = view.quantityAt(side, price);
    if (quantity < 0) return true;
    const orders = quantity === 0 ? 0 : view.ordersAt(side, price);
    const ageUs = stampUs - level.fromUs;
    const within = this.options.testedWithin > 0 ? this.options.testedWithin : (price * 0.5) / 10_000;
    const near = best >= 0 && Math.abs(best - price) <= within;
    if (near && !level.near) level.tests += 1;
    level.near = near;
    const through = quantity === 0 && (best < 0 || (best - price) * forward > 0);
    if (through) {
      if (level.state) this.become(view, level, 'broken', orders, least, found);
      return true;
    }
    if (orders < goneShare * least && stampUs - level.heldUs > goneUs) {
      if (level.state) this.become(view, level, 'gone', orders, least, found);
      return true;
    }
    if (level.state === null && ageUs >= formingUs) this.become(view, level, 'forming', orders, least, found);
    if (level.state === 'forming' && ageUs >= activeUs && orders >= goneShare * level.peakOrders)
      this.become(view, level, 'active', orders, least, found);
    if (level.state === 'active' && near && orders <= (1 - breakingShare) * level.peakOrders) {
      this.become(view, level, 'breaking', orders, least, found);
    }
    return false;
  }

  private become(
    view: MarketView,
    level: KeyLevel,
    state: SignalState,
    orders: number,
    least: number,
    found: Signal[],
  ): void {
    if (level.state === null) level.namedUs = view.stampUs;
    level.state = state;
    this.tell(view, found, {
      kind: 'key_level',
      fromUs: level.fromUs,
      toUs: view.stampUs,
      lowPrice: level.price,
      highPrice: level.price,
      side: level.side,
      size: level.peakQuantity,
      margin: level.peakOrders / Math.max(1, least),
      certainty: 1,
      cause: {
        orders: against(orders, least),
        peakOrders: against(level.peakOrders, null),
        strength: against(level.strength, this.options.timesMean),
        ageSeconds: against((view.stampUs - level.fromUs) / 1e6, this.options.formingUs / 1e6),
        tests: against(level.tests, null),
      },
      evidence: [frameName(view.feedId, level.fromUs, level.fromN), ...sideFrames(view, level.side)],
      state,
      namedUs: level.namedUs,
    });
  }
}
