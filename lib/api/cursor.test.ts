import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FEEDS } from '../core/feeds.ts';
import { cursor, writeCursor } from './cursor.ts';

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

it('is read as it was written', () => {
  const feedId = fc.constantFrom(...FEEDS.map(({ id }) => id));
  fc.assert(
    fc.property(feedId, whole, fc.array(whole, { minLength: 1, maxLength: 3 }), (feed, timeUs, rest) => {
      const written = writeCursor({ feedId: feed, timeUs, rest });
      expect(written).toMatch(/^[\w-]+$/);
      expect(cursor.parse(written)).toEqual({ feedId: feed, timeUs, rest });
    }),
  );
});

it('is refused whatever else it is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const read = cursor.safeParse(text);
      // What happens to be one is written back the same.
      if (read.success) expect(cursor.parse(writeCursor(read.data))).toEqual(read.data);
    }),
  );
  for (const text of ['', 'a', btoa('1.2'), btoa('0.1.1'), btoa('1.1.1.1.1.1'), btoa('1.-1.1'), btoa('1.1.1e3')]) {
    expect(cursor.safeParse(text).success, text).toBe(false);
  }
});
