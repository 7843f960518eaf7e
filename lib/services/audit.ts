/** Keeps what a caller did, in the database and in the log. */
import { addAudit } from '../../db/audit.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';

/** @param detail for a person; never a secret */
export async function audit(caller: Pick<Caller, 'name'>, action: string, detail: string): Promise<void> {
  const { db, log } = services();
  log.info({ event: action, who: caller.name, detail });
  await addAudit(db, { who: caller.name, action, detail });
}
