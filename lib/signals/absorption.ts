/**
 * Absorption: within a time, far more traded into one price than is usual and than was shown there, and the price did not trade
 * beyond it.
 */
import { AGGRESSOR } from '../core/aggressor.ts';
import { BID, type Side } from '../core/side.ts';
import { against, Detector, tickFrame } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { RollingQuantile } from './rolling-quantile.ts';
import { frameName, type Signal } from './signal.ts';
import type { Usual } from './usual.ts';

export const ABSORPTION_OPTIONS = {
  /** Trades of so long count together, µs. */
  windowUs: 15_000_000,
  /** So near to the price, basis points of it, and no trade further beyond. */
  zoneBps: 0.15,
  /** So many times the 75th percentile of what trades within such a zone and time. */
  timesUsualZone: 3,
  /** And so many times the 90th percentile of what trades between two ticks. */
  timesUsual: 9,
  /** And of what was shown at the price at first. */
  timesShown: 1.5,
  /** In at least so many ticks ... */
  ticks: 3,
  /** ... of which none has more than this share: what one large trade left in the window is no absorption. */
  largestShare: 0.5,
  /** The same price is not told twice within, µs. */
  quietUs: 30_000_000,
};

const HALF_LIFE_US = 45 * 60_000_000;
const ZONES_LEAST = 60;

export class Absorption extends Detector {
  private readonly usualZone = new RollingQuantile(0.75, HALF_LIFE_US);
  private readonly toldUs = new Float64Array(2);
  private readonly toldPrice = new Float64Array(2);

  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof ABSORPTION_OPTIONS> = ABSORPTION_OPTIONS,
  ) {
    super('absorption', 2, options);
  }

  get ready(): boolean {
    return this.usual.knowsTrades && this.usualZone.count >= ZONES_LEAST;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.trade || view.tradeAggressor === AGGRESSOR.unknown) return;
    const { side, tradePrice } = view;
    const { windowUs, zoneBps, timesShown } = this.options;
    const { trades } = view;
    const zone = Math.max(1, (tradePrice * zoneBps) / 10_000);
    const forward = side === BID ? -1 : 1;
    let volume = 0;
    let ticks = 0;
    let largest = 0;
    let shown = 0;
    let first = trades.count - 1;
    for (let i = trades.count - 1; i >= trades.oldest && trades.stamp(i) > view.stampUs - windowUs; i -= 1) {
      if (!trades.hit(i, side)) continue;
      const beyond = (trades.price(i) - tradePrice) * forward;
      // It traded beyond: what came before that did not hold the price.
      if (beyond > zone) break;
      if (beyond < -zone) continue;
      volume += trades.quantity(i);
      ticks += 1;
      largest = Math.max(largest, trades.quantity(i));
      first = i;
      if (trades.displayed(i) > 0) shown = trades.displayed(i);
    }
    const least = Math.max(
      this.options.timesUsual * this.usual.trade.value,
      this.options.timesUsualZone * this.usualZone.value,
    );
    if (
      this.ready &&
      ticks >= this.options.ticks &&
      volume >= least &&
      largest <= this.options.largestShare * volume &&
      volume >= timesShown * shown &&
      this.holds(view, side)
    ) {
      this.absorbed(view, found, side, volume, least, shown, ticks, first);
    }
    this.usualZone.add(volume, view.stampUs);
  }

  reset(): void {
    this.toldUs.fill(0);
  }

  /** Whether the side still stands at the price. */
  private holds(view: MarketView, side: Side): boolean {
    const zone = Math.max(1, (view.tradePrice * this.options.zoneBps) / 10_000);
    const best = view.best(side);
    return best >= 0 && (best - view.tradePrice) * (side === BID ? -1 : 1) <= zone;
  }

  private absorbed(
    view: MarketView,
    found: Signal[],
    side: Side,
    volume: number,
    least: number,
    shown: number,
    ticks: number,
    first: number,
  ): void {
    const { tradePrice, stampUs, trades } = view;
    const zone = Math.max(1, (tradePrice * this.options.zoneBps) / 10_000);
    const near = Math.abs((this.toldPrice[side] as number) - tradePrice) <= 4 * zone;
    if (near && stampUs - (this.toldUs[side] as number) < this.options.quietUs) return;
    this.toldUs[side] = stampUs;
    this.toldPrice[side] = tradePrice;
    this.tell(view, found, {
      kind: 'absorption',
      fromUs: trades.stamp(first),
      toUs: stampUs,
      lowPrice: tradePrice,
      highPrice: tradePrice,
      side,
      size: volume,
      margin: volume / least,
      certainty: 0.9,
      cause: {
        volume: against(volume, least),
        timesShown: against(shown > 0 ? volume / shown : 0, shown > 0 ? this.options.timesShown : null),
        ticks: against(ticks, this.options.ticks),
      },
      evidence: [
        frameName(view.tickFeedId, trades.stamp(first), trades.place(first)),
        frameName(view.feedId, view.sideUs[side] as number, view.frameNumbers(side)[1]),
        ...tickFrame(view),
      ],
    });
  }
}
