/** Where the bars, cells and numbers of a footprint chart stand. Pure: drawing and gestures ask here. CSS px, price units. */
import type { Area } from './layout.ts';

/**
 *     ┌──────────────────────┬───────┐
 *     │ bars                 │ price │
 *     │                      │ axis  │
 *     ├──────────────────────┼───────┤
 *     │ numbers of the bars  │ names │
 *     ├──────────────────────┤       │
 *     │ time axis            │       │
 *     └──────────────────────┴───────┘
 */
export interface FootprintLayout {
  readonly width: number;
  readonly height: number;
  readonly bars: Area;
  readonly stats: Area;
  readonly priceAxis: Area;
  readonly timeAxis: Area;
}

export const STAT_ROW_PX = 17;
const AXIS_PX = 72;
const TIME_AXIS_PX = 22;
/** Bars keep at least so much of the height; below it the numbers go. */
const BARS_PX_MIN = 120;

export function footprintLayout(width: number, height: number, statRows: number): FootprintLayout {
  const chartWidth = Math.max(40, width - AXIS_PX);
  const room = height - TIME_AXIS_PX - BARS_PX_MIN;
  const rows = Math.max(0, Math.min(statRows, Math.floor(room / STAT_ROW_PX)));
  const statsHeight = rows * STAT_ROW_PX;
  const barsHeight = Math.max(40, height - TIME_AXIS_PX - statsHeight);
  return {
    width,
    height,
    bars: { x: 0, y: 0, width: chartWidth, height: barsHeight },
    stats: { x: 0, y: barsHeight, width: chartWidth, height: statsHeight },
    priceAxis: { x: chartWidth, y: 0, width: AXIS_PX, height: barsHeight },
    timeAxis: { x: 0, y: barsHeight + statsHeight, width: chartWidth, height: TIME_AXIS_PX },
  };
}

export interface FootprintView {
  /** Place of the chart's right edge: place n is the n-th bar from the oldest, and n + 1 its right side. */
  readonly rightPlace: number;
  readonly barPx: number;
  readonly centrePrice: number;
  readonly unitsPerPx: number;
}

export const BAR_PX_MIN = 6;
export const BAR_PX_MAX = 260;
/** Numbers are written into cells from this size on. */
const TEXT_ROW_PX = 11;
export const TEXT_FONT_PX_MAX = 12;
/** Part of a bar's width that its cells fill; the rest keeps bars apart and holds the candle. */
const CELLS_SHARE = 0.86;
/** A glyph of the fixed-width font, as a part of its size. */
const GLYPH_SHARE = 0.62;

export const xOfPlace = ({ rightPlace, barPx }: FootprintView, { x, width }: Area, place: number): number =>
  x + width - (rightPlace - place) * barPx;

export const placeAtX = ({ rightPlace, barPx }: FootprintView, { x, width }: Area, at: number): number =>
  rightPlace - (x + width - at) / barPx;

export const yOfPrice = ({ centrePrice, unitsPerPx }: FootprintView, { y, height }: Area, price: number): number =>
  y + height / 2 + (centrePrice - price) / unitsPerPx;

export const priceAtY = ({ centrePrice, unitsPerPx }: FootprintView, { y, height }: Area, at: number): number =>
  centrePrice - (at - y - height / 2) * unitsPerPx;

/** Visible places: [from, to). */
export function visiblePlaces(view: FootprintView, area: Area, count: number): { from: number; to: number } {
  const from = Math.max(0, Math.floor(view.rightPlace - area.width / view.barPx));
  return { from: Math.min(from, count), to: Math.min(count, Math.max(0, Math.ceil(view.rightPlace))) };
}

/** Cells of the bar at a place: the candle's strip, and to the right of it the cells. */
export function barBox(view: FootprintView, area: Area, place: number) {
  const left = xOfPlace(view, area, place);
  const cellsWidth = view.barPx * CELLS_SHARE;
  const strip = view.barPx - cellsWidth;
  return { left, strip, cellsLeft: left + strip * 0.7, cellsWidth };
}

/** Size of the numbers in cells; null where they cannot be read: rows too low, or the longest text too wide. */
export function cellFontPx(view: FootprintView, rowHeight: number, longest: number): number | null {
  const rowPx = rowHeight / view.unitsPerPx;
  if (rowPx < TEXT_ROW_PX) return null;
  const size = Math.min(TEXT_FONT_PX_MAX, rowPx - 2);
  const room = view.barPx * CELLS_SHARE - 6;
  const fits = Math.min(size, room / (longest * GLYPH_SHARE));
  return fits >= 8 ? fits : null;
}

/** After a drag. */
export const panned = (view: FootprintView, dx: number, dy: number): FootprintView => ({
  ...view,
  rightPlace: view.rightPlace - dx / view.barPx,
  centrePrice: view.centrePrice + dy * view.unitsPerPx,
});

/** Bars wider or narrower by a factor of the time shown, with what is at `x` staying there; null: the right edge. */
export function zoomedTime(view: FootprintView, area: Area, factor: number, x: number | null): FootprintView {
  const barPx = Math.min(BAR_PX_MAX, Math.max(BAR_PX_MIN, view.barPx / factor));
  const at = x ?? area.x + area.width;
  const place = placeAtX(view, area, at);
  return { ...view, barPx, rightPlace: place + (area.x + area.width - at) / barPx };
}

/** Rows taller or lower; `rowHeight` bounds it: between a tenth of a px and 60 px a row. */
export function zoomedPrice(
  view: FootprintView,
  area: Area,
  factor: number,
  y: number | null,
  rowHeight: number,
): FootprintView {
  const unitsPerPx = Math.min(rowHeight * 10, Math.max(rowHeight / 60, view.unitsPerPx * factor));
  const at = y ?? area.y + area.height / 2;
  const price = priceAtY(view, area, at);
  return { ...view, unitsPerPx, centrePrice: price + (at - area.y - area.height / 2) * unitsPerPx };
}
