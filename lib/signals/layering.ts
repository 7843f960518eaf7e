/**
 * Layering, inferred: several large levels of a side, all behind the touch, were taken away together without having traded. It names
 * a pattern in the book; who did it and why a snapshot cannot say.
 */
import { BID, type Side } from '../core/side.ts';
import { against, Detector, sideFrames } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import type { Signal } from './signal.ts';
import type { Usual } from './usual.ts';

export const LAYERING_OPTIONS = {
  /** Levels taken away together, at least. */
  levels: 3,
  /** Each lost so many times the 99th percentile of the levels near the mid ... */
  timesUsual: 1.2,
  /** ... and so much of what it held. */
  lostShare: 0.7,
  /** Together: within, µs; of one frame where frames are further apart. */
  withinUs: 800_000,
  /** And so near to each other, basis points. */
  bandBps: 6,
};

interface Loss {
  readonly us: number;
  readonly price: number;
  readonly lost: number;
  readonly evidence: readonly string[];
}

export class Layering extends Detector {
  private readonly losses: [Loss[], Loss[]] = [[], []];

  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof LAYERING_OPTIONS> = LAYERING_OPTIONS,
  ) {
    super('layering', 1, options);
  }

  get ready(): boolean {
    return this.usual.knowsLevels;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.side || !this.ready || view.changes === 0) return;
    const { side, stampUs, changePrices, changeBefore, changeNow } = view;
    const best = view.best(side);
    const bestBefore = view.bestBefore(side);
    if (best < 0 || bestBefore < 0) return;
    const forward = side === BID ? -1 : 1;
    const behind = Math.max(best * forward, bestBefore * forward);
    const least = this.options.timesUsual * this.usual.level.value;
    let grown = false;
    for (let i = 0; i < view.changes; i += 1) {
      const before = changeBefore[i] as number;
      const lost = before - (changeNow[i] as number);
      if (lost < least || lost < this.options.lostShare * before) continue;
      const price = changePrices[i] as number;
      if (price * forward <= behind) continue;
      if (!grown) this.losses[side] = this.losses[side].filter(({ us }) => stampUs - us <= this.options.withinUs);
      grown = true;
      this.losses[side].push({ us: stampUs, price, lost, evidence: sideFrames(view, side) });
    }
    if (grown) this.judge(view, side, least, found);
  }

  reset(): void {
    this.losses[0] = [];
    this.losses[1] = [];
  }

  private judge(view: MarketView, side: Side, least: number, found: Signal[]): void {
    const losses = this.losses[side];
    const newest = losses.at(-1) as Loss;
    const band = (newest.price * this.options.bandBps) / 10_000;
    const near = losses.filter(({ price }) => Math.abs(price - newest.price) <= band);
    const prices = new Set(near.map(({ price }) => price));
    if (prices.size < this.options.levels) return;
    const lost = near.reduce((sum, loss) => sum + loss.lost, 0);
    const fromUs = Math.min(...near.map(({ us }) => us));
    if (
      view.trades.executedAtMost(
        side,
        side === BID ? Math.max(...prices) : Math.min(...prices),
        fromUs - view.frameUs,
      ) >
      0.3 * lost
    )
      return;
    this.losses[side] = [];
    this.tell(view, found, {
      kind: 'layering',
      fromUs,
      toUs: view.stampUs,
      lowPrice: Math.min(...prices),
      highPrice: Math.max(...prices),
      side,
      size: lost,
      margin: lost / (this.options.levels * least),
      certainty: 0.7,
      cause: {
        levels: against(prices.size, this.options.levels),
        lostEach: against(lost / prices.size, least),
      },
      evidence: [...new Set(near.flatMap(({ evidence }) => evidence))],
    });
  }
}
