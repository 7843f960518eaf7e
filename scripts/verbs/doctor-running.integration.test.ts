/** What the doctor says of what runs: whole, without processes, with servers that are away or set wrong. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { publishMetrics } from '../../lib/queue/metrics.ts';
import { publishStatus } from '../../lib/queue/status.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { lookAtRunning, type Running } from './doctor-running.ts';

const AWAY = 'http://127.0.0.1:1';
let database: { url: string; drop: () => Promise<void> };
let server: TestServer;
let redis: Redis;
let web: Server;
/** What the web app answers to readiness. */
let status = 200;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
  server = await startTestRedis();
  redis = new Redis(server.url);
  web = createServer((_request, response) => response.writeHead(status).end('{}'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  redis.disconnect();
  web.close();
  await server.stop();
  await database.drop();
});
beforeEach(async () => {
  await redis.flushall();
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  status = 200;
});

const running = (changes: Partial<Running> = {}): Running => ({
  config: loadConfig({}),
  appUrl: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
  databaseUrl: database.url,
  redisUrl: server.url,
  brokers: ['kite'],
  ...changes,
});
const look = async (changes?: Partial<Running>): Promise<string[]> =>
  (await lookAtRunning(running(changes))).map(({ level, text }) => `${level} ${text}`);

async function runEverything(): Promise<void> {
  const atMs = Date.now();
  for (const process of ['kite', 'writer-1', 'signals', 'jobs', 'web']) {
    await publishMetrics(redis, `host:${process}`, { process, atMs, metrics: [] });
  }
  await publishStatus(redis, 'collector-kite', { kind: 'collector', feeds: {} });
  await publishStatus(redis, 'writer-1', { kind: 'writer', lagMs: {}, rows: 0, quarantined: 0, failure: null });
}

it('finds no trouble where there is none', async () => {
  await runEverything();
  const findings = await look();
  expect(findings.filter((finding) => !finding.startsWith('ok '))).toEqual(
    // Debian's package of this machine may be an old one.
    findings.filter((finding) => finding.startsWith('warn Redis')),
  );
  expect(findings).toContainEqual(expect.stringMatching(/^ok the web app at http:.* is ready$/));
  expect(findings).toContainEqual(expect.stringMatching(/^ok PostgreSQL \d+.*; its clock agrees with ours$/));
  expect(findings).toContain('ok writers: stored in time');
});

it('says which processes are missing, and what to do', async () => {
  const findings = await look();
  expect(findings).toContain('trouble writers: not running');
  expect(findings).toContainEqual(
    expect.stringMatching(
      /^trouble The collector of Kite is not running\. Nothing of Kite is recorded\. See \.\/gehra status/,
    ),
  );
});

it('says that the web app is not ready, or does not answer', async () => {
  await runEverything();
  status = 503;
  expect((await look())[0]).toMatch(/^trouble the web app at .* is not ready \(HTTP 503\)/);
  expect((await look({ appUrl: AWAY }))[0]).toMatch(
    /^trouble the web app at .* does not answer .* See \.\/gehra logs web$/,
  );
});

it('says that the database is away, or Redis may delete what it holds', async () => {
  await runEverything();
  expect(await look({ databaseUrl: 'postgres://gehra@127.0.0.1:1/gehra' })).toContainEqual(
    expect.stringMatching(/^trouble DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:1/),
  );
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const findings = await look();
  expect(findings).toContainEqual(
    expect.stringMatching(/^trouble REDIS_URL: .*maxmemory-policy allkeys-lru.*Set it to noeviction/),
  );
});

it('says nothing of given servers with which nothing has ever run', async () => {
  expect(await look({ appUrl: undefined })).toEqual([]);
  await runEverything();
  expect((await look({ appUrl: undefined })).length).toBeGreaterThan(5);
});
