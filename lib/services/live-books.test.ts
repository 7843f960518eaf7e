import { expect, it } from 'vitest';
import { LiveInstrument } from './live-books.ts';

const US_PER_SECOND = 1_000_000;

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
