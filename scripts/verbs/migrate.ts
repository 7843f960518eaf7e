/** `./gehra migrate`: brings the database of DATABASE_URL, or of the running instance, to this version's schema. */
import { migrate as migrateDatabase } from '../../db/migrate.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { createLog } from '../../lib/obs/log.ts';
import { readRunningState } from '../instance/state.ts';
import { checkDatabase } from '../services/given-servers.ts';
import { UserError } from '../user-error.ts';

export async function migrate(dataDir: string): Promise<void> {
  const { databaseDirectUrl, databaseGivenBy, logLevel } = loadConfig();
  const url = databaseDirectUrl || readRunningState(dataDir)?.databaseDirectUrl;
  if (!url) {
    throw new UserError(
      'There is no database to migrate: set DATABASE_URL, or start an instance (./gehra up migrates by itself).',
    );
  }
  await checkDatabase(url, databaseGivenBy.direct);
  await migrateDatabase(url, createLog('migrate', logLevel));
}
