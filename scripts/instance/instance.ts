/** A running instance: the servers, our processes, and the order in which they start and stop. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../db/migrate.ts';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { LockHeldError, lockFolder } from '../../lib/journal/lock.ts';
import { createLog } from '../../lib/obs/log.ts';
import { build } from '../build/build.ts';
import { checkDatabase, checkRedis } from '../services/given-servers.ts';
import { preparePostgres } from '../services/postgres.ts';
import { prepareRedis } from '../services/redis.ts';
import { provideRedisProgram } from '../services/redis-program.ts';
import type { Environment } from '../supervise/environment.ts';
import { LogFile } from '../supervise/log-file.ts';
import { type ChildSpec, Supervised } from '../supervise/supervised.ts';
import type { Steps } from '../terminal/steps.ts';
import { UserError } from '../user-error.ts';
import { FILES, openDataFolder, provideSecrets, readSettings, writeSettings } from './folder.ts';
import { endLeftovers } from './leftovers.ts';
import {
  configuredBrokers,
  type SimulatorOptions,
  settleMarket,
  simulatedVariables,
  simulatorArguments,
  writeDemoTokens,
} from './market.ts';
import { freePort, LOOPBACK, webPort } from './ports.ts';
import { identify, type ProcessId } from './process-id.ts';
import { type ProcessSetting, processSpec } from './processes.ts';
import { readRunningState, removeState, writeState } from './state.ts';

const ANSWER_WITHIN_MS = 60_000;
const ANSWER_PROBE_MS = 50;
/** The holder of the lock may be ending just now. */
const LOCK_WAIT_S = 1;

export interface InstanceOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** The port of the web app, where it was chosen; 0: any. */
  readonly port?: number;
  readonly writers: number;
  readonly simulator: SimulatorOptions;
  /** The environment that `./gehra` was given. */
  readonly environment: Environment;
  /** A copy of what the processes print, where wanted. */
  readonly onOutput?: (process: string, chunk: Uint8Array) => void;
}

