/**
 * Folds the books of an interval into tiles: several values and row heights in one pass.
 *
 * A book of a side stands from its book time until the next one of that side, for at most CARRY_US, and not into a gap;
 * at least to the end of its millisecond. Times are weighed in whole milliseconds of the clock, so that the weights of
 * finer columns add up to those of coarser ones exactly, and a side is known in a column for a millisecond or not at all.
 */
import { ABSENT } from '../core/absent.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { CellFold } from './cell-fold.ts';
import { CARRY_US } from './depth-model.ts';
import type { Gap } from './gaps.ts';
import { RowSums } from './row-sums.ts';
import { newTileSide, newTrades, type Tile, type TileSide, type TileTrades, type TileValue, tileUs } from './tile.ts';

const US_PER_MS = 1000;

/** Cells that are wanted of a pass. */
export interface TileCells {
  readonly value: TileValue;
  /** Price units. */
  readonly rowUnits: number;
}

export class TileFold {
  /** What traded, column by column: filled in by who knows it. */
  readonly trades: TileTrades = newTrades();
  private readonly sides: readonly [SideFold, SideFold];

  /**
   * @param startUs beginning of the tile; books are wanted from CARRY_US before it
   * @param gaps those that touch the tile, oldest first
   */
  constructor(
    private readonly columnMs: number,
    private readonly startUs: number,
    private readonly wanted: readonly TileCells[],
    gaps: readonly Gap[],
  ) {
    const of = (side: Side): SideFold => new SideFold(side, columnMs, startUs, wanted, gaps);
    this.sides = [of(BID), of(ASK)];
  }

  /** Takes in a book; those of a side come in the order of their book times. The levels are copied. */
  put(side: Side, bookTimeUs: number, stampUs: number, levels: SideLevels): void {
    this.sides[side].put(bookTimeUs, stampUs, levels);
  }

  /** The tiles, in the order in which they were wanted. @param toUs what is known ends here, at the latest at the tile's end */
  finish(toUs: number): Tile[] {
    for (const side of this.sides) side.end(Math.ceil(toUs / US_PER_MS) * US_PER_MS);
    const [bid, ask] = this.sides;
    return this.wanted.map(({ value, rowUnits }, i) => ({
      value,
      rowUnits,
      columnMs: this.columnMs,
      startUs: this.startUs,
      sides: [bid.tileSide(i), ask.tileSide(i)],
      trades: this.trades,
    }));
  }
}

const wholeMs = (us: number): number => Math.floor(us / US_PER_MS) * US_PER_MS;

class SideFold {
  private readonly beside = newTileSide();
  private readonly cells: readonly CellFold[];
  /** The book that stands by each height of rows that is wanted, lowest first, and which of them each cells' is. */
  private readonly sums: readonly RowSums[];
  private readonly sumsOf: readonly RowSums[];
  private readonly columnUs: number;
  private readonly endUs: number;
  /** The book that stands, from when, and until when at the longest. */
  private readonly held = new SideLevels();
  private heldFromUs = ABSENT;
  private heldToUs = ABSENT;

  constructor(
    side: Side,
    columnMs: number,
    private readonly startUs: number,
    wanted: readonly TileCells[],
    private readonly gaps: readonly Gap[],
  ) {
    this.columnUs = columnMs * US_PER_MS;
    this.endUs = startUs + tileUs(columnMs);
    this.cells = wanted.map(({ value, rowUnits }) => new CellFold(side, value, rowUnits));
    const heights = [...new Set(wanted.map(({ rowUnits }) => rowUnits))].sort((a, b) => a - b);
    this.sums = heights.map((rowUnits) => new RowSums(side, rowUnits));
    this.sumsOf = wanted.map((one) => this.sums.find(({ rowUnits }) => rowUnits === one.rowUnits) as RowSums);
  }

  put(bookTimeUs: number, stampUs: number, levels: SideLevels): void {
    this.end(bookTimeUs);
    this.held.copyFrom(levels);
    this.heldFromUs = bookTimeUs;
    const gap = this.gaps.find(({ toUs }) => toUs > stampUs);
    const silentUs = Math.min(bookTimeUs + CARRY_US, gap?.fromUs ?? Number.POSITIVE_INFINITY);
    // Whole milliseconds: what is left of one would be seen in a column for no time at all.
    this.heldToUs = Math.max(wholeMs(bookTimeUs) + US_PER_MS, wholeMs(silentUs));
  }

  /** What is held stands until `untilUs` at the latest. */
  end(untilUs: number): void {
    if (this.heldFromUs === ABSENT) return;
    const { startUs, columnUs } = this;
    const toUs = Math.min(this.heldToUs, untilUs, this.endUs);
    const shownFromUs = Math.max(this.heldFromUs, startUs);
    if (shownFromUs < toUs) this.sumUp();
    for (let fromUs = shownFromUs; fromUs < toUs; ) {
      const column = Math.floor((fromUs - startUs) / columnUs);
      const partToUs = Math.min(toUs, startUs + (column + 1) * columnUs);
      this.add(column, Math.floor(partToUs / US_PER_MS) - Math.floor(fromUs / US_PER_MS));
      fromUs = partToUs;
    }
    this.heldFromUs = ABSENT;
  }

  tileSide(wanted: number): TileSide {
    return { ...this.beside, ...(this.cells[wanted] as CellFold).finish() };
  }

  /** What is held by rows of each height: of the tallest known rows that lie whole within them, which are the fewest. */
  private sumUp(): void {
    const { sums, held } = this;
    for (let i = 0; i < sums.length; i += 1) {
      const sum = sums[i] as RowSums;
      let finer = i - 1;
      while (finer >= 0 && sum.rowUnits % (sums[finer] as RowSums).rowUnits !== 0) finer -= 1;
      if (finer < 0) sum.takeLevels(held);
      else sum.takeFiner(sums[finer] as RowSums);
    }
  }

  private add(column: number, ms: number): void {
    const { knownMs, bestLast, bestLow, bestHigh } = this.beside;
    for (let i = 0; i < this.cells.length; i += 1)
      (this.cells[i] as CellFold).add(this.sumsOf[i] as RowSums, column, ms);
    knownMs[column] = (knownMs[column] as number) + ms;
    const best = this.held.count > 0 ? (this.held.prices[0] as number) : ABSENT;
    bestLast[column] = best;
    if (best === ABSENT) return;
    if (bestLow[column] === ABSENT || best < (bestLow[column] as number)) bestLow[column] = best;
    if (bestHigh[column] === ABSENT || best > (bestHigh[column] as number)) bestHigh[column] = best;
  }
}
