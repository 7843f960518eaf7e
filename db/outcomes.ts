/** What signals were worth: measuring, and the sums that a report card is made of. */
import { HORIZONS_S, type Moment, type Outcome, type Touch } from '../lib/signals/outcome.ts';
import type { HourSums } from '../lib/signals/report-card.ts';
import type { Signal, SignalKind } from '../lib/signals/signal.ts';
import type { Client, Pool } from './connect.ts';

/** A signal of which something is still to be measured. */
export interface Unmeasured extends Pick<Signal, 'id' | 'kind' | 'side' | 'instrumentId' | 'feedId'> {
  /** When it was first told. */
  readonly timeUs: number;
  /** 0: nothing is measured yet, 1: its own outcome is. */
  readonly measured: 0 | 1;
  /** Mean time between two frames of a side, ms. */
  readonly frameMs: number;
  readonly exchange: string;
  readonly tickSize: number;
}

const US = (column: string): string => `(extract(epoch FROM ${column}) * 1e6)::bigint`;

/** Those that lie before their feed's position, oldest first. @param after only those behind this one */
export async function unmeasuredSignals(
  db: Client,
  after: Pick<Unmeasured, 'id' | 'timeUs'> | null,
  limit: number,
): Promise<Unmeasured[]> {
  const { rows } = await db.query<Unmeasured>(
    `SELECT signal_id AS id, kind, side, instrument_id AS "instrumentId", s.feed_id AS "feedId", ${US('s.time')} AS "timeUs",
       measured, (quality ->> 'frameMs')::float8 AS "frameMs", exchange, tick_size AS "tickSize"
     FROM gehra.signals AS s JOIN gehra.instruments USING (instrument_id)
     JOIN gehra.feed_positions AS p ON p.feed_id = s.feed_id AND s.time <= to_timestamp(p.position / 1e6)
     WHERE measured < 2
       AND ($1::bigint IS NULL OR (s.time, signal_id) > (to_timestamp($1::bigint / 1e6), $2::text))
     ORDER BY s.time, signal_id LIMIT $3`,
    [after?.timeUs ?? null, after?.id ?? null, limit],
  );
  return rows;
}

interface BestPrice {
  readonly place: number;
  readonly side: number;
  readonly price: number | null;
}

/**
 * The best prices that stood at each instant, by its place: of the newest frame of each side received until then, and not older
 * than `staleUs`; null where a side has none.
 */
export async function touchesAt(
  db: Client,
  of: Pick<Signal, 'instrumentId' | 'feedId'>,
  instantsUs: readonly number[],
  staleUs: number,
): Promise<(Touch | null)[]> {
  const { rows } = await db.query<BestPrice>(
    `SELECT asked.place::integer AS place, wanted.side, frame.prices[1] AS price
     FROM unnest($3::bigint[]) WITH ORDINALITY AS asked (us, place)
     CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS wanted (side)
     CROSS JOIN LATERAL (
       SELECT prices FROM gehra.depth_snapshots AS d
       WHERE d.instrument_id = $1 AND d.feed_id = $2 AND d.side = wanted.side
         AND d.book_time <= to_timestamp(us / 1e6) AND d.time <= to_timestamp(us / 1e6)
         AND d.book_time > to_timestamp((us - $4::bigint) / 1e6)
       ORDER BY d.book_time DESC, d.time DESC, d.n DESC LIMIT 1) AS frame`,
    [of.instrumentId, of.feedId, instantsUs, staleUs],
  );
  const prices = new Map(rows.map(({ place, side, price }) => [2 * (place - 1) + side, price]));
  return instantsUs.map((_, i) => {
    const [bid, ask] = [prices.get(2 * i) ?? null, prices.get(2 * i + 1) ?? null];
    return bid === null || ask === null ? null : { bid, ask };
  });
}

/** A row of gehra.signal_outcomes. */
export interface Sample {
  /** 0: the signal itself; from 1 on a random time. */
  readonly number: number;
  readonly moment: Pick<Moment, 'atUs' | 'direction'>;
  readonly outcome: Outcome;
}

