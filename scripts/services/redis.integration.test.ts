import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { administratorOfRedis } from '../../tests/support/redis-administrator.ts';
import { freePort } from '../instance/ports.ts';
import { toSpawn } from '../supervise/environment.ts';
import { Supervised } from '../supervise/supervised.ts';
import type { ProvidedServer } from './postgres.ts';
import { prepareRedis } from './redis.ts';
import { provideRedisProgram } from './redis-program.ts';

let dir: string;
let server: ProvidedServer;
let child: Supervised;

async function prepare(): Promise<ProvidedServer> {
  const program = await provideRedisProgram(dir);
  return prepareRedis({ dataDir: dir, port: await freePort(), password: 'secret', program, streamBytesMax: 1 << 20 });
}

function supervise({ spec }: ProvidedServer): Supervised {
  return new Supervised(spec, path.join(dir, 'redis.log'), { onNote: () => undefined, onChange: () => undefined });
}

async function ask<T>(question: (redis: Redis) => Promise<T>, url = server.url): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-redis-'));
  server = await prepare();
  child = supervise(server);
  await child.start();
});
afterEach(async () => {
  await child.stop();
  rmSync(dir, { recursive: true });
});

it('keeps what was written over kill -9 and over a stop, and comes back by itself', async () => {
  await ask((redis) => redis.set('kept', 'yes'));
  process.kill(child.pid as number, 'SIGKILL');
  await vi.waitFor(async () => expect(await ask((redis) => redis.get('kept'))).toBe('yes'), { timeout: 5000 });
  await child.stop();
  server = await prepare();
  child = supervise(server);
  await child.start();
  expect(await ask((redis) => redis.get('kept'))).toBe('yes');
});

it('makes its files for their owner alone', async () => {
  await ask((redis) => redis.set('kept', 'yes'));
  await ask((redis) => redis.bgrewriteaof(), administratorOfRedis(dir, server.url));
  const folder = path.join(dir, 'redis');
  const modes = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    // The rewrite that is under way renames its files: one that was listed may be gone.
    const file = statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    return file === undefined ? [] : [[entry.name, (file.mode & 0o777).toString(8)]];
  });
  expect(modes.map(([name]) => name)).toContain('appendonlydir');
  for (const [name, mode] of modes) expect(mode, name).toMatch(/^[67]00$/);
});

it('evicts nothing, writes an append-only file, and listens on loopback only', async () => {
  const setting = async (name: string): Promise<unknown> =>
    ((await ask((redis) => redis.config('GET', name), administratorOfRedis(dir, server.url))) as string[])[1];
  expect(await setting('maxmemory-policy')).toBe('noeviction');
  expect(await setting('appendonly')).toBe('yes');
  expect(await setting('appendfsync')).toBe('everysec');
  expect(await setting('save')).toBe('');
  expect(await setting('bind')).toBe('127.0.0.1');
  expect(await setting('maxmemory')).toBe(String(2 * (1 << 20) + 256 * 1024 * 1024));
});

it('lets nobody in without the password, which is in no argument', async () => {
  const url = new URL(server.url);
  url.password = 'wrong';
  await expect(ask((redis) => redis.ping(), url.href)).rejects.toThrow();
  expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain('secret');
  expect(statSync(path.join(dir, 'redis/redis.conf')).mode & 0o777).toBe(0o600);
});

it('S101: gives strangers nothing, and our processes nothing that empties, changes, stops or searches it', async () => {
  const commands = ['FLUSHALL', 'FLUSHDB', 'CONFIG GET *', 'DEBUG SLEEP 0', 'KEYS *', 'SHUTDOWN NOSAVE', 'ACL LIST'];
  for (const command of commands) {
    const [name = '', ...args] = command.split(' ');
    await expect(
      ask((redis) => redis.call(name, ...args)),
      command,
    ).rejects.toThrow(/^NOPERM|command not allowed/);
  }
  await expect(ask((redis) => redis.call('AUTH', 'default', 'secret'))).rejects.toThrow(/^WRONGPASS/);
  const { hostname, port } = new URL(server.url);
  const stranger = connect(Number(port), hostname);
  stranger.end([...commands, 'PING', 'QUIT'].map((command) => `${command}\r\n`).join(''));
  const answers = (await text(stranger)).trimEnd().split('\r\n');
  expect(answers).toHaveLength(commands.length + 2);
  expect(answers.pop()).toBe('+OK');
  for (const answer of answers) expect(answer).toMatch(/^-(NOAUTH|ERR DEBUG command not allowed)/);
});

it('stops a server that a killed supervisor left behind, and goes on with its data', async () => {
  await child.stop();
  const { command, args, cwd, env } = server.spec;
  const leftover = spawn(command, args, { cwd, env: toSpawn(env), detached: true, stdio: 'ignore' });
  await vi.waitFor(() => ask((redis) => redis.set('kept', 'yes')), { timeout: 5000 });
  server = await prepare();
  child = supervise(server);
  const ended = once(leftover, 'exit');
  await child.start();
  await ended;
  expect(await ask((redis) => redis.get('kept'))).toBe('yes');
});
