/** What is asked and answered of the days that were compared with what the broker says of them. */
import { z } from 'zod';
import { OUTCOMES } from '../orderflow/coverage-days.ts';
import { ofInterval, price, quantity, share, time } from './parts.ts';

export const ReconciliationQuery = z.strictObject({
  day: z.iso.date('is no day of the form 2026-11-25').meta({ description: 'ISO date, of the days in India' }),
});

const numbers = z
  .strictObject({
    open: price.nullable(),
    high: price.nullable(),
    low: price.nullable(),
    close: price.nullable(),
    volume: quantity,
    oi: quantity.nullable(),
  })
  .meta({ id: 'DayNumbers' });

export const ReconciliationAnswer = z.strictObject({
  day: z.iso.date(),
  count: z.int().meta({ description: 'Instruments and feeds there are of the day; at most 500 of them are listed' }),
  instruments: z
    .array(
      z.strictObject({
        instrument: z.string(),
        feed: z.string(),
        priceScale: ofInterval.priceScale,
        coverage: share
          .nullable()
          .meta({ description: 'Share of the trading hours that was heard; null where there were none' }),
        outcome: z.enum(OUTCOMES),
        until: time.nullable().meta({ description: 'Up to when the day was compared; null where it was not' }),
        final: z.boolean(),
        ours: numbers.nullable(),
        broker: numbers.nullable(),
        volume: z
          .strictObject({ difference: quantity, inGaps: quantity, unexplained: quantity })
          .nullable()
          .meta({ description: "The broker's volume less ours: in all, in minutes of gaps, and what is left" }),
        unattributed: quantity.nullable(),
        differences: z.array(
          z.strictObject({
            what: z.enum(['open', 'high', 'low', 'close', 'volume', 'oi']),
            ours: z.number().nullable(),
            broker: z.number().nullable(),
            because: z
              .enum(['gap', 'between_ticks', 'minute_edges'])
              .nullable()
              .meta({ description: 'Null: nothing explains it' }),
          }),
        ),
        gaps: z.array(
          z.strictObject({
            from: time,
            to: time,
            seconds: z.number(),
            cause: z.string(),
            brokerVolume: quantity
              .nullable()
              .meta({ description: 'Traded in its minutes, by the broker; null where the day was not compared yet' }),
          }),
        ),
        gapCount: z.int().meta({ description: 'Gaps there are, also those that are not listed' }),
        missingMinutes: z.strictObject({ count: z.int(), first: z.array(time) }).meta({
          description: 'Minutes outside of gaps in which the broker says something traded, and we have nothing',
        }),
      }),
    )
    .meta({ description: 'The worst first' }),
});

export const MonthQuery = z.strictObject({
  month: z
    .string()
    .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'is no month of the form 2026-11')
    .meta({ description: 'A month of the form 2026-11' }),
});

export const MonthAnswer = z.strictObject({
  month: z.string(),
  today: z.iso.date().meta({ description: 'Today in India' }),
  days: z.array(
    z.strictObject({
      date: z.iso.date(),
      trading: z.boolean().meta({ description: 'Whether anything is traded by the calendar' }),
      name: z.string().meta({ description: 'Of a holiday or a special session; empty for ordinary days' }),
      found: z
        .strictObject({
          instruments: z.int(),
          coverage: share.nullable().meta({ description: "Mean of the instruments' coverage" }),
          least: share.nullable(),
          equal: z.int(),
          explained: z.int(),
          differs: z.int(),
          noCandles: z.int(),
        })
        .nullable()
        .meta({ description: 'Null where the day has not been compared' }),
    }),
  ),
});
