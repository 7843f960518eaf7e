/** Backtests: what was asked for, and what each of their days gave. */
import type { BacktestState } from '../lib/core/backtests.ts';
import type { DetectorChoice } from '../lib/signals/detector-options.ts';
import type { Outcome } from '../lib/signals/outcome.ts';
import type { Signal } from '../lib/signals/signal.ts';
import { type Client, inTransaction, type Pool } from './connect.ts';

export interface BacktestRow extends DetectorChoice {
  readonly id: number;
  readonly who: string;
  readonly name: string;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Null: all that was recorded. */
  readonly instrumentIds: readonly number[] | null;
  readonly state: BacktestState;
  readonly progress: number;
  readonly hash: string | null;
  readonly error: string | null;
  readonly attempt: number;
  readonly createdMs: number;
  readonly finishedMs: number | null;
  /** Of the days that are done: with something recorded, entries, signals. */
  readonly days: number;
  readonly entries: number;
  readonly signals: number;
}

const SELECT = `SELECT b.backtest_id AS id, b.who, b.name, (extract(epoch FROM b.from_time) * 1e6)::bigint AS "fromUs",
  (extract(epoch FROM b.to_time) * 1e6)::bigint AS "toUs", b.instrument_ids AS "instrumentIds", b.detectors, b.overrides, b.state,
  b.progress, b.hash, b.error, b.attempt, (extract(epoch FROM b.created_at) * 1000)::float8 AS "createdMs",
  (extract(epoch FROM b.finished_at) * 1000)::float8 AS "finishedMs", done.days::integer, done.entries::bigint,
  done.signals::bigint
  FROM gehra.backtests AS b CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE d.source IS NOT NULL) AS days, coalesce(sum(d.entries), 0) AS entries,
      coalesce(sum(d.signals), 0) AS signals
    FROM gehra.backtest_days AS d WHERE d.backtest_id = b.backtest_id) AS done`;

export type NewBacktest = Pick<
  BacktestRow,
  'who' | 'name' | 'fromUs' | 'toUs' | 'instrumentIds' | keyof DetectorChoice
>;

/** @returns its id; null where `unendedMax` wait or run already */
export async function addBacktest(pool: Pool, asked: NewBacktest, unendedMax: number): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    // Two that ask at the same moment are counted one after the other.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('gehra.backtests'))`);
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO gehra.backtests (who, name, from_time, to_time, instrument_ids, detectors, overrides)
       SELECT $1, $2, to_timestamp($3::bigint / 1e6), to_timestamp($4::bigint / 1e6), $5, $6, $7
       WHERE (SELECT count(*) FROM gehra.backtests WHERE state IN ('queued', 'running')) < $8
       RETURNING backtest_id AS id`,
      [
        asked.who,
        asked.name,
        asked.fromUs,
        asked.toUs,
        asked.instrumentIds,
        asked.detectors,
        JSON.stringify(asked.overrides),
        unendedMax,
      ],
    );
    return rows[0]?.id ?? null;
  });
}

/** The newest, newest first. */
export async function listBacktests(db: Pool | Client, limit: number): Promise<BacktestRow[]> {
  const { rows } = await db.query<BacktestRow>(`${SELECT} ORDER BY b.backtest_id DESC LIMIT $1`, [limit]);
  return rows;
}

export async function findBacktest(db: Pool | Client, id: number): Promise<BacktestRow | null> {
  const { rows } = await db.query<BacktestRow>(`${SELECT} WHERE b.backtest_id = $1`, [id]);
  return rows[0] ?? null;
}

/** Ids of those that wait or run, oldest first. */
export async function unendedBacktests(db: Pool | Client): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT backtest_id AS id FROM gehra.backtests WHERE state IN ('queued', 'running') ORDER BY backtest_id`,
  );
  return rows.map(({ id }) => id);
}

/**
 * Begins a backtest, or goes on with it: whoever was at it before may store nothing more. Days that other rules were used
 * for are forgotten.
 *
 * @returns it and its days that are done; null where it has ended
 */
export async function beginBacktest(
  pool: Pool,
  id: number,
  rulesOf: (choice: DetectorChoice) => string,
): Promise<{ readonly row: BacktestRow; readonly done: ReadonlySet<string> } | null> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<DetectorChoice & { rules: string | null }>(
      `UPDATE gehra.backtests SET state = 'running', attempt = attempt + 1
       WHERE backtest_id = $1 AND state IN ('queued', 'running') RETURNING detectors, overrides, rules`,
      [id],
    );
    const [begun] = rows;
    if (!begun) return null;
    const rules = rulesOf(begun);
    if (begun.rules !== rules) {
      for (const table of ['backtest_outcomes', 'backtest_signals', 'backtest_days']) {
        await client.query(`DELETE FROM gehra.${table} WHERE backtest_id = $1`, [id]);
      }
      await client.query('UPDATE gehra.backtests SET rules = $2 WHERE backtest_id = $1', [id, rules]);
    }
    const days = await client.query<{ day: string }>(
      'SELECT day::text AS day FROM gehra.backtest_days WHERE backtest_id = $1',
      [id],
    );
    const row = await findBacktest(client, id);
    return row && { row, done: new Set(days.rows.map(({ day }) => day)) };
  });
}

type Attempt = Pick<BacktestRow, 'id' | 'attempt'>;

/** @returns false where this attempt is nobody's any more: it was cancelled, or another one was begun */
export async function noteBacktest(db: Pool, { id, attempt }: Attempt, progress: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.backtests SET progress = $3 WHERE backtest_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, progress],
  );
  return rowCount === 1;
}

