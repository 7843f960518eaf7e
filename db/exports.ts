/** The exports: what was asked for, how far each is, and which may be deleted. */

import type { Exchange } from '../lib/core/exchange.ts';
import type { ExportFormat, ExportKind, ExportState } from '../lib/core/exports.ts';
import { type Client, inTransaction, type Pool } from './connect.ts';

export interface ExportRow {
  readonly id: number;
  readonly who: string;
  readonly kind: ExportKind;
  readonly format: ExportFormat;
  readonly instrumentId: number;
  readonly exchange: Exchange;
  readonly symbol: string;
  readonly priceScale: number;
  readonly tickSize: number;
  readonly lotSize: number;
  /** Length of a bar; null for what is no bars. */
  readonly bar: string | null;
  readonly feedId: number | null;
  readonly fromUs: number;
  readonly toUs: number;
  readonly state: ExportState;
  readonly progress: number;
  readonly rows: number;
  readonly bytes: number;
  readonly gaps: number | null;
  readonly error: string | null;
  readonly attempt: number;
  readonly createdMs: number;
  readonly finishedMs: number | null;
}

const SELECT = `SELECT e.export_id AS id, e.who, e.kind, e.format, e.instrument_id AS "instrumentId", i.exchange, i.symbol,
  i.price_scale AS "priceScale", i.tick_size AS "tickSize", i.lot_size AS "lotSize", e.bar, e.feed_id AS "feedId",
  (extract(epoch FROM e.from_time) * 1e6)::bigint AS "fromUs", (extract(epoch FROM e.to_time) * 1e6)::bigint AS "toUs",
  e.state, e.progress, e.rows, e.bytes, e.gaps, e.error, e.attempt,
  (extract(epoch FROM e.created_at) * 1000)::float8 AS "createdMs",
  (extract(epoch FROM e.finished_at) * 1000)::float8 AS "finishedMs"
  FROM gehra.exports AS e JOIN gehra.instruments AS i USING (instrument_id)`;

export interface NewExport {
  readonly who: string;
  readonly kind: ExportKind;
  readonly format: ExportFormat;
  readonly instrumentId: number;
  readonly bar: string | null;
  readonly feedId: number | null;
  readonly fromUs: number;
  readonly toUs: number;
}

/** @returns its id; null where `unendedMax` exports wait or run already */
export async function addExport(pool: Pool, asked: NewExport, unendedMax: number): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    // Two that ask at the same moment are counted one after the other.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('gehra.exports'))`);
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO gehra.exports (who, kind, format, instrument_id, bar, feed_id, from_time, to_time)
       SELECT $1, $2, $3, $4, $5, $6, to_timestamp($7::bigint / 1e6), to_timestamp($8::bigint / 1e6)
       WHERE (SELECT count(*) FROM gehra.exports WHERE state IN ('queued', 'running')) < $9
       RETURNING export_id AS id`,
      [
        asked.who,
        asked.kind,
        asked.format,
        asked.instrumentId,
        asked.bar,
        asked.feedId,
        asked.fromUs,
        asked.toUs,
        unendedMax,
      ],
    );
    return rows[0]?.id ?? null;
  });
}

/** The newest exports, newest first. */
export async function listExports(db: Pool | Client, limit: number): Promise<ExportRow[]> {
  const { rows } = await db.query<ExportRow>(`${SELECT} ORDER BY e.export_id DESC LIMIT $1`, [limit]);
  return rows;
}

export async function findExport(db: Pool | Client, id: number): Promise<ExportRow | null> {
  const { rows } = await db.query<ExportRow>(`${SELECT} WHERE e.export_id = $1`, [id]);
  return rows[0] ?? null;
}

/** Ids of those that wait or run, oldest first. */
export async function unendedExports(db: Pool | Client): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT export_id AS id FROM gehra.exports WHERE state IN ('queued', 'running') ORDER BY export_id`,
  );
  return rows.map(({ id }) => id);
}

/** Begins an export, anew if need be: whoever was at it before may not finish. @returns null where it has ended */
export async function beginExport(db: Client, id: number): Promise<ExportRow | null> {
  const { rowCount } = await db.query(
    `UPDATE gehra.exports SET state = 'running', attempt = attempt + 1, progress = 0, rows = 0, bytes = 0
     WHERE export_id = $1 AND state IN ('queued', 'running')`,
    [id],
  );
  return rowCount === 1 ? findExport(db, id) : null;
}

