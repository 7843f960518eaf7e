import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DHAN_DEPTH_SEGMENTS, EXCHANGES, type Exchange } from '../../lib/core/exchange.ts';
import { FEED_LIMITS, FEEDS, type FeedKind, type FeedLimits } from '../../lib/core/feeds.ts';
import type { Instrument, InstrumentType } from '../../lib/core/instrument.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { type PlanRequest, planFeeds, type Wanted } from './planner.ts';

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
const pinned = (one: Instrument, deep = false): Wanted => ({ instrument: one, pinned: true, deep });
const ruled = (one: Instrument): Wanted => ({ instrument: one, pinned: false, deep: false });
const many = (count: number, from = 1): Wanted[] =>
  Array.from({ length: count }, (_, i) => pinned(instrument(from + i)));

const request = (wanted: readonly Wanted[], changes: Partial<PlanRequest> = {}): PlanRequest => ({
  wanted,
  current: { feeds: [] },
  available: { kite: true, dhan: true },
  source: 'kite',
  limits: FEED_LIMITS,
  ...changes,
});

/** Ids by feed. */
const idsOf = ({ feeds }: Plan): Record<string, number[]> =>
  Object.fromEntries(feeds.map(({ feed, instruments }) => [feed, instruments.map(({ id }) => id)]));
const plan = (wanted: readonly Wanted[], changes: Partial<PlanRequest> = {}) =>
  idsOf(planFeeds(request(wanted, changes)).plan);

describe('planFeeds', () => {
  it('gives every instrument ticks, and depth where the broker has it', () => {
    const wanted = [instrument(1), instrument(2, 'INDICES', 'INDEX'), instrument(3, 'MCX', 'FUT')].map((one) =>
      pinned(one),
    );
    expect(plan(wanted)).toEqual({ 'kite-ticks-1': [1, 2, 3], 'dhan-depth20-1': [1], 'dhan-depth200-1': [1] });
  });

  it('fills one slot after the other, and says whom it leaves out', () => {
    const answer = planFeeds(request(many(9500)));
    const slots = idsOf(answer.plan);
    expect(slots['kite-ticks-1']?.length).toBe(FEED_LIMITS.ticks.instruments);
    expect(slots['kite-ticks-3']?.at(-1)).toBe(9000);
    expect(slots['dhan-depth20-5']?.at(-1)).toBe(250);
    expect(slots['dhan-depth200-5']).toEqual([5]);
    expect(answer.leftOut.ticks.map(({ id }) => id)).toEqual(Array.from({ length: 500 }, (_, i) => 9001 + i));
    expect(answer.leftOut.depth20.length).toBe(9250);
  });

  it('gives the few deep slots to what was marked, then futures, cash, options', () => {
    const wanted = [
      pinned(instrument(1, 'NFO', 'CE')),
      pinned(instrument(2)),
      pinned(instrument(3, 'NFO', 'FUT')),
      pinned(instrument(4, 'NFO', 'PE'), true),
      pinned(instrument(5)),
      pinned(instrument(6, 'NFO', 'FUT')),
    ];
    const slots = plan(wanted);
    expect([1, 2, 3, 4, 5].map((slot) => slots[`dhan-depth200-${slot}`]?.[0])).toEqual([4, 3, 6, 2, 5]);
  });

  it('prefers what somebody named to what a rule came to', () => {
    const rules = Array.from({ length: 300 }, (_, i) => ruled(instrument(i + 1)));
    const slots = plan([...rules, pinned(instrument(999))]);
    expect(slots['dhan-depth20-1']?.[0]).toBe(999);
    expect(slots['dhan-depth200-1']).toEqual([999]);
  });

  it('takes ticks from whom it is told, and from whom there is', () => {
    const one = [pinned(instrument(1))];
    const kinds = (changes: Partial<PlanRequest>) => Object.keys(plan(one, changes)).map((name) => name.slice(0, -2));
    expect(kinds({ source: 'both' })).toEqual(['kite-ticks', 'dhan-live', 'dhan-depth20', 'dhan-depth200']);
    expect(kinds({ source: 'dhan' })).toEqual(['dhan-live', 'dhan-depth20', 'dhan-depth200']);
    expect(kinds({ available: { kite: false, dhan: true } })).toEqual(['dhan-live', 'dhan-depth20', 'dhan-depth200']);
    expect(kinds({ source: 'dhan', available: { kite: true, dhan: false } })).toEqual(['kite-ticks']);
    expect(kinds({ available: { kite: false, dhan: false } })).toEqual([]);
  });

  it('moves a strike by exchanging two slots and touching no other', () => {
    const before = planFeeds(request(many(50))).plan;
    const next = [...many(49, 2), pinned(instrument(77))];
    const after = idsOf(planFeeds(request(next, { current: before })).plan);
    expect(after['dhan-depth20-1']).toEqual([...Array.from({ length: 49 }, (_, i) => i + 2), 77]);
    // The one 200-level slot that became free; the others stay with whom they were.
    expect([1, 2, 3, 4, 5].map((slot) => after[`dhan-depth200-${slot}`]?.[0])).toEqual([6, 2, 3, 4, 5]);
  });

  it('keeps within what a broker was seen to allow', () => {
    const limits: FeedLimits = {
      ...FEED_LIMITS,
      depth200: { slots: 2, instruments: 1 },
      depth20: { slots: 5, instruments: 40 },
    };
    const before = planFeeds(request(many(60))).plan;
    const slots = plan(many(60), { current: before, limits });
    expect(Object.keys(slots)).not.toContain('dhan-depth200-3');
    expect(slots['dhan-depth20-1']?.length).toBe(40);
    expect(slots['dhan-depth20-2']?.length).toBe(20);
  });
});

