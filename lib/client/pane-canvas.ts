/** A canvas that fills an element of the page and is told when its size, its pixels or its colours change. */
import { mountCanvas } from '../render/surface.ts';
import { readTheme, type Theme } from '../render/theme.ts';

export interface PaneCanvasHandlers {
  /** CSS px. */
  onSize(width: number, height: number, pixelRatio: number): void;
  onTheme(theme: Theme): void;
}

export interface PaneCanvas {
  readonly canvas: HTMLCanvasElement;
  stop(): void;
}

/** Tells the size at once when `watch` is called, and the theme whenever the page's changes. */
export function paneCanvas(host: HTMLElement): PaneCanvas & { watch(handlers: PaneCanvasHandlers): void } {
  const canvas = mountCanvas(host);
  let onSize = (): void => undefined;
  let onTheme = (): void => undefined;
  const resized = new ResizeObserver(() => onSize());
  // Another theme is another class or attribute of the root.
  const rethemed = new MutationObserver(() => onTheme());
  const onWindow = () => onSize();
  return {
    canvas,
    watch(handlers) {
      onSize = () => handlers.onSize(host.clientWidth, host.clientHeight, window.devicePixelRatio);
      onTheme = () => handlers.onTheme(readTheme(host));
      onSize();
      resized.observe(host);
      rethemed.observe(document.documentElement, {
        attributes: true,
        attributeFilter: ['class', 'data-theme', 'style'],
      });
      // Another screen may have other pixels in the same size.
      window.addEventListener('resize', onWindow);
    },
    stop() {
      resized.disconnect();
      rethemed.disconnect();
      window.removeEventListener('resize', onWindow);
      canvas.remove();
    },
  };
}
