/** Durations of the latest events of a kind, for the bench and for the curious. */

/** Some seventeen seconds at 60 a second: as far back as p99 means something. */
const SAMPLES = 1024;

export class RecentTimes {
  /** Of all there were. */
  count = 0;
  private readonly ms = new Float64Array(SAMPLES);

  add(ms: number): void {
    this.ms[this.count % SAMPLES] = ms;
    this.count += 1;
  }

  /** Nearest-rank percentile of the latest, ms; 0 before the first. */
  percentile(share: number): number {
    const held = Math.min(this.count, SAMPLES);
    if (held === 0) return 0;
    const sorted = this.ms.slice(0, held).sort();
    return sorted[Math.max(0, Math.ceil(share * held) - 1)] as number;
  }
}
