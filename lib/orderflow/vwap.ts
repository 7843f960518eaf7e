/** Volume-weighted average price from an anchor on, with the spread of prices around it. */
import { ABSENT } from '../core/absent.ts';

export class Vwap {
  private volume = 0;
  /** Running mean and Σ q(p − mean)², which unlike Σ qp² does not lose the digits of a large price (West, 1979). */
  private mean = 0;
  private squares = 0;

  add(price: number, quantity: number): void {
    if (quantity <= 0) return;
    this.volume += quantity;
    const off = price - this.mean;
    this.mean += (off * quantity) / this.volume;
    this.squares += quantity * off * (price - this.mean);
  }

  /** Goes on from where another one stood; a price or deviation of none at volume 0 has no say. */
  goOnFrom({
    price,
    deviation,
    volume,
  }: {
    readonly price: number;
    readonly deviation: number;
    readonly volume: number;
  }) {
    this.anchor();
    if (volume <= 0) return;
    this.volume = volume;
    this.mean = price;
    this.squares = deviation * deviation * volume;
  }

  /** Begins anew: at a session's open, or at an instant that somebody chose. */
  anchor(): void {
    this.volume = 0;
    this.mean = 0;
    this.squares = 0;
  }

  /** Price units; ABSENT before the first trade. */
  get price(): number {
    return this.volume === 0 ? ABSENT : this.mean;
  }

  /** Volume-weighted standard deviation of prices; ABSENT before the first trade. */
  get deviation(): number {
    return this.volume === 0 ? ABSENT : Math.sqrt(this.squares / this.volume);
  }
}
