/** Where things are on the screen. All in CSS px, from the upper left corner of the host element. */

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 *     ┌───────┬──────────────────────┬───────┬────────┬───────┐
 *     │ sides │ chart                │ sides │ book   │ price │
 *     │       │                      │       │        │ axis  │
 *     ├───────┼──────────────────────┼───────┴────────┤       │
 *     │       │ strip, where wanted  │                │       │
 *     ├───────┴──────────────────────┴────────────────┼───────┤
 *     │ time axis                                     │       │
 *     └───────────────────────────────────────────────┴───────┘
 */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly chart: Area;
  /** The columns beside the chart, in the order in which they were asked for; as many of them as there is room for. */
  readonly sides: readonly Area[];
  readonly book: Area;
  /** Below the chart; without height where it is not wanted. */
  readonly strip: Area;
  readonly priceAxis: Area;
  readonly timeAxis: Area;
}

/** What stands beside the chart by choice. */
export interface Beside {
  /** CSS px; null: as the window asks. */
  readonly bookWidth: number | null;
  /** Columns beside the chart: left of it, or between it and the book. */
  readonly columns: readonly ('left' | 'right')[];
  /** Of each of them, CSS px; null: as the window asks. */
  readonly columnWidth?: number | null;
  readonly strip?: boolean;
}

const NOTHING_CHOSEN: Beside = { bookWidth: null, columns: [] };

/** Below this width everything beside the chart is narrower. */
const NARROW_PX = 640;
const BOOK_PX = { wide: 160, narrow: 84 };
const SIDE_PX = { wide: 72, narrow: 44 };
const PRICE_AXIS_PX = { wide: 80, narrow: 72 };
const TIME_AXIS_PX = 24;
const STRIP_PX = 56;
/** In a lower window there is no room for it. */
const STRIP_FROM_PX = 240;
/** The chart keeps at least this much, however small the window … */
const CHART_PX_MIN = 40;
/** … and more of it before anything that was chosen. */
const CHART_SHARE_MIN = 0.4;

export function layoutFor(width: number, height: number, beside: Beside = NOTHING_CHOSEN): Layout {
  const size = width < NARROW_PX ? 'narrow' : 'wide';
  const axis = PRICE_AXIS_PX[size];
  const forChosen = Math.max(BOOK_PX[size], width * (1 - CHART_SHARE_MIN) - axis);
  const book = Math.min(beside.bookWidth ?? BOOK_PX[size], forChosen);
  const side = beside.columnWidth ?? SIDE_PX[size];
  const columns = beside.columns.slice(0, Math.floor(Math.max(0, forChosen - book) / side));
  const leftCount = columns.filter((column) => column === 'left').length;
  const chartX = leftCount * side;
  const chartWidth = Math.max(CHART_PX_MIN, width - book - columns.length * side - axis);
  const bookX = chartWidth + columns.length * side;
  const bookWidth = Math.max(0, width - axis - bookX);
  const strip = beside.strip && height >= STRIP_FROM_PX ? STRIP_PX : 0;
  const chartHeight = Math.max(CHART_PX_MIN, height - strip - TIME_AXIS_PX);
  return {
    width,
    height,
    chart: { x: chartX, y: 0, width: chartWidth, height: chartHeight },
    sides: columns.map((column, i) => {
      const before = columns.slice(0, i).filter((other) => other === column).length;
      const x = (column === 'left' ? 0 : chartX + chartWidth) + before * side;
      return { x, y: 0, width: side, height: chartHeight };
    }),
    book: { x: bookX, y: 0, width: bookWidth, height: chartHeight },
    strip: { x: chartX, y: chartHeight, width: chartWidth, height: strip },
    priceAxis: { x: bookX + bookWidth, y: 0, width: axis, height: chartHeight },
    timeAxis: { x: chartX, y: chartHeight + strip, width: chartWidth, height: TIME_AXIS_PX },
  };
}

export type AreaName = 'chart' | 'sides' | 'book' | 'priceAxis' | 'timeAxis';

const within = (area: Area, x: number, y: number): boolean =>
  x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;

export function areaAt(layout: Layout, x: number, y: number): AreaName | null {
  if (layout.sides.some((side) => within(side, x, y))) return 'sides';
  // It moves and zooms as the axis below it.
  if (within(layout.strip, x, y)) return 'timeAxis';
  const names = ['chart', 'book', 'priceAxis', 'timeAxis'] as const;
  return names.find((name) => within(layout[name], x, y)) ?? null;
}
