import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { freePort } from '../instance/ports.ts';
import { processesIn } from '../instance/process-id.ts';
import { toSpawn } from '../supervise/environment.ts';
import { Supervised } from '../supervise/supervised.ts';
import { type ProvidedServer, preparePostgres } from './postgres.ts';

let dir: string;
let server: ProvidedServer;
let child: Supervised;
const notes: string[] = [];

const prepare = async (): Promise<ProvidedServer> =>
  preparePostgres({ dataDir: dir, port: await freePort(), password: 'secret' });

function supervise({ spec }: ProvidedServer): Supervised {
  return new Supervised(spec, path.join(dir, 'postgres.log'), {
    onNote: (text) => notes.push(text),
    onChange: () => undefined,
  });
}

async function query(sql: string, url = server.url): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

// One server for all, left running by each: making a cluster takes the most time here.
beforeAll(async () => {
  dir = newDataFolder();
  server = await prepare();
  child = supervise(server);
  await child.start();
});
afterAll(async () => {
  await child.stop();
  rmSync(dir, { recursive: true });
});

it('keeps what was committed over kill -9 and over a stop, and comes back by itself', async () => {
  await query('CREATE TABLE counted AS SELECT generate_series(1, 1000) AS n');
  process.kill(child.pid as number, 'SIGKILL');
  await vi.waitFor(async () => expect(await query('SELECT count(*)::int FROM counted')).toEqual([1000]), {
    timeout: 10_000,
  });
  expect(child.restarts).toBe(1);

  await child.stop();
  expect(processesIn(server.spec.cwd)).toEqual([]);
  server = await prepare();
  child = supervise(server);
  await child.start();
  expect(await query('SELECT count(*)::int FROM counted')).toEqual([1000]);
});

it('lets in the owner of the database with his password, over loopback, and nobody else', async () => {
  expect(await query('SELECT current_user, current_database()')).toEqual(['gehra', 'gehra']);
  expect(await query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([false]);
  expect(await query('SHOW listen_addresses')).toEqual(['127.0.0.1']);
  const withPassword = (user: string, password: string): string => {
    const url = new URL(server.url);
    url.username = user;
    url.password = password;
    return url.href;
  };
  await expect(query('SELECT 1', withPassword('gehra', 'wrong'))).rejects.toMatchObject({ code: '28P01' });
  await expect(query('SELECT 1', withPassword('postgres', 'secret'))).rejects.toMatchObject({ code: '28000' });
});

it('loses nothing that was committed: fsync and synchronous_commit are on', async () => {
  expect(await query("SELECT setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')")).toEqual([
    'on',
    'on',
  ]);
});

it('ends the work on a question that was given up', async () => {
  const pool = new Pool({ connectionString: server.url, query_timeout: 100 });
  await expect(pool.query('SELECT pg_sleep(60)')).rejects.toThrow('Query read timeout');
  const working = "SELECT count(*)::int FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'";
  await vi.waitFor(async () => expect(await query(working)).toEqual([0]), { timeout: 10_000 });
  await pool.end();
});

it('stops a server that a killed supervisor left behind, and goes on with its data', async () => {
  await query('CREATE TABLE t AS SELECT 1 AS n');
  await child.stop();
  const { command, args, cwd, env, user } = server.spec;
  const leftover = spawn(command, args, {
    cwd,
    env: toSpawn(env),
    detached: true,
    stdio: 'ignore',
    uid: user?.uid,
    gid: user?.gid,
  });
  await once(leftover, 'spawn');
  await vi.waitFor(async () => expect(await query('SELECT n FROM t')).toEqual([1]), { timeout: 10_000 });

  server = await prepare();
  child = supervise(server);
  const ended = once(leftover, 'exit');
  await child.start();
  await ended;
  expect(await query('SELECT n FROM t')).toEqual([1]);
});

it('is not kept from starting by a lock file that names a process of somebody else', async () => {
  const pidFile = path.join(server.spec.cwd, 'postmaster.pid');
  const lock = readFileSync(pidFile, 'utf8');
  await child.stop();
  writeFileSync(pidFile, lock.replace(/^\d+/, String(process.pid)));
  child = supervise(server);
  await child.start();
  expect(await query('SELECT 1')).toEqual([1]);
});

it('makes the cluster again that was interrupted while it was made', async () => {
  await child.stop();
  const cluster = server.spec.cwd;
  rmSync(cluster, { recursive: true });
  // As initdb leaves it when it is killed.
  mkdirSync(path.join(`${cluster}.new`, 'base'), { recursive: true });
  server = await prepare();
  child = supervise(server);
  await child.start();
  expect(await query('SELECT 1')).toEqual([1]);
  expect(existsSync(`${cluster}.new`)).toBe(false);
});

it('says so at once when its password is lost', async () => {
  await child.stop();
  const other = await preparePostgres({ dataDir: dir, port: await freePort(), password: 'another' });
  child = supervise(other);
  await expect(child.start()).rejects.toThrow(/does not take the password in secrets\.json/);
});

it('refuses a cluster of another version and says what to do', async () => {
  await child.stop();
  writeFileSync(path.join(server.spec.cwd, 'PG_VERSION'), '16\n');
  await expect(prepare()).rejects.toThrow(/was made by PostgreSQL 16, and PostgreSQL 18 is installed.*pg_dump/);
});
