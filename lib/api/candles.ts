/** What is asked and answered of the brokers' historical candles, their downloads, and futures joined over their expiries. */
import { z } from 'zod';
import { TIMEFRAME_NAMES } from '../core/candles.ts';
import { ADJUSTMENTS, ROLL_RULES } from '../orderflow/continuous.ts';
import { instant } from './instant.ts';
import { instrument, interval, ofInterval, price, quantity, share, time } from './parts.ts';

/** Instruments that one request may ask downloads of. */
const ASKED_MAX = 200;

const timeframe = z.enum(TIMEFRAME_NAMES);
const broker = z.enum(['kite', 'dhan']);

export const CandlesQuery = z.strictObject({
  ...interval,
  interval: timeframe.default('minute'),
  source: broker.optional().meta({ description: "Default: Kite's where there are any, else Dhan's" }),
});

export const CandlesAnswer = z.strictObject({
  instrument: z.string(),
  priceScale: ofInterval.priceScale,
  interval: timeframe,
  from: time,
  to: time,
  source: broker.nullable().meta({ description: "Whose candles these are; null where nobody's are stored" }),
  stored: z
    .strictObject({ kite: z.int(), dhan: z.int() })
    .meta({ description: 'How many candles of the interval each broker gave' }),
  recordedFrom: time.nullable().meta({
    description: 'When the first trade was recorded here: bars of our own begin there; null where none was',
  }),
  candles: z.array(
    z.strictObject({
      time,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: quantity,
      oi: quantity.nullable(),
      source: broker,
    }),
  ),
});

export const DownloadsQuery = z.strictObject({});

export const DownloadsAnswer = z.strictObject({
  downloads: z.array(
    z.strictObject({
      id: z.int(),
      instrument: z.string(),
      source: broker,
      interval: timeframe,
      from: time,
      to: time,
      state: z
        .enum(['waiting', 'done', 'failed', 'cancelled'])
        .meta({ description: 'A cancelled one keeps what it has, and can be gone on with' }),
      progress: share.meta({ description: 'Share of the time asked for that is stored, 0 to 1' }),
      received: z.int(),
      changed: z.int(),
      refused: z.int().meta({ description: 'Candles that no market can have made: not stored' }),
      failure: z.string().nullable().meta({ description: 'Why it does not go on; null where it does' }),
      askedBy: z.string(),
      movedAt: time,
    }),
  ),
});

/** The body of a POST. */
export const DownloadBody = z.strictObject({
  instruments: z.array(instrument).min(1).max(ASKED_MAX),
  from: instant,
  to: instant,
  interval: timeframe.default('minute'),
  /** Default: Kite where it is configured and lists the instrument, else Dhan. */
  source: broker.optional(),
});

/** The body of the POST that cancels a download, and of the one that goes on with it. */
export const DownloadId = z.strictObject({ id: z.int().min(1).max(2_147_483_647) });

/** Lengths that both our bars and the brokers' candles come in. */
const joined = z.enum(['1m', '5m', '15m', '1h', '1d']);
const roll = z.enum(ROLL_RULES);
const adjust = z.enum(ADJUSTMENTS);
const joinedSource = z.enum(['recorded', ...broker.options]);

export const ContinuousQuery = z.strictObject({
  ...interval,
  interval: joined.default('1d'),
  roll: roll.default('expiry'),
  adjust: adjust.default('none'),
  source: joinedSource
    .default('recorded')
    .meta({ description: "Our own bars, or a broker's candles as they were downloaded" }),
});

export const ContinuousAnswer = z.strictObject({
  name: z.string(),
  priceScale: ofInterval.priceScale,
  from: time,
  to: time,
  interval: joined,
  roll,
  adjust,
  source: joinedSource,
  contracts: z
    .array(z.strictObject({ instrument: z.string(), expiry: z.iso.date() }))
    .meta({ description: 'In the order of their expiries; those without a bar in it too' }),
  rolls: z.array(
    z.strictObject({
      time,
      from: z.string(),
      to: z.string(),
      difference: z.number(),
      ratio: z.number(),
      basis: z.enum(['same_day', 'adjacent']),
    }),
  ),
  bars: z
    .array(
      z.strictObject({
        time,
        contract: z.string(),
        open: z.number(),
        high: z.number(),
        low: z.number(),
        close: z.number(),
        volume: quantity,
        oi: quantity.nullable(),
      }),
    )
    .meta({ description: 'Adjusted prices may be no whole ones, and may be negative' }),
});
