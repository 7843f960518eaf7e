/** `./gehra bench`: hands over to bench/run.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

export interface BenchOptions {
  /** Absolute. */
  readonly json?: string;
}

export async function bench(names: readonly string[], { json }: BenchOptions): Promise<void> {
  const entry = path.join(packageRoot, 'bench/run.ts');
  const args = ['--import', 'tsx', entry, ...names, ...(json === undefined ? [] : ['--json', json])];
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
