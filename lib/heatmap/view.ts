/** Which part of time and price is shown, and how it changes. Pure: a view is a value. */
import type { Area } from './layout.ts';
import { ROW_TICKS } from './price-rows.ts';
import { COARSEST_TIER, COLUMN_PX_MIN, TIERS_US } from './tiers.ts';

export interface View {
  /** Time at the chart's right edge, µs. */
  readonly rightUs: number;
  readonly usPerPx: number;
  /** Price in the middle of the chart, price units. */
  readonly centrePrice: number;
  /** Price units a CSS pixel stands for. */
  readonly unitsPerPx: number;
}

/** A column of the finest tier is never wider than this, CSS px. */
const COLUMN_PX_MAX = 64;
/** A tick is never taller than this, CSS px. */
const TICK_PX_MAX = 48;
/** The empty future may fill this part of the chart. */
const FUTURE_SHARE_MAX = 0.5;
/** A column of the finest tier at first. */
const COLUMN_PX_FIRST = 2;
/** Share of the chart's height that the first look gives to the middle of the book. */
const FIRST_SPAN_SHARE = 0.94;

export const US_PER_PX_MIN = TIERS_US[0] / COLUMN_PX_MAX;
export const US_PER_PX_MAX = TIERS_US[COARSEST_TIER] / COLUMN_PX_MIN;

export const firstUsPerPx = TIERS_US[0] / COLUMN_PX_FIRST;

export const unitsPerPxMin = (tickSize: number): number => tickSize / TICK_PX_MAX;
/** A row of the most ticks is one pixel. */
export const unitsPerPxMax = (tickSize: number): number => tickSize * (ROW_TICKS[ROW_TICKS.length - 1] as number);

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

export const xOf = (view: View, chart: Area, timeUs: number): number =>
  chart.x + chart.width - (view.rightUs - timeUs) / view.usPerPx;

export const timeAt = (view: View, chart: Area, x: number): number =>
  view.rightUs - (chart.x + chart.width - x) * view.usPerPx;

export const yOf = (view: View, chart: Area, price: number): number =>
  chart.y + chart.height / 2 + (view.centrePrice - price) / view.unitsPerPx;

export const priceAt = (view: View, chart: Area, y: number): number =>
  view.centrePrice - (y - chart.y - chart.height / 2) * view.unitsPerPx;

/** Time at the chart's left edge. */
export const leftUs = (view: View, chart: Area): number => view.rightUs - chart.width * view.usPerPx;

/** Moves the picture by (dx, dy) px; the right edge stays within reach of `edgeUs`, the live edge. */
export function panned(view: View, chart: Area, dx: number, dy: number, edgeUs: number): View {
  const futureUs = chart.width * FUTURE_SHARE_MAX * view.usPerPx;
  return {
    ...view,
    rightUs: Math.min(view.rightUs - dx * view.usPerPx, edgeUs + futureUs),
    centrePrice: view.centrePrice + dy * view.unitsPerPx,
  };
}

/** Shows `factor` times as much time; the time at `x` stays where it is. */
export function zoomedTime(view: View, chart: Area, factor: number, x: number): View {
  const usPerPx = clamp(view.usPerPx * factor, US_PER_PX_MIN, US_PER_PX_MAX);
  const anchorUs = timeAt(view, chart, x);
  return { ...view, usPerPx, rightUs: anchorUs + (chart.x + chart.width - x) * usPerPx };
}

/** Shows a stretch of time, or the end of it where the zoom does not reach so far. */
export function showingTime(view: View, chart: Area, fromUs: number, toUs: number): View {
  const usPerPx = clamp((toUs - fromUs) / chart.width, US_PER_PX_MIN, US_PER_PX_MAX);
  return { ...view, usPerPx, rightUs: toUs };
}

/** Shows `factor` times as much of the price; the price at `y` stays where it is. */
export function zoomedPrice(view: View, chart: Area, factor: number, y: number, tickSize: number): View {
  const unitsPerPx = clamp(view.unitsPerPx * factor, unitsPerPxMin(tickSize), unitsPerPxMax(tickSize));
  const anchor = priceAt(view, chart, y);
  return { ...view, unitsPerPx, centrePrice: anchor + (y - chart.y - chart.height / 2) * unitsPerPx };
}

/** The price scale at which [low, high] fits into the chart. */
export function fittingUnitsPerPx(chart: Area, low: number, high: number, tickSize: number): number {
  const units = (high - low) / (chart.height * FIRST_SPAN_SHARE);
  return clamp(units, unitsPerPxMin(tickSize), unitsPerPxMax(tickSize));
}

/** Within this share of the height from the upper or lower edge the market is about to leave the picture. */
const EDGE_SHARE = 0.15;

/** True where following must bring `mid` back to the middle. */
export function needsRecentring(view: View, chart: Area, mid: number): boolean {
  const y = (yOf(view, chart, mid) - chart.y) / chart.height;
  return y < EDGE_SHARE || y > 1 - EDGE_SHARE;
}
