import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { type ProcessId, runs, waitUntilEnded } from '../../scripts/instance/process-id.ts';
import { readState } from '../../scripts/instance/state.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { gehra, parseAssignments } from '../support/gehra.ts';
import { createDatabase, startTestRedis } from '../support/servers.ts';

const PROCESSES = ['postgres', 'redis', 'simulator', 'jobs', 'kite', 'dhan', 'writer', 'signals', 'web'];
/** A cold build is part of the first start. */
const START_TIMEOUT_MS = 240_000;

let data: string;
beforeEach(() => {
  data = newDataFolder();
});
afterEach(async () => {
  await gehra(['down', '--data', data]);
  rmSync(data, { recursive: true });
});

const up = (...more: string[]): ReturnType<typeof gehra> =>
  gehra(['up', '--detach', '--port', '0', '--data', data, ...more]);
const environment = async (): Promise<Record<string, string>> =>
  parseAssignments((await gehra(['env', '--data', data])).stdout);

/** The processes of the instance that runs, by name. */
function running(): Map<string, ProcessId> {
  const processes = readState(data)?.processes ?? [];
  return new Map(processes.flatMap(({ name, id }) => (id && runs(id) ? [[name, id] as const] : [])));
}

const supervisor = (): ProcessId => readState(data)?.supervisor as ProcessId;

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('an instance', () => {
  it(
    'starts, says where it is, refuses a second one, stops, and goes on with its data',
    async () => {
      const first = await up();
      expect(first.stderr).toBe('');
      expect(first.code).toBe(0);
      const address = /^ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(first.stdout.trimEnd().split('\n').at(-1) ?? '')?.[1];
      const names = await environment();
      expect(names.APP_URL).toBe(address);
      expect((await fetch(`${names.APP_URL}/api/health/ready`)).status).toBe(200);
      expect((await fetch(`${names.SIMULATOR_URL}/accounting`)).status).toBe(200);
      const redis = new Redis(names.REDIS_URL ?? '');
      expect(await redis.ping()).toBe('PONG');
      redis.disconnect();
      const { DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD } = names;
      expect(names.DATABASE_URL).toBe(`postgres://${DB_USER}:${DB_PASSWORD}@${DB_HOST}:${DB_PORT}/${DB_NAME}`);

      expect([...running().keys()].toSorted()).toEqual(PROCESSES.toSorted());
      const status = await gehra(['status', '--data', data]);
      for (const name of PROCESSES) expect(status.stdout).toMatch(new RegExp(`^${name} +\\d+ +\\d`, 'm'));
      expect((await gehra(['logs', 'web', '--data', data])).stdout).toContain('"event":"process_ready"');

      const { pid } = supervisor();
      const second = await up();
      expect(second.code).toBe(1);
      expect(second.stderr).toContain(`An instance runs in ${data} already (process ${pid}).`);
      expect(second.stderr).toContain(`./gehra down --data '${data}'`);

      await query(names.DATABASE_URL ?? '', 'CREATE TABLE kept AS SELECT 42 AS answer');
      const before = [...running().values(), supervisor()];
      expect((await gehra(['down', '--data', data])).stdout).toBe(`stopped the instance in ${data}\n`);
      expect(before.filter(runs)).toEqual([]);

      const again = await up();
      expect(again.code).toBe(0);
      const then = await environment();
      expect(then.DATABASE_URL).toBe(names.DATABASE_URL);
      expect(await query(then.DATABASE_URL ?? '', 'SELECT answer FROM kept')).toEqual([42]);
    },
    START_TIMEOUT_MS,
  );

  it(
    'keeps passwords and tokens out of what other users can see',
    async () => {
      expect((await up()).code).toBe(0);
      const secrets = Object.values(JSON.parse(readFileSync(path.join(data, 'secrets.json'), 'utf8')) as object);
      const token = readFileSync(path.join(data, 'simulated-tokens/dhan_token.json'), 'utf8');
      secrets.push(JSON.parse(token).access_token);
      for (const [name, { pid }] of running()) {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        for (const secret of secrets) expect(commandLine, name).not.toContain(secret);
      }
      // Who has no business with the database does not know its password.
      for (const name of ['simulator', 'kite', 'dhan']) {
        const variables = readFileSync(`/proc/${running().get(name)?.pid}/environ`, 'utf8');
        expect(variables, name).not.toContain('postgres://');
      }
    },
    START_TIMEOUT_MS,
  );

  it(
    'starts what is killed again, and what is left of a killed supervisor',
    async () => {
      expect((await up()).code).toBe(0);
      const web = running().get('web') as ProcessId;
      process.kill(web.pid, 'SIGKILL');
      const { APP_URL, DATABASE_URL = '' } = await environment();
      await vi.waitFor(async () => expect((await fetch(`${APP_URL}/api/health/ready`)).status).toBe(200), {
        timeout: 20_000,
      });
      expect(running().get('web')?.pid).not.toBe(web.pid);
      await query(DATABASE_URL, 'CREATE TABLE kept AS SELECT 42 AS answer');

      const before = running();
      process.kill(supervisor().pid, 'SIGKILL');
      const own = PROCESSES.filter((name) => name !== 'postgres' && name !== 'redis');
      expect(
        await waitUntilEnded(
          own.flatMap((name) => before.get(name) ?? []),
          15_000,
        ),
      ).toBe(true);
      expect((await up()).code).toBe(0);
      expect([...before.values()].filter(runs)).toEqual([]);
      expect(await query((await environment()).DATABASE_URL ?? '', 'SELECT answer FROM kept')).toEqual([42]);

      const servers = running();
      process.kill(supervisor().pid, 'SIGKILL');
      expect((await gehra(['down', '--data', data])).stdout).toMatch(/^stopped \d+ processes that were left/);
      expect([...servers.values()].filter(runs)).toEqual([]);
    },
    START_TIMEOUT_MS,
  );

  it(
    'ends in order on Ctrl-C, and at once on a second one',
    async () => {
      const start = async (): Promise<{ signal: () => void; ended: Promise<number | null>; output: () => string }> => {
        const child = spawn(path.join(packageRoot, 'gehra'), ['up', '--port', '0', '--data', data]);
        let output = '';
        child.stdout.on('data', (chunk) => {
          output += chunk;
        });
        const ended = once(child, 'exit').then(([code]) => code);
        await vi.waitFor(() => expect(output).toMatch(/^ready http/m), { timeout: START_TIMEOUT_MS });
        return { signal: () => child.kill('SIGINT'), ended, output: () => output };
      };
      const orderly = await start();
      orderly.signal();
      expect(await orderly.ended).toBe(0);
      const stopped = [...orderly.output().matchAll(/^stopping (\S+), /gm)].map(([, name]) => name);
      expect(stopped.slice(0, 2)).toEqual(['web', 'signals']);
      expect(stopped.slice(-2).toSorted()).toEqual(['postgres', 'redis']);

      const hasty = await start();
      const processes = [...running().values()];
      hasty.signal();
      hasty.signal();
      expect([0, 130]).toContain(await hasty.ended);
      expect(await waitUntilEnded(processes, 5000)).toBe(true);
    },
    START_TIMEOUT_MS,
  );
});

