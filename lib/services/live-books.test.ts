import { expect, it } from 'vitest';
import { LiveInstrument } from './live-books.ts';

const US_PER_SECOND = 1_000_000;
const [KITE, DEPTH20, DEPTH200] = [1, 21, 31] as const;

it('the deepest feed is shown; silent, it gives way to another depth feed, and not to the five levels of a live one', () => {
  const instrument = new LiveInstrument(1);
  const startUs = 1_795_000_000 * US_PER_SECOND;
  const after = (feedId: number, seconds: number): boolean =>
    instrument.prefers(feedId, startUs + seconds * US_PER_SECOND);
  instrument.feedId = DEPTH20;
  instrument.countFrame(startUs);
  expect([after(DEPTH200, 0), after(DEPTH20, 0), after(KITE, 60)]).toEqual([true, true, false]);
  instrument.feedId = DEPTH200;
  expect([after(DEPTH20, 2), after(DEPTH20, 4)]).toEqual([false, true]);
  expect([after(KITE, 4), after(KITE, 599), after(KITE, 601)]).toEqual([false, false, true]);
});

it('the frame rate is that of both sides while frames come, and falls while none do', () => {
  const instrument = new LiveInstrument(1);
  let stampUs = 1_795_000_000 * US_PER_SECOND;
  for (let book = 0; book < 300; book += 1) {
    stampUs += US_PER_SECOND / 5;
    // The sides of a book come one right after the other.
    instrument.countFrame(stampUs - 40);
    instrument.countFrame(stampUs);
  }
  const rate = instrument.framesPerSecond(stampUs + US_PER_SECOND / 10);
  expect(rate).toBeGreaterThan(9);
  expect(rate).toBeLessThan(11.5);
  expect(instrument.framesPerSecond(stampUs + 25 * US_PER_SECOND)).toBeCloseTo(2 / 25);
});

it('the frame rate is 0 before the first frame', () => {
  expect(new LiveInstrument(1).framesPerSecond(1_795_000_000 * US_PER_SECOND)).toBe(0);
});
