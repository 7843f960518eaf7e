/** Canvases: made here, sized here. Two lie on top of each other, so that moving the crosshair redraws only itself. */

export type Canvas = HTMLCanvasElement | OffscreenCanvas;
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The pair of canvases of one chart, from below to above. */
export interface Surfaces<C extends Canvas = Canvas> {
  readonly picture: C;
  readonly cursor: C;
}

/** Puts the canvases into a host element; they fill it. Gestures and names belong to the host. */
export function mountSurfaces(host: HTMLElement): Surfaces<HTMLCanvasElement> & { unmount(): void } {
  const add = (): HTMLCanvasElement => {
    const canvas = document.createElement('canvas');
    canvas.setAttribute('aria-hidden', 'true');
    canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    host.append(canvas);
    return canvas;
  };
  const picture = add();
  const cursor = add();
  return {
    picture,
    cursor,
    unmount() {
      picture.remove();
      cursor.remove();
    },
  };
}

/** Whether drawing can be left to a worker. */
export const canDrawOffscreen = (): boolean =>
  typeof Worker !== 'undefined' && 'transferControlToOffscreen' in HTMLCanvasElement.prototype;

/** Gives the canvases away, to be drawn upon by a worker. */
export const transferSurfaces = ({ picture, cursor }: Surfaces<HTMLCanvasElement>): Surfaces<OffscreenCanvas> => ({
  picture: picture.transferControlToOffscreen(),
  cursor: cursor.transferControlToOffscreen(),
});

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
