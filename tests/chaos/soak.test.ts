import { expect, it } from 'vitest';
import { quantile, slopeOf } from './soak.ts';

it('finds the slope of a line, also through noise, and none of a flat one', () => {
  const line = Array.from({ length: 100 }, (_, x) => [x, 3 * x + 7 + (x % 2 === 0 ? 1 : -1)] as const);
  expect(slopeOf(line)).toBeCloseTo(3, 2);
  expect(slopeOf(line.map(([x]) => [x, 5] as const))).toBe(0);
  expect(slopeOf([[1, 2]])).toBe(0);
});

it('takes quantiles of what is sorted', () => {
  expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.99), quantile([], 0.5)]).toEqual([3, 4, 0]);
});
