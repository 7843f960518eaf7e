/** What many requests and answers have in common. Prices in price units, quantities in units, times in IST. */
import { z } from 'zod';
import type { GapCause } from '../core/gap.ts';
import { instant } from './instant.ts';

/** Longest slug of an instrument. */
const SLUG_LENGTH_MAX = 80;

const EXAMPLE = 'NFO:NIFTY26DECFUT';
const slug = z.string().min(1).max(SLUG_LENGTH_MAX);

/** `EXCHANGE:SYMBOL` */
export const instrument = slug.meta({ description: '`EXCHANGE:SYMBOL`', examples: [EXAMPLE] });

/** Slugs with commas between them, each once. */
export const instruments = (most: number) =>
  z
    .string()
    .min(1)
    .max(most * (SLUG_LENGTH_MAX + 1))
    .meta({
      description: `\`EXCHANGE:SYMBOL\`, at most ${most} with commas between them`,
      examples: [`${EXAMPLE},NSE:SBIN`],
    })
    .transform((text, context): readonly string[] => {
      const slugs = text.split(',').map((one) => one.trim().toUpperCase());
      const fault = slugs.some((one) => !slug.safeParse(one).success)
        ? 'one of the instruments is empty or too long'
        : new Set(slugs).size < slugs.length
          ? 'an instrument stands there twice'
          : slugs.length > most
            ? `at most ${most} instruments a request`
            : null;
      if (fault === null) return slugs;
      context.addIssue({ code: 'custom', message: fault });
      return z.NEVER;
    });

/** Digits as people write them: JavaScript has nothing for 0, and takes `0x10`, `1e3` and blanks around a number. */
const filled = (value: number | string): number | string =>
  typeof value === 'string' && !/^-?\d+(\.\d+)?$/.test(value) ? Number.NaN : value;

/** A whole number in a query. */
export const whole = (least: number, most: number) =>
  z.preprocess(filled, z.coerce.number<number | string>().int().min(least).max(most));

/** A number in a query. */
export const real = (least: number, most: number) =>
  z.preprocess(filled, z.coerce.number<number | string>().min(least).max(most));

/** An instrument over an interval. */
export const interval = {
  instrument,
  from: instant,
  /** Exclusive. */
  to: instant,
};

/** An instant in an answer: ISO 8601 in IST with its offset. */
export const time = z.iso.datetime({ offset: true });

export const price = z.int();
export const quantity = z.int();
/** 0 to 1. */
export const share = z.number().min(0).max(1);
/** Share of a row's time in which the feed was heard. */
export const coverage = share.meta({
  description:
    'Share of the time in which the feed was heard, 0 to 1: the time before recording began, gaps, and what is not stored yet take from it; that the market was closed does not',
});

const CAUSES = [
  'disconnected',
  'silent',
  'auth',
  'limit',
  'network',
  'collector_down',
  'discarded',
  'resubscribed',
  'market_closed',
] as const satisfies readonly GapCause[];

/** When nobody listened; `to` is null while the gap is open. */
export const gap = z
  .strictObject({ from: time, to: time.nullable(), cause: z.enum(CAUSES) })
  .meta({ id: 'Gap', description: 'When nobody listened, and why; `to` is null while the gap is open' });

/** What every answer over an interval says of itself. */
export const ofInterval = {
  instrument: z.string(),
  priceScale: z.int().meta({ description: 'Price units in a rupee' }),
  feed: z.string().nullable().meta({ description: 'Feed it was made of; null where none gives the instrument' }),
  from: time,
  to: time,
  completeTo: time.meta({
    description: 'Everything before this instant is stored: later answers may differ after it',
  }),
  gaps: z.array(gap).meta({
    description:
      'When nobody listened: nothing traded there is in the numbers but `unattributed`. The time before recording began is no gap; `coverage` counts it as not heard',
  }),
};

/** What a service returns for a schema: nobody changes an answer. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;
