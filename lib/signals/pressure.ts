/**
 * Pressure: how the orders of the levels nearest to the touch lean, over windows of time: (bid − ask) / (bid + ask). Told when it
 * goes far to one side and when it comes back. The predecessor's counted books instead of time, and knew one threshold for all.
 */
import { ASK, BID, type SideLevels } from '../core/side.ts';
import { against, Detector, sideFrames } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { RollingQuantile } from './rolling-quantile.ts';
import type { Signal } from './signal.ts';

export const PRESSURE_OPTIONS = {
  /** Levels a side. */
  levels: 40,
  /** It begins where the 60 s pressure is so far from 0 ... */
  atLeast: 0.05,
  /** ... and so many times the 99th percentile of its own past; 0: that alone decides nothing. */
  timesUsual: 1.6,
  /** It ends below this share of where it began. */
  endShare: 0.6,
};
export type PressureOptions = Readonly<typeof PRESSURE_OPTIONS>;

const WINDOWS_US = [30_000_000, 60_000_000, 120_000_000] as const;
const SAMPLE_US = 250_000;
const SAMPLES = 512;
const HALF_LIFE_US = 45 * 60_000_000;
/** Samples in which it is learned what is usual: three minutes after the first full window. */
const USUAL_LEAST = 700;
/** Quantiles are of numbers above 1. */
const SCALE = 10_000;

export class Pressure extends Detector {
  private readonly stamps = new Float64Array(SAMPLES);
  private readonly bids = new Float64Array(SAMPLES);
  private readonly asks = new Float64Array(SAMPLES);
  private count = 0;
  private firstUs = 0;
  private readonly usual = new RollingQuantile(0.99, HALF_LIFE_US);
  /** −1, 0, 1 */
  private lean = 0;
  private begunUs = 0;
  private threshold = 0;

  constructor(
    private readonly options: PressureOptions = PRESSURE_OPTIONS,
    name = 'pressure',
  ) {
    super(name, 1, options);
  }

  get ready(): boolean {
    const last = this.count > 0 ? (this.stamps[(this.count - 1) % SAMPLES] as number) : 0;
    const usual = this.options.timesUsual === 0 || this.usual.count >= USUAL_LEAST;
    return this.count > 0 && last - this.firstUs >= WINDOWS_US[1] && usual;
  }

  push(view: MarketView, found: Signal[]): void {
    if (view.input !== INPUT.book || !view.isWhole) return;
    const { stampUs } = view;
    if (this.count > 0 && stampUs - (this.stamps[(this.count - 1) % SAMPLES] as number) < SAMPLE_US) return;
    if (this.count === 0) this.firstUs = stampUs;
    const at = this.count % SAMPLES;
    this.stamps[at] = stampUs;
    this.bids[at] = ordersOf(view.sides[BID], this.options.levels);
    this.asks[at] = ordersOf(view.sides[ASK], this.options.levels);
    this.count += 1;
    if (stampUs - this.firstUs < WINDOWS_US[1]) return;
    const value = this.over(WINDOWS_US[1], stampUs);
    if (this.ready) this.judge(view, value, found);
    // While it leans it is not what is usual.
    if (this.lean === 0) this.usual.add(Math.abs(value) * SCALE, stampUs);
  }

  reset(): void {
    this.count = 0;
    this.firstUs = 0;
    this.lean = 0;
  }

  private judge(view: MarketView, value: number, found: Signal[]): void {
    if (this.lean !== 0) {
      if (value * this.lean >= this.options.endShare * this.threshold) return;
      this.told(view, found, value, 'ended');
      this.lean = 0;
      return;
    }
    const least = Math.max(this.options.atLeast, (this.options.timesUsual * this.usual.value) / SCALE);
    if (Math.abs(value) < least) return;
    this.lean = Math.sign(value);
    this.begunUs = view.stampUs;
    this.threshold = least;
    this.told(view, found, value, 'begun');
  }

  private told(view: MarketView, found: Signal[], value: number, state: 'begun' | 'ended'): void {
    this.tell(view, found, {
      kind: 'pressure',
      fromUs: state === 'begun' ? view.stampUs - WINDOWS_US[1] : this.begunUs,
      toUs: view.stampUs,
      // Of the book as a whole: its prices move while it lasts.
      lowPrice: 0,
      highPrice: 0,
      side: this.lean > 0 ? BID : ASK,
      size: 0,
      margin: Math.abs(value) / this.threshold,
      certainty: 0.8,
      cause: {
        pressure60: against(value, this.lean * this.threshold),
        pressure30: against(this.over(WINDOWS_US[0], view.stampUs), null),
        pressure120: against(this.over(WINDOWS_US[2], view.stampUs), null),
      },
      evidence: [...sideFrames(view, BID), ...sideFrames(view, ASK)],
      state,
      namedUs: this.begunUs,
    });
  }

  private over(windowUs: number, stampUs: number): number {
    let bid = 0;
    let ask = 0;
    const oldest = Math.max(0, this.count - SAMPLES);
    for (let i = this.count - 1; i >= oldest; i -= 1) {
      const at = i % SAMPLES;
      if ((this.stamps[at] as number) <= stampUs - windowUs) break;
      bid += this.bids[at] as number;
      ask += this.asks[at] as number;
    }
    return bid + ask === 0 ? 0 : (bid - ask) / (bid + ask);
  }
}

function ordersOf({ count, orders }: SideLevels, levels: number): number {
  let total = 0;
  for (let i = 0; i < Math.min(count, levels); i += 1) total += orders[i] as number;
  return total;
}
