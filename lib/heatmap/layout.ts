/** Where things are on the screen. All in CSS px, from the upper left corner of the host element. */

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 *     ┌──────────────────────┬────────┬───────┐
 *     │ chart                │ book   │ price │
 *     │                      │        │ axis  │
 *     ├──────────────────────┴────────┼───────┤
 *     │ time axis                     │       │
 *     └───────────────────────────────┴───────┘
 */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly chart: Area;
  readonly book: Area;
  readonly priceAxis: Area;
  readonly timeAxis: Area;
}

/** Below this width everything beside the chart is narrower. */
const NARROW_PX = 640;
const BOOK_PX = { wide: 160, narrow: 84 };
const PRICE_AXIS_PX = { wide: 80, narrow: 72 };
const TIME_AXIS_PX = 24;
/** The chart keeps at least this much, however small the window. */
const CHART_PX_MIN = 40;

export function layoutFor(width: number, height: number): Layout {
  const size = width < NARROW_PX ? 'narrow' : 'wide';
  const axis = PRICE_AXIS_PX[size];
  const chartWidth = Math.max(CHART_PX_MIN, width - BOOK_PX[size] - axis);
  const bookWidth = Math.max(0, width - axis - chartWidth);
  const chartHeight = Math.max(CHART_PX_MIN, height - TIME_AXIS_PX);
  return {
    width,
    height,
    chart: { x: 0, y: 0, width: chartWidth, height: chartHeight },
    book: { x: chartWidth, y: 0, width: bookWidth, height: chartHeight },
    priceAxis: { x: chartWidth + bookWidth, y: 0, width: axis, height: chartHeight },
    timeAxis: { x: 0, y: chartHeight, width: chartWidth, height: TIME_AXIS_PX },
  };
}

export type AreaName = 'chart' | 'book' | 'priceAxis' | 'timeAxis';

const AREA_NAMES: readonly AreaName[] = ['chart', 'book', 'priceAxis', 'timeAxis'];

export function areaAt(layout: Layout, x: number, y: number): AreaName | null {
  const within = (area: Area) => x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
  return AREA_NAMES.find((name) => within(layout[name])) ?? null;
}
