/** Holds the servers that an instance uses to its own data: what two instances write into one cannot be told apart. */
import { claimDatabase, type Owner } from '../../db/owner.ts';
import { claimRedis } from '../../lib/queue/owner.ts';
import { codeOf, UserError } from '../user-error.ts';
import { provideId } from './folder.ts';

/** A database, and the variable that named it. */
interface GivenDatabase {
  readonly url: string;
  readonly givenBy: string;
}

/** The containers of docker-compose.yml: their data are in volumes, so there is no folder that names them. */
export const CONTAINERS: Owner = { id: 'docker-compose', dataDir: 'the containers of docker-compose.yml' };

/** PostgreSQL's undefined_table: nobody has migrated the database yet, so it is nobody's. */
const NO_TABLE = '42P01';

export const ownerOf = (dataDir: string): Owner => ({ id: provideId(dataDir), dataDir });

/**
 * Takes a database for its owner and migrates it. It is taken before, where that can be done: the schema of another instance is left
 * as it is.
 *
 * @throws UserError where it holds the data of another instance
 */
export async function migrateOwn(
  owner: Owner,
  database: GivenDatabase,
  migrate: (url: string) => Promise<void>,
): Promise<void> {
  await mustBeOf(owner, database).catch((error: unknown) => {
    if (codeOf(error) !== NO_TABLE) throw error;
  });
  await migrate(database.url);
  await mustBeOf(owner, database);
}

async function mustBeOf(owner: Owner, { url, givenBy }: GivenDatabase): Promise<void> {
  const { id, dataDir } = await claimDatabase(url, owner);
  if (id === owner.id) return;
  throw new UserError(
    `${givenBy}: this database holds the data of another instance, that of ${dataDir}. Together their markets could not be told apart: give this instance a database of its own, or leave ${givenBy} out to have one provided by ./gehra up. If the other is gone for good and this one is to go on with its data, tell that database: DELETE FROM gehra.owner`,
  );
}

/** @throws UserError where it holds the streams of another folder */
export async function claimRedisOf(owner: Owner, redisUrl: string): Promise<void> {
  const { id, dataDir } = JSON.parse(await claimRedis(redisUrl, JSON.stringify(owner))) as Owner;
  if (id === owner.id) return;
  throw new UserError(
    `REDIS_URL: this Redis database holds the streams of another instance, that of ${dataDir}. Together their markets could not be told apart: give this instance a database of its own (redis://HOST:PORT/1, /2, ...). If that folder is gone for good: redis-cli -u "$REDIS_URL" FLUSHDB`,
  );
}
