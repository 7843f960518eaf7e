/** The numbers of a ladder's visible rows, in arrays that are filled anew for every picture. */
import { ASK, BID, type Side } from '../core/side.ts';
import { rowAt, rowOf } from '../heatmap/price-rows.ts';
import { NO_BEST } from './best-trail.ts';
import type { LadderModel, SideLook } from './ladder-model.ts';

export const ROWS_MAX = 256;

/** Of one side, by visible row from the top. Units. */
class SideColumns {
  readonly quantities = new Float64Array(ROWS_MAX);
  readonly orders = new Float64Array(ROWS_MAX);
  /** Up to and with the row, from the best price on; 0 where the row holds nothing. */
  readonly cumulative = new Float64Array(ROWS_MAX);
  readonly changes = new Float64Array(ROWS_MAX);
  /** Over all levels; 0 where the side is not known. */
  total = 0;
  totalOrders = 0;
  levels = 0;
  look: SideLook = 'none';
  /** Row of the best price; null where there is none. */
  bestRow: number | null = null;

  clear(count: number): void {
    for (const column of [this.quantities, this.orders, this.cumulative, this.changes]) column.fill(0, 0, count);
    this.total = 0;
    this.totalOrders = 0;
    this.levels = 0;
    this.bestRow = null;
  }
}

export interface RowsAsked {
  /** Uppermost row. */
  readonly top: number;
  /** At most ROWS_MAX. */
  readonly count: number;
  readonly rowUnits: number;
  readonly nowUs: number;
  /** The stream is open. */
  readonly heard: boolean;
  /** Window of pull and stack, µs. */
  readonly windowUs: number;
}

export class LadderRows {
  top = 0;
  count = 0;
  rowUnits = 1;
  readonly sides = [new SideColumns(), new SideColumns()] as const;
  readonly buys = new Float64Array(ROWS_MAX);
  readonly sells = new Float64Array(ROWS_MAX);
  readonly unknowns = new Float64Array(ROWS_MAX);
  /** Row of the last price; null before the first tick. */
  lastRow: number | null = null;
  /** Largest visible quantity of either side; 0 where nothing rests. */
  largest = 0;
  /** Most that has traded at a visible row. */
  mostTraded = 0;

  fill(model: LadderModel, asked: RowsAsked): void {
    const { top, rowUnits } = asked;
    const count = Math.min(asked.count, ROWS_MAX);
    this.top = top;
    this.count = count;
    this.rowUnits = rowUnits;
    this.largest = 0;
    for (const side of [BID, ASK] as const) this.fillSide(side, model, asked);
    this.fillTraded(model);
    const { stampUs, lastPrice } = model.lastTick;
    this.lastRow = stampUs === 0 ? null : rowAt(lastPrice, rowUnits);
  }

  private fillSide(side: Side, model: LadderModel, { nowUs, heard, windowUs }: RowsAsked): void {
    const { top, count, rowUnits } = this;
    const columns = this.sides[side];
    columns.clear(count);
    columns.look = model.lookOf(side, nowUs, heard);
    if (columns.look === 'none') return;
    const { levels, stampUs } = model.side(side);
    let total = 0;
    let orders = 0;
    for (let i = 0; i < levels.count; i += 1) {
      const quantity = levels.quantities[i] as number;
      total += quantity;
      orders += levels.orders[i] as number;
      const at = top - rowOf(levels.prices[i] as number, side, rowUnits);
      if (at < 0 || at >= count) continue;
      columns.quantities[at] = (columns.quantities[at] as number) + quantity;
      columns.orders[at] = (columns.orders[at] as number) + (levels.orders[i] as number);
      columns.cumulative[at] = total;
      if ((columns.quantities[at] as number) > this.largest) this.largest = columns.quantities[at] as number;
    }
    columns.total = total;
    columns.totalOrders = orders;
    columns.levels = levels.count;
    const best = model.bestOf(side);
    columns.bestRow = best === NO_BEST ? null : rowOf(best, side, rowUnits);
    if (columns.look !== 'live') return;
    model.changes.each(side, levels, stampUs, windowUs, (price, change) => {
      const at = top - rowOf(price, side, rowUnits);
      if (at >= 0 && at < count) columns.changes[at] = (columns.changes[at] as number) + change;
    });
  }

  private fillTraded(model: LadderModel): void {
    const { top, count, rowUnits } = this;
    const traded = model.traded.byRow(rowUnits);
    this.mostTraded = 0;
    for (let at = 0; at < count; at += 1) {
      const row = traded.get(top - at);
      this.buys[at] = row?.buy ?? 0;
      this.sells[at] = row?.sell ?? 0;
      this.unknowns[at] = row?.unknown ?? 0;
      this.mostTraded = Math.max(this.mostTraded, this.buys[at] as number, this.sells[at] as number);
    }
  }
}
