import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const draws = (random: Random, count: number, draw: (random: Random) => number): number[] =>
  Array.from({ length: count }, () => draw(random));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  it('gives the same for a seed and stream, and something else for any other', () => {
    const first = draws(new Random(7, 1), 5, (random) => random.u32());
    expect(draws(new Random(7, 1), 5, (random) => random.u32())).toEqual(first);
    for (const [seed, stream] of [
      [8, 1],
      [7, 2],
      [7 + 2 ** 32, 1],
    ] as const) {
      expect(draws(new Random(seed, stream), 5, (random) => random.u32())).not.toEqual(first);
    }
  });

  it('is a known sequence: a change here changes every market that has a seed', () => {
    expect(draws(new Random(1, 0), 3, (random) => random.u32())).toMatchInlineSnapshot(`
      [
        1080862987,
        3546521498,
        2861869171,
      ]
    `);
  });

  it('has the moments it promises', () => {
    const random = new Random(3, 0);
    expect(mean(draws(random, 50_000, (r) => r.uniform()))).toBeCloseTo(0.5, 2);
    const normals = draws(random, 50_000, (r) => r.normal());
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(mean(draws(random, 50_000, (r) => r.exponential(3)))).toBeCloseTo(3, 0);
    expect(mean(draws(random, 50_000, (r) => r.poisson(2.5)))).toBeCloseTo(2.5, 1);
    expect(mean(draws(random, 50_000, (r) => r.poisson(80)))).toBeCloseTo(80, 0);
    expect(new Set(draws(random, 1000, (r) => r.below(4)))).toEqual(new Set([0, 1, 2, 3]));
  });
});