/** @returns false where this attempt is nobody's any more: it was cancelled, or another one was begun */
export async function noteProgress(
  db: Client,
  { id, attempt }: Pick<ExportRow, 'id' | 'attempt'>,
  { share, rows, bytes }: { readonly share: number; readonly rows: number; readonly bytes: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.exports SET progress = $3, rows = $4, bytes = $5
     WHERE export_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, share, rows, bytes],
  );
  return rowCount === 1;
}

/**
 * Finishes an attempt: `publish` gives the files their names while nobody else can finish, cancel or begin anew.
 *
 * @returns false where this attempt is nobody's any more; then `publish` was not called
 */
export async function finishExport(
  db: Client,
  { id, attempt }: Pick<ExportRow, 'id' | 'attempt'>,
  { rows, bytes, gaps }: { readonly rows: number; readonly bytes: number; readonly gaps: number },
  publish: () => Promise<void>,
): Promise<boolean> {
  await db.query('BEGIN');
  try {
    const { rowCount } = await db.query(
      `UPDATE gehra.exports SET state = 'done', progress = 1, rows = $3, bytes = $4, gaps = $5, finished_at = now()
       WHERE export_id = $1 AND attempt = $2 AND state = 'running'`,
      [id, attempt, rows, bytes, gaps],
    );
    if (rowCount === 1) await publish();
    await db.query('COMMIT');
    return rowCount === 1;
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  }
}

/** Ends an attempt without a file. */
export async function failExport(
  db: Client,
  { id, attempt }: Pick<ExportRow, 'id' | 'attempt'>,
  error: string,
): Promise<void> {
  await db.query(
    `UPDATE gehra.exports SET state = 'failed', error = $3, finished_at = now()
     WHERE export_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt, error],
  );
}

/** Puts an attempt back, for whoever works next. */
export async function putBackExport(db: Client, { id, attempt }: Pick<ExportRow, 'id' | 'attempt'>): Promise<void> {
  await db.query(
    `UPDATE gehra.exports SET state = 'queued', progress = 0, rows = 0, bytes = 0
     WHERE export_id = $1 AND attempt = $2 AND state = 'running'`,
    [id, attempt],
  );
}

/** @returns false where it has ended already, or is none */
export async function cancelExport(db: Pool, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.exports SET state = 'cancelled', finished_at = now()
     WHERE export_id = $1 AND state IN ('queued', 'running')`,
    [id],
  );
  return rowCount === 1;
}

/** Says that the file is being read, for so many seconds from now. @returns false where there is no file */
export async function noteReading(db: Pool, id: number, seconds: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.exports SET read_until = greatest(read_until, now() + make_interval(secs => $2))
     WHERE export_id = $1 AND state = 'done'`,
    [id, seconds],
  );
  return rowCount === 1;
}

/** Removes an ended export that nobody reads. @returns whether it was one */
export async function removeExport(db: Pool, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `DELETE FROM gehra.exports WHERE export_id = $1 AND state NOT IN ('queued', 'running')
       AND coalesce(read_until, '-infinity') < now()`,
    [id],
  );
  return rowCount === 1;
}

/** Removes those that ended longer ago than `keepDays` and that nobody reads. @returns their ids */
export async function removeOldExports(db: Client, keepDays: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `DELETE FROM gehra.exports WHERE state NOT IN ('queued', 'running')
       AND finished_at < now() - make_interval(days => $1) AND coalesce(read_until, '-infinity') < now()
     RETURNING export_id AS id`,
    [keepDays],
  );
  return rows.map(({ id }) => id);
}

/** Of these ids, those that are exports, and whether each has ended. */
export async function endedExports(db: Client, ids: readonly number[]): Promise<Map<number, boolean>> {
  const { rows } = await db.query<{ id: number; ended: boolean }>(
    `SELECT export_id AS id, state NOT IN ('queued', 'running') AS ended FROM gehra.exports WHERE export_id = ANY ($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map(({ id, ended }) => [id, ended]));
}
