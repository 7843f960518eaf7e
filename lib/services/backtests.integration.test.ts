/** Backtests as people ask for them: who may, what is refused, and how many at a time. Their work: workers/jobs/backtests.integration.test.ts. */
import { rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { World } from '../../tests/people/world.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { SLUG, storeMarket } from '../../tests/support/stored-market.ts';
import { signedIn, type Visitor } from '../../tests/support/visitor.ts';
import { BacktestsAnswer } from '../api/backtests.ts';
import { services } from './context.ts';

const dataDir = newDataFolder();
const AT = '/api/signals/backtests';
/** The day of the stored market. */
const DAY = '2026-11-25';
const ASKED = { from: DAY, to: DAY };
let world: World;
let owner: Visitor;
let viewer: Visitor;

beforeAll(async () => {
  world = await World.begin({ GEHRA_DATA_DIR: dataDir });
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  await storeMarket(client, { frames: 20, frameUs: 300_000, levels: 5, ticks: 20, tickUs: 300_000, withGap: false });
  await client.query('UPDATE gehra.instruments SET first_recorded = now()');
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NSE', 'SILENT', 'SILENT', 'EQ', 100, 5, 1)`,
  );
  await client.end();
  owner = await signedIn('Asha');
  viewer = await signedIn('Vik');
});
afterAll(async () => {
  await world.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  world.calm();
  await services().db.query('DELETE FROM gehra.backtests');
});

const ask = (changes: object = {}): Promise<Response> => owner.ask('POST', AT, { body: { ...ASKED, ...changes } });
const stored = async (): Promise<number> =>
  (await services().db.query<{ n: number }>('SELECT count(*)::int AS n FROM gehra.backtests')).rows[0]?.n as number;

async function begun(): Promise<number> {
  const answer = await ask();
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: number }).id;
}

it('lets an owner begin, cancel and delete; a viewer sees', async () => {
  const id = await begun();
  for (const [method, at, body] of [
    ['POST', AT, ASKED],
    ['POST', `${AT}/cancel`, { id }],
    ['DELETE', AT, { id }],
  ] as const) {
    expect((await viewer.ask(method, at, { body })).status, `${method} ${at}`).toBe(403);
  }
  const list = BacktestsAnswer.parse(await (await viewer.ask('GET', AT)).json());
  expect(list.backtests).toMatchObject([{ id, who: 'Asha', state: 'queued', instruments: null, detectors: null }]);
  expect((await viewer.ask('GET', `${AT}/result?id=${id}`)).status).toBe(200);

  expect((await owner.ask('DELETE', AT, { body: { id } })).status).toBe(409);
  expect((await owner.ask('POST', `${AT}/cancel`, { body: { id } })).status).toBe(204);
  expect((await owner.ask('POST', `${AT}/cancel`, { body: { id } })).status).toBe(409);
  expect((await owner.ask('DELETE', AT, { body: { id } })).status).toBe(204);
  expect((await owner.ask('DELETE', AT, { body: { id } })).status).toBe(404);
});

it.each([
  ['a day without anything', { from: '2026-11-23', to: '2026-11-24' }, 422, /Nothing was recorded from 2026-11-23/],
  ['what was not recorded', { instruments: ['NSE:SILENT'] }, 422, /Nothing was recorded of NSE:SILENT/],
  ['an unknown instrument', { instruments: ['NSE:NOTHING'] }, 404, /no instrument NSE:NOTHING/],
  ['reversed', { from: DAY, to: '2026-11-24' }, 422, /earlier/],
  ['in the future', { to: '2099-01-01' }, 422, /future/],
  ['too long', { from: '2026-08-25' }, 422, /92 days/],
  ['options of others', { detectors: ['walls'], options: { sweeps: { levels: 9 } } }, 422, /names sweeps/],
] as const)('refuses %s', async (_what, changes, status, words) => {
  const answer = await ask(changes);
  const problem = (await answer.json()) as { detail: string };
  expect([answer.status, problem.detail]).toEqual([status, expect.stringMatching(words)]);
  expect(await stored()).toBe(0);
});

it('has five at a time at most, also of those asked for at one moment', async () => {
  const statuses = (await Promise.all(Array.from({ length: 7 }, () => ask()))).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 200, 200, 200, 200, 429, 429]);
  const refused = await ask({ instruments: [SLUG] });
  expect(refused.status).toBe(429);
  expect(((await refused.json()) as { detail: string }).detail).toMatch(/5 backtests wait or run/);
  const { rows } = await services().db.query<{ id: number }>('SELECT max(backtest_id)::int AS id FROM gehra.backtests');
  await owner.ask('POST', `${AT}/cancel`, { body: { id: rows[0]?.id } });
  await begun();
});
