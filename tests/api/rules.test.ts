/** Rules by their routes: made, changed, deleted, foreseen. */
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { z } from 'zod';
import { migrate } from '../../db/migrate.ts';
import { storeSignals } from '../../db/signals.ts';
import type { PreviewAnswer, RulesAnswer } from '../../lib/api/rules.ts';
import { istTimeUs } from '../../lib/core/ist.ts';
import { services } from '../../lib/services/context.ts';
import { type ApiRoute, apiRoutes, type Method } from '../support/api-routes.ts';
import { createDatabase } from '../support/servers.ts';
import { startTestServices } from '../support/services.ts';

const log = pino({ level: 'silent' });
const NOW_US = istTimeUs('2026-11-26', '15:45');
const MINUTE_US = 60_000_000;
const RULE = {
  name: 'Walls of SBIN',
  isOn: true,
  watch: { by: 'signals', kinds: ['wall_pulled'], minSeverity: 2 },
  instruments: ['NSE:SBIN'],
  hours: { from: '09:15', to: '15:30' },
};

let database: Awaited<ReturnType<typeof createDatabase>>;
let stop: () => Promise<void>;
let routes: readonly ApiRoute[];

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  ({ stop } = await startTestServices(database.url, log, {}, () => NOW_US / 1000));
  routes = await apiRoutes();
  await services().db.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1), ('NSE', 'INFY', 'INFOSYS', 'EQ', 100, 5, 1),
       ('INDICES', 'NIFTY 50', 'NIFTY 50', 'INDEX', 100, 5, 1)`,
  );
});
afterAll(async () => {
  await stop();
  await database.drop();
});
beforeEach(() => services().db.query('TRUNCATE gehra.alert_rules RESTART IDENTITY'));

async function ask(method: Method, path: string, body?: object): Promise<{ status: number; answer: never }> {
  const route = routes.find((one) => one.method === method && one.path === `/api/signals/rules${path}`) as ApiRoute;
  const headers = { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', 'content-type': 'application/json' };
  const request = new Request(`http://127.0.0.1:3000${route.path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const response = await route.handler(request, { params: Promise.resolve({}) });
  return { status: response.status, answer: (response.status === 204 ? null : await response.json()) as never };
}

const stored = async (): Promise<z.output<typeof RulesAnswer>> => (await ask('GET', '')).answer;

describe('a rule', () => {
  it('is made with what was not said, changed as a whole, and deleted', async () => {
    expect(await ask('POST', '', RULE)).toMatchObject({ status: 201, answer: { id: 1 } });
    expect((await stored()).rules).toMatchObject([
      {
        id: 1,
        ...RULE,
        watch: { ...RULE.watch, detectors: 'all', side: null, minSize: 0 },
        cooldownS: 300,
        cooldownOf: 'instrument',
        channels: ['screen'],
        priceScale: null,
      },
    ]);
    const watch = { by: 'metric', metric: 'last_price', direction: 'below', level: 79_995 };
    const changed = { ...RULE, id: 1, isOn: false, watch, channels: ['screen', 'slack'] };
    expect((await ask('PATCH', '', changed)).status).toBe(204);
    expect((await stored()).rules).toMatchObject([{ ...changed, priceScale: 100 }]);
    expect((await ask('DELETE', '', { id: 1 })).status).toBe(204);
    expect((await stored()).rules).toEqual([]);
  });

  it('that there is not cannot be changed, deleted or tested; nor is one made of what there is not', async () => {
    for (const [method, path, body] of [
      ['PATCH', '', { id: 7, ...RULE }],
      ['DELETE', '', { id: 7 }],
      ['POST', '/test', { id: 7 }],
    ] as const) {
      expect(await ask(method, path, body)).toMatchObject({ status: 404, answer: { detail: 'There is no rule 7.' } });
    }
    const unknown = { ...RULE, instruments: ['NSE:SBIN', 'NSE:NOBODY'] };
    expect(await ask('POST', '', unknown)).toMatchObject({ status: 404, answer: { detail: /NSE:NOBODY/ } });
    const metric = { by: 'metric', metric: 'imbalance', direction: 'above', level: 5 };
    expect((await ask('POST', '', { ...RULE, watch: metric })).answer).toMatchObject({
      status: 422,
      detail: /−1 and 1/,
    });
    const ofIndex = { ...RULE, instruments: ['INDICES:NIFTY 50'], watch: { ...metric, level: 0.5 } };
    expect(await ask('POST', '', ofIndex)).toMatchObject({ status: 422, answer: { detail: /An index has no quotes/ } });
    const half = { ...metric, metric: 'last_price', level: 0.5 };
    expect((await ask('POST', '/preview', { ...RULE, watch: half })).answer).toMatchObject({ status: 422 });
    expect((await stored()).rules).toEqual([]);
  });

  it('has one place for an instrument, however it is written, and there are at most a hundred', async () => {
    await ask('POST', '', { ...RULE, instruments: ['NSE:SBIN', 'nse:sbin '] });
    expect((await stored()).rules[0]?.instruments).toEqual(['NSE:SBIN']);
    await services().db.query(
      `INSERT INTO gehra.alert_rules (rule, updated_by) SELECT rule, 'test' FROM gehra.alert_rules, generate_series(1, 99)`,
    );
    expect(await ask('POST', '', RULE)).toMatchObject({ status: 409, answer: { detail: /100 rules/ } });
  });
});

