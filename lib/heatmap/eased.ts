/** Values that follow the data calmly: small changes are ignored, others take a moment. Times in ms from any origin. */

/** A change smaller than this part of the value shown is ignored. */
const HYSTERESIS = 0.1;
const EASE_MS = 400;

/** Slow at both ends. */
export const smooth = (t: number): number => t * t * (3 - 2 * t);

/** A positive quantity; eased by its logarithm, as it is seen. */
export class EasedQuantity {
  private from: number | null = null;
  private to = 1;
  private startMs = 0;

  /** Null before the first offer. */
  at(nowMs: number): number | null {
    if (this.from === null) return null;
    const t = Math.min(1, Math.max(0, (nowMs - this.startMs) / EASE_MS));
    return t === 1 ? this.to : this.from * (this.to / this.from) ** smooth(t);
  }

  /** Whether the value is still on its way. */
  moving(nowMs: number): boolean {
    return this.from !== null && this.from !== this.to && nowMs - this.startMs < EASE_MS;
  }

  /**
   * @param atOnce no easing: the first value, another instrument, or reduced motion
   * @param exactly neither easing nor hysteresis: a person has chosen the value
   */
  offer(value: number, nowMs: number, atOnce = false, exactly = false): void {
    const wanted = Math.max(1, value);
    if (exactly) {
      this.from = wanted;
      this.to = wanted;
      return;
    }
    if (this.from === null || atOnce) {
      if (this.from === null || Math.abs(wanted - this.to) > HYSTERESIS * this.to) {
        this.from = wanted;
        this.to = wanted;
      }
      return;
    }
    if (Math.abs(wanted - this.to) <= HYSTERESIS * this.to) return;
    this.from = this.at(nowMs);
    this.to = wanted;
    this.startMs = nowMs;
  }
}
