/** Results of the morning rehearsal. */
import type { Check, Grade } from '../lib/core/finding.ts';
import { type Client, connect, type Pool } from './connect.ts';

export interface Rehearsal {
  /** ms since the epoch */
  readonly startedMs: number;
  readonly finishedMs: number;
  /** `schedule`, or the name of who asked. */
  readonly askedBy: string;
  readonly verdict: Grade;
  readonly checks: readonly Check[];
}

export async function storeRehearsal(db: Client, rehearsal: Rehearsal): Promise<void> {
  const { startedMs, finishedMs, askedBy, verdict, checks } = rehearsal;
  await db.query(
    `INSERT INTO gehra.rehearsals (started_at, finished_at, asked_by, verdict, checks)
     VALUES (to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000), $3, $4, $5)`,
    [startedMs, finishedMs, askedBy, verdict, JSON.stringify(checks)],
  );
}

/** The last ones, newest first. */
export async function lastRehearsals(db: Client | Pool, limit: number): Promise<Rehearsal[]> {
  const { rows } = await db.query<Rehearsal>(
    `SELECT (extract(epoch FROM started_at) * 1000)::bigint AS "startedMs",
       (extract(epoch FROM finished_at) * 1000)::bigint AS "finishedMs", asked_by AS "askedBy", verdict, checks
     FROM gehra.rehearsals ORDER BY started_at DESC, id DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Asks the database a question that takes its tables. @returns what it is, for a person @throws what it says */
export async function pingDatabase(url: string): Promise<string> {
  const client = await connect(url, 'rehearsal');
  try {
    const { rows } = await client.query<{ version: string; feeds: number }>(
      `SELECT current_setting('server_version') AS version, (SELECT count(*) FROM gehra.feed_positions) AS feeds`,
    );
    return `PostgreSQL ${rows[0]?.version} answers.`;
  } finally {
    await client.end();
  }
}
