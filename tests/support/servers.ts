/**
 * Real servers for tests, on ports and in folders of their own. The integration tests share one PostgreSQL, started once
 * by vitest (setup below); each takes a database of its own in it. Redis starts in 20 ms: each test takes one of its own.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../scripts/instance/ports.ts';
import { type ProvidedServer, preparePostgres } from '../../scripts/services/postgres.ts';
import { prepareRedis } from '../../scripts/services/redis.ts';
import { provideRedisProgram } from '../../scripts/services/redis-program.ts';
import { Supervised } from '../../scripts/supervise/supervised.ts';
import { newDataFolder } from './data-folder.ts';
import { administratorOfRedis } from './redis-administrator.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a role that may create databases; the database in it is of no interest. */
    postgresUrl: string;
  }
}

/** Like nothing else, so that `./gehra test` can look for it where it must not be (scripts/test/written-secrets.ts). */
const PASSWORD = process.env.TEST_CANARY ?? randomBytes(12).toString('hex');
const STREAM_BYTES_MAX = 256 * 1024 * 1024;
/** SQLSTATE of PostgreSQL's refusals to drop a database. */
const NOT_PERMITTED = '42501';
const IN_USE = '55006';
const DROP_ATTEMPTS = 10;

export interface TestServer {
  readonly url: string;
  /** What it writes about itself. */
  readonly logFile: string;
  /** Of the process that runs now; undefined between two lives: it is started again when it dies. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

/** Runs before the integration tests: the PostgreSQL of TEST_POSTGRES_URL, or one for this run. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given) {
    project.provide('postgresUrl', given);
    return undefined;
  }
  const server = await startTestPostgres();
  project.provide('postgresUrl', server.url);
  return server.stop;
}

/** A PostgreSQL of one's own, for tests that kill it. */
export async function startTestPostgres(): Promise<TestServer> {
  const dir = newDataFolder();
  return runServer(dir, await preparePostgres({ dataDir: dir, port: await freePort(), password: PASSWORD }));
}

/** A Redis of one's own, whose address is the administrator's: tests empty and set it. */
export async function startTestRedis(): Promise<TestServer> {
  const dir = newDataFolder();
  const port = await freePort();
  const program = await provideRedisProgram(dir);
  const { spec, url } = prepareRedis({
    dataDir: dir,
    port,
    password: PASSWORD,
    program,
    streamBytesMax: STREAM_BYTES_MAX,
  });
  return runServer(dir, { spec, url: administratorOfRedis(dir, url) });
}

/** An empty database in the server of `postgresUrl` (`inject('postgresUrl')`); `drop` removes it. */
export async function createDatabase(postgresUrl: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(postgresUrl, `CREATE DATABASE ${escapeIdentifier(name)}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => dropDatabase(postgresUrl, name) };
}

/**
 * FORCE ends whoever is still connected, but refuses where that is an autovacuum worker, which only a superuser may end; a plain
 * DROP ends those, and nobody else.
 */
async function dropDatabase(postgresUrl: string, name: string): Promise<void> {
  const database = escapeIdentifier(name);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await execute(postgresUrl, `DROP DATABASE ${database} WITH (FORCE)`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== NOT_PERMITTED || attempt === DROP_ATTEMPTS) throw error;
    }
    try {
      await execute(postgresUrl, `DROP DATABASE ${database}`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== IN_USE) throw error;
    }
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function runServer(dir: string, { spec, url }: ProvidedServer): Promise<TestServer> {
  const logFile = path.join(dir, 'logs', `${spec.name}.log`);
  const child = new Supervised(spec, logFile, {
    onNote: () => undefined,
    onChange: () => undefined,
  });
  await child.start();
  return {
    url,
    logFile,
    pid: () => child.pid,
    stop: async () => {
      await child.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
