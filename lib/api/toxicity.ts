/** What is asked and answered of how flow moves prices. */
import { z } from 'zod';
import { instant } from './instant.ts';
import { WITHIN_A_DAY } from './intervals.ts';
import { coverage, instrument, interval, ofInterval, quantity, share, time, whole } from './parts.ts';

const STEPS = ['1s', '5s', '15s', '30s', '1m'] as const;
const BUCKETS = ['5m', '15m', '30m', '1h'] as const;

export const KyleLambdaQuery = z.strictObject({
  ...interval,
  interval: z.enum(BUCKETS).default('15m'),
  step: z.enum(STEPS).default('5s').meta({ description: 'Length of the intervals that a line is laid through' }),
});

export const KyleLambdaAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(BUCKETS),
  step: z.enum(STEPS),
  buckets: z.array(
    z.strictObject({
      time,
      lambda: z.number().nullable().meta({
        description: 'Price units that a unit of signed volume moves the price; null where flow did not vary',
      }),
      r2: z.number().nullable().meta({ description: 'Share of the variance that the line explains' }),
      points: z.int(),
      coverage,
    }),
  ),
});

export const VpinQuery = z.strictObject({
  ...interval,
  interval: z.enum(WITHIN_A_DAY).default('5m'),
  bucket_volume: whole(1, 1_000_000_000_000)
    .optional()
    .meta({ description: 'Units in a bucket; default: a 50th of the mean day of the week before' }),
  buckets: whole(1, 500).default(50).meta({ description: 'Buckets over which the mean is taken' }),
  sides: z
    .enum(['bulk', 'trades'])
    .default('bulk')
    .meta({ description: "Who bought: by each bucket's price change, or by the sides of its trades" }),
});

export const VpinAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(WITHIN_A_DAY),
  experimental: z.literal(true).meta({
    description: 'Contested: Andersen and Bondarenko find no more foresight in it than in volume and volatility',
  }),
  bucketVolume: z.int(),
  buckets: z.int(),
  sides: z.enum(['bulk', 'trades']),
  points: z.array(
    z.strictObject({
      time,
      vpin: share
        .nullable()
        .meta({ description: 'After the last trade of the interval; null before a bucket is full' }),
      volume: quantity,
      coverage,
    }),
  ),
});

export const ConsumptionQuery = z.strictObject({
  instrument,
  from: instant,
  to: instant,
  interval: z.enum(WITHIN_A_DAY).default('1m'),
});

const mean = z.number().nullable();
export const ConsumptionAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(WITHIN_A_DAY),
  buckets: z.array(
    z.strictObject({
      time,
      consumptionRate: mean.meta({
        description: 'Depth over the levels of a tick / volume traded since the tick before',
      }),
      flowIntensity: mean.meta({ description: 'Rupees that the price moved / volume traded' }),
      depthToxicity: mean.meta({ description: '1 / (1 + consumption rate): high when much of the book is consumed' }),
      kyleLambda: mean.meta({ description: 'Flow intensity x depth toxicity: no regression slope' }),
      ticks: z.int().meta({ description: 'Ticks on which something traded: those that the means are over' }),
      coverage,
    }),
  ),
});
