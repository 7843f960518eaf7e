/** The region that a signal is about, over the picture. */
import type { Evidence } from '../heatmap/evidence.ts';
import { xOf, yOf } from '../heatmap/view.ts';
import { label } from './draw-marks.ts';
import type { Scene } from './scene.ts';

const FILL_ALPHA = 0.12;
/** A moment, and a single price, are given this much room on either side, CSS px. */
const ROOM_PX = 7;
const LABEL_PX = 18;

export function drawEvidence(scene: Scene, { fromUs, toUs, lowPrice, highPrice, side, words }: Evidence): void {
  const { pen, theme, layout, view } = scene;
  const { chart } = layout;
  const left = Math.max(chart.x, xOf(view, chart, fromUs) - ROOM_PX);
  const right = Math.min(chart.x + chart.width, xOf(view, chart, toUs) + ROOM_PX);
  const top = Math.max(chart.y, highPrice === null ? chart.y : yOf(view, chart, highPrice) - ROOM_PX);
  const bottom = Math.min(
    chart.y + chart.height,
    lowPrice === null ? chart.y + chart.height : yOf(view, chart, lowPrice) + ROOM_PX,
  );
  if (right <= left || bottom <= top) return;
  pen.fillStyle = theme.crosshair;
  pen.globalAlpha = FILL_ALPHA;
  pen.fillRect(left, top, right - left, bottom - top);
  pen.globalAlpha = 1;
  pen.strokeStyle = side === 'bid' ? theme.bestBid : side === 'ask' ? theme.bestAsk : theme.crosshair;
  pen.lineWidth = 2;
  pen.strokeRect(left, top, right - left, bottom - top);
  label(scene, words, left, Math.max(chart.y, top - LABEL_PX - 2));
}
