import { describe, expect, it } from 'vitest';
import { layoutFor } from './layout.ts';
import { T0 } from './test-support.ts';
import { leftUs, priceAt, timeAt, type View, xOf } from './view.ts';
import { type Surroundings, UNDO_MAX, type ViewCommand, ViewController } from './view-controller.ts';

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

  it('goes back through the last twenty views, a gesture at a time', () => {
    const controller = started();
    const first = controller.view;
    // One drag is many moves.
    for (const dx of [10, 20, 30]) controller.apply({ type: 'pan', dx, dy: 5 }, around());
    controller.apply({ type: 'zoomTime', factor: 2, x: 300 }, around());
    expect(controller.undoable).toBe(2);
    controller.apply({ type: 'undo' }, around());
    controller.apply({ type: 'undo' }, around());
    expect(controller.view).toEqual(first);
    expect(controller.following).toBe(true);
    controller.apply({ type: 'undo' }, around());
    expect(controller.view).toEqual(first);
    for (let i = 0; i < UNDO_MAX + 5; i += 1)
      controller.apply({ type: 'pan', dx: 9, dy: 0 }, around({ nowMs: i * 1000 }));
    expect(controller.undoable).toBe(UNDO_MAX);
  });

  it('shows what a rectangle holds, whichever corner it begins at', () => {
    const { chart } = layout;
    for (const turned of [false, true]) {
      const controller = started();
      const before = controller.view as View;
      const corners = [
        { x: 200, y: 100 },
        { x: 600, y: 300 },
      ] as const;
      const [from, to] = turned ? [corners[1], corners[0]] : corners;
      controller.apply({ type: 'zoomTo', from, to }, around());
      const view = controller.view as View;
      expect(leftUs(view, chart)).toBeCloseTo(timeAt(before, chart, 200), 0);
      expect(view.rightUs).toBeCloseTo(timeAt(before, chart, 600), 0);
      expect(priceAt(view, chart, 0)).toBeCloseTo(priceAt(before, chart, 100), 6);
      expect(priceAt(view, chart, chart.height)).toBeCloseTo(priceAt(before, chart, 300), 6);
      expect(controller.following).toBe(false);
    }
  });

  it('takes a slip of the hand for no rectangle', () => {
    const controller = started();
    const before = controller.view;
    controller.apply({ type: 'zoomTo', from: { x: 200, y: 100 }, to: { x: 600, y: 102 } }, around());
    expect(controller.view).toEqual(before);
  });

  it('keeps the market in the very middle, or lets it go, as is chosen', () => {
    const controller = started();
    controller.centre = 'always';
    controller.update(around({ book: { low: 9000, mid: 10_050, high: 11_000 } }));
    expect(controller.view?.centrePrice).toBe(10_050);
    controller.centre = 'off';
    controller.update(around({ book: { low: 9000, mid: 12_000, high: 13_000 } }));
    expect(controller.view?.centrePrice).toBe(10_050);
    expect(controller.gliding).toBe(false);
  });

  it('goes to a time, and finds its price in the books of then', () => {
    const controller = new ViewController();
    const then = T0 - 86_400_000_000;
    controller.apply({ type: 'goTo', rightUs: then }, around({ book: null }));
    expect(controller.waitsForPrice).toBe(true);
    controller.update(around({ bookThen: null }));
    expect(controller.view?.rightUs).toBe(then);
    controller.update(around({ bookThen: { low: 4000, mid: 5000, high: 6000 } }));
    expect(controller.view?.centrePrice).toBe(5000);
    expect(controller.waitsForPrice).toBe(false);
    expect(controller.following).toBe(false);
  });

  it('goes to a time, price and scale as they are given', () => {
    const controller = started();
    const price = { centre: 7777, unitsPerPx: 4.5 };
    controller.apply({ type: 'goTo', rightUs: T0 - 5_000_000, usPerPx: 31_250, price }, around());
    controller.update(around({ edgeUs: T0 + 60_000_000 }));
    expect(controller.view).toEqual({ rightUs: T0 - 5_000_000, usPerPx: 31_250, centrePrice: 7777, unitsPerPx: 4.5 });
  });
});
