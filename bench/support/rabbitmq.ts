/**
 * A RabbitMQ for one variant: a node of its own in a folder of its own, on loopback only, that nothing else on the
 * machine shares: not its ports, not its cookie, not the port mapper (epmd) that every Erlang node asks for.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { freePort, LOOPBACK } from '../../scripts/instance/ports.ts';
import { type ChildSpec, Supervised } from '../../scripts/supervise/supervised.ts';
import type { TestServer } from '../../tests/support/servers.ts';
import { PYTHON } from './child.ts';

/** The program itself. The one on the PATH is Debian's wrapper, which changes to the user and folders of a service. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const USER = 'bench';
const PROBE_MS = 50;

/** Why no RabbitMQ can be started here; null where it can. */
export function rabbitmqMissing(): string | null {
  return existsSync(PROGRAM) ? null : 'RabbitMQ is not installed: apt-get install rabbitmq-server python3-pika';
}

/** Why the predecessor's way cannot run here: RabbitMQ and its Python client. */
export function pikaMissing(): string | null {
  const missing = rabbitmqMissing();
  if (missing !== null) return missing;
  const { status } = spawnSync(PYTHON, ['-c', 'import pika'], { stdio: 'ignore' });
  return status === 0 ? null : `${PYTHON} has no pika: apt-get install python3-pika`;
}

export async function startRabbitmq(): Promise<Omit<TestServer, 'logFile'>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'gehra-rabbitmq-'));
  const port = await freePort();
  const epmdPort = await freePort();
  const password = randomBytes(12).toString('hex');
  const url = `amqp://${USER}:${password}@${LOOPBACK}:${port}`;
  const epmd = supervised(dir, epmdSpec(dir, epmdPort));
  const server = supervised(dir, serverSpec(dir, url, epmdPort, await freePort()));
  const stop = async (): Promise<void> => {
    await server.stop();
    await epmd.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  writeFileSync(
    path.join(dir, 'rabbitmq.conf'),
    `listeners.tcp.1 = ${LOOPBACK}:${port}\ndefault_user = ${USER}\ndefault_pass = ${password}\n`,
    { mode: 0o600 },
  );
  writeFileSync(path.join(dir, 'enabled_plugins'), '[].\n');
  try {
    await epmd.start();
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: () => server.pid, stop };
}

/** Where it already runs a node leaves it alone: started here, it is ours to stop. */
function epmdSpec(dir: string, port: number): ChildSpec {
  return {
    name: 'epmd',
    command: 'epmd',
    args: ['-port', String(port), '-address', LOOPBACK],
    cwd: dir,
    env: { PATH: SYSTEM_PATH },
    stopSignal: 'SIGTERM',
    ready: (signal) => untilDone(signal, () => connectOnce(port)),
  };
}

function serverSpec(dir: string, url: string, epmdPort: number, distributionPort: number): ChildSpec {
  const [a, b, c, d] = LOOPBACK.split('.');
  return {
    name: 'rabbitmq',
    command: PROGRAM,
    args: [],
    cwd: dir,
    env: {
      PATH: SYSTEM_PATH,
      // Where Erlang keeps its cookie.
      HOME: dir,
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: LOOPBACK,
      RABBITMQ_NODENAME: 'gehra-bench@localhost',
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {${a},${b},${c},${d}}`,
      RABBITMQ_MNESIA_BASE: path.join(dir, 'mnesia'),
      RABBITMQ_LOG_BASE: path.join(dir, 'log'),
      RABBITMQ_GENERATED_CONFIG_DIR: path.join(dir, 'config'),
      RABBITMQ_PID_FILE: path.join(dir, 'pid'),
      RABBITMQ_CONFIG_FILE: path.join(dir, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: path.join(dir, 'enabled_plugins'),
      // Not there: what the machine has set for its own RabbitMQ is not for this one.
      RABBITMQ_ADVANCED_CONFIG_FILE: path.join(dir, 'advanced.config'),
      RABBITMQ_CONF_ENV_FILE: path.join(dir, 'rabbitmq-env.conf'),
      // The script becomes the server, instead of standing before it and passing signals on.
      RUNNING_UNDER_SYSTEMD: 'true',
    },
    stopSignal: 'SIGTERM',
    ready: (signal) => untilDone(signal, async () => (await connect(url)).close()),
  };
}

const supervised = (dir: string, spec: ChildSpec): Supervised =>
  new Supervised(spec, path.join(dir, `${spec.name}.log`), { onNote: () => undefined, onChange: () => undefined });

/** Tries until it succeeds or the signal aborts. */
async function untilDone(signal: AbortSignal, attempt: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch {
      // Not yet; a server that ends instead is seen by its exit.
      await delay(PROBE_MS);
    }
  }
}

function connectOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, LOOPBACK, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
