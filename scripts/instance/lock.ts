/** Holds a data folder for one: an instance, or what must not meet one. */
import { LockHeldError, lockFolder } from '../../lib/journal/lock.ts';
import { UserError } from '../user-error.ts';
import { readRunningState } from './state.ts';

/** The holder of the lock may be ending just now. */
const LOCK_WAIT_S = 1;

/** @returns a function that lets go. @throws UserError where an instance runs there */
export async function takeLock(dataDir: string): Promise<() => void> {
  try {
    return await lockFolder(dataDir, 'instance', LOCK_WAIT_S);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    const running = readRunningState(dataDir);
    const holder = running ? ` (process ${running.supervisor.pid})` : '';
    throw new UserError(
      `An instance runs in ${dataDir} already${holder}. Stop it with: ./gehra down --data '${dataDir}'\nOr run a second one beside it in another folder with --data DIR.`,
    );
  }
}
