import { describe, expect, it } from 'vitest';
import { FEED_LIMITS } from '../../lib/core/feeds.ts';
import type { FeedState, TooMany } from '../../lib/queue/status.ts';
import { LimitLearner, limitsWith } from './limits.ts';

const feed = (state: FeedState, tooMany: TooMany | null = null, sinceUs = 1, instruments = 1) => ({
  state,
  cause: tooMany ? ('limit' as const) : null,
  detail: tooMany ? 'too many' : '',
  sinceUs,
  instrumentIds: Array.from({ length: instruments }, (_, i) => i),
  tooMany,
});
const LIMITS = limitsWith([]);

describe('limits', () => {
  it('are the documents’ until something was learnt', () => {
    expect(LIMITS.ticks).toEqual({ slots: FEED_LIMITS.ticks.slots, instruments: 3000 });
    const learnt = limitsWith([{ kind: 'depth200', slots: 3, instruments: 1, because: '' }]);
    expect([learnt.depth200.slots, learnt.depth20.slots]).toEqual([3, 5]);
  });

  it('fall to as many connections as stand beside one that was refused', () => {
    const learner = new LimitLearner();
    const feeds = {
      'kite-ticks-1': feed('live'),
      'kite-ticks-2': feed('live'),
      'kite-ticks-3': feed('backing_off', 'connections'),
    };
    expect(learner.take(feeds, LIMITS)).toEqual([
      { kind: 'ticks', slots: 2, instruments: 3000, because: 'kite-ticks-3: too many' },
    ]);
    // The same refusal teaches once; the next one again.
    expect(learner.take(feeds, LIMITS)).toEqual([]);
    expect(learner.take({ ...feeds, 'kite-ticks-3': feed('backing_off', 'connections', 2) }, LIMITS).length).toBe(1);
  });

  it('say nothing where no connection stands: the pace was too fast', () => {
    const learner = new LimitLearner();
    expect(learner.take({ 'dhan-depth20-1': feed('backing_off', 'connections') }, LIMITS)).toEqual([]);
  });

  it('of instruments fall step by step', () => {
    const learner = new LimitLearner();
    const refused = { 'dhan-depth20-1': feed('backing_off', 'instruments', 1, 50) };
    expect(learner.take(refused, LIMITS)).toMatchObject([{ kind: 'depth20', slots: 5, instruments: 40 }]);
    const again = { 'dhan-depth20-1': feed('backing_off', 'instruments', 2, 40) };
    const lower = limitsWith([{ kind: 'depth20', slots: 5, instruments: 40, because: '' }]);
    expect(learner.take(again, lower)).toMatchObject([{ kind: 'depth20', instruments: 32 }]);
  });
});