it('quiet hours and the digest are kept', async () => {
  const settings = { quiet: { from: '22:00', to: '07:00' }, digestMinutes: 30 };
  expect((await ask('PATCH', '/settings', settings)).status).toBe(204);
  expect((await stored()).settings).toEqual(settings);
  await ask('PATCH', '/settings', { quiet: null, digestMinutes: 0 });
  expect((await stored()).settings).toEqual({ quiet: null, digestMinutes: 0 });
});

describe('a preview', () => {
  beforeAll(async () => {
    const { db } = services();
    const signal = (id: string, foundUs: number, more: object = {}) => ({
      id,
      kind: 'wall_pulled' as const,
      detector: 'walls@1',
      parameters: '0badcafe',
      instrumentId: 1,
      feedId: 31,
      fromUs: foundUs,
      toUs: foundUs,
      foundUs,
      lowPrice: 80_000,
      highPrice: 80_000,
      side: 'bid' as const,
      size: 5000,
      severity: 2,
      confidence: 1,
      cause: {},
      evidence: [],
      quality: { frameMs: 200, tickAgeMs: null },
      state: 'once' as const,
      ...more,
    });
    const first = istTimeUs('2026-11-25', '10:00');
    const second = istTimeUs('2026-11-26', '09:15');
    const client = await db.connect();
    try {
      await storeSignals(client as never, [
        signal('a', first),
        signal('within', first + 4 * MINUTE_US),
        signal('b', first + 5 * MINUTE_US),
        signal('weak', first + 20 * MINUTE_US, { severity: 1 }),
        signal('other', first + 20 * MINUTE_US, { instrumentId: 2 }),
        signal('early', second - 1),
        signal('c', second),
        signal('old', istTimeUs('2026-11-20', '10:00')),
      ]);
    } finally {
      client.release();
    }
    const bps: Record<string, readonly number[][]> = {
      a: [[3], [1, 2]],
      b: [[-1], [0]],
      c: [[4], [-5]],
      within: [[99], [99]],
    };
    for (const [id, [own = [], random = []]] of Object.entries(bps)) {
      for (const [sample, value] of [...own, ...random].entries()) {
        await db.query(
          `INSERT INTO gehra.signal_outcomes VALUES ($1, $2, now(), 1, 1, 1, '{}', '{}', ARRAY[$3::float8, NULL, 10 * $3::float8, NULL], '{}')`,
          [id, sample, value],
        );
      }
    }
    const price = (us: number, value: number) =>
      db.query(
        `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price)
         VALUES (to_timestamp($1::bigint / 1e6), 1, 1, 0, 3, 0, 0, $2)`,
        [us, value],
      );
    for (const [i, value] of [79_000, 80_001, 79_000, 80_001].entries()) await price(first + i * 4 * MINUTE_US, value);
    await db.query('INSERT INTO gehra.subscriptions VALUES (1, 1)');
  });

  it('says what the rule would have told of the recorded days, and what that was worth against random times', async () => {
    const { answer } = await ask('POST', '/preview', { ...RULE, days: 5 });
    expect(answer as z.output<typeof PreviewAnswer>).toEqual({
      days: [
        { day: '2026-11-25', matched: 3, fired: 2 },
        { day: '2026-11-26', matched: 2, fired: 1 },
      ],
      perDay: 1.5,
      outcomes: [
        { horizonS: 10, signals: 3, medianBps: 3, random: 4, randomMedianBps: 0.5 },
        { horizonS: 30, signals: 0, medianBps: null, random: 0, randomMedianBps: null },
        { horizonS: 60, signals: 3, medianBps: 30, random: 4, randomMedianBps: 5 },
        { horizonS: 300, signals: 0, medianBps: null, random: 0, randomMedianBps: null },
      ],
      isCut: false,
    });
    expect((await stored()).rules, 'nothing is kept').toEqual([]);
  });

  it('of a metric counts how often it came over its level', async () => {
    const watch = { by: 'metric', metric: 'last_price', direction: 'above', level: 80_000 };
    const days = async (cooldownS: number) =>
      ((await ask('POST', '/preview', { ...RULE, watch, cooldownS })).answer as z.output<typeof PreviewAnswer>).days[0];
    expect(await days(300)).toEqual({ day: '2026-11-25', matched: 2, fired: 2 });
    expect(await days(600)).toEqual({ day: '2026-11-25', matched: 2, fired: 1 });
  });
});
