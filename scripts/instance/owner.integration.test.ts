/** Whose a database is, from its first migration on. */
import pino from 'pino';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { CONTAINERS, migrateOwn } from './owner.ts';

const log = pino({ level: 'silent' });
let database: Awaited<ReturnType<typeof createDatabase>>;
beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
});
afterEach(() => database.drop());

it("refuses the containers' database before anything of it is changed, and a folder's to the containers", async () => {
  const given = { url: database.url, givenBy: 'DB_PASSWORD' };
  const folder = { id: 'a folder', dataDir: '/srv/data' };
  let migrations = 0;
  const migrateIt = async (url: string): Promise<void> => {
    migrations += 1;
    await migrate(url, log);
  };
  // An empty one is nobody's; and the second start finds it as its own.
  await migrateOwn(CONTAINERS, given, migrateIt);
  await migrateOwn(CONTAINERS, given, migrateIt);
  expect(migrations).toBe(2);
  await expect(migrateOwn(folder, given, migrateIt)).rejects.toThrow(
    /^DB_PASSWORD: this database holds the data of another instance, that of the containers of docker-compose\.yml/,
  );
  expect(migrations, 'another schema is left as it is').toBe(2);

  const client = await connect(database.url, 'test');
  await client.query('DELETE FROM gehra.owner');
  await client.end();
  await migrateOwn(folder, given, migrateIt);
  await expect(migrateOwn(CONTAINERS, given, migrateIt)).rejects.toThrow(/that of \/srv\/data/);
});
