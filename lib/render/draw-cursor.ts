/** The crosshair and what it points at on the axes. The numbers beside it are in the page, where they can be read out. */
import { formatIstTime } from '../heatmap/format.ts';
import { priceAt, timeAt, xOf, yOf } from '../heatmap/view.ts';
import { drawPriceTag, drawTimeTag } from './draw-axes.ts';
import type { Scene } from './scene.ts';
import { snapLine } from './surface.ts';

/** Where the crosshair points: the middle of a row and of a column. */
export interface CursorPlace {
  readonly price: number;
  readonly timeUs: number;
}

/** The row and column below a point of the chart. */
export function placeAt({ view, layout, rows, columnUs }: Scene, x: number, y: number): CursorPlace {
  const price = Math.round(priceAt(view, layout.chart, y) / rows.units) * rows.units;
  const timeUs = (Math.floor(timeAt(view, layout.chart, x) / columnUs) + 0.5) * columnUs;
  return { price, timeUs };
}

/** The moment at which another pane of the group is pointing. */
export function drawLinkedTime(scene: Scene, timeUs: number): void {
  const { pen, theme, view, layout, pixelRatio } = scene;
  const { chart } = layout;
  const x = snapLine(xOf(view, chart, timeUs), pixelRatio);
  if (x < chart.x || x > chart.x + chart.width) return;
  pen.strokeStyle = theme.crosshair;
  pen.lineWidth = 1 / pixelRatio;
  pen.setLineDash([1, 3]);
  pen.beginPath();
  pen.moveTo(x, chart.y);
  pen.lineTo(x, chart.y + chart.height);
  pen.stroke();
  pen.setLineDash([]);
  drawTimeTag(scene, timeUs, formatIstTime(timeUs, 'ms'));
}

export function drawCursor(scene: Scene, place: CursorPlace): void {
  const { pen, theme, view, layout, pixelRatio } = scene;
  const { chart, book } = layout;
  const x = snapLine(xOf(view, chart, place.timeUs), pixelRatio);
  const y = snapLine(yOf(view, chart, place.price), pixelRatio);
  pen.strokeStyle = theme.crosshair;
  pen.lineWidth = 1 / pixelRatio;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  if (x >= chart.x && x <= chart.x + chart.width) {
    pen.moveTo(x, chart.y);
    pen.lineTo(x, chart.y + chart.height);
  }
  if (y >= chart.y && y <= chart.y + chart.height) {
    pen.moveTo(chart.x, y);
    pen.lineTo(book.x + book.width, y);
  }
  pen.stroke();
  pen.setLineDash([]);
  drawPriceTag(scene, place.price, theme.tag, theme.text);
  drawTimeTag(scene, place.timeUs, formatIstTime(place.timeUs, 'ms'));
}
