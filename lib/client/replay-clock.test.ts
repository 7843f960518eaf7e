import { expect, it } from 'vitest';
import type { ReplayClockEvent } from '../core/replay-clock.ts';
import { ReplayClock } from './replay-clock.ts';

const said: ReplayClockEvent = {
  replay: 'a',
  epoch: 1,
  timeUs: 10_000_000,
  fromUs: 0,
  toUs: 100_000_000,
  speed: 10,
  playing: true,
  ended: false,
  source: 'journal',
  failure: null,
};

it('runs at the speed of the replay, not beyond its end, and not for ever without a word', () => {
  let ms = 0;
  const clock = new ReplayClock(() => ms);
  expect(clock.nowUs()).toBe(0);
  clock.heard(said);
  ms = 500;
  expect(clock.nowUs()).toBe(15_000_000);
  ms = 60_000;
  expect(clock.nowUs()).toBe(20_000_000);
  clock.heard({ ...said, timeUs: 99_000_000 });
  ms += 1000;
  expect(clock.nowUs()).toBe(100_000_000);
});

it('does not run back while it plays, stands where a pause says, and goes anywhere by a seek', () => {
  let ms = 0;
  const clock = new ReplayClock(() => ms);
  clock.heard(said);
  ms = 300;
  expect(clock.nowUs()).toBe(13_000_000);
  clock.heard({ ...said, timeUs: 12_500_000 });
  expect(clock.nowUs()).toBe(13_000_000);
  clock.heard({ ...said, timeUs: 12_600_000, playing: false });
  expect(clock.nowUs()).toBe(12_600_000);
  ms = 900;
  expect(clock.nowUs()).toBe(12_600_000);
  clock.heard({ ...said, epoch: 2, timeUs: 1_000_000 });
  expect(clock.nowUs()).toBe(1_000_000);
});
