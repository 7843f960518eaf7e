/** `./gehra signals report`: hands over to bench/signals/report.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

export interface SignalReportOptions {
  readonly seeds: string;
  readonly hours: string;
  readonly shanghai?: string;
  readonly write?: boolean;
}

export async function signalReport({ seeds, hours, shanghai, write = false }: SignalReportOptions): Promise<void> {
  const entry = path.join(packageRoot, 'bench/signals/report.ts');
  const market = shanghai === undefined ? ['--seeds', seeds, '--hours', hours] : ['--shanghai', path.resolve(shanghai)];
  const args = ['--import', 'tsx', entry, ...market, ...(write ? ['--write'] : [])];
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
