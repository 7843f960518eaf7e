/** What is left of an instance whose supervisor was killed: found by its state file, and ended. */
import { UserError } from '../user-error.ts';
import { runs, signalProcess, waitUntilEnded } from './process-id.ts';
import { readState, removeState } from './state.ts';

/** Our own processes end by themselves when their supervisor is gone, within their own cap. */
const ORPHANS_END_WITHIN_MS = 12_000;
/** A database writes a checkpoint before it ends. */
const SERVERS_END_WITHIN_MS = 60_000;
/** The servers that know nothing of their supervisor, and how each is asked to stop. */
const SERVER_SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { postgres: 'SIGINT', redis: 'SIGTERM' };

/** Ends everything that is left. The lock of the data folder must be held. @returns how many processes there were */
export async function endLeftovers(dataDir: string): Promise<number> {
  const state = readState(dataDir);
  const left = (state?.processes ?? []).flatMap(({ name, id }) => (id && runs(id) ? [{ name, id }] : []));
  const orphans = left.filter(({ name }) => !(name in SERVER_SIGNALS)).map(({ id }) => id);
  if (!(await waitUntilEnded(orphans, ORPHANS_END_WITHIN_MS))) {
    for (const id of orphans) signalProcess(id, 'SIGKILL');
  }
  const servers = left.filter(({ name }) => name in SERVER_SIGNALS);
  for (const { name, id } of servers) signalProcess(id, SERVER_SIGNALS[name] ?? 'SIGTERM');
  for (const { name, id } of left) {
    if (await waitUntilEnded([id], SERVERS_END_WITHIN_MS)) continue;
    throw new UserError(
      `The process ${id.pid} (${name}) of an earlier run in ${dataDir} does not end. End it (kill ${id.pid}) and try again.`,
    );
  }
  removeState(dataDir);
  return left.length;
}
