import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBook, type LevelTuple, sideOf } from '../../tests/support/books-and-trades.ts';
import { ASK, BID, type Side, type SideLevels } from '../core/side.ts';
import { SideChanges } from './side-changes.ts';

/** What a book holds, by price. */
const bookOf = (levels: SideLevels): Map<number, number> => {
  const book = new Map<number, number>();
  for (let i = 0; i < levels.count; i += 1) {
    const price = levels.prices[i] as number;
    const quantity = (book.get(price) ?? 0) + (levels.quantities[i] as number);
    if (quantity > 0) book.set(price, quantity);
  }
  return book;
};

function changesOf(side: Side, frames: readonly (readonly LevelTuple[])[]): [number, number][][] {
  const changes = new SideChanges(side);
  return frames.map((frame) => {
    const told: [number, number][] = [];
    changes.next(sideOf(frame), (price, quantity) => told.push([price, quantity]));
    return told;
  });
}

describe('changes of a side', () => {
  it('are all of its levels at first, then what is gone, new or another', () => {
    const frames = [
      [
        [100, 5],
        [99, 6],
        [97, 7],
      ],
      [
        [101, 1],
        [100, 5],
        [97, 8],
        [96, 2],
      ],
      [],
    ] as const;
    expect(changesOf(BID, frames)).toEqual([
      [
        [100, 5],
        [99, 6],
        [97, 7],
      ],
      [
        [99, 0],
        [101, 1],
        [97, 8],
        [96, 2],
      ],
      [
        [101, 0],
        [100, 0],
        [97, 0],
        [96, 0],
      ],
    ]);
  });

  it('add up levels of one price, and leave out those without a quantity', () => {
    const frames = [
      [
        [100, 5],
        [100, 6],
        [101, 0],
      ],
      [
        [100, 11],
        [102, 1],
      ],
    ] as const;
    expect(changesOf(ASK, frames)).toEqual([[[100, 11]], [[102, 1]]]);
  });

  it('are nothing where nothing changed, and everything again after a hole', () => {
    const changes = new SideChanges(ASK);
    const frame = sideOf([
      [100, 5],
      [101, 6],
    ]);
    const told: [number, number][] = [];
    const take = (price: number, quantity: number): void => void told.push([price, quantity]);
    changes.next(frame, take);
    changes.next(frame, take);
    expect(told.splice(0)).toHaveLength(2);
    changes.clear(take);
    expect(told.splice(0)).toEqual([
      [100, 0],
      [101, 0],
    ]);
    changes.clear(take);
    expect(told).toEqual([]);
    changes.next(frame, take);
    expect(told).toHaveLength(2);
  });

  it('make each book of the one before, whatever they are, and tell no level twice', () => {
    fc.assert(
      fc.property(fc.array(anyBook, { minLength: 1, maxLength: 6 }), fc.constantFrom<Side>(BID, ASK), (books, side) => {
        const changes = new SideChanges(side);
        const rebuilt = new Map<number, number>();
        for (const { bids, asks } of books) {
          const levels = side === BID ? bids : asks;
          const prices: number[] = [];
          changes.next(levels, (price, quantity) => {
            prices.push(price);
            if (quantity > 0) rebuilt.set(price, quantity);
            else expect(rebuilt.delete(price)).toBe(true);
          });
          expect(new Set(prices).size).toBe(prices.length);
          expect(new Map([...rebuilt].toSorted())).toEqual(new Map([...bookOf(levels)].toSorted()));
        }
      }),
    );
  });
});
