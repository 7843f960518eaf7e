/** What is asked and answered of an instrument's stored books. */
import { z } from 'zod';
import { BOOK_METRICS, type BookMetric } from '../orderflow/book-metrics.ts';
import { cursor } from './cursor.ts';
import { instant } from './instant.ts';
import { WITHIN_A_DAY } from './intervals.ts';
import { coverage, gap, instrument, interval, ofInterval, price, quantity, real, share, time, whole } from './parts.ts';

const LEVELS_MAX = 200;
/** Ranks of which the order flow imbalance is told one by one. */
const RANKS_MAX = 50;
const FRAMES_MAX = 500;

export const BookQuery = z.strictObject({
  instrument,
  at: instant,
  levels: whole(1, LEVELS_MAX).default(LEVELS_MAX),
});

const level = z.tuple([price, quantity, z.int()]).meta({ id: 'Level', description: 'Price, quantity, orders' });
const levels = z.array(level).meta({ description: 'Best first' });
const bookSide = z
  .strictObject({
    received: time.nullable().meta({ description: 'When its frame came; null where there was none within a day' }),
    ageMs: z.int().nullable().meta({ description: 'How old that was at the instant asked for' }),
    count: z.int().meta({ description: 'Levels of the side, whether or not all of them were asked for' }),
    levels,
  })
  .meta({ id: 'BookSide' });

const metricsShape = Object.fromEntries(BOOK_METRICS.map((name) => [name, z.number().nullable()])) as Record<
  BookMetric,
  z.ZodNullable<z.ZodNumber>
>;

export const BookAnswer = z.strictObject({
  instrument: z.string(),
  priceScale: z.int(),
  lotSize: z.int(),
  at: time,
  feed: z.string().nullable(),
  state: z.enum(['whole', 'stale', 'gap', 'none']).meta({
    description:
      '`whole`: both sides were fresh; `stale`: a side was older than 2 s, or there is a gap between the two; `gap`: nobody listened then; `none`: no book',
  }),
  cause: gap.shape.cause.nullable(),
  bid: bookSide,
  ask: bookSide,
  metrics: z
    .strictObject(metricsShape)
    .nullable()
    .meta({ description: 'Over all levels; only of a whole book: sides of different times make no spread' }),
});

export const DepthRangeQuery = z.strictObject({
  ...interval,
  levels: whole(1, LEVELS_MAX).default(LEVELS_MAX),
  limit: whole(1, FRAMES_MAX).default(100),
  cursor: cursor.optional(),
});

export const DepthRangeAnswer = z.strictObject({
  ...ofInterval,
  frames: z.array(
    z.strictObject({
      bookTime: time.meta({ description: 'Shared by the two sides of a book' }),
      received: time,
      stampUs: z.int().meta({
        description: '`received` in µs since the epoch: with `n` and `side` it names a frame within its feed',
      }),
      n: z.int(),
      side: z.enum(['bid', 'ask']),
      count: z.int().meta({ description: 'Levels stored, whether or not all of them were asked for' }),
      levels,
    }),
  ),
  next: z.string().nullable().meta({ description: 'Cursor of the page after this one; null at the end' }),
});

const stamp = whole(0, Number.MAX_SAFE_INTEGER).meta({ description: 'µs since the epoch' });

export const DepthHistoryQuery = z.strictObject({
  instrument: whole(1, 2 ** 31 - 1).meta({ description: "The instrument's id" }),
  from: stamp,
  to: stamp,
  column_ms: whole(50, 3_600_000).default(250),
  only: z.enum(['trades']).optional().meta({ description: 'Leave the books out: what traded, and the gaps' }),
});

/** Per cent of the mid. */
const within = real(0.001, 100).meta({ description: 'Only levels at most so many per cent from the mid' });

export const ImbalanceQuery = z.strictObject({
  ...interval,
  interval: z.enum(WITHIN_A_DAY).default('1m'),
  levels: whole(1, LEVELS_MAX).default(5).meta({ description: 'Levels a side; has no say where `within` is given' }),
  within: within.optional(),
  sample_ms: whole(100, 60_000).default(1000).meta({ description: 'The book is looked at so often' }),
});

export const ImbalanceAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(WITHIN_A_DAY),
  levels: z.int().nullable(),
  within: z.number().nullable(),
  sampleMs: z.int(),
  buckets: z.array(
    z.strictObject({
      time,
      mean: z.number().meta({ description: '(bid - ask) / (bid + ask), -1 to 1; over the times looked' }),
      min: z.number(),
      max: z.number(),
      last: z.number(),
      samples: z.int().meta({ description: 'How often both sides were heard and fresh' }),
      oneSided: z
        .int()
        .meta({ description: 'Of those, how often a side was empty, as at a circuit limit: they count as 1 or -1' }),
      maxAgeMs: z.int().meta({ description: 'Age of the oldest side among them' }),
      coverage: coverage.meta({ description: 'Share of the times looked at which both sides were fresh' }),
    }),
  ),
});

export const CostQuery = z.strictObject({
  ...interval,
  interval: z.enum(WITHIN_A_DAY).default('1m'),
  lots: whole(1, 100_000).default(10).meta({ description: 'What is bought and at once sold again' }),
  sample_ms: whole(100, 60_000).default(1000).meta({ description: 'The book is looked at so often' }),
});

export const CostAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(WITHIN_A_DAY),
  lots: z.int(),
  sampleMs: z.int(),
  buckets: z.array(
    z.strictObject({
      time,
      spread: z.number().meta({ description: 'Best ask - best bid, price units; mean over the times looked' }),
      roundTripBps: z
        .number()
        .nullable()
        .meta({ description: 'Basis points of the mid, where both sides held so much; null where they never did' }),
      filled: share.meta({ description: 'Share of the samples at which both sides held so much' }),
      samples: z.int().meta({ description: 'How often both sides were there and fresh' }),
      maxAgeMs: z.int().meta({ description: 'Age of the oldest side among them' }),
      coverage: coverage.meta({ description: 'Share of the times looked at which both sides were fresh' }),
    }),
  ),
});

export const OfiQuery = z.strictObject({
  ...interval,
  interval: z.enum(WITHIN_A_DAY).default('1m'),
  levels: whole(1, RANKS_MAX).default(5),
  within: within.optional(),
  decay: real(0, 1).default(0.5).meta({ description: 'Weight of a rank against the one above it' }),
});

export const OfiAnswer = z.strictObject({
  ...ofInterval,
  interval: z.enum(WITHIN_A_DAY),
  levels: z.int(),
  within: z.number().nullable(),
  decay: z.number(),
  buckets: z.array(
    z.strictObject({
      time,
      best: quantity.meta({ description: 'Of the best quotes; positive: pressure to buy' }),
      byRank: z.array(quantity).meta({ description: 'Of each rank, the best first' }),
      scalar: z.number().meta({ description: 'Ranks weighted by decay^rank, weights summing to 1' }),
      aligned: quantity
        .nullable()
        .meta({ description: 'By price, within `within` of the mid; null where that was not given' }),
      steps: z.int().meta({ description: 'Books that were compared with the one before' }),
      maxAgeMs: z.int().meta({ description: 'Age of the oldest side among them' }),
      coverage,
    }),
  ),
});
