/** The heatmap proper: the ring's pixels, scaled to the screen in one step. */
import type { CellRing } from '../heatmap/cell-ring.ts';
import { xOf, yOf } from '../heatmap/view.ts';
import type { Scene } from './scene.ts';
import { type Canvas, type Pen, penOf, scratchCanvas, snapEdge } from './surface.ts';

/** The ring as a canvas that drawImage can read. */
export class CellImage {
  private canvas: Canvas | null = null;
  private pen: Pen | null = null;
  private image: ImageData | null = null;

  /** Brings the canvas up to date with the ring. */
  update(ring: CellRing): void {
    const changed = ring.takeChanged();
    if (!changed) return;
    if (this.image?.data !== ring.pixels) {
      this.image = new ImageData(ring.pixels, ring.width, ring.height);
      this.canvas = scratchCanvas(ring.width, ring.height);
      this.pen = penOf(this.canvas, true);
    }
    this.pen?.putImageData(this.image, 0, 0, changed.from, 0, changed.to - changed.from, ring.height);
  }

  draw(scene: Scene): void {
    const { pen, ring, layout, view, columnUs, rows, visibleRows: visible, fromColumn, toColumn, pixelRatio } = scene;
    if (!this.canvas || toColumn < fromColumn) return;
    const y = (row: number) => snapEdge(yOf(view, layout.chart, (row + 0.5) * rows.units), pixelRatio);
    const x = (column: number) => snapEdge(xOf(view, layout.chart, column * columnUs), pixelRatio);
    const top = y(visible.top);
    const height = y(visible.top - visible.count) - top;
    pen.imageSmoothingEnabled = false;
    for (const { column, slot, count } of ring.spans(fromColumn, toColumn)) {
      const left = x(column);
      const width = x(column + count) - left;
      const sourceTop = ring.topRow - visible.top;
      pen.drawImage(this.canvas, slot, sourceTop, count, visible.count, left, top, width, height);
    }
  }
}
