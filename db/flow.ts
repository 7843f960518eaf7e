/** What traded: bars of a second, bars of a minute with their footprints, and coarser ones made of them. */
import { ABSENT } from '../lib/core/absent.ts';
import { type Bar, barStart } from '../lib/orderflow/bars.ts';
import { FLOW_MINUTE_US, type FlowBarRow, type FlowMinuteRow } from '../lib/orderflow/flow-rows.ts';
import { Footprint, type FootprintCell, rowOf } from '../lib/orderflow/footprint.ts';
import { eachPackedCell, packFootprint } from '../lib/orderflow/packed-footprint.ts';
import type { Client, Pool } from './connect.ts';
import { copyOutFields, integerLiteral } from './copy-out.ts';

const US_PER_S = 1e6;

/**
 * Adds to the rows there are, and makes those there are not: within the transaction that stores the ticks they come from.
 * Two batches make of a row what one would have (lib/orderflow/bars.ts, appendBar).
 */
export async function addFlow(
  client: Client,
  { bars, minutes }: { readonly bars: readonly FlowBarRow[]; readonly minutes: readonly FlowMinuteRow[] },
): Promise<void> {
  if (bars.length > 0) await addBars(client, bars);
  if (minutes.length > 0) await addMinutes(client, minutes);
}

const BAR_COLUMNS = `time, instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed, min_delta, max_delta,
  trades, value, oi, last_time`;
const BAR_VALUES = `to_timestamp(from_s), instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed,
  min_delta, max_delta, trades, value, oi, to_timestamp(last_s)`;
/** Numbered from 1 on. */
const GIVEN_BARS = `unnest($1::float8[], $2::integer[], $3::smallint[], $4::integer[], $5::integer[], $6::integer[], $7::integer[],
  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::integer[],
  $15::float8[], $16::bigint[], $17::float8[]) WITH ORDINALITY
  AS b (from_s, instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed, min_delta, max_delta,
    trades, value, oi, last_s, bar)`;
const APPEND_BAR = `ON CONFLICT (instrument_id, feed_id, time) DO UPDATE SET
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
  last_time = excluded.last_time`;

function barParameters(bars: readonly FlowBarRow[]): unknown[] {
  const column = <T>(of: (bar: FlowBarRow) => T): T[] => bars.map(of);
  const present = (of: (bar: FlowBarRow) => number): (number | null)[] =>
    bars.map((bar) => (of(bar) === ABSENT ? null : of(bar)));
  return [
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
  ];
}

async function addBars(client: Client, bars: readonly FlowBarRow[]): Promise<void> {
  await client.query(
    `INSERT INTO gehra.flow_bars AS kept (${BAR_COLUMNS}) SELECT ${BAR_VALUES} FROM ${GIVEN_BARS} ${APPEND_BAR}`,
    barParameters(bars),
  );
}

/**
 * Their footprints are read, added to and written back: bytes cannot be added up in SQL. Whoever else does so meanwhile has the
 * same feed, and finds its position moved: all of its transaction is undone.
 */
async function addMinutes(client: Client, minutes: readonly FlowMinuteRow[]): Promise<void> {
  const parameters = barParameters(minutes);
  const { rows: kept } = await client.query<{ bar: number; cells: Buffer }>(
    `SELECT bar::integer, kept.cells FROM unnest($1::float8[], $2::integer[], $3::smallint[]) WITH ORDINALITY
       AS b (from_s, instrument_id, feed_id, bar)
     JOIN gehra.flow_minutes AS kept ON kept.instrument_id = b.instrument_id AND kept.feed_id = b.feed_id
       AND kept.time = to_timestamp(from_s)
     FOR UPDATE OF kept`,
    parameters.slice(0, 3),
  );
  const footprints = minutes.map(({ footprint }) => {
    const sum = new Footprint(1);
    sum.merge(footprint);
    return sum;
  });
  for (const { bar, cells } of kept) {
    const footprint = footprints[bar - 1] as Footprint;
    eachPackedCell(cells, (...cell) => footprint.addCell(...cell));
  }
  await client.query(
    `INSERT INTO gehra.flow_minutes AS kept (${BAR_COLUMNS}, cells)
     SELECT ${BAR_VALUES}, ($18::bytea[])[bar] FROM ${GIVEN_BARS} ${APPEND_BAR}, cells = excluded.cells`,
    [...parameters, footprints.map((footprint) => packFootprint(footprint.rows()))],
  );
}

/**
 * Feed whose ticks an instrument's flow is read from: the first of Kite's ticks, Dhan's live feed and the imported sessions
 * that saw a trade in the interval, else the one it is subscribed on; null where nobody gives it.
 *
 * @param toUs exclusive
 */
