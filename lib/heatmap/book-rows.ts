/** The book by price rows: the column at the right edge of the heatmap, the table that is read out, and their totals. */
import { ASK, BID, type Side } from '../core/side.ts';
import type { Frame } from './column-store.ts';
import { rowOf } from './price-rows.ts';

export interface BookRow {
  /** Row r stands for the price r × rowUnits. */
  readonly row: number;
  /** Units. */
  quantity: number;
  orders: number;
}

/** Rows of one side that hold anything, best first. */
export function bookRows(frame: Frame, side: Side, rowUnits: number): BookRow[] {
  const rows: BookRow[] = [];
  for (let i = frame.start; i < frame.start + frame.count; i += 1) {
    const row = rowOf(frame.prices[i] as number, side, rowUnits);
    let last = rows[rows.length - 1];
    if (last?.row !== row) {
      last = { row, quantity: 0, orders: 0 };
      rows.push(last);
    }
    last.quantity += frame.quantities[i] as number;
    last.orders += frame.orders[i] as number;
  }
  return rows;
}

/** Quantity and orders at one row; zeros where there is nothing. */
export function atRow(frame: Frame, side: Side, rowUnits: number, row: number): { quantity: number; orders: number } {
  let quantity = 0;
  let orders = 0;
  for (let i = frame.start; i < frame.start + frame.count; i += 1) {
    if (rowOf(frame.prices[i] as number, side, rowUnits) !== row) continue;
    quantity += frame.quantities[i] as number;
    orders += frame.orders[i] as number;
  }
  return { quantity, orders };
}

/** Sum from the best price up to and including a row, units. */
export function upToRow(frame: Frame, side: Side, rowUnits: number, row: number): number {
  let total = 0;
  for (let i = frame.start; i < frame.start + frame.count; i += 1) {
    const at = rowOf(frame.prices[i] as number, side, rowUnits);
    if (side === BID ? at < row : at > row) break;
    total += frame.quantities[i] as number;
  }
  return total;
}

/** Sum over all levels of a side, units. */
export function totalQuantity(frame: Frame): number {
  let total = 0;
  for (let i = frame.start; i < frame.start + frame.count; i += 1) total += frame.quantities[i] as number;
  return total;
}

export const SIDES: readonly Side[] = [BID, ASK];
