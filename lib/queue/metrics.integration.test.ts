import type { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { counter, histogram } from '../obs/metrics.ts';
import { KEYS } from './keys.ts';
import {
  figureOf,
  joinMetrics,
  keepPublishing,
  lastHeard,
  type ProcessMetrics,
  publishMetrics,
  readMetrics,
} from './metrics.ts';
import { connectRedis } from './redis.ts';

const log = pino({ level: 'silent' });
let server: TestServer;
let redis: Redis;

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const eaten = counter('test_eaten_total', 'Apples eaten.', ['who']);
const bites = histogram('test_bite_seconds', 'Time of a bite, in seconds.', [0.1, 1]);

const told = (process: string, atMs: number, value: number): ProcessMetrics => ({
  process,
  atMs,
  metrics: [
    { name: 'test_g', help: 'A gauge.', type: 'gauge', aggregator: 'sum', values: [{ value, labels: {} }] },
  ] as unknown as ProcessMetrics['metrics'],
});

it('tells what a process measures, histograms too, and takes it back when it stops', async () => {
  eaten.inc({ who: 'Asha' }, 3);
  bites.observe(0.5);
  const stop = keepPublishing(redis, () => 'kite', log);
  const [kite] = await vi.waitFor(async () => {
    const found = await readMetrics(redis);
    expect(found).toHaveLength(1);
    return found as [ProcessMetrics];
  });
  expect(figureOf(kite, 'test_eaten_total', { who: 'Asha' })).toBe(3);
  expect(figureOf(kite, 'test_eaten_total', { who: 'Ravi' })).toBeUndefined();
  expect(figureOf(kite, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(await redis.pttl((await redis.keys(KEYS.metrics('*')))[0] as string)).toBeGreaterThan(0);
  const text = await joinMetrics([kite]).metrics();
  expect(text).toContain('# HELP test_eaten_total Apples eaten.\n# TYPE test_eaten_total counter');
  expect(text).toContain('test_eaten_total{who="Asha",process="kite"} 3');
  expect(text).toContain('test_bite_seconds_bucket{le="1",process="kite"} 1');
  expect(text).toContain('test_bite_seconds_bucket{le="0.1",process="kite"} 0');
  expect(text).toContain('test_bite_seconds_sum{process="kite"} 0.5');
  expect(text).not.toMatch(/ (NaN|null)$/m);
  await stop();
  expect(await redis.keys('*')).toEqual([KEYS.lastHeard]);
  expect((await lastHeard(redis)).get('kite')).toBe(kite.atMs);
});

it('tells nothing while a process has no name', async () => {
  const stop = keepPublishing(redis, () => null, log);
  await stop();
  expect(await redis.keys('*')).toEqual([]);
});

it('keeps several of a kind apart, and adds nothing up', async () => {
  const now = Date.now();
  await publishMetrics(redis, 'host-a:11', told('writer-1', now, 1));
  await publishMetrics(redis, 'host-b:12', told('web', now, 2));
  await publishMetrics(redis, 'host-b:13', told('web', now, 4));
  const all = await readMetrics(redis);
  expect(all.map(({ process }) => process)).toEqual(['web@host-b:12', 'web@host-b:13', 'writer-1']);
  const text = await joinMetrics(all).metrics();
  expect(text.match(/^test_g\{.*$/gm)).toEqual([
    'test_g{process="web@host-b:12"} 2',
    'test_g{process="web@host-b:13"} 4',
    'test_g{process="writer-1"} 1',
  ]);
  expect(text.match(/# TYPE test_g/g)).toHaveLength(1);
});

it('forgets who has told nothing for long', async () => {
  const now = Date.now();
  await publishMetrics(redis, 'host-a:11', told('signals', now - 60_000, 1));
  await redis.del(KEYS.metrics('host-a:11'));
  expect(await readMetrics(redis)).toEqual([]);
  await publishMetrics(redis, 'host-a:12', told('signals', now, 1));
  expect(await redis.zrange(KEYS.metricsOf, 0, '-1')).toEqual(['host-a:12']);
});
