import { describe, expect, it } from 'vitest';
import { loopBack, markLoop, NO_LOOP } from './replay-loop.ts';

const S = 1_000_000;

describe('the loop of a replay', () => {
  const loop = markLoop(markLoop(NO_LOOP, 'a', 10 * S), 'b', 20 * S);

  it('goes back to A from B on while it plays, and from the end', () => {
    const at = (timeUs: number, playing: boolean, ended = false) => loopBack(loop, { timeUs, playing, ended });
    expect([at(19 * S, true), at(20 * S, true), at(25 * S, true)]).toEqual([null, 10 * S, 10 * S]);
    expect([at(20 * S, false), at(20 * S, false, true)]).toEqual([null, 10 * S]);
    expect(loopBack(markLoop(NO_LOOP, 'b', S), { timeUs: 5 * S, playing: true, ended: false })).toBeNull();
  });

  it('has its ends in order: a new one that passes the other takes its place', () => {
    expect(markLoop(loop, 'a', 15 * S)).toEqual({ a: 15 * S, b: 20 * S });
    expect(markLoop(loop, 'a', 20 * S)).toEqual({ a: 20 * S, b: null });
    expect(markLoop(loop, 'b', 5 * S)).toEqual({ a: null, b: 5 * S });
  });
});