describe('servers that are given', () => {
  it(
    'are used, and none is provided',
    async () => {
      const database = await createDatabase(inject('postgresUrl'));
      const redis = await startTestRedis();
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
      const { code, stderr } = await gehra(['up', '--detach', '--port', '0', '--data', data], { env });
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(await environment()).toMatchObject({ ...env, DATABASE_DIRECT_URL: database.url });
      expect([...running().keys()]).not.toContain('postgres');
      expect([...running().keys()]).not.toContain('redis');
      await gehra(['down', '--data', data]);
      await redis.stop();
      await database.drop();
    },
    START_TIMEOUT_MS,
  );

  it('are refused with a sentence where they cannot be used', async () => {
    const wrong = new URL(inject('postgresUrl'));
    wrong.password = 'wrong';
    const { code, stdout, stderr } = await gehra(['up', '--data', data], { env: { DATABASE_URL: wrong.href } });
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/^ready/m);
    expect(stderr).toMatch(/^DATABASE_URL: the server at .* refuses the password of user "gehra"/m);
  });

  it(
    'are refused where they hold the data of another instance',
    async () => {
      const database = await createDatabase(inject('postgresUrl'));
      const redis = await startTestRedis();
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
      const refused = async (): Promise<string> => {
        const { code, stdout, stderr } = await gehra(['up', '--data', data], { env });
        expect(code).toBe(1);
        expect(stdout).not.toMatch(/^ready/m);
        return stderr;
      };
      expect((await gehra(['migrate', '--data', data], { env })).code).toBe(0);
      await query(database.url, "INSERT INTO gehra.owner (id, data_dir) VALUES ('other', '/srv/other')");
      expect(await refused()).toMatch(
        /^DATABASE_URL: this database holds the data of another instance, that of \/srv\/other/,
      );

      await query(database.url, 'DELETE FROM gehra.owner');
      const client = new Redis(redis.url);
      await client.set('gehra:owner', JSON.stringify({ id: 'other', dataDir: '/srv/other' }));
      client.disconnect();
      expect(await refused()).toMatch(
        /^REDIS_URL: this Redis database holds the streams of another instance, that of \/srv\/other/,
      );
      await redis.stop();
      await database.drop();
    },
    START_TIMEOUT_MS,
  );

  it('are refused where their schema is newer than this version', async () => {
    const database = await createDatabase(inject('postgresUrl'));
    const env = { DATABASE_URL: database.url };
    expect((await gehra(['migrate', '--data', data], { env })).code).toBe(0);
    await query(database.url, "INSERT INTO gehra.migrations (name, run_on) VALUES ('999_future', now())");
    const { code, stderr } = await gehra(['up', '--data', data], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('is newer than this version of Gehra: it has 999_future');
    await database.drop();
  });
});

describe('what a person can put right', () => {
  it('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stderr } = await gehra(['up', '--port', String(port), '--data', data]);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^Port ${port} is in use by .*\\(pid ${process.pid}\\)\\. Choose another with --port N\\.\n$`),
    );
  });

  it.each([[[]], [['--detach']]])('a data folder that cannot be made (%j)', async (more) => {
    const { code, stderr } = await gehra(['up', '--data', '/etc/passwd/data', ...more]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The data folder \/etc\/passwd\/data cannot be used \(ENOTDIR\)\. Choose one that you can write with --data DIR/,
    );
  });

  it('a simulated exchange asked for beside real credentials', async () => {
    const { code, stderr } = await gehra(['up', '--market', 'synthetic', '--data', data], {
      env: { KITE_API_KEY: 'k' },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('Credentials of kite are configured, and the simulated exchange never runs beside them.');
  });
});
