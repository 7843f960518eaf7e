/** What of the book cannot be seen: its sizes above and below the picture, and the way to the nearest wall. */
import { formatPrice, quantityUnit } from '../heatmap/format.ts';
import type { Beyond, Outside } from '../heatmap/outside.ts';
import { lotsWords } from './cell-words.ts';
import type { Scene } from './scene.ts';

const FONT_PX = 11;
const HEIGHT_PX = 18;
const INSET_PX = 6;
const MARGIN_PX = 4;
const GROUND_ALPHA = 0.85;
/** Narrower charts have no room for the wall's place. CSS px. */
const WORDS_PX_MIN = 320;

export function drawOutside(scene: Scene, outside: Outside): void {
  const { chart } = scene.layout;
  drawCorner(scene, '▲', outside.above, chart.y + MARGIN_PX);
  drawCorner(scene, '▼', outside.below, chart.y + chart.height - MARGIN_PX - HEIGHT_PX);
}

function drawCorner(scene: Scene, arrow: string, { total, wall }: Beyond, top: number): void {
  if (total === 0) return;
  const { pen, theme, layout, instrument } = scene;
  const { chart } = layout;
  const lots = (quantity: number) => `${lotsWords(quantity, instrument.lotSize)}`;
  const sum = `${arrow} ${lots(total)} ${quantityUnit(instrument.lotSize)}`;
  const way = wall ? ` · wall ${lots(wall.quantity)} at ${formatPrice(wall.price, instrument)}` : '';
  const text = chart.width < WORDS_PX_MIN ? sum : `${sum}${way}`;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  const width = pen.measureText(text).width + 2 * INSET_PX;
  const left = chart.x + chart.width - MARGIN_PX - width;
  pen.globalAlpha = GROUND_ALPHA;
  pen.fillStyle = theme.background;
  pen.fillRect(left, top, width, HEIGHT_PX);
  pen.globalAlpha = 1;
  pen.fillStyle = wall ? theme.text : theme.textMuted;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(text, left + INSET_PX, top + HEIGHT_PX / 2 + 0.5);
}
