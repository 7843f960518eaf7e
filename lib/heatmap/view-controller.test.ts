import { describe, expect, it } from 'vitest';
import { layoutFor } from './layout.ts';
import { T0 } from './test-support.ts';
import { xOf } from './view.ts';
import { type Surroundings, type ViewCommand, ViewController } from './view-controller.ts';

const layout = layoutFor(1600, 788);
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  layout,
  nowMs: 0,
  edgeUs: T0,
  book: { low: 9000, mid: 10_000, high: 11_000 },
  tickSize: 10,
  ...change,
});

function started(): ViewController {
  const controller = new ViewController();
  controller.update(around());
  return controller;
}

describe('view controller', () => {
  it('waits for a book, then shows it whole at the live edge', () => {
    const controller = new ViewController();
    controller.update(around({ book: null }));
    expect(controller.view).toBeNull();
    controller.update(around());
    expect(controller.view?.rightUs).toBe(T0);
    expect(controller.view?.centrePrice).toBe(10_000);
    expect((controller.view?.unitsPerPx ?? 0) * layout.chart.height).toBeGreaterThan(2000);
    expect(controller.following).toBe(true);
  });

  it('follows the live edge', () => {
    const controller = started();
    controller.update(around({ edgeUs: T0 + 250_000 }));
    expect(controller.view?.rightUs).toBe(T0 + 250_000);
  });

  it('glides back to the middle when the market nears the edge', () => {
    const controller = started();
    const book = { low: 9800, mid: 10_800, high: 11_800 };
    controller.update(around({ book, nowMs: 1000 }));
    expect(controller.gliding).toBe(true);
    controller.update(around({ book, nowMs: 1175 }));
    expect(controller.view?.centrePrice).toBeCloseTo(10_400, 6);
    controller.update(around({ book, nowMs: 1350 }));
    expect(controller.view?.centrePrice).toBe(10_800);
    expect(controller.gliding).toBe(false);
  });

  it('jumps where motion is to be reduced', () => {
    const controller = started();
    controller.reducedMotion = true;
    const book = { low: 9800, mid: 10_800, high: 11_800 };
    controller.update(around({ book }));
    controller.update(around({ book }));
    expect(controller.view?.centrePrice).toBe(10_800);
    expect(controller.gliding).toBe(false);
  });

  it('leaves live when dragged, and comes back when asked', () => {
    const controller = started();
    controller.apply({ type: 'pan', dx: 80, dy: 0 }, around());
    expect(controller.following).toBe(false);
    controller.update(around({ edgeUs: T0 + 5_000_000 }));
    expect(controller.view?.rightUs).toBe(T0 - 80 * 125_000);
    controller.apply({ type: 'goLive' }, around({ edgeUs: T0 + 5_000_000 }));
    controller.update(around({ edgeUs: T0 + 5_000_000, nowMs: 1000 }));
    expect(controller.following).toBe(true);
    expect(controller.view?.rightUs).toBe(T0 + 5_000_000);
  });

  it('stops re-centring when dragged up or down, but goes on in time', () => {
    const controller = started();
    controller.apply({ type: 'pan', dx: 0, dy: 200 }, around());
    controller.update(around({ edgeUs: T0 + 250_000, book: { low: 1, mid: 20_000, high: 30_000 } }));
    expect(controller.view?.rightUs).toBe(T0 + 250_000);
    expect(controller.gliding).toBe(false);
    expect(controller.following).toBe(false);
  });

  it('keeps the live edge while following, and what is below the pointer otherwise, when time is zoomed', () => {
    const controller = started();
    const zoom: ViewCommand = { type: 'zoomTime', factor: 2, x: 300 };
    controller.apply(zoom, around());
    expect(controller.view?.rightUs).toBe(T0);
    expect(controller.following).toBe(true);
    controller.apply({ type: 'pan', dx: 50, dy: 0 }, around());
    const before = controller.view;
    controller.apply(zoom, around());
    const time = before ? before.rightUs - (layout.chart.width - 300) * before.usPerPx : 0;
    expect(controller.view && xOf(controller.view, layout.chart, time)).toBeCloseTo(300, 6);
  });

  it('holds still while paused, and goes on from now', () => {
    const controller = started();
    controller.apply({ type: 'togglePause' }, around());
    expect(controller.paused).toBe(true);
    expect(controller.following).toBe(false);
    controller.apply({ type: 'togglePause' }, around({ edgeUs: T0 + 9_000_000 }));
    controller.update(around({ edgeUs: T0 + 9_000_000 }));
    expect(controller.view?.rightUs).toBe(T0 + 9_000_000);
    expect(controller.following).toBe(true);
  });

  it('resumes when asked to go live while paused', () => {
    const controller = started();
    controller.apply({ type: 'togglePause' }, around());
    controller.apply({ type: 'goLive' }, around());
    expect(controller.paused).toBe(false);
    expect(controller.following).toBe(true);
  });

  it('turns following off and on', () => {
    const controller = started();
    controller.apply({ type: 'toggleFollow' }, around());
    expect(controller.following).toBe(false);
    controller.apply({ type: 'toggleFollow' }, around());
    expect(controller.following).toBe(true);
  });

  it('resets each axis on its own', () => {
    const controller = started();
    const first = controller.view;
    controller.apply({ type: 'zoomTime', factor: 3, x: null }, around());
    controller.apply({ type: 'zoomPrice', factor: 3, y: null }, around());
    controller.apply({ type: 'resetTime' }, around());
    expect(controller.view?.usPerPx).toBe(first?.usPerPx);
    expect(controller.view?.unitsPerPx).not.toBe(first?.unitsPerPx);
    controller.apply({ type: 'resetPrice' }, around());
    expect(controller.view).toEqual(first);
  });
});