/** Stores what was measured of a signal and that it was, in one step; what is there already stays as it is. */
export async function storeOutcomes(
  db: Client,
  signalId: string,
  measured: 1 | 2,
  samples: readonly Sample[],
): Promise<void> {
  await db.query('BEGIN');
  try {
    for (const { number, moment, outcome } of samples) {
      await db.query(
        `INSERT INTO gehra.signal_outcomes (signal_id, sample, time, direction, mid, half_spread, later_mids, net_ticks, net_bps, reasons)
         SELECT signal_id, $2, to_timestamp($3::bigint / 1e6), $4, $5, $6, $7, $8, $9, $10 FROM gehra.signals WHERE signal_id = $1
         ON CONFLICT DO NOTHING`,
        [
          signalId,
          number,
          moment.atUs,
          moment.direction,
          outcome.mid,
          outcome.halfSpread,
          outcome.laterMids,
          outcome.ticks,
          outcome.bps,
          outcome.reasons,
        ],
      );
    }
    await db.query('UPDATE gehra.signals SET measured = $2 WHERE signal_id = $1 AND measured < $2', [
      signalId,
      measured,
    ]);
    await db.query('COMMIT');
  } catch (error) {
    // Where the connection is gone the server rolls back by itself, and the first error says more than the second.
    await db.query('ROLLBACK').catch((second: Error) => {
      if (error instanceof Error) error.cause ??= second;
    });
    throw error;
  }
}

/** Length of a row of gehra.depth_states, µs. */
const STATE_US = 10_000_000;
/** Levels a side that pressure is of, as the predecessor counted. */
const STATE_LEVELS = 40;

/**
 * Adds the rows of gehra.depth_states that are missing before each feed's position: of the last `lookBackUs`, at most. A row says
 * what stood at its time and what came in the 10 s before it.
 *
 * @returns how many
 */
