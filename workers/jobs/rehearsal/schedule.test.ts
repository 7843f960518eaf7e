import { expect, it } from 'vitest';
import { MarketHours } from '../../../lib/calendar/hours.ts';
import { istTimeUs } from '../../../lib/core/ist.ts';
import { hasSession, isMissed } from './schedule.ts';

const hours = new MarketHours('calendar');
const at = (date: string, time: string): number => istTimeUs(date, time);

it.each([
  ['2026-11-27', true, 'a Friday'],
  ['2026-11-28', false, 'a Saturday'],
  ['2026-11-24', false, 'a holiday'],
  ['2026-02-01', true, 'Budget Sunday'],
  ['2026-11-08', true, 'Diwali, whose session needs tokens too'],
])('on %s there is a session: %s (%s)', (date, expected) => {
  expect(hasSession(hours, at(date, '08:45'))).toBe(expected);
});

it('is made up for only while the market of that day is still to be recorded, and only once', () => {
  const missed = (time: string, last: string | null) =>
    isMissed(hours, at('2026-11-27', time), last === null ? null : at('2026-11-27', last) / 1000);
  expect(missed('08:44', null)).toBe(false);
  expect(missed('08:50', null)).toBe(true);
  expect(missed('11:00', '08:00')).toBe(true);
  expect(missed('11:00', '08:45')).toBe(false);
  expect(missed('15:40', null)).toBe(false);
  expect(isMissed(hours, at('2026-11-28', '10:00'), null)).toBe(false);
  expect(isMissed(new MarketHours('always'), at('2026-11-27', '10:00'), null)).toBe(false);
});
