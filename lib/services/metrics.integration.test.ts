/** What a Prometheus is given of a whole installation, and what anybody may know of whether it works. */
import pino from 'pino';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { GET as getHealth } from '../../app/api/health/route.ts';
import { GET } from '../../app/metrics/route.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import type { Health } from '../core/health.ts';
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
  // Of the others nothing is known.
  expect(text.match(/^gehra_process_up\{.*$/gm)).toEqual(['gehra_process_up{process="web"} 1']);
  expect(text).toMatch(/gehra_invariant_violations_total\{invariant="journal_damaged",process="web"\} 0/);
});

it('S105: tells how everything is to who is known alone, and names the instrument of a gap', async () => {
  const asked = (host: string) => getHealth(new Request(`http://${host}/api/health`, { headers: { host } }));
  expect((await asked('gehra.example')).status).toBe(401);
  await services().db.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65)`,
  );
  await services().db.query(
    `INSERT INTO gehra.feed_gaps (feed_id, from_time, to_time, cause, instrument_ids)
     VALUES (31, now() - interval '60 s', now() - interval '48 s', 'network', '{1}'),
       (31, now() - interval '2 days', now() - interval '1 day', 'network', '{1}'),
       (31, now() - interval '30 s', now() - interval '10 s', 'market_closed', '{1}')`,
  );
  const response = await asked('127.0.0.1:3000');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { incidents, stages } = (await response.json()) as Health;
  expect(incidents.filter(({ state }) => state === 'over').map(({ words }) => words)).toEqual([
    expect.stringMatching(/^Dhan 200-level NIFTY26DECFUT silent for 12 s, until \d\d:\d\d:\d\d: cause network$/),
  ]);
  expect(stages.find(({ id }) => id === 'database')?.state).toBe('ok');
});