export interface BacktestDay {
  /** ISO date in IST. */
  readonly day: string;
  /** Null where nothing was recorded. */
  readonly source: 'journal' | 'database' | null;
  readonly entries: number;
  readonly signals: number;
  /** Of its signals. */
  readonly hash: string;
  /** Of what had been found live; null where that was nothing. */
  readonly liveHash: string | null;
  readonly liveSignals: number;
}

/** A signal with its newest state, and when it was first told. */
export interface FoundSignal {
  readonly signal: Signal;
  readonly timeUs: number;
}

/** What a signal was worth (sample 0), or one of its random times. */
export interface FoundOutcome extends Pick<Outcome, 'ticks' | 'bps' | 'reasons'> {
  readonly signalId: string;
  readonly sample: number;
}

const ROWS_AT_A_TIME = 500;

/** Stores what a day gave, all of it or nothing. @returns false where this attempt is nobody's any more */
export async function storeBacktestDay(
  pool: Pool,
  { id, attempt }: Attempt,
  { day, source, entries, signals, hash, liveHash, liveSignals }: BacktestDay,
  found: readonly FoundSignal[],
  outcomes: readonly FoundOutcome[],
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    // Locked until the end: nobody cancels it or begins anew meanwhile.
    const { rowCount } = await client.query(
      `SELECT 1 FROM gehra.backtests WHERE backtest_id = $1 AND attempt = $2 AND state = 'running' FOR UPDATE`,
      [id, attempt],
    );
    if (rowCount !== 1) return false;
    await client.query(
      `INSERT INTO gehra.backtest_days (backtest_id, day, source, entries, signals, hash, live_hash, live_signals)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, day, source, entries, signals, hash, liveHash, liveSignals],
    );
    for (let at = 0; at < found.length; at += ROWS_AT_A_TIME) {
      const rows = found.slice(at, at + ROWS_AT_A_TIME).map(({ signal, timeUs }) => ({
        ...signal,
        timeUs,
        size: Math.round(signal.size),
      }));
      await client.query(
        `INSERT INTO gehra.backtest_signals (backtest_id, signal_id, kind, detector, parameters, instrument_id, feed_id, time,
           from_time, to_time, found_time, low_price, high_price, side, size, severity, confidence, cause, evidence, quality,
           state)
         SELECT $1, id, kind, detector, parameters, "instrumentId", "feedId", to_timestamp("timeUs" / 1e6),
           to_timestamp("fromUs" / 1e6), to_timestamp("toUs" / 1e6), to_timestamp("foundUs" / 1e6), "lowPrice", "highPrice",
           side, size, severity, confidence, cause, evidence, quality, state
         FROM jsonb_to_recordset($2::jsonb) AS row (id text, kind text, detector text, parameters text,
           "instrumentId" integer, "feedId" smallint, "timeUs" bigint, "fromUs" bigint, "toUs" bigint, "foundUs" bigint,
           "lowPrice" integer, "highPrice" integer, side text, size bigint, severity smallint, confidence real,
           cause jsonb, evidence text[], quality jsonb, state text)`,
        [id, JSON.stringify(rows)],
      );
    }
    for (let at = 0; at < outcomes.length; at += ROWS_AT_A_TIME) {
      await client.query(
        `INSERT INTO gehra.backtest_outcomes (backtest_id, signal_id, sample, net_ticks, net_bps, reasons)
         SELECT $1, "signalId", sample, ticks, bps, reasons
         FROM jsonb_to_recordset($2::jsonb) AS row ("signalId" text, sample smallint, ticks double precision[],
           bps double precision[], reasons text[])`,
        [id, JSON.stringify(outcomes.slice(at, at + ROWS_AT_A_TIME))],
      );
    }
    return true;
  });
}

/** The days that are done, by day. */
export async function backtestDays(db: Pool, id: number): Promise<BacktestDay[]> {
  const { rows } = await db.query<BacktestDay>(
    `SELECT day::text AS day, source, entries, signals, hash, live_hash AS "liveHash", live_signals AS "liveSignals"
     FROM gehra.backtest_days WHERE backtest_id = $1 ORDER BY day`,
    [id],
  );
  return rows;
}

/** @returns false where this attempt is nobody's any more */
export async function finishBacktest(db: Pool, { id, attempt }: Attempt, hash: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.backtests SET state = 'done', progress = 1, hash = $3, finished_at = now()
     WHERE backtest_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, hash],
  );
  return rowCount === 1;
}

export async function failBacktest(db: Pool, { id, attempt }: Attempt, error: string): Promise<void> {
  await db.query(
    `UPDATE gehra.backtests SET state = 'failed', error = $3, finished_at = now()
     WHERE backtest_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, error],
  );
}

/** Puts an attempt back, for whoever works next; days that are done stay so. */
export async function putBackBacktest(db: Pool, { id, attempt }: Attempt): Promise<void> {
  await db.query(
    `UPDATE gehra.backtests SET state = 'queued' WHERE backtest_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt],
  );
}

/** @returns false where it has ended already, or is none */
export async function cancelBacktest(db: Pool, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.backtests SET state = 'cancelled', finished_at = now()
     WHERE backtest_id = $1 AND state IN ('queued', 'running')`,
    [id],
  );
  return rowCount === 1;
}

/** Removes an ended backtest with what it found. @returns whether it was one */
export async function removeBacktest(db: Pool, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `DELETE FROM gehra.backtests WHERE backtest_id = $1 AND state NOT IN ('queued', 'running')`,
    [id],
  );
  return rowCount === 1;
}
