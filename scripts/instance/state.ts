/**
 * What a running instance says of itself, in <data>/state.json: for `env`, `status` and `down`, and for the next `up` if
 * this one was killed.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FILES, readJson, writePrivateFile } from './folder.ts';
import { processIdSchema, runs } from './process-id.ts';

const processSchema = z.object({
  name: z.string(),
  /** Absent between two lives. */
  id: processIdSchema.optional(),
  startedMs: z.number(),
  restarts: z.number(),
});

const stateSchema = z.object({
  supervisor: processIdSchema,
  startedMs: z.number(),
  /** Absent until everything answers. */
  appUrl: z.string().optional(),
  databaseUrl: z.string().optional(),
  databaseDirectUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  simulatorUrl: z.string().optional(),
  processes: z.array(processSchema),
});

export type InstanceState = z.infer<typeof stateSchema>;

export function readState(dir: string): InstanceState | undefined {
  return readJson(path.join(dir, FILES.state), stateSchema);
}

/** The state of the instance that runs in a data folder; undefined where none does. */
export function readRunningState(dir: string): InstanceState | undefined {
  const state = readState(dir);
  return state && runs(state.supervisor) ? state : undefined;
}

export function writeState(dir: string, state: InstanceState): void {
  writePrivateFile(path.join(dir, FILES.state), `${JSON.stringify(state, null, 2)}\n`);
}

export function removeState(dir: string): void {
  rmSync(path.join(dir, FILES.state), { force: true });
}
