import { describe, expect, it } from 'vitest';
import { Gaps } from './gaps.ts';

const OPEN = Number.POSITIVE_INFINITY;

describe('gaps', () => {
  it('lets a later word close a gap, and none open it again', () => {
    const gaps = new Gaps();
    gaps.add({ fromUs: 10, toUs: OPEN, cause: 'silent' });
    expect(gaps.open?.fromUs).toBe(10);
    gaps.add({ fromUs: 10, toUs: 20, cause: 'silent' });
    expect(gaps.open).toBeNull();
    gaps.add({ fromUs: 10, toUs: OPEN, cause: 'silent' });
    expect(gaps.all).toEqual([{ fromUs: 10, toUs: 20, cause: 'silent' }]);
  });

  it('ends an open gap at the first frame after it, until the exact word comes', () => {
    const gaps = new Gaps();
    gaps.add({ fromUs: 10, toUs: OPEN, cause: 'network' });
    expect(gaps.endAt(10)).toBe(false);
    expect(gaps.endAt(31)).toBe(true);
    expect(gaps.open).toBeNull();
    gaps.add({ fromUs: 10, toUs: 30, cause: 'network' });
    expect(gaps.all[0]?.toUs).toBe(30);
  });

  it('stays in order whichever way gaps come', () => {
    const gaps = new Gaps();
    for (const fromUs of [50, 10, 90, 30]) gaps.add({ fromUs, toUs: fromUs + 5, cause: 'limit' });
    expect(gaps.all.map(({ fromUs }) => fromUs)).toEqual([10, 30, 50, 90]);
  });

  it('finds what overlaps a half-open interval', () => {
    const gaps = new Gaps();
    gaps.add({ fromUs: 10, toUs: 20, cause: 'auth' });
    expect(gaps.overlapping(0, 10)).toBeNull();
    expect(gaps.overlapping(0, 11)?.cause).toBe('auth');
    expect(gaps.overlapping(19, 30)?.cause).toBe('auth');
    expect(gaps.overlapping(20, 30)).toBeNull();
  });
});
