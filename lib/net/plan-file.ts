/**
 * The plan as a file in the data folder: collectors find it at start with neither Redis nor database there, and see a new
 * one at once.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '../core/plan.ts';

const planFile = (dataDir: string): string => path.join(dataDir, 'plan.json');

/** The plan, or null where there is none yet. @throws where the file cannot be read as one */
export function readPlan(dataDir: string): Plan | null {
  try {
    return JSON.parse(readFileSync(planFile(dataDir), 'utf8')) as Plan;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Puts a new plan in the place of the old one; readers see either, never half. */
export function writePlan(dataDir: string, plan: Plan): void {
  const file = planFile(dataDir);
  const next = `${file}.${process.pid}.tmp`;
  writeFileSync(next, JSON.stringify(plan, null, 1), { mode: 0o600 });
  renameSync(next, file);
}

/** How often the file is looked at. Watching by the kernel's events does not work on every volume. */
const LOOK_MS = 200;

/** Calls `onPlan` with the plan there is and with each new one. @returns a function that ends it */
export function watchPlan(
  dataDir: string,
  onPlan: (plan: Plan) => void,
  onError: (error: unknown) => void,
): () => void {
  let seen = '';
  const look = (): void => {
    try {
      const { mtimeMs, ino } = statSync(planFile(dataDir));
      const version = `${ino}:${mtimeMs}`;
      if (version === seen) return;
      seen = version;
      const plan = readPlan(dataDir);
      if (plan) onPlan(plan);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error);
    }
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}
