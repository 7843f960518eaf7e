/**
 * A whole instance of which every process is a child of this one, with a proxy between the collectors and the exchange and between
 * our processes and their servers. `./gehra up` starts the same commands with the same settings (scripts/instance).
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { migrate } from '../../db/migrate.ts';
import { removeToken, storeDhanToken, storeKiteToken } from '../../lib/auth/token-store.ts';
import { foreignEnvironment, loadConfig } from '../../lib/config/config.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { createLog } from '../../lib/obs/log.ts';
import { build } from '../../scripts/build/build.ts';
import { FILES } from '../../scripts/instance/folder.ts';
import { type Broker, simulatedVariables, writeDemoTokens } from '../../scripts/instance/market.ts';
import { freePort, LOOPBACK } from '../../scripts/instance/ports.ts';
import { type KindName, processSpec } from '../../scripts/instance/processes.ts';
import { preparePostgres } from '../../scripts/services/postgres.ts';
import { prepareRedis } from '../../scripts/services/redis.ts';
import { provideRedisProgram } from '../../scripts/services/redis-program.ts';
import { LogFile } from '../../scripts/supervise/log-file.ts';
import { type ChildSpec, Supervised } from '../../scripts/supervise/supervised.ts';
import type { Steps } from '../../scripts/terminal/steps.ts';
import { EXIT } from '../../scripts/user-error.ts';
import { instrumentsOn } from '../../simulator/market/instruments.ts';
import { isIndex } from '../../simulator/market/market.ts';
import { DEMO, DEMO_DHAN_TOKEN } from '../../simulator/tokens.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { administratorOfRedis } from '../support/redis-administrator.ts';
import { TcpProxy } from './tcp-proxy.ts';

export interface SystemOptions {
  readonly seed: number;
  readonly writers: number;
  /** Side frames a second of every instrument with 200 levels. */
  readonly framesPerSecond: number;
  /** Puts journal and Redis on small file systems of their own, which can be filled. */
  readonly withDisks: boolean;
  /** Further stocks at Kite, with a packet a second each; all of them are recorded. */
  readonly more?: number;
}

export type Link = 'kite' | 'dhan' | 'redis' | 'postgres';

const STREAM_BYTES_MAX = 256 * 1024 * 1024;
/** For a run of a few minutes at the short form's rate, several times over. */
const DISK_MIB = 400;
const POLL_MS = 100;
const RESTARTED_WITHIN_MS = 120_000;
const FOLDERS_WITH_DISK = ['journal', FILES.redis] as const;
const EVENTS_PER_MINUTE = '4';

export class ChaosSystem {
  readonly children = new Map<string, Supervised>();
  readonly links = new Map<Link, TcpProxy>();
  /** What the supervisors had to say, newest last. */
  readonly notes: string[] = [];
  readonly mounted: string[] = [];
  databaseUrl = '';
  redisUrl = '';
  simulatorUrl = '';
  appUrl = '';

  private constructor(
    readonly dataDir: string,
    readonly options: SystemOptions,
  ) {}

