import { describe, expect, it } from 'vitest';
import { directionOf, directionOfBids, hourOf, type Moment, measure, randomTimes, type Touch } from './outcome.ts';
import { wilson } from './report-card.ts';
import { SIGNAL_KIND_NAMES } from './signal.ts';

const S = 1_000_000;
const AT = Date.UTC(2026, 10, 25, 4, 42) * 1000;
const SESSION = { fromUs: AT - 3600 * S, toUs: AT + 3600 * S };
const at = (bid: number): Touch => ({ bid, ask: bid + 20 });
const moment = (changes: Partial<Moment> = {}): Moment => ({
  atUs: AT,
  direction: 1,
  tickSize: 10,
  session: SESSION,
  gaps: [],
  touches: [at(99_990), at(100_020), at(99_990), at(99_960), at(100_090)],
  ...changes,
});

describe('markout', () => {
  it('is what the mid moved less half the spread, in ticks and basis points', () => {
    const { mid, halfSpread, laterMids, ticks, bps, reasons } = measure(moment());
    expect([mid, halfSpread]).toEqual([100_000, 10]);
    expect(laterMids).toEqual([100_030, 100_000, 99_970, 100_100]);
    // 30, 0, -30 and 100 price units, less 10.
    expect(ticks).toEqual([2, -1, -4, 9]);
    expect(bps).toEqual([2, -1, -4, 9]);
    expect(reasons).toEqual([null, null, null, null]);
  });

  it('turns with the direction, and is the distance where there is none', () => {
    expect(measure(moment({ direction: -1 })).ticks).toEqual([-4, -1, 2, -11]);
    expect(measure(moment({ direction: 0 })).ticks).toEqual([2, -1, 2, 9]);
  });

  it('never reaches over a gap, the end of the session or a missing book', () => {
    const gap = measure(moment({ gaps: [{ fromUs: AT + 20 * S, toUs: AT + 25 * S }] }));
    expect(gap.reasons).toEqual([null, 'gap', 'gap', 'gap']);
    expect(gap.ticks).toEqual([2, null, null, null]);
    expect(measure(moment({ gaps: [{ fromUs: AT - 9 * S, toUs: null }] })).reasons[0]).toBe('gap');
    expect(measure(moment({ gaps: [{ fromUs: AT - 9 * S, toUs: AT }] })).reasons[0]).toBeNull();
    const ends = measure(moment({ session: { ...SESSION, toUs: AT + 30 * S } }));
    expect(ends.reasons).toEqual([null, null, 'outside_session', 'outside_session']);
    expect(measure(moment({ session: null })).reasons[0]).toBe('outside_session');
    expect(measure(moment({ touches: [at(1), at(2), null, at(3), at(4)] })).reasons).toEqual([
      null,
      'no_book',
      null,
      null,
    ]);
    expect(measure(moment({ touches: [null, at(2), at(2), at(3), at(4)] }))).toMatchObject({
      mid: null,
      ticks: [null, null, null, null],
    });
  });
});

it('says of every kind what it predicts, of asks the opposite of bids', () => {
  for (const kind of SIGNAL_KIND_NAMES) {
    const ofBids = directionOf({ kind, side: 'bid' });
    expect(ofBids).toBe(directionOfBids(kind));
    expect(directionOf({ kind, side: 'ask' }) + ofBids).toBe(0);
    expect(directionOf({ kind, side: null })).toBe(0);
  }
  expect(directionOf({ kind: 'wall_pulled', side: 'bid' })).toBe(-1);
  expect(directionOf({ kind: 'absorption', side: 'ask' })).toBe(-1);
});

it('takes the hour of India, as far as the session goes', () => {
  // 10:12 IST.
  const hour = hourOf(AT, { fromUs: AT - 5 * 60 * S, toUs: AT + 3600 * S });
  expect(hour).toEqual({ fromUs: AT - 5 * 60 * S, toUs: AT + 48 * 60 * S });
});

it('gives each signal its random times, the same each time, spread over the hour', () => {
  const hour = { fromUs: AT, toUs: AT + 3600 * S };
  expect(randomTimes('a', hour)).toEqual(randomTimes('a', hour));
  expect(randomTimes('a', hour)).not.toEqual(randomTimes('b', hour));
  const all = Array.from({ length: 2000 }, (_, i) =>
    randomTimes(`wall_pulled.walls@1.ab12.1.31.bid.${i}`, hour),
  ).flat();
  const tenths = new Array<number>(10).fill(0);
  for (const us of all) {
    const tenth = Math.floor((10 * (us - AT)) / (3600 * S));
    tenths[tenth] = (tenths[tenth] as number) + 1;
  }
  // 1000 each, standard deviation 30.
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

it('gives signals at random on a random walk the hit rate of random times', () => {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) / 2 ** 23;
  };
  const path = [1_000_000];
  for (let i = 1; i < 40_000; i += 1) path.push((path[i - 1] as number) + (next() < 0.5 ? -10 : 10));
  const hitsOf = (count: number): number => {
    let hits = 0;
    for (let i = 0; i < count; i += 1) {
      const from = Math.floor(next() * 39_000);
      const touches = [0, 10, 30, 60, 300].map((after) => at(path[from + after] as number));
      const direction = next() < 0.5 ? 1 : -1;
      if ((measure(moment({ direction, touches })).bps[2] as number) > 0) hits += 1;
    }
    return hits;
  };
  const [low, high] = wilson(hitsOf(3000), 3000);
  const base = hitsOf(15_000) / 15_000;
  expect(base).toBeGreaterThan(0.3);
  expect(low).toBeLessThan(base);
  expect(high).toBeGreaterThan(base);
});
