/** What is asked and answered of backtests. */
import { z } from 'zod';
import { BACKTEST_STATES } from '../core/backtests.ts';
import {
  DETECTOR_NAMES,
  DETECTOR_OPTIONS,
  type DetectorName,
  type DetectorOverrides,
  type OptionRange,
} from '../signals/detector-options.ts';
import { type Frozen, instrument, time, whole } from './parts.ts';
import { wouldTell } from './rules.ts';
import { SignalReportAnswer } from './signals.ts';

const INSTRUMENTS_MAX = 50;
const NAME_LENGTH_MAX = 80;

/** One parameter of a detector: its unit and default stand in the words of it. */
function option({ unit, least, most, whole: isWhole }: OptionRange, usual: number): z.ZodOptional<z.ZodNumber> {
  const number = isWhole ? z.int() : z.number();
  return number
    .min(least)
    .max(most)
    .optional()
    .meta({ description: `${unit}; ${usual} unless told otherwise` });
}

const optionsOf = (name: DetectorName): z.ZodOptional<z.ZodObject> => {
  const { defaults, ranges } = DETECTOR_OPTIONS[name];
  const shape = Object.entries(ranges).map(([key, range]) => [
    key,
    option(range, (defaults as Readonly<Record<string, number>>)[key] as number),
  ]);
  return z.strictObject(Object.fromEntries(shape)).optional();
};

/** Parameters that are to differ, by detector; what is not named stays as the live worker has it. */
const Overrides = z
  .strictObject(Object.fromEntries(DETECTOR_NAMES.map((name) => [name, optionsOf(name)])))
  .meta({ description: 'Parameters that differ from those of the live signals, by detector' })
  .transform((value) => value as DetectorOverrides);

const detectors = z.array(z.enum(DETECTOR_NAMES)).min(1);
const date = z.iso.date();

export const BacktestAsked = z.strictObject({
  name: z.string().trim().max(NAME_LENGTH_MAX).default(''),
  instruments: z
    .array(instrument)
    .min(1)
    .max(INSTRUMENTS_MAX)
    .optional()
    .meta({ description: 'Default: all that was recorded' }),
  from: date.meta({ description: 'The first day, in India' }),
  to: date.meta({ description: 'The last day' }),
  detectors: detectors.optional().meta({ description: 'Default: all of them' }),
  options: Overrides.prefault({}),
});

export const BacktestBegun = z.strictObject({ id: z.int() });
/** In a body. */
export const BacktestId = z.strictObject({ id: z.int().min(1) });
/** In an address. */
export const BacktestQuery = z.strictObject({ id: whole(1, Number.MAX_SAFE_INTEGER) });

const Backtest = z
  .strictObject({
    id: z.int(),
    who: z.string(),
    name: z.string(),
    from: time,
    to: time.meta({ description: 'Not included' }),
    instruments: z.array(z.string()).nullable().meta({ description: 'null: all that was recorded' }),
    detectors: detectors.nullable().meta({ description: 'null: all of them' }),
    options: z.record(z.string(), z.record(z.string(), z.number())).meta({ description: 'What differs from live' }),
    state: z.enum(BACKTEST_STATES),
    progress: z.number().min(0).max(1),
    hash: z
      .string()
      .nullable()
      .meta({ description: 'SHA-256 over all its signals; the same for the same question. null until it is done' }),
    error: z.string().nullable(),
    days: z.int().meta({ description: 'Done, with something recorded' }),
    entries: z.int().meta({ description: 'Entries of feeds that were looked at' }),
    signals: z.int(),
    created: time,
    finished: time.nullable(),
  })
  .meta({ id: 'Backtest' });

export type BacktestTold = Frozen<z.output<typeof Backtest>>;

export const BacktestsAnswer = z.strictObject({
  backtests: z.array(Backtest).meta({ description: 'The newest first, at most 50' }),
});

const report = SignalReportAnswer.shape;

export const BacktestAnswer = z.strictObject({
  backtest: Backtest,
  days: z
    .array(
      z.strictObject({
        date,
        source: z.enum(['journal', 'database']).nullable().meta({ description: 'null: nothing was recorded' }),
        entries: z.int(),
        signals: z.int(),
        hash: z.string(),
        live: z.strictObject({ signals: z.int(), hash: z.string() }).nullable().meta({
          description: 'What had been found live of the same; null: nothing, or the parameters are others',
        }),
      }),
    )
    .meta({ description: 'Those that are done' }),
  rules: z
    .array(z.strictObject({ id: z.int(), name: z.string(), isOn: z.boolean(), ...wouldTell }))
    .nullable()
    .meta({
      description:
        'What each rule of signals, as it stands now, would have told of what was found; null until it is done',
    }),
  comparisons: report.comparisons,
  familyError: report.familyError,
  hoursLeast: report.hoursLeast,
  groups: report.groups,
});
export type BacktestResult = Frozen<z.output<typeof BacktestAnswer>>;
