/**
 * Price rows: a row stands for `ticks` price steps and shows the sum of the quantities that fall into it. Bids round
 * down and asks round up, away from the spread, so no row ever holds both sides of an uncrossed book.
 */
import { BID, type Side } from '../core/side.ts';

/** Ticks that one row can stand for. */
export const ROW_TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

/** Rows are this tall at least when their size is chosen automatically, CSS px. */
const ROW_PX_MIN_AUTO = 3;
/** Below a pixel rows would hide each other: a size chosen by hand is raised to reach this, CSS px. */
const ROW_PX_MIN = 1;

export interface PriceRows {
  readonly ticks: number;
  /** Height of a row in price units. */
  readonly units: number;
}

/**
 * @param tickSize price units
 * @param unitsPerPx price units a CSS pixel stands for
 * @param chosen ticks a row as chosen by hand; null: automatic
 */
export function priceRowsFor(tickSize: number, unitsPerPx: number, chosen: number | null): PriceRows {
  const pxMin = chosen === null ? ROW_PX_MIN_AUTO : ROW_PX_MIN;
  const least = chosen ?? 1;
  const ticks =
    ROW_TICKS.find((candidate) => candidate >= least && (candidate * tickSize) / unitsPerPx >= pxMin) ??
    (ROW_TICKS[ROW_TICKS.length - 1] as number);
  return { ticks, units: ticks * tickSize };
}

/** Number of the row into which a level of a side falls. Row r is drawn around the price r × rowUnits. */
export const rowOf = (price: number, side: Side, rowUnits: number): number =>
  side === BID ? Math.floor(price / rowUnits) : Math.ceil(price / rowUnits);

/** Number of the row that is drawn at a price, whatever the side. */
export const rowAt = (price: number, rowUnits: number): number => Math.round(price / rowUnits);
