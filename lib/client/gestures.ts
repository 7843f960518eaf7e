/** What pointers and wheels on the heatmap mean. */
import type { AreaName, Layout } from '../heatmap/layout.ts';
import { BOOK_WIDTH } from '../heatmap/options.ts';
import type { ViewCommand } from '../heatmap/view-controller.ts';
import type { Marquee } from '../render/draw-marks.ts';

export interface GestureTarget {
  command(command: ViewCommand): void;
  /** CSS px of the host; null: nowhere. */
  pointAt(place: Point | null): void;
  /** Part of the chart at a place, CSS px of the host; null: none. */
  areaAt(x: number, y: number): AreaName | null;
  /** What the heatmap takes beyond that; null: another chart, on which nothing is drawn. */
  readonly heatmap: HeatmapTarget | null;
}

export interface HeatmapTarget {
  /** A rectangle or a ruler is being drawn; null: no more. */
  marquee(marquee: Marquee | null): void;
  /** The edge between chart and book was moved, CSS px. */
  bookWidth(width: number): void;
  layout(): Layout;
  /** What a drag over the chart draws; null: it pans. */
  tool(): Marquee['kind'] | null;
  /** The chart was clicked or tapped, CSS px of the host. */
  clicked(place: Point): void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A press that moves less than this is a click: it does not leave the live edge, CSS px on each axis. */
const SLOP_PX = 3;
/** Zoom by dragging an axis: e-fold every 250 px. */
const DRAG_ZOOM_PER_PX = 1 / 250;
/** Zoom by wheel: a notch of 100 px makes a sixth. */
const WHEEL_ZOOM_PER_PX = 1 / 650;
/** One turn of a wheel, whatever the device makes of it, px. */
const WHEEL_PX_MAX = 300;
const WHEEL_LINE_PX = 16;
/** Fingers nearer to each other than this on an axis do not zoom it, CSS px. */
const PINCH_PX_MIN = 36;
/** So near to its left edge the book is resized, CSS px. */
const EDGE_PX = 4;

interface Drag {
  readonly area: AreaName;
  readonly does: 'move' | 'resize' | Marquee['kind'];
  readonly start: Point;
  last: Point;
  x: boolean;
  y: boolean;
}

/** Attaches gestures to a chart's host; returns what detaches them. */
export function attachGestures(host: HTMLElement, target: GestureTarget): () => void {
  const { heatmap } = target;
  const pointers = new Map<number, Point>();
  let drag: Drag | null = null;

  const placeOf = (event: MouseEvent): Point => {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const areaOf = ({ x, y }: Point) => target.areaAt(x, y);
  const onBookEdge = ({ x, y }: Point): boolean => {
    if (!heatmap) return false;
    const { book } = heatmap.layout();
    return Math.abs(x - book.x) <= EDGE_PX && y < book.height;
  };
  /** Shift draws a rectangle and Alt a ruler, whatever tool is chosen. */
  const toolOf = (event: PointerEvent): Marquee['kind'] | null => {
    if (!heatmap) return null;
    return event.shiftKey ? 'zoom' : event.altKey ? 'ruler' : heatmap.tool();
  };

  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const place = placeOf(event);
    const area = areaOf(place);
    if (!area) return;
    host.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place);
    heatmap?.marquee(null);
    const does = onBookEdge(place) ? 'resize' : area === 'chart' ? (toolOf(event) ?? 'move') : 'move';
    drag = pointers.size === 1 ? { area, does, start: place, last: place, x: false, y: false } : null;
  };

  const onMove = (event: PointerEvent): void => {
    const place = placeOf(event);
    if (event.pointerType === 'mouse') target.pointAt(place);
    host.style.cursor = drag?.does === 'resize' || (!drag && onBookEdge(place)) ? 'col-resize' : '';
    if (!pointers.has(event.pointerId)) return;
    if (pointers.size === 2) pinch(event.pointerId, place);
    else if (drag) dragTo(place);
    pointers.set(event.pointerId, place);
  };

