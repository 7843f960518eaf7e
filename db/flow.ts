/** What traded: bars of a second and footprint cells of a minute, and coarser ones made of them. */
import { ABSENT } from '../lib/core/absent.ts';
import type { FlowBarRow, FootprintRow } from '../lib/orderflow/flow-rows.ts';
import type { Client } from './connect.ts';

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
