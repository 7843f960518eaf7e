/** What traded: bars of a second and footprint cells of a minute, and coarser ones made of them. */
import { ABSENT } from '../lib/core/absent.ts';
import type { Bar } from '../lib/orderflow/bars.ts';
import type { FlowBarRow, FootprintRow } from '../lib/orderflow/flow-rows.ts';
import type { FootprintCell } from '../lib/orderflow/footprint.ts';
import type { Client, Pool } from './connect.ts';

const US_PER_S = 1e6;

/**
 * Adds to the rows there are, and makes those there are not: within the transaction that stores the ticks they come from.
 * Two batches make of a row what one would have (lib/orderflow/bars.ts, appendBar).
 */
export async function addFlow(
  client: Client,
  { bars, cells }: { readonly bars: readonly FlowBarRow[]; readonly cells: readonly FootprintRow[] },
): Promise<void> {
  if (bars.length > 0) await addBars(client, bars);
  if (cells.length > 0) await addCells(client, cells);
}

async function addBars(client: Client, bars: readonly FlowBarRow[]): Promise<void> {
  const column = <T>(of: (bar: FlowBarRow) => T): T[] => bars.map(of);
  const present = (of: (bar: FlowBarRow) => number): (number | null)[] =>
    bars.map((bar) => (of(bar) === ABSENT ? null : of(bar)));
  await client.query(
    `INSERT INTO gehra.flow_bars AS kept (time, instrument_id, feed_id, open, high, low, close, buy, sell, unknown,
       unattributed, min_delta, max_delta, trades, value, oi, last_time)
     SELECT to_timestamp(from_s), instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed,
       min_delta, max_delta, trades, value, oi, to_timestamp(last_s)
     FROM unnest($1::float8[], $2::integer[], $3::smallint[], $4::integer[], $5::integer[], $6::integer[], $7::integer[],
       $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::integer[],
       $15::float8[], $16::bigint[], $17::float8[])
       AS b (from_s, instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed, min_delta, max_delta,
         trades, value, oi, last_s)
     ON CONFLICT (instrument_id, feed_id, time) DO UPDATE SET
       open = coalesce(kept.open, excluded.open),
       high = greatest(kept.high, excluded.high),
       low = least(kept.low, excluded.low),
       close = coalesce(excluded.close, kept.close),
       buy = kept.buy + excluded.buy,
       sell = kept.sell + excluded.sell,
       unknown = kept.unknown + excluded.unknown,
       unattributed = kept.unattributed + excluded.unattributed,
       min_delta = least(kept.min_delta, kept.buy - kept.sell + excluded.min_delta),
       max_delta = greatest(kept.max_delta, kept.buy - kept.sell + excluded.max_delta),
       trades = kept.trades + excluded.trades,
       value = kept.value + excluded.value,
       oi = coalesce(excluded.oi, kept.oi),
       last_time = excluded.last_time`,
    [
      column(({ fromUs }) => fromUs / US_PER_S),
      column(({ instrumentId }) => instrumentId),
      column(({ feedId }) => feedId),
      present(({ open }) => open),
      present(({ high }) => high),
      present(({ low }) => low),
      present(({ close }) => close),
      column(({ buy }) => buy),
      column(({ sell }) => sell),
      column(({ unknown }) => unknown),
      column(({ unattributed }) => unattributed),
      column(({ minDelta }) => minDelta),
      column(({ maxDelta }) => maxDelta),
      column(({ trades }) => trades),
      column(({ value }) => value),
      present(({ oi }) => oi),
      column(({ lastUs }) => lastUs / US_PER_S),
    ],
  );
}

async function addCells(client: Client, cells: readonly FootprintRow[]): Promise<void> {
  const column = <T>(of: (cell: FootprintRow) => T): T[] => cells.map(of);
  await client.query(
    `INSERT INTO gehra.footprint_cells AS kept (time, instrument_id, feed_id, price, buy, sell, unknown, trades)
     SELECT to_timestamp(from_s), instrument_id, feed_id, price, buy, sell, unknown, trades
     FROM unnest($1::float8[], $2::integer[], $3::smallint[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[],
       $8::integer[]) AS c (from_s, instrument_id, feed_id, price, buy, sell, unknown, trades)
     ON CONFLICT (instrument_id, feed_id, time, price) DO UPDATE SET
       buy = kept.buy + excluded.buy,
       sell = kept.sell + excluded.sell,
       unknown = kept.unknown + excluded.unknown,
       trades = kept.trades + excluded.trades`,
    [
      column(({ fromUs }) => fromUs / US_PER_S),
      column(({ instrumentId }) => instrumentId),
      column(({ feedId }) => feedId),
      column(({ price }) => price),
      column(({ buy }) => buy),
      column(({ sell }) => sell),
      column(({ unknown }) => unknown),
      column(({ trades }) => trades),
    ],
  );
}

/**
 * Feed whose ticks an instrument's flow is read from: the first of Kite's ticks, Dhan's live feed and the imported sessions
 * that saw a trade in the interval, else the one it is subscribed on; null where nobody gives it.
 *
 * @param toUs exclusive
 */
