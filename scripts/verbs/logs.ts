/** `./gehra logs`: what the processes of a data folder wrote, the running ones or those of the last run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { FILES } from '../instance/folder.ts';
import { EXIT, UserError } from '../user-error.ts';

const LINES_OF_ONE = '200';
const LINES_OF_EACH = '20';

export interface LogsOptions {
  readonly dataDir: string;
  readonly follow?: boolean;
}

export async function logs(name: string | undefined, { dataDir, follow }: LogsOptions): Promise<void> {
  const dir = path.join(dataDir, FILES.logs);
  const names = existsSync(dir)
    ? readdirSync(dir)
        .filter((file) => file.endsWith('.log'))
        .map((file) => path.basename(file, '.log'))
        .sort()
    : [];
  if (names.length === 0) throw new UserError(`There are no logs in ${dir}: nothing has run there yet.`);
  if (name !== undefined && !names.includes(name)) {
    throw new UserError(`There is no log of "${name}" in ${dir}. There are: ${names.join(', ')}.`, EXIT.usage);
  }
  const files = (name === undefined ? names : [name]).map((each) => path.join(dir, `${each}.log`));
  // -F goes on with the new file when one is put aside.
  const tail = spawn(
    'tail',
    ['-n', name === undefined ? LINES_OF_EACH : LINES_OF_ONE, ...(follow ? ['-F'] : []), ...files],
    {
      stdio: 'inherit',
    },
  );
  await once(tail, 'exit');
}