export class Instance {
  readonly #options: InstanceOptions;
  readonly #steps: Steps;
  readonly #config: Config;
  readonly #children: Supervised[] = [];
  readonly #startedMs = Date.now();
  /** Lets go of the data folder; absent until it is ours. */
  #unlock: (() => void) | undefined;
  #addresses: {
    appUrl?: string;
    databaseUrl?: string;
    databaseDirectUrl?: string;
    redisUrl?: string;
    simulatorUrl?: string;
  } = {};
  readonly #abort = new AbortController();

  constructor(options: InstanceOptions, steps: Steps) {
    this.#options = options;
    this.#steps = steps;
    this.#config = loadConfig({
      ...options.environment,
      GEHRA_DATA_DIR: options.dataDir,
      ...(options.port === undefined ? {} : { PORT: String(options.port) }),
    });
  }

  /**
   * Sets up what is missing and starts everything.
   *
   * @returns the address of the web app
   * @throws UserError or StartError where something cannot be had; what was started is left to `stop`
   */
  async start(): Promise<string> {
    const { dataDir } = this.#options;
    const steps = this.#steps;
    openDataFolder(dataDir);
    this.#unlock = await takeLock(dataDir);
    await endLeftovers(dataDir);
    const market = settleMarket(dataDir, this.#config, this.#options.simulator);
    const { host, port: portWanted, portIsGiven } = this.#config;
    const port = await webPort(host, portWanted, portIsGiven);
    this.#saveState();

    // All of them, also where one fails: nothing may go on starting while the rest is being stopped.
    const [servers, buildDir] = await allOrFirstError([
      this.#startServers(market).catch((error) => {
        // The build takes the longest, and is of no use without them.
        this.#abort.abort();
        throw error;
      }),
      steps.step('building', (say) => build(say, this.#abort.signal)),
    ]);
    await steps.step('migrating the database', () => this.#migrate(servers.databaseDirectUrl));
    const setting = {
      buildDir,
      environment: this.#options.environment,
      variables: {
        GEHRA_DATA_DIR: dataDir,
        GEHRA_TOKEN_DIR: this.#config.tokenDir,
        GEHRA_SIMULATED: '0',
        HOST: host,
        PORT: String(port),
        LOG_LEVEL: this.#config.logLevel,
      },
      ...servers,
    };
    if (market === 'simulated') await this.#startSimulated(setting);
    else await this.#startReal(setting);
    const address = `http://${urlHost(host)}:${port}`;
    await steps.step('waiting for the web app', () => untilReady(address));
    this.#addresses.appUrl = address;
    this.#saveState();
    return address;
  }

  /** Stops everything in the reverse of the order it was started in. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const child of this.#children.toReversed()) {
      await this.#steps.step(`stopping ${child.name}`, () => child.stop());
    }
    if (!this.#unlock) return;
    removeState(this.#options.dataDir);
    this.#unlock();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const child of this.#children) child.kill();
  }

  async #startServers(market: 'simulated' | 'real'): Promise<{
    databaseUrl: string;
    databaseDirectUrl: string;
    redisUrl: string;
  }> {
    const [database, redisUrl] = await allOrFirstError([this.#provideDatabase(), this.#provideRedis(market)]);
    const servers = { ...database, redisUrl };
    this.#addresses = { ...this.#addresses, ...servers };
    this.#saveState();
    return servers;
  }

  async #provideDatabase(): Promise<{ databaseUrl: string; databaseDirectUrl: string }> {
    const { databaseUrl, databaseDirectUrl } = this.#config;
    if (databaseUrl) {
      await this.#steps.step('checking the database of DATABASE_URL', async (say) => {
        const { version, timescale } = await checkDatabase(databaseUrl, 'DATABASE_URL');
        if (databaseDirectUrl !== databaseUrl) await checkDatabase(databaseDirectUrl, 'DATABASE_DIRECT_URL');
        say(`PostgreSQL ${version}${timescale ? `, TimescaleDB (${timescale})` : ''}`);
      });
      return { databaseUrl, databaseDirectUrl };
    }
    return this.#steps.step('starting PostgreSQL', async (say) => {
      const { dataDir } = this.#options;
      const port = await this.#keptPort('postgres');
      const { spec, url } = await preparePostgres({
        dataDir,
        port,
        password: provideSecrets(dataDir).postgresPassword,
      });
      await this.#startChild(spec);
      say(`${LOOPBACK}:${port}`);
      return { databaseUrl: url, databaseDirectUrl: url };
    });
  }

  async #provideRedis(market: 'simulated' | 'real'): Promise<string> {
    const { redisUrl } = this.#config;
    if (redisUrl) {
      await this.#steps.step('checking the Redis of REDIS_URL', async (say) => {
        const { version, appendOnly } = await checkRedis(redisUrl);
        say(version);
        if (appendOnly) return;
        const trouble = 'REDIS_URL: the server keeps no append-only file, so a restart of it loses what is on its way.';
        if (market === 'real') throw new UserError(`${trouble} Set appendonly yes in its redis.conf.`);
        this.#steps.line(`${trouble} Accepted for the simulated market only.`);
      });
      return redisUrl;
    }
    return this.#steps.step('starting Redis', async (say) => {
      const { dataDir } = this.#options;
      const program = await provideRedisProgram(dataDir);
      const port = await this.#keptPort('redis');
      const { spec, url } = prepareRedis({
        dataDir,
        port,
        password: provideSecrets(dataDir).redisPassword,
        program,
        streamBytesMax: this.#config.stream.bytesMax,
      });
      await this.#startChild(spec);
      say(`${program.version} from ${program.origin}, ${LOOPBACK}:${port}`);
      return url;
    });
  }

  async #migrate(directUrl: string): Promise<void> {
    const file = new LogFile(path.join(this.#options.dataDir, FILES.logs, 'migrate.log'));
    try {
      await migrate(directUrl, createLog('migrate', this.#config.logLevel, file));
    } finally {
      file.close();
    }
  }

  async #startSimulated(setting: ProcessSetting): Promise<void> {
    const { dataDir, simulator } = this.#options;
    const port = await this.#keptPort('simulator');
    const simulatorUrl = `http://${LOOPBACK}:${port}`;
    await this.#steps.step('starting the simulated exchange', async (say) => {
      await this.#startChild(processSpec('simulator', setting, { args: simulatorArguments(port, simulator) }));
      await writeDemoTokens(dataDir, simulatorUrl);
      say(simulator.market ?? 'synthetic market');
    });
    this.#addresses.simulatorUrl = simulatorUrl;
    this.#saveState();
    const variables = { ...setting.variables, ...simulatedVariables(dataDir, port) };
    await this.#startProcesses({ ...setting, variables }, ['kite', 'dhan']);
  }

  async #startReal(setting: ProcessSetting): Promise<void> {
    await this.#startProcesses(setting, configuredBrokers(this.#config));
  }

  async #startProcesses(setting: ProcessSetting, brokers: readonly ('kite' | 'dhan')[]): Promise<void> {
    const writers = Array.from({ length: this.#options.writers }, (_, index) =>
      processSpec('writer', setting, this.#options.writers > 1 ? { number: index + 1 } : {}),
    );
    // The jobs first: they bring the instruments. The others find each other in any order.
    const groups = [
      [processSpec('jobs', setting)],
      [
        ...brokers.map((broker) => processSpec(broker, setting)),
        ...writers,
        processSpec('signals', setting),
        processSpec('web', setting),
      ],
    ];
    for (const group of groups) {
      await this.#steps.step(`starting ${group.map(({ name }) => name).join(', ')}`, async () => {
        await allOrFirstError(group.map((spec) => this.#startChild(spec)));
      });
    }
  }

  async #startChild(spec: ChildSpec): Promise<void> {
    if (this.#abort.signal.aborted) throw new UserError('Stopped while starting.');
    const logFile = path.join(this.#options.dataDir, FILES.logs, `${spec.name}.log`);
    const child = new Supervised(spec, logFile, {
      onNote: (text) => this.#steps.line(text),
      onChange: () => this.#saveState(),
      ...(this.#options.onOutput ? { onOutput: (chunk) => this.#options.onOutput?.(spec.name, chunk) } : {}),
    });
    this.#children.push(child);
    await child.start();
  }

  /** The port that a server of this data folder had last time, if it is free; else a new one, kept from now on. */
  async #keptPort(name: 'postgres' | 'redis' | 'simulator'): Promise<number> {
    const { dataDir } = this.#options;
    const port = await freePort(readSettings(dataDir).ports[name]);
    const settings = readSettings(dataDir);
    writeSettings(dataDir, { ...settings, ports: { ...settings.ports, [name]: port } });
    return port;
  }

  #saveState(): void {
    if (this.#abort.signal.aborted) return;
    writeState(this.#options.dataDir, {
      supervisor: identify(process.pid) as ProcessId,
      startedMs: this.#startedMs,
      ...this.#addresses,
      processes: this.#children.map(({ name, pid, startedMs, restarts }) => {
        const id = pid === undefined ? undefined : identify(pid);
        return { name, startedMs, restarts, ...(id ? { id } : {}) };
      }),
    });
  }
}

