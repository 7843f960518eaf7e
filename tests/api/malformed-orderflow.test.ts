/**
 * Requests that cannot be meant, each with its answer. The database of these services is nowhere: what is answered here was
 * refused before anybody asked it.
 */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OperationPath } from '../../lib/api/operations.ts';
import { type ApiRoute, apiRoutes } from '../support/api-routes.ts';
import { startTestServices } from '../support/services.ts';

let stop: () => Promise<void>;
let routes: Map<string, ApiRoute>;
beforeAll(async () => {
  ({ stop } = await startTestServices('postgres://nobody:nothing@127.0.0.1:1/nowhere', pino({ level: 'silent' })));
  routes = new Map((await apiRoutes()).filter(({ method }) => method === 'GET').map((one) => [one.path, one]));
});
afterAll(() => stop());

const FLOW = { instrument: 'NFO:NIFTY26DECFUT', from: '2026-11-25T09:15:00+05:30', to: '2026-11-25T15:40:00+05:30' };
const HOUR = { ...FLOW, to: '2026-11-25T10:15:00+05:30' };
/** What each is asked, by its short name in the titles. Those with nothing in them need nothing. */
const VALID = {
  bars: FLOW,
  'bars/trades': { ...FLOW, by: 'volume', size: '6500' },
  'bars/summed': { instruments: 'NFO:NIFTY26DECFUT,NSE:SBIN', from: FLOW.from, to: FLOW.to },
  footprint: FLOW,
  profile: FLOW,
  'naked-pocs': FLOW,
  cvd: FLOW,
  vwap: FLOW,
  imbalance: HOUR,
  cost: HOUR,
  ofi: HOUR,
  ticks: FLOW,
  tape: FLOW,
  gaps: { from: FLOW.from, to: FLOW.to },
  coverage: { instruments: 'NFO:NIFTY26DECFUT', from: '2026-11-24', to: '2026-11-25' },
  candles: FLOW,
  'candles/downloads': {},
  continuous: FLOW,
  reconciliation: { day: '2026-11-25' },
  'reconciliation/month': { month: '2026-11' },
  summary: {},
  toxicity: {},
  'toxicity/kyle-lambda': FLOW,
  'toxicity/vpin': FLOW,
  'toxicity/consumption': FLOW,
  book: { instrument: FLOW.instrument, at: FLOW.from },
  range: HOUR,
  tiles: { instrument: FLOW.instrument, column_ms: '5000', from: HOUR.from, to: HOUR.to },
  tile: { instrument: FLOW.instrument, column_ms: '5000', start: '2025-11-25T09:30:00+05:30' },
  history: { instrument: '1', from: '1795578300000000', to: '1795578360000000' },
  report: { from: FLOW.from, to: FLOW.to },
  list: {},
  latest: { instruments: 'NFO:NIFTY26DECFUT,NSE:SBIN' },
  backtests: {},
  backtest: { id: '1' },
} as const satisfies Record<string, Record<string, string>>;
type Name = keyof typeof VALID;
const NAMES = Object.keys(VALID) as Name[];

const PATHS: Partial<Record<Name, OperationPath | `/api/signals/backtests${string}`>> = {
  summary: '/api/orderflow',
  book: '/api/depth/book',
  range: '/api/depth/range',
  history: '/api/depth/history',
  tiles: '/api/depth/tiles',
  tile: '/api/depth/tile',
  report: '/api/signals/report',
  list: '/api/instruments',
  latest: '/api/instruments/latest',
  backtests: '/api/signals/backtests',
  backtest: '/api/signals/backtests/result',
};
const pathOf = (name: Name): string => PATHS[name] ?? `/api/orderflow/${name}`;

async function get(name: Name, query: string): Promise<Response> {
  const route = routes.get(pathOf(name));
  if (!route) throw new Error(`no route answers ${pathOf(name)}`);
  const request = new Request(`http://127.0.0.1:3000/api?${query}`, { headers: { host: '127.0.0.1:3000' } });
  return route.handler(request, { params: Promise.resolve({}) });
}

/** The valid query with some parameters changed; null leaves one out. */
function changed(name: Name, changes: Record<string, string | null>): string {
  const parameters = new URLSearchParams(VALID[name]);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(key);
    else parameters.set(key, value);
  }
  return parameters.toString();
}

