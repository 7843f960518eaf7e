import { describe, expect, it } from 'vitest';
import {
  BAR_PX_MAX,
  barBox,
  cellFontPx,
  type FootprintView,
  footprintLayout,
  panned,
  placeAtX,
  priceAtY,
  visiblePlaces,
  xOfPlace,
  yOfPrice,
  zoomedPrice,
  zoomedTime,
} from './footprint-layout.ts';

const layout = footprintLayout(1000, 600, 7);
const area = layout.bars;
const view: FootprintView = { rightPlace: 20, barPx: 90, centrePrice: 10_000, unitsPerPx: 0.5 };

describe('the layout of a footprint chart', () => {
  it('fills its element without overlap', () => {
    const { bars, stats, priceAxis, timeAxis } = layout;
    expect(bars.width + priceAxis.width).toBe(1000);
    expect(bars.height + stats.height + timeAxis.height).toBe(600);
    expect([stats.y, timeAxis.y]).toEqual([bars.height, bars.height + stats.height]);
  });

  it('gives the rows of numbers up first where it is low', () => {
    expect(footprintLayout(280, 200, 7).stats.height).toBeLessThan(footprintLayout(280, 600, 7).stats.height);
    expect(footprintLayout(280, 100, 7).stats.height).toBe(0);
  });

  it('places and prices are told of each other', () => {
    for (const x of [0, 123, 928]) expect(xOfPlace(view, area, placeAtX(view, area, x))).toBeCloseTo(x);
    for (const y of [0, 17, 400]) expect(yOfPrice(view, area, priceAtY(view, area, y))).toBeCloseTo(y);
    expect(yOfPrice(view, area, 10_001)).toBeLessThan(yOfPrice(view, area, 10_000));
  });

  it('shows the bars that lie in it, in part too', () => {
    expect(visiblePlaces(view, area, 100)).toEqual({ from: 9, to: 20 });
    expect(visiblePlaces(view, area, 12)).toEqual({ from: 9, to: 12 });
    expect(visiblePlaces(view, area, 0)).toEqual({ from: 0, to: 0 });
  });

  it('cells lie within their bar', () => {
    const { left, cellsLeft, cellsWidth } = barBox(view, area, 10);
    expect(cellsLeft).toBeGreaterThan(left);
    expect(cellsLeft + cellsWidth).toBeLessThanOrEqual(left + view.barPx);
  });

  it('writes numbers only where they can be read', () => {
    expect(cellFontPx(view, 10, 9)).toBe(12);
    expect(cellFontPx(view, 5, 9)).toBeNull();
    expect(cellFontPx({ ...view, barPx: 30 }, 10, 9)).toBeNull();
    expect(cellFontPx({ ...view, barPx: 60 }, 10, 9)).toBeLessThan(9);
  });

  it('panning moves what is under the pointer with it', () => {
    const moved = panned(view, 45, 30);
    expect(xOfPlace(moved, area, 10) - xOfPlace(view, area, 10)).toBeCloseTo(45);
    expect(yOfPrice(moved, area, 10_000) - yOfPrice(view, area, 10_000)).toBeCloseTo(30);
  });

  it('zooming keeps what is under the pointer there, and has its limits', () => {
    const at = placeAtX(view, area, 300);
    expect(xOfPlace(zoomedTime(view, area, 0.5, 300), area, at)).toBeCloseTo(300);
    expect(zoomedTime(view, area, 0.01, null)).toMatchObject({ barPx: BAR_PX_MAX, rightPlace: 20 });
    const price = priceAtY(view, area, 100);
    expect(yOfPrice(zoomedPrice(view, area, 2, 100, 5), area, price)).toBeCloseTo(100);
    expect(zoomedPrice(view, area, 1e9, null, 5).unitsPerPx).toBe(50);
  });
});
