/** Brings the database of DATABASE_DIRECT_URL to this version's schema and ends: the container `migrate`. */
import { loadConfig } from '../lib/config/config.ts';
import { migrate } from './verbs/migrate.ts';

await migrate(loadConfig().dataDir);
