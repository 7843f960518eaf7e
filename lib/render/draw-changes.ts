/** Marks of what came into the book in size (a filled triangle, pointing up) and of what left it untraded (a hollow one, pointing down). */

import { ASK } from '../core/side.ts';
import type { ChangeMark } from '../heatmap/big-changes.ts';
import { lotsWords } from './cell-words.ts';
import type { Scene } from './scene.ts';

const HALF_PX = 4.5;
/** What came stands on its row and what was pulled hangs from it: an order that soon goes again has both. */
const OFF_ROW_PX = 6;
const FONT_PX = 10;
const LABEL_PX = 12;
/** From the middle of the triangle to its number. */
const INSET_PX = 7;

/** @param marks largest first: a number that would lie on that of a larger one is left out */
export function drawChanges(scene: Scene, marks: readonly ChangeMark[]): void {
  const { pen, theme, layout, instrument } = scene;
  const { chart } = layout;
  pen.save();
  pen.beginPath();
  pen.rect(chart.x, chart.y, chart.width, chart.height);
  pen.clip();
  pen.font = `600 ${FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.lineWidth = 1.5;
  const taken: { readonly x: number; readonly y: number; readonly width: number }[] = [];
  for (const mark of marks) {
    const y = mark.y + (mark.change > 0 ? -OFF_ROW_PX : OFF_ROW_PX);
    triangle(scene, mark, y);
    const text = changeWords(mark, instrument.lotSize);
    const width = pen.measureText(text).width;
    const fits = mark.x + INSET_PX + width < chart.x + chart.width;
    const x = fits ? mark.x + INSET_PX : mark.x - INSET_PX - width;
    const isFree = taken.every(
      (other) => x + width < other.x || x > other.x + other.width || Math.abs(y - other.y) >= LABEL_PX,
    );
    if (!isFree) continue;
    taken.push({ x, y, width });
    pen.globalAlpha = 0.75;
    pen.fillStyle = theme.background;
    pen.fillRect(x - 1, y - LABEL_PX / 2, width + 2, LABEL_PX);
    pen.globalAlpha = 1;
    pen.fillStyle = mark.side === ASK ? theme.bestAsk : theme.bestBid;
    pen.fillText(text, x, y + 0.5);
  }
  pen.restore();
}

/** `+112`, `−112/3` of three that lie upon each other; in lots. */
export function changeWords({ change, count }: Pick<ChangeMark, 'change' | 'count'>, lotSize: number): string {
  const lots = `${change > 0 ? '+' : '−'}${lotsWords(Math.abs(change), lotSize)}`;
  return count === 1 ? lots : `${lots}/${count}`;
}

function triangle({ pen, theme }: Scene, { x, side, change }: ChangeMark, y: number): void {
  const tip = change > 0 ? -HALF_PX : HALF_PX;
  pen.beginPath();
  pen.moveTo(x, y + tip);
  pen.lineTo(x + HALF_PX, y - tip);
  pen.lineTo(x - HALF_PX, y - tip);
  pen.closePath();
  pen.fillStyle = change > 0 ? (side === ASK ? theme.bestAsk : theme.bestBid) : theme.background;
  pen.fill();
  // The ground around it tells it from cells of the same colour.
  pen.strokeStyle = change > 0 ? theme.background : side === ASK ? theme.bestAsk : theme.bestBid;
  pen.stroke();
}
