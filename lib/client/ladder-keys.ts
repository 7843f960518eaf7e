/** What keys, wheels and pointers on a ladder mean. */
import { ROW_PX } from '../ladder/ladder-layout.ts';
import type { LadderEngine } from '../render/ladder-engine.ts';

/** A notch of a wheel, px. */
const WHEEL_ROW_PX = 33;

/** Returns what detaches them. */
export function attachLadderKeys(host: HTMLElement, engine: LadderEngine): () => void {
  let dragFromY: number | null = null;
  let wheelPx = 0;

  const keys: Readonly<Record<string, () => void>> = {
    ArrowUp: () => engine.scrollBy(1),
    ArrowDown: () => engine.scrollBy(-1),
    PageUp: () => engine.scrollByPages(1),
    PageDown: () => engine.scrollByPages(-1),
    Home: () => engine.recentre(),
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]?.();
  };
  const onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey) return;
    event.preventDefault();
    wheelPx += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_ROW_PX;
    const rows = Math.trunc(wheelPx / WHEEL_ROW_PX);
    wheelPx -= rows * WHEEL_ROW_PX;
    if (rows !== 0) engine.scrollBy(-rows);
  };
  const onMove = (event: PointerEvent): void => {
    engine.pointAt(event.clientY - host.getBoundingClientRect().top);
    if (dragFromY === null) return;
    const rows = Math.trunc((event.clientY - dragFromY) / ROW_PX);
    if (rows === 0) return;
    dragFromY += rows * ROW_PX;
    engine.scrollBy(rows);
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    host.setPointerCapture(event.pointerId);
    dragFromY = event.clientY;
  };
  const onUp = (): void => {
    dragFromY = null;
  };
  const onLeave = (): void => engine.pointAt(null);

  host.addEventListener('keydown', onKey);
  host.addEventListener('wheel', onWheel, { passive: false });
  host.addEventListener('pointermove', onMove);
  host.addEventListener('pointerdown', onDown);
  host.addEventListener('pointerup', onUp);
  host.addEventListener('pointercancel', onUp);
  host.addEventListener('pointerleave', onLeave);
  return () => {
    host.removeEventListener('keydown', onKey);
    host.removeEventListener('wheel', onWheel);
    host.removeEventListener('pointermove', onMove);
    host.removeEventListener('pointerdown', onDown);
    host.removeEventListener('pointerup', onUp);
    host.removeEventListener('pointercancel', onUp);
    host.removeEventListener('pointerleave', onLeave);
  };
}
