import { describe, expect, it } from 'vitest';
import { areaAt, layoutFor } from './layout.ts';

describe('the layout of the picture', () => {
  const width = 1600;

  it('has the columns on the side that was chosen for each, in their order', () => {
    const beside = { bookWidth: 200, columns: ['right', 'left', 'right', 'left'], columnWidth: 80 } as const;
    const { chart, sides, book, priceAxis, timeAxis } = layoutFor(width, 900, beside);
    expect(sides.map(({ x }) => x)).toEqual([160 + chart.width, 0, 240 + chart.width, 80]);
    expect(chart.x).toBe(160);
    expect(timeAxis).toMatchObject({ x: chart.x, width: chart.width });
    expect(book.x).toBe(chart.x + chart.width + 160);
    expect(priceAxis.x + priceAxis.width).toBe(width);
  });

  it('keeps the chart as wide, wherever the columns stand', () => {
    const widthWith = (columns: readonly ('left' | 'right')[]) =>
      layoutFor(width, 900, { bookWidth: null, columns }).chart.width;
    expect(widthWith(['left', 'left'])).toBe(widthWith(['right', 'right']));
    expect(widthWith(['left'])).toBe(widthWith([]) - 72);
  });

  it('leaves out the last ones where there is no room', () => {
    const { sides, chart } = layoutFor(390, 700, { bookWidth: null, columns: ['left', 'right', 'left', 'left'] });
    expect(sides.length).toBeLessThan(4);
    expect(chart.width).toBeGreaterThanOrEqual(0.4 * 390 - 44);
    expect(sides[0]?.x).toBe(0);
  });

  it('knows what is where', () => {
    const layout = layoutFor(width, 900, { bookWidth: null, columns: ['left', 'right'], strip: true });
    const { chart, book } = layout;
    expect(areaAt(layout, 10, 10)).toBe('sides');
    expect(areaAt(layout, chart.x, 10)).toBe('chart');
    expect(areaAt(layout, chart.x + chart.width, 10)).toBe('sides');
    expect(areaAt(layout, book.x, 10)).toBe('book');
    expect(areaAt(layout, chart.x + 5, chart.height + 10)).toBe('timeAxis');
  });
});
