/** Signals, and how far the worker that finds them has come. */
import type { Merged, MissedFrames } from '../lib/signals/merge.ts';
import type { Signal, SignalKind, SignalState } from '../lib/signals/signal.ts';
import type { Client, Pool } from './connect.ts';

/** There is one signals worker; a second one finds out by the version that it is one too many. */
const WORKER = 'signals';

const us = (column: string): string => `(extract(epoch FROM ${column}) * 1e6)::bigint`;

export interface SignalCheckpoint {
  /** By feed: µs up to which the detectors that `state` describes have looked. */
  readonly positions: ReadonlyMap<number, number>;
  readonly state: Buffer | null;
}

export interface SignalProgress extends SignalCheckpoint {
  readonly version: number;
  /** How far it had come when it committed last, which is beyond the checkpoint. */
  readonly merged: Merged;
}

const byFeed = (positions: Record<string, number>): Map<number, number> =>
  new Map(Object.entries(positions).map(([feedId, us]) => [Number(feedId), us]));
const asJson = (positions: ReadonlyMap<number, number>): string => JSON.stringify(Object.fromEntries(positions));

/** How far the worker has come; at the first time it has come nowhere. */
export async function loadSignalProgress(client: Client): Promise<SignalProgress> {
  await client.query(
    `INSERT INTO gehra.signal_progress (worker, version, positions) VALUES ($1, 0, '{}') ON CONFLICT DO NOTHING`,
    [WORKER],
  );
  const { rows } = await client.query<{
    version: number;
    positions: Record<string, number>;
    state: Buffer | null;
    looked: Record<string, number>;
    givenUs: number;
  }>('SELECT version, positions, state, looked, given_us AS "givenUs" FROM gehra.signal_progress WHERE worker = $1', [
    WORKER,
  ]);
  const row = rows[0];
  if (!row) throw new Error('gehra.signal_progress has lost its row');
  return {
    version: row.version,
    positions: byFeed(row.positions),
    state: row.state,
    merged: { lookedUs: byFeed(row.looked), givenUs: row.givenUs },
  };
}

/**
 * Moves the progress on within the caller's transaction, from the version it is believed to have.
 *
 * @param merged how far it has come now
 * @param checkpoint what the detectors remember now, and of when; null: the last one stays, and is gone on from after a restart
 * @returns false where another worker has moved it: the transaction must not commit
 */
