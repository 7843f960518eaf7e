import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameLog, FrameLogBudget } from './frame-log.ts';

describe('FrameLog', () => {
  it('knows the sums before any recording time', () => {
    const frames = fc.array(
      fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 67_108_858 }), fc.integer({ min: 0, max: 200 })),
      { minLength: 1, maxLength: 3000 },
    );
    fc.assert(
      fc.property(frames, fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
        const log = new FrameLog(new FrameLogBudget());
        let recordedAt = 0;
        const all = steps.map(([step, checksum, levels], i) => {
          recordedAt += step;
          log.add(1000 + i, recordedAt, checksum, levels);
          return { recordedAt, checksum, levels };
        });
        const at = Math.round((recordedAt + 1) * share);
        const before = all.filter((frame) => frame.recordedAt < at);
        expect(log.before(at)).toEqual({
          frames: before.length,
          levels: before.reduce((sum, { levels }) => sum + levels, 0),
          checksum: before.reduce((sum, { checksum }) => sum + BigInt(checksum), 0n),
          lastUs: before.length > 0 ? 999 + before.length : 0,
        });
        expect(log.before(Infinity)).toEqual(log.sums);
      }),
      { numRuns: 50 },
    );
  });

  it('sums checksums exactly beyond what a double holds', () => {
    const log = new FrameLog(new FrameLogBudget(1));
    const largest = 2 ** 32 - 1;
    const count = 300_000;
    for (let i = 0; i < count; i += 1) log.add(i, 0, largest, 0);
    expect(log.checksum).toBe(BigInt(largest) * BigInt(count));
  });

  it('gives up the oldest frames of all, and says so', () => {
    const budget = new FrameLogBudget(2);
    const old = new FrameLog(budget);
    const busy = new FrameLog(budget);
    old.add(1, 10, 7, 1);
    for (let i = 0; i < 3000; i += 1) busy.add(i, i, 1, 1);
    expect(old.frames).toBe(1);
    expect(old.read(1, 10)).toEqual([]);
    expect(old.before(5)).toBeNull();
    // That everything of it was before a time is known without the frames.
    expect(old.before(11)).toEqual({ frames: 1, levels: 1, checksum: 7n, lastUs: 1 });
    expect(busy.frames).toBe(3000);
    // Two chunks of 1,024 are held; what was before them is known as a sum only.
    expect(busy.read(1, 5).map(({ ordinal }) => ordinal)).toEqual([1025, 1026, 1027, 1028, 1029]);
    expect(busy.before(500)).toBeNull();
    expect(busy.before(2000)).toMatchObject({ frames: 2000, levels: 2000, checksum: 2000n });
  });

  it('has nothing before the first frame', () => {
    const log = new FrameLog(new FrameLogBudget());
    expect(log.before(5)).toEqual({ frames: 0, levels: 0, checksum: 0n, lastUs: 0 });
    log.add(1, 10, 7, 1);
    expect(log.before(10)).toMatchObject({ frames: 0 });
    expect(log.before(11)).toMatchObject({ frames: 1 });
  });
});
