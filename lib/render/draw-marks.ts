/** Levels and notes that a person has written into the picture, and the rectangle or the ruler that is being drawn. */
import { formatDuration, formatPrice, formatSigned } from '../heatmap/format.ts';
import type { Mark } from '../heatmap/marks.ts';
import { priceAt, timeAt, xOf, yOf } from '../heatmap/view.ts';
import type { Corner } from '../heatmap/view-controller.ts';
import type { Scene } from './scene.ts';
import { snapLine } from './surface.ts';

const FONT_PX = 11;
const INSET_PX = 5;
const LABEL_PX = 18;
const FLAG_PX = 4;
const FILL_ALPHA = 0.15;

/** What is drawn with the pointer held down. CSS px of the host. */
export interface Marquee {
  readonly kind: 'zoom' | 'ruler';
  readonly from: Corner;
  readonly to: Corner;
}

export function drawMarks(scene: Scene, marks: readonly Mark[]): void {
  const { pen, theme, layout, view, pixelRatio, instrument } = scene;
  const { chart } = layout;
  for (const mark of marks) {
    const y = snapLine(yOf(view, chart, mark.price), pixelRatio);
    if (y < chart.y || y > chart.y + chart.height) continue;
    if (mark.kind === 'level') {
      pen.strokeStyle = theme.gapText;
      pen.lineWidth = 1;
      pen.setLineDash([6, 4]);
      pen.beginPath();
      pen.moveTo(chart.x, y);
      pen.lineTo(layout.book.x + layout.book.width, y);
      pen.stroke();
      pen.setLineDash([]);
      label(scene, `${mark.text} ${formatPrice(mark.price, instrument)}`.trim(), chart.x + INSET_PX, y - LABEL_PX);
    } else {
      const x = xOf(view, chart, mark.timeUs);
      if (x < chart.x || x > chart.x + chart.width) continue;
      pen.fillStyle = theme.gapText;
      pen.beginPath();
      pen.arc(x, y, FLAG_PX, 0, 2 * Math.PI);
      pen.fill();
      label(scene, mark.text, x + 2 * FLAG_PX, y - LABEL_PX / 2);
    }
  }
}

export function drawMarquee(scene: Scene, { kind, from, to }: Marquee): void {
  const { pen, theme, layout, pixelRatio } = scene;
  const { chart } = layout;
  const [left, top] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  const [width, height] = [Math.abs(from.x - to.x), Math.abs(from.y - to.y)];
  pen.globalAlpha = FILL_ALPHA;
  pen.fillStyle = theme.crosshair;
  pen.fillRect(left, top, width, height);
  pen.globalAlpha = 1;
  pen.strokeStyle = theme.crosshair;
  pen.lineWidth = 1 / pixelRatio;
  pen.strokeRect(left, top, width, height);
  if (kind === 'ruler') {
    const words = rulerWords(scene, from, to);
    label(scene, words, Math.min(left + INSET_PX, chart.x + chart.width / 2), Math.max(chart.y, top - LABEL_PX - 2));
  }
}

/** `+12.30 · +123 ticks · +4.7 bps · 12.3 s` */
function rulerWords({ view, layout, instrument }: Scene, from: Corner, to: Corner): string {
  const { tickSize, priceScale } = instrument;
  const { chart } = layout;
  const ticks = (y: number) => Math.round(priceAt(view, chart, y) / tickSize);
  const steps = ticks(to.y) - ticks(from.y);
  const rupees = (steps * tickSize) / priceScale;
  const bps = (steps / ticks(from.y)) * 10_000;
  const ms = Math.abs(timeAt(view, chart, to.x) - timeAt(view, chart, from.x)) / 1000;
  return `${formatSigned(rupees, 2)} · ${formatSigned(steps, 0)} ticks · ${formatSigned(bps, 1)} bps · ${formatDuration(ms)}`;
}

export function label({ pen, theme }: Scene, text: string, x: number, y: number): void {
  if (text === '') return;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  const width = pen.measureText(text).width + 2 * INSET_PX;
  pen.fillStyle = theme.tag;
  pen.fillRect(x, y, width, LABEL_PX);
  pen.fillStyle = theme.text;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(text, x + INSET_PX, y + LABEL_PX / 2 + 0.5);
}
