/**
 * Brings the database of DATABASE_DIRECT_URL to this version's schema and ends: the container `migrate`. It takes the database for
 * the containers, so that no `./gehra up` beside them records into it.
 */
import { loadConfig } from '../lib/config/config.ts';
import { CONTAINERS, migrateOwn } from './instance/owner.ts';
import { checkDatabase } from './services/given-servers.ts';
import { migrate } from './verbs/migrate.ts';

const { dataDir, inContainer, databaseDirectUrl, databaseGivenBy } = loadConfig();
if (inContainer && databaseDirectUrl) {
  const database = { url: databaseDirectUrl, givenBy: databaseGivenBy.direct };
  await checkDatabase(database.url, database.givenBy);
  await migrateOwn(CONTAINERS, database, () => migrate(dataDir));
} else await migrate(dataDir);
