/** CPU time, of this process and of others: what a variant's servers and children used counts like its own. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, the unit of /proc/<pid>/stat. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds of this process so far, all its threads. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/** Fields of /proc/<pid>/stat behind the name, counted from 3 (state) as proc(5) does. */
const FIELD = { parent: 4 - 3, user: 14 - 3, system: 15 - 3, reapedUser: 16 - 3, reapedSystem: 17 - 3 } as const;

/**
 * CPU seconds so far of these processes and all beneath them, in steps of a clock tick. Of a process that has ended
 * while its parent lives, the parent accounts for it.
 */
export function treeCpuSeconds(pids: readonly number[]): number {
  const stats = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statOf(name) : null;
    if (fields) stats.set(Number(name), fields);
  }
  const counted = new Set(pids);
  // A child may stand before its parent in /proc: until nothing is added any more.
  for (let before = 0; before !== counted.size; ) {
    before = counted.size;
    for (const [pid, fields] of stats) if (counted.has(fields[FIELD.parent] as number)) counted.add(pid);
  }
  let ticks = 0;
  for (const pid of counted) {
    const fields = stats.get(pid);
    if (!fields) continue;
    for (const field of [FIELD.user, FIELD.system, FIELD.reapedUser, FIELD.reapedSystem])
      ticks += fields[field] as number;
  }
  return ticks / TICKS_PER_SECOND;
}

/** The numbers behind the name; null where the process has ended meanwhile. */
function statOf(pid: string): number[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may itself hold some.
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}
