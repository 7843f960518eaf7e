/** A rule while it is being written: fields as they are typed, what is wrong with them, and the rule that they make. */
import {
  type AlertChannel,
  type CooldownScope,
  METRIC_NAMES,
  METRICS,
  type Metric,
  type MetricWatch,
  type SignalWatch,
} from '../signals/rules.ts';
import { SIGNAL_KIND_NAMES, type SignalKind } from '../signals/signal.ts';
import type { RuleBody, ShownRule } from './rules.ts';

export interface RuleDraft {
  readonly name: string;
  readonly isOn: boolean;
  readonly by: 'signals' | 'metric';
  /** None: all. */
  readonly kinds: readonly SignalKind[];
  readonly detectors: SignalWatch['detectors'];
  readonly side: '' | 'bid' | 'ask';
  readonly minSeverity: string;
  readonly minSize: string;
  readonly metric: Metric;
  readonly direction: MetricWatch['direction'];
  /** Rupees; of the imbalance −1 to 1. */
  readonly level: string;
  /** All that are recorded, and not those chosen. */
  readonly isOfAll: boolean;
  readonly instruments: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly cooldownMinutes: string;
  readonly cooldownOf: CooldownScope;
  readonly channels: readonly AlertChannel[];
}

/** Where a fault is shown: names of the fields of a draft. */
export type DraftFaults = Partial<Record<keyof RuleDraft, string>>;

export const COOLDOWN_MINUTES_MAX = 1440;
const NAME_LENGTH_MAX = 80;
export const RULE_LIMITS = { name: NAME_LENGTH_MAX, instruments: 50 } as const;

export const NEW_DRAFT: RuleDraft = {
  name: '',
  isOn: false,
  by: 'signals',
  kinds: [],
  detectors: 'all',
  side: '',
  minSeverity: '1',
  minSize: '0',
  metric: 'last_price',
  direction: 'above',
  level: '',
  isOfAll: true,
  instruments: [],
  from: '09:00',
  to: '15:40',
  cooldownMinutes: '5',
  cooldownOf: 'instrument',
  channels: ['screen'],
};

/** A new rule where the market is always open, as the simulated one is, holds for the whole day. */
export const newDraft = (isAlwaysOpen: boolean): RuleDraft =>
  isAlwaysOpen ? { ...NEW_DRAFT, from: '00:00', to: '23:59' } : NEW_DRAFT;

export function draftOf(rule: ShownRule): RuleDraft {
  const { watch, priceScale } = rule;
  return {
    ...NEW_DRAFT,
    name: rule.name,
    isOn: rule.isOn,
    isOfAll: rule.instruments === null,
    instruments: rule.instruments ?? [],
    from: rule.hours.from,
    to: rule.hours.to,
    cooldownMinutes: String(rule.cooldownS / 60),
    cooldownOf: rule.cooldownOf,
    channels: rule.channels,
    by: watch.by,
    ...(watch.by === 'signals'
      ? {
          kinds: watch.kinds,
          detectors: watch.detectors,
          side: watch.side ?? '',
          minSeverity: String(watch.minSeverity),
          minSize: String(watch.minSize),
        }
      : {
          metric: watch.metric,
          direction: watch.direction,
          level: String(watch.metric === 'imbalance' ? watch.level : watch.level / (priceScale ?? 1)),
        }),
  };
}

/** What a switch sends of a rule that stays as it is. */
export const bodyOfRule = ({
  id: _id,
  priceScale: _scale,
  updated: _at,
  updatedBy: _by,
  ...rule
}: ShownRule): RuleBody => rule;

