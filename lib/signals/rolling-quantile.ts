/**
 * Quantiles of what an instrument usually does, over its recent past: what is large for one is nothing for another. Values fall
 * into bins a sixteenth of an octave wide and lose weight with age, so memory and time are the same however much was seen, and the
 * answer is right to 4.5 %.
 */
const PER_OCTAVE = 16;
const BINS = 32 * PER_OCTAVE;
/** Weights grow instead of all bins shrinking; they are brought down before they lose digits. */
const WEIGHT_MAX = 1e9;
/** A quantile is looked up anew after so many values more. */
const KEPT_FOR = 32;

export class RollingQuantile {
  private readonly bins = new Float64Array(BINS);
  private total = 0;
  private weight = 1;
  private lastUs = 0;
  /** Values taken in. */
  count = 0;
  private cached = 0;
  private cachedAt = -1;

  /**
   * @param share which quantile, 0 to 1
   * @param halfLifeUs after which a value counts half
   */
  constructor(
    private readonly share: number,
    private readonly halfLifeUs: number,
  ) {}

  /** @param value 0 and below are left out: nothing happened */
  add(value: number, stampUs: number): void {
    if (!(value > 0)) return;
    if (this.lastUs > 0 && stampUs > this.lastUs) this.weight *= 2 ** ((stampUs - this.lastUs) / this.halfLifeUs);
    this.lastUs = Math.max(this.lastUs, stampUs);
    if (this.weight > WEIGHT_MAX) {
      for (let i = 0; i < BINS; i += 1) this.bins[i] = (this.bins[i] as number) / this.weight;
      this.total /= this.weight;
      this.weight = 1;
    }
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(Math.log2(value) * PER_OCTAVE)));
    this.bins[bin] = (this.bins[bin] as number) + this.weight;
    this.total += this.weight;
    this.count += 1;
  }

  /** The quantile, of values of 1 and above; 0 before the first value. */
  get value(): number {
    if (this.cachedAt >= 0 && this.count - this.cachedAt < KEPT_FOR) return this.cached;
    this.cachedAt = this.count;
    let left = this.total * (1 - this.share);
    let bin = BINS - 1;
    while (bin > 0) {
      left -= this.bins[bin] as number;
      if (left < 0) break;
      bin -= 1;
    }
    this.cached = this.total === 0 ? 0 : 2 ** ((bin + 1) / PER_OCTAVE);
    return this.cached;
  }
}
