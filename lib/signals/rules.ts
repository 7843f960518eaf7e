/**
 * Rules: which signals, and which moves of a number, people are told of at once. Pure: what was told before comes in, what is to be
 * told comes out, so that a preview over stored signals gives what would have been told.
 */
import { IST_OFFSET_US } from '../core/ist.ts';
import type { Signal, SignalKind } from './signal.ts';

/** Numbers that a rule can watch, of an instrument's ticks. */
export const METRICS = {
  last_price: 'last price',
  spread: 'spread of the best quotes',
  imbalance: 'imbalance of the best levels',
} as const;
export type Metric = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as [Metric, ...Metric[]];

/** Where an alert can be told: `screen` is the notices of this product, with their sound and the browser's own notifications. */
export const ALERT_CHANNELS = ['screen', 'slack', 'telegram'] as const;
export type AlertChannel = (typeof ALERT_CHANNELS)[number];

/** What the cooldown is kept for: the rule, each instrument of it, or each kind at each price. */
export const COOLDOWN_SCOPES = ['rule', 'instrument', 'price'] as const;
export type CooldownScope = (typeof COOLDOWN_SCOPES)[number];

export interface SignalWatch {
  readonly by: 'signals';
  /** None: all. */
  readonly kinds: readonly SignalKind[];
  readonly detectors: 'own' | 'predecessor' | 'all';
  readonly side: 'bid' | 'ask' | null;
  readonly minSeverity: number;
  /** Units. */
  readonly minSize: number;
}

export interface MetricWatch {
  readonly by: 'metric';
  readonly metric: Metric;
  /** To which side of the level it has to come, from the other one. */
  readonly direction: 'above' | 'below';
  /** Price units; of the imbalance −1 to 1. */
  readonly level: number;
}

export interface Rule {
  readonly name: string;
  readonly isOn: boolean;
  readonly watch: SignalWatch | MetricWatch;
  /** null: all. A metric is watched of one. */
  readonly instrumentIds: readonly number[] | null;
  /** Minutes after midnight in India; `toMinute` is not included. */
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly cooldownS: number;
  readonly cooldownOf: CooldownScope;
  readonly channels: readonly AlertChannel[];
}

export interface StoredRule extends Rule {
  readonly id: number;
}

/** What of a signal decides whether a rule tells it. */
export type RuleSignal = Pick<
  Signal,
  'id' | 'kind' | 'detector' | 'instrumentId' | 'lowPrice' | 'side' | 'size' | 'severity' | 'foundUs'
>;

/** One thing that a rule has something to say to: a signal, or a number that came over its level. */
export interface Occasion {
  /** The same for the same occasion, whenever it is looked at. */
  readonly id: string;
  readonly kind: string;
  readonly instrumentId: number;
  readonly lowPrice: number;
  /** µs since the epoch */
  readonly foundUs: number;
}

const US_PER_MINUTE = 60_000_000;
const MINUTES_PER_DAY = 1440;
const PREDECESSOR = 'predecessor';

const minuteOfDay = (us: number): number => Math.floor((us + IST_OFFSET_US) / US_PER_MINUTE) % MINUTES_PER_DAY;

/** Whether a minute of the day lies from one to before another, over midnight where the end is not later. Equal: never. */
export const isMinuteWithin = (us: number, fromMinute: number, toMinute: number): boolean => {
  const minute = minuteOfDay(us);
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : fromMinute > toMinute && (minute >= fromMinute || minute < toMinute);
};

/** Whether a rule is about a signal: everything but its hours and what was told before. */
export function isAbout({ watch, instrumentIds }: Rule, signal: RuleSignal): boolean {
  if (watch.by !== 'signals') return false;
  const isPredecessors = signal.detector.startsWith(PREDECESSOR);
  return (
    (watch.kinds.length === 0 || watch.kinds.includes(signal.kind)) &&
    (watch.detectors === 'all' || (watch.detectors === PREDECESSOR) === isPredecessors) &&
    (watch.side === null || watch.side === signal.side) &&
    signal.severity >= watch.minSeverity &&
    signal.size >= watch.minSize &&
    (instrumentIds === null || instrumentIds.includes(signal.instrumentId))
  );
}

/** The name of an alert: its idempotency key, and that of each attempt to deliver it. */
export const alertKey = (ruleId: number, occasionId: string): string => `alert-${ruleId}-${occasionId}`;

/** A number that came over its level with a tick. */
export const metricOccasion = ({ metric, level }: MetricWatch, instrumentId: number, stampUs: number): Occasion => ({
  id: `${metric}-${instrumentId}-${stampUs}`,
  kind: metric,
  instrumentId,
  lowPrice: metric === 'last_price' ? level : 0,
  foundUs: stampUs,
});

/** What was told lately: it keeps a signal from being told twice by a rule, and a rule from being told too often. */
export class ToldMemory {
  /** By what the cooldown is kept for: when the last one told was found. */
  private readonly lastUs = new Map<string, number>();
  /** By alert key. */
  private readonly told = new Set<string>();

  /**
   * Decides whether an occasion is told, and remembers it if so. What was found before the last one told is not told either:
   * after a restart signals come again.
   */
  tell(
    rule: Pick<StoredRule, 'id' | 'fromMinute' | 'toMinute' | 'cooldownS' | 'cooldownOf'>,
    occasion: Occasion,
  ): boolean {
    if (!isMinuteWithin(occasion.foundUs, rule.fromMinute, rule.toMinute)) return false;
    if (this.told.has(alertKey(rule.id, occasion.id))) return false;
    const lastUs = this.lastUs.get(scopesOf(rule.id, occasion)[rule.cooldownOf]);
    if (lastUs !== undefined && occasion.foundUs < lastUs + rule.cooldownS * 1_000_000) return false;
    this.remember(rule.id, occasion);
    return true;
  }

  /** Takes over what was told before a restart. */
  remember(ruleId: number, occasion: Occasion): void {
    this.told.add(alertKey(ruleId, occasion.id));
    for (const scope of Object.values(scopesOf(ruleId, occasion))) {
      this.lastUs.set(scope, Math.max(occasion.foundUs, this.lastUs.get(scope) ?? 0));
    }
  }
}

const scopesOf = (
  ruleId: number,
  { instrumentId, kind, lowPrice }: Occasion,
): Readonly<Record<CooldownScope, string>> => ({
  rule: `${ruleId}`,
  instrument: `${ruleId} ${instrumentId}`,
  price: `${ruleId} ${instrumentId} ${kind} ${lowPrice}`,
});