export async function flowFeedOf(db: Pool, instrumentId: number, fromUs: number, toUs: number): Promise<number | null> {
  const { rows } = await db.query<{ feed_id: number | null }>(
    `SELECT coalesce(
       (SELECT feed.feed_id FROM gehra.feeds AS feed
        WHERE feed.kind IN ('ticks', 'live', 'import') AND EXISTS (
          SELECT FROM gehra.flow_bars AS b
          WHERE b.instrument_id = $1 AND b.feed_id = feed.feed_id
            AND b.time >= to_timestamp($2::bigint / 1e6) AND b.time < to_timestamp($3::bigint / 1e6))
        ORDER BY array_position(ARRAY['ticks', 'live', 'import'], feed.kind), feed.number LIMIT 1),
       (SELECT feed_id FROM gehra.subscriptions JOIN gehra.feeds AS feed USING (feed_id)
        WHERE instrument_id = $1 AND feed.kind IN ('ticks', 'live')
        ORDER BY feed.kind = 'ticks' DESC, feed.number LIMIT 1)
     ) AS feed_id`,
    [instrumentId, fromUs, toUs],
  );
  return rows[0]?.feed_id ?? null;
}

export interface FlowQuery {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Length of a bar. */
  readonly barUs: number;
}

/** Where bars begin, as lib/orderflow/bars.ts `barStart` says: counted from 09:15 IST, none over midnight in India. */
const BUCKET = `CASE WHEN $5::bigint >= 86400000000 THEN date_trunc('day', time, 'Asia/Kolkata') ELSE greatest(
  date_bin(make_interval(secs => $5::bigint / 1e6), time, '2026-01-01 09:15:00+05:30'),
  date_trunc('day', time, 'Asia/Kolkata')) END`;
const PARAMETERS = ({ instrumentId, feedId, fromUs, toUs, barUs }: FlowQuery): number[] => [
  instrumentId,
  feedId,
  fromUs,
  toUs,
  barUs,
];
const WHERE = `instrument_id = $1 AND feed_id = $2
  AND time >= to_timestamp($3::bigint / 1e6) AND time < to_timestamp($4::bigint / 1e6)`;

/** Bars of an interval, oldest first; those in which nothing traded are left out. A test holds them to `appendBar`. */
export async function flowBars(db: Client | Pool, query: FlowQuery): Promise<Bar[]> {
  const { rows } = await db.query<Record<keyof Bar, number | null>>(
    `WITH seconds AS (SELECT *, ${BUCKET} AS bucket FROM gehra.flow_bars WHERE ${WHERE}),
       running AS (
         SELECT *, coalesce(sum(buy - sell) OVER (PARTITION BY bucket ORDER BY time
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS delta_before
         FROM seconds)
     SELECT (extract(epoch FROM bucket) * 1e6)::bigint AS "fromUs",
       (extract(epoch FROM max(last_time)) * 1e6)::bigint AS "lastUs",
       (array_agg(open ORDER BY time) FILTER (WHERE trades > 0))[1] AS open,
       max(high) AS high, min(low) AS low,
       (array_agg(close ORDER BY time DESC) FILTER (WHERE trades > 0))[1] AS close,
       sum(buy + sell + unknown)::bigint AS volume, sum(buy)::bigint AS buy, sum(sell)::bigint AS sell,
       sum(unknown)::bigint AS unknown, sum(unattributed)::bigint AS unattributed,
       least(0, min(delta_before + min_delta))::bigint AS "minDelta",
       greatest(0, max(delta_before + max_delta))::bigint AS "maxDelta",
       sum(trades)::integer AS trades, sum(value) AS value,
       (array_agg(oi ORDER BY time DESC) FILTER (WHERE oi IS NOT NULL))[1] AS oi
     FROM running GROUP BY bucket ORDER BY bucket`,
    PARAMETERS(query),
  );
  return rows.map((row) => {
    const present = (name: 'open' | 'high' | 'low' | 'close' | 'oi'): number => row[name] ?? ABSENT;
    return {
      ...(row as Bar),
      open: present('open'),
      high: present('high'),
      low: present('low'),
      close: present('close'),
      oi: present('oi'),
    };
  });
}

export interface FootprintBar {
  /** µs since the epoch. */
  readonly fromUs: number;
  /** Lowest price first. */
  readonly cells: readonly FootprintCell[];
}

/** Footprints of an interval, oldest first. `barUs` is a whole number of minutes. @param rowHeight price units */
export async function footprintBars(db: Pool, query: FlowQuery, rowHeight: number): Promise<FootprintBar[]> {
  const { rows } = await db.query<FootprintCell & { from_us: number }>(
    `SELECT (extract(epoch FROM ${BUCKET}) * 1e6)::bigint AS from_us, (floor(price / $6::float8 + 0.5) * $6)::integer AS price,
       sum(buy)::bigint AS buy, sum(sell)::bigint AS sell, sum(unknown)::bigint AS unknown, sum(trades)::integer AS trades
     FROM gehra.footprint_cells WHERE ${WHERE} GROUP BY 1, 2 ORDER BY 1, 2`,
    [...PARAMETERS(query), rowHeight],
  );
  const bars: { fromUs: number; cells: FootprintCell[] }[] = [];
  for (const { from_us, price, buy, sell, unknown, trades } of rows) {
    if (bars.at(-1)?.fromUs !== from_us) bars.push({ fromUs: from_us, cells: [] });
    bars.at(-1)?.cells.push({ price, buy, sell, unknown, trades });
  }
  return bars;
}
