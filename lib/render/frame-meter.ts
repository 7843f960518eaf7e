/** Times of the latest frames, for the bench and for the curious. */

/** Four seconds at 60 a second: as far back as p95 means something. */
const SAMPLES = 240;

export class FrameMeter {
  drawn = 0;
  private readonly ms = new Float64Array(SAMPLES);

  add(ms: number): void {
    this.ms[this.drawn % SAMPLES] = ms;
    this.drawn += 1;
  }

  /** Nearest-rank percentile of the latest frames, ms; 0 before the first. */
  percentile(share: number): number {
    const count = Math.min(this.drawn, SAMPLES);
    if (count === 0) return 0;
    const sorted = this.ms.slice(0, count).sort();
    return sorted[Math.max(0, Math.ceil(share * count) - 1)] as number;
  }
}
