import { describe, expect, it } from 'vitest';
import { RollingQuantile } from './rolling-quantile.ts';

const HOUR_US = 3_600_000_000;

describe('RollingQuantile', () => {
  it('is right to a twentieth, whatever the scale', () => {
    for (const scale of [1, 1000, 1_000_000]) {
      const quantile = new RollingQuantile(0.9, HOUR_US);
      for (let i = 1; i <= 1000; i += 1) quantile.add(i * scale, 1);
      expect(quantile.value / (900 * scale)).toBeGreaterThan(0.95);
      expect(quantile.value / (900 * scale)).toBeLessThan(1.05);
    }
  });

  it('forgets what is long past, and goes on for weeks', () => {
    const quantile = new RollingQuantile(0.5, HOUR_US);
    for (let i = 0; i < 1000; i += 1) quantile.add(100, i);
    for (let hour = 1; hour < 1000; hour += 1) for (let i = 0; i < 64; i += 1) quantile.add(10, hour * HOUR_US);
    expect(quantile.value).toBeLessThan(11);
    expect(quantile.value).toBeGreaterThan(9.5);
  });

  it('leaves out what is nothing, and is 0 before anything came', () => {
    const quantile = new RollingQuantile(0.5, HOUR_US);
    quantile.add(0, 1);
    quantile.add(Number.NaN, 1);
    expect(quantile.value).toBe(0);
    expect(quantile.count).toBe(0);
  });
});