export async function flowFeedOf(
  db: Client | Pool,
  instrumentId: number,
  fromUs: number,
  toUs: number,
): Promise<number | null> {
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
const SELECTED = `SELECT ${BAR_COLUMNS} FROM`;
const OF_FEED = 'instrument_id = $1 AND feed_id = $2';
const within = (from: string, to: string): string =>
  `time >= to_timestamp(${from}::bigint / 1e6) AND time < to_timestamp(${to}::bigint / 1e6)`;
/** Of the bars of a second. */
const SECONDS = `${SELECTED} gehra.flow_bars WHERE ${OF_FEED} AND ${within('$3', '$4')}`;
/** Whole minutes ($6 to $7) of the bars of a minute, and the seconds before and behind them. */
const MINUTES = `${SELECTED} gehra.flow_minutes WHERE ${OF_FEED} AND ${within('$6', '$7')}
  UNION ALL ${SELECTED} gehra.flow_bars WHERE ${OF_FEED} AND ${within('$3', '$6')}
  UNION ALL ${SELECTED} gehra.flow_bars WHERE ${OF_FEED} AND ${within('$7', '$4')}`;

/** Bars of an interval, oldest first; those in which nothing traded are left out. A test holds them to `appendBar`. */
export async function flowBars(
  db: Client | Pool,
  { instrumentId, feedId, fromUs, toUs, barUs }: FlowQuery,
): Promise<Bar[]> {
  const firstMinuteUs = Math.ceil(fromUs / FLOW_MINUTE_US) * FLOW_MINUTE_US;
  const lastMinuteUs = Math.floor(toUs / FLOW_MINUTE_US) * FLOW_MINUTE_US;
  const ofMinutes = barUs % FLOW_MINUTE_US === 0 && firstMinuteUs < lastMinuteUs;
  if (ofMinutes && barUs === FLOW_MINUTE_US) {
    const part = { instrumentId, feedId, barUs };
    const before = fromUs < firstMinuteUs ? await flowBars(db, { ...part, fromUs, toUs: firstMinuteUs }) : [];
    const minutes = await minuteBars(db, minutesOf(instrumentId, feedId, firstMinuteUs, lastMinuteUs));
    const behind = lastMinuteUs < toUs ? await flowBars(db, { ...part, fromUs: lastMinuteUs, toUs }) : [];
    return [...before, ...minutes, ...behind];
  }
  const source = ofMinutes ? MINUTES : SECONDS;
  const { rows } = await db.query<Record<keyof Bar, number | null>>(
    `WITH kept AS (SELECT *, ${BUCKET} AS bucket FROM (${source}) AS finest),
       running AS (
         SELECT *, coalesce(sum(buy - sell) OVER (PARTITION BY bucket ORDER BY time
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS delta_before
         FROM kept)
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
    [instrumentId, feedId, fromUs, toUs, barUs, ...(ofMinutes ? [firstMinuteUs, lastMinuteUs] : [])],
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

/** Rows of minutes, as the end of a SELECT that `copyOutFields` can run. */
function minutesOf(...given: [instrumentId: number, feedId: number, fromUs: number, toUs: number]): string {
  const [instrument, feed, from, to] = given.map(integerLiteral) as [string, string, string, string];
  return `FROM gehra.flow_minutes WHERE instrument_id = ${instrument} AND feed_id = ${feed} AND ${within(from, to)} ORDER BY time`;
}

/** As they are kept: nothing is to be summed. */
async function minuteBars(db: Client | Pool, source: string): Promise<Bar[]> {
  const row = await copyOutFields(
    db,
    `SELECT time, last_time, open, high, low, close, buy + sell + unknown, buy, sell, unknown, unattributed, min_delta, max_delta,
       trades, value, oi ${source}`,
  );
  const bars: Bar[] = [];
  while (row.next()) {
    bars.push({
      fromUs: row.timestampUs(),
      lastUs: row.timestampUs(),
      open: row.integer(),
      high: row.integer(),
      low: row.integer(),
      close: row.integer(),
      volume: row.integer(),
      buy: row.integer(),
      sell: row.integer(),
      unknown: row.integer(),
      unattributed: row.integer(),
      minDelta: row.integer(),
      maxDelta: row.integer(),
      trades: row.integer(),
      value: row.double(),
      oi: row.integer(),
    });
  }
  return bars;
}

export interface FootprintBar {
  /** µs since the epoch. */
  readonly fromUs: number;
  /** Lowest price first. */
  readonly cells: readonly FootprintCell[];
}

/** Footprints of an interval, oldest first. `barUs` is a whole number of minutes. @param rowHeight price units */
export async function footprintBars(
  db: Pool,
  { instrumentId, feedId, fromUs, toUs, barUs }: FlowQuery,
  rowHeight: number,
): Promise<FootprintBar[]> {
  const row = await copyOutFields(db, `SELECT time, cells ${minutesOf(instrumentId, feedId, fromUs, toUs)}`);
  const bars: { fromUs: number; minutes: number; cells: FootprintCell[] }[] = [];
  while (row.next()) {
    const start = barStart(row.timestampUs(), barUs);
    const packed = row.bytes();
    // Of what was traded across a gap nobody knows a price.
    if (packed.length === 0) continue;
    let bar = bars.at(-1);
    if (bar?.fromUs !== start) {
      bar = { fromUs: start, minutes: 0, cells: [] };
      bars.push(bar);
    }
    bar.minutes += 1;
    const { cells } = bar;
    let last = cells.at(-1);
    eachPackedCell(packed, (at, buy, sell, unknown, trades) => {
      const price = rowOf(at, rowHeight);
      if (last?.price !== price) {
        last = { price, buy, sell, unknown, trades };
        cells.push(last);
        return;
      }
      last.buy += buy;
      last.sell += sell;
      last.unknown += unknown;
      last.trades += trades;
    });
  }
  return bars.map(({ fromUs: start, minutes, cells }) => ({
    fromUs: start,
    // A minute's are in order, and none of them comes twice.
    cells: minutes === 1 ? cells : summedCells(cells, rowHeight),
  }));
}

function summedCells(cells: readonly FootprintCell[], rowHeight: number): FootprintCell[] {
  const sum = new Footprint(rowHeight);
  for (const { price, buy, sell, unknown, trades } of cells) sum.addCell(price, buy, sell, unknown, trades);
  return sum.rows();
}
