import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStamper, stampOfStreamId, streamId } from './stamp.ts';

describe('createStamper', () => {
  const stamps = (clock: readonly number[], after?: number): number[] => {
    const readings = [...clock];
    const stamp = createStamper(() => readings.shift() as number, after);
    return clock.map(() => stamp());
  };

  it('goes on by 1 µs where the clock repeats or runs back, and follows it once it is ahead again', () => {
    expect(stamps([100, 100, 100, 50, 103, 104, 200])).toEqual([100, 101, 102, 103, 104, 105, 200]);
  });

  it('starts above the journal’s last stamp', () => {
    expect(stamps([100, 101, 600], 500)).toEqual([501, 502, 600]);
  });

  it('never repeats and never goes back, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1000 }), { minLength: 2 }), fc.nat({ max: 1000 }), (clock, after) => {
        const made = stamps(clock, after);
        expect(made[0]).toBeGreaterThan(after);
        for (let i = 1; i < made.length; i += 1) expect(made[i]).toBeGreaterThan(made[i - 1] as number);
      }),
    );
  });
});

describe('stream ids', () => {
  it('hold the milliseconds, then the microseconds within', () => {
    expect(streamId(1_752_812_105_123_456)).toBe('1752812105123-456');
    expect(streamId(1_752_812_105_123_000)).toBe('1752812105123-0');
  });

  it('give the stamp back, and 0 for an empty stream', () => {
    expect(stampOfStreamId('0-0')).toBe(0);
    fc.assert(
      fc.property(fc.maxSafeNat(), (stamp) => {
        expect(stampOfStreamId(streamId(stamp))).toBe(stamp);
      }),
    );
  });

  it('are in the order of their stamps, as Redis compares them', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 5000 }), (stamp, step) => {
        const parts = (us: number) => streamId(us).split('-').map(Number) as [number, number];
        const [[ms, us], [laterMs, laterUs]] = [
          parts(stamp),
          parts(Math.min(stamp + step + 1, Number.MAX_SAFE_INTEGER)),
        ];
        if (stamp < Number.MAX_SAFE_INTEGER) expect(laterMs > ms || (laterMs === ms && laterUs > us)).toBe(true);
      }),
    );
  });

  it.each([
    '',
    '-',
    '5',
    '5-',
    '-5',
    '5-1000',
    '5--3',
    '5-1-2',
    '5-1.5',
    '0x10-1',
    '1e3-1',
    ' 5-1',
    '99999999999999-0',
  ])('%j is none', (id) => {
    expect(() => stampOfStreamId(id)).toThrow(RangeError);
  });
});
