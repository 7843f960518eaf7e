/** Price axis at the right, time axis below, and the thin lines that carry them into the chart. */
import { priceLabels, priceStep, timeLabelsUs, timeStepUs } from '../heatmap/axis-steps.ts';
import { formatIstDay, formatIstTime, formatPrice } from '../heatmap/format.ts';
import { leftUs, priceAt, xOf, yOf } from '../heatmap/view.ts';
import type { Scene } from './scene.ts';
import { snapLine } from './surface.ts';

/** Least distance of labels, CSS px. */
const PRICE_LABEL_PX = 44;
const TIME_LABEL_PX = 92;
const GRID_ALPHA = 0.28;
const AXIS_FONT_PX = 11;
/** Width of a digit of the fixed-width font, as a part of its size. */
const DIGIT_SHARE = 0.6;
const TAG_HEIGHT_PX = 18;
const LABEL_INSET_PX = 6;

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

/** Lines in the chart, below everything that says more. */
export function drawGrid(scene: Scene): void {
  const { pen, theme, view, layout, pixelRatio } = scene;
  const { chart } = layout;
  pen.strokeStyle = theme.line;
  pen.lineWidth = 1 / pixelRatio;
  pen.globalAlpha = GRID_ALPHA;
  pen.beginPath();
  for (const price of visiblePrices(scene)) {
    const y = snapLine(yOf(view, chart, price), pixelRatio);
    pen.moveTo(chart.x, y);
    pen.lineTo(chart.x + chart.width, y);
  }
  for (const time of visibleTimes(scene)) {
    const x = snapLine(xOf(view, chart, time), pixelRatio);
    pen.moveTo(x, chart.y);
    pen.lineTo(x, chart.y + chart.height);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/** @param tagPrice labels below its tag are left out; null: no tag */
export function drawPriceAxis(scene: Scene, tagPrice: number | null): void {
  const { pen, theme, view, layout, pixelRatio, instrument } = scene;
  const { priceAxis: axis, chart } = layout;
  pen.fillStyle = theme.background;
  pen.fillRect(axis.x, axis.y, axis.width, layout.height - axis.y);
  pen.fillStyle = theme.line;
  pen.fillRect(axis.x, axis.y, 1 / pixelRatio, layout.height - axis.y);
  pen.fillStyle = theme.textMuted;
  pen.font = `${priceFontPx(scene)}px ${theme.fontMono}`;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  const tagY = tagPrice === null ? Number.NEGATIVE_INFINITY : yOf(view, chart, tagPrice);
  for (const price of visiblePrices(scene)) {
    const y = yOf(view, chart, price);
    if (y < TAG_HEIGHT_PX / 2 || y > chart.height - TAG_HEIGHT_PX / 2 || Math.abs(y - tagY) < TAG_HEIGHT_PX) continue;
    pen.fillText(formatPrice(price, instrument), axis.x + axis.width - LABEL_INSET_PX, y + 0.5);
  }
}

export function drawTimeAxis(scene: Scene): void {
  const { pen, theme, view, layout, pixelRatio } = scene;
  const { timeAxis: axis, chart, priceAxis } = layout;
  pen.fillStyle = theme.background;
  pen.fillRect(0, axis.y, priceAxis.x, axis.height);
  pen.fillStyle = theme.line;
  pen.fillRect(0, axis.y, priceAxis.x + priceAxis.width, 1 / pixelRatio);
  pen.fillStyle = theme.textMuted;
  pen.font = `${AXIS_FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const step = timeStepUs(view.usPerPx, TIME_LABEL_PX);
  for (const time of visibleTimes(scene)) {
    const x = xOf(view, chart, time);
    if (Math.min(x - chart.x, chart.x + chart.width - x) < TIME_LABEL_PX / 3) continue;
    pen.fillText(timeLabel(time, step), x, axis.y + axis.height / 2 + 0.5);
  }
  pen.fillStyle = theme.textFaint;
  pen.textAlign = 'right';
  pen.fillText('IST', priceAxis.x + priceAxis.width - LABEL_INSET_PX, axis.y + axis.height / 2 + 0.5);
}

/** A filled label on the price axis. */
export function drawPriceTag(scene: Scene, price: number, fill: string, ink: string): void {
  const { pen, theme, view, layout, instrument } = scene;
  const { priceAxis: axis, chart } = layout;
  const y = yOf(view, chart, price);
  if (y < 0 || y > chart.height) return;
  const top = Math.min(Math.max(y - TAG_HEIGHT_PX / 2, 0), chart.height - TAG_HEIGHT_PX);
  pen.fillStyle = fill;
  pen.fillRect(axis.x + 1, top, axis.width - 1, TAG_HEIGHT_PX);
  pen.fillStyle = ink;
  pen.font = `600 ${priceFontPx(scene)}px ${theme.fontMono}`;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.fillText(formatPrice(price, instrument), axis.x + axis.width - LABEL_INSET_PX, top + TAG_HEIGHT_PX / 2 + 0.5);
}

/** A filled label on the time axis. */
export function drawTimeTag(scene: Scene, timeUs: number, text: string): void {
  const { pen, theme, view, layout } = scene;
  const { timeAxis: axis, chart } = layout;
  pen.font = `${AXIS_FONT_PX}px ${theme.fontMono}`;
  const width = pen.measureText(text).width + 2 * LABEL_INSET_PX;
  const x = Math.min(Math.max(xOf(view, chart, timeUs) - width / 2, chart.x), chart.x + chart.width - width);
  pen.fillStyle = theme.tag;
  pen.fillRect(x, axis.y + 2, width, axis.height - 4);
  pen.fillStyle = theme.text;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(text, x + LABEL_INSET_PX, axis.y + axis.height / 2 + 0.5);
}

/** Smaller where prices are long and the axis is narrow. */
function priceFontPx({ layout, view, instrument }: Scene): number {
  const digits = formatPrice(view.centrePrice, instrument).length;
  return Math.min(AXIS_FONT_PX, (layout.priceAxis.width - 2 * LABEL_INSET_PX) / (digits * DIGIT_SHARE));
}

function visiblePrices({ view, layout, instrument }: Scene): number[] {
  const { chart } = layout;
  const step = priceStep(instrument.tickSize, view.unitsPerPx, PRICE_LABEL_PX);
  return priceLabels(priceAt(view, chart, chart.y + chart.height), priceAt(view, chart, chart.y), step);
}

function visibleTimes({ view, layout }: Scene): number[] {
  const step = timeStepUs(view.usPerPx, TIME_LABEL_PX);
  return timeLabelsUs(leftUs(view, layout.chart), view.rightUs, step);
}

/** The day where a new one begins, else the time as exactly as the step needs it. */
function timeLabel(timeUs: number, stepUs: number): string {
  const time = formatIstTime(timeUs);
  if (time === '00:00:00' || stepUs >= DAY_US) return formatIstDay(timeUs);
  if (stepUs >= 60 * SECOND_US) return formatIstTime(timeUs, 'minutes');
  return stepUs >= SECOND_US ? time : formatIstTime(timeUs, 'ms').slice(0, -2);
}
