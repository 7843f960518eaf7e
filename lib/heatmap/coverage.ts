/** A set of half-open time intervals [fromUs, toUs): which parts of the past are held completely. */

export interface Interval {
  readonly fromUs: number;
  readonly toUs: number;
}

export class Coverage {
  /** Sorted, disjoint, not touching. */
  private intervals: Interval[] = [];

  get all(): readonly Interval[] {
    return this.intervals;
  }

  add(fromUs: number, toUs: number): void {
    if (toUs <= fromUs) return;
    const last = this.intervals[this.intervals.length - 1];
    // The live edge grows frame by frame: the common case touches only the last interval.
    if (last && fromUs >= last.fromUs && fromUs <= last.toUs) {
      if (toUs > last.toUs) this.intervals[this.intervals.length - 1] = { fromUs: last.fromUs, toUs };
      return;
    }
    const before = this.intervals.filter((interval) => interval.toUs < fromUs);
    const after = this.intervals.filter((interval) => interval.fromUs > toUs);
    const touched = this.intervals.slice(before.length, this.intervals.length - after.length);
    const merged = {
      fromUs: Math.min(fromUs, touched[0]?.fromUs ?? fromUs),
      toUs: Math.max(toUs, touched[touched.length - 1]?.toUs ?? toUs),
    };
    this.intervals = [...before, merged, ...after];
  }

  remove(fromUs: number, toUs: number): void {
    if (toUs <= fromUs) return;
    this.intervals = this.intervals.flatMap((interval) =>
      [
        { fromUs: interval.fromUs, toUs: Math.min(interval.toUs, fromUs) },
        { fromUs: Math.max(interval.fromUs, toUs), toUs: interval.toUs },
      ].filter((part) => part.fromUs < part.toUs),
    );
  }

  has(timeUs: number): boolean {
    return this.intervals.some((interval) => interval.fromUs <= timeUs && timeUs < interval.toUs);
  }

  /** How much of [fromUs, toUs) is held, µs. */
  held(fromUs: number, toUs: number): number {
    return this.missing(fromUs, toUs).reduce((rest, hole) => rest - (hole.toUs - hole.fromUs), toUs - fromUs);
  }

  /** The parts of [fromUs, toUs) that are not held, oldest first. */
  missing(fromUs: number, toUs: number): Interval[] {
    const result: Interval[] = [];
    let at = fromUs;
    for (const interval of this.intervals) {
      if (interval.toUs <= at) continue;
      if (interval.fromUs >= toUs) break;
      if (interval.fromUs > at) result.push({ fromUs: at, toUs: interval.fromUs });
      at = interval.toUs;
    }
    if (at < toUs) result.push({ fromUs: at, toUs });
    return result;
  }
}
