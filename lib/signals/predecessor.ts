/**
 * The predecessor's three by its own numbers, under its names: key levels, absorption and pressure. Points are rupees, 100 price
 * units. Its absorption compared orders with a quantity and read a price that was not there, so it never fired; this is what it
 * meant: the orders of a tested level go, and the price goes through it.
 */
import { BID, type Side } from '../core/side.ts';
import { against, Detector, sideFrames } from './detector.ts';
import { KEY_LEVEL_OPTIONS } from './key-levels.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { PRESSURE_OPTIONS } from './pressure.ts';
import { frameName, type Signal } from './signal.ts';

const POINT = 100;

export const PREDECESSOR_KEY_LEVEL = {
  ...KEY_LEVEL_OPTIONS,
  timesMean: 2.5,
  timesUsual: 0,
  minQuantity: 10_000,
  reach: 100 * POINT,
  testedWithin: 5 * POINT,
};
export const PREDECESSOR_PRESSURE = { ...PRESSURE_OPTIONS, atLeast: 0.3, timesUsual: 0, endShare: 1 };
export const PREDECESSOR_ABSORPTION = {
  /** The level is one of many orders, in multiples of the mean of its side. */
  timesMean: 2.5,
  /** Lost of the most orders it had. */
  reducedShare: 0.6,
  /** From the most it had to the price beyond it, µs. */
  withinUs: 120_000_000,
  /** So near to the price, price units. */
  reach: 40 * POINT,
  /** Tested: the price was so near, price units. */
  testedWithin: 5 * POINT,
};

interface Tested {
  readonly side: Side;
  readonly price: number;
  peak: number;
  peakUs: number;
  peakN: number;
  tested: boolean;
  quantity: number;
}

const LOOK_US = 200_000;
const LEVELS_MAX = 64;

export class PredecessorAbsorption extends Detector {
  private levels: Tested[] = [];
  private readonly lookedUs = new Float64Array(2);

  constructor(private readonly options: Readonly<typeof PREDECESSOR_ABSORPTION> = PREDECESSOR_ABSORPTION) {
    super('predecessor_absorption', 1, options);
  }

  get ready(): boolean {
    return true;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.side || !view.isWhole) return;
    if (view.stampUs - (this.lookedUs[view.side] as number) < LOOK_US) return;
    this.lookedUs[view.side] = view.stampUs;
    const { side, stampUs } = view;
    const { count, orders, prices, quantities } = view.sides[side];
    if (count === 0) return;
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += orders[i] as number;
    const least = (this.options.timesMean * sum) / count;
    for (let i = 0; i < count && Math.abs((prices[i] as number) - view.mid) <= this.options.reach; i += 1) {
      const number = orders[i] as number;
      if (number > least) this.note(side, prices[i] as number, number, quantities[i] as number, stampUs, view.n);
    }
    this.levels = this.levels.filter((level) => level.side !== side || this.stays(view, level, found));
  }

  reset(): void {
    this.levels = [];
  }

  private note(side: Side, price: number, orders: number, quantity: number, stampUs: number, n: number): void {
    let level = this.levels.find((one) => one.side === side && one.price === price);
    if (!level) {
      if (this.levels.length >= LEVELS_MAX) return;
      level = { side, price, peak: 0, peakUs: 0, peakN: 0, tested: false, quantity: 0 };
      this.levels.push(level);
    }
    if (orders < level.peak) return;
    level.peak = orders;
    level.peakUs = stampUs;
    level.peakN = n;
    level.quantity = quantity;
  }

  private stays(view: MarketView, level: Tested, found: Signal[]): boolean {
    const { side, price, peak } = level;
    const quantity = view.quantityAt(side, price);
    if (quantity < 0 || view.stampUs - level.peakUs > this.options.withinUs) return false;
    const best = view.best(side);
    if (best < 0) return false;
    if (Math.abs(best - price) <= this.options.testedWithin) level.tested = true;
    const through = quantity === 0 && (best - price) * (side === BID ? -1 : 1) > 0;
    const orders = quantity === 0 ? 0 : view.ordersAt(side, price);
    const reduced = (peak - orders) / peak;
    // Gone without the price: it was withdrawn.
    if (!through) return orders > 0 || !level.tested;
    if (!level.tested || reduced < this.options.reducedShare) return false;
    this.tell(view, found, {
      kind: 'order_absorption',
      fromUs: level.peakUs,
      toUs: view.stampUs,
      lowPrice: price,
      highPrice: price,
      side,
      size: level.quantity,
      margin: reduced / this.options.reducedShare,
      certainty: 0.5,
      cause: {
        reduced: against(reduced, this.options.reducedShare),
        peakOrders: against(peak, null),
        orders: against(orders, null),
      },
      evidence: [frameName(view.feedId, level.peakUs, level.peakN), ...sideFrames(view, side)],
    });
    return false;
  }
}