  /** Starts everything. What was started when it fails is stopped again. */
  static async start(options: SystemOptions, steps: Steps): Promise<ChaosSystem> {
    const system = new ChaosSystem(newDataFolder(), options);
    try {
      await system.startAll(steps);
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  private async startAll(steps: Steps): Promise<void> {
    const { dataDir, options } = this;
    if (options.withDisks) for (const folder of FOLDERS_WITH_DISK) this.mount(folder);
    const buildDir = await steps.step('building', (say) => build(say, new AbortController().signal));
    await steps.step('starting PostgreSQL and Redis', () => this.startServers());
    const migration = new LogFile(path.join(dataDir, 'logs/migrate.log'));
    await steps.step('migrating the database', () =>
      migrate(this.databaseUrl, createLog('migrate', 'info', migration)).finally(() => migration.close()),
    );
    const simulatorPort = await freePort();
    this.simulatorUrl = `http://${LOOPBACK}:${simulatorPort}`;
    for (const broker of ['kite', 'dhan'] as const) {
      this.links.set(broker, await TcpProxy.start(simulatorPort, options.seed));
    }
    const webPort = await freePort();
    this.appUrl = `http://${LOOPBACK}:${webPort}`;
    const through = (url: string, link: Link): string => {
      const address = new URL(url);
      address.port = String(this.link(link).port);
      return address.href;
    };
    const databaseUrl = through(this.databaseUrl, 'postgres');
    /** Each collector has a proxy of its own; the others ask the exchange itself. */
    const settingFor = (brokerPort: number) => ({
      buildDir,
      environment: foreignEnvironment(),
      variables: {
        GEHRA_DATA_DIR: dataDir,
        HOST: LOOPBACK,
        PORT: String(webPort),
        LOG_LEVEL: 'info',
        ...simulatedVariables(dataDir, brokerPort),
        ...(options.more === undefined ? {} : { INSTRUMENTS: namesOf(options.more) }),
      },
      databaseUrl,
      databaseDirectUrl: databaseUrl,
      redisUrl: through(this.redisUrl, 'redis'),
      authSecret,
    });
    const authSecret = randomBytes(24).toString('hex');
    const setting = settingFor(simulatorPort);
    const start = (kind: KindName, number?: number): Promise<void> =>
      this.startChild(
        processSpec(
          kind,
          kind === 'kite' || kind === 'dhan' ? settingFor(this.link(kind).port) : setting,
          number === undefined ? {} : { number },
        ),
      );
    await steps.step('starting the simulated exchange', async () => {
      const args = ['--port', simulatorPort, '--seed', options.seed, '--frames', options.framesPerSecond];
      await this.startChild(
        processSpec('simulator', setting, {
          args: [...args.map(String), '--events', EVENTS_PER_MINUTE, '--more', String(options.more ?? 0)],
        }),
      );
      await writeDemoTokens(dataDir, this.simulatorUrl);
    });
    await steps.step('starting our processes', async () => {
      await start('jobs');
      const { writers } = options;
      const numbers = writers > 1 ? Array.from({ length: writers }, (_, i) => i + 1) : [undefined];
      await Promise.all([...numbers.map((number) => start('writer', number)), start('signals'), start('web')]);
      // Last: signals looks at a market from its very beginning.
      await Promise.all([start('kite'), start('dhan')]);
    });
    await steps.step('waiting for every feed', () => this.untilRecording(RESTARTED_WITHIN_MS));
  }

  private async startServers(): Promise<void> {
    const { dataDir } = this;
    const password = randomBytes(12).toString('hex');
    const program = await provideRedisProgram(dataDir);
    const postgres = await preparePostgres({ dataDir, port: await freePort(), password });
    const redis = prepareRedis({
      dataDir,
      port: await freePort(),
      password,
      program,
      streamBytesMax: STREAM_BYTES_MAX,
    });
    this.databaseUrl = postgres.url;
    this.redisUrl = redis.url;
    await Promise.all([this.startChild(postgres.spec), this.startChild(redis.spec)]);
    for (const [link, url] of [
      ['postgres', postgres.url],
      ['redis', redis.url],
    ] as const) {
      this.links.set(link, await TcpProxy.start(Number(new URL(url).port), this.options.seed));
    }
  }

  private async startChild(spec: ChildSpec): Promise<void> {
    const child = new Supervised(spec, path.join(this.dataDir, 'logs', `${spec.name}.log`), {
      onNote: (text) => void this.notes.push(`${new Date().toISOString()} ${text}`),
      onChange: () => undefined,
    });
    this.children.set(spec.name, child);
    await child.start();
  }

  /** Stops everything and removes its folder. */
  async stop(): Promise<void> {
    for (const proxy of this.links.values()) proxy.spoil({});
    for (const child of [...this.children.values()].toReversed()) {
      // One that is stopped (SIGSTOP) hears nothing.
      if (child.pid !== undefined) resume(child.pid);
      await child.stop();
    }
    for (const proxy of this.links.values()) await proxy.stop();
    for (const folder of this.mounted.splice(0)) spawnSync('umount', [folder]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Where this process is told to end, everything ends at once with it. @returns what takes that back */
  endWithUs(): () => void {
    const onSignal = (): void => {
      this.kill();
      process.exit(EXIT.interrupted);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, onSignal);
    return () => {
      for (const signal of signals) process.off(signal, onSignal);
    };
  }

  /** Ends everything at once, for an end that cannot wait. */
  kill(): void {
    for (const child of this.children.values()) child.kill();
    for (const folder of this.mounted.splice(0)) spawnSync('umount', ['--lazy', folder]);
  }

  private mount(folder: string): void {
    const dir = path.join(this.dataDir, folder);
    mkdirSync(dir, { mode: 0o700 });
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0700`, 'tmpfs', dir]);
    if (status !== 0) throw new Error(`no file system could be mounted on ${dir}: ${stderr}`);
    this.mounted.push(dir);
  }

  link(name: Link): TcpProxy {
    const link = this.links.get(name);
    if (!link) throw new Error(`there is no link ${name}`);
    return link;
  }

  child(name: string): Supervised {
    const child = this.children.get(name);
    if (!child) throw new Error(`there is no process ${name}`);
    return child;
  }

  /** Names of the writers. */
  get writers(): string[] {
    return [...this.children.keys()].filter((name) => name.startsWith('writer'));
  }

  /** Process id; waits for one that is between two lives. */
  async pid(name: string): Promise<number> {
    const child = this.child(name);
    const pid = await until(`${name} to run`, async () => child.pid);
    return pid;
  }

  /** Ends a process, and waits until it has been started again. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.child(name);
    const pid = await this.pid(name);
    const { restarts } = child;
    process.kill(pid, signal);
    await until(`${name} to be started again`, async () =>
      child.restarts > restarts && child.pid !== undefined ? true : undefined,
    );
  }

  /** One query, past the proxy. */
  sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.database(async (client) => (await client.query<Row>(text, values)).rows);
  }

  /** Something done on a connection of its own, past the proxy. */
  async database<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 5000 });
    // A server that is killed meanwhile says so here and in the query's own error.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Something done with a Redis client of its own, past the proxy, as the administrator that our processes are not. */
  async redis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(administratorOfRedis(this.dataDir, this.redisUrl), {
      retryStrategy: () => null,
      lazyConnect: true,
    });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async exchange<T>(pathAndQuery: string): Promise<T> {
    const response = await fetch(`${this.simulatorUrl}${pathAndQuery}`);
    if (!response.ok) throw new Error(`${pathAndQuery}: HTTP ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** An order to the exchange (simulator/control.ts). @returns false where it says that there is nobody to be struck (409) */
  async control(verb: string, body: object = {}): Promise<boolean> {
    const response = await fetch(`${this.simulatorUrl}/control/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.status === 409) return false;
    if (!response.ok) throw new Error(`control/${verb}: HTTP ${response.status} ${await response.text()}`);
    return true;
  }

  /** Writes the demonstration's token anew, as after a login: a collector that was refused tries again. */
  async logIn(broker: Broker): Promise<void> {
    const config = loadConfig({
      GEHRA_DATA_DIR: this.dataDir,
      GEHRA_TOKEN_DIR: path.join(this.dataDir, FILES.simulatedTokens),
      GEHRA_SIMULATED: '1',
      KITE_API_KEY: DEMO.kite.apiKey,
    });
    await removeToken(config, broker);
    if (broker === 'kite') {
      await this.control('token', { broker, action: 'accept', access_token: DEMO.kite.accessToken });
      await storeKiteToken(config, { accessToken: DEMO.kite.accessToken, account: null, loginMs: Date.now() });
    } else {
      await this.control('token', { broker, action: 'accept', access_token: DEMO_DHAN_TOKEN });
      await storeDhanToken(config, {
        accessToken: DEMO_DHAN_TOKEN,
        clientId: DEMO.dhan.clientId,
        clientName: null,
        expiresMs: Date.now() + 86_400_000,
        generatedMs: Date.now(),
      });
    }
  }

  /** Waits until every feed of the plan has stored a frame that was received after now. */
  async untilRecording(withinMs: number): Promise<void> {
    const since = new Date();
    let late = ['all feeds'];
    await until(
      'every feed to record',
      async () => {
        late = (
          await this.sql<{ name: string }>(
            `SELECT feed.name FROM (SELECT DISTINCT feed_id FROM gehra.subscriptions) AS planned JOIN gehra.feeds AS feed USING (feed_id)
             WHERE NOT EXISTS (SELECT FROM gehra.depth_snapshots AS d WHERE d.feed_id = feed.feed_id AND d.book_time > $1 AND d.time > $1)
               AND NOT EXISTS (SELECT FROM gehra.ticks AS t WHERE t.feed_id = feed.feed_id AND t.time > $1)
             UNION ALL SELECT 'no plan' WHERE NOT EXISTS (SELECT FROM gehra.subscriptions)`,
            [since],
          )
        ).map(({ name }) => name);
        return late.length === 0 ? true : undefined;
      },
      withinMs,
      () => `${late.join(', ')} did not`,
    );
  }

  /** Stops the exchange and waits until everything that it sent is stored. @returns when it stopped, µs */
  async untilStoredAfterPause(withinMs: number): Promise<number> {
    await this.control('pause');
    const pausedUs = Date.now() * 1000;
    await until(
      'the writers to have stored all',
      async () => ((await this.storedUpTo()) > pausedUs ? true : undefined),
      withinMs,
    );
    return pausedUs;
  }

  /** Stops the collectors where they stand: one that has heard nothing for long would connect anew, and be sent the newest of all. */
  async freezeCollectors(): Promise<void> {
    for (const name of ['kite', 'dhan']) send(await this.pid(name), 'SIGSTOP');
  }

  /** Up to where the database holds everything of every feed of the plan, µs. */
  async storedUpTo(): Promise<number> {
    const [row] = await this.sql<{ position: string | null }>(
      'SELECT min(position) AS position FROM gehra.feed_positions WHERE feed_id IN (SELECT feed_id FROM gehra.subscriptions)',
    );
    return Number(row?.position ?? 0);
  }

  /** Lines of all logs of the processes in which a word stands. */
  logged(word: string): string[] {
    const dir = path.join(this.dataDir, 'logs');
    if (!existsSync(dir)) return [];
    return readdirSync(dir)
      .filter((name) => name.includes('.log'))
      .flatMap((name) =>
        readFileSync(path.join(dir, name), 'utf8')
          .split('\n')
          .filter((line) => line.includes(word))
          .map((line) => `${name}: ${line}`),
      );
  }
}

/** What is recorded under load: five books, which have 200 levels, and all that is only ticks. */
function namesOf(more: number): string {
  const today = formatIstDate(Date.now() * 1000);
  const all = instrumentsOn(today, more).filter((one) => !isIndex(one));
  return all.map(({ slug }) => slug).join(',');
}

/** Processes whose parent is `pid`: PostgreSQL's, one for each connection. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // Ended meanwhile.
    return undefined;
  }
}

/** Sends a signal. @returns false where the process has ended */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Lets a stopped process and its children go on. */
export function resume(pid: number): void {
  for (const one of [pid, ...childrenOf(pid)]) send(one, 'SIGCONT');
}

/** Asks again and again until there is an answer. Errors count as none, and the last is told where time runs out. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  withinMs = RESTARTED_WITHIN_MS,
  why: () => string = () => '',
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`waited ${withinMs / 1000} s for ${what}: ${why()} ${last instanceof Error ? last.message : ''}`);
    }
    await delay(POLL_MS);
  }
}