export async function moveSignalProgress(
  client: Client,
  version: number,
  merged: Merged,
  checkpoint: SignalCheckpoint | null,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE gehra.signal_progress SET version = version + 1, updated_at = now(),
       positions = CASE WHEN $3 THEN $4::jsonb ELSE positions END, state = CASE WHEN $3 THEN $5::bytea ELSE state END,
       looked = $6, given_us = $7
     WHERE worker = $1 AND version = $2`,
    [
      WORKER,
      version,
      checkpoint !== null,
      checkpoint && asJson(checkpoint.positions),
      checkpoint?.state ?? null,
      asJson(merged.lookedUs),
      merged.givenUs,
    ],
  );
  return rowCount === 1;
}

/** Stores what came too late to be looked at. */
export async function storeMissedFrames(client: Client, missed: readonly MissedFrames[]): Promise<void> {
  for (const { feedId, fromUs, toUs } of missed) {
    await client.query(
      `INSERT INTO gehra.missed_frames (feed_id, time, to_time)
       VALUES ($1, to_timestamp($2::bigint / 1e6), to_timestamp($3::bigint / 1e6)) ON CONFLICT DO NOTHING`,
      [feedId, fromUs, toUs],
    );
  }
}

/** What the signals worker did not look at, of all feeds, as far as it touches an interval whose ends are both included; µs. */
export async function missedFrames(db: Client | Pool, fromUs: number, toUs: number): Promise<MissedFrames[]> {
  const { rows } = await db.query<MissedFrames>(
    `SELECT feed_id AS "feedId", ${us('time')} AS "fromUs", ${us('to_time')} AS "toUs" FROM gehra.missed_frames
     WHERE to_time >= to_timestamp($1::bigint / 1e6) AND time <= to_timestamp($2::bigint / 1e6)`,
    [fromUs, toUs],
  );
  return rows;
}

/**
 * Stores signals, oldest first. One that is there already takes over a later state; the same again, and an earlier one, changes
 * nothing: after a restart they are found again.
 */
export async function storeSignals(client: Client, signals: readonly Signal[]): Promise<void> {
  for (const signal of signals) {
    await client.query(
      `INSERT INTO gehra.signals (signal_id, kind, detector, parameters, instrument_id, feed_id, time, from_time, to_time,
         found_time, low_price, high_price, side, size, severity, confidence, cause, evidence, quality, state)
       VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($9::bigint / 1e6), to_timestamp($7::bigint / 1e6),
         to_timestamp($8::bigint / 1e6), to_timestamp($9::bigint / 1e6), $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
       ON CONFLICT (signal_id) DO UPDATE SET to_time = excluded.to_time, found_time = excluded.found_time, size = excluded.size,
         severity = excluded.severity, confidence = excluded.confidence, cause = excluded.cause,
         evidence = excluded.evidence, quality = excluded.quality, state = excluded.state
       WHERE signals.found_time < excluded.found_time`,
      [
        signal.id,
        signal.kind,
        signal.detector,
        signal.parameters,
        signal.instrumentId,
        signal.feedId,
        signal.fromUs,
        signal.toUs,
        signal.foundUs,
        signal.lowPrice,
        signal.highPrice,
        signal.side,
        Math.round(signal.size),
        signal.severity,
        signal.confidence,
        JSON.stringify(signal.cause),
        signal.evidence,
        JSON.stringify(signal.quality),
        signal.state,
      ],
    );
  }
}

/** A signal's place in a page: when it was first told, and its name. */
export interface SignalPlace {
  readonly timeUs: number;
  readonly id: string;
}

export interface SignalRow extends Signal, SignalPlace {}

export interface SignalPage {
  readonly instrumentIds: readonly number[] | null;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly kinds: readonly SignalKind[] | null;
  readonly states: readonly SignalState[] | null;
  readonly side: 'bid' | 'ask' | null;
  readonly minSeverity: number;
  /** Ours, those of the predecessor's preset, or both. */
  readonly detectors: 'own' | 'predecessor' | 'all';
  /** Only those older than this one. */
  readonly after: SignalPlace | null;
  readonly limit: number;
}

const COLUMNS = `signal_id AS id, kind, detector, parameters, instrument_id AS "instrumentId", feed_id AS "feedId",
  ${us('time')} AS "timeUs", ${us('from_time')} AS "fromUs", ${us('to_time')} AS "toUs", ${us('found_time')} AS "foundUs",
  low_price AS "lowPrice", high_price AS "highPrice", side, size, severity, confidence::float8, cause, evidence, quality, state`;

/** Signals first told within an interval, newest first. */
export async function signalsOfPage(db: Pool, page: SignalPage): Promise<SignalRow[]> {
  const { rows } = await db.query<SignalRow>(
    `SELECT ${COLUMNS}
     FROM gehra.signals
     WHERE time >= to_timestamp($1::bigint / 1e6) AND time < to_timestamp($2::bigint / 1e6)
       AND ($3::integer[] IS NULL OR instrument_id = ANY ($3)) AND ($4::text[] IS NULL OR kind = ANY ($4))
       AND ($5::text[] IS NULL OR state = ANY ($5)) AND ($6::text IS NULL OR side = $6) AND severity >= $7
       AND ($8 = 'all' OR starts_with(detector, 'predecessor') = ($8 = 'predecessor'))
       AND ($9::bigint IS NULL OR (time, signal_id) < (to_timestamp($9::bigint / 1e6), $10::text))
     ORDER BY time DESC, signal_id DESC LIMIT $11`,
    [
      page.fromUs,
      page.toUs,
      page.instrumentIds,
      page.kinds,
      page.states,
      page.side,
      page.minSeverity,
      page.detectors,
      page.after?.timeUs ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  );
  return rows;
}

/** All that were first told in an interval, oldest first, of these instruments and detectors (null: of all); `walls`, without a version. */
export async function signalsBetween(
  db: Pool,
  asked: {
    readonly fromUs: number;
    /** Exclusive. */
    readonly toUs: number;
    readonly instrumentIds: readonly number[] | null;
    readonly detectors: readonly string[] | null;
  },
): Promise<SignalRow[]> {
  const { rows } = await db.query<SignalRow>(
    `SELECT ${COLUMNS} FROM gehra.signals
     WHERE time >= to_timestamp($1::bigint / 1e6) AND time < to_timestamp($2::bigint / 1e6)
       AND ($3::integer[] IS NULL OR instrument_id = ANY ($3))
       AND ($4::text[] IS NULL OR split_part(detector, '@', 1) = ANY ($4))
     ORDER BY time, signal_id COLLATE "C"`,
    [asked.fromUs, asked.toUs, asked.instrumentIds, asked.detectors],
  );
  return rows;
}

/** When each of these was first told, µs; those that are not stored are left out. */
export async function firstTold(db: Pool, ids: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<SignalPlace>(
    'SELECT signal_id AS id, (extract(epoch FROM time) * 1e6)::bigint AS "timeUs" FROM gehra.signals WHERE signal_id = ANY ($1)',
    [ids],
  );
  return new Map(rows.map(({ id, timeUs }) => [id, timeUs]));
}
