/** What is asked and answered of what was recorded and what was not. */
import { z } from 'zod';
import { instant } from './instant.ts';
import { gap, instrument, instruments, share, time } from './parts.ts';

const DATE = 'ISO date, of the days in India';
const COVERED_MAX = 50;

export const GapsQuery = z.strictObject({
  instrument: instrument.optional(),
  from: instant,
  to: instant,
});

export const GapsAnswer = z.strictObject({
  from: time,
  to: time,
  gaps: z.array(
    z.strictObject({
      feed: z.string(),
      ...gap.shape,
      instruments: z.int().meta({ description: 'How many instruments of the feed it concerns' }),
    }),
  ),
});

export const CoverageQuery = z.strictObject({
  instruments: instruments(COVERED_MAX),
  from: z.iso.date().meta({ description: DATE }),
  to: z.iso.date().meta({ description: `${DATE}; the last one` }),
  of: z.enum(['trades', 'depth']).default('trades'),
});

const missing = z.strictObject({
  from: time,
  to: time,
  cause: z
    .enum([...gap.shape.cause.options, 'not_recorded'])
    .meta({ description: '`not_recorded`: before the first and after the last that was stored of it that day' }),
});

export const CoverageAnswer = z.strictObject({
  of: z.enum(['trades', 'depth']),
  days: z.array(
    z.strictObject({
      date: z.iso.date(),
      instruments: z.array(
        z.strictObject({
          instrument: z.string(),
          feed: z.string().nullable(),
          session: z
            .strictObject({ from: time, to: time })
            .nullable()
            .meta({ description: 'Normal open to the last close; null on a day without a session' }),
          coverage: share.nullable().meta({
            description: 'Share of the session that was recorded, of what is over of it; null where nothing is',
          }),
          missing: z.array(missing),
        }),
      ),
    }),
  ),
});
