/** What readers have said of signals. */
import type { Pool } from './connect.ts';

export type SignalMark = 'seen' | 'acknowledged';

export interface MarkedSignal {
  readonly id: string;
  readonly mark: SignalMark;
}

export interface Snooze {
  readonly what: 'detector' | 'instrument';
  /** A detector's name without its version, or a slug. */
  readonly name: string;
  /** ms since the epoch */
  readonly untilMs: number;
}

/** Marks signals. What was acknowledged stays so. */
export async function markSignals(db: Pool, reader: string, ids: readonly string[], mark: SignalMark): Promise<void> {
  await db.query(
    `INSERT INTO gehra.signal_marks (reader, signal_id, acknowledged, changed_at)
     SELECT $1, id, $3, clock_timestamp() FROM unnest($2::text[]) AS id GROUP BY id ORDER BY id
     ON CONFLICT (reader, signal_id) DO UPDATE SET acknowledged = true, changed_at = excluded.changed_at
     WHERE excluded.acknowledged AND NOT signal_marks.acknowledged`,
    [reader, ids, mark === 'acknowledged'],
  );
}

/** The marks of these signals. */
export async function marksOf(db: Pool, reader: string, ids: readonly string[]): Promise<Map<string, SignalMark>> {
  const { rows } = await db.query<MarkedSignal>(
    `SELECT signal_id AS id, CASE WHEN acknowledged THEN 'acknowledged' ELSE 'seen' END AS mark
     FROM gehra.signal_marks WHERE reader = $1 AND signal_id = ANY ($2)`,
    [reader, ids],
  );
  return new Map(rows.map(({ id, mark }) => [id, mark]));
}

/** Marks that were made or changed since an instant, newest first. */
export async function marksSince(db: Pool, reader: string, sinceMs: number, limit: number): Promise<MarkedSignal[]> {
  const { rows } = await db.query<MarkedSignal>(
    `SELECT signal_id AS id, CASE WHEN acknowledged THEN 'acknowledged' ELSE 'seen' END AS mark
     FROM gehra.signal_marks WHERE reader = $1 AND changed_at >= to_timestamp($2::float8 / 1000)
     ORDER BY changed_at DESC LIMIT $3`,
    [reader, sinceMs, limit],
  );
  return rows;
}

export async function storeSnooze(db: Pool, reader: string, { what, name, untilMs }: Snooze): Promise<void> {
  await db.query(
    `INSERT INTO gehra.signal_snoozes (reader, what, name, until_at) VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000))
     ON CONFLICT (reader, what, name) DO UPDATE SET until_at = excluded.until_at`,
    [reader, what, name, untilMs],
  );
}

export async function removeSnooze(db: Pool, reader: string, what: Snooze['what'], name: string): Promise<void> {
  await db.query('DELETE FROM gehra.signal_snoozes WHERE reader = $1 AND what = $2 AND name = $3', [
    reader,
    what,
    name,
  ]);
}

/** Those that last beyond an instant. */
export async function snoozesOf(db: Pool, reader: string, nowMs: number): Promise<Snooze[]> {
  const { rows } = await db.query<Snooze>(
    `SELECT what, name, (extract(epoch FROM until_at) * 1000)::bigint AS "untilMs"
     FROM gehra.signal_snoozes WHERE reader = $1 AND until_at > to_timestamp($2::float8 / 1000) ORDER BY what, name`,
    [reader, nowMs],
  );
  return rows;
}
