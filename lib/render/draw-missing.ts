/** Where nothing is known: gaps and silences are hatched, time that was not recorded is plain, and both say so. */

import { ASK, BID, type Side } from '../core/side.ts';
import { SIDES } from '../heatmap/book-rows.ts';
import { NO_PRICE } from '../heatmap/cell-ring.ts';
import { CARRY_US, COLUMN_STATE, type DepthModel } from '../heatmap/depth-model.ts';
import { gapWords } from '../heatmap/gap-words.ts';
import { xOf, yOf } from '../heatmap/view.ts';
import type { Scene } from './scene.ts';
import { type Pen, penOf, scratchCanvas, snapEdge } from './surface.ts';
import type { Theme } from './theme.ts';

/** Distance of hatch lines, CSS px. */
const HATCH_GAP_PX = 7;
const HATCH_STALE_PX = 11;

const LABEL_FONT_PX = 11;
/** Of the strip behind words, CSS px. */
const LABEL_HEIGHT_PX = 20;
const LABEL_PADDING_PX = 8;

/** Hatch patterns, made anew when colours or the device's pixels change. */
export class Hatches {
  readonly gap: CanvasPattern | null;
  readonly stale: CanvasPattern | null;

  constructor(
    pen: Pen,
    readonly theme: Theme,
    readonly pixelRatio: number,
  ) {
    this.gap = hatch(pen, theme.hatchGap, HATCH_GAP_PX, pixelRatio);
    this.stale = hatch(pen, theme.hatchStale, HATCH_STALE_PX, pixelRatio);
  }
}

/** A square with one diagonal, and its ends in the two corners where the neighbours' diagonals come in. */
function hatch(pen: Pen, colour: string, distancePx: number, pixelRatio: number): CanvasPattern | null {
  const size = Math.round(distancePx * pixelRatio);
  const canvas = scratchCanvas(size, size);
  const stroke = penOf(canvas, false);
  stroke.strokeStyle = colour;
  stroke.lineWidth = 1.2 * pixelRatio;
  stroke.lineCap = 'square';
  stroke.beginPath();
  for (const shift of [-size, 0, size]) {
    stroke.moveTo(shift, size);
    stroke.lineTo(shift + size, 0);
  }
  stroke.stroke();
  const pattern = pen.createPattern(canvas, 'repeat');
  pattern?.setTransform(new DOMMatrix([1 / pixelRatio, 0, 0, 1 / pixelRatio, 0, 0]));
  return pattern;
}

export function drawMissing(scene: Scene, model: DepthModel, hatches: Hatches): void {
  drawBlank(scene);
  for (const side of SIDES) drawStale(scene, side, hatches);
  drawSilence(scene, model, hatches);
  drawGaps(scene, model, hatches);
}

/** Runs of columns of which neither side was recorded, or of which history has not come yet. */
function drawBlank(scene: Scene): void {
  const { pen, theme, layout } = scene;
  for (const state of [COLUMN_STATE.none, COLUMN_STATE.unloaded]) {
    const words = state === COLUMN_STATE.none ? 'not recorded' : 'history not loaded yet';
    forRuns(
      scene,
      (column) => scene.ring.stateOf(column, BID) === state && scene.ring.stateOf(column, ASK) === state,
      (left, right) => {
        pen.fillStyle = theme.unrecorded;
        pen.fillRect(left, layout.chart.y, right - left, layout.chart.height);
        label(scene, words, theme.textFaint, left, right);
      },
    );
  }
}

/** Columns of which a side is out of date, on that side of the other one's best price; all of it where both are. */
function drawStale(scene: Scene, side: Side, hatches: Hatches): void {
  const { pen, ring, layout, view, columnUs, fromColumn, toColumn, pixelRatio } = scene;
  const { chart } = layout;
  const other = side === BID ? ASK : BID;
  const x = (column: number) => snapEdge(xOf(view, chart, column * columnUs), pixelRatio);
  pen.beginPath();
  for (let column = fromColumn; column <= toColumn; column += 1) {
    if (ring.stateOf(column, side) !== COLUMN_STATE.stale) continue;
    const touch = ring.bestOf(column, other);
    // Once is enough where both sides are stale.
    if (touch === NO_PRICE && side === ASK && ring.stateOf(column, BID) === COLUMN_STATE.stale) continue;
    const middle = touch === NO_PRICE ? null : yOf(view, chart, touch);
    const top = side === BID && middle !== null ? middle : chart.y;
    const bottom = side === ASK && middle !== null ? middle : chart.y + chart.height;
    pen.rect(x(column), top, x(column + 1) - x(column), bottom - top);
  }
  pen.fillStyle = hatches.stale ?? scene.theme.hatchStale;
  pen.fill();
}

