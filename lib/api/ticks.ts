/** What is asked and answered of stored ticks, one by one. */
import { z } from 'zod';
import { CONFIDENCE } from '../orderflow/aggressor-rules.ts';
import { cursor } from './cursor.ts';
import { interval, ofInterval, price, quantity, time, whole } from './parts.ts';

const PAGE_MAX = 5000;
const PRICE_MAX = 2 ** 31 - 1;
const QUANTITY_MAX = 1_000_000_000_000;

const page = {
  ...interval,
  side: z.enum(['buy', 'sell', 'unknown']).optional().meta({ description: 'Who initiated the trade' }),
  min_quantity: whole(0, QUANTITY_MAX).optional().meta({ description: 'Units traded since the tick before' }),
  max_quantity: whole(0, QUANTITY_MAX).optional(),
  min_price: whole(0, PRICE_MAX).optional().meta({ description: 'Price units' }),
  max_price: whole(0, PRICE_MAX).optional(),
  min_confidence: whole(0, CONFIDENCE.told).optional().meta({
    description:
      'Of the side: 4 told by an imported recording, 3 at or through the touch, 2 inside the spread, 1 tick test, 0 unknown',
  }),
  order: z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'What comes first' }),
  limit: whole(1, PAGE_MAX).default(500),
  cursor: cursor.optional(),
};

export const TicksQuery = z.strictObject(page);
export const TapeQuery = z.strictObject(page);

const next = z.string().nullable().meta({ description: 'Cursor of the page after this one; null at the end' });
const stampUs = z
  .int()
  .meta({ description: '`time` in µs since the epoch: stamp and `n` name a tick within its feed' });
const side = z.enum(['buy', 'sell', 'unknown']);
const confidence = z.int().min(0).max(CONFIDENCE.told);

export const TapeAnswer = z.strictObject({
  ...ofInterval,
  trades: z.array(
    z.strictObject({
      time,
      stampUs,
      n: z.int().meta({ description: 'Place in its frame' }),
      price,
      quantity,
      side,
      confidence,
      oi: quantity.nullable(),
    }),
  ),
  next,
});

const levels = z.array(z.tuple([price, quantity, z.int()])).nullable();
const whole64 = quantity.nullable();

export const TicksAnswer = z.strictObject({
  ...ofInterval,
  ticks: z.array(
    z.strictObject({
      time,
      stampUs,
      n: z.int(),
      mode: z.enum(['ltp', 'quote', 'full', 'index', 'oi', 'previousClose']),
      lastPrice: price.nullable(),
      lastQuantity: whole64,
      averagePrice: price.nullable(),
      open: price.nullable(),
      high: price.nullable(),
      low: price.nullable(),
      close: price.nullable(),
      volume: whole64,
      buyQuantity: whole64,
      sellQuantity: whole64,
      oi: whole64,
      oiDayHigh: whole64,
      oiDayLow: whole64,
      lastTradeTime: time.nullable(),
      exchangeTime: time.nullable(),
      bids: levels.meta({ description: 'Price, quantity, orders; best first; null where the tick has no book' }),
      asks: levels,
      mid: z.number().nullable(),
      spread: price.nullable(),
      spreadOverLast: z.number().nullable(),
      bidDepth: whole64,
      askDepth: whole64,
      imbalance: z.number().nullable(),
      volumeDelta: whole64.meta({ description: 'Since the tick before; null at the first and after a gap' }),
      volumeUnattributed: whole64.meta({ description: 'Traded across a gap' }),
      oiDelta: whole64,
      priceDelta: price.nullable(),
      side,
      confidence,
      signedVolume: whole64,
    }),
  ),
  next,
});
