/** Holds the servers that an instance uses to its own data: what two instances write into one cannot be told apart. */
import { claimDatabase, type Owner } from '../../db/owner.ts';
import { claimRedis } from '../../lib/queue/owner.ts';
import { UserError } from '../user-error.ts';
import { provideId } from './folder.ts';

/** @throws UserError where a server holds the data of another folder */
export async function claimServers(dataDir: string, databaseUrl: string, redisUrl: string): Promise<void> {
  const owner: Owner = { id: provideId(dataDir), dataDir };
  const ofDatabase = await claimDatabase(databaseUrl, owner);
  if (ofDatabase.id !== owner.id) {
    throw new UserError(
      `DATABASE_URL: this database holds the data of another instance, that of ${ofDatabase.dataDir}. Together their markets could not be told apart: give this instance a database of its own. If that folder is gone for good and this one is to go on with its data: psql "$DATABASE_URL" -c 'DELETE FROM gehra.owner'`,
    );
  }
  const ofRedis = await claimRedis(redisUrl, JSON.stringify(owner));
  const { id, dataDir: other } = JSON.parse(ofRedis) as Owner;
  if (id !== owner.id) {
    throw new UserError(
      `REDIS_URL: this Redis database holds the streams of another instance, that of ${other}. Together their markets could not be told apart: give this instance a database of its own (redis://HOST:PORT/1, /2, ...). If that folder is gone for good: redis-cli -u "$REDIS_URL" FLUSHDB`,
    );
  }
}
