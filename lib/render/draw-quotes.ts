/** Lines of the best bid and the best ask over time, and the level of the last price. */
import { ASK, BID, type Side } from '../core/side.ts';
import { NO_PRICE } from '../heatmap/cell-ring.ts';
import { xOf, yOf } from '../heatmap/view.ts';
import type { Scene } from './scene.ts';
import { snapLine } from './surface.ts';

const LINE_PX = 1.5;

export function drawBestPrices(scene: Scene): void {
  const { pen, theme } = scene;
  for (const side of [BID, ASK] as const) {
    pen.beginPath();
    traceBest(scene, side);
    pen.strokeStyle = side === BID ? theme.bestBid : theme.bestAsk;
    pen.lineWidth = LINE_PX;
    pen.stroke();
  }
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
