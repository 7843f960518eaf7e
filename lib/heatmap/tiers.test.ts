import { describe, expect, it } from 'vitest';
import { columnOf, TIERS, TIERS_US, tierFor, tierName } from './tiers.ts';

describe('tiers', () => {
  it('gives columns of 1 to 5 px at every zoom between the finest and the coarsest', () => {
    for (let usPerPx = 62_500; usPerPx <= 60_000_000; usPerPx *= 1.07) {
      const px = TIERS_US[tierFor(usPerPx)] / usPerPx;
      expect(px).toBeGreaterThanOrEqual(1);
      expect(px).toBeLessThanOrEqual(5);
    }
  });

  it('stays at the finest when zoomed in and at the coarsest when zoomed out', () => {
    expect(tierFor(1)).toBe(0);
    expect(tierFor(10 ** 9)).toBe(4);
  });

  it('makes every column of a whole number of finer ones', () => {
    for (const tier of TIERS.slice(1)) expect(TIERS_US[tier] % (TIERS_US[tier - 1] as number)).toBe(0);
  });

  it('numbers columns beyond 32 bits exactly', () => {
    expect(columnOf(1_795_480_000_249_999, 250_000)).toBe(7_181_920_000);
    expect(columnOf(1_795_480_000_250_000, 250_000)).toBe(7_181_920_001);
  });

  it('has names for people', () => {
    expect(TIERS.map(tierName)).toEqual(['250 ms', '1 s', '5 s', '15 s', '1 min']);
  });
});
