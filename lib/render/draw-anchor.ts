/** Where an anchored profile begins. */
import { isOfProfile } from '../heatmap/options.ts';
import { xOf } from '../heatmap/view.ts';
import { label } from './draw-marks.ts';
import type { Scene } from './scene.ts';
import { snapLine } from './surface.ts';

const INSET_PX = 4;

export function drawAnchor(scene: Scene): void {
  const { pen, theme, layout, view, options, pixelRatio } = scene;
  const { profileSpan, anchorUs, columns } = options;
  if (profileSpan !== 'anchored' || anchorUs === null || !columns.some(isOfProfile)) return;
  const { chart } = layout;
  const x = snapLine(xOf(view, chart, anchorUs), pixelRatio);
  if (x < chart.x || x > chart.x + chart.width) return;
  pen.strokeStyle = theme.gapText;
  pen.lineWidth = 1;
  pen.setLineDash([2, 3]);
  pen.beginPath();
  pen.moveTo(x, chart.y);
  pen.lineTo(x, chart.y + chart.height);
  pen.stroke();
  pen.setLineDash([]);
  label(scene, 'profile from here', x + INSET_PX, chart.y + chart.height - 6 * INSET_PX);
}
