/** `./gehra chaos`: hands over to tests/chaos/main.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes?: string;
  readonly writers: number;
  readonly only?: string;
  readonly long?: boolean;
  readonly write?: boolean;
}

export async function chaos({
  seed,
  minutes,
  writers,
  only,
  long = false,
  write = false,
}: ChaosOptions): Promise<void> {
  const args = ['--import', 'tsx', path.join(packageRoot, 'tests/chaos/main.ts')];
  args.push('--seed', String(seed), '--writers', String(writers));
  if (minutes !== undefined) args.push('--minutes', minutes);
  if (only !== undefined) args.push('--only', only);
  if (long) args.push('--long');
  if (write) args.push('--write');
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' });
  // Whoever ends this command means the run, which has an instance to put away.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
