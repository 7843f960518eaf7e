/**
 * The Redis that `./gehra up` provides where REDIS_URL is not set: append-only file synced every second, nothing ever
 * evicted, loopback only, with a password and a user who may do with it what our processes do, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { FILES, writePrivateFile } from '../instance/folder.ts';
import { LOOPBACK } from '../instance/ports.ts';
import { processesIn, signalProcess, waitUntilEnded } from '../instance/process-id.ts';
import { UserError } from '../user-error.ts';
import type { ProvidedServer } from './postgres.ts';
import type { RedisProgram } from './redis-program.ts';

/** As whom our processes ask. */
const USER = 'gehra';
/** Whoever finds a way to give a command of their own empties, changes, stops and searches nothing by it. BullMQ asks for INFO. */
const RIGHTS = '~* &* +@all -@dangerous +info';
const PROBE_MS = 10;
const LEFTOVER_STOP_MS = 10_000;
/**
 * What the market data streams may take, and as much again for jobs, clients and the rewriting of the append-only file.
 * Reached only if something else than the streams grows: then writes are refused, which collectors survive.
 */
const MAXMEMORY_FACTOR = 2;
const MAXMEMORY_ROOM_BYTES = 256 * 1024 * 1024;

export interface RedisOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
  readonly program: RedisProgram;
  /** STREAM_BYTES_MAX. */
  readonly streamBytesMax: number;
}

export function prepareRedis({ dataDir, port, password, program, streamBytesMax }: RedisOptions): ProvidedServer {
  const dir = path.join(dataDir, FILES.redis);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const configFile = path.join(dir, 'redis.conf');
  const settings: Record<string, string> = {
    bind: LOOPBACK,
    port: String(port),
    // In a file, because arguments are readable by every user of the machine.
    user: `${USER} on >${password} ${RIGHTS}`,
    // Of the administrator, who is nobody until somebody reads it here.
    requirepass: randomBytes(24).toString('hex'),
    dir: JSON.stringify(realpathSync(dir)),
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '""',
    'maxmemory-policy': 'noeviction',
    maxmemory: String(streamBytesMax * MAXMEMORY_FACTOR + MAXMEMORY_ROOM_BYTES),
    daemonize: 'no',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  writePrivateFile(configFile, `# Written at every start by scripts/services/redis.ts.\n${lines.join('\n')}\n`);
  const url = `redis://${USER}:${password}@${LOOPBACK}:${port}/0`;
  return {
    url,
    spec: {
      name: 'redis',
      // Redis makes its files for everybody to read, as far as the umask lets it.
      command: '/bin/sh',
      args: ['-c', 'umask 077; exec "$0" "$@"', program.command, configFile],
      cwd: dir,
      env: { ...program.env },
      stopSignal: 'SIGTERM',
      prepare: () => stopLeftovers(realpathSync(dir)),
      ready: (signal) => untilItAnswers(url, signal),
    },
  };
}

/** Stops the Redis that an instance that was killed left running on this folder. */
async function stopLeftovers(dir: string): Promise<void> {
  const processes = processesIn(dir);
  for (const id of processes) signalProcess(id, 'SIGTERM');
  if (!(await waitUntilEnded(processes, LEFTOVER_STOP_MS))) {
    throw new UserError(
      `A Redis of an earlier run still works in ${dir}: process ${processes.map(({ pid }) => pid).join(', ')}. End it and try again.`,
    );
  }
}

async function untilItAnswers(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    // Refused connections come here and as the rejection below.
    redis.on('error', () => undefined);
    try {
      // Resolves when commands are taken: the library waits while an append-only file is read.
      await redis.connect();
      return;
    } catch {
      // Not yet; a server that ends instead is seen by its exit.
      await sleep(PROBE_MS);
    } finally {
      redis.disconnect();
    }
  }
}
