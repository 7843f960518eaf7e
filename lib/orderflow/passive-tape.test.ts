import { describe, expect, it } from 'vitest';
import { type LevelTuple, sideOf } from '../../tests/support/books-and-trades.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID } from '../core/side.ts';
import { type PassiveEvent, PassiveTape } from './passive-tape.ts';

const SECOND = 1_000_000;

function tapeOf(minQuantity = 10, withinTicks = 5) {
  const events: PassiveEvent[] = [];
  const tape = new PassiveTape(1, { minQuantity, withinTicks }, (event) => events.push(event));
  const bid = (at: number, ...levels: LevelTuple[]) => tape.onSide(BID, sideOf(levels), at * SECOND);
  const words = () =>
    events.map(
      ({ kind, price, quantity, traded, left }) => `${kind} ${quantity} at ${price}, ${traded} traded, ${left} left`,
    );
  return { tape, bid, events, words };
}

describe('the passive tape', () => {
  it('tells what joins the book near the touch, of some size, and not the first frame', () => {
    const { bid, words, events } = tapeOf();
    bid(1, [100, 50], [98, 20], [80, 5]);
    expect(words()).toEqual([]);
    bid(2, [101, 12], [100, 55], [98, 45], [90, 70], [80, 5]);
    // 100 grew by too little, 90 is too far away.
    expect(words()).toEqual(['added 12 at 101, 0 traded, 12 left', 'added 25 at 98, 0 traded, 45 left']);
    expect(events.map(({ distance }) => distance)).toEqual([-1, 2]);
  });

  it('tells what left only after prints could have explained it, less what they did', () => {
    const { tape, bid, words } = tapeOf();
    bid(1, [100, 50], [99, 40], [98, 30]);
    bid(2, [99, 10], [98, 30]);
    tape.onTrade(100, 45, AGGRESSOR.sell, 2.5 * SECOND);
    tape.onTrade(99, 12, AGGRESSOR.sell, 2.5 * SECOND);
    expect(words()).toEqual([]);
    bid(3.5, [99, 10], [98, 30]);
    // Of the 50 at 100 five were pulled, which is too little to be told.
    expect(words()).toEqual(['pulled 18 at 99, 12 traded, 10 left']);
  });

  it('lets a print explain its own quantity once, and only of the side that it took from', () => {
    const { tape, bid, words } = tapeOf();
    bid(1, [100, 60], [99, 1]);
    tape.onTrade(100, 20, AGGRESSOR.buy, 1.5 * SECOND);
    tape.onTrade(100, 20, AGGRESSOR.sell, 1.6 * SECOND);
    bid(2, [100, 30], [99, 1]);
    bid(2.1, [99, 1]);
    bid(4, [99, 1]);
    expect(words()).toEqual(['pulled 10 at 100, 20 traded, 30 left', 'pulled 30 at 100, 0 traded, 0 left']);
  });

  it('forgets the book at a hole', () => {
    const { tape, bid, words } = tapeOf();
    bid(1, [100, 60]);
    bid(2, [100, 5]);
    tape.clear();
    bid(5, [100, 90]);
    tape.onSide(ASK, sideOf([[101, 90, 1]]), 6 * SECOND);
    bid(9, [100, 90]);
    expect(words()).toEqual([]);
  });
});
