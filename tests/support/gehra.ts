/** Runs `./gehra` as a person would, and gives back what it said. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Environment, foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { toSpawn } from '../../scripts/supervise/environment.ts';

export interface GehraOptions {
  /** The checkout; default: this one. */
  readonly root?: string;
  readonly cwd?: string;
  /** Beside the environment of the tests, without any setting of ours. */
  readonly env?: Environment;
  /** Another user, for root. */
  readonly uid?: number;
}

export interface GehraRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function gehra(
  args: readonly string[],
  { root = packageRoot, cwd = root, env = {}, uid }: GehraOptions = {},
): Promise<GehraRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(root, 'gehra'), args, {
      cwd,
      env: toSpawn({ ...foreignEnvironment(), ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** What `./gehra env` printed, by name. */
export function parseAssignments(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}
