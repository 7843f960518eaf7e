/** `./gehra pictures`: hands the running instance over to tests/pictures, which has a browser. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';
import { readRunningState } from '../instance/state.ts';
import { UserError } from '../user-error.ts';

/** @param to the folder that the pictures are written to, absolute */
export async function pictures(dataDir: string, to = path.join(packageRoot, 'docs/pictures')): Promise<void> {
  const appUrl = readRunningState(dataDir)?.appUrl;
  if (!appUrl)
    throw new UserError(`No instance is ready in ${dataDir}. Start one with: ./gehra up --data '${dataDir}'`);
  const program = path.join(packageRoot, 'tests/pictures/take-pictures.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, appUrl, to], {
    cwd: packageRoot,
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
}
