/** `./gehra signals report`: hands over to bench/signals/report.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

export interface SignalReportOptions {
  readonly seeds: string;
  readonly hours: string;
  readonly write?: boolean;
}

export async function signalReport({ seeds, hours, write = false }: SignalReportOptions): Promise<void> {
  const entry = path.join(packageRoot, 'bench/signals/report.ts');
  const args = ['--import', 'tsx', entry, '--seeds', seeds, '--hours', hours, ...(write ? ['--write'] : [])];
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
