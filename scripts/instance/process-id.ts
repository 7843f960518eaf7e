/**
 * Processes by identity. A pid alone is used again by the system; together with the moment its process started it is not.
 * Linux only: /proc is read.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const POLL_MS = 20;
/** Places in /proc/PID/stat after the command's closing bracket: the state, and the start in ticks since boot. */
const STATE_FIELD = 0;
const START_FIELD = 19;

export const processIdSchema = z.object({ pid: z.number(), start: z.string() });
export type ProcessId = z.infer<typeof processIdSchema>;

/** The identity of a running process; undefined where it has ended. */
export function identify(pid: number): ProcessId | undefined {
  const fields = stat(pid);
  return fields && { pid, start: fields[START_FIELD] ?? '' };
}

/** True while this very process runs. */
export function runs(id: ProcessId): boolean {
  return identify(id.pid)?.start === id.start;
}

/** The processes that have `dir` as their working folder: how a server of a data folder is found again. */
export function processesIn(dir: string): ProcessId[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingFolder(name) === dir)
    .flatMap((name) => identify(Number(name)) ?? []);
}

/** Waits until none of `ids` runs any more. @returns false where some still does after `withinMs` */
export async function waitUntilEnded(ids: readonly ProcessId[], withinMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  while (ids.some(runs)) {
    if (performance.now() > deadlineMs) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Sends a signal, unless the process has ended meanwhile. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): void {
  if (!runs(id)) return;
  try {
    process.kill(id.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function stat(pid: number): string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command stands in brackets and may itself hold brackets and blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; it only waits to be counted by its parent.
  return fields[STATE_FIELD] === 'Z' ? undefined : fields;
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Ended meanwhile, or another user's.
    return undefined;
  }
}
