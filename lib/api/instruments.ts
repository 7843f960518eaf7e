/** What is asked and answered of instruments: the list, and how they stand now. */
import { z } from 'zod';
import { EXCHANGES, type Exchange } from '../core/exchange.ts';
import { instruments, price, quantity, time, whole } from './parts.ts';

const LIST_MAX = 500;
const LATEST_MAX = 200;

export const InstrumentsQuery = z.strictObject({
  // PostgreSQL's texts hold every character but this one.
  search: z
    .string()
    .max(100)
    .regex(/^[^\0]*$/, 'no NUL character')
    .default(''),
  subscribed: z.enum(['0', '1']).default('0'),
  limit: whole(1, LIST_MAX).default(100),
});

export const Instrument = z
  .strictObject({
    id: z.int(),
    slug: z.string().meta({ description: '`EXCHANGE:SYMBOL`' }),
    exchange: z.enum(Object.keys(EXCHANGES) as [Exchange, ...Exchange[]]),
    symbol: z.string(),
    name: z.string(),
    type: z.enum(['EQ', 'FUT', 'CE', 'PE', 'INDEX']),
    expiry: z.iso.date().nullable(),
    strike: price.nullable(),
    priceScale: z.int().meta({ description: 'Price units in a rupee' }),
    tickSize: price,
    lotSize: z.int(),
    levels: z.int().meta({ description: 'Depth recorded for it now: 200, 20, 5, or 0 where it is not subscribed' }),
  })
  .meta({ id: 'Instrument' });

export const InstrumentsAnswer = z.strictObject({ instruments: z.array(Instrument) });

export const LatestQuery = z.strictObject({ instruments: instruments(LATEST_MAX) });

export const LatestAnswer = z.strictObject({
  at: time,
  instruments: z
    .array(
      z.strictObject({
        instrument: z.string(),
        priceScale: z.int(),
        levels: z.int(),
        state: z.enum(['live', 'quiet', 'gap', 'none']).meta({
          description:
            '`live`: heard within 2 s; `quiet`: longer ago, but its feed is heard; `gap`: nobody listens to it now; `none`: no tick within a day',
        }),
        cause: z.string().nullable().meta({ description: 'Why nobody listens, where so' }),
        feed: z.string().nullable(),
        received: time.nullable(),
        ageMs: z.int().nullable(),
        lastPrice: price.nullable(),
        previousClose: price.nullable(),
        change: price.nullable(),
        volume: quantity.nullable(),
        averagePrice: price.nullable(),
        oi: quantity.nullable(),
        bid: price.nullable(),
        bidQuantity: quantity.nullable(),
        ask: price.nullable(),
        askQuantity: quantity.nullable(),
        imbalance: z.number().nullable(),
      }),
    )
    .meta({ description: 'In the order asked for' }),
});
