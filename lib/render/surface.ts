/**
 * Canvases: made here, sized here. A chart is one canvas: a second one for the crosshair was measured to cost as much, for
 * the browser blends all of it at every frame.
 */

export type Canvas = HTMLCanvasElement | OffscreenCanvas;
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Puts a canvas into a host element, which it fills. Gestures and names belong to the host. */
export function mountCanvas(host: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
  host.append(canvas);
  return canvas;
}

/** A canvas of the page, as the worker has it that draws it. */
export type WorkerCanvas = OffscreenCanvas;

/** Gives a canvas away to be drawn by a worker, to which it must be sent; null where the browser cannot do that. */
export function giveToWorker(canvas: HTMLCanvasElement): WorkerCanvas | null {
  if (typeof Worker === 'undefined' || !('transferControlToOffscreen' in canvas)) return null;
  return canvas.transferControlToOffscreen();
}

/** A canvas that is never shown. */
export function scratchCanvas(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

export function penOf(canvas: Canvas, opaque: boolean): Pen {
  const pen = canvas.getContext('2d', { alpha: !opaque }) as Pen | null;
  if (!pen) throw new Error('the browser gave no 2D context');
  return pen;
}

/** Resizes to CSS px times the device's pixel ratio, and lets the pen count in CSS px. */
export function sizeSurface(canvas: Canvas, pen: Pen, width: number, height: number, pixelRatio: number): void {
  canvas.width = Math.max(1, Math.round(width * pixelRatio));
  canvas.height = Math.max(1, Math.round(height * pixelRatio));
  pen.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
}

/** The one place where CSS px are rounded to the device's: edges of areas lie between its pixels … */
export const snapEdge = (value: number, pixelRatio: number): number => Math.round(value * pixelRatio) / pixelRatio;

/** … and lines of one pixel lie in the middle of them. */
export const snapLine = (value: number, pixelRatio: number): number =>
  (Math.floor(value * pixelRatio) + 0.5) / pixelRatio;
