/** Far more traded between two ticks than is usual, or a single fill far larger. What a tick sums up is taken as one trade. */
import { AGGRESSOR } from '../core/aggressor.ts';
import { against, Detector, tickFrame } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import type { Signal } from './signal.ts';
import type { Usual } from './usual.ts';

export const LARGE_TRADE_OPTIONS = {
  /** So many times the 90th percentile of what trades between two ticks. */
  timesUsual: 5.2,
  /** So many times the 90th percentile of single fills. */
  fillTimesUsual: 5.2,
};

export class LargeTrades extends Detector {
  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof LARGE_TRADE_OPTIONS> = LARGE_TRADE_OPTIONS,
  ) {
    super('large_trades', 1, options);
  }

  get ready(): boolean {
    return this.usual.knowsTrades;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.trade || !this.ready) return;
    const { tradeQuantity, lastQuantity } = view;
    const least = this.options.timesUsual * this.usual.trade.value;
    if (tradeQuantity >= least) this.large(view, found, 'large_trade', tradeQuantity, least);
    const leastFill = this.options.fillTimesUsual * this.usual.fill.value;
    if (lastQuantity >= leastFill && lastQuantity <= tradeQuantity && this.usual.fill.count > 0) {
      this.large(view, found, 'large_lot', lastQuantity, leastFill);
    }
  }

  reset(): void {
    // Nothing is ever under way.
  }

  private large(
    view: MarketView,
    found: Signal[],
    kind: 'large_trade' | 'large_lot',
    quantity: number,
    least: number,
  ): void {
    this.tell(view, found, {
      kind,
      fromUs: view.stampUs,
      toUs: view.stampUs,
      lowPrice: view.tradePrice,
      highPrice: view.tradePrice,
      side: view.tradeAggressor === AGGRESSOR.unknown ? null : view.side,
      size: quantity,
      margin: quantity / least,
      certainty: 1,
      cause: { quantity: against(quantity, least) },
      evidence: tickFrame(view),
    });
  }
}
