/** What is asked and answered of rules, what they would have told, and what they told. */
import { z } from 'zod';
import { ALERT_CHANNELS, COOLDOWN_SCOPES, METRIC_NAMES } from '../signals/rules.ts';
import { SIGNAL_KIND_NAMES } from '../signals/signal.ts';
import { instrument, time } from './parts.ts';

const INSTRUMENTS_MAX = 50;
const COOLDOWN_DEFAULT_S = 300;
const DAY_S = 86_400;
/** Within what a column of the database holds. */
const LEVEL_MAX = 2_000_000_000;
const PREVIEW_DAYS_MAX = 31;

const unique = (list: readonly string[]): boolean => new Set(list).size === list.length;
const TWICE = 'one stands there twice';

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of the day: `09:15`')
  .meta({ description: 'Time of the day in India, `09:15`' });

const signalWatch = z.strictObject({
  by: z.literal('signals'),
  kinds: z
    .array(z.enum(SIGNAL_KIND_NAMES))
    .max(SIGNAL_KIND_NAMES.length)
    .refine(unique, TWICE)
    .default([])
    .meta({ description: 'None: all' }),
  detectors: z.enum(['own', 'predecessor', 'all']).default('all'),
  side: z.enum(['bid', 'ask']).nullable().default(null),
  minSeverity: z.int().min(1).max(3).default(1),
  minSize: z.int().min(0).default(0).meta({ description: 'Units' }),
});

const metricWatch = z.strictObject({
  by: z.literal('metric'),
  metric: z.enum(METRIC_NAMES),
  direction: z
    .enum(['above', 'below'])
    .meta({ description: 'To which side of the level it comes, from the other one' }),
  level: z
    .number()
    .min(-LEVEL_MAX)
    .max(LEVEL_MAX)
    .meta({ description: 'Price units; of the imbalance −1 to 1. Prices are whole numbers' }),
});

const rule = {
  name: z.string().trim().min(1).max(80),
  isOn: z.boolean().default(false),
  watch: z.discriminatedUnion('by', [signalWatch, metricWatch]),
  instruments: z
    .array(instrument)
    .min(1)
    .max(INSTRUMENTS_MAX)
    .refine(unique, TWICE)
    .nullable()
    .default(null)
    .meta({ description: '`EXCHANGE:SYMBOL`; null: all. A metric is watched of one instrument' }),
  hours: z
    .strictObject({ from: timeOfDay, to: timeOfDay })
    .refine(({ from, to }) => from !== to, 'end when they begin')
    .default({ from: '09:00', to: '15:40' })
    .meta({ description: '`to` is not included; where it is earlier than `from`, over midnight' }),
  cooldownS: z
    .int()
    .min(0)
    .max(DAY_S)
    .default(COOLDOWN_DEFAULT_S)
    .meta({ description: 'After it has told something it tells nothing for so long, s' }),
  cooldownOf: z
    .enum(COOLDOWN_SCOPES)
    .default('instrument')
    .meta({ description: 'For what: the whole rule, each instrument, or each kind at each price' }),
  channels: z.array(z.enum(ALERT_CHANNELS)).min(1).max(ALERT_CHANNELS.length).refine(unique, TWICE).default(['screen']),
};

export const NewRule = z.strictObject(rule);
const id = z.int().min(1);
export const ChangedRule = z.strictObject({ id, ...rule });
export const RuleId = z.strictObject({ id });
export const RuleMade = z.strictObject({ id: z.int() });
export const PreviewAsked = z.strictObject({ ...rule, days: z.int().min(1).max(PREVIEW_DAYS_MAX).default(5) });

/** Quiet hours, and how often a digest is told. */
export const RuleSettings = z.strictObject({
  quiet: z
    .strictObject({ from: timeOfDay, to: timeOfDay })
    .refine(({ from, to }) => from !== to, 'end when they begin')
    .nullable()
    .meta({ description: 'When channels are not written to; alerts are still made and shown. null: never' }),
  digestMinutes: z
    .int()
    .min(0)
    .max(240)
    .meta({ description: 'A digest of what was found is told so often while the market is open; 0: none' }),
});

const shownRule = z.strictObject({
  id: z.int(),
  name: z.string(),
  isOn: z.boolean(),
  watch: z.discriminatedUnion('by', [
    z.strictObject({
      by: z.literal('signals'),
      kinds: z.array(z.enum(SIGNAL_KIND_NAMES)),
      detectors: z.enum(['own', 'predecessor', 'all']),
      side: z.enum(['bid', 'ask']).nullable(),
      minSeverity: z.int(),
      minSize: z.int(),
    }),
    z.strictObject({
      by: z.literal('metric'),
      metric: z.enum(METRIC_NAMES),
      direction: z.enum(['above', 'below']),
      level: z.number(),
    }),
  ]),
  instruments: z.array(z.string()).nullable(),
  hours: z.strictObject({ from: z.string(), to: z.string() }),
  cooldownS: z.int(),
  cooldownOf: z.enum(COOLDOWN_SCOPES),
  channels: z.array(z.enum(ALERT_CHANNELS)),
  priceScale: z.int().nullable().meta({ description: 'Price units in a rupee, of the instrument of a metric' }),
  updated: time,
  updatedBy: z.string(),
});

export const RulesAnswer = z.strictObject({
  rules: z.array(shownRule),
  settings: RuleSettings,
  channels: z
    .array(z.strictObject({ channel: z.enum(ALERT_CHANNELS), isSetUp: z.boolean() }))
    .meta({ description: 'Where alerts can be told' }),
});

/** What a rule would have told of what is known. */
export const wouldTell = {
  days: z.array(z.strictObject({ day: z.iso.date(), matched: z.int(), fired: z.int() })).meta({
    description: 'Recorded days, oldest first: how many occasions there were, and how many it would have told',
  }),
  perDay: z
    .number()
    .nullable()
    .meta({ description: 'Told a recorded day, in the mean; null where no day was recorded' }),
  outcomes: z
    .array(
      z.strictObject({
        horizonS: z.int(),
        signals: z.int(),
        medianBps: z.number().nullable(),
        random: z.int(),
        randomMedianBps: z.number().nullable(),
      }),
    )
    .nullable()
    .meta({
      description:
        'Of the signals it would have told, as the report card measures: median markout after so many seconds, net of half the ' +
        'spread, basis points, and that of random times of the same instrument and hour; how many of each are measured. ' +
        'null: a metric, of which no outcome is measured',
    }),
  isCut: z.boolean().meta({ description: 'There were more than were looked at: the newest are missing' }),
};

export const PreviewAnswer = z.strictObject(wouldTell);

export const AlertsAnswer = z.strictObject({
  alerts: z
    .array(
      z.strictObject({
        key: z.string().meta({ description: 'Idempotency key of every attempt to deliver it' }),
        ruleId: z.int(),
        rule: z.string(),
        title: z.string(),
        detail: z.string(),
        found: time,
        made: time,
        deliveries: z.array(
          z.strictObject({
            channel: z.enum(ALERT_CHANNELS),
            state: z.enum(['waiting', 'sending', 'sent', 'failed', 'uncertain', 'held']).meta({
              description:
                'held: quiet hours. uncertain: it was sent, and nobody knows whether it arrived, or whether twice; it is not sent again',
            }),
            unknown: z.boolean().meta({
              description: 'Whether an attempt got no answer: what was sent after it may be a repetition',
            }),
            attempts: z.int(),
            failure: z.string().nullable().meta({ description: 'Why the last attempt failed, or is not certain' }),
            changed: time,
          }),
        ),
      }),
    )
    .meta({ description: 'The newest first, at most 100' }),
});
