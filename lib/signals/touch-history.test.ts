import { describe, expect, it } from 'vitest';
import { ASK, BID } from '../core/side.ts';
import { FRESH_US } from './detector.ts';
import { TouchHistory } from './touch-history.ts';

const S = 1_000_000;

describe('the history of a touch', () => {
  it('answers as a list of all frames would', () => {
    // Frames half a second apart, a pause of five seconds among them, prices that stand and change, and an empty side.
    const frames = Array.from({ length: 4000 }, (_, i) => ({
      us: 100 * S + i * 500_000 + (i >= 2000 ? 5 * S : 0),
      bid: i % 97 === 0 ? null : 1000 + Math.floor(i / 7) * 10,
    }));
    const history = new TouchHistory();
    for (const { us, bid } of frames) {
      history.push(BID, us, bid);
      history.push(ASK, us, 5000);
    }
    for (const staleUs of [FRESH_US, 3 * S]) {
      for (let us = 99 * S; us < 2120 * S; us += 333_333) {
        const newest = frames.findLast((frame) => frame.us <= us);
        const known = newest && us - newest.us < staleUs ? newest.bid : null;
        expect(history.at(us, staleUs)).toEqual(known === null ? null : { bid: known, ask: 5000 });
      }
    }
  });

  it('knows nothing while a side has not come', () => {
    const history = new TouchHistory();
    history.push(BID, 5 * S, 1000);
    expect(history.at(5 * S, FRESH_US)).toBeNull();
    history.push(ASK, 6 * S, 1010);
    expect(history.at(6 * S, FRESH_US)).toEqual({ bid: 1000, ask: 1010 });
    expect(history.at(4 * S, FRESH_US)).toBeNull();
  });
});
