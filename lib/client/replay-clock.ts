/** The clock of a replay, as far as it can be told between two words of the server. */

import type { ReplayClockEvent } from '../core/replay-clock.ts';
import type { Clock } from '../render/heatmap-engine.ts';

/** The server speaks four times a second: what it does not say for so long is guessed no further, ms. */
const GUESS_MS_MAX = 1000;

export class ReplayClock implements Clock {
  private last: ReplayClockEvent | null = null;
  private heardMs = 0;
  private shownUs = 0;

  /** @param ownMs monotonic clock, ms */
  constructor(private readonly ownMs: () => number = () => performance.now()) {}

  nowMs(): number {
    return this.ownMs();
  }

  /** Market time, µs; 0 before the server has said anything. Never runs back within an epoch. */
  nowUs(): number {
    const { last } = this;
    if (!last) return 0;
    const sinceMs = last.playing ? Math.min(this.ownMs() - this.heardMs, GUESS_MS_MAX) : 0;
    // A step and a pause end where the server says, though the guess was ahead of it.
    if (!last.playing) this.shownUs = last.timeUs;
    this.shownUs = Math.max(this.shownUs, Math.min(last.toUs, Math.round(last.timeUs + sinceMs * 1000 * last.speed)));
    return this.shownUs;
  }

  heard(clock: ReplayClockEvent): void {
    if (this.last && this.last.epoch !== clock.epoch) this.shownUs = 0;
    this.last = clock;
    this.heardMs = this.ownMs();
  }
}
