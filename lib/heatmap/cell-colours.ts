/** Keeps the colours of a ring's cells in step with what is visible: counts, follows calmly, and tabulates. */
import type { CellRing } from './cell-ring.ts';
import { CELL_COUNT, type Cutoffs, cutoffsOf, fillColourTable } from './colour-scale.ts';
import { EasedQuantity } from './eased.ts';
import { PALETTES, type PaletteName, pixelOf } from './palettes.ts';
import { BIN_COUNT } from './quantity-bins.ts';

/** Cut-offs are not counted anew more often than this, ms. */
const COUNT_MS = 250;

/** Part of a ring that is on the screen. */
export interface VisibleCells {
  readonly fromColumn: number;
  readonly toColumn: number;
  /** Number of the topmost row. */
  readonly topRow: number;
  readonly rows: number;
}

export class CellColours {
  /** Pixel of every cell number. */
  readonly table = new Uint32Array(CELL_COUNT);
  /** True where what is visible has changed since it was last counted. */
  countDue = false;
  private readonly histogram = new Uint32Array(BIN_COUNT);
  private readonly lo = new EasedQuantity();
  private readonly hi = new EasedQuantity();
  private countedMs = Number.NEGATIVE_INFINITY;
  private tabulated = '';

  moving(nowMs: number): boolean {
    return this.lo.moving(nowMs) || this.hi.moving(nowMs);
  }

  /** Null before anything was counted. */
  cutoffs(nowMs: number): Cutoffs | null {
    const lo = this.lo.at(nowMs);
    const hi = this.hi.at(nowMs);
    return lo === null || hi === null ? null : { lo, hi: Math.max(hi, lo + 1) };
  }

  /** Counts the visible cells, unless that was done a moment ago. @param atOnce no easing */
  follow(ring: CellRing, { fromColumn, toColumn, topRow, rows }: VisibleCells, nowMs: number, atOnce: boolean): void {
    this.countDue = nowMs - this.countedMs < COUNT_MS;
    if (this.countDue) return;
    this.countedMs = nowMs;
    ring.count(fromColumn, toColumn, topRow, rows, this.histogram);
    const cutoffs = cutoffsOf(this.histogram);
    if (!cutoffs) return;
    this.lo.offer(cutoffs.lo, nowMs, atOnce);
    this.hi.offer(cutoffs.hi, nowMs, atOnce);
  }

  /** Brings the table, and with it the ring's pixels, up to date where cut-offs or colours have changed. */
  apply(ring: CellRing, palette: PaletteName, background: string, nowMs: number): void {
    const cutoffs = this.cutoffs(nowMs);
    if (!cutoffs) return;
    const wanted = [palette, background, cutoffs.lo, cutoffs.hi].join();
    if (wanted === this.tabulated) return;
    this.tabulated = wanted;
    fillColourTable(this.table, PALETTES[palette], cutoffs, pixelOf(background));
    ring.recolour(this.table);
  }
}
