import { describe, expect, it } from 'vitest';
import { formatIstDate, istMidnightUs } from '../lib/core/ist.ts';
import { nearExpiry, nextOpenUs, sessionOf } from './calendar.ts';

const MINUTE_US = 60_000_000;
const at = (date: string, hours: number, minutes: number): number =>
  istMidnightUs(date) + (hours * 60 + minutes) * MINUTE_US;

describe('calendar', () => {
  it('closes derivatives ten minutes later since August 2026', () => {
    expect(sessionOf('derivatives', '2026-07-31')).toEqual({
      openUs: at('2026-07-31', 9, 15),
      closeUs: at('2026-07-31', 15, 30),
    });
    expect(sessionOf('derivatives', '2026-08-03')?.closeUs).toBe(at('2026-08-03', 15, 40));
    expect(sessionOf('cash', '2026-08-03')?.closeUs).toBe(at('2026-08-03', 15, 30));
    expect(sessionOf('cash', '2026-11-24')).toBeNull();
    expect(sessionOf('cash', '2026-11-08')).toBeNull();
    expect(sessionOf('cash', '2026-02-01')).not.toBeNull();
  });

  it('finds the next open over nights, weekends and holidays', () => {
    const inSession = at('2026-11-23', 11, 0);
    expect(nextOpenUs('cash', inSession)).toBe(inSession);
    expect(nextOpenUs('cash', at('2026-11-23', 3, 0))).toBe(at('2026-11-23', 9, 15));
    // After Monday's close comes Wednesday: Tuesday is a holiday.
    expect(formatIstDate(nextOpenUs('cash', at('2026-11-23', 15, 30)))).toBe('2026-11-25');
    expect(nextOpenUs('derivatives', at('2026-11-23', 15, 35))).toBe(at('2026-11-23', 15, 35));
  });

  it.each([
    ['2026-11-24', '2026-12-29', 'the last Tuesday of November is a holiday: its contracts expired the day before'],
    ['2026-11-23', '2026-11-23', 'expiry day itself'],
    ['2026-12-01', '2026-12-29', ''],
    ['2026-12-30', '2027-01-25', 'over the end of the year, and Republic Day is a Tuesday'],
    ['2026-03-25', '2026-03-30', 'the last Tuesday of March is a holiday'],
  ])('near expiry on %s is %s (%s)', (date, expiry) => {
    expect(nearExpiry(date)).toBe(expiry);
  });
});
