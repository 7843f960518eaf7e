/** Rules on a price: a dashed line across chart and book, with a bell that can be clicked. */
import { formatPrice } from '../heatmap/format.ts';
import { BELL_PX, type PriceAlert } from '../heatmap/price-alerts.ts';
import { yOf } from '../heatmap/view.ts';
import { label } from './draw-marks.ts';
import type { Scene } from './scene.ts';
import { snapLine } from './surface.ts';

const LABEL_PX = 18;
const HALO_PX = 3;
const DASH_PX = [6, 3];
const OFF_ALPHA = 0.45;
/** Longer names are those of other pages to read. */
const NAME_LENGTH_MAX = 48;

/** @returns how many of them are in the picture */
export function drawAlerts(scene: Scene, alerts: readonly PriceAlert[]): number {
  const { pen, theme, layout, view, pixelRatio, instrument } = scene;
  const { chart, book } = layout;
  let drawn = 0;
  for (const { price, direction, name, isOn } of alerts) {
    const y = snapLine(yOf(view, chart, price), pixelRatio);
    if (y < chart.y || y > chart.y + chart.height) continue;
    drawn += 1;
    pen.globalAlpha = isOn ? 1 : OFF_ALPHA;
    pen.beginPath();
    pen.moveTo(chart.x + BELL_PX, y);
    pen.lineTo(book.x + book.width, y);
    // Over cells of any colour it is seen by its dark and its light.
    pen.strokeStyle = theme.background;
    pen.lineWidth = HALO_PX;
    pen.stroke();
    pen.strokeStyle = theme.lastPrice;
    pen.lineWidth = 1;
    pen.setLineDash(DASH_PX);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = theme.tag;
    pen.fillRect(chart.x, y - LABEL_PX / 2, BELL_PX, LABEL_PX);
    drawBell(scene, chart.x + BELL_PX / 2, y);
    const arrow = direction === 'above' ? '↑' : '↓';
    const words = [arrow, formatPrice(price, instrument), isOn ? '' : 'off', name.slice(0, NAME_LENGTH_MAX)];
    label(scene, words.filter(Boolean).join(' '), chart.x + BELL_PX, y - LABEL_PX / 2);
    pen.globalAlpha = 1;
  }
  return drawn;
}

/** A shape rather than a letter: not every font has one. */
function drawBell({ pen, theme }: Scene, x: number, y: number): void {
  pen.fillStyle = theme.lastPrice;
  pen.beginPath();
  pen.moveTo(x - 6, y + 3);
  pen.quadraticCurveTo(x - 4, y + 1, x - 4, y - 2);
  pen.arc(x, y - 2, 4, Math.PI, 0);
  pen.quadraticCurveTo(x + 4, y + 1, x + 6, y + 3);
  pen.closePath();
  pen.fill();
  pen.beginPath();
  pen.arc(x, y + 4, 2, 0, Math.PI);
  pen.fill();
}
