import { expect, it } from 'vitest';
import { MarketHours } from '../../lib/calendar/hours.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { istTimeUs } from '../../lib/core/ist.ts';
import { untilCalmMs } from './calm.ts';

const plan = { feeds: [{ feed: 'kite-ticks-1', instruments: [{ exchange: 'NFO' } as Instrument] }] };
const at = (time: string): number => istTimeUs('2026-11-27', time);

it('puts work off from the connecting to the end of what is recorded, and nowhere else', () => {
  const hours = new MarketHours('calendar');
  const endUs = hours.recordingSpans([{ exchange: 'NFO' }], at('12:00'), at('12:00')).at(-1)?.toUs as number;
  expect(untilCalmMs(hours, plan, at('08:00'))).toBe(0);
  expect(untilCalmMs(hours, plan, at('12:00'))).toBe((endUs - at('12:00')) / 1000);
  expect(untilCalmMs(hours, plan, endUs)).toBe(0);
  expect(untilCalmMs(hours, null, at('12:00'))).toBe(0);
  expect(untilCalmMs(new MarketHours('always'), plan, at('12:00'))).toBe(0);
});
