/** Much added at one price within seconds, or taken away without trades that explain it. */
import type { Side } from '../core/side.ts';
import { against, Detector, sideFrames } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { frameName, type Signal } from './signal.ts';
import { NEAR_BPS, type Usual } from './usual.ts';

export const BIG_CHANGE_OPTIONS = {
  /** Within, µs. */
  withinUs: 5_000_000,
  /** So many times the 99th percentile of the levels near the mid. */
  timesUsual: 2.2,
};

/** A level before it began to change. */
interface Base {
  us: number;
  n: number;
  quantity: number;
}

export class BigChanges extends Detector {
  private readonly bases: [Map<number, Base>, Map<number, Base>] = [new Map(), new Map()];
  private sweptUs = 0;

  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof BIG_CHANGE_OPTIONS> = BIG_CHANGE_OPTIONS,
  ) {
    super('big_changes', 1, options);
  }

  get ready(): boolean {
    return this.usual.knowsLevels;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.side || !this.ready || !view.isWhole) return;
    const { side, stampUs, changePrices, changeBefore, changeNow } = view;
    const least = this.options.timesUsual * this.usual.level.value;
    const reach = (view.mid * NEAR_BPS) / 10_000;
    const bases = this.bases[side];
    for (let i = 0; i < view.changes; i += 1) {
      const before = changeBefore[i] as number;
      const now = changeNow[i] as number;
      // A large change within the time has at least one part that is a tenth of it.
      if (Math.abs(now - before) < least / 10) continue;
      const price = changePrices[i] as number;
      if (Math.abs(price - view.mid) > reach) continue;
      let base = bases.get(price);
      if (!base || stampUs - base.us > this.options.withinUs) {
        base = { us: view.beforeUs[side] as number, n: view.frameNumbers(side)[0], quantity: before };
        bases.set(price, base);
      }
      if (Math.abs(now - base.quantity) >= least) this.changed(view, side, price, base, now, least, found);
    }
    if (stampUs - this.sweptUs > this.options.withinUs) this.forget(stampUs);
  }

  reset(): void {
    for (const bases of this.bases) bases.clear();
  }

  private changed(
    view: MarketView,
    side: Side,
    price: number,
    base: Base,
    now: number,
    least: number,
    found: Signal[],
  ): void {
    const change = now - base.quantity;
    const executed = change < 0 ? view.trades.executedAtMost(side, price, base.us) : 0;
    this.bases[side].set(price, { us: view.stampUs, n: view.n, quantity: now });
    // What traded was not taken away. What has traded and is not told yet makes this an upper bound.
    if (change < 0 && -change - executed < least) return;
    this.tell(view, found, {
      kind: change > 0 ? 'big_add' : 'big_pull',
      fromUs: base.us,
      toUs: view.stampUs,
      lowPrice: price,
      highPrice: price,
      side,
      size: Math.abs(change),
      margin: Math.abs(change) / least,
      certainty: change > 0 ? 1 : 0.8,
      cause: { change: against(change, change > 0 ? least : -least), executedAtMost: against(executed, null) },
      evidence: [frameName(view.feedId, base.us, base.n), ...sideFrames(view, side)],
    });
  }

  private forget(stampUs: number): void {
    this.sweptUs = stampUs;
    for (const bases of this.bases) {
      for (const [price, { us }] of bases) if (stampUs - us > this.options.withinUs) bases.delete(price);
    }
  }
}
