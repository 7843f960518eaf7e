/** The strip below the chart: what traded in each column, and below it whether the book of that time is known. */
import { ASK, BID } from '../core/side.ts';
import { COLUMN_STATE, type ColumnState, type DepthModel } from '../heatmap/depth-model.ts';
import { xOf } from '../heatmap/view.ts';
import type { VolumeColumns } from '../heatmap/volume-columns.ts';
import { lotsWords } from './cell-words.ts';
import type { Scene } from './scene.ts';
import { snapEdge } from './surface.ts';

/** Of the line of what is known. */
const KNOWN_PX = 5;
const FONT_PX = 10;
const INSET_PX = 4;
const KNOWN_ALPHA = 0.45;

export function drawStrip(scene: Scene, volumes: VolumeColumns, model: DepthModel): void {
  const { pen, theme, layout, pixelRatio, instrument } = scene;
  const { strip, priceAxis } = layout;
  if (strip.height === 0) return;
  pen.fillStyle = theme.panel;
  pen.fillRect(strip.x, strip.y, priceAxis.x - strip.x, strip.height);
  pen.fillStyle = theme.line;
  pen.fillRect(strip.x, strip.y, priceAxis.x - strip.x, 1 / pixelRatio);
  pen.save();
  pen.beginPath();
  pen.rect(strip.x, strip.y, strip.width, strip.height);
  pen.clip();
  drawVolumes(scene, volumes);
  drawKnown(scene, model);
  pen.restore();
  pen.fillStyle = theme.textMuted;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'top';
  const most = volumes.most === 0 ? '' : `≤ ${lotsWords(volumes.most, instrument.lotSize)}`;
  pen.fillText(`Volume ${most}`.trim(), strip.x + strip.width + INSET_PX, strip.y + INSET_PX);
}

/** From below: sold, not known by whom, bought. */
function drawVolumes(scene: Scene, volumes: VolumeColumns): void {
  const { pen, theme, layout, view, columnUs, pixelRatio } = scene;
  const { strip, chart } = layout;
  const full = strip.height - KNOWN_PX - 2;
  const floor = strip.y + strip.height - KNOWN_PX;
  for (let at = 0; at < volumes.count; at += 1) {
    if (volumes.volumeAt(at) === 0) continue;
    const column = volumes.fromColumn + at;
    const left = snapEdge(xOf(view, chart, column * columnUs), pixelRatio);
    const right = snapEdge(xOf(view, chart, (column + 1) * columnUs), pixelRatio);
    const width = Math.max(right - left - (right - left > 3 ? 1 : 0), 1 / pixelRatio);
    let y = floor;
    y = bar(scene, left, width, y, ((volumes.sold[at] as number) * full) / volumes.most, theme.askBar);
    y = bar(scene, left, width, y, ((volumes.unknown[at] as number) * full) / volumes.most, theme.textFaint);
    bar(scene, left, width, y, ((volumes.bought[at] as number) * full) / volumes.most, theme.bidBar);
  }
  pen.globalAlpha = 1;
}

function bar({ pen }: Scene, x: number, width: number, bottom: number, height: number, colour: string): number {
  if (height === 0) return bottom;
  pen.fillStyle = colour;
  pen.fillRect(x, bottom - height, width, height);
  return bottom - height;
}

/** A side that is worse off speaks for its column. */
function drawKnown(scene: Scene, model: DepthModel): void {
  const { pen, theme, layout, view, columnUs, fromColumn, toColumn, pixelRatio, asOfUs } = scene;
  const { strip, chart } = layout;
  const y = strip.y + strip.height - KNOWN_PX + 1;
  const height = KNOWN_PX - 1;
  const edge = (us: number) => snapEdge(xOf(view, chart, us), pixelRatio);
  let first = fromColumn;
  for (let column = fromColumn; column <= toColumn; column += 1) {
    const state = stateOf(scene, column);
    if (column < toColumn && stateOf(scene, column + 1) === state) continue;
    pen.globalAlpha = state === COLUMN_STATE.data ? KNOWN_ALPHA : 1;
    pen.fillStyle =
      state === COLUMN_STATE.data
        ? theme.up
        : state === COLUMN_STATE.gap
          ? theme.hatchGap
          : state === COLUMN_STATE.stale
            ? theme.hatchStale
            : theme.unrecorded;
    const left = edge(first * columnUs);
    pen.fillRect(left, y, edge((column + 1) * columnUs) - left, height);
    first = column + 1;
  }
  pen.globalAlpha = 1;
  pen.fillStyle = theme.hatchGap;
  for (const { fromUs, toUs } of model.gaps.all) {
    const [left, right] = [edge(fromUs), edge(Math.min(toUs, asOfUs))];
    // However short, a gap is seen.
    if (right >= chart.x && left <= chart.x + chart.width) pen.fillRect(left, y, Math.max(right - left, 1), height);
  }
}

const stateOf = ({ ring }: Scene, column: number): ColumnState =>
  Math.max(ring.stateOf(column, BID), ring.stateOf(column, ASK)) as ColumnState;