/** In a column longer than a side may be carried, its end is hatched while nothing comes. */
function drawSilence(scene: Scene, model: DepthModel, hatches: Hatches): void {
  if (scene.columnUs <= CARRY_US || model.gaps.open) return;
  const lastUs = Math.max(model.side(BID).stampUs, model.side(ASK).stampUs);
  if (lastUs === 0 || scene.asOfUs - lastUs <= CARRY_US) return;
  const { chart } = scene.layout;
  const left = xOf(scene.view, chart, lastUs + CARRY_US);
  scene.pen.fillStyle = hatches.stale ?? scene.theme.hatchStale;
  scene.pen.fillRect(left, chart.y, xOf(scene.view, chart, scene.asOfUs) - left, chart.height);
}

function drawGaps(scene: Scene, model: DepthModel, hatches: Hatches): void {
  const { pen, theme, layout, view, asOfUs, pixelRatio } = scene;
  const { chart } = layout;
  for (const { fromUs, toUs, cause } of model.gaps.all) {
    const left = Math.max(chart.x, snapEdge(xOf(view, chart, fromUs), pixelRatio));
    const right = Math.min(chart.x + chart.width, snapEdge(xOf(view, chart, Math.min(toUs, asOfUs)), pixelRatio));
    if (right <= left && (toUs < asOfUs || right < chart.x)) continue;
    // However short, a gap is seen: at least one pixel of it.
    const width = Math.max(right - left, 1);
    pen.fillStyle = hatches.gap ?? theme.hatchGap;
    pen.fillRect(left, chart.y, width, chart.height);
    label(scene, `no data: ${gapWords(cause)}`, theme.gapText, left, right);
  }
}

/** Calls back with the left and right edge of every run of columns that fit. */
function forRuns(
  { ring, fromColumn, toColumn, view, layout, columnUs, pixelRatio }: Scene,
  fits: (column: number) => boolean,
  run: (left: number, right: number) => void,
): void {
  const { chart } = layout;
  const edge = (column: number) =>
    Math.min(chart.x + chart.width, Math.max(chart.x, snapEdge(xOf(view, chart, column * columnUs), pixelRatio)));
  if (ring.width === 0) return;
  let first: number | null = null;
  for (let column = fromColumn; column <= toColumn + 1; column += 1) {
    const within = column <= toColumn && fits(column);
    if (within && first === null) first = column;
    if (!within && first !== null) {
      run(edge(first), edge(column));
      first = null;
    }
  }
}

/**
 * Words in an area: along it where they fit, else upwards, else none. In its upper part, away from the prices that
 * following keeps in the middle.
 */
function label({ pen, theme, layout }: Scene, text: string, colour: string, left: number, right: number): void {
  const { chart } = layout;
  pen.font = `${LABEL_FONT_PX}px ${theme.fontMono}`;
  const width = pen.measureText(text).width + 2 * LABEL_PADDING_PX;
  const upwards = width > right - left;
  if (upwards && (right - left < LABEL_HEIGHT_PX || width > chart.height)) return;
  pen.save();
  pen.translate((left + right) / 2, chart.y + Math.max(chart.height / 4, upwards ? width / 2 + LABEL_PADDING_PX : 0));
  if (upwards) pen.rotate(-Math.PI / 2);
  pen.fillStyle = theme.background;
  pen.fillRect(-width / 2, -LABEL_HEIGHT_PX / 2, width, LABEL_HEIGHT_PX);
  pen.fillStyle = colour;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, 0, 0.5);
  pen.restore();
}
