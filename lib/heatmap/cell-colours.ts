/** Keeps the colours of a ring's cells in step with what is visible: counts, follows calmly, and tabulates. */
import type { CellRing } from './cell-ring.ts';
import { CELL_COUNT, type Cutoffs, cutoffsOf, fillColourTable, sumUp, type Transfer } from './colour-scale.ts';
import { EasedQuantity } from './eased.ts';
import type { HeatmapOptions } from './options.ts';
import { coloursOver, pixelOf } from './palettes.ts';
import { BIN_COUNT } from './quantity-bins.ts';
import { barsOf, type QuantityBars } from './quantity-histogram.ts';

/** Cut-offs are not counted anew more often than this, ms. */
const COUNT_MS = 250;
/** Ranks change with every count: their colours are brought up to date this seldom, ms, so that they stand still to be read. */
const RANK_MS = 2000;

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
  private readonly ranks = new Uint32Array(BIN_COUNT);
  private rankedMs = Number.NEGATIVE_INFINITY;
  private readonly lo = new EasedQuantity();
  private readonly hi = new EasedQuantity();
  private countedMs = Number.NEGATIVE_INFINITY;
  private chosen = '';
  private tabulated = '';
  private bars: QuantityBars | null = null;
  private locked: Cutoffs | null = null;

  /** @param lotSize units of a lot */
  constructor(private readonly lotSize: number) {}

  moving(nowMs: number): boolean {
    return this.lo.moving(nowMs) || this.hi.moving(nowMs);
  }

  /** Null before anything was counted. */
  cutoffs(nowMs: number): Cutoffs | null {
    if (this.locked) return this.locked;
    const lo = this.lo.at(nowMs);
    const hi = this.hi.at(nowMs);
    return lo === null || hi === null ? null : { lo, hi: Math.max(hi, lo + 1) };
  }

  /** What is visible, by quantity; the same object until it is counted anew. Null before anything was. */
  get visible(): QuantityBars | null {
    return this.bars;
  }

  /** Counts the visible cells, unless that was done a moment ago. @param atOnce no easing */
  follow(ring: CellRing, cells: VisibleCells, options: HeatmapOptions, nowMs: number, atOnce: boolean): void {
    const { cutoffs } = options;
    const choice = [cutoffs.by, cutoffs.lo, cutoffs.hi].join();
    const isNew = choice !== this.chosen;
    this.countDue = !isNew && nowMs - this.countedMs < COUNT_MS;
    if (this.countDue) return;
    this.countedMs = nowMs;
    this.chosen = choice;
    ring.count(cells.fromColumn, cells.toColumn, cells.topRow, cells.rows, this.histogram);
    this.bars = barsOf(this.histogram);
    const found = this.wanted(options);
    if (!found) return;
    // What was chosen by hand is taken as it is: easing and hysteresis are for what the market does.
    this.lo.offer(found.lo, nowMs, atOnce, isNew);
    this.hi.offer(found.hi, nowMs, atOnce, isNew);
    if (nowMs - this.rankedMs < RANK_MS) return;
    this.rankedMs = nowMs;
    sumUp(this.histogram, this.ranks);
  }

  /** Brings the table, and with it the ring's pixels, up to date where cut-offs or colours have changed. */
  apply(ring: CellRing, options: HeatmapOptions, background: string, nowMs: number): void {
    this.locked = options.locked;
    const cutoffs = this.cutoffs(nowMs);
    if (!cutoffs) return;
    const { palette, mode, gamma, dim, minLots, wallsOnly, heat } = options;
    const ranked = mode === 'rank' ? this.rankedMs : 0;
    const wanted = [
      palette,
      mode,
      gamma,
      dim,
      minLots,
      wallsOnly,
      heat,
      background,
      cutoffs.lo,
      cutoffs.hi,
      ranked,
    ].join();
    if (wanted === this.tabulated) return;
    this.tabulated = wanted;
    const nothing = pixelOf(background);
    if (heat) {
      const least = Math.max(minLots * this.lotSize, wallsOnly ? cutoffs.hi : 0);
      const transfer: Transfer = { mode, gamma, dim, least };
      fillColourTable(this.table, coloursOver(palette, background), cutoffs, nothing, transfer, this.ranks);
    } else this.table.fill(nothing);
    ring.recolour(this.table);
  }

  private wanted({ cutoffs: { by, lo, hi } }: HeatmapOptions): Cutoffs | null {
    if (by === 'percentile') return cutoffsOf(this.histogram, lo / 100, hi / 100);
    return { lo: lo * this.lotSize, hi: Math.max(hi, lo) * this.lotSize };
  }
}
