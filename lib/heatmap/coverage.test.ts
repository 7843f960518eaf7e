import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coverage } from './coverage.ts';

const SPACE = 60;
const interval = fc.tuple(fc.nat({ max: SPACE }), fc.nat({ max: SPACE }));
const steps = fc.array(fc.tuple(fc.boolean(), interval), { maxLength: 30 });

describe('coverage', () => {
  it('agrees with a set of single instants', () => {
    fc.assert(
      fc.property(steps, interval, (changes, [askFrom, askTo]) => {
        const coverage = new Coverage();
        const instants = new Set<number>();
        for (const [add, [from, to]] of changes) {
          if (add) coverage.add(from, to);
          else coverage.remove(from, to);
          for (let t = from; t < to; t += 1) {
            if (add) instants.add(t);
            else instants.delete(t);
          }
        }
        for (let t = 0; t < SPACE; t += 1) expect(coverage.has(t)).toBe(instants.has(t));
        const missing = new Set<number>();
        for (const { fromUs, toUs } of coverage.missing(askFrom, askTo)) {
          for (let t = fromUs; t < toUs; t += 1) missing.add(t);
        }
        for (let t = askFrom; t < askTo; t += 1) expect(missing.has(t)).toBe(!instants.has(t));
        if (askFrom <= askTo) expect(coverage.held(askFrom, askTo)).toBe(askTo - askFrom - missing.size);
      }),
    );
  });

  it('keeps its intervals apart and in order', () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const coverage = new Coverage();
        for (const [add, [from, to]] of changes) {
          if (add) coverage.add(from, to);
          else coverage.remove(from, to);
        }
        coverage.all.forEach(({ fromUs, toUs }, i) => {
          expect(fromUs).toBeLessThan(toUs);
          const next = coverage.all[i + 1];
          if (next) expect(toUs).toBeLessThan(next.fromUs);
        });
      }),
    );
  });

  it('forgets everything from a time on', () => {
    const coverage = new Coverage();
    coverage.add(0, 100);
    coverage.remove(40, Number.POSITIVE_INFINITY);
    expect(coverage.all).toEqual([{ fromUs: 0, toUs: 40 }]);
  });
});
