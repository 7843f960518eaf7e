/** `./gehra backup DIR` and `./gehra restore DIR`: rows and journal of a data folder, and back (docs/BACKUP.md). */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { createLog } from '../../lib/obs/log.ts';
import { makeBackup } from '../backup/backup.ts';
import { checkFiles, type Manifest, readManifest } from '../backup/manifest.ts';
import { restoreBackup } from '../backup/restore.ts';
import { FILES, provideSecrets, readSettings } from '../instance/folder.ts';
import { takeLock } from '../instance/lock.ts';
import { keptPort } from '../instance/ports.ts';
import { readRunningState } from '../instance/state.ts';
import { checkDatabase } from '../services/given-servers.ts';
import { preparePostgres } from '../services/postgres.ts';
import { Supervised } from '../supervise/supervised.ts';
import { Steps } from '../terminal/steps.ts';
import { UserError } from '../user-error.ts';

const MIB = 1024 * 1024;

export async function backup(to: string, dataDir: string): Promise<void> {
  const config = loadConfig();
  const databaseUrl = config.databaseDirectUrl || readRunningState(dataDir)?.databaseDirectUrl;
  if (!databaseUrl) {
    throw new UserError(
      `There is no database to back up: no instance runs in ${dataDir}, and DATABASE_URL is not set. Start it with: ./gehra up --data '${dataDir}'`,
    );
  }
  await checkDatabase(databaseUrl, 'DATABASE_URL');
  const { version } = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const steps = new Steps();
  const manifest = await steps.step(`backing up ${dataDir}`, (say) => {
    let count = 0;
    return makeBackup({
      dataDir,
      databaseUrl,
      to,
      version,
      market: readSettings(dataDir).market ?? null,
      nowMs: wallClockUs() / 1000,
      onFile: () => {
        count += 1;
        say(`${count} files`);
      },
    });
  });
  tell(manifest);
  process.stdout.write(
    `The backup is in ${to}. Passwords, keys, sessions, channels and the brokers' tokens are not in it; people, their names and roles are.\n`,
  );
}

function tell({ tables, files, madeAt }: Manifest): void {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  process.stdout.write(
    `${rows.toLocaleString('en-IN')} rows of ${tables.length} tables and ${files.filter((file) => file.path.startsWith('journal/')).length} files of the journal, ${Math.ceil(bytes / MIB)} MiB, as of ${madeAt}.\n`,
  );
}

export async function restore(
  from: string,
  { dataDir, check = false }: { readonly dataDir: string; readonly check?: boolean },
): Promise<void> {
  if (check) {
    const manifest = await readManifest(from);
    await checkFiles(from, manifest);
    tell(manifest);
    process.stdout.write('Every file is as it was written.\n');
    return;
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const unlock = await takeLock(dataDir);
  try {
    const config = loadConfig();
    const steps = new Steps();
    await withDatabase(config, dataDir, steps, async (databaseUrl) => {
      const manifest = await steps.step(`restoring ${from}`, (say) =>
        restoreBackup({
          from,
          dataDir,
          databaseUrl,
          market: readSettings(dataDir).market ?? null,
          log: createLog('restore', 'silent'),
          onTable: (name, rows) => say(`${name}, ${rows} rows`),
        }),
      );
      tell(manifest);
    });
  } finally {
    unlock();
  }
  process.stdout.write(
    `What is left to you: start it (./gehra up --data '${dataDir}'), take a link to sign in with (./gehra sign-in-link), log in to the brokers, and make keys and channels anew.\n`,
  );
}

/** The database of DATABASE_URL, or the one of the data folder, started for as long as it is needed. */
async function withDatabase(
  config: Config,
  dataDir: string,
  steps: Steps,
  work: (databaseUrl: string) => Promise<void>,
): Promise<void> {
  if (config.databaseUrl) {
    await checkDatabase(config.databaseDirectUrl, 'DATABASE_URL');
    await work(config.databaseDirectUrl);
    return;
  }
  const password = provideSecrets(dataDir).postgresPassword;
  const { spec, url } = await preparePostgres({ dataDir, port: await keptPort(dataDir, 'postgres'), password });
  const server = new Supervised(spec, path.join(dataDir, FILES.logs, 'postgres.log'), {
    onNote: (note) => steps.line(note),
    onChange: () => undefined,
  });
  try {
    await steps.step('starting PostgreSQL', () => server.start());
    await work(url);
  } finally {
    await server.stop();
  }
}
