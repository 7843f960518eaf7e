/**
 * Icebergs, inferred: a price trades again and again and shows as much as before. What was executed there and what is shown now
 * together exceed what was ever shown by far. Only the exchange knows whether it was one order.
 */
import { AGGRESSOR } from '../core/aggressor.ts';
import type { Side } from '../core/side.ts';
import { against, Detector, sideFrames, tickFrame } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { frameName, type Signal } from './signal.ts';
import type { Usual } from './usual.ts';

export const ICEBERG_OPTIONS = {
  /** Refills seen, at least. */
  refills: 3,
  /** A refill brings back at least so much of what the price showed at most. */
  refillShare: 0.4,
  /** Executed, in multiples of the most that was shown. */
  timesShown: 4,
  /** And in multiples of the 99th percentile of what trades between two ticks. */
  timesUsual: 5,
  /** Without a trade at the price for so long it is over, µs. */
  quietUs: 8_000_000,
};

interface Candidate {
  readonly side: Side;
  readonly price: number;
  readonly fromUs: number;
  readonly fromN: number;
  /** What it showed when it began to trade. */
  readonly shown: number;
  peak: number;
  executed: number;
  /** Most that must have been added, and at how many steps it grew. */
  added: number;
  refills: number;
  /** Ticks in which it traded. */
  ticks: number;
  lastUs: number;
  told: boolean;
}

const CANDIDATES_MAX = 32;

export class Icebergs extends Detector {
  private candidates: Candidate[] = [];

  constructor(
    private readonly usual: Usual,
    private readonly options: Readonly<typeof ICEBERG_OPTIONS> = ICEBERG_OPTIONS,
  ) {
    super('icebergs', 1, options);
  }

  get ready(): boolean {
    return this.usual.knowsTrades;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input === INPUT.trade && view.tradeAggressor !== AGGRESSOR.unknown) this.trade(view);
    else if (view.input === INPUT.side && this.candidates.length > 0) this.book(view, found);
  }

  reset(): void {
    this.candidates = [];
  }

  private trade(view: MarketView): void {
    const { side, tradePrice, tradeQuantity, stampUs } = view;
    this.candidates = this.candidates.filter(({ lastUs }) => stampUs - lastUs <= this.options.quietUs);
    let candidate = this.candidates.find((one) => one.side === side && one.price === tradePrice);
    if (!candidate) {
      const shown = view.trades.displayed(view.trades.count - 1);
      if (shown <= 0 || this.candidates.length >= CANDIDATES_MAX) return;
      candidate = {
        side,
        price: tradePrice,
        fromUs: stampUs,
        fromN: view.tickN,
        shown,
        peak: shown,
        executed: 0,
        added: 0,
        refills: 0,
        ticks: 0,
        lastUs: stampUs,
        told: false,
      };
      this.candidates.push(candidate);
    }
    // What better levels showed was taken first: the rest traded here.
    candidate.executed += Math.max(0, tradeQuantity - view.betterThan(side, tradePrice));
    candidate.ticks += 1;
    candidate.lastUs = stampUs;
  }

  /** What is shown now and what was executed, less what was there at first, must have been added meanwhile. */
  private book(view: MarketView, found: Signal[]): void {
    for (const candidate of this.candidates) {
      if (candidate.side !== view.side || candidate.told) continue;
      const now = view.quantityAt(candidate.side, candidate.price);
      if (now < 0) continue;
      if (now > candidate.peak) candidate.peak = now;
      const added = now + candidate.executed - candidate.shown;
      if (added >= candidate.added + this.options.refillShare * candidate.peak) {
        // Where one frame sums up several refills they count as those that it takes at least.
        candidate.refills += Math.max(1, Math.floor((added - candidate.added) / candidate.peak));
        candidate.added = added;
      }
      this.judge(view, candidate, now, found);
    }
  }

  private judge(view: MarketView, candidate: Candidate, now: number, found: Signal[]): void {
    const { refills, timesShown, timesUsual } = this.options;
    if (!this.ready || Math.min(candidate.refills, candidate.ticks) < refills || now === 0) return;
    const least = Math.max(timesShown * candidate.peak, timesUsual * this.usual.trade.value);
    if (candidate.executed < least) return;
    candidate.told = true;
    this.tell(view, found, {
      kind: 'iceberg',
      fromUs: candidate.fromUs,
      toUs: view.stampUs,
      lowPrice: candidate.price,
      highPrice: candidate.price,
      side: candidate.side,
      size: candidate.executed,
      margin: candidate.executed / least,
      certainty: 0.7,
      cause: {
        executed: against(candidate.executed, least),
        shownAtMost: against(candidate.peak, null),
        refills: against(Math.min(candidate.refills, candidate.ticks), refills),
        orders: against(view.ordersAt(candidate.side, candidate.price), null),
      },
      evidence: [
        frameName(view.tickFeedId, candidate.fromUs, candidate.fromN),
        ...sideFrames(view, candidate.side),
        ...tickFrame(view),
      ],
    });
  }
}
