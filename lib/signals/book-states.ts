/** States of the book as a whole: leaning to one side, wide, flooded at the touch, or one-sided. Each begins and ends. */
import { ABSENT } from '../core/absent.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { imbalanceWithin } from '../orderflow/book-metrics.ts';
import { RankedOfi } from '../orderflow/order-flow-imbalance.ts';
import { against, Detector, sideFrames } from './detector.ts';
import { Lasting } from './lasting.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { RollingQuantile } from './rolling-quantile.ts';
import type { CauseNumber, Signal, SignalKind } from './signal.ts';

const HALF_LIFE_US = 45 * 60_000_000;
/** Quantiles are of numbers above 1. */
const SCALE = 100_000;
const SAMPLE_US = 200_000;

const bothSides = (view: MarketView): string[] => [...sideFrames(view, BID), ...sideFrames(view, ASK)];

abstract class BookState extends Detector {
  protected readonly lasting = new Lasting();
  protected side: Side | null = null;
  protected size = 0;

  reset(): void {
    this.lasting.reset();
  }

  protected told(
    view: MarketView,
    found: Signal[],
    kind: SignalKind,
    state: 'begun' | 'ended' | null,
    margin: number,
    cause: Readonly<Record<string, CauseNumber>>,
  ): void {
    if (state === null) return;
    const { begunUs } = this.lasting;
    const { side, size } = this;
    // Of the book as a whole: its prices move while it lasts.
    const whole = { fromUs: begunUs, toUs: view.stampUs, lowPrice: 0, highPrice: 0, namedUs: begunUs, side, size };
    this.tell(view, found, { ...whole, kind, margin, certainty: 1, cause, evidence: bothSides(view), state });
  }
}

export const IMBALANCE_OPTIONS = {
  /** Of the quantities so near the mid, basis points. */
  bps: 10,
  /** So many standard deviations of its own past from its mean ... */
  z: 4.5,
  /** ... for so long, µs. */
  holdUs: 2_000_000,
  /** Over once nearer than this. */
  endZ: 2,
};
const IMBALANCE_SAMPLES = 900;
/** Weight of a sample in mean and variance: a few minutes, as books lean for seconds. */
const LEARNED = 1 / 3000;

export class ImbalanceShift extends BookState {
  private mean = 0;
  private variance = 0;
  private samples = 0;
  private sampledUs = 0;

  constructor(private readonly options: Readonly<typeof IMBALANCE_OPTIONS> = IMBALANCE_OPTIONS) {
    super('imbalance_shift', 1, options);
  }

  get ready(): boolean {
    return this.samples >= IMBALANCE_SAMPLES;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.book || !view.isWhole || view.stampUs - this.sampledUs < SAMPLE_US) return;
    this.sampledUs = view.stampUs;
    const value = imbalanceWithin(view.sides[BID], view.sides[ASK], this.options.bps);
    if (value === ABSENT) return;
    if (this.ready) {
      const z = (value - this.mean) / Math.sqrt(this.variance + 1e-12);
      const size = Math.abs(z);
      if (!this.lasting.standing) this.side = z > 0 ? BID : ASK;
      const state = this.lasting.note(
        size >= this.options.z,
        size < this.options.endZ,
        view.stampUs,
        this.options.holdUs,
      );
      this.told(view, found, 'imbalance_shift', state, size / this.options.z, {
        z: against(z, Math.sign(z) * this.options.z),
        imbalance: against(value, null),
        usual: against(this.mean, null),
      });
    }
    if (this.lasting.standing) return;
    this.samples += 1;
    const weight = Math.max(LEARNED, 1 / this.samples);
    const off = value - this.mean;
    this.mean += weight * off;
    this.variance += weight * (off * off * (1 - weight) - this.variance);
  }
}

export const OFI_OPTIONS = {
  /** Summed over, µs. */
  windowUs: 5_000_000,
  /** So many times the 99th percentile of its own past. */
  timesUsual: 2.2,
  /** Told once, until it is below this share. */
  endShare: 0.5,
};
const OFI_STEPS = 512;
const OFI_SAMPLES = 900;

