import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdaptiveCoder, NUMBER_CONTEXTS } from './adaptive-coder.ts';

type Step =
  | { readonly kind: 'bit'; readonly context: number; readonly value: number }
  | { readonly kind: 'number' | 'plain'; readonly value: number }
  | { readonly kind: 'wide'; readonly value: number };

const CONTEXTS = 8 + 3 * NUMBER_CONTEXTS;

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('bit' as const),
    context: fc.nat(7),
    value: fc.constantFrom(0, 1),
  }),
  fc.record({ kind: fc.constantFrom('number' as const, 'plain' as const), value: fc.nat(2 ** 32 - 1) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.nat(20) }),
  fc.record({ kind: fc.constant('wide' as const), value: fc.maxSafeNat() }),
);

function take(coder: AdaptiveCoder, step: Step, known: boolean): number {
  const value = known ? step.value : 0;
  if (step.kind === 'bit') return coder.bit(step.context, value);
  if (step.kind === 'plain') return coder.plain(value, 32);
  return step.kind === 'number' ? coder.number(8, value) : coder.wide(8 + NUMBER_CONTEXTS, value);
}

function encode(steps: readonly Step[]): Uint8Array {
  const coder = new AdaptiveCoder(CONTEXTS, null);
  coder.reserve(CONTEXTS);
  for (const step of steps) expect(take(coder, step, true)).toBe(step.value);
  return coder.finish().slice();
}

describe('the adaptive coder', () => {
  it('gives back what was put in, of any decisions and numbers', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 400 }), (steps) => {
        const decoder = new AdaptiveCoder(CONTEXTS, encode(steps));
        expect(steps.map((step) => take(decoder, step, false))).toEqual(steps.map(({ value }) => value));
        expect(decoder.exhausted).toBe(false);
      }),
    );
  });

  it('takes next to nothing for what it can expect, and little more than a bit for what nobody can', () => {
    const bits = (answer: (i: number) => number): number => {
      const steps = Array.from({ length: 20_000 }, (_, i) => ({ kind: 'bit', context: 0, value: answer(i) }) as const);
      return (encode(steps).length * 8) / steps.length;
    };
    expect(bits(() => 1)).toBeLessThan(0.004);
    expect(bits(() => 0)).toBeLessThan(0.004);
    // 1 in 16: an entropy of 0.337 bits.
    expect(bits((i) => (Math.imul(i, 2_654_435_761) >>> 28 === 0 ? 1 : 0))).toBeLessThan(0.38);
    expect(bits((i) => Math.imul(i ^ (i >>> 7), 2_654_435_761) >>> 31)).toBeLessThan(1.06);
  });

  it('decodes any bytes without harm, and says where there were too few', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(anyStep, { minLength: 60, maxLength: 200 }),
        (bytes, steps) => {
          const decoder = new AdaptiveCoder(CONTEXTS, bytes);
          for (const step of steps) {
            const value = take(decoder, step, false);
            expect(Number.isInteger(value) && value >= 0).toBe(true);
          }
        },
      ),
    );
    const decoder = new AdaptiveCoder(CONTEXTS, new Uint8Array(3));
    for (let i = 0; i < 10; i += 1) decoder.plain(0, 32);
    expect(decoder.exhausted).toBe(true);
  });

  it('refuses more contexts than it has', () => {
    const coder = new AdaptiveCoder(10, null);
    expect(coder.reserve(6)).toBe(0);
    expect(coder.reserve(4)).toBe(6);
    expect(() => coder.reserve(1)).toThrow(RangeError);
  });
});
