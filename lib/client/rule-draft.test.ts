import { describe, expect, it } from 'vitest';
import { NewRule } from '../api/rules.ts';
import { fieldFaults } from './field-words.ts';
import {
  bodyOf,
  bodyOfRule,
  draftFaults,
  draftFromAddress,
  draftOf,
  faultsOf,
  NEW_DRAFT,
  priceRulePath,
  type RuleDraft,
} from './rule-draft.ts';
import type { ShownRule } from './rules.ts';

const SCALE = 100;
const SLUG = 'NFO:NIFTY26DECFUT';
const SIGNALS: RuleDraft = { ...NEW_DRAFT, name: 'Walls', kinds: ['wall_pulled'] };
const PRICE: RuleDraft = { ...NEW_DRAFT, name: 'High', by: 'metric', level: '26010.05', instruments: [SLUG] };

const shownAs = (draft: RuleDraft): ShownRule => ({
  ...bodyOf(draft, SCALE),
  id: 7,
  priceScale: draft.by === 'metric' ? SCALE : null,
  updated: '2026-11-27T10:00:00.000+05:30',
  updatedBy: 'owner',
});

describe('a rule that is written', () => {
  it.each<[string, RuleDraft]>([
    ['signals of all', SIGNALS],
    ['signals of one side and size', { ...SIGNALS, side: 'bid', minSize: '1000', isOfAll: false, instruments: [SLUG] }],
    ['a price', PRICE],
    ['an imbalance below zero', { ...PRICE, metric: 'imbalance', level: '-0.25', direction: 'below' }],
    ['a cooldown of seconds', { ...SIGNALS, cooldownMinutes: '0.5' }],
  ])('makes what the server takes, and comes back as it was: %s', (_, draft) => {
    expect(faultsOf(draft, SCALE)).toEqual({});
    const rule = bodyOf(draft, SCALE);
    expect(NewRule.parse(rule)).toEqual(rule);
    expect(bodyOf(draftOf(shownAs(draft)), SCALE)).toEqual(rule);
    expect(bodyOfRule(shownAs(draft))).toEqual(rule);
  });

  it('tells a price in price units', () => {
    expect(bodyOf(PRICE, SCALE).watch).toMatchObject({ level: 2_601_005 });
  });

  it.each<[keyof RuleDraft, RuleDraft]>([
    ['name', { ...SIGNALS, name: '  ' }],
    ['minSize', { ...SIGNALS, minSize: '1.5' }],
    ['instruments', { ...SIGNALS, isOfAll: false }],
    ['instruments', { ...PRICE, instruments: [SLUG, 'NSE:SBIN'] }],
    ['level', { ...PRICE, level: '' }],
    ['level', { ...PRICE, level: '26010.055' }],
    ['level', { ...PRICE, metric: 'imbalance', level: '1.2' }],
    ['to', { ...SIGNALS, to: SIGNALS.from }],
    ['to', { ...SIGNALS, from: '' }],
    ['cooldownMinutes', { ...SIGNALS, cooldownMinutes: '1441' }],
    ['cooldownMinutes', { ...SIGNALS, cooldownMinutes: '' }],
    ['channels', { ...SIGNALS, channels: [] }],
  ])('says what is wrong with %s', (field, draft) => {
    expect(Object.keys(faultsOf(draft, SCALE))).toEqual([field]);
  });

  it('asks for another instrument where no price unit is known', () => {
    expect(faultsOf(PRICE, null)).toHaveProperty('instruments');
  });

  it('shows beside its fields what the server found wrong', () => {
    const faults = fieldFaults('name: is too long; hours.to: is no time of the day; channels.0: is none; body: odd.');
    expect(draftFaults(faults)).toEqual({
      name: 'Is too long.',
      to: 'Is no time of the day.',
      channels: 'Is none.',
    });
    expect(draftFaults(fieldFaults('`level`: prices are whole numbers of price units.'))).toHaveProperty('level');
    expect(fieldFaults('There is no rule 7.').size).toBe(0);
  });
});

describe('an address that asks for a rule', () => {
  const asked = (path: string, scale: number | null) =>
    draftFromAddress(new URL(path, 'http://localhost').searchParams, scale, NEW_DRAFT);

  it('writes out a rule on a price', () => {
    const draft = asked(priceRulePath(SLUG, 2_601_005, 'below'), SCALE);
    expect(draft).toMatchObject({ by: 'metric', level: '26010.05', direction: 'below', instruments: [SLUG] });
    expect(draft && faultsOf(draft, SCALE)).toEqual({});
  });

  it('writes out a rule on a kind of signal, or an empty one, or none', () => {
    expect(asked('/signals/rules?new=sweep', null)).toMatchObject({ by: 'signals', kinds: ['sweep'], isOfAll: true });
    expect(asked('/signals/rules?new=rule', null)).toEqual(NEW_DRAFT);
    expect(asked('/signals/rules', null)).toBeNull();
  });

  it('takes no price that is none', () => {
    for (const price of ['', 'x', '-5', '1.5', '1e400'])
      expect(asked(`/signals/rules?new=last_price&instrument=${SLUG}&price=${price}`, SCALE)?.level).toBe('');
  });
});
