import { expect, it } from 'vitest';
import { wilson } from './score.ts';

it('gives Wilson’s interval (Wilson 1927; 8 of 10 at 95 %: 0.490 to 0.943)', () => {
  const [low, high] = wilson(8, 10);
  expect(low).toBeCloseTo(0.49, 2);
  expect(high).toBeCloseTo(0.943, 2);
  expect(wilson(0, 0)).toEqual([0, 1]);
});
