/** What is asked and answered of signals. */
import { z } from 'zod';
import { VERDICTS } from '../signals/report-card.ts';
import { SIGNAL_KIND_NAMES, SIGNAL_STATES, type SignalKind } from '../signals/signal.ts';
import { instant } from './instant.ts';
import { type Frozen, instruments, interval, price, quantity, share, time, whole } from './parts.ts';

const PAGE_MAX = 500;
const INSTRUMENTS_MAX = 50;

/** Where a page ended: when the last signal was first told, and its id. */
const cursor = z
  .string()
  .max(300)
  .regex(/^\d{1,16}~[\w.@-]{1,250}$/, 'is none that an answer gave')
  .meta({ description: '`next` of the page before' })
  .transform((text) => {
    const at = text.indexOf('~');
    return { timeUs: Number(text.slice(0, at)), id: text.slice(at + 1) };
  });

export const writeSignalCursor = (timeUs: number, id: string): string => `${timeUs}~${id}`;

const kinds = z
  .string()
  .min(1)
  .max(600)
  .meta({ description: `Kinds with commas between them: ${SIGNAL_KIND_NAMES.join(', ')}` })
  .transform((text, context): readonly SignalKind[] => {
    const parsed = z.array(z.enum(SIGNAL_KIND_NAMES)).safeParse(text.split(','));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'one of them is no kind of signal' });
    return z.NEVER;
  });

export const SignalsQuery = z.strictObject({
  instruments: instruments(INSTRUMENTS_MAX).optional(),
  from: instant,
  /** Exclusive. */
  to: interval.to,
  kinds: kinds.optional(),
  state: z.enum(SIGNAL_STATES).optional(),
  side: z.enum(['bid', 'ask']).optional(),
  min_severity: whole(1, 3).default(1),
  detectors: z
    .enum(['own', 'predecessor', 'all'])
    .default('all')
    .meta({ description: "`predecessor`: key levels, absorption and pressure by the predecessor's numbers" }),
  limit: whole(1, PAGE_MAX).default(100),
  cursor: cursor.optional(),
});

const cause = z.strictObject({ value: z.number(), threshold: z.number().nullable() });

const signal = {
  id: z.string(),
  kind: z.enum(SIGNAL_KIND_NAMES),
  words: z.string(),
  detector: z.string().meta({ description: '`walls@1`: what found it, and the version of its rules' }),
  parameters: z.string().meta({ description: "Hash of the detector's parameters" }),
  instrument: z.string(),
  priceScale: z.int().meta({ description: 'Price units in a rupee' }),
  feed: z.string(),
  time: time.meta({ description: 'When it was first told' }),
  from: time,
  to: time,
  found: time.meta({ description: 'When its newest state was told' }),
  lowPrice: price.nullable().meta({ description: 'null where it is of the book as a whole' }),
  highPrice: price.nullable(),
  side: z.enum(['bid', 'ask']).nullable(),
  size: quantity,
  severity: z.int().min(1).max(3),
  confidence: share.meta({ description: 'A rule of thumb, no probability' }),
  cause: z
    .record(z.string(), cause)
    .meta({ description: 'The numbers that caused it, against what they had to reach' }),
  evidence: z.array(z.string()).meta({ description: '`feed/stamp/n` of the frames it rests on' }),
  quality: z.strictObject({ frameMs: z.number(), tickAgeMs: z.number().nullable() }),
  state: z.enum(SIGNAL_STATES),
};

const Told = z.strictObject(signal);
/** A signal as the live stream tells it. */
export type ToldSignal = Frozen<z.output<typeof Told>>;

export const SignalsAnswer = z.strictObject({
  from: time,
  to: time,
  signals: z.array(
    z.strictObject({
      ...signal,
      mark: z
        .enum(['seen', 'acknowledged'])
        .nullable()
        .meta({ description: 'What you have said of it (POST /api/signal-marks); null: nothing' }),
    }),
  ),
  next: z.string().nullable().meta({ description: 'Cursor of the page after this one; null at the end' }),
});

export const GROUPINGS = ['all', 'instrument', 'hour', 'version'] as const;

export const SignalReportQuery = z.strictObject({
  instruments: instruments(INSTRUMENTS_MAX).optional(),
  from: instant,
  /** Exclusive. */
  to: interval.to,
  kinds: kinds.optional(),
  detectors: SignalsQuery.shape.detectors,
  by: z
    .enum(['all', 'everything'])
    .default('all')
    .meta({ description: '`everything`: also by instrument, by hour in India, and by version of the detector' }),
});

const spread = z.strictObject({
  n: z.int().min(0),
  meanBps: z.number().nullable(),
  medianBps: z.number().nullable(),
  meanTicks: z.number().nullable(),
  medianTicks: z.number().nullable(),
  hitRate: share.nullable().meta({ description: 'Share with a net markout above 0' }),
  hitLow: share.meta({ description: "Of Wilson's 95 % interval" }),
  hitHigh: share,
});

export const SignalReportAnswer = z.strictObject({
  from: time,
  to: time,
  comparisons: z.int().min(0).meta({
    description:
      'Groups and horizons with enough behind them to be compared: the verdicts hold for all of them together',
  }),
  familyError: share.meta({ description: 'Chance of even one wrong `beats` among them' }),
  hoursLeast: z.int().meta({ description: 'Hours of an instrument with signals that a comparison needs, at least' }),
  groups: z.array(
    z.strictObject({
      by: z.enum(GROUPINGS),
      kind: z.enum(SIGNAL_KIND_NAMES),
      detectors: z.enum(['own', 'predecessor']),
      key: z.string().meta({
        description:
          "An instrument's slug, an hour in India, or a detector with its version and hash; empty of all together",
      }),
      horizonS: z.int().meta({ description: 'Seconds after the signal' }),
      signals: spread,
      random: spread,
      missing: z
        .strictObject({ outside_session: z.int(), gap: z.int(), no_book: z.int() })
        .meta({ description: 'Signals without an outcome, and why' }),
      hours: z.int().min(0),
      difference: z
        .strictObject({ meanBps: z.number(), lowBps: z.number(), highBps: z.number(), p: share, pAdjusted: share })
        .nullable()
        .meta({ description: 'Of each signal from its random times; null where there are too few hours' }),
      verdict: z.enum(VERDICTS),
    }),
  ),
});
