/** What is usual for an instrument, learned once for all its detectors. */
import type { Side } from '../core/side.ts';
import type { MarketView } from './market-view.ts';
import { INPUT } from './market-view.ts';
import { RollingQuantile } from './rolling-quantile.ts';

/** What a value counts after so long, halved. A session is six hours: the morning is half forgotten by eleven. */
const HALF_LIFE_US = 45 * 60_000_000;
/** Levels are looked at so often. */
const SAMPLE_US = 1_000_000;
/** Levels so near the mid count, basis points. */
export const NEAR_BPS = 15;
/** Seen so many levels and trades it is known what is usual. */
const LEVELS_LEAST = 3000;
const TRADES_LEAST = 60;

export class Usual {
  /** Few levels near the mid hold more: the 99th percentile, units. */
  readonly level = new RollingQuantile(0.99, HALF_LIFE_US);
  /** The same of orders at a level. */
  readonly orders = new RollingQuantile(0.99, HALF_LIFE_US);
  /** What trades between two ticks: the 90th percentile, units. In a lively hour the 99th would be a large trade itself. */
  readonly trade = new RollingQuantile(0.9, HALF_LIFE_US);
  /** The same of the last fill alone. */
  readonly fill = new RollingQuantile(0.9, HALF_LIFE_US);
  private readonly sampledUs = new Float64Array(2);

  get knowsLevels(): boolean {
    return this.level.count >= LEVELS_LEAST;
  }

  get knowsTrades(): boolean {
    return this.trade.count >= TRADES_LEAST;
  }

  /** After the detectors have looked: nothing is compared with itself. */
  learn(view: MarketView): void {
    if (view.input === INPUT.trade) {
      this.trade.add(view.tradeQuantity, view.stampUs);
      this.fill.add(view.lastQuantity, view.stampUs);
    } else if (view.input === INPUT.side && view.isWhole) {
      this.sample(view, view.side);
    }
  }

  private sample(view: MarketView, side: Side): void {
    if (view.stampUs - (this.sampledUs[side] as number) < SAMPLE_US) return;
    this.sampledUs[side] = view.stampUs;
    const { count, prices, quantities, orders } = view.sides[side];
    const reach = (view.mid * NEAR_BPS) / 10_000;
    for (let i = 0; i < count && Math.abs((prices[i] as number) - view.mid) <= reach; i += 1) {
      this.level.add(quantities[i] as number, view.stampUs);
      this.orders.add(orders[i] as number, view.stampUs);
    }
  }
}
