import { expect, it } from 'vitest';
import { compareFrames, FeedTimeline, gapOver, joined } from './compare.ts';

const sent = (...checksums: number[]) => checksums.map((checksum, i) => ({ checksum, sentUs: (i + 1) * 1e6 }));
const stored = (...checksums: number[]) =>
  checksums.map((checksum, i) => ({ checksum, feedId: 1, stampUs: (i + 1) * 1e6 + 500 }));
const lostOf = (comparison: ReturnType<typeof compareFrames>) => comparison.lost.map(({ checksum }) => checksum);

it('finds what was sent and is not stored', () => {
  const compared = compareFrames(sent(1, 2, 3, 4), stored(1, 4));
  expect(lostOf(compared)).toEqual([2, 3]);
  expect(compared.strange).toEqual([]);
});

it.each([
  ['was never sent', [1, 9, 2]],
  ['stands twice', [1, 1, 2]],
  ['stands out of order', [2, 1]],
])('finds a stored frame that %s', (_what, rows) => {
  expect(compareFrames(sent(1, 2), stored(...rows)).strange.length).toBeGreaterThan(0);
});

it('lets a frame that was sent again stand again, so often and no oftener', () => {
  expect(compareFrames(sent(1, 2, 3), stored(1, 2, 2, 2, 3), 2)).toMatchObject({ copies: 2, strange: [], lost: [] });
  expect(compareFrames(sent(1, 2, 3), stored(1, 2, 2, 2, 3), 1).strange.length).toBeGreaterThan(0);
  // An unchanged book is no copy.
  expect(compareFrames(sent(1, 2, 2, 3), stored(1, 2, 2, 3), 2)).toMatchObject({ copies: 0, strange: [], lost: [] });
});

it('explains a loss by a gap over it, and by no gap before or after it', () => {
  const { matched, lost } = compareFrames(sent(1, 2, 3, 4, 5), [
    { checksum: 1, feedId: 1, stampUs: 10e6 },
    { checksum: 3, feedId: 1, stampUs: 12e6 },
    { checksum: 5, feedId: 1, stampUs: 14e6 },
  ]);
  const timeline = new FeedTimeline();
  timeline.add(matched);
  timeline.sort();
  const gap = { feedId: 1, feed: 'kite', cause: 'network', fromUs: 12e6, toUs: 14e6 };
  const around = { ...gap, ...timeline.around(gap) };
  expect(around).toMatchObject({ lastUs: 3e6, firstUs: 5e6 });
  expect(lost.map((frame) => gapOver(frame, [around]) !== undefined)).toEqual([false, true]);
  expect(timeline.within(gap)).toBe(0);
  expect(timeline.within({ ...gap, fromUs: 10e6 })).toBe(1);
});

it('takes intervals that touch for one', () => {
  const intervals = [
    { fromUs: 5, toUs: 6 },
    { fromUs: 1, toUs: 2 },
    { fromUs: 2, toUs: 4 },
  ];
  expect(joined(intervals)).toEqual([
    { fromUs: 1, toUs: 4 },
    { fromUs: 5, toUs: 6 },
  ]);
  expect(joined(intervals, 1)).toEqual([{ fromUs: 1, toUs: 6 }]);
});