const NO_INSTANTS = [
  '',
  'now',
  'NaN',
  'Infinity',
  '-1',
  '0',
  '1795578300',
  '1795578300000000',
  '1e12',
  '2026-11-25',
  '2026-11-25T09:15:00',
  '2026-02-30T09:15:00+05:30',
  '2026-13-01T09:15:00Z',
  '2026-11-25T24:30:00Z',
  '9999-12-31T00:00:00Z',
  '2026-11-25T09:15:00+0530',
  "2026-11-25T09:15:00Z'; DROP TABLE gehra.ticks; --",
];

/** Parameters that a request cannot do without. */
const needed = (name: Name): string[] => Object.keys(VALID[name]);
const INTERVALS = NAMES.filter((name) => 'to' in VALID[name] && name !== 'coverage' && name !== 'history');

const CASES: [name: Name, what: string, query: string, status: number, detail: RegExp][] = [
  ...NAMES.flatMap((name): typeof CASES => [
    [name, 'an unknown parameter', changed(name, { sort: 'time; DROP TABLE gehra.ticks' }), 400, /sort/],
    [name, 'a prototype', changed(name, { __proto__x: '1', constructor: 'x' }), 400, /constructor/],
    [name, 'an array', `${changed(name, {})}&levels[]=1`, 400, /levels\[\]/],
    ...needed(name).flatMap((parameter): typeof CASES => [
      [name, `no ${parameter}`, changed(name, { [parameter]: null }), 400, new RegExp(parameter)],
      [name, `an empty ${parameter}`, changed(name, { [parameter]: '' }), 400, new RegExp(parameter)],
      [
        name,
        `${parameter} twice`,
        `${changed(name, {})}&${parameter}=1`,
        400,
        new RegExp(`${parameter} may be given once`),
      ],
    ]),
  ]),
  ...NAMES.filter((name) => needed(name).length > 0).map((name): (typeof CASES)[number] => [
    name,
    'nothing at all',
    '',
    400,
    new RegExp(needed(name)[0] as string),
  ]),
  ...NAMES.filter((name) => 'instrument' in VALID[name]).map((name): (typeof CASES)[number] => [
    name,
    'an endless instrument',
    changed(name, { instrument: `NFO:${'A'.repeat(50_000)}` }),
    400,
    /instrument/,
  ]),
  ...NAMES.filter((name) => 'instruments' in VALID[name]).flatMap((name): typeof CASES => [
    [name, 'a hole among instruments', changed(name, { instruments: 'NSE:SBIN,,NSE:INFY' }), 400, /empty/],
    [name, 'an instrument that stands there twice', changed(name, { instruments: 'NSE:SBIN,nse:sbin' }), 400, /twice/],
    [
      name,
      'too many instruments',
      changed(name, { instruments: Array.from({ length: 201 }, (_, i) => `NSE:S${i}`).join(',') }),
      400,
      /at most/,
    ],
  ]),
  ...INTERVALS.flatMap((name): typeof CASES => [
    [name, 'an interval reversed', changed(name, { from: FLOW.to, to: FLOW.from }), 422, /`to` must be later/],
    [name, 'an empty interval', changed(name, { to: FLOW.from }), 422, /`to` must be later/],
    [name, 'seconds since the epoch', changed(name, { from: '1795578300' }), 400, /^from: no instant/],
  ]),
  ...NO_INSTANTS.map((text): (typeof CASES)[number] => [
    'bars',
    `from ${text.slice(0, 30)}`,
    changed('bars', { from: text }),
    400,
    /^from: no instant/,
  ]),
  ...NO_INSTANTS.slice(0, 8).map((text): (typeof CASES)[number] => [
    'book',
    `at ${text}`,
    changed('book', { at: text }),
    400,
    /^at: no instant/,
  ]),
  ['report', 'a kind that there is not', changed('report', { kinds: 'sweep,luck' }), 400, /kinds/],
  ['report', 'another grouping', changed('report', { by: 'luck' }), 400, /by/],
  ['report', 'a year', changed('report', { from: '2025-11-25T09:15:00+05:30' }), 422, /92 days/],
  ['bars', 'an interval that there is not', changed('bars', { interval: '2m' }), 400, /interval/],
  ['bars', 'SQL for an interval', changed('bars', { interval: "1m') FROM pg_sleep(10) --" }), 400, /interval/],
  ['bars', 'too many bars', changed('bars', { interval: '1s' }), 422, /At most 5000 bars/],
  ['bars', '400 days of minutes', changed('bars', { from: '2025-10-21T09:15:00+05:30' }), 422, /At most 5000 bars/],
  ['footprint', 'a footprint of seconds', changed('footprint', { interval: '1s' }), 400, /interval/],
  ['footprint', 'rows of no height', changed('footprint', { row_ticks: '0' }), 400, /row_ticks/],
  ['footprint', 'rows of half a tick', changed('footprint', { row_ticks: '0.5' }), 400, /row_ticks/],
  ['footprint', 'rows of endless height', changed('footprint', { row_ticks: '1e9' }), 400, /row_ticks/],
  ['footprint', 'a ratio of nothing', changed('footprint', { ratio: '0' }), 400, /ratio/],
  ['footprint', 'a ratio that is none', changed('footprint', { ratio: 'NaN' }), 400, /ratio/],
  ['footprint', 'a negative difference', changed('footprint', { min_difference: '-1' }), 400, /min_difference/],
  [
    'footprint',
    'a month of minutes',
    changed('footprint', { interval: '1m', from: '2026-11-01T09:15:00+05:30' }),
    422,
    /At most 500 bars/,
  ],
  ['profile', 'a value area of nothing', changed('profile', { value_area: '0' }), 400, /value_area/],
  ['profile', 'a value area of more than all', changed('profile', { value_area: '1.01' }), 400, /value_area/],
  ['profile', 'three rows at a time', changed('profile', { step: '3' }), 400, /step/],
  ['profile', 'a year', changed('profile', { from: '2025-11-25T09:15:00+05:30' }), 422, /At most 31 bars/],
  ['book', 'no levels', changed('book', { levels: '0' }), 400, /levels/],
  ['book', 'more levels than there are', changed('book', { levels: '201' }), 400, /levels/],
  ['book', 'levels beyond 64 bits', changed('book', { levels: '9223372036854775808' }), 400, /levels/],
  ['bars/trades', 'bars by price', changed('bars/trades', { by: 'price' }), 400, /by/],
  ['bars/trades', 'bars of nothing', changed('bars/trades', { size: '0' }), 400, /size/],
  ['bars/trades', 'bars of half a trade', changed('bars/trades', { by: 'trades', size: '0.5' }), 400, /size/],
  ['bars/trades', 'two days', changed('bars/trades', { from: '2026-11-23T15:39:00+05:30' }), 422, /At most 24 hours/],
  ['bars/summed', 'too many bars', changed('bars/summed', { interval: '1s' }), 422, /At most 5000 bars/],
  ['naked-pocs', 'a year', changed('naked-pocs', { from: '2025-11-25T09:15:00+05:30' }), 422, /At most 31 bars/],
  ['cvd', 'an anchor that is no instant', changed('cvd', { anchor: 'open' }), 400, /anchor/],
  ['cvd', 'an anchor after everything', changed('cvd', { anchor: FLOW.to }), 422, /`anchor` must be earlier/],
  ['cvd', 'an anchor of last year', changed('cvd', { anchor: '2025-11-25T09:15:00+05:30' }), 422, /31 days/],
  [
    'cvd',
    'too many bars before those that are shown',
    changed('cvd', { interval: '1s', anchor: '2026-11-23T09:15:00+05:30', from: '2026-11-25T15:30:00+05:30' }),
    422,
    /100000 bars from the anchor on/,
  ],
  ['cvd', 'bars of a day', changed('cvd', { interval: '1d' }), 400, /interval/],
  ['cvd', 'too many bars', changed('cvd', { interval: '1s' }), 422, /At most 5000 bars/],
  ['vwap', 'bars of a second', changed('vwap', { interval: '1s' }), 400, /interval/],
  ['vwap', 'a year', changed('vwap', { from: '2025-11-25T09:15:00+05:30' }), 422, /31 days/],
  ['imbalance', 'no levels', changed('imbalance', { levels: '0' }), 400, /levels/],
  ['imbalance', 'more than everything', changed('imbalance', { within: '101' }), 400, /within/],
  ['imbalance', 'within nothing', changed('imbalance', { within: '0' }), 400, /within/],
  ['imbalance', 'within NaN', changed('imbalance', { within: 'NaN' }), 400, /within/],
  ['imbalance', 'samples without end', changed('imbalance', { sample_ms: '1' }), 400, /sample_ms/],
  ['cost', 'no lots', changed('cost', { lots: '0' }), 400, /lots/],
  ['cost', 'half a lot', changed('cost', { lots: '0.5' }), 400, /lots/],
  ['cost', 'too many samples', changed('cost', { to: FLOW.to }), 422, /At most 4000 samples.*4000 s or less/],
  ['imbalance', 'too many samples', changed('imbalance', { to: FLOW.to }), 422, /At most 4000 samples.*4000 s or less/],
  ['ofi', 'more ranks than are told', changed('ofi', { levels: '51' }), 400, /levels/],
  ['ofi', 'weights that grow', changed('ofi', { decay: '1.1' }), 400, /decay/],
  ...(['tape', 'ticks'] as const).flatMap((name): typeof CASES => [
    [name, 'a side that there is not', changed(name, { side: "buy' OR '1'='1" }), 400, /side/],
    [name, 'a year', changed(name, { from: '2025-11-25T09:15:00+05:30' }), 422, /At most 31 days/],
    [name, 'less than nothing', changed(name, { min_quantity: '-1' }), 400, /min_quantity/],
    [name, 'a quantity beyond counting', changed(name, { max_quantity: '1e400' }), 400, /max_quantity/],
    [name, 'a price in rupees', changed(name, { min_price: '26040.5' }), 400, /min_price/],
    [name, 'more than sure', changed(name, { min_confidence: '5' }), 400, /min_confidence/],
    [name, 'another order', changed(name, { order: 'price' }), 400, /order/],
    [name, 'a page of everything', changed(name, { limit: '5001' }), 400, /limit/],
    [name, 'a page of nothing', changed(name, { limit: '0' }), 400, /limit/],
    [name, 'a cursor of words', changed(name, { cursor: 'the next page' }), 400, /cursor/],
    [name, 'a cursor that is no place', changed(name, { cursor: btoa('1') }), 400, /cursor/],
    [name, 'a cursor with SQL in it', changed(name, { cursor: btoa("1.1795578300000000.0'; --") }), 400, /cursor/],
    [name, 'a cursor of no feed', changed(name, { cursor: btoa('99.1795578300000000.0') }), 400, /cursor/],
    [name, 'a cursor beyond numbers', changed(name, { cursor: btoa('1.9999999999999999.0') }), 400, /cursor/],
  ]),
  ['range', 'a cursor of words', changed('range', { cursor: '....' }), 400, /cursor/],
  ['range', 'a page of everything', changed('range', { limit: '501' }), 400, /limit/],
  ['gaps', 'a year', changed('gaps', { from: '2025-11-25T09:15:00+05:30' }), 422, /At most 31 days/],
  ['coverage', 'a day that there is not', changed('coverage', { to: '2026-02-30' }), 400, /to/],
  ['coverage', 'an instant', changed('coverage', { from: FLOW.from }), 400, /from/],
  ['coverage', 'days reversed', changed('coverage', { from: '2026-11-26' }), 422, /`to` must not be earlier/],
  ['coverage', 'a year', changed('coverage', { from: '2025-11-25' }), 422, /At most 31 days/],
  ['coverage', 'of prices', changed('coverage', { of: 'prices' }), 400, /of/],
  ['summary', 'an underlying with SQL', changed('summary', { underlying: "NIFTY'; --" }), 400, /underlying/],
  ['toxicity', 'too few ticks', changed('toxicity', { limit: '99' }), 400, /limit/],
  ['toxicity', 'too many ticks', changed('toxicity', { limit: '2001' }), 400, /limit/],
  [
    'toxicity/kyle-lambda',
    'a line through minutes of a minute',
    changed('toxicity/kyle-lambda', { interval: '1m' }),
    400,
    /interval/,
  ],
  [
    'toxicity/kyle-lambda',
    'too many steps',
    changed('toxicity/kyle-lambda', { from: '2026-11-20T09:15:00+05:30' }),
    422,
    /At most 50000/,
  ],
  ['toxicity/vpin', 'buckets of nothing', changed('toxicity/vpin', { bucket_volume: '0' }), 400, /bucket_volume/],
  ['toxicity/vpin', 'no buckets', changed('toxicity/vpin', { buckets: '0' }), 400, /buckets/],
  ['toxicity/vpin', 'sides by dice', changed('toxicity/vpin', { sides: 'dice' }), 400, /sides/],
  ['history', 'a slug for an id', changed('history', { instrument: FLOW.instrument }), 400, /instrument/],
  ...['0', '-1', '1.5', 'one', '1e400'].map((id): (typeof CASES)[number] => [
    'backtest',
    `the id ${id}`,
    changed('backtest', { id }),
    400,
    /^id/,
  ]),
  ['list', 'a limit of nothing', changed('list', { limit: '0' }), 400, /limit/],
];

