import { describe, expect, it } from 'vitest';
import { FEED_LIMITS, FEEDS, feedById, LEVELS_OF_KIND } from './feeds.ts';

describe('feeds', () => {
  it('have ids and names that are never given twice and never change: both are in rows, journals and streams', () => {
    expect(FEEDS.map(({ id, name }) => `${id} ${name}`)).toEqual([
      '1 kite-ticks-1',
      '2 kite-ticks-2',
      '3 kite-ticks-3',
      '11 dhan-live-1',
      '12 dhan-live-2',
      '13 dhan-live-3',
      '14 dhan-live-4',
      '15 dhan-live-5',
      '21 dhan-depth20-1',
      '22 dhan-depth20-2',
      '23 dhan-depth20-3',
      '24 dhan-depth20-4',
      '25 dhan-depth20-5',
      '31 dhan-depth200-1',
      '32 dhan-depth200-2',
      '33 dhan-depth200-3',
      '34 dhan-depth200-4',
      '35 dhan-depth200-5',
    ]);
  });

  it('are as many, and hold as many instruments, as the brokers allow', () => {
    expect(FEED_LIMITS.ticks).toMatchObject({ slots: 3, instruments: 3000 });
    expect(FEED_LIMITS.live).toMatchObject({ slots: 5, instruments: 5000 });
    expect(FEED_LIMITS.depth20).toMatchObject({ slots: 5, instruments: 50 });
    expect(FEED_LIMITS.depth200).toMatchObject({ slots: 5, instruments: 1 });
    expect(LEVELS_OF_KIND).toEqual({ ticks: 5, live: 5, depth20: 20, depth200: 200 });
  });

  it('are found by id, and an unknown id is a mistake', () => {
    for (const feed of FEEDS) expect(feedById(feed.id)).toBe(feed);
    for (const id of [0, 4, 36, Number.NaN]) expect(() => feedById(id)).toThrow(RangeError);
  });
});
