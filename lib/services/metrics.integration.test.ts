/** What a Prometheus is given of a whole installation, and what anybody may know of whether it works. */
import pino from 'pino';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { GET } from '../../app/metrics/route.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { type ProcessMetrics, publishMetrics } from '../queue/metrics.ts';
import { services } from './context.ts';
import { readiness } from './health.ts';
import { metricsText } from './metrics.ts';

const log = pino({ level: 'silent' });
let database: { url: string; drop: () => Promise<void> };
let stop: () => Promise<void>;

beforeEach(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  ({ stop } = await startTestServices(database.url, log, { KITE_API_KEY: 'key' }));
  await readiness();
});
afterEach(async () => {
  await stop();
  await database.drop();
});

const told = (process: string): ProcessMetrics => ({ process, atMs: Date.now(), metrics: [] });

it('says which processes are there and which are missed', async () => {
  const { redis } = services();
  await publishMetrics(redis, 'a:1', told('kite'));
  await publishMetrics(redis, 'a:2', told('writer-2'));
  await publishMetrics(redis, 'a:3', told('web'));
  const response = await GET(new Request('http://127.0.0.1:3000/metrics', { headers: { host: '127.0.0.1:3000' } }));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  expect(text.match(/^gehra_process_up\{.*$/gm)).toEqual([
    'gehra_process_up{process="kite"} 1',
    'gehra_process_up{process="web"} 1',
    'gehra_process_up{process="writer-2"} 1',
    'gehra_process_up{process="signals"} 0',
    'gehra_process_up{process="jobs"} 0',
  ]);
  expect(text).toContain('gehra_dependency_up{dependency="redis"} 1');
  expect(text).toContain('gehra_dependency_up{dependency="database"} 1');
});

it('S105: is for who is known, by session or key', async () => {
  const response = await GET(new Request('http://gehra.example/metrics', { headers: { host: 'gehra.example' } }));
  expect(response.status).toBe(401);
  expect(await response.text()).not.toContain('gehra_');
});

it('answers without Redis and without the database, and says that they are away', async () => {
  // Nothing listens on port 1.
  const away = await startTestServices('postgres://gehra@127.0.0.1:1/gehra', log);
  services().redis.disconnect();
  const { text } = await metricsText(await demoCaller()).finally(away.stop);
  expect(text).toContain('gehra_dependency_up{dependency="redis"} 0');
  expect(text).toContain('gehra_dependency_up{dependency="database"} 0');
  expect(text).toContain('gehra_process_up{process="writer"} 0');
  expect(text).toContain('gehra_process_up{process="web"} 1');
  expect(text).toMatch(/gehra_invariant_violations_total\{invariant="journal_damaged",process="web"\} 0/);
});
