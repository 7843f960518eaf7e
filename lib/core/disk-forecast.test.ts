import { expect, it } from 'vitest';
import { DISK_RESERVE_BYTES, type DiskTier, forecastDisk, tradingDaysOf } from './disk-forecast.ts';

const GIB = 2 ** 30;
const tier = (change: Partial<DiskTier> = {}): DiskTier => ({ bytesPerDay: GIB, days: 3, keepDays: 0, ...change });

it.each([
  ['kept for ever, it grows until the reserve', 10 * GIB, [tier()], 10],
  ['two tiers grow together', 10 * GIB, [tier(), tier()], 5],
  ['what is full of its days grows no more', 10 * GIB, [tier({ days: 43, keepDays: 43 })], Number.POSITIVE_INFINITY],
  [
    'what will be full before the disk is, neither',
    10 * GIB,
    [tier({ days: 38, keepDays: 43 })],
    Number.POSITIVE_INFINITY,
  ],
  ['one is full after five days, the other goes on', 20 * GIB, [tier({ days: 38, keepDays: 43 }), tier()], 15],
  ['nothing is left', -DISK_RESERVE_BYTES, [tier()], 0],
  ['no day is over', 10 * GIB, [], null],
] as const)('%s', (_, free, tiers, days) => {
  expect(forecastDisk(free + DISK_RESERVE_BYTES, tiers).tradingDaysLeft).toBe(days);
});

it('counts trading days', () => {
  expect(tradingDaysOf(60)).toBe(43);
  expect(tradingDaysOf(0)).toBe(0);
});
