/** Brings the schema to the state that this code knows. Runs at every start; does nothing where nothing is to do. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { packageRoot } from '../lib/config/root.ts';
import { FEEDS } from '../lib/core/feeds.ts';
import { addressForLog, type Log } from '../lib/obs/log.ts';
import { ensurePartitions } from './upkeep.ts';

/** The schema cannot be brought to the state this code needs; the message says why and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Whoever migrates holds this advisory lock; a late starter waits for it, then finds nothing to do. */
const LOCK_KEY = 0x67656872;
/** Days for which partitions are made ahead: a writer must find one however long no job has run. */
const PARTITIONS_AHEAD_DAYS = 7;

/** TimescaleDB's functions lie where its extension was created: in older databases in our own schema, by the name of the user. */
export const MIGRATION_PATH = 'SET search_path = public, gehra';

const migrationsDir = path.join(packageRoot, 'db', 'migrations');

/** Names of the migrations that this code knows, in order. */
export const knownMigrations = (): string[] =>
  readdirSync(migrationsDir)
    .map((file) => path.parse(file).name)
    .sort();

/**
 * Applies what is missing, in one transaction, over a connection without a pooler.
 *
 * @param upTo only so many of the known ones: the schema of an older version, for what a backup of it holds
 * @throws MigrationError where the schema is newer than this code, or a file cannot be applied
 */
export async function migrate(directUrl: string, log: Log, upTo?: number): Promise<void> {
  const client = new pg.Client({ connectionString: directUrl, application_name: 'gehra-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(MIGRATION_PATH);
    await refuseNewerSchema(client, directUrl);
    const applied = await runner({
      dbClient: client,
      dir: migrationsDir,
      migrationsTable: 'migrations',
      migrationsSchema: 'gehra',
      createMigrationsSchema: true,
      direction: 'up',
      count: upTo === undefined ? Number.POSITIVE_INFINITY : Math.max(0, upTo - (await appliedCount(client))),
      singleTransaction: true,
      // Held above, for the checks before and after as well.
      noLock: true,
      logger: {
        debug: (message) => log.debug({ event: 'migration_sql', message }),
        info: (message) => log.debug({ event: 'migration_step', message }),
        warn: (message) => log.warn({ event: 'migration_warning', message }),
        error: (message) => log.error({ event: 'migration_error', message }),
      },
    });
    for (const { name } of applied) log.info({ event: 'migration_applied', migration: name });
    await fillFeeds(client);
    await ensurePartitions(client, PARTITIONS_AHEAD_DAYS);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    const { message, hint } = error as Error & { hint?: string };
    throw new MigrationError(
      `The schema of ${addressForLog(directUrl)} cannot be migrated: ${message}. ${hint ?? ''}`.trim(),
    );
  } finally {
    await client.end();
  }
}

async function appliedCount(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ ledger: string | null }>(`SELECT to_regclass('gehra.migrations') AS ledger`);
  if (rows[0]?.ledger === null) return 0;
  const ledger = await client.query<{ count: number }>('SELECT count(*)::integer AS count FROM gehra.migrations');
  return ledger.rows[0]?.count ?? 0;
}

async function refuseNewerSchema(client: pg.Client, directUrl: string): Promise<void> {
  const { rows } = await client.query<{ ledger: string | null }>(`SELECT to_regclass('gehra.migrations') AS ledger`);
  if (rows[0]?.ledger === null) return;
  const known = new Set(knownMigrations());
  const ledger = await client.query<{ name: string }>('SELECT name FROM gehra.migrations ORDER BY id');
  const unknown = ledger.rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new MigrationError(
    `The schema of ${addressForLog(directUrl)} is newer than this version of Gehra: it has ${unknown.join(', ')}, which ` +
      'this version does not know. Update Gehra, or give it another database.',
  );
}

async function fillFeeds(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO gehra.feeds (feed_id, name, broker, kind, number)
     SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::smallint[])
     ON CONFLICT (feed_id) DO NOTHING`,
    [
      FEEDS.map(({ id }) => id),
      FEEDS.map(({ name }) => name),
      FEEDS.map(({ broker }) => broker),
      FEEDS.map(({ kind }) => kind),
      FEEDS.map(({ number }) => number),
    ],
  );
}
