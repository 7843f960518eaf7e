/** What is asked and answered of an instrument's trades: bars, footprints, profiles, and the sums over them. */
import { z } from 'zod';
import { IMBALANCE_RULE } from '../orderflow/footprint.ts';
import { instant } from './instant.ts';
import { ALL_INTERVALS, MINUTES, WITHIN_A_DAY } from './intervals.ts';
import { coverage, instruments, interval, ofInterval, price, quantity, real, share, time, whole } from './parts.ts';

/** Instruments that are summed in one answer. */
export const SUMMED_MAX = 50;
const ROW_TICKS_MAX = 10_000;

/** Height of a price row, in the instrument's ticks. */
const rowTicks = whole(1, ROW_TICKS_MAX).default(1).meta({ description: 'Height of a price row, in ticks' });
const anchor = z
  .union([z.literal('session'), instant])
  .default('session')
  .meta({ description: "`session`: from each day's normal open on; or an instant to begin at" });

export const BarsQuery = z.strictObject({ ...interval, interval: z.enum(ALL_INTERVALS).default('1m') });

const ohlc = {
  open: price.nullable(),
  high: price.nullable(),
  low: price.nullable(),
  close: price.nullable(),
};
const flow = {
  volume: quantity.meta({ description: 'Bought + sold + unknown' }),
  buy: quantity,
  sell: quantity,
  unknown: quantity.meta({ description: 'Traded, nobody knows by whose initiative' }),
  unattributed: quantity.meta({ description: 'Traded across a gap, at a price nobody knows: in no other number' }),
  delta: quantity.meta({ description: 'buy - sell' }),
};
const bar = {
  time,
  ...ohlc,
  ...flow,
  minDelta: quantity,
  maxDelta: quantity,
  vwap: z.number().nullable(),
  trades: z.int(),
  oi: quantity.nullable(),
  coverage,
};

export const BarsAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(ALL_INTERVALS),
  bars: z.array(
    z.strictObject({
      ...bar,
      oiChange: quantity.nullable().meta({ description: 'Against the bar before; null at the first and over a gap' }),
      buildUp: z
        .enum(['long_build_up', 'short_build_up', 'short_covering', 'long_unwinding'])
        .nullable()
        .meta({ description: 'What price and open interest say together; null where either did not change' }),
    }),
  ),
});

export const FootprintQuery = z.strictObject({
  ...interval,
  interval: z.enum(MINUTES).default('5m'),
  row_ticks: rowTicks,
  ratio: real(1, 100)
    .default(IMBALANCE_RULE.ratio)
    .meta({ description: 'An imbalance: one side is so many times the other' }),
  min_difference: whole(1, 1_000_000_000)
    .default(IMBALANCE_RULE.minDifference)
    .meta({ description: 'And larger by so many units' }),
});

const cell = z
  .strictObject({ price, buy: quantity, sell: quantity, unknown: quantity, trades: z.int() })
  .meta({ id: 'FootprintCell' });
const sides = z.enum(['buy', 'sell']);

export const FootprintAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(MINUTES),
  rowHeight: z.number(),
  bars: z.array(
    z.strictObject({
      time,
      cells: z.array(cell).meta({ description: 'Lowest price first' }),
      imbalances: z.array(z.strictObject({ price: z.number(), side: sides, zeroPrint: z.boolean() })),
      stacked: z.array(z.strictObject({ side: sides, fromPrice: z.number(), toPrice: z.number(), rows: z.int() })),
      unfinished: z.strictObject({ high: z.boolean(), low: z.boolean() }),
      poc: price,
      coverage,
    }),
  ),
});

export const ProfileQuery = z.strictObject({
  ...interval,
  row_ticks: rowTicks,
  value_area: real(0.1, 1).default(0.7),
  step: z.enum(['1', '2']).default('1').meta({ description: 'Rows compared at a time from the POC outwards' }),
});

export const ProfileAnswer = z.strictObject({
  ...ofInterval,
  rowHeight: z.number(),
  rows: z.array(cell),
  poc: price.nullable(),
  valueAreaLow: price.nullable(),
  valueAreaHigh: price.nullable(),
  valueAreaShare: share,
  coverage,
});

export const CvdQuery = z.strictObject({ ...interval, interval: z.enum(WITHIN_A_DAY).default('1m'), anchor });

export const CvdAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(WITHIN_A_DAY),
  points: z.array(
    z.strictObject({
      time,
      ...flow,
      cvd: quantity.meta({ description: 'Sum of the deltas of its run' }),
      run: z.int().meta({ description: 'Runs begin at the anchor and after every gap: no line joins two of them' }),
      sinceAnchor: quantity.meta({ description: 'The same from the anchor on, over gaps' }),
      uncertain: quantity.meta({
        description: 'Unknown and unattributed since the anchor: the true sum lies at most so far from `sinceAnchor`',
      }),
      coverage,
    }),
  ),
});

export const VwapQuery = z.strictObject({ ...interval, interval: z.enum(MINUTES).default('1m'), anchor });

export const VwapAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(MINUTES),
  points: z.array(
    z.strictObject({
      time,
      vwap: z.number(),
      deviation: z.number().meta({ description: 'Volume-weighted standard deviation of the prices' }),
      bands: z
        .array(z.strictObject({ deviations: z.number(), lower: z.number(), upper: z.number() }))
        .meta({ description: 'vwap ± 1, 2 and 3 deviations' }),
      volume: quantity.meta({ description: 'Since the anchor' }),
      missing: quantity.meta({ description: 'Traded since the anchor at prices that nobody knows: not in it' }),
      coverage,
    }),
  ),
});

export const NakedPocsQuery = z.strictObject({ ...interval, row_ticks: rowTicks });

export const NakedPocsAnswer = z.strictObject({
  ...ofInterval,
  rowHeight: z.number(),
  sessions: z.array(
    z.strictObject({
      date: z.iso.date(),
      poc: price,
      low: price,
      high: price,
      volume: quantity,
      naked: z.boolean().meta({ description: 'No later session of the answer has traded at it' }),
      coverage,
    }),
  ),
});

export const TradeBarsQuery = z.strictObject({
  ...interval,
  by: z.enum(['trades', 'volume']),
  size: whole(1, 1_000_000_000).meta({ description: 'Trades, or units, that fill a bar; a trade is never divided' }),
});

export const TradeBarsAnswer = z.strictObject({
  ...ofInterval,
  by: z.enum(['trades', 'volume']),
  size: z.int(),
  bars: z.array(
    z.strictObject({
      ...bar,
      lastTime: time.meta({ description: 'Of its last trade' }),
      complete: z.boolean().meta({ description: 'False for the last bar while it is not full' }),
    }),
  ),
});

export const SummedBarsQuery = z.strictObject({
  instruments: instruments(SUMMED_MAX),
  from: instant,
  to: instant,
  interval: z.enum(ALL_INTERVALS).default('1m'),
});

export const SummedBarsAnswer = z.strictObject({
  instruments: z.array(
    z.strictObject({
      instrument: z.string(),
      feed: ofInterval.feed,
      completeTo: time,
      gaps: ofInterval.gaps,
    }),
  ),
  from: time,
  to: time,
  interval: z.enum(ALL_INTERVALS),
  bars: z.array(
    z.strictObject({
      time,
      ...flow,
      trades: z.int(),
      value: z.number().meta({ description: 'Traded value, rupees' }),
      coverage: coverage.meta({ description: 'Of the instrument that was heard least' }),
    }),
  ),
});
