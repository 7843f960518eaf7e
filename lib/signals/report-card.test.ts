import { expect, it } from 'vitest';
import { difference, holm, normalShare, verdictOf, wilson } from './report-card.ts';

it('gives Wilson’s interval (Wilson 1927; 8 of 10 at 95 %: 0.490 to 0.943)', () => {
  const [low, high] = wilson(8, 10);
  expect(low).toBeCloseTo(0.49, 2);
  expect(high).toBeCloseTo(0.943, 2);
  expect(wilson(0, 0)).toEqual([0, 1]);
});

it('knows the normal distribution', () => {
  expect(normalShare(0)).toBeCloseTo(0.5, 6);
  expect(normalShare(1.96)).toBeCloseTo(0.975, 4);
  expect(normalShare(-1.645)).toBeCloseTo(0.05, 4);
});

it('adjusts by Holm for all comparisons that are shown (0.01, 0.04, 0.03 of three: 0.03, 0.06, 0.06)', () => {
  const adjusted = holm([0.01, null, 0.04, 0.03]);
  expect(adjusted[1]).toBeNull();
  expect(adjusted[0]).toBeCloseTo(0.03, 9);
  expect(adjusted[2]).toBeCloseTo(0.06, 9);
  expect(adjusted[3]).toBeCloseTo(0.06, 9);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect([verdictOf(0.05), verdictOf(0.051), verdictOf(null)]).toEqual(['beats', 'does_not_beat', 'too_few']);
});

/** Sums of hours with one signal each, as the database makes them. */
const sumsOf = (hours: readonly (readonly number[])[]) => {
  const s = hours.map((of) => of.reduce((total, d) => total + d, 0));
  const n = hours.map(({ length }) => length);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    hours: hours.length,
    n: sum(n),
    s: sum(s),
    ss: sum(s.map((one) => one * one)),
    sn: sum(s.map((one, i) => one * (n[i] as number))),
    nn: sum(n.map((one) => one * one)),
  };
};

it('measures a difference with the error of its hours', () => {
  // Ten hours of 1 and ten of 3: mean 2, sample variance 20/19, error sqrt(20/19/20) = 0.2294.
  const twenty = Array.from({ length: 20 }, (_, i) => [i % 2 === 0 ? 1 : 3]);
  const found = difference(sumsOf(twenty));
  expect(found?.mean).toBe(2);
  expect(found?.low).toBeCloseTo(2 - 1.96 * 0.2294, 3);
  expect(found?.p).toBeLessThan(1e-6);
  // The same ten times within each hour knows no more than once.
  const told = difference(sumsOf(twenty.map((of) => new Array<number>(10).fill(of[0] as number))));
  expect(told?.low).toBeCloseTo(found?.low as number, 9);
  expect(difference(sumsOf(twenty.slice(1)))).toBeNull();
});
