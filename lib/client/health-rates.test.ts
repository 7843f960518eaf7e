import { describe, expect, it } from 'vitest';
import type { Figure, Health } from '../core/health.ts';
import { rateKey, ratesOf } from './health-rates.ts';

const health = (nowMs: number, figures: readonly Figure[]): Health => ({
  nowMs,
  state: 'ok',
  words: '',
  stages: [
    {
      id: 'feeds',
      title: 'Feeds',
      state: 'ok',
      words: '',
      figures,
      lines: [{ name: 'one', state: 'ok', words: '', figures }],
    },
  ],
  processes: [{ name: 'kite', state: 'ok', words: '', figures }],
  incidents: [],
});
const frames = (value: number | null, atMs: number): Figure => ({ name: 'frames', value, as: 'total', atMs });

describe('rates', () => {
  it('are what a figure grew by in a second, of stages, lines and processes', () => {
    const rates = ratesOf(
      [health(1000, [frames(100, 1000)]), health(3000, [frames(300, 3000)])],
      health(5000, [frames(500, 5000)]),
    );
    expect(Object.fromEntries(rates)).toEqual({
      [rateKey('feeds', '', 'frames')]: 100,
      [rateKey('feeds', 'one', 'frames')]: 100,
      [rateKey('process', 'kite', 'frames')]: 100,
    });
  });

  it('go by when a figure was measured, not by when it was told', () => {
    const answers = [health(1000, [frames(100, 0)]), health(3000, [frames(100, 0)])];
    expect(ratesOf(answers, health(5000, [frames(100, 0)])).size).toBe(0);
    expect(ratesOf(answers, health(6000, [frames(600, 5000)])).get(rateKey('feeds', '', 'frames'))).toBe(100);
  });

  it('are not known of what counts from 0 again, of what has no value, and without an earlier answer', () => {
    expect(ratesOf([health(1000, [frames(100, 1000)])], health(2000, [frames(5, 2000)])).size).toBe(0);
    expect(ratesOf([health(1000, [frames(null, 1000)])], health(2000, [frames(5, 2000)])).size).toBe(0);
    expect(ratesOf([], health(2000, [frames(5, 2000)])).size).toBe(0);
  });

  it('are of totals alone', () => {
    const lag: Figure = { name: 'behind', value: 5, as: 'ms', atMs: 1000 };
    expect(ratesOf([health(1000, [lag])], health(2000, [{ ...lag, value: 7, atMs: 2000 }])).size).toBe(0);
  });
});
