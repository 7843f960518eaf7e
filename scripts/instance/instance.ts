/** A running instance: the servers, our processes, and the order in which they start and stop. */
import path from 'node:path';
import { migrate } from '../../db/migrate.ts';
import { addressOf, type Config, type Environment, loadConfig } from '../../lib/config/config.ts';
import { createLog } from '../../lib/obs/log.ts';
import { demoMayOpen } from '../../lib/services/access.ts';
import { build } from '../build/build.ts';
import { LogFile } from '../supervise/log-file.ts';
import { type ChildSpec, Supervised } from '../supervise/supervised.ts';
import type { Steps } from '../terminal/steps.ts';
import { messageOf } from '../user-error.ts';
import { FILES, openDataFolder, provideSecrets } from './folder.ts';
import { endLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';
import {
  type Broker,
  configuredBrokers,
  type Market,
  type SimulatorOptions,
  settleMarket,
  simulatedVariables,
  simulatorArguments,
  writeDemoTokens,
} from './market.ts';
import { claimRedisOf, migrateOwn, ownerOf } from './owner.ts';
import { keptPort, LOOPBACK, webPort } from './ports.ts';
import { identify, type ProcessId } from './process-id.ts';
import { type ProcessSetting, processSpec } from './processes.ts';
import { untilReady } from './readiness.ts';
import { provideDatabase, provideRedis } from './servers.ts';
import { firstOwnerLink } from './sign-in.ts';
import { type InstanceState, removeState, writeState } from './state.ts';

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

type Addresses = Pick<InstanceState, 'appUrl' | 'databaseUrl' | 'databaseDirectUrl' | 'redisUrl' | 'simulatorUrl'>;
type ServerAddresses = Pick<ProcessSetting, 'databaseUrl' | 'databaseDirectUrl' | 'redisUrl'>;

export class Instance {
  readonly #options: InstanceOptions;
  readonly #steps: Steps;
  readonly #config: Config;
  readonly #children: Supervised[] = [];
  readonly #startedMs = Date.now();
  readonly #stopping = new AbortController();
  /** Lets go of the data folder; absent until it is ours. */
  #unlock: (() => void) | undefined;
  #addresses: Addresses = {};

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
    const { dataDir, host } = this.#config;
    openDataFolder(dataDir);
    this.#unlock = await takeLock(dataDir);
    await endLeftovers(dataDir);
    const market = settleMarket(dataDir, this.#config, this.#options.simulator);
    const port = await webPort(host, this.#config.port, this.#config.portIsGiven);
    this.#saveState();

    const [servers, buildDir] = await allOrFirstError([
      this.#provideServers(market).catch((error) => {
        // The build takes the longest, and is of no use without them.
        this.#stopping.abort();
        throw error;
      }),
      this.#steps.step('building', (say) => build(say, this.#stopping.signal)),
    ]);
    const owner = ownerOf(dataDir);
    const database = { url: servers.databaseDirectUrl, givenBy: this.#config.databaseGivenBy.direct };
    await this.#steps.step('migrating the database', () => migrateOwn(owner, database, (url) => this.#migrate(url)));
    await claimRedisOf(owner, servers.redisUrl);
    const setting = {
      buildDir,
      environment: this.#options.environment,
      variables: this.#variables(port),
      authSecret: this.#config.authSecret || provideSecrets(dataDir).authSecret,
      ...servers,
    };
    if (market === 'simulated') await this.#startSimulated(setting);
    else await this.#startProcesses(setting, configuredBrokers(this.#config));

    const address = addressOf(host, port);
    await this.#steps.step('waiting for the web app', () => untilReady(address, this.#stopping.signal));
    this.#know({ appUrl: address });
    return address;
  }

  /** A link for the first owner, where somebody has to be able to sign in and nobody can yet. */
  async firstOwnerLink(): Promise<string | undefined> {
    const { appUrl, databaseDirectUrl, simulatorUrl } = this.#addresses;
    const { oidc } = this.#config;
    const simulated = simulatorUrl !== undefined;
    if (demoMayOpen({ ...this.#config, simulated }) || (oidc && oidc.owners.length > 0)) return undefined;
    if (!appUrl || !databaseDirectUrl) return undefined;
    const link = await firstOwnerLink(databaseDirectUrl, Date.now());
    return link && `${this.#config.appUrlIsGiven ? this.#config.appUrl : appUrl}${link}`;
  }

  /** Stops everything in the reverse of the order it was started in. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const child of this.#children.toReversed()) {
      await this.#steps.step(`stopping ${child.name}`, () => child.stop());
    }
    if (!this.#unlock) return;
    removeState(this.#config.dataDir);
    this.#unlock();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const child of this.#children) child.kill();
  }

  async #provideServers(market: Market): Promise<ServerAddresses> {
    const context = {
      config: this.#config,
      market,
      steps: this.#steps,
      startChild: (spec: ChildSpec) => this.#startChild(spec),
    };
    const [database, redisUrl] = await allOrFirstError([provideDatabase(context), provideRedis(context)]);
    const servers = { ...database, redisUrl };
    this.#know(servers);
    return servers;
  }

  async #migrate(directUrl: string): Promise<void> {
    const file = new LogFile(this.#logFile('migrate'));
    try {
      await migrate(directUrl, createLog('migrate', this.#config.logLevel, file));
    } finally {
      file.close();
    }
  }

  async #startSimulated(setting: ProcessSetting): Promise<void> {
    const { dataDir } = this.#config;
    const { simulator } = this.#options;
    // One port for as long as the instance lives: the collectors find an exchange that was started again.
    const port = await keptPort(dataDir, 'simulator');
    const simulatorUrl = `http://${LOOPBACK}:${port}`;
    await this.#steps.step('starting the simulated exchange', async (say) => {
      const { kite, dhan } = loadConfig({ ...setting.environment, ...setting.variables });
      const redirects = { kite: kite.redirectUrl, dhan: dhan.redirectUrl };
      await this.#startChild(
        processSpec('simulator', setting, { args: simulatorArguments(port, simulator, redirects) }),
      );
      await writeDemoTokens(dataDir, simulatorUrl);
      say(simulator.market ?? 'synthetic market');
    });
    this.#know({ simulatorUrl });
    const variables = { ...setting.variables, ...simulatedVariables(dataDir, port, simulator) };
    // Who says when to record is not contradicted.
    const { MARKET_HOURS } = this.#options.environment;
    if (MARKET_HOURS) variables.MARKET_HOURS = MARKET_HOURS;
    await this.#startProcesses({ ...setting, variables }, ['kite', 'dhan']);
  }

  async #startProcesses(setting: ProcessSetting, brokers: readonly Broker[]): Promise<void> {
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
    this.#stopping.signal.throwIfAborted();
    const { onOutput } = this.#options;
    const child = new Supervised(spec, this.#logFile(spec.name), {
      onNote: (text) => this.#steps.line(text),
      onChange: () => this.#saveState(),
      ...(onOutput ? { onOutput: (chunk) => onOutput(spec.name, chunk) } : {}),
    });
    this.#children.push(child);
    await child.start();
  }

  /** What the instance sets for all its processes, above the environment that it was given. */
  #variables(port: number): Record<string, string> {
    const { dataDir, tokenDir, host, logLevel } = this.#config;
    return {
      GEHRA_DATA_DIR: dataDir,
      GEHRA_TOKEN_DIR: tokenDir,
      GEHRA_SIMULATED: '0',
      HOST: host,
      PORT: String(port),
      LOG_LEVEL: logLevel,
    };
  }

  #logFile(name: string): string {
    return path.join(this.#config.dataDir, FILES.logs, `${name}.log`);
  }

  #know(addresses: Addresses): void {
    this.#addresses = { ...this.#addresses, ...addresses };
    this.#saveState();
  }

  /** A full disk must not end what runs: the state is of use to other commands only. */
  #saveState(): void {
    if (this.#stopping.signal.aborted) return;
    const processes = this.#children.map(({ name, pid, startedMs, restarts }) => {
      const id = pid === undefined ? undefined : identify(pid);
      return { name, startedMs, restarts, ...(id ? { id } : {}) };
    });
    const supervisor = identify(process.pid) as ProcessId;
    try {
      writeState(this.#config.dataDir, { supervisor, startedMs: this.#startedMs, ...this.#addresses, processes });
    } catch (error) {
      this.#steps.line(`the state of the instance could not be saved: ${messageOf(error)}`);
    }
  }
}

/** Waits for all, so that nothing goes on starting while the rest is being stopped; then throws the first error. */
async function allOrFirstError<T extends readonly unknown[]>(
  promises: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
