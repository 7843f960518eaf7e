import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import { newBar } from '../orderflow/bars.ts';
import { CHART_ROWS, type ChartPoint, isRowBroken, rowValue } from './chart-rows.ts';

const point: ChartPoint = {
  us: 0,
  bar: { ...newBar(0), volume: 30, buy: 20, sell: 5, unknown: 5, oi: 900, coverage: 1, footprint: null },
  candle: null,
  cause: null,
  broken: false,
  newDay: false,
  vwap: 100,
  deviation: 2,
  cvd: -40,
  cvdBegins: true,
  imbalance: 0.25,
  ofi: 7,
  spread: 10,
  cost: 1.5,
};

describe('rows of a chart', () => {
  it('each has its number', () => {
    expect(CHART_ROWS.map((row) => rowValue(row, point))).toEqual([30, 15, -40, 900, 0.25, 7, 10, 1.5]);
  });

  it("of a broker's candle know its volume and open interest, and no delta", () => {
    const candle = { fromUs: 0, open: 1, high: 1, low: 1, close: 1, volume: 12, oi: 34 };
    const other = { ...point, bar: null, candle, cvd: null };
    expect((['volume', 'delta', 'cvd', 'oi'] as const).map((row) => rowValue(row, other))).toEqual([
      12,
      null,
      null,
      34,
    ]);
  });

  it('what is absent is no number', () => {
    const bar = { ...newBar(0), oi: ABSENT, coverage: 1, footprint: null };
    expect(rowValue('oi', { ...point, bar })).toBeNull();
    expect(rowValue('volume', { ...point, bar: null })).toBeNull();
  });

  it('the sum of deltas breaks where its run begins, the others only where something was missed', () => {
    expect(CHART_ROWS.filter((row) => isRowBroken(row, point))).toEqual(['cvd']);
    expect(CHART_ROWS.filter((row) => isRowBroken(row, { ...point, broken: true, cvdBegins: false }))).toEqual(
      CHART_ROWS,
    );
  });
});
