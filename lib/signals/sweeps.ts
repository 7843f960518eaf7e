/**
 * Sweeps: one side traded through several levels at once. Seen in a tick, whose price lies beyond levels of the last book that its
 * volume explains; or in a book whose best levels have gone, once ticks say that they traded.
 */
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { against, Detector, sideFrames, tickFrame } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { frameName, type Signal } from './signal.ts';
import type { Usual } from './usual.ts';

export const SWEEP_OPTIONS = {
  /** Levels that were crossed, at least. */
  levels: 5,
  /** So much of what they showed has traded. */
  tradedShare: 0.7,
  /** And at least so many times the 90th percentile of what trades between two ticks. */
  timesUsual: 3.6,
  /** Trades are waited for so long, µs. */
  settleUs: 1_500_000,
  /** The same sweep is not told twice within, µs. */
  quietUs: 2_000_000,
};

interface Crossed {
  /** 0: none. */
  us: number;
  beforeUs: number;
  levels: number;
  quantity: number;
  nearPrice: number;
  farPrice: number;
  evidence: readonly string[];
}

const nothing = (): Crossed => ({
  us: 0,
  beforeUs: 0,
  levels: 0,
  quantity: 0,
  nearPrice: 0,
  farPrice: 0,
  evidence: [],
});

export class Sweeps extends Detector {
  private readonly crossed: [Crossed, Crossed] = [nothing(), nothing()];
  private readonly toldUs = new Float64Array(2);

  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof SWEEP_OPTIONS> = SWEEP_OPTIONS,
  ) {
    super('sweeps', 1, options);
  }

  get ready(): boolean {
    return this.usual.knowsTrades;
  }

  push(view: MarketView, found: Signal[]): void {
    if (!this.ready) return;
    if (view.input === INPUT.side) this.book(view, view.side);
    else if (view.input === INPUT.trade) {
      if (view.tradeAggressor !== AGGRESSOR.unknown) this.trade(view, view.side, found);
      this.settle(view, BID, found);
      this.settle(view, ASK, found);
    }
  }

  reset(): void {
    this.crossed[BID] = nothing();
    this.crossed[ASK] = nothing();
  }

  /** Best levels that a frame no longer shows. */
  private book(view: MarketView, side: Side): void {
    const before = view.before[side];
    const best = view.best(side);
    if (before.count === 0 || best < 0) return;
    const forward = side === BID ? -1 : 1;
    let levels = 0;
    let quantity = 0;
    while (levels < before.count && (best - (before.prices[levels] as number)) * forward > 0) {
      quantity += before.quantities[levels] as number;
      levels += 1;
    }
    if (levels < this.options.levels || quantity < this.options.tradedShare * this.least) return;
    this.crossed[side] = {
      us: view.stampUs,
      beforeUs: view.beforeUs[side] as number,
      levels,
      quantity,
      nearPrice: before.prices[0] as number,
      farPrice: before.prices[levels - 1] as number,
      evidence: sideFrames(view, side),
    };
  }

  /** A trade beyond levels that the book still shows. */
  private trade(view: MarketView, side: Side, found: Signal[]): void {
    const { tradeQuantity, tradePrice } = view;
    if (tradeQuantity < this.least) return;
    const { count, prices, quantities } = view.sides[side];
    const forward = side === BID ? -1 : 1;
    let levels = 0;
    let quantity = 0;
    while (levels < count && ((prices[levels] as number) - tradePrice) * forward <= 0) {
      quantity += quantities[levels] as number;
      levels += 1;
    }
    // The last level need not have been taken whole.
    const whole = levels > 0 ? quantity - (quantities[levels - 1] as number) : 0;
    if (levels < this.options.levels || tradeQuantity < this.options.tradedShare * whole) return;
    const frame = frameName(view.feedId, view.sideUs[side] as number, view.frameNumbers(side)[1]);
    this.swept(
      view,
      side,
      found,
      {
        us: view.stampUs,
        beforeUs: view.sideUs[side] as number,
        levels,
        quantity: whole,
        nearPrice: prices[0] as number,
        farPrice: tradePrice,
        evidence: [frame],
      },
      tradeQuantity,
    );
  }

  private settle(view: MarketView, side: Side, found: Signal[]): void {
    const crossed = this.crossed[side];
    if (crossed.us === 0) return;
    if (view.stampUs - crossed.us > this.options.settleUs) {
      this.crossed[side] = nothing();
      return;
    }
    const executed = view.trades.executedAtMost(side, crossed.nearPrice, crossed.beforeUs);
    if (executed < this.least || executed < this.options.tradedShare * crossed.quantity) return;
    this.swept(view, side, found, crossed, executed);
  }

  private swept(view: MarketView, side: Side, found: Signal[], crossed: Crossed, executed: number): void {
    this.crossed[side] = nothing();
    if (view.stampUs - (this.toldUs[side] as number) < this.options.quietUs) return;
    this.toldUs[side] = view.stampUs;
    this.tell(view, found, {
      kind: 'sweep',
      fromUs: crossed.beforeUs,
      toUs: crossed.us,
      lowPrice: Math.min(crossed.nearPrice, crossed.farPrice),
      highPrice: Math.max(crossed.nearPrice, crossed.farPrice),
      side,
      size: executed,
      margin: executed / this.least,
      certainty: 0.9,
      cause: {
        levels: against(crossed.levels, this.options.levels),
        traded: against(executed, this.least),
        tradedShare: against(crossed.quantity === 0 ? 1 : executed / crossed.quantity, this.options.tradedShare),
      },
      evidence: [...crossed.evidence, ...tickFrame(view)],
    });
  }

  private get least(): number {
    return this.options.timesUsual * this.usual.trade.value;
  }
}
