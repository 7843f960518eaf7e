import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { istTimeUs } from '../core/ist.ts';
import { alertKey, isAbout, isMinuteWithin, type Occasion, type Rule, type StoredRule, ToldMemory } from './rules.ts';

const RULE: StoredRule = {
  id: 7,
  name: 'walls',
  isOn: true,
  watch: { by: 'signals', kinds: ['wall_pulled'], detectors: 'all', side: null, minSeverity: 1, minSize: 0 },
  instrumentIds: null,
  fromMinute: 0,
  toMinute: 1440,
  cooldownS: 300,
  cooldownOf: 'instrument',
  channels: ['screen'],
};
const SIGNAL = {
  id: 'w-1',
  kind: 'wall_pulled',
  detector: 'walls@1',
  instrumentId: 3,
  lowPrice: 100,
  side: 'bid',
  size: 5000,
  severity: 2,
  foundUs: istTimeUs('2026-11-27', '10:00'),
} as const;

describe('what a rule is about', () => {
  const about = (watch: object, rest: Partial<Rule> = {}): boolean =>
    isAbout({ ...RULE, ...rest, watch: { ...RULE.watch, ...watch } as Rule['watch'] }, SIGNAL);
  it.each([
    [{}, true],
    [{ kinds: [] }, true],
    [{ kinds: ['sweep'] }, false],
    [{ side: 'bid' }, true],
    [{ side: 'ask' }, false],
    [{ minSeverity: 2 }, true],
    [{ minSeverity: 3 }, false],
    [{ minSize: 5000 }, true],
    [{ minSize: 5001 }, false],
    [{ detectors: 'own' }, true],
    [{ detectors: 'predecessor' }, false],
  ])('%o: %s', (watch, expected) => expect(about(watch)).toBe(expected));

  it('is the instruments it names', () => {
    expect(about({}, { instrumentIds: [3, 4] })).toBe(true);
    expect(about({}, { instrumentIds: [4] })).toBe(false);
  });

  it('is no signal where it watches a number', () => {
    const watch = { by: 'metric', metric: 'last_price', direction: 'above', level: 1 } as const;
    expect(isAbout({ ...RULE, watch }, SIGNAL)).toBe(false);
  });
});

it.each([
  ['09:15', 555, 930, true],
  ['09:14', 555, 930, false],
  ['15:30', 555, 930, false],
  ['23:30', 1320, 420, true],
  ['06:59', 1320, 420, true],
  ['07:00', 1320, 420, false],
  ['07:00', 600, 600, false],
])('%s lies from minute %i to %i: %s', (time, from, to, expected) => {
  expect(isMinuteWithin(istTimeUs('2026-11-27', time), from, to)).toBe(expected);
});

describe('cooldown and repeats', () => {
  const occasions = fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 30 }).map(String),
      kind: fc.constantFrom('sweep', 'wall_pulled'),
      instrumentId: fc.integer({ min: 1, max: 3 }),
      lowPrice: fc.integer({ min: 1, max: 3 }),
      foundUs: fc.integer({ min: 0, max: 3600 }).map((s) => SIGNAL.foundUs + s * 1_000_000),
    }),
    { maxLength: 200 },
  );
  const scopes = fc.constantFrom('rule', 'instrument', 'price') as fc.Arbitrary<Rule['cooldownOf']>;
  const scopeOf = (of: Rule['cooldownOf'], one: Occasion): string =>
    of === 'rule'
      ? ''
      : of === 'instrument'
        ? `${one.instrumentId}`
        : `${one.instrumentId} ${one.kind} ${one.lowPrice}`;
  const inTime = (all: readonly Occasion[]): Occasion[] => all.toSorted((a, b) => a.foundUs - b.foundUs);
  const toldOf = (rule: StoredRule, all: readonly Occasion[], memory = new ToldMemory()): Occasion[] =>
    all.filter((one) => memory.tell(rule, one));

  it('tells no occasion twice, and nothing within the cooldown of what it told, in whatever order they come', () => {
    fc.assert(
      fc.property(occasions, scopes, fc.integer({ min: 0, max: 900 }), (all, cooldownOf, cooldownS) => {
        const told = toldOf({ ...RULE, cooldownOf, cooldownS }, all);
        expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
        const last = new Map<string, number>();
        for (const one of told) {
          const scope = scopeOf(cooldownOf, one);
          expect(one.foundUs - (last.get(scope) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(cooldownS * 1e6);
          last.set(scope, one.foundUs);
        }
      }),
    );
  });

  it('holds back nothing else: what is not told came again, or within the cooldown of one that was', () => {
    fc.assert(
      fc.property(occasions, scopes, fc.integer({ min: 0, max: 900 }), (all, cooldownOf, cooldownS) => {
        const sorted = inTime(all);
        const told = new Set(toldOf({ ...RULE, cooldownOf, cooldownS }, sorted));
        for (const one of sorted) {
          if (told.has(one)) continue;
          const why = [...told].some(
            (other) =>
              other.id === one.id ||
              (scopeOf(cooldownOf, other) === scopeOf(cooldownOf, one) &&
                one.foundUs >= other.foundUs &&
                one.foundUs - other.foundUs < cooldownS * 1e6),
          );
          expect(why).toBe(true);
        }
      }),
    );
  });

  it('tells nothing more when all of it comes again, whatever is remembered by whom', () => {
    fc.assert(
      fc.property(occasions, scopes, fc.integer({ min: 0, max: 900 }), (all, cooldownOf, cooldownS) => {
        const rule = { ...RULE, cooldownOf, cooldownS };
        const sorted = inTime(all);
        const memory = new ToldMemory();
        const told = toldOf(rule, sorted, memory);
        expect(toldOf(rule, sorted, memory)).toEqual([]);
        // Another process begins with what was stored.
        const second = new ToldMemory();
        for (const one of told) second.remember(rule.id, one);
        expect(toldOf(rule, sorted, second)).toEqual([]);
      }),
    );
  });

  it('keeps rules apart', () => {
    const memory = new ToldMemory();
    expect(memory.tell(RULE, SIGNAL)).toBe(true);
    expect(memory.tell({ ...RULE, id: 8 }, SIGNAL)).toBe(true);
    expect(alertKey(7, 'w-1')).toBe('alert-7-w-1');
  });

  it('tells nothing outside its hours', () => {
    expect(new ToldMemory().tell({ ...RULE, fromMinute: 601 }, SIGNAL)).toBe(false);
    expect(new ToldMemory().tell({ ...RULE, toMinute: 600 }, SIGNAL)).toBe(false);
    expect(new ToldMemory().tell({ ...RULE, fromMinute: 600, toMinute: 601 }, SIGNAL)).toBe(true);
  });
});
