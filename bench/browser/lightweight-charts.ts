/**
 * A custom series of lightweight-charts that fills a rectangle a cell, with the steps of the heatmap among its plugin
 * examples: coordinates for all bars that it holds, then a colour from a shader and a rectangle for each visible cell.
 */
import {
  type CustomData,
  type CustomSeriesOptions,
  type CustomSeriesWhitespaceData,
  createChart,
  customSeriesDefaultOptions,
  type ICustomSeriesPaneRenderer,
  type ICustomSeriesPaneView,
  type PaneRendererCustomData,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { BACKGROUND, Cells } from './cells.ts';
import { COLUMNS, eachFrame, ROWS } from './scrolling.ts';

/** What the library leaves to its price axis and time axis, px. */
const PRICE_AXIS_PX = 80;
const TIME_AXIS_PX = 28;
/** Seconds; the library's times are whole ones, and a column a second is as good as four. */
const FIRST_TIME = 1_795_480_000;

interface Cell {
  readonly low: number;
  readonly high: number;
  /** Cell number. */
  readonly amount: number;
}

interface Column extends CustomData<Time> {
  readonly cells: readonly Cell[];
}

const picture = { draws: 0, columns: 0, rows: 0 };

class CellRenderer implements ICustomSeriesPaneRenderer {
  private data: PaneRendererCustomData<Time, Column> | null = null;

  constructor(private readonly shader: (amount: number) => string) {}

  update(data: PaneRendererCustomData<Time, Column>): void {
    this.data = data;
  }

  draw(...[target, priceToCoordinate]: Parameters<ICustomSeriesPaneRenderer['draw']>): void {
    const { data } = this;
    if (!data?.visibleRange) return;
    const { from, to } = data.visibleRange;
    const bars = data.bars.map(({ x, originalData }) => ({
      x,
      cells: originalData.cells.map(({ low, high, amount }) => ({
        bottom: priceToCoordinate(low) as number,
        top: priceToCoordinate(high) as number,
        amount,
      })),
    }));
    // biome-ignore lint/correctness/useHookAtTopLevel: no hook of React, by its name alone
    target.useBitmapCoordinateSpace(({ context, horizontalPixelRatio, verticalPixelRatio }) => {
      for (const bar of bars.slice(from, to)) {
        const left = Math.round((bar.x - data.barSpacing / 2) * horizontalPixelRatio);
        const right = Math.round((bar.x + data.barSpacing / 2) * horizontalPixelRatio);
        for (const cell of bar.cells) {
          const top = Math.round(cell.top * verticalPixelRatio);
          const bottom = Math.round(cell.bottom * verticalPixelRatio);
          context.fillStyle = this.shader(cell.amount);
          context.fillRect(left, top, right - left, bottom - top);
        }
      }
    });
    const rowPx = Math.abs((priceToCoordinate(1) as number) - (priceToCoordinate(0) as number));
    picture.draws += 1;
    picture.columns = Math.round(to - from);
    picture.rows = Math.round(ROWS / rowPx);
  }
}

class CellSeries implements ICustomSeriesPaneView<Time, Column> {
  private readonly cellRenderer: CellRenderer;

  constructor(shader: (amount: number) => string) {
    this.cellRenderer = new CellRenderer(shader);
  }

  renderer(): ICustomSeriesPaneRenderer {
    return this.cellRenderer;
  }

  update(data: PaneRendererCustomData<Time, Column>): void {
    this.cellRenderer.update(data);
  }

  priceValueBuilder(): number[] {
    return [0, ROWS, ROWS / 2];
  }

  isWhitespace(data: Column | CustomSeriesWhitespaceData<Time>): data is CustomSeriesWhitespaceData<Time> {
    return !('cells' in data);
  }

  defaultOptions(): CustomSeriesOptions {
    return customSeriesDefaultOptions;
  }
}

const cells = await Cells.fetch();

/** Ours for the same quantity, from a table; the example works each one out. */
function shader(cell: number): string {
  const pixel = cells.table[cell] as number;
  return `rgb(${pixel & 0xff}, ${(pixel >> 8) & 0xff}, ${(pixel >> 16) & 0xff})`;
}

let columns = 0;
function nextColumn(): Column {
  const lit: Cell[] = [];
  cells.next().forEach((cell, row) => {
    if (cell !== 0) lit.push({ low: ROWS - row - 1, high: ROWS - row, amount: cell });
  });
  const time = (FIRST_TIME + columns) as UTCTimestamp;
  columns += 1;
  return { time, cells: lit };
}

const chart = createChart(document.body, {
  width: COLUMNS + PRICE_AXIS_PX,
  height: ROWS + TIME_AXIS_PX,
  layout: { background: { color: BACKGROUND }, textColor: '#9ba5b4' },
  grid: { vertLines: { visible: false }, horzLines: { visible: false } },
  rightPriceScale: { minimumWidth: PRICE_AXIS_PX, scaleMargins: { top: 0, bottom: 0 } },
  timeScale: { barSpacing: 1, minimumHeight: TIME_AXIS_PX },
});
const series = chart.addCustomSeries(new CellSeries(shader), {
  autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: ROWS } }),
  lastValueVisible: false,
  priceLineVisible: false,
});
series.setData(Array.from({ length: COLUMNS }, nextColumn));

globalThis.scrollColumns = async (frames) => {
  const before = picture.draws;
  await eachFrame(frames, () => series.update(nextColumn()));
  if (picture.draws - before !== frames)
    throw new Error(`${frames} columns were painted ${picture.draws - before} times`);
  return { frames, columns: picture.columns, rows: picture.rows };
};
