/** A real Redis Cluster of three nodes: what a collector sends through it a writer stores. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { freePort } from '../../scripts/instance/ports.ts';
import { checkRedis } from '../../scripts/services/given-servers.ts';
import { provideRedisProgram } from '../../scripts/services/redis-program.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { READ_BLOCK_MS, Writer } from '../../workers/writer/writer.ts';
import { loadConfig } from '../config/config.ts';
import { FEEDS } from '../core/feeds.ts';
import { BID, SideLevels } from '../core/side.ts';
import { wallClockUs } from '../obs/clock.ts';
import { EntryWriter } from './entry.ts';
import { askForExports, askForJob, startExportJobs, startJobs } from './jobs.ts';
import { claimRedis } from './owner.ts';
import { connectBlockingRedis, connectRedis } from './redis.ts';
import { refuseForgetfulRedis } from './redis-facts.ts';
import { publishStatus, readStatuses } from './status.ts';
import { StreamAppender, type StreamEntry, StreamReader } from './streams.ts';

const log = pino({ level: 'silent' });
const NODES = 3;
const SLOTS = 16_384;
const PASSWORD = 'cluster-of-a-test';
const ENTRIES = 200;

let dir: string;
let url: string;
let stopNodes: () => Promise<void>;
let nodes: Redis[];

beforeAll(async () => {
  dir = newDataFolder();
  const { command, env } = await provideRedisProgram(dir);
  const ports = await Promise.all(Array.from({ length: NODES * 2 }, freePort));
  const children = Array.from({ length: NODES }, (_, i) => {
    const home = path.join(dir, `node-${i}`);
    mkdirSync(home);
    const settings = {
      port: String(ports[i]),
      'cluster-port': String(ports[i + NODES]),
      bind: '127.0.0.1',
      'cluster-enabled': 'yes',
      appendonly: 'yes',
      save: '',
      requirepass: PASSWORD,
      masterauth: PASSWORD,
      dir: home,
    };
    return spawn(
      command,
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      {
        env: { ...env } as unknown as NodeJS.ProcessEnv,
        stdio: 'ignore',
      },
    );
  });
  nodes = ports.slice(0, NODES).map((port) => {
    const node = new Redis({ host: '127.0.0.1', port, password: PASSWORD });
    // Until it listens.
    node.on('error', () => undefined);
    return node;
  });
  stopNodes = async () => {
    for (const node of nodes) node.disconnect();
    for (const child of children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    rmSync(dir, { recursive: true, force: true });
  };
  for (const [i, node] of nodes.entries()) {
    const from = Math.ceil((i * SLOTS) / NODES);
    await node.call('CLUSTER', 'ADDSLOTSRANGE', from, Math.ceil(((i + 1) * SLOTS) / NODES) - 1);
    await nodes[0]?.call('CLUSTER', 'MEET', '127.0.0.1', ports[i] as number, ports[i + NODES] as number);
  }
  await vi.waitFor(
    async () => {
      for (const node of nodes) {
        const info = await node.cluster('INFO');
        expect(info).toContain('cluster_state:ok');
        expect(info).toContain(`cluster_known_nodes:${NODES}`);
      }
    },
    { timeout: 60_000, interval: 100 },
  );
  url = `redis+cluster://:${PASSWORD}@127.0.0.1:${ports[0]}`;
});
afterAll(() => stopNodes());

it('holds the streams of a collector, which a writer stores', async () => {
  const database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  const redis = connectRedis(url, log);
  const blocking = connectBlockingRedis(url, log, READ_BLOCK_MS);
  await Promise.all([redis, blocking].map((one) => new Promise((resolve) => one.once('ready', resolve))));
  const reader = new StreamReader(blocking, redis);
  const writer = new Writer(loadConfig({ DATABASE_URL: database.url, REDIS_URL: url }), reader, log);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const feeds = FEEDS.filter(({ kind }) => kind !== 'ticks');
    const appender = new StreamAppender(redis);
    const fromUs = wallClockUs();
    for (const feed of feeds) {
      expect(await appender.append(feed, 0, entriesFrom(fromUs))).toMatchObject({ appended: ENTRIES, refused: null });
      expect(await appender.lastStamp(feed)).toBe(fromUs + ENTRIES - 1);
    }
    expect(await appender.bytes(feeds)).toBeGreaterThan(0);
    const kept = await Promise.all(nodes.map((node) => node.keys('gehra:feed:*')));
    expect(kept.filter(({ length }) => length > 0).length, 'nodes with streams').toBeGreaterThan(1);
    writer.start();
    await vi.waitFor(
      async () => {
        const { rows } = await client.query(
          'SELECT count(*)::integer AS rows, count(DISTINCT (feed_id, time))::integer AS entries FROM gehra.depth_snapshots',
        );
        expect(rows).toEqual([{ rows: feeds.length * ENTRIES, entries: feeds.length * ENTRIES }]);
        for (const feed of feeds) expect(await appender.writtenUpTo(feed)).toBe(fromUs + ENTRIES - 1);
      },
      { timeout: 50_000, interval: 100 },
    );
    await publishStatus(redis, 'writer-1', writer.status());
    expect((await readStatuses(redis, ['writer-1', 'writer-2'])).get('writer-1')?.kind).toBe('writer');
  } finally {
    await writer.stop();
    redis.disconnect();
    blocking.disconnect();
    await client.end();
    await database.drop();
  }
});

it('is checked node by node, and belongs to one instance', async () => {
  expect(await checkRedis(url)).toMatchObject({ appendOnly: true });
  expect(await claimRedis(url, 'one')).toBe('one');
  expect(await claimRedis(url, 'another')).toBe('one');
  await refuseForgetfulRedis({ redisUrl: url, simulated: false }, log);
  await nodes[2]?.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await expect(refuseForgetfulRedis({ redisUrl: url, simulated: false }, log)).rejects.toThrow('allkeys-lru');
  await nodes[2]?.config('SET', 'maxmemory-policy', 'noeviction');
});

it('holds the jobs', async () => {
  const done: string[] = [];
  const stopJobs = await startJobs(
    url,
    [{ name: 'rehearsal', pattern: '0 0 1 1 *', run: async (askedBy) => void done.push(`asked by ${askedBy}`) }],
    log,
  );
  const stopExports = startExportJobs(url, { concurrency: 1, run: async (id) => void done.push(`export ${id}`) }, log);
  try {
    await askForJob(url, 'rehearsal', 'me');
    await askForExports(url, [7]);
    await vi.waitFor(() => expect(done.toSorted()).toEqual(['asked by me', 'export 7']), {
      timeout: 30_000,
      interval: 50,
    });
  } finally {
    await stopExports();
    await stopJobs();
  }
});

function entriesFrom(fromUs: number): StreamEntry[] {
  const entries = new EntryWriter();
  return Array.from({ length: ENTRIES }, (_, i) => {
    const side = new SideLevels();
    side.count = 5;
    for (let level = 0; level < side.count; level += 1) {
      side.prices[level] = 2_604_000 - level * 10;
      side.quantities[level] = 65;
      side.orders[level] = 1;
    }
    entries.begin();
    entries.depth(1, 0, BID, 0, 100, side);
    return { stampUs: fromUs + i, bytes: entries.finish() as Buffer };
  });
}