/** What is wrong with a draft, by field, in words. @param priceScale of the metric's instrument; null: not known */
export function faultsOf(draft: RuleDraft, priceScale: number | null): DraftFaults {
  const { name, by, metric, level, minSize, isOfAll, instruments, from, to, cooldownMinutes, channels } = draft;
  const faults: DraftFaults = {};
  if (name.trim() === '') faults.name = 'Give the rule a name.';
  else if (name.trim().length > NAME_LENGTH_MAX) faults.name = `At most ${NAME_LENGTH_MAX} letters.`;
  if (by === 'signals') {
    if (!/^\d+$/.test(minSize)) faults.minSize = 'A whole number of units; 0 for any size.';
    if (!isOfAll && instruments.length === 0) faults.instruments = 'Choose an instrument, or all.';
  } else {
    const value = numberOf(level);
    if (value === null) faults.level = 'Enter a number.';
    else if (metric === 'imbalance' && Math.abs(value) > 1) faults.level = 'The imbalance lies between −1 and 1.';
    else if (metric !== 'imbalance' && priceScale !== null && !isWhole(value * priceScale))
      faults.level = `At most ${Math.round(Math.log10(priceScale))} decimals.`;
    if (instruments.length !== 1) faults.instruments = 'A number is watched of one instrument: choose it.';
    else if (metric !== 'imbalance' && priceScale === null)
      faults.instruments = 'This instrument is not recorded: choose another.';
  }
  if (instruments.length > RULE_LIMITS.instruments) faults.instruments = `At most ${RULE_LIMITS.instruments}.`;
  if (!from || !to) faults.to = 'Enter both times.';
  else if (from === to) faults.to = 'The hours end when they begin.';
  const minutes = numberOf(cooldownMinutes);
  if (minutes === null || minutes < 0 || minutes > COOLDOWN_MINUTES_MAX)
    faults.cooldownMinutes = `From 0 to ${COOLDOWN_MINUTES_MAX} minutes.`;
  else if (!isWhole(minutes * 60)) faults.cooldownMinutes = 'No finer than seconds.';
  if (channels.length === 0) faults.channels = 'Choose where it is told.';
  return faults;
}

/** The rule that a draft without faults makes. */
export function bodyOf(draft: RuleDraft, priceScale: number | null): RuleBody {
  const { name, isOn, by, metric, direction, from, to, cooldownOf, channels } = draft;
  const level = numberOf(draft.level) ?? 0;
  return {
    name: name.trim(),
    isOn,
    watch:
      by === 'signals'
        ? {
            by,
            kinds: [...draft.kinds],
            detectors: draft.detectors,
            side: draft.side || null,
            minSeverity: Number(draft.minSeverity),
            minSize: Number(draft.minSize),
          }
        : { by, metric, direction, level: metric === 'imbalance' ? level : Math.round(level * (priceScale ?? 1)) },
    instruments: by === 'signals' && draft.isOfAll ? null : [...draft.instruments],
    hours: { from, to },
    cooldownS: Math.round((numberOf(draft.cooldownMinutes) ?? 0) * 60),
    cooldownOf,
    channels: [...channels],
  };
}

/** Which field of a draft the server means by a field of a request. */
const FIELDS: Readonly<Record<string, keyof RuleDraft>> = {
  name: 'name',
  level: 'level',
  'watch.kinds': 'kinds',
  'watch.minSeverity': 'minSeverity',
  'watch.minSize': 'minSize',
  'watch.level': 'level',
  hours: 'to',
  'hours.from': 'from',
  'hours.to': 'to',
  instruments: 'instruments',
  cooldownS: 'cooldownMinutes',
  channels: 'channels',
};

/** What the server found wrong, beside the fields that show it. */
export function draftFaults(faults: ReadonlyMap<string, string>): DraftFaults {
  return Object.fromEntries(
    [...faults].flatMap(([name, words]) => {
      const field = FIELDS[name.replace(/\.\d+$/, '')];
      return field ? [[field, words]] : [];
    }),
  );
}

const PAGE = '/signals/rules';

/** The page of rules with a rule on a price written out. @param price price units */
export const priceRulePath = (slug: string, price: number, direction: MetricWatch['direction']): string =>
  `${PAGE}?${new URLSearchParams({ new: 'last_price', instrument: slug, price: String(price), direction })}`;

/** The draft that an address asks for, out of a new one; null: none. @param priceScale of its instrument; null: not known */
export function draftFromAddress(
  query: URLSearchParams,
  priceScale: number | null,
  start: RuleDraft,
): RuleDraft | null {
  const asked = query.get('new');
  const slug = query.get('instrument');
  if (asked === null) return null;
  const draft = slug ? { ...start, isOfAll: false, instruments: [slug] } : start;
  if ((SIGNAL_KIND_NAMES as readonly string[]).includes(asked)) return { ...draft, kinds: [asked as SignalKind] };
  if (!(METRIC_NAMES as readonly string[]).includes(asked)) return draft;
  const metric = asked as Metric;
  const price = Number(query.get('price'));
  const level = Number.isSafeInteger(price) && price > 0 && priceScale !== null ? String(price / priceScale) : '';
  const direction = query.get('direction') === 'below' ? 'below' : 'above';
  const name = slug ? `${slug.slice(slug.indexOf(':') + 1)}: ${METRICS[metric]} ${direction} ${level}`.trim() : '';
  return { ...draft, by: 'metric', metric, level, direction, name: name.slice(0, NAME_LENGTH_MAX) };
}

const numberOf = (text: string): number | null => {
  const plain = text.trim().replace('−', '-');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
};

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6;
