/** The server's time, as far as it can be told from here. */
import type { Clock } from '../render/heatmap-engine.ts';

export class ServerClock implements Clock {
  /** Server time minus ours, µs. */
  private offsetUs: number | null = null;

  nowMs(): number {
    return performance.now();
  }

  nowUs(): number {
    return this.ownUs() + (this.offsetUs ?? 0);
  }

  /**
   * The server said what time it was when it spoke. What was longest on its way seems oldest, so the largest difference
   * is the nearest to the truth.
   */
  heard(serverTimeUs: number): void {
    const offsetUs = serverTimeUs - this.ownUs();
    this.offsetUs = this.offsetUs === null ? offsetUs : Math.max(offsetUs, this.offsetUs - DRIFT_US);
  }

  private ownUs(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
  }
}

/** Clocks drift: an old difference counts for a little less with every word of the server (once a second), µs. */
const DRIFT_US = 100;
