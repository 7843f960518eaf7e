/**
 * The two summaries that the predecessor's dashboard asked for, under its keys: futures, calls and puts of an underlying summed.
 * Prices in rupees, quantities in units. What it counted wrongly is counted rightly here; each description says what changed.
 */
import { z } from 'zod';
import { quantity, time, whole } from './parts.ts';

const UNDERLYING = z
  .string()
  .regex(/^[A-Z0-9&-]{1,20}$/, 'no name of an underlying, such as NIFTY')
  .default('NIFTY');

export const SummaryQuery = z.strictObject({ underlying: UNDERLYING });

const groups = { futures: quantity, calls: quantity, puts: quantity };
const value = z.strictObject({
  bid_value: z.number().meta({ description: 'Quantity of the five best bids x last price, over the contracts' }),
  ask_value: z.number(),
  ratio: z.number().nullable().meta({ description: 'bid / ask; null where no ask rests' }),
});

export const SummaryAnswer = z.strictObject({
  market_overview: z.strictObject({
    symbol: z.string(),
    price: z.number().nullable().meta({ description: 'Of the future that expires next' }),
    change: z.number().nullable().meta({ description: "Against the day's first price" }),
    change_pct: z.number().nullable(),
  }),
  cvd: z.strictObject({ ...groups, net_options: quantity }).meta({
    description:
      'Bought - sold since the normal open. The predecessor subtracted what nobody knows the side of, and counted the first tick as the day',
  }),
  volume: z.strictObject({ ...groups, total: quantity }).meta({
    description: "The exchange's own counters of the day. The predecessor counted changes up to three times",
  }),
  oi_changes: z
    .strictObject({ ...groups, total: quantity })
    .meta({ description: 'Last open interest - the first since the normal open' }),
  imbalance: z.strictObject({ futures: value, calls: value, puts: value }),
  metadata: z.strictObject({
    futures_count: z.int(),
    calls_count: z.int(),
    puts_count: z.int(),
    timestamp: time,
    coverage: z
      .number()
      .nullable()
      .meta({ description: 'New: share of the session so far in which the contract heard least was heard' }),
  }),
});

export const ToxicitySummaryQuery = z.strictObject({
  underlying: UNDERLYING,
  limit: whole(100, 2000).default(500).meta({ description: 'The newest ticks on which something traded' }),
});

const kind = z.enum(['FUTURES', 'CALLS', 'PUTS']);
const number = z.number().nullable();
const metrics = {
  consumption_rate: number,
  flow_intensity: number,
  depth_toxicity: number,
  kyle_lambda: number,
};
const average = z.strictObject({ ...metrics, count: z.int() });

export const ToxicitySummaryAnswer = z.strictObject({
  avg_toxicity: z.strictObject({ futures: average, calls: average, puts: average, overall: average }).meta({
    description: 'Means over the ticks. Where nothing traded the numbers are absent; the predecessor counted them as 1',
  }),
  high_toxicity_events: z.array(
    z.strictObject({
      time,
      kyle_lambda: z.number(),
      depth_toxicity: z.number(),
      flow_intensity: z.number(),
      price: z.number(),
      cvd_change: quantity,
      type: kind,
    }),
  ),
  toxicity_trend: z
    .strictObject({
      direction: z.enum(['INCREASING', 'DECREASING', 'STABLE']),
      recent_avg: number,
      previous_avg: number,
      change: number,
    })
    .meta({
      description:
        'Newer half of the ticks against the older one. The predecessor compared halves of a list sorted by value',
    }),
  ranked_instruments: z.array(
    z.strictObject({
      rank: z.int(),
      trading_symbol: z.string(),
      instrument_type: z.enum(['FUT', 'CE', 'PE']),
      strike: number,
      expiry: z.iso.date().nullable(),
      ...metrics,
      price: z.number(),
      trend: z.enum(['↑', '↓', '→']),
      trend_change: number,
      cvd_change: quantity,
      last_updated: time,
    }),
  ),
  metadata: z.strictObject({
    ticks_analyzed: z.int(),
    limit_requested: z.int(),
    futures_ticks: z.int(),
    calls_ticks: z.int(),
    puts_ticks: z.int(),
  }),
});
