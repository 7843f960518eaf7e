import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaAt, layoutFor } from './layout.ts';
import { T0 } from './test-support.ts';
import {
  leftUs,
  needsRecentring,
  panned,
  priceAt,
  timeAt,
  US_PER_PX_MAX,
  US_PER_PX_MIN,
  type View,
  xOf,
  yOf,
  zoomedPrice,
  zoomedTime,
} from './view.ts';

const TICK = 10;
const { chart } = layoutFor(1600, 900);
const views: fc.Arbitrary<View> = fc.record({
  rightUs: fc.integer({ min: T0, max: T0 + 10 ** 12 }),
  usPerPx: fc.double({ min: US_PER_PX_MIN, max: US_PER_PX_MAX, noNaN: true }),
  centrePrice: fc.integer({ min: 1000, max: 10_000_000 }),
  unitsPerPx: fc.double({ min: 0.5, max: 500, noNaN: true }),
});
const x = fc.double({ min: 0, max: chart.width, noNaN: true });
const y = fc.double({ min: 0, max: chart.height, noNaN: true });

describe('view', () => {
  it('maps time to x and price to y, and back', () => {
    fc.assert(
      fc.property(views, x, y, (view, px, py) => {
        expect(xOf(view, chart, timeAt(view, chart, px))).toBeCloseTo(px, 3);
        expect(yOf(view, chart, priceAt(view, chart, py))).toBeCloseTo(py, 3);
      }),
    );
  });

  it('puts the right edge at the right, and higher prices higher', () => {
    const view = { rightUs: T0, usPerPx: 1000, centrePrice: 5000, unitsPerPx: 2 };
    expect(xOf(view, chart, T0)).toBe(chart.x + chart.width);
    expect(leftUs(view, chart)).toBe(T0 - chart.width * 1000);
    expect(yOf(view, chart, 5100)).toBeLessThan(yOf(view, chart, 5000));
  });

  it('keeps what is below the pointer below it when zooming', () => {
    fc.assert(
      fc.property(views, x, y, fc.double({ min: 0.2, max: 5, noNaN: true }), (view, px, py, factor) => {
        const time = timeAt(view, chart, px);
        const zoomed = zoomedTime(view, chart, factor, px);
        expect(Math.abs(timeAt(zoomed, chart, px) - time)).toBeLessThan(zoomed.usPerPx / 100 + 1);
        const price = priceAt(view, chart, py);
        expect(priceAt(zoomedPrice(view, chart, factor, py, TICK), chart, py)).toBeCloseTo(price, 3);
      }),
    );
  });

  it('stops zooming at its ends', () => {
    const view = { rightUs: T0, usPerPx: 125_000, centrePrice: 5000, unitsPerPx: 2 };
    expect(zoomedTime(view, chart, 10 ** 9, 0).usPerPx).toBe(US_PER_PX_MAX);
    expect(zoomedTime(view, chart, 10 ** -9, 0).usPerPx).toBe(US_PER_PX_MIN);
  });

  it('pans with the pointer, and not beyond half a screen into the future', () => {
    const view = { rightUs: T0, usPerPx: 1000, centrePrice: 5000, unitsPerPx: 2 };
    const moved = panned(view, chart, 100, 30, T0);
    expect(moved.rightUs).toBe(T0 - 100_000);
    expect(moved.centrePrice).toBe(5060);
    expect(panned(view, chart, -10_000, 0, T0).rightUs).toBe(T0 + (chart.width / 2) * 1000);
  });

  it('re-centres only when the market comes near to an edge', () => {
    const view = { rightUs: T0, usPerPx: 1000, centrePrice: 5000, unitsPerPx: 1 };
    const height = chart.height;
    expect(needsRecentring(view, chart, 5000)).toBe(false);
    expect(needsRecentring(view, chart, 5000 + height * 0.34)).toBe(false);
    expect(needsRecentring(view, chart, 5000 + height * 0.36)).toBe(true);
    expect(needsRecentring(view, chart, 5000 - height * 0.36)).toBe(true);
  });
});

describe('layout', () => {
  it.each([
    [1600, 788, 160],
    [390, 600, 84],
  ])('fills %i × %i without overlap', (width, height, bookWidth) => {
    const layout = layoutFor(width, height);
    expect(layout.book.width).toBe(bookWidth);
    expect(layout.book.x).toBe(layout.chart.width);
    expect(layout.priceAxis.x + layout.priceAxis.width).toBe(width);
    expect(layout.timeAxis.y + layout.timeAxis.height).toBe(height);
  });

  it('keeps a chart even where there is hardly room', () => {
    const layout = layoutFor(60, 30);
    expect(layout.chart.width).toBeGreaterThanOrEqual(40);
    expect(layout.book.width).toBeGreaterThanOrEqual(0);
  });

  it('knows what is where', () => {
    const layout = layoutFor(1600, 800);
    expect(areaAt(layout, 10, 10)).toBe('chart');
    expect(areaAt(layout, layout.book.x + 1, 10)).toBe('book');
    expect(areaAt(layout, 1599, 10)).toBe('priceAxis');
    expect(areaAt(layout, 10, 799)).toBe('timeAxis');
    expect(areaAt(layout, 1599, 799)).toBeNull();
  });
});
