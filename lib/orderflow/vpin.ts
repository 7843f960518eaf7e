/**
 * VPIN, the volume-synchronised probability of informed trading: Easley, López de Prado and O'Hara, "Flow toxicity and liquidity
 * in a high-frequency world", Rev. Financial Studies 25(5), 2012. Contested: Andersen and Bondarenko (CREATES 2013-43) find its
 * bulk classification worse than a tick rule and no more foresight in it than in volume and volatility. Shown as experimental.
 */
import { ABSENT } from '../core/absent.ts';

/** Φ, the standard normal distribution. Abramowitz and Stegun 7.1.26; error below 1.5e-7. */
export function normalShare(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const half = (1 - series * Math.exp(-z * z)) / 2;
  return x >= 0 ? 0.5 + half : 0.5 - half;
}

export interface VpinRule {
  /** Units in a bucket; a 50th of a day's usual volume. */
  readonly bucketVolume: number;
  /** Buckets over which the mean is taken. */
  readonly buckets: number;
  /** Who bought: `bulk` by the bucket's price change, `trades` by the sides of its trades. */
  readonly sides: 'bulk' | 'trades';
}

export class Vpin {
  /** Of the last buckets: price change, and bought − sold by the sides of the trades. */
  private readonly changes: number[] = [];
  private readonly deltas: number[] = [];
  private filled = 0;
  private delta = 0;
  private closeBefore = ABSENT;

  constructor(private readonly rule: VpinRule) {
    if (!(rule.bucketVolume > 0) || !(rule.buckets > 0)) throw new RangeError('buckets and their volume are above 0');
  }

  /** Takes a trade, divided where it fills more than a bucket. @param signedQuantity +bought, −sold, 0 unknown */
  add(price: number, quantity: number, signedQuantity: number): void {
    if (this.closeBefore === ABSENT) this.closeBefore = price;
    const side = Math.sign(signedQuantity);
    const { bucketVolume, buckets } = this.rule;
    let left = quantity;
    while (this.filled + left >= bucketVolume) {
      // Of the buckets that one trade fills alone, those that the mean forgets again are not made one by one.
      const alone = this.filled === 0 ? Math.floor(left / bucketVolume) : 0;
      if (alone > buckets + 1) left -= (alone - buckets - 1) * bucketVolume;
      const taken = bucketVolume - this.filled;
      left -= taken;
      this.delta += side * taken;
      this.close(price);
    }
    this.filled += left;
    this.delta += side * left;
  }

  /** Forgets the bucket under way: across a gap nobody knows what filled it. Full ones stay. */
  noteGap(): void {
    this.filled = 0;
    this.delta = 0;
    this.closeBefore = ABSENT;
  }

  /** 0 to 1; ABSENT before the first bucket is full. */
  get value(): number {
    const { changes, deltas, rule } = this;
    if (changes.length === 0) return ABSENT;
    if (rule.sides === 'trades') {
      return deltas.reduce((sum, delta) => sum + Math.abs(delta), 0) / (deltas.length * rule.bucketVolume);
    }
    const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
    const sigma = Math.sqrt(changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / changes.length);
    // Prices that did not move say nothing of who bought: half and half.
    if (sigma === 0) return 0;
    return changes.reduce((sum, change) => sum + Math.abs(2 * normalShare(change / sigma) - 1), 0) / changes.length;
  }

  private close(price: number): void {
    this.changes.push(price - this.closeBefore);
    this.deltas.push(this.delta);
    if (this.changes.length > this.rule.buckets) {
      this.changes.shift();
      this.deltas.shift();
    }
    this.closeBefore = price;
    this.filled = 0;
    this.delta = 0;
  }
}
