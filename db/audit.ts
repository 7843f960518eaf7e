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
