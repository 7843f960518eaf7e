/** Backtests as people ask for them: who may, what is refused, and how many at a time. Their work: workers/jobs/backtests.integration.test.ts. */
import { rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addRule } from '../../db/alerts.ts';
import { World } from '../../tests/people/world.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { OPEN_US, SLUG, storeMarket } from '../../tests/support/stored-market.ts';
import { signedIn, type Visitor } from '../../tests/support/visitor.ts';
import { BacktestAnswer, BacktestsAnswer } from '../api/backtests.ts';
import { HORIZONS_S } from '../signals/outcome.ts';
import type { Rule } from '../signals/rules.ts';
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

it('says what each rule would have told of what was found, once it is done', async () => {
  const id = await begun();
  const { db } = services();
  const resultOf = async () =>
    BacktestAnswer.parse(await (await viewer.ask('GET', `${AT}/result?id=${id}`)).json()).rules;
  expect(await resultOf()).toBeNull();

  const walls: Rule = {
    name: 'Walls that go',
    isOn: false,
    watch: { by: 'signals', kinds: ['wall_pulled'], detectors: 'own', side: 'bid', minSeverity: 1, minSize: 100 },
    instrumentIds: null,
    fromMinute: 9 * 60,
    toMinute: 16 * 60,
    cooldownS: 60,
    cooldownOf: 'rule',
    channels: ['screen'],
  };
  await addRule(db, walls, 'test');
  await addRule(
    db,
    { ...walls, name: 'A price', watch: { by: 'metric', metric: 'last_price', direction: 'above', level: 1 } },
    'test',
  );
  // One every 30 s: each second one comes within the cooldown of the one before it.
  await db.query(`INSERT INTO gehra.backtest_days SELECT $1, $2, 'journal', 1, 10, '', NULL, 0`, [id, DAY]);
  await db.query(
    `INSERT INTO gehra.backtest_signals
     SELECT $1, kind || size || n, kind, 'walls@1', '', 1, 1, at, at, at, at, 100, 100, 'bid', size, 2, 1, '{}', '{}', '{}', 'done'
     FROM generate_series(0, 9) AS n, to_timestamp($2::bigint / 1e6 + n * 30) AS at,
       (VALUES ('wall_pulled', 100), ('wall_pulled', 99), ('sweep', 100)) AS of (kind, size)`,
    [id, OPEN_US],
  );
  await db.query(
    `INSERT INTO gehra.backtest_outcomes SELECT $1, signal_id, sample, '{1,1,1,1}', ARRAY[bps, bps, bps, bps], '{}'
     FROM gehra.backtest_signals, (VALUES (0, 3), (1, 0)) AS of (sample, bps) WHERE backtest_id = $1`,
    [id],
  );
  await db.query(`UPDATE gehra.backtests SET state = 'done' WHERE backtest_id = $1`, [id]);
  expect(await resultOf()).toMatchObject([
    {
      name: 'Walls that go',
      isOn: false,
      days: [{ day: DAY, matched: 10, fired: 5 }],
      perDay: 5,
      isCut: false,
      outcomes: HORIZONS_S.map((horizonS) => ({ horizonS, signals: 5, medianBps: 3, random: 5, randomMedianBps: 0 })),
    },
  ]);
});
