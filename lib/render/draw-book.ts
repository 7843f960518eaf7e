/** The book as it stands, at the right edge: a bar to a row, its lots where the row is tall enough, and the totals. */
import { ASK, BID, type Side } from '../core/side.ts';
import { type BookRow, SIDES } from '../heatmap/book-rows.ts';
import { formatCompact, formatLots, formatWhole, quantityUnit } from '../heatmap/format.ts';
import { yOf } from '../heatmap/view.ts';
import type { Hatches } from './draw-missing.ts';
import type { Scene } from './scene.ts';
import { snapEdge, snapLine } from './surface.ts';

/** Rows at least this tall carry their number, CSS px. */
const NUMBER_ROW_PX = 12;
const NUMBER_FONT_PX = 10.5;
const INSET_PX = 6;
const TOTAL_HEIGHT_PX = 22;
/** Bars leave this much of the column free for numbers. */
const BAR_SHARE = 0.94;
/** Between rows, so that they can be told apart. */
const ROW_GAP_PX = 1;

/** The book's sides by price rows, with what cannot be seen of them. */
export interface BookColumn {
  readonly sides: readonly [readonly BookRow[], readonly BookRow[]];
  /** Over all levels, units; null where a side is unknown or out of date. */
  readonly totals: readonly [number | null, number | null];
}

/** Whether a side was not switched off. */
const isShown = ({ options }: Scene, side: Side): boolean =>
  options.bookSides === 'both' || options.bookSides === (side === BID ? 'bid' : 'ask');

/** The largest visible quantity, which sets the length of the bars; null where nothing is visible. */
export function largestVisible(scene: Scene, book: BookColumn): number | null {
  const { view, layout, rows } = scene;
  const reach = (layout.chart.height / 2) * view.unitsPerPx;
  const low = (view.centrePrice - reach) / rows.units;
  const high = (view.centrePrice + reach) / rows.units;
  let largest: number | null = null;
  for (const side of SIDES) {
    if (!isShown(scene, side)) continue;
    for (const { row, quantity } of book.sides[side]) {
      if (row >= low && row <= high && (largest === null || quantity > largest)) largest = quantity;
    }
  }
  return largest;
}

/** @param full the quantity whose bar fills the column */
export function drawBook(scene: Scene, book: BookColumn, full: number, hatches: Hatches): void {
  const { pen, theme, layout, pixelRatio } = scene;
  const { book: area } = layout;
  if (area.width === 0) return;
  pen.fillStyle = theme.panel;
  pen.fillRect(area.x, area.y, area.width, area.height);
  const shown = SIDES.filter((side) => isShown(scene, side));
  for (const side of shown) {
    if (book.totals[side] === null) hatchSide(scene, side, book, hatches);
    else {
      drawSide(scene, side, book, full);
      if (scene.options.bookDepth) drawDepth(scene, side, book);
    }
  }
  for (const side of shown) {
    const y = side === ASK ? area.y : area.y + area.height - TOTAL_HEIGHT_PX;
    drawTotal(scene, side, book.totals[side], y);
  }
  pen.fillStyle = theme.line;
  pen.fillRect(area.x, area.y, 1 / pixelRatio, area.height);
}

/** A side that is not known now is hatched, up to where the other one begins. */
function hatchSide({ pen, theme, view, layout, rows }: Scene, side: Side, book: BookColumn, hatches: Hatches): void {
  const { book: area, chart } = layout;
  const touch = book.sides[side === BID ? ASK : BID][0];
  const middle = touch ? yOf(view, chart, touch.row * rows.units) : area.y + area.height / 2;
  const edge = Math.min(area.y + area.height, Math.max(area.y, middle));
  pen.fillStyle = hatches.stale ?? theme.hatchStale;
  if (side === ASK) pen.fillRect(area.x, area.y, area.width, edge - area.y);
  else pen.fillRect(area.x, edge, area.width, area.y + area.height - edge);
}

