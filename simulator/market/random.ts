/**
 * The synthetic market's only source of chance: small, fast and the same on every machine, so that a seed names a
 * market (sfc32, by Chris Doty-Humphrey, public domain). Every consumer takes a stream of its own: what one draws does
 * not move what another will see.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream: number) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) >>> 0;
    this.c = stream >>> 0;
    for (let i = 0; i < 16; i += 1) this.u32();
  }

  /** A whole number of 32 bits. */
  u32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Evenly distributed, from 0 to below 1. */
  uniform(): number {
    return this.u32() / 2 ** 32;
  }

  /** Evenly distributed whole number, from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /**
   * Mean 0, standard deviation 1 (Marsaglia's polar method; the second value is not kept, so that a draw has no past).
   */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Number of events where `mean` are expected. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    // Above this the product below would take long, and the normal distribution is close.
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count += 1;
    return count;
  }
}
