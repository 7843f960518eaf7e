import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, type Side } from '../core/side.ts';
import { assignBookTime, newPairState, PAIR_WINDOW_US } from './pair.ts';

/** Book times of frames given as [side, stamp]. */
const times = (frames: readonly (readonly [Side, number])[]): number[] => {
  const state = newPairState();
  return frames.map(([side, stampUs]) => assignBookTime(state, side, stampUs));
};

describe('assignBookTime', () => {
  it('gives the second side the stamp of the first, whichever comes first', () => {
    expect(
      times([
        [BID, 1000],
        [ASK, 1300],
        [ASK, 201_000],
        [BID, 201_400],
      ]),
    ).toEqual([1000, 1000, 201_000, 201_000]);
  });

  it('leaves a side alone whose partner is too old or taken', () => {
    expect(
      times([
        [BID, 1000],
        [ASK, 1001 + PAIR_WINDOW_US],
      ]),
    ).toEqual([1000, 1001 + PAIR_WINDOW_US]);
    expect(
      times([
        [BID, 1000],
        [ASK, 1000 + PAIR_WINDOW_US],
        [ASK, 1001 + PAIR_WINDOW_US],
      ]),
    ).toEqual([1000, 1000, 1001 + PAIR_WINDOW_US]);
  });

  it('takes the newest of several unpaired frames of a side', () => {
    expect(
      times([
        [BID, 1000],
        [BID, 2000],
        [ASK, 2500],
      ]),
    ).toEqual([1000, 2000, 2000]);
  });

  it('never gives two frames of one side the same book time, and none a later one than its stamp', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom<Side>(BID, ASK), fc.integer({ min: 1, max: 150_000 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(frames, (steps) => {
        let now = 0;
        const stamped = steps.map(([side, step]): [Side, number] => {
          now += step;
          return [side, now];
        });
        const given = times(stamped);
        const seen = new Set<string>();
        stamped.forEach(([side, stampUs], i) => {
          expect(given[i]).toBeLessThanOrEqual(stampUs);
          expect(stampUs - (given[i] as number)).toBeLessThanOrEqual(PAIR_WINDOW_US);
          const name = `${side} ${given[i]}`;
          expect(seen.has(name)).toBe(false);
          seen.add(name);
        });
      }),
    );
  });
});