  const dragTo = (place: Point): void => {
    if (!drag) return;
    if (heatmap && drag.does === 'resize') {
      const { book } = heatmap.layout();
      const width = Math.round(book.x + book.width - place.x);
      heatmap.bookWidth(Math.min(BOOK_WIDTH.max, Math.max(BOOK_WIDTH.min, width)));
      return;
    }
    if (drag.does === 'zoom' || drag.does === 'ruler') {
      drag.last = place;
      heatmap?.marquee({ kind: drag.does, from: drag.start, to: place });
      return;
    }
    drag.x ||= Math.abs(place.x - drag.start.x) > SLOP_PX;
    drag.y ||= Math.abs(place.y - drag.start.y) > SLOP_PX;
    const dx = drag.x ? place.x - drag.last.x : 0;
    const dy = drag.y ? place.y - drag.last.y : 0;
    drag.last = { x: drag.x ? place.x : drag.last.x, y: drag.y ? place.y : drag.last.y };
    if (dx === 0 && dy === 0) return;
    if (drag.area === 'priceAxis') {
      target.command({ type: 'zoomPrice', factor: Math.exp(dy * DRAG_ZOOM_PER_PX), y: null });
    } else if (drag.area === 'timeAxis') {
      target.command({ type: 'zoomTime', factor: Math.exp(-dx * DRAG_ZOOM_PER_PX), x: null });
    } else target.command({ type: 'pan', dx, dy });
  };

  /** Two fingers: the picture follows their middle, and each axis their distance along it. */
  const pinch = (movedId: number, to: Point): void => {
    const moved = pointers.get(movedId);
    const other = [...pointers].find(([id]) => id !== movedId)?.[1];
    if (!moved || !other) return;
    const middle = { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 };
    target.command({ type: 'pan', dx: (to.x - moved.x) / 2, dy: (to.y - moved.y) / 2 });
    const factorX = spread(moved.x - other.x, to.x - other.x);
    const factorY = spread(moved.y - other.y, to.y - other.y);
    if (factorX !== 1) target.command({ type: 'zoomTime', factor: factorX, x: middle.x });
    if (factorY !== 1) target.command({ type: 'zoomPrice', factor: factorY, y: middle.y });
  };

  const onUp = (event: PointerEvent): void => {
    if (drag?.does === 'zoom') {
      heatmap?.marquee(null);
      if (event.type === 'pointerup') target.command({ type: 'zoomTo', from: drag.start, to: placeOf(event) });
    }
    const wasClick = drag?.does === 'move' && !drag.x && !drag.y;
    if (wasClick && event.type === 'pointerup' && drag?.area === 'chart') heatmap?.clicked(placeOf(event));
    // A tap is a finger's way of pointing.
    if (wasClick && event.type === 'pointerup' && event.pointerType !== 'mouse') target.pointAt(placeOf(event));
    pointers.delete(event.pointerId);
    drag = null;
  };

  const onLeave = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse') target.pointAt(null);
  };

  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const place = placeOf(event);
    const area = areaOf(place);
    const scale = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE_PX : 1;
    const limit = (delta: number) => Math.min(WHEEL_PX_MAX, Math.max(-WHEEL_PX_MAX, delta * scale));
    const dx = limit(event.shiftKey ? event.deltaY : event.deltaX);
    const dy = event.shiftKey ? 0 : limit(event.deltaY);
    const factor = Math.exp(dy * WHEEL_ZOOM_PER_PX);
    if (dx !== 0) target.command({ type: 'pan', dx: -dx, dy: 0 });
    if (dy === 0) return;
    if (area === 'priceAxis' || area === 'book' || area === 'sides')
      target.command({ type: 'zoomPrice', factor, y: place.y });
    else target.command({ type: 'zoomTime', factor, x: place.x });
  };

  const onDoubleClick = (event: MouseEvent): void => {
    const area = areaOf(placeOf(event));
    if (area === 'priceAxis') target.command({ type: 'resetPrice' });
    else if (area === 'timeAxis') target.command({ type: 'resetTime' });
  };

  const abort = new AbortController();
  const { signal } = abort;
  host.addEventListener('pointerdown', onDown, { signal });
  host.addEventListener('pointermove', onMove, { signal });
  host.addEventListener('pointerup', onUp, { signal });
  host.addEventListener('pointercancel', onUp, { signal });
  host.addEventListener('pointerleave', onLeave, { signal });
  host.addEventListener('wheel', onWheel, { signal, passive: false });
  host.addEventListener('dblclick', onDoubleClick, { signal });
  return () => abort.abort();
}

/** Zoom factor of a distance that has changed; 1 where it is too small to say. */
function spread(before: number, after: number): number {
  if (Math.abs(before) < PINCH_PX_MIN || Math.abs(after) < PINCH_PX_MIN) return 1;
  return Math.abs(before) / Math.abs(after);
}
