import { describe, expect, it } from 'vitest';
import { chartSettings, intervalWords } from './chart-settings.ts';

describe('the settings of a chart', () => {
  it('have defaults, and are read with care', () => {
    const defaults = chartSettings({});
    expect(defaults).toEqual({ interval: '1m', rows: ['volume', 'delta', 'cvd'], vwap: true, lots: 10 });
    expect(chartSettings({ interval: 'toString', rows: 'cvd', vwap: 1, lots: 7 })).toEqual(defaults);
    expect(chartSettings({ interval: '5m', rows: ['oi', 'nonsense', 'volume'], vwap: false, lots: 25 })).toEqual({
      interval: '5m',
      rows: ['volume', 'oi'],
      vwap: false,
      lots: 25,
    });
    expect(chartSettings({ rows: [] }).rows).toEqual([]);
  });

  it('name lengths as people do', () => {
    expect(['1s', '15m', '1h', '1d'].map(intervalWords)).toEqual(['1 s', '15 min', '1 h', '1 day']);
  });
});
