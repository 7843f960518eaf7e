/** `./gehra down`: stops the instance of a data folder, and what is left of one that was killed. */
import { existsSync } from 'node:fs';
import { LockHeldError, lockFolder } from '../../lib/journal/lock.ts';
import { endLeftovers } from '../instance/leftovers.ts';
import { signalProcess, waitUntilEnded } from '../instance/process-id.ts';
import { readRunningState } from '../instance/state.ts';
import { UserError } from '../user-error.ts';

/** Every process may take its full time to stop, one after the other. */
const STOP_WITHIN_MS = 120_000;
const LOCK_WAIT_S = 2;

export async function down(dataDir: string): Promise<void> {
  const state = readRunningState(dataDir);
  if (state) {
    signalProcess(state.supervisor, 'SIGTERM');
    if (!(await waitUntilEnded([state.supervisor], STOP_WITHIN_MS))) {
      throw new UserError(
        `The instance in ${dataDir} (process ${state.supervisor.pid}) has not stopped within ${STOP_WITHIN_MS / 1000} s. End it with: kill -9 ${state.supervisor.pid}, then ./gehra down again.`,
      );
    }
    process.stdout.write(`stopped the instance in ${dataDir}\n`);
    return;
  }
  const left = existsSync(dataDir) ? await endUnderLock(dataDir) : 0;
  process.stdout.write(
    left > 0
      ? `stopped ${left} processes that were left of a killed instance in ${dataDir}\n`
      : `no instance runs in ${dataDir}\n`,
  );
}

async function endUnderLock(dataDir: string): Promise<number> {
  const unlock = await lockFolder(dataDir, 'instance', LOCK_WAIT_S).catch((error) => {
    if (!(error instanceof LockHeldError)) throw error;
    throw new UserError(`An instance in ${dataDir} is just starting. Try again in a moment.`);
  });
  try {
    return await endLeftovers(dataDir);
  } finally {
    unlock();
  }
}
