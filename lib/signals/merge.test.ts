import { describe, expect, it } from 'vitest';
import { SILENT_US, StampMerge } from './merge.ts';

const entry = (stampUs: number) => ({ stampUs, value: `at ${stampUs}` });
const stamps = (merge: StampMerge<string>, nowUs: number) =>
  merge.advance(nowUs).entries.map(({ feedId, stampUs }) => [feedId, stampUs]);

describe('StampMerge', () => {
  it('gives entries in the order of stamps, then of feeds, once every feed has passed them', () => {
    const merge = new StampMerge<string>();
    merge.push(2, [entry(100), entry(300)]);
    merge.push(1, [entry(100), entry(200)]);
    expect(stamps(merge, 300)).toEqual([
      [1, 100],
      [2, 100],
      [1, 200],
    ]);
    merge.push(1, [entry(400)]);
    expect(stamps(merge, 400)).toEqual([[2, 300]]);
  });

  it('leaves a silent feed out, says so, and takes it in again', () => {
    const merge = new StampMerge<string>();
    merge.push(1, [entry(1000)]);
    merge.push(2, [entry(1000)]);
    merge.advance(1000);
    merge.push(2, [entry(SILENT_US + 1500)]);
    const cut = merge.advance(SILENT_US + 1501);
    expect(cut.decisions).toEqual([{ feedId: 1, atUs: SILENT_US + 1501, included: false }]);
    expect(cut.entries.map(({ stampUs }) => stampUs)).toEqual([SILENT_US + 1500]);

    merge.push(1, [entry(2000), entry(SILENT_US + 1600)]);
    const back = merge.advance(SILENT_US + 1601);
    expect(back.decisions).toEqual([{ feedId: 1, atUs: SILENT_US + 1601, included: true }]);
    // What it says of the time that has been given already comes too late, and is told.
    expect(merge.takeMissed()).toEqual([{ feedId: 1, fromUs: 2000, toUs: 2000 }]);
    expect(merge.takeMissed()).toEqual([]);
  });

  it('leaves out what was missed before, though it comes in time now', () => {
    const merge = new StampMerge<string>([{ feedId: 1, fromUs: 200, toUs: 300 }]);
    merge.push(1, [entry(100), entry(200), entry(250), entry(300), entry(400)]);
    merge.push(2, [entry(250), entry(400)]);
    expect(stamps(merge, 400)).toEqual([
      [1, 100],
      [2, 250],
      [1, 400],
      [2, 400],
    ]);
    expect(merge.takeMissed()).toEqual([]);
  });

  it('gives the same sequence however the entries arrive', () => {
    const all = Array.from({ length: 50 }, (_, i) => ({ feedId: 1 + (i % 3), stampUs: 1000 + i * 7 }));
    const run = (step: number): number[][] => {
      const merge = new StampMerge<string>();
      const given: number[][] = [];
      for (let at = 0; at < all.length; at += step) {
        for (const { feedId, stampUs } of all.slice(at, at + step)) merge.push(feedId, [entry(stampUs)]);
        given.push(...stamps(merge, (all[Math.min(at + step, all.length) - 1] as { stampUs: number }).stampUs));
      }
      for (const feedId of [1, 2, 3]) merge.push(feedId, [entry(5000)]);
      given.push(...stamps(merge, 5000));
      return given;
    };
    expect(run(5)).toEqual(run(1));
    expect(run(50)).toEqual(run(1));
  });
});