export async function storeDepthStates(db: Client, nowUs: number, lookBackUs: number): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO gehra.depth_states (time, instrument_id, feed_id, best_bid, bid_orders, ask_orders)
     SELECT to_timestamp((slot + 1) * ($4::bigint / 1e6)), i.instrument_id, p.feed_id,
       (array_agg(prices[1] ORDER BY book_time DESC, time DESC) FILTER (WHERE side = 0))[1],
       sum(orders) FILTER (WHERE side = 0), sum(orders) FILTER (WHERE side = 1)
     FROM gehra.feeds JOIN gehra.feed_positions AS p USING (feed_id) JOIN gehra.subscriptions AS i USING (feed_id)
     CROSS JOIN LATERAL (
       SELECT coalesce((extract(epoch FROM max(time)) * 1e6)::bigint / $4::bigint, 0) AS next FROM gehra.depth_states AS s
       WHERE s.instrument_id = i.instrument_id AND s.feed_id = p.feed_id
         AND s.time > to_timestamp(($1::bigint - $2::bigint) / 1e6)) AS done
     CROSS JOIN LATERAL (
       SELECT d.side, d.prices[1:1] AS prices, d.book_time, d.time, (extract(epoch FROM d.book_time) * 1e6)::bigint / $4::bigint AS slot,
         (SELECT coalesce(sum(number), 0) FROM unnest(d.orders[1:$3]) AS number) AS orders
       FROM gehra.depth_snapshots AS d
       WHERE d.instrument_id = i.instrument_id AND d.feed_id = p.feed_id AND d.side IN (0, 1)
         AND d.book_time >= to_timestamp(greatest(done.next * $4::bigint, $1::bigint - $2::bigint) / 1e6)
         AND d.book_time < to_timestamp((least(p.position, $1::bigint) / $4::bigint) * ($4::bigint / 1e6))) AS frame
     WHERE kind = 'depth200' AND slot >= done.next
     GROUP BY slot, i.instrument_id, p.feed_id
     HAVING count(prices[1]) FILTER (WHERE side = 0) > 0 AND count(prices[1]) FILTER (WHERE side = 1) > 0
     ON CONFLICT DO NOTHING`,
    [nowUs, lookBackUs, STATE_LEVELS, STATE_US],
  );
  return rowCount ?? 0;
}

/** By what outcomes are put together. */
export type Grouping = 'all' | 'instrument' | 'hour' | 'version';

export interface OutcomesAsked {
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly instrumentIds: readonly number[] | null;
  readonly kinds: readonly SignalKind[] | null;
  readonly detectors: 'own' | 'predecessor' | 'all';
  /** Those of a backtest, and not those found live. */
  readonly backtestId?: number;
}

/** Of the signals of a group, or of their random times; null where there is nothing. */
export interface Spread {
  readonly n: number;
  readonly meanBps: number | null;
  readonly medianBps: number | null;
  readonly meanTicks: number | null;
  readonly medianTicks: number | null;
  /** With a net markout above 0. */
  readonly hits: number;
}

export interface OutcomeGroup {
  readonly kind: SignalKind;
  readonly of: 'own' | 'predecessor';
  /** '', an instrument's id, an hour in India (`09`), or a detector with its version and parameters. */
  readonly key: string;
  readonly horizonS: number;
  readonly signals: Spread;
  readonly random: Spread;
  /** Signals without an outcome, by reason. */
  readonly missing: Readonly<Record<'outside_session' | 'gap' | 'no_book', number>>;
  readonly sums: HourSums;
}

const KEYS: Readonly<Record<Grouping, string>> = {
  all: `''`,
  instrument: 's.instrument_id::text',
  hour: `to_char(s.time AT TIME ZONE 'Asia/Kolkata', 'HH24')`,
  version: `s.detector || ' ' || s.parameters`,
};

const spread = (which: string): string => `jsonb_build_object(
  'n', count(bps) FILTER (WHERE ${which}), 'meanBps', avg(bps) FILTER (WHERE ${which}),
  'medianBps', percentile_cont(0.5) WITHIN GROUP (ORDER BY bps) FILTER (WHERE ${which}),
  'meanTicks', avg(ticks) FILTER (WHERE ${which}),
  'medianTicks', percentile_cont(0.5) WITHIN GROUP (ORDER BY ticks) FILTER (WHERE ${which}),
  'hits', count(*) FILTER (WHERE ${which} AND bps > 0))`;

const LIVE = 'gehra.signals AS s JOIN gehra.signal_outcomes AS o USING (signal_id)';
const OF_BACKTEST = 'gehra.backtest_signals AS s JOIN gehra.backtest_outcomes AS o USING (backtest_id, signal_id)';

/** Outcomes of signals first told in an interval, by kind, whose they are, and `by`; in that order, each at each horizon. */
export async function outcomeGroups(db: Pool, by: Grouping, asked: OutcomesAsked): Promise<OutcomeGroup[]> {
  const { backtestId } = asked;
  const { rows } = await db.query<OutcomeGroup>(
    `WITH each AS MATERIALIZED (
       SELECT s.signal_id, s.kind, CASE WHEN starts_with(s.detector, 'predecessor') THEN 'predecessor' ELSE 'own' END AS of,
         ${KEYS[by]} AS key, s.instrument_id, date_bin('1 hour', s.time, '2000-01-01 00:30Z') AS hour, o.sample, h.at,
         o.net_bps[h.at] AS bps, o.net_ticks[h.at] AS ticks, o.reasons[h.at] AS reason
       FROM ${backtestId === undefined ? LIVE : OF_BACKTEST}
       CROSS JOIN generate_series(1, ${HORIZONS_S.length}) AS h (at)
       WHERE s.time >= to_timestamp($1::bigint / 1e6) AND s.time < to_timestamp($2::bigint / 1e6)
         AND ($3::integer[] IS NULL OR s.instrument_id = ANY ($3)) AND ($4::text[] IS NULL OR s.kind = ANY ($4))
         AND ($5 = 'all' OR starts_with(s.detector, 'predecessor') = ($5 = 'predecessor'))
         AND ($7::bigint IS NULL OR ${backtestId === undefined ? 'false' : 's.backtest_id = $7'})
     ), spreads AS (
       SELECT kind, of, key, at, ${spread('sample = 0')} AS signals, ${spread('sample > 0')} AS random,
         jsonb_build_object('outside_session', count(*) FILTER (WHERE sample = 0 AND reason = 'outside_session'),
           'gap', count(*) FILTER (WHERE sample = 0 AND reason = 'gap'),
           'no_book', count(*) FILTER (WHERE sample = 0 AND reason = 'no_book')) AS missing
       FROM each GROUP BY kind, of, key, at
     ), differences AS (
       SELECT kind, of, key, at, instrument_id, hour,
         max(bps) FILTER (WHERE sample = 0) - avg(bps) FILTER (WHERE sample > 0) AS d
       FROM each GROUP BY signal_id, kind, of, key, at, instrument_id, hour
     ), hours AS (
       SELECT kind, of, key, at, sum(d) AS s, count(d) AS n FROM differences WHERE d IS NOT NULL
       GROUP BY kind, of, key, at, instrument_id, hour
     ), sums AS (
       SELECT kind, of, key, at, jsonb_build_object('hours', count(*), 'n', sum(n), 's', sum(s), 'ss', sum(s * s), 'sn', sum(s * n),
         'nn', sum(n * n)) AS sums
       FROM hours GROUP BY kind, of, key, at
     )
     SELECT kind, of, key, ($6::integer[])[at] AS "horizonS", signals, random, missing,
       coalesce(sums, '{"hours": 0, "n": 0, "s": 0, "ss": 0, "sn": 0, "nn": 0}') AS sums
     FROM spreads LEFT JOIN sums USING (kind, of, key, at) ORDER BY kind, of, key, at`,
    [asked.fromUs, asked.toUs, asked.instrumentIds, asked.kinds, asked.detectors, HORIZONS_S, backtestId ?? null],
  );
  return rows;
}
