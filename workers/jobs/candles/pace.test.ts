import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../tests/support/fake-clock.ts';
import { Pace } from './pace.ts';

const never = new AbortController().signal;

it('lets through no more in any second than the spacing allows, whenever it is asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 40 }), async (idle) => {
      const clock = new FakeClock();
      const pace = new Pace(380, clock);
      const turns: number[] = [];
      for (const ms of idle) {
        clock.ms += ms;
        await pace.turn(never);
        turns.push(clock.ms);
      }
      for (const at of turns) {
        expect(turns.filter((other) => other >= at && other < at + 1000).length).toBeLessThanOrEqual(3);
      }
    }),
  );
});

it('does not wait where nothing was asked for a while', async () => {
  const clock = new FakeClock();
  const pace = new Pace(380, clock);
  await pace.turn(never);
  clock.ms += 5000;
  await pace.turn(never);
  expect(clock.slept).toEqual([]);
});

it('holds everybody for the pause that the broker asks for', async () => {
  const clock = new FakeClock();
  const pace = new Pace(380, clock);
  await pace.turn(never);
  pace.hold(60_000);
  await pace.turn(never);
  await pace.turn(never);
  expect(clock.slept).toEqual([60_000, 380]);
});
