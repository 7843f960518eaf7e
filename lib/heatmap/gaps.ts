/** Intervals of which the feed knows nothing, with their causes. */

export interface Gap {
  readonly fromUs: number;
  /** Infinity while the gap is open. */
  readonly toUs: number;
  /** A word of GAP_CAUSES (lib/core/gap.ts). */
  readonly cause: string;
}

/** A day of a feed that is cut once a minute has 400; older ones than these are forgotten first. */
const GAPS_MAX = 4096;

export class Gaps {
  /** Sorted by beginning; a beginning names a gap. */
  private list: Gap[] = [];

  get all(): readonly Gap[] {
    return this.list;
  }

  /** The gap that has not ended yet. */
  get open(): Gap | null {
    const last = this.list[this.list.length - 1];
    return last && last.toUs === Number.POSITIVE_INFINITY ? last : null;
  }

  /** Takes in a gap, or a later word about one that is known. A closed gap is never opened again. */
  add(gap: Gap): void {
    const at = this.list.findIndex((known) => known.fromUs >= gap.fromUs);
    const known = this.list[at];
    if (known?.fromUs === gap.fromUs) {
      if (gap.toUs !== Number.POSITIVE_INFINITY) this.list[at] = gap;
      return;
    }
    this.list.splice(at < 0 ? this.list.length : at, 0, gap);
    if (this.list.length > GAPS_MAX) this.list.shift();
  }

  /** A frame came: whatever is still open ended there, even where the word of it has not come yet. */
  endAt(stampUs: number): boolean {
    const { open } = this;
    if (!open || stampUs <= open.fromUs) return false;
    this.list[this.list.length - 1] = { ...open, toUs: stampUs };
    return true;
  }

  /** The first gap that shares an instant with [fromUs, toUs). */
  overlapping(fromUs: number, toUs: number): Gap | null {
    for (const gap of this.list) {
      if (gap.fromUs >= toUs) return null;
      if (gap.toUs > fromUs) return gap;
    }
    return null;
  }
}
