import { expect, it } from 'vitest';
import { MessageReader } from '../book/messages.ts';
import { Tick } from '../orderflow/tick.ts';
import { EntryWriter } from '../queue/entry.ts';
import { LiveBooks, LiveInstrument } from './live-books.ts';

const US_PER_SECOND = 1_000_000;
const [KITE, DHAN, DEPTH20, DEPTH200] = [1, 11, 21, 31] as const;

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

it('counts what two feeds tell of once: of the preferred one, and of the other while that is silent', () => {
  const told: number[] = [];
  const books = new LiveBooks({
    wants: () => true,
    send: (_, message) =>
      new MessageReader().read(message, {
        onDepth: () => undefined,
        onTick: ({ volumeDelta }) => told.push(volumeDelta),
        onGap: () => undefined,
        onBaseMissing: () => undefined,
      }),
  });
  const writer = new EntryWriter();
  const tick = (feedId: number, seconds: number, volume: number, volumeDelta: number): number | undefined => {
    const before = told.length;
    const of = Object.assign(new Tick(), { instrumentId: 1 });
    of.clear();
    Object.assign(of, { lastPrice: 100, volume, volumeDelta });
    writer.begin();
    writer.tick(of);
    const stampUs = (1_795_000_000 + seconds) * US_PER_SECOND;
    books.take(feedId, { stampUs, bytes: writer.finish() as Buffer });
    return told[before];
  };
  expect(tick(DHAN, 0, 1000, 10)).toBe(10);
  expect(tick(KITE, 0.1, 1000, 20), 'told of by Dhan').toBe(undefined);
  expect(tick(KITE, 1, 1030, 30)).toBe(30);
  expect(tick(DHAN, 1.1, 1030, 30)).toBe(undefined);
  expect(tick(DHAN, 11, 1080, 50)).toBe(undefined);
  expect(tick(DHAN, 12, 1085, 5), 'Kite is silent').toBe(5);
  expect(tick(KITE, 12.1, 1090, 60), 'all but 5 of it is not told').toBe(5);
});
