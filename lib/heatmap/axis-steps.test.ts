import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceLabels, priceStep, timeLabelsUs, timeStepUs } from './axis-steps.ts';
import { formatIstTime } from './format.ts';
import { T0 } from './test-support.ts';

describe('axis steps', () => {
  it('keeps time labels apart, at round times in IST', () => {
    fc.assert(
      fc.property(fc.double({ min: 4000, max: 60_000_000, noNaN: true }), (usPerPx) => {
        const step = timeStepUs(usPerPx, 90);
        expect(step / usPerPx).toBeGreaterThanOrEqual(90);
        const labels = timeLabelsUs(T0, T0 + 1000 * usPerPx, step);
        expect(labels.length).toBeLessThanOrEqual(12);
      }),
    );
    const hours = timeLabelsUs(T0, T0 + 5 * 3_600_000_000, 3_600_000_000);
    for (const label of hours) expect(formatIstTime(label, 'seconds').slice(2)).toBe(':00:00');
  });

  it('takes price steps of 1, 2 or 5 times a power of ten, in ticks', () => {
    expect(priceStep(10, 1, 40)).toBe(50);
    expect(priceStep(10, 3, 40)).toBe(200);
    expect(priceStep(25_000, 1, 40)).toBe(25_000);
  });

  it('labels prices at multiples of the step', () => {
    expect(priceLabels(1010, 1160, 50)).toEqual([1050, 1100, 1150]);
  });
});