it.each(CASES)('%s: %s', async (name, _what, query, status, detail) => {
  const answer = await get(name, query);
  const problem = (await answer.json()) as { detail: string };
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect(problem.detail).toMatch(detail);
});

const BACKTEST = { from: '2026-11-24', to: '2026-11-25' };
const BACKTESTS: [what: string, body: object, status: number, detail: RegExp][] = [
  ['nothing', {}, 400, /^from.*to/],
  ['a day that there is not', { ...BACKTEST, to: '2026-02-30' }, 400, /^to/],
  ['an instant for a day', { ...BACKTEST, from: '2026-11-24T09:15:00+05:30' }, 400, /^from/],
  ['days reversed', { ...BACKTEST, to: '2026-11-23' }, 422, /`to` must not be earlier/],
  ['the future', { from: '2999-01-01', to: '2999-01-02' }, 422, /lies in the future: 2999-01-02/],
  ['a year', { ...BACKTEST, from: '2025-11-25' }, 422, /92 days/],
  ['no instrument', { ...BACKTEST, instruments: [] }, 400, /^instruments/],
  ['too many instruments', { ...BACKTEST, instruments: Array(51).fill('NSE:SBIN') }, 400, /^instruments/],
  ['a detector that there is not', { ...BACKTEST, detectors: ['luck'] }, 400, /^detectors\.0/],
  ['no detector', { ...BACKTEST, detectors: [] }, 400, /^detectors/],
  ['options of a detector that there is not', { ...BACKTEST, options: { luck: {} } }, 400, /^options.*luck/],
  ['an option that there is not', { ...BACKTEST, options: { walls: { height: 1 } } }, 400, /^options\.walls.*height/],
  ['a share above all', { ...BACKTEST, options: { walls: { lostShare: 1.1 } } }, 400, /^options\.walls\.lostShare.*1/],
  ['half a microsecond', { ...BACKTEST, options: { walls: { settleUs: 0.5 } } }, 400, /^options\.walls\.settleUs/],
  [
    'a threshold in words',
    { ...BACKTEST, options: { walls: { timesUsual: 'high' } } },
    400,
    /^options\.walls\.timesUsual/,
  ],
  [
    'options of a detector that is not asked for',
    { ...BACKTEST, detectors: ['sweeps'], options: { walls: { timesUsual: 3 } } },
    422,
    /names walls/,
  ],
  ['an endless name', { ...BACKTEST, name: 'x'.repeat(81) }, 400, /^name/],
  ['an unknown member', { ...BACKTEST, sort: 'time' }, 400, /sort/],
];

it.each(BACKTESTS)('a backtest of %s', async (_what, body, status, detail) => {
  const route = (await apiRoutes()).find((one) => one.method === 'POST' && one.path === '/api/signals/backtests');
  const headers = { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', 'content-type': 'application/json' };
  const request = new Request('http://127.0.0.1:3000/api', { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = (await route?.handler(request, { params: Promise.resolve({}) })) as Response;
  const problem = (await answer.json()) as { detail: string };
  expect([answer.status, problem.detail]).toEqual([status, expect.stringMatching(detail)]);
});

it('is a table worth its name', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
});

it('a valid request does ask the database', async () => {
  for (const name of NAMES) {
    expect((await get(name, changed(name, {}))).status, name).toBe(503);
  }
});

it('every route of market data is asked', () => {
  const found = [...routes.keys()].filter((path) =>
    /^\/api\/(orderflow|depth|instruments|signals\/report|signals\/backtests)(\/|$)/.test(path),
  );
  expect(NAMES.map(pathOf).sort()).toEqual(found.sort());
});