async function takeLock(dataDir: string): Promise<() => void> {
  try {
    return await lockFolder(dataDir, 'instance', LOCK_WAIT_S);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    const running = readRunningState(dataDir);
    const holder = running ? ` (process ${running.supervisor.pid})` : '';
    throw new UserError(
      `An instance runs in ${dataDir} already${holder}. Stop it with: ./gehra down --data '${dataDir}'\nOr run a second one beside it in another folder with --data DIR.`,
    );
  }
}

/** Waits for all; then throws the first error there was, if any. */
async function allOrFirstError<T extends readonly unknown[]>(
  promises: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return Promise.all(promises) as unknown as Promise<T>;
}

async function untilReady(address: string): Promise<void> {
  const deadlineMs = performance.now() + ANSWER_WITHIN_MS;
  let last = '';
  while (performance.now() < deadlineMs) {
    try {
      const answer = await fetch(`${address}/api/health/ready`);
      if (answer.ok) return;
      last = `it answers ${answer.status}: ${await answer.text()}`;
    } catch (error) {
      last = `it does not answer: ${error instanceof Error ? error.message : error}`;
    }
    await sleep(ANSWER_PROBE_MS);
  }
  throw new UserError(
    `The web app at ${address} is not ready after ${ANSWER_WITHIN_MS / 1000} s: ${last}\nSee ./gehra logs web, and ./gehra status for the others.`,
  );
}

/** The host as it stands in an address; a server on all addresses is reached by loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
