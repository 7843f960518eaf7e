/**
 * What the containers of docker-compose.yml run, without Docker: the same commands by the same entrypoint, in a folder that is
 * laid out as the image is, with passwords from files, behind a real PgBouncer.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { parse } from 'yaml';
import { foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { build } from '../../scripts/build/build.ts';
import { freePort } from '../../scripts/instance/ports.ts';
import { toSpawn } from '../../scripts/supervise/environment.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { startTestPgBouncer, type TestPooler } from '../support/pgbouncer.ts';
import { createDatabase, startTestRedis, type TestServer } from '../support/servers.ts';

interface Service {
  readonly image: string;
  readonly command: string[];
  readonly secrets: string[];
  readonly healthcheck?: { test: [string, ...string[]] };
}

const { services } = parse(readFileSync(path.join(packageRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
const own = Object.entries(services).filter(([, { image }]) => image === 'gehra');

let dir: string;
let redis: TestServer;
let pooler: TestPooler;
let database: { url: string; drop: () => Promise<void> };
let port: number;
const running = new Map<string, { child: ChildProcess; output: string[] }>();

beforeAll(async () => {
  dir = newDataFolder();
  const image = path.join(dir, 'image');
  cpSync(await build(() => undefined, new AbortController().signal), image, { recursive: true });
  for (const name of ['node_modules', 'package-lock.json']) {
    symlinkSync(path.join(packageRoot, name), path.join(image, name));
  }
  cpSync(path.join(packageRoot, 'db/migrations'), path.join(image, 'db/migrations'), { recursive: true });
  redis = await startTestRedis();
  database = await createDatabase(inject('postgresUrl'));
  pooler = await startTestPgBouncer(database.url);
  port = await freePort();
  // Where the stage has not built yet.
}, 600_000);
afterAll(async () => {
  for (const { child } of running.values()) child.kill('SIGKILL');
  await pooler?.stop();
  await database?.drop();
  await redis?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A container has a /tmp of its own. */
const temporary = (name: string): string => path.join(dir, `tmp-${name}`);

/** Runs the health check of a service. @returns its exit code: 0 for a healthy one */
function checkHealth(name: string): Promise<number | null> {
  const [kind, ...words] = services[name]?.healthcheck?.test ?? [];
  const own = words.map((word) =>
    word
      .replaceAll('$$', '$')
      .replace('127.0.0.1:3000', `127.0.0.1:${port}`)
      .replace('/tmp/', `${temporary(name)}/`),
  );
  const [command = '', ...args] = kind === 'CMD-SHELL' ? ['sh', '-c', ...own] : own;
  return ended({ child: spawn(command, args, { stdio: 'ignore' }) });
}

/** Starts a service as its container would be. Only where the servers are is told otherwise: their names lead nowhere here. */
function start(name: string, environment: Record<string, string> = {}): { child: ChildProcess; output: string[] } {
  const { command, secrets } = services[name] as Service;
  const folder = path.join(dir, `secrets-${name}`);
  mkdirSync(folder, { recursive: true });
  mkdirSync(temporary(name), { recursive: true });
  const { hostname, password, username, pathname } = new URL(database.url);
  const values: Record<string, string> = { database_password: password, auth_secret: '0123456789abcdef'.repeat(3) };
  for (const secret of secrets) {
    if (values[secret]) writeFileSync(path.join(folder, secret), values[secret]);
  }
  const child = spawn(path.join(packageRoot, 'ops/docker/entrypoint.sh'), command, {
    cwd: path.join(dir, 'image'),
    env: toSpawn({
      ...foreignEnvironment(),
      NODE_ENV: 'production',
      GEHRA_DATA_DIR: path.join(dir, 'data'),
      GEHRA_IN_CONTAINER: '1',
      GEHRA_SECRETS_DIR: folder,
      GEHRA_SIMULATED: '1',
      DB_HOST: hostname,
      DB_PORT: new URL(pooler.url).port,
      DB_USER: username,
      DB_NAME: pathname.slice(1),
      ...(secrets.includes('database_password') ? { DATABASE_DIRECT_URL: database.url } : {}),
      ...(secrets.includes('redis_password') ? { REDIS_URL: redis.url } : {}),
      PORT: String(port),
      TMPDIR: temporary(name),
      ...environment,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(String(chunk)));
  running.set(name, { child, output });
  return { child, output };
}

const ended = async ({ child }: { child: ChildProcess }): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};

it('starts in order, is healthy, and stops in order', async () => {
  mkdirSync(path.join(dir, 'data'), { mode: 0o700 });
  const migrate = start('migrate');
  expect(await ended(migrate), migrate.output.join('')).toBe(0);
  const others = own.map(([name]) => name).filter((name) => name !== 'migrate');
  expect(others.length).toBeGreaterThanOrEqual(6);
  for (const name of others) start(name);
  await vi.waitFor(
    () => {
      for (const name of others) expect(running.get(name)?.output.join(''), name).toContain('"process_ready"');
    },
    { timeout: 50_000, interval: 100 },
  );
  for (const name of others) expect(await checkHealth(name), name).toBe(0);
  const ready = await fetch(`http://127.0.0.1:${port}/api/health/ready`);
  expect(await ready.json()).toMatchObject({ status: expect.any(String) });
  for (const name of others) running.get(name)?.child.kill('SIGTERM');
  for (const name of others) {
    const process = running.get(name) as { child: ChildProcess; output: string[] };
    expect(await ended(process), `${name}: ${process.output.join('')}`).toBe(0);
  }
}, 120_000);

it('is unhealthy as soon as it hangs', async () => {
  const { child, output } = start('signals');
  await vi.waitFor(() => expect(output.join('')).toContain('"process_ready"'), { timeout: 50_000, interval: 100 });
  expect(await checkHealth('signals')).toBe(0);
  child.kill('SIGSTOP');
  await vi.waitFor(async () => expect(await checkHealth('signals')).not.toBe(0), { timeout: 40_000, interval: 500 });
  child.kill('SIGCONT');
  await vi.waitFor(async () => expect(await checkHealth('signals')).toBe(0), { timeout: 10_000, interval: 200 });
  child.kill('SIGTERM');
  expect(await ended({ child }), output.join('')).toBe(0);
}, 120_000);

it('refuses a Redis that may forget what it holds', async () => {
  const client = new Redis(redis.url);
  try {
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    for (const name of ['kite', 'writer', 'signals', 'jobs', 'web']) {
      const process = start(name);
      expect(await ended(process), name).toBe(1);
      expect(process.output.join(''), name).toContain('has maxmemory-policy allkeys-lru');
    }
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    await client.config('SET', 'appendonly', 'no');
    const process = start('writer', { GEHRA_SIMULATED: '0' });
    expect(await ended(process)).toBe(1);
    expect(process.output.join('')).toContain('keeps no append-only file');
  } finally {
    client.disconnect();
  }
}, 120_000);
