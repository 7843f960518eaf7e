/** `./gehra bench`: hands over to bench/run.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

export interface BenchOptions {
  /** Absolute. */
  readonly json?: string;
  /** What is watched over time is watched for half an hour. */
  readonly long?: boolean;
  /** Likewise, for so long. */
  readonly minutes?: number;
  readonly rounds?: number;
}

const LONG_MINUTES = 30;

export async function bench(names: readonly string[], { json, long, minutes, rounds }: BenchOptions): Promise<void> {
  const entry = path.join(packageRoot, 'bench/run.ts');
  const asked = { json, rounds, minutes: minutes ?? (long ? LONG_MINUTES : undefined) };
  const flags = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, `${value}`],
  );
  const args = ['--import', 'tsx', entry, ...names, ...flags];
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
