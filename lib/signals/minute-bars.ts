/** What stands out in the bar of a minute once it is over: stacked imbalances of its footprint, and a delta that diverges. */
import { ABSENT } from '../core/absent.ts';
import { ASK, BID } from '../core/side.ts';
import { type Bar, BarBuilder } from '../orderflow/bars.ts';
import { divergenceOf } from '../orderflow/divergence.ts';
import { Footprint, imbalancesOf, stackedImbalances } from '../orderflow/footprint.ts';
import { against, Detector, tickFrame } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import type { Signal } from './signal.ts';
import type { Usual } from './usual.ts';

const MINUTE_US = 60_000_000;

export const STACKED_OPTIONS = {
  /** Rows of a footprint are so high, basis points of the price, in whole ticks. */
  rowBps: 0.4,
  /** One side of the diagonal is so many times the other ... */
  ratio: 3,
  /** ... and larger by so many times the 90th percentile of what trades between two ticks, a tenth of it. */
  tenthsOfUsual: 15,
  /** Neighbouring rows, at least. */
  rows: 4,
};

export class StackedImbalances extends Detector {
  private footprint = new Footprint(1);
  private minuteUs = 0;
  private lastUs = 0;

  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof STACKED_OPTIONS> = STACKED_OPTIONS,
  ) {
    super('stacked_imbalances', 1, options);
  }

  get ready(): boolean {
    return this.usual.knowsTrades;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.trade || view.tickSize === 0) return;
    const minuteUs = Math.floor(view.stampUs / MINUTE_US) * MINUTE_US;
    if (minuteUs !== this.minuteUs) {
      if (this.minuteUs > 0 && this.ready) this.judge(view, found);
      const ticks = Math.max(1, Math.round((view.tradePrice * this.options.rowBps) / 10_000 / view.tickSize));
      this.footprint = new Footprint(ticks * view.tickSize);
      this.minuteUs = minuteUs;
    }
    this.lastUs = view.stampUs;
    this.footprint.add(view.tradePrice, view.tradeQuantity, view.tradeAggressor);
  }

  reset(): void {
    this.minuteUs = 0;
  }

  private judge(view: MarketView, found: Signal[]): void {
    const { rowHeight } = this.footprint;
    const minDifference = (this.options.tenthsOfUsual * this.usual.trade.value) / 10;
    const imbalances = imbalancesOf(this.footprint.rows(), rowHeight, { ratio: this.options.ratio, minDifference });
    for (const stack of stackedImbalances(imbalances, rowHeight, this.options.rows)) {
      this.tell(view, found, {
        kind: 'stacked_imbalance',
        fromUs: this.minuteUs,
        toUs: this.lastUs,
        lowPrice: stack.fromPrice,
        highPrice: stack.toPrice,
        side: stack.side === 'buy' ? ASK : BID,
        size: 0,
        margin: stack.rows / this.options.rows,
        certainty: 0.7,
        cause: { rows: against(stack.rows, this.options.rows), minDifference: against(minDifference, null) },
        evidence: tickFrame(view),
      });
    }
  }
}

export const DIVERGENCE_OPTIONS = {
  /** Bars of a minute looked back over. */
  bars: 15,
  /** The price exceeds its old extreme by so much, basis points. */
  minMoveBps: 0.5,
  /** The cumulative delta falls short by so many standard deviations of the bars' deltas. */
  minSigma: 4,
};

export class DeltaDivergence extends Detector {
  private readonly builder = new BarBuilder({ by: 'time', us: MINUTE_US });
  private bars: Bar[] = [];

  constructor(private readonly options: Readonly<typeof DIVERGENCE_OPTIONS> = DIVERGENCE_OPTIONS) {
    super('delta_divergence', 1, options);
  }

  get ready(): boolean {
    return this.bars.length > this.options.bars;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.trade) return;
    const { stampUs, tradePrice: price, tradeQuantity: quantity, tradeAggressor: aggressor } = view;
    const done = this.builder.add({ stampUs, price, quantity, aggressor, oi: ABSENT });
    if (!done) return;
    this.bars.push(done);
    if (this.bars.length > this.options.bars + 1) this.bars.shift();
    if (!this.ready) return;
    const rule = {
      bars: this.options.bars,
      minMove: (price * this.options.minMoveBps) / 10_000,
      minSigma: this.options.minSigma,
    };
    const divergence = divergenceOf(this.bars, rule);
    if (!divergence) return;
    this.tell(view, found, {
      kind: 'delta_divergence',
      fromUs: this.bars[0]?.fromUs ?? done.fromUs,
      toUs: done.lastUs,
      lowPrice: done.low,
      highPrice: done.high,
      side: divergence === 'bearish' ? ASK : BID,
      size: done.volume,
      margin: 1,
      certainty: 0.6,
      cause: {
        extreme: against(divergence === 'bearish' ? done.high : done.low, null),
        minSigma: against(this.options.minSigma, null),
      },
      evidence: tickFrame(view),
    });
  }

  reset(): void {
    this.builder.current = null;
    this.bars = [];
  }
}
