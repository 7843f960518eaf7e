import { describe, expect, it } from 'vitest';
import { SideLevels } from '../core/side.ts';
import { FRESH_US } from './detector.ts';
import { OneSidedBook } from './one-sided-book.ts';

const levels = (count: number): SideLevels => {
  const side = new SideLevels();
  side.count = count;
  return side;
};
const book = (stampUs: number, bidLevels: number, askLevels: number, bidStampUs = stampUs) => ({
  stampUs,
  bids: levels(bidLevels),
  asks: levels(askLevels),
  bidStampUs,
  askStampUs: stampUs,
});

describe('OneSidedBook', () => {
  it('speaks once while a side is missing, and again after it was there', () => {
    const detector = new OneSidedBook();
    expect(detector.push(book(1, 5, 5))).toBeNull();
    expect(detector.push(book(2, 0, 5))).toEqual({
      detector: 'one_sided_book@1',
      stampUs: 2,
      cause: { bidLevels: 0, askLevels: 5 },
    });
    expect(detector.push(book(3, 0, 5))).toBeNull();
    expect(detector.push(book(4, 1, 5))).toBeNull();
    expect(detector.push(book(5, 5, 0))).not.toBeNull();
  });

  it('says nothing of a book whose other side is old, or which is empty on both', () => {
    const detector = new OneSidedBook();
    expect(detector.push(book(FRESH_US + 2, 0, 5, 1))).toBeNull();
    expect(detector.push(book(FRESH_US + 3, 0, 0))).toBeNull();
  });
});
