/** How fast a broker may be asked: requests a second, and the pause that it asks for. */
import { setTimeout as delay } from 'node:timers/promises';

/** Time, so that a test can turn it. */
export interface PaceClock {
  nowMs(): number;
  /** Rejects where the signal is given. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const REAL_CLOCK: PaceClock = {
  nowMs: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/**
 * Lets one request through at a time, so far apart that no second has more than the broker allows, wherever it begins. A
 * window that is counted anew each second would let twice as many through about its end.
 */
export class Pace {
  private freeAtMs = 0;

  /** @param spacingMs between the beginnings of two requests */
  constructor(
    private readonly spacingMs: number,
    private readonly clock: PaceClock = REAL_CLOCK,
  ) {}

  /** Resolves when it is the caller's turn. */
  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = this.clock.nowMs();
    const atMs = Math.max(nowMs, this.freeAtMs);
    this.freeAtMs = atMs + this.spacingMs;
    if (atMs > nowMs) await this.clock.sleep(atMs - nowMs, signal);
  }

  /** Nobody's turn comes before so many ms have passed. */
  hold(ms: number): void {
    this.freeAtMs = Math.max(this.freeAtMs, this.clock.nowMs() + ms);
  }
}
