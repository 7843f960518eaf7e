/** Time that passes at once where somebody waits for it. */
import type { PaceClock } from '../../workers/jobs/candles/pace.ts';

export class FakeClock implements PaceClock {
  ms = 1_000_000;
  readonly slept: number[] = [];

  nowMs(): number {
    return this.ms;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    this.ms += ms;
  }
}
