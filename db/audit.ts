/** Who did what: rows for those who ask later. */
import type { Client, Pool } from './connect.ts';

export interface AuditLine {
  /** Name of the person, key or process. */
  readonly who: string;
  /** snake_case, as in the logs. */
  readonly action: string;
  /** For a person; never a secret. */
  readonly detail: string;
}

export async function addAudit(db: Client | Pool, { who, action, detail }: AuditLine): Promise<void> {
  await db.query('INSERT INTO gehra.audit (who, action, detail) VALUES ($1, $2, $3)', [who, action, detail]);
}

export interface AuditRow extends AuditLine {
  readonly timeMs: number;
}

/** The newest lines of actions that begin with one of these words, newest first. */
export async function listAudit(db: Client | Pool, beginnings: readonly string[], limit: number): Promise<AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `SELECT who, action, detail, (extract(epoch FROM time) * 1000)::float8 AS "timeMs" FROM gehra.audit
     WHERE EXISTS (SELECT FROM unnest($1::text[]) AS beginning WHERE starts_with(action, beginning)) ORDER BY time DESC, id DESC LIMIT $2`,
    [beginnings, limit],
  );
  return rows;
}
