/** Lines of the best bid and the best ask over time, and the level of the last price. */
import { ASK, BID, type Side } from '../core/side.ts';
import { NO_PRICE } from '../heatmap/cell-ring.ts';
import { xOf, yOf } from '../heatmap/view.ts';
import type { Scene } from './scene.ts';
import { snapEdge, snapLine } from './surface.ts';

const LINE_PX = 1.5;

/** Between the lowest and the highest of a column it is filled this much. */
const RANGE_ALPHA = 0.55;

export function drawBestPrices(scene: Scene): void {
  const { pen, theme } = scene;
  if (scene.options.quoteSpan === 'range') drawRanges(scene);
  for (const side of [BID, ASK] as const) {
    pen.beginPath();
    traceBest(scene, side);
    pen.strokeStyle = side === BID ? theme.bestBid : theme.bestAsk;
    pen.lineWidth = LINE_PX;
    pen.stroke();
  }
}

/** From the lowest to the highest best price of every column of which more than the last book is known. */
function drawRanges({ pen, theme, ring, view, layout, columnUs, fromColumn, toColumn, pixelRatio }: Scene): void {
  const { chart } = layout;
  pen.globalAlpha = RANGE_ALPHA;
  for (const side of [BID, ASK] as const) {
    pen.fillStyle = side === BID ? theme.bestBid : theme.bestAsk;
    for (let column = fromColumn; column <= toColumn; column += 1) {
      const low = ring.bestLowOf(column, side);
      const high = ring.bestHighOf(column, side);
      if (low === high) continue;
      const left = snapEdge(xOf(view, chart, column * columnUs), pixelRatio);
      const right = snapEdge(xOf(view, chart, (column + 1) * columnUs), pixelRatio);
      const top = yOf(view, chart, high);
      pen.fillRect(left, top, right - left, yOf(view, chart, low) - top);
    }
  }
  pen.globalAlpha = 1;
}

/** Steps: a price holds for the whole of its column; the line breaks where a side is not known. */
function traceBest({ pen, ring, view, layout, columnUs, fromColumn, toColumn }: Scene, side: Side): void {
  const { chart } = layout;
  const pxPerColumn = columnUs / view.usPerPx;
  let x = xOf(view, chart, fromColumn * columnUs);
  let last = NO_PRICE;
  for (let column = fromColumn; column <= toColumn; column += 1) {
    const price = ring.bestOf(column, side);
    if (price !== last) {
      const y = yOf(view, chart, price);
      if (last !== NO_PRICE) pen.lineTo(x, yOf(view, chart, last));
      if (price !== NO_PRICE) {
        if (last === NO_PRICE) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      }
      last = price;
    }
    x += pxPerColumn;
  }
  if (last !== NO_PRICE) pen.lineTo(x, yOf(view, chart, last));
}

export function drawLastPrice({ pen, theme, view, layout, pixelRatio }: Scene, lastPrice: number): void {
  const { chart } = layout;
  const y = snapLine(yOf(view, chart, lastPrice), pixelRatio);
  pen.strokeStyle = theme.lastPrice;
  pen.lineWidth = 1 / pixelRatio;
  pen.setLineDash([1, 4]);
  pen.beginPath();
  pen.moveTo(chart.x, y);
  pen.lineTo(chart.x + chart.width, y);
  pen.stroke();
  pen.setLineDash([]);
}