function drawSide(scene: Scene, side: Side, book: BookColumn, full: number): void {
  const { pen, theme, view, layout, rows, options, pixelRatio } = scene;
  const { book: area, chart } = layout;
  const rowPx = rows.units / view.unitsPerPx;
  const barPx = rowPx > 3 * ROW_GAP_PX ? rowPx - ROW_GAP_PX : rowPx;
  // One path for all bars: a third of the cost of a rectangle each.
  pen.beginPath();
  for (const { row, quantity } of book.sides[side]) {
    const y = yOf(view, chart, row * rows.units);
    if (y < -rowPx || y > chart.height + rowPx) continue;
    const width = area.width * BAR_SHARE * Math.min(1, quantity / full);
    const top = snapEdge(y - rowPx / 2, pixelRatio);
    pen.rect(area.x + area.width - width, top, width, Math.max(snapEdge(barPx, pixelRatio), 1 / pixelRatio));
  }
  pen.fillStyle = side === BID ? theme.bidBar : theme.askBar;
  pen.fill();
  if (rowPx < NUMBER_ROW_PX || options.bookNumbers === 'none') return;
  pen.fillStyle = theme.text;
  pen.font = `${NUMBER_FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (const row of book.sides[side]) {
    const y = yOf(view, chart, row.row * rows.units);
    if (y < -rowPx || y > chart.height + rowPx) continue;
    pen.fillText(numberOf(scene, row), area.x + area.width - INSET_PX, y + 0.5);
  }
}

/** `20` or, with orders, `20 · 3`. */
function numberOf({ options, instrument }: Scene, { quantity, orders }: BookRow): string {
  const size = options.bookNumbers === 'lots' ? formatLots(quantity, instrument.lotSize) : formatWhole(quantity);
  return options.bookOrders ? `${formatWhole(orders)} · ${size}` : size;
}

/** A line of the sizes added up from the touch; the side's total reaches across the column. */
function drawDepth({ pen, theme, view, layout, rows, pixelRatio }: Scene, side: Side, book: BookColumn): void {
  const { book: area, chart } = layout;
  const total = book.totals[side] ?? 0;
  let sum = 0;
  pen.save();
  pen.beginPath();
  pen.rect(area.x, area.y, area.width, area.height);
  pen.clip();
  pen.beginPath();
  for (const { row, quantity } of book.sides[side]) {
    const y = snapLine(yOf(view, chart, row * rows.units), pixelRatio);
    const before = area.x + area.width * (1 - sum / total);
    sum += quantity;
    if (sum === quantity) pen.moveTo(before, y);
    else pen.lineTo(before, y);
    pen.lineTo(area.x + area.width * (1 - sum / total), y);
  }
  pen.strokeStyle = side === BID ? theme.bestBid : theme.bestAsk;
  pen.lineWidth = 1;
  pen.stroke();
  pen.restore();
}

/** `Σ ask 1,568 lots` or, where it does not fit, `Σ ask 1.57K`. */
function drawTotal({ pen, theme, layout, instrument }: Scene, side: Side, total: number | null, y: number): void {
  const { book: area } = layout;
  pen.fillStyle = theme.background;
  pen.fillRect(area.x, y, area.width, TOTAL_HEIGHT_PX);
  pen.fillStyle = side === BID ? theme.bestBid : theme.bestAsk;
  pen.font = `600 ${NUMBER_FONT_PX}px ${theme.fontMono}`;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const middle = y + TOTAL_HEIGHT_PX / 2 + 0.5;
  pen.fillText(side === BID ? 'Σ bid' : 'Σ ask', area.x + INSET_PX, middle);
  pen.textAlign = 'right';
  const room = area.width - 2 * INSET_PX - pen.measureText('Σ bid ').width;
  const lots = total === null ? '–' : `${formatLots(total, instrument.lotSize)} ${quantityUnit(instrument.lotSize)}`;
  const text = total === null || pen.measureText(lots).width <= room ? lots : formatCompact(total / instrument.lotSize);
  pen.fillText(text, area.x + area.width - INSET_PX, middle);
}
