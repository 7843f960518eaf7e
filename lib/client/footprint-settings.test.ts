import { expect, it } from 'vitest';
import { footprintSettings } from './footprint-settings.ts';

it('the settings of a footprint chart have defaults, and are read with care', () => {
  const defaults = { interval: '5m', rowTicks: 5, mode: 'bidAsk' };
  expect(footprintSettings({})).toEqual(defaults);
  expect(footprintSettings({ interval: '1d', rowTicks: 3, mode: 'toString' })).toEqual(defaults);
  expect(footprintSettings({ interval: '1m', rowTicks: 20, mode: 'delta' })).toEqual({
    interval: '1m',
    rowTicks: 20,
    mode: 'delta',
  });
});
