/** What is counted of jobs, on a real Redis. */
import pino from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { registry } from '../obs/metrics.ts';
import { askForBacktests, startBacktestJobs, startJobs } from './jobs.ts';
import { openRedis } from './redis.ts';

const log = pino({ level: 'silent' });
let server: TestServer;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

/** `failed` and `done` of a job, and of how many attempts the time is known. */
async function counted(job: string): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON();
  const valuesOf = (metric: string) =>
    (metrics.find(({ name }) => name === metric)?.values ?? []).filter(({ labels }) => labels.job === job);
  const ended = valuesOf('gehra_jobs_total').map(({ labels, value }) => [String(labels.result), value]);
  const timed = (valuesOf('gehra_job_seconds') as { metricName?: string; value: number }[]).find(
    ({ metricName }) => metricName === 'gehra_job_seconds_count',
  );
  return { ...Object.fromEntries(ended), timed: timed?.value ?? 0 };
}

it('begins with 0 for each job of a schedule', async () => {
  const stop = await startJobs(server.url, [{ name: 'upkeep', pattern: '0 3 1 1 *', run: async () => undefined }], log);
  expect(await counted('upkeep')).toEqual({ done: 0, failed: 0, timed: 0 });
  await stop();
});

it('makes up for a run that was missed while nobody was up, when it is told that it may, and for no other', async () => {
  const waits = [1, 0];
  const asked: (string | null)[] = [];
  const run = async (askedBy: string | null) => void asked.push(askedBy);
  const kindsAt = (pattern: string) => [
    { name: 'seal', pattern, run, putOffMs: () => waits.shift() ?? 0 },
    { name: 'turnover', pattern, run },
  ];
  await (await startJobs(server.url, kindsAt('0 3 1 1 *'), log))();
  const redis = openRedis(server.url, {});
  for (const name of ['seal', 'turnover']) await redis.zadd('bull:gehra-jobs:repeat', 'XX', Date.now() - 60_000, name);
  redis.disconnect();
  const stop = await startJobs(server.url, kindsAt('0 4 1 1 *'), log);
  await vi.waitFor(() => expect(asked).toEqual([null]), { timeout: 20_000, interval: 20 });
  expect(waits).toEqual([]);
  await stop();
});

it('counts and times an attempt that will be made again', async () => {
  const stop = startBacktestJobs(
    server.url,
    {
      concurrency: 1,
      run: async (id) => {
        if (id === 1) throw new Error('the database is away');
      },
    },
    log,
  );
  expect(await counted('backtest')).toEqual({ done: 0, failed: 0, timed: 0 });
  await askForBacktests(server.url, [1, 2]);
  await vi.waitFor(async () => expect(await counted('backtest')).toEqual({ done: 1, failed: 1, timed: 2 }), {
    timeout: 20_000,
    interval: 20,
  });
  await stop();
});
