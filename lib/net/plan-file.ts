/**
 * The plan as a file in the data folder: collectors find it at start with neither Redis nor database there, and see a new
 * one at once.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { EXCHANGES } from '../core/exchange.ts';
import type { Plan } from '../core/plan.ts';

const number = z.int().nullable();
const instrumentSchema = z.object({
  id: z.int(),
  exchange: z.enum(Object.keys(EXCHANGES)),
  symbol: z.string(),
  name: z.string(),
  type: z.enum(['EQ', 'FUT', 'CE', 'PE', 'INDEX']),
  expiry: z.string().nullable(),
  strike: number,
  priceScale: z.int().positive(),
  tickSize: z.int().positive(),
  lotSize: z.int().positive(),
  kiteToken: number,
  dhanSegment: z.enum(Object.values(EXCHANGES).map(({ dhanSegment }) => dhanSegment)).nullable(),
  dhanSecurityId: number,
});
const planSchema = z.object({
  feeds: z.array(z.object({ feed: z.string(), instruments: z.array(instrumentSchema) })),
});

/** A plan file that is none; the message says why, without what stands in it. */
export class PlanFileError extends Error {
  override readonly name = 'PlanFileError';
}

const planFile = (dataDir: string): string => path.join(dataDir, 'plan.json');

/** The plan, or null where there is none yet. @throws PlanFileError */
export function readPlan(dataDir: string): Plan | null {
  let text: string;
  try {
    text = readFileSync(planFile(dataDir), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new PlanFileError(`plan.json cannot be read (${code})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PlanFileError('plan.json is no JSON');
  }
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return parsed.data as Plan;
  const [issue] = parsed.error.issues;
  throw new PlanFileError(`plan.json is no plan: ${issue?.path.join('.') || 'file'}: ${issue?.message}`);
}

/** Moves with every change of the file, by whomever; `none` where there is none. */
export function planVersion(dataDir: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(planFile(dataDir));
    return `${ino}:${mtimeMs}:${size}`;
  } catch (error) {
    // Reading it says the same, in words.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'none' : `${code}`;
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

/**
 * Calls `onPlan` with the plan there is and with each new one.
 *
 * @param onError called once for each version of the file that is no plan; what `onPlan` was given last stays in force
 * @returns a function that ends it
 */
export function watchPlan(
  dataDir: string,
  onPlan: (plan: Plan) => void,
  onError: (error: unknown) => void,
): () => void {
  let seen = 'none';
  const look = (): void => {
    const version = planVersion(dataDir);
    if (version === seen) return;
    seen = version;
    try {
      const plan = readPlan(dataDir);
      if (plan) onPlan(plan);
    } catch (error) {
      onError(error);
    }
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}
