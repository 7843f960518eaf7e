import { describe, expect, it } from 'vitest';
import { EXCHANGES, type Exchange } from '../../lib/core/exchange.ts';
import { FEED_LIMITS } from '../../lib/core/feeds.ts';
import type { Instrument, InstrumentType } from '../../lib/core/instrument.ts';
import { planFeeds } from './planner.ts';

const both = { kite: true, dhan: true };

const instrument = (id: number, exchange: Exchange = 'NSE', type: InstrumentType = 'EQ'): Instrument => ({
  id,
  exchange,
  symbol: `S${id}`,
  name: `S${id}`,
  type,
  expiry: null,
  strike: null,
  priceScale: 100,
  tickSize: 5,
  lotSize: 1,
  kiteToken: id * 256 + 1,
  dhanSegment: EXCHANGES[exchange].dhanSegment,
  dhanSecurityId: id,
});

const many = (count: number): Instrument[] => Array.from({ length: count }, (_, i) => instrument(i + 1));

/** Ids by feed. */
const idsOf = (plan: ReturnType<typeof planFeeds>): Record<string, number[]> =>
  Object.fromEntries(plan.feeds.map(({ feed, instruments }) => [feed, instruments.map(({ id }) => id)]));

describe('planFeeds', () => {
  it('gives every instrument ticks, and depth where the broker has it', () => {
    const plan = idsOf(
      planFeeds([instrument(1), instrument(2, 'INDICES', 'INDEX'), instrument(3, 'MCX', 'FUT')], both),
    );
    expect(plan).toEqual({ 'kite-ticks-1': [1, 2, 3], 'dhan-depth20-1': [1], 'dhan-depth200-1': [1] });
  });

  it('fills one slot after the other, and leaves out what finds none', () => {
    const plan = idsOf(planFeeds(many(9500), both));
    expect(plan['kite-ticks-1']?.length).toBe(FEED_LIMITS.ticks.instruments);
    expect(plan['kite-ticks-3']?.at(-1)).toBe(9000);
    expect(plan['dhan-depth20-5']?.at(-1)).toBe(250);
    expect(Object.keys(plan).filter((name) => name.startsWith('dhan-depth200')).length).toBe(5);
    expect(plan['dhan-depth200-5']).toEqual([5]);
  });

  it('gives the few deep slots to futures first, then cash, then options', () => {
    const wanted = [
      instrument(1, 'NFO', 'CE'),
      instrument(2),
      instrument(3, 'NFO', 'FUT'),
      instrument(4, 'NFO', 'PE'),
      instrument(5),
      instrument(6, 'NFO', 'FUT'),
    ];
    const plan = idsOf(planFeeds(wanted, both));
    expect([1, 2, 3, 4, 5].map((slot) => plan[`dhan-depth200-${slot}`]?.[0])).toEqual([3, 6, 2, 5, 1]);
  });

  it('takes ticks from Dhan where there is no Kite, and no depth without Dhan', () => {
    expect(Object.keys(idsOf(planFeeds(many(1), { kite: false, dhan: true })))).toEqual([
      'dhan-live-1',
      'dhan-depth20-1',
      'dhan-depth200-1',
    ]);
    expect(Object.keys(idsOf(planFeeds(many(1), { kite: true, dhan: false })))).toEqual(['kite-ticks-1']);
    expect(planFeeds(many(1), { kite: false, dhan: false })).toEqual({ feeds: [] });
  });
});
