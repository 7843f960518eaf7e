/**
 * Requests for candles, reconciliations and continuous contracts that cannot be meant, each with its answer. The database of these
 * services is nowhere: what is answered here was refused before anybody asked it.
 */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POST as download } from '../../app/api/orderflow/candles/downloads/route.ts';
import { GET as candles } from '../../app/api/orderflow/candles/route.ts';
import { GET as continuous } from '../../app/api/orderflow/continuous/route.ts';
import { GET as month } from '../../app/api/orderflow/reconciliation/month/route.ts';
import { GET as reconciliation } from '../../app/api/orderflow/reconciliation/route.ts';
import { startTestServices } from '../support/services.ts';

const ROUTES = { candles, continuous, reconciliation, month };
type Name = keyof typeof ROUTES;

let stop: () => Promise<void>;
beforeAll(async () => {
  ({ stop } = await startTestServices('postgres://nobody:nothing@127.0.0.1:1/nowhere', pino({ level: 'silent' })));
});
afterAll(() => stop());

const FROM = '2026-11-25T09:15:00+05:30';
const TO = '2026-11-25T15:40:00+05:30';
const SERIES = { instrument: 'NFO:NIFTY26DECFUT', from: FROM, to: TO };
const VALID: Record<Name, Record<string, string>> = {
  candles: SERIES,
  continuous: SERIES,
  reconciliation: { day: '2026-11-25' },
  month: { month: '2026-11' },
};

/** The valid query with some parameters changed; null leaves one out. */
function changed(name: Name, changes: Record<string, string | null>): string {
  const parameters = new URLSearchParams(VALID[name]);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(key);
    else parameters.set(key, value);
  }
  return parameters.toString();
}

const both = ['candles', 'continuous'] as const;
const CASES: [name: Name, what: string, query: string, status: number, detail: RegExp][] = [
  ...(Object.keys(ROUTES) as Name[]).map((name): (typeof CASES)[number] => [
    name,
    'an unknown parameter',
    changed(name, { sort: 'time; DROP TABLE gehra.historical_candles' }),
    400,
    /sort/,
  ]),
  ...both.flatMap((name): typeof CASES => [
    [name, 'nothing at all', '', 400, /instrument/],
    [name, 'no instrument', changed(name, { instrument: null }), 400, /instrument/],
    [name, 'an endless instrument', changed(name, { instrument: `NFO:${'A'.repeat(50_000)}` }), 400, /instrument/],
    [name, 'two instruments', `${changed(name, {})}&instrument=NSE:SBIN`, 400, /instrument may be given once/],
    [name, 'no beginning', changed(name, { from: null }), 400, /from/],
    [name, 'NaN', changed(name, { from: 'NaN' }), 400, /^from: no instant/],
    [name, 'seconds', changed(name, { to: '1795578300' }), 400, /^to: no instant/],
    [name, 'a time of nowhere', changed(name, { to: '2026-11-25T15:40:00' }), 400, /^to: no instant/],
    [name, 'an interval reversed', changed(name, { from: TO, to: FROM }), 422, /`to` must be later/],
    [name, 'an empty interval', changed(name, { to: FROM }), 422, /`to` must be later/],
    [name, 'a source that there is not', changed(name, { source: 'both' }), 400, /source/],
    [
      name,
      'years of minutes',
      changed(name, { from: '2020-01-01T00:00:00Z', ...(name === 'continuous' ? { interval: '1m' } : {}) }),
      422,
      /At most 20000/,
    ],
  ]),
  ['candles', 'an interval of ours', changed('candles', { interval: '1m' }), 400, /interval/],
  ['candles', 'SQL for an interval', changed('candles', { interval: "day') FROM pg_sleep(10) --" }), 400, /interval/],
  [
    'candles',
    'no instrument by its form',
    changed('candles', { instrument: "NSE:'; --" }),
    404,
    /There is no instrument/,
  ],
  [
    'candles',
    'an exchange that there is not',
    changed('candles', { instrument: 'NYSE:IBM' }),
    404,
    /There is no instrument/,
  ],
  ['continuous', 'an interval of a broker', changed('continuous', { interval: 'minute' }), 400, /interval/],
  ['continuous', 'another roll', changed('continuous', { roll: 'never' }), 400, /roll/],
  ['continuous', 'another adjustment', changed('continuous', { adjust: '1e999' }), 400, /adjust/],
  [
    'continuous',
    'an exchange that there is not',
    changed('continuous', { instrument: 'NYSE:IBM' }),
    404,
    /There is no instrument/,
  ],
  ...['', 'today', '2026-02-30', '2026-11-25T00:00:00Z', '25-11-2026', '20261125', "2026-11-25'; --"].map(
    (day): (typeof CASES)[number] => ['reconciliation', `day ${day}`, changed('reconciliation', { day }), 400, /^day/],
  ),
  ['reconciliation', 'two days', 'day=2026-11-25&day=2026-11-24', 400, /day may be given once/],
  ...['', '2026', '2026-13', '2026-00', '1999-12', '2026-11-25', 'now'].map((text): (typeof CASES)[number] => [
    'month',
    `month ${text}`,
    changed('month', { month: text }),
    400,
    /^month/,
  ]),
];

it.each(CASES)('%s: %s', async (name, _what, query, status, detail) => {
  const response = await ROUTES[name](
    new Request(`http://127.0.0.1:3000/api?${query}`, { headers: { host: '127.0.0.1:3000' } }),
  );
  const problem = (await response.json()) as { status: number; detail: string };
  expect([response.status, problem.status]).toEqual([status, status]);
  expect(problem.detail).toMatch(detail);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

const BODY = { instruments: ['NFO:NIFTY26DECFUT'], from: FROM, to: TO };
const BODIES: [what: string, body: unknown, status: number, detail: RegExp][] = [
  ['nothing', {}, 400, /instruments/],
  ['a list', [], 400, /body|expected/i],
  ['no instrument', { ...BODY, instruments: [] }, 400, /instruments/],
  ['too many instruments', { ...BODY, instruments: Array(201).fill('NSE:SBIN') }, 400, /instruments/],
  ['a number for an instrument', { ...BODY, instruments: [5] }, 400, /instruments/],
  ['an unknown field', { ...BODY, priority: 1 }, 400, /priority/],
  ['another broker', { ...BODY, source: 'upstox' }, 400, /source/],
  ['another length', { ...BODY, interval: '2minute' }, 400, /interval/],
  ['a number for a time', { ...BODY, from: 1795578300000 }, 400, /from/],
  ['an interval reversed', { ...BODY, from: TO, to: FROM }, 422, /`to` must be later/],
  ['the future', { ...BODY, from: '2099-01-01T00:00:00Z', to: '2099-01-02T00:00:00Z' }, 422, /has not come yet/],
  ['no instrument by its form', { ...BODY, instruments: ['NSE:SBIN', 'x'] }, 404, /There is no instrument X/],
];

it.each(BODIES)('a download of %s', async (_what, body, status, detail) => {
  const response = await download(
    new Request('http://127.0.0.1:3000/api', {
      method: 'POST',
      headers: { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  expect(response.status).toBe(status);
  expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
});
