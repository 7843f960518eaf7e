import { expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { digestOf, faultCount, paceOf, planSchedule } from './schedule.ts';

it('is the same for the same seed and length, and another for any other', () => {
  const plan = (seed: number, minutes: number) => digestOf(planSchedule(seed, paceOf(minutes), FAULTS));
  expect(plan(5, 3)).toBe(plan(5, 3));
  expect(new Set([plan(5, 3), plan(6, 3), plan(5, 15)]).size).toBe(3);
});

it('has every fault once before one comes again', () => {
  const names = planSchedule(2, paceOf(60), FAULTS).flatMap(({ faults }) => faults.map(({ name }) => name));
  expect(names.length).toBeGreaterThan(FAULTS.length);
  expect(new Set(names.slice(0, FAULTS.length)).size).toBe(FAULTS.length);
});

it.each([1, 2, 3, 4, 5])(
  'of seed %i: one or two at once, never both on the same, within their lengths, at least 15 in three minutes',
  (seed) => {
    const shapes = new Map(FAULTS.map((fault) => [fault.name, fault]));
    const short = planSchedule(seed, paceOf(3), FAULTS);
    expect(faultCount(short)).toBeGreaterThanOrEqual(15);
    for (const strikes of [short, planSchedule(seed, paceOf(15), FAULTS)]) {
      let free = 0;
      for (const { at, faults } of strikes) {
        expect(at).toBeGreaterThanOrEqual(free);
        expect([1, 2]).toContain(faults.length);
        expect(new Set(faults.map(({ name }) => shapes.get(name)?.on)).size).toBe(faults.length);
        for (const { name, seconds } of faults) {
          const [min, max] = shapes.get(name)?.seconds ?? [0, 0];
          expect(seconds).toBeGreaterThanOrEqual(min);
          expect(seconds).toBeLessThanOrEqual(max);
          free = Math.max(free, at + seconds);
        }
      }
    }
  },
);

it('leaves what takes a minute out of a short run', () => {
  const slow = new Set(FAULTS.filter(({ isSlow }) => isSlow).map(({ name }) => name));
  expect(slow.size).toBeGreaterThan(0);
  const short = Array.from({ length: 20 }, (_, seed) => planSchedule(seed, paceOf(5), FAULTS)).flat();
  for (const { name } of short.flatMap(({ faults }) => faults)) expect(slow.has(name), name).toBe(false);
});