describe('of any wishes', () => {
  const KINDS = Object.keys(FEED_LIMITS) as FeedKind[];
  const TYPES: readonly (readonly [Exchange, InstrumentType])[] = [
    ['NFO', 'FUT'],
    ['NFO', 'CE'],
    ['NSE', 'EQ'],
    ['INDICES', 'INDEX'],
    ['MCX', 'FUT'],
  ];
  const typeOf = (id: number) => TYPES[id % TYPES.length] as (typeof TYPES)[number];
  const wishes = fc
    .uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 60 }), pinned: fc.boolean(), deep: fc.boolean() }), {
      selector: ({ id }) => id,
      maxLength: 60,
    })
    .map((list) => list.map(({ id, ...marks }): Wanted => ({ instrument: instrument(id, ...typeOf(id)), ...marks })));
  const limitsArbitrary = fc
    .tuple(
      ...KINDS.map(() =>
        fc.record({ slots: fc.integer({ min: 1, max: 3 }), instruments: fc.integer({ min: 1, max: 6 }) }),
      ),
    )
    .map((each) => Object.fromEntries(KINDS.map((kind, i) => [kind, each[i]])) as FeedLimits);
  const source = fc.constantFrom('kite' as const, 'dhan' as const, 'both' as const);
  const slotOf = (kind: FeedKind, { feeds }: Plan) =>
    new Map(
      feeds
        .filter(({ feed }) => FEEDS.find(({ name }) => name === feed)?.kind === kind)
        .flatMap(({ feed, instruments }) => instruments.map(({ id }) => [id, feed] as const)),
    );

  it('no limit is exceeded, nobody has two slots of a kind, and a free slot waits for nobody', () => {
    fc.assert(
      fc.property(wishes, wishes, limitsArbitrary, source, (first, second, limits, from) => {
        const current = planFeeds(request(first, { limits, source: from })).plan;
        const { plan: next, leftOut } = planFeeds(request(second, { current, limits, source: from }));
        for (const kind of KINDS) {
          const slots = next.feeds.filter(({ feed }) => FEEDS.find(({ name }) => name === feed)?.kind === kind);
          expect(slots.length).toBeLessThanOrEqual(limits[kind].slots);
          for (const { instruments } of slots) expect(instruments.length).toBeLessThanOrEqual(limits[kind].instruments);
          const ids = slots.flatMap(({ instruments }) => instruments.map(({ id }) => id));
          expect(new Set(ids).size).toBe(ids.length);
          if (leftOut[kind].length > 0) expect(ids.length).toBe(limits[kind].slots * limits[kind].instruments);
          for (const { id } of leftOut[kind]) expect(ids).not.toContain(id);
          for (const one of slots.flatMap(({ instruments }) => instruments)) {
            expect(second.some(({ instrument: wanted }) => wanted.id === one.id)).toBe(true);
            if (kind.startsWith('depth')) expect(DHAN_DEPTH_SEGMENTS.has(one.dhanSegment as never)).toBe(true);
          }
        }
      }),
    );
  });

  it('who stays stays where it is, and goes before who comes with the same right', () => {
    fc.assert(
      fc.property(wishes, wishes, limitsArbitrary, (first, second, limits) => {
        const current = planFeeds(request(first, { limits })).plan;
        const { plan: next, leftOut } = planFeeds(request(second, { current, limits }));
        for (const kind of KINDS) {
          const before = slotOf(kind, current);
          const after = slotOf(kind, next);
          for (const [id, slot] of after) if (before.has(id)) expect(slot).toBe(before.get(id));
          if (kind === 'depth200') continue;
          // Of the same class no newcomer took the place of one who had a slot.
          const pinnedOf = (id: number) => second.find(({ instrument: one }) => one.id === id)?.pinned;
          for (const { id: lost } of leftOut[kind]) {
            if (!before.has(lost)) continue;
            for (const id of after.keys()) if (!before.has(id)) expect(pinnedOf(id) && !pinnedOf(lost)).toBe(true);
          }
        }
      }),
    );
  });

  it('what was named is never left out for what a rule came to', () => {
    fc.assert(
      fc.property(wishes, wishes, limitsArbitrary, (first, second, limits) => {
        const current = planFeeds(request(first, { limits })).plan;
        const { plan: next, leftOut } = planFeeds(request(second, { current, limits }));
        const isPinned = new Map(second.map((want) => [want.instrument.id, want.pinned]));
        for (const kind of ['ticks', 'live', 'depth20'] as const) {
          if (!leftOut[kind].some(({ id }) => isPinned.get(id))) continue;
          for (const id of slotOf(kind, next).keys()) expect(isPinned.get(id)).toBe(true);
        }
      }),
    );
  });

  it('the same wishes give the same plan again', () => {
    fc.assert(
      fc.property(wishes, limitsArbitrary, (wanted, limits) => {
        const first = planFeeds(request(wanted, { limits })).plan;
        expect(idsOf(planFeeds(request(wanted, { current: first, limits })).plan)).toEqual(idsOf(first));
      }),
    );
  });
});
