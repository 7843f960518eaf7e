import { describe, expect, it } from 'vitest';
import {
  decimalsOf,
  formatCompact,
  formatDuration,
  formatIstDay,
  formatIstTime,
  formatLots,
  formatPrice,
  formatSigned,
  formatWhole,
} from './format.ts';

const FUTURE = { priceScale: 100, tickSize: 10 };
const CURRENCY = { priceScale: 10_000_000, tickSize: 25_000 };

describe('formats', () => {
  it('groups by lakh and crore', () => {
    expect(formatPrice(2_594_010, FUTURE)).toBe('25,940.10');
    expect(formatPrice(123_456_789_00, FUTURE)).toBe('12,34,56,789.00');
    expect(formatWhole(1_17_600)).toBe('1,17,600');
    expect(formatCompact(2_50_000)).toBe('2.5L');
    expect(formatCompact(1_23_00_000)).toBe('1.23Cr');
  });

  it('shows as many decimals as a tick needs', () => {
    expect(decimalsOf(FUTURE)).toBe(2);
    expect(decimalsOf({ priceScale: 100, tickSize: 5 })).toBe(2);
    expect(decimalsOf(CURRENCY)).toBe(4);
    expect(formatPrice(843_225_000, CURRENCY)).toBe('84.3225');
  });

  it('signs with a true minus', () => {
    expect(formatSigned(12.3, 2)).toBe('+12.30');
    expect(formatSigned(-0.14, 2)).toBe('−0.14');
    expect(formatSigned(0, 2)).toBe('0.00');
  });

  it('counts lots', () => {
    expect(formatLots(65 * 1234, 65)).toBe('1,234');
    expect(formatLots(100, 65)).toBe('1.5');
  });

  it('tells the time in IST, whatever the machine thinks', () => {
    const us = Date.UTC(2026, 10, 24, 3, 45, 1, 250) * 1000;
    expect(formatIstTime(us)).toBe('09:15:01');
    expect(formatIstTime(us, 'ms')).toBe('09:15:01.250');
    expect(formatIstTime(us, 'minutes')).toBe('09:15');
    expect(formatIstDay(Date.UTC(2026, 10, 24, 20, 0) * 1000)).toBe('25 Nov');
  });

  it('gives durations in the unit that fits', () => {
    expect([240, 3200, 720_000, 7_500_000].map(formatDuration)).toEqual(['240 ms', '3.2 s', '12 min', '2 h 05 min']);
  });
});
