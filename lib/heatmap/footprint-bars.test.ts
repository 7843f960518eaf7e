import { describe, expect, it } from 'vitest';
import { newBar } from '../orderflow/bars.ts';
import { Footprint, IMBALANCE_RULE } from '../orderflow/footprint.ts';
import { cellWords, footprintBar } from './footprint-bars.ts';

function barOf(...cells: readonly [price: number, buy: number, sell: number, unknown: number, trades: number][]) {
  const footprint = new Footprint(5);
  for (const cell of cells) footprint.addCell(...cell);
  return footprintBar({ ...newBar(0), coverage: 1, footprint }, 5, IMBALANCE_RULE);
}

describe('a bar of a footprint chart', () => {
  it('has what stands out in it', () => {
    const bar = barOf([100, 0, 40, 0, 2], [105, 150, 10, 0, 5], [110, 90, 10, 25, 3], [115, 60, 5, 0, 3]);
    expect(bar.poc).toBe(105);
    expect(bar.imbalances.filter(({ side }) => side === 'buy').map(({ price }) => price)).toEqual([105, 110, 115]);
    expect(bar.stacked).toEqual([{ side: 'buy', fromPrice: 105, toPrice: 115, rows: 3 }]);
    expect(bar.unfinished).toEqual({ high: true, low: false });
    expect(bar.most).toEqual({ bidAsk: 150, delta: 140, volume: 160, trades: 5 });
  });

  it('without a trade has none', () => {
    expect(barOf()).toMatchObject({ cells: [], imbalances: [], stacked: [], most: { volume: 0 } });
  });

  it('numbers are lots: sold at the left, bought at the right', () => {
    const [cell] = barOf([100, 75, 1500, 25, 7]).cells;
    if (!cell) throw new Error('no cell');
    expect(cellWords('bidAsk', cell, 25)).toEqual(['60', '3']);
    expect(cellWords('delta', cell, 25)).toEqual(['−57']);
    expect(cellWords('volume', cell, 25)).toEqual(['64']);
    expect(cellWords('trades', cell, 25)).toEqual(['7']);
    expect(cellWords('volume', cell, 1000)).toEqual(['1.6']);
  });
});
