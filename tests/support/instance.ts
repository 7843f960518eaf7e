/** A whole instance, started and stopped through `./gehra` as a person would, with its exchange and its database at hand. */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Environment } from '../../lib/config/config.ts';
import { FILES } from '../../scripts/instance/folder.ts';
import { readRunningState } from '../../scripts/instance/state.ts';
import { newDataFolder } from './data-folder.ts';
import { gehra, parseAssignments } from './gehra.ts';
import { secretsInLogs } from './log-secrets.ts';

/** One series of `GET /accounting`: a kind of packet of one instrument. */
export interface SentSeries {
  readonly feed: string;
  readonly kind: string;
  readonly instrument: string;
  readonly frames: number;
  readonly levels: number;
  readonly checksum: string;
}

export class Instance {
  private constructor(
    readonly dataDir: string,
    readonly appUrl: string,
    readonly databaseUrl: string,
    private readonly simulatorUrl: string,
    /** What `./gehra up` said; empty where another has started it. */
    readonly said: string,
  ) {}

  /** Starts an instance in a folder of its own, on a free port. */
  static async start(args: readonly string[] = [], env: Environment = {}): Promise<Instance> {
    const dataDir = newDataFolder();
    const up = await gehra(['up', '--detach', '--data', dataDir, '--port', '0', ...args], { env });
    if (up.code !== 0) throw new Error(`./gehra up failed:\n${up.stdout}\n${up.stderr}`);
    return Instance.at(dataDir, up.stdout);
  }

  /** The instance that runs in a folder already. */
  static async at(dataDir: string, said = ''): Promise<Instance> {
    const { stdout } = await gehra(['env', '--data', dataDir]);
    const values = parseAssignments(stdout);
    return new Instance(dataDir, values.APP_URL ?? '', values.DATABASE_URL ?? '', values.SIMULATOR_URL ?? '', said);
  }

  /**
   * @throws where the product has called an address of its brokers that it knows no use for (S26: no order is ever placed), or
   * has written a secret into a log (S15)
   */
  async stop(): Promise<void> {
    await gehra(['down', '--data', this.dataDir]);
    const stray = unknownCalls(this.dataDir);
    const told = secretsInLogs(path.join(this.dataDir, FILES.logs), secretsOf(this.dataDir));
    rmSync(this.dataDir, { recursive: true, force: true });
    if (stray.length > 0) throw new Error(`the exchange was asked for what it does not have:\n${stray.join('\n')}`);
    if (told.length > 0) throw new Error(`a secret was written into a log:\n${told.join('\n')}`);
  }

  /** Runs one query on a connection of its own: the server may have been restarted since the last. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async exchange<T>(pathAndQuery: string): Promise<T> {
    const response = await fetch(`${this.simulatorUrl}${pathAndQuery}`);
    if (!response.ok) throw new Error(`${pathAndQuery}: HTTP ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** An order to the exchange (simulator/control.ts), and its answer. */
  async control<T = unknown>(verb: string, body: object = {}): Promise<T> {
    const response = await fetch(`${this.simulatorUrl}/control/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`control/${verb}: HTTP ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** What the exchange has handed to sockets, series by series; with `at`, before that time of the recording. */
  async sent(at?: number): Promise<SentSeries[]> {
    const { feeds } = await this.exchange<{
      feeds: { feed: string; kind: string; instruments: Omit<SentSeries, 'feed' | 'kind'>[] }[];
    }>(at === undefined ? '/accounting' : `/accounting?at=${at}`);
    return feeds.flatMap(({ feed, kind, instruments }) => instruments.map((series) => ({ ...series, feed, kind })));
  }

  /** Process id of a part, or undefined between two lives. */
  pid(name: string): number | undefined {
    return this.process(name)?.id?.pid;
  }

  /** Names of all parts: servers, the exchange, our processes. */
  parts(): string[] {
    return readRunningState(this.dataDir)?.processes.map(({ name }) => name) ?? [];
  }

  restarts(name: string): number {
    return this.process(name)?.restarts ?? 0;
  }

  private process(name: string) {
    return readRunningState(this.dataDir)?.processes.find((process) => process.name === name);
  }
}

/** Passwords and tokens of an instance, as they are now; what was never made is no secret. */
function secretsOf(dataDir: string): string[] {
  const files = [
    FILES.secrets,
    `${FILES.redis}/redis.conf`,
    `${FILES.simulatedTokens}/access_token.txt`,
    `${FILES.simulatedTokens}/dhan_token.json`,
  ];
  return files.flatMap((name) => {
    const file = path.join(dataDir, name);
    // Passwords, and tokens but for the exchange's first one, are long words of their own.
    return existsSync(file) ? (readFileSync(file, 'utf8').match(/(?<![\w.-])[\w.-]{24,}(?![\w.-])/g) ?? []) : [];
  });
}

/** Requests that the simulated exchange, which has no orders, did not know, by its log. */
function unknownCalls(dataDir: string): string[] {
  const file = path.join(dataDir, 'logs/simulator.log');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"nothing_answers"'));
}

/** Depth stored of each instrument, feed kind and side, in the words of `SentSeries`. */
export async function storedDepth(instance: Instance): Promise<SentSeries[]> {
  const rows = await instance.sql<SentSeries & { frames: string; levels: string }>(
    `SELECT 'dhan-' || feed.kind AS feed, CASE d.side WHEN 0 THEN 'bid' ELSE 'ask' END AS kind,
       i.exchange || ':' || i.symbol AS instrument, count(*) AS frames, coalesce(sum(cardinality(d.prices)), 0) AS levels,
       sum(gehra.depth_checksum(d.prices, d.quantities, d.orders))::text AS checksum
     FROM gehra.depth_snapshots AS d
     JOIN gehra.feeds AS feed USING (feed_id) JOIN gehra.instruments AS i USING (instrument_id)
     GROUP BY feed.kind, d.side, i.exchange, i.symbol`,
  );
  return rows.map((row) => ({ ...row, frames: Number(row.frames), levels: Number(row.levels) }));
}

/** Depth series in one order, for comparing what was sent with what is stored. */
export const depthSeries = (series: readonly SentSeries[]): SentSeries[] =>
  series
    .filter(({ feed, frames }) => feed.startsWith('dhan-depth') && frames > 0)
    .map(({ feed, kind, instrument, frames, levels, checksum }) => ({
      feed,
      kind,
      instrument,
      frames,
      levels,
      checksum,
    }))
    .sort((a, b) => key(a).localeCompare(key(b)));

const key = ({ feed, kind, instrument }: SentSeries): string => `${feed} ${instrument} ${kind}`;