export class OfiBurst extends BookState {
  private readonly ofi = new RankedOfi(1);
  private readonly stamps = new Float64Array(OFI_STEPS);
  private readonly steps = new Float64Array(OFI_STEPS);
  private count = 0;
  private readonly usual = new RollingQuantile(0.99, HALF_LIFE_US);

  constructor(private readonly options: Readonly<typeof OFI_OPTIONS> = OFI_OPTIONS) {
    super('ofi_burst', 1, options);
  }

  get ready(): boolean {
    return this.usual.count >= OFI_SAMPLES;
  }

  override reset(): void {
    super.reset();
    this.ofi.reset();
    this.count = 0;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.book || !view.isWhole) return;
    const compared = this.ofi.push(view.sides[BID], view.sides[ASK]);
    if (!compared) return;
    const { stampUs } = view;
    this.stamps[this.count % OFI_STEPS] = stampUs;
    this.steps[this.count % OFI_STEPS] = this.ofi.byRank[0] as number;
    this.count += 1;
    let sum = 0;
    for (let i = this.count - 1; i >= Math.max(0, this.count - OFI_STEPS); i -= 1) {
      if ((this.stamps[i % OFI_STEPS] as number) <= stampUs - this.options.windowUs) break;
      sum += this.steps[i % OFI_STEPS] as number;
    }
    const size = Math.abs(sum);
    const least = this.options.timesUsual * this.usual.value;
    if (this.ready) {
      if (!this.lasting.standing) {
        this.side = sum > 0 ? BID : ASK;
        this.size = size;
      }
      const state = this.lasting.note(size >= least, size < this.options.endShare * least, stampUs, 0);
      this.told(view, found, 'ofi_burst', state, size / least, { ofi: against(sum, Math.sign(sum) * least) });
    }
    this.usual.add(size, stampUs);
  }
}

export const SPREAD_OPTIONS = {
  /** So many times the 99th percentile of its own past ... */
  timesUsual: 1.8,
  /** ... for so long, µs. */
  holdUs: 1_000_000,
  /** Over below this share. */
  endShare: 0.6,
};
const SPREAD_SAMPLES = 600;

export class SpreadStress extends BookState {
  private readonly usual = new RollingQuantile(0.99, HALF_LIFE_US);
  private sampledUs = 0;

  constructor(private readonly options: Readonly<typeof SPREAD_OPTIONS> = SPREAD_OPTIONS) {
    super('spread_stress', 1, options);
  }

  get ready(): boolean {
    return this.usual.count >= SPREAD_SAMPLES;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.book || !view.isWhole || view.stampUs - this.sampledUs < SAMPLE_US) return;
    this.sampledUs = view.stampUs;
    const relative = (view.spread / view.mid) * 10_000;
    const least = (this.options.timesUsual * this.usual.value) / SCALE;
    if (this.ready) {
      const state = this.lasting.note(
        relative >= least,
        relative < this.options.endShare * least,
        view.stampUs,
        this.options.holdUs,
      );
      this.told(view, found, 'spread_stress', state, relative / least, {
        spreadBps: against(relative, least),
        spread: against(view.spread, null),
      });
    }
    this.usual.add(relative * SCALE, view.stampUs);
  }
}

export const ONE_SIDED_OPTIONS = {
  /** Of the side that is there, levels at least. */
  levels: 1,
};

/** A fresh book one side of which is empty: at a price band, or in an instrument that nobody quotes. */
export class OneSidedBook extends BookState {
  constructor(private readonly options: Readonly<typeof ONE_SIDED_OPTIONS> = ONE_SIDED_OPTIONS) {
    super('one_sided_book', 2, options);
  }

  get ready(): boolean {
    return true;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.book) return;
    if (!view.isFresh) return;
    const bids = view.sides[BID].count;
    const asks = view.sides[ASK].count;
    const missing = Math.min(bids, asks) === 0 && Math.max(bids, asks) >= this.options.levels;
    if (!this.lasting.standing) this.side = bids === 0 ? BID : ASK;
    const state = this.lasting.note(missing, bids > 0 && asks > 0, view.stampUs, 0);
    this.told(view, found, 'one_sided_book', state, 2, {
      bidLevels: against(bids, null),
      askLevels: against(asks, null),
    });
  }
}
