/**
 * Requests that cannot be meant, each with its answer. The database of these services is nowhere: what is answered here was
 * refused before anybody asked it.
 */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GET as book } from '../../app/api/depth/book/route.ts';
import { GET as bars } from '../../app/api/orderflow/bars/route.ts';
import { GET as footprint } from '../../app/api/orderflow/footprint/route.ts';
import { GET as profile } from '../../app/api/orderflow/profile/route.ts';
import { startTestServices } from '../support/services.ts';

const ROUTES = { bars, footprint, profile, book };
type Name = keyof typeof ROUTES;

let stop: () => Promise<void>;
beforeAll(async () => {
  ({ stop } = await startTestServices('postgres://nobody:nothing@127.0.0.1:1/nowhere', pino({ level: 'silent' })));
});
afterAll(() => stop());

const FLOW = { instrument: 'NFO:NIFTY26DECFUT', from: '2026-11-25T09:15:00+05:30', to: '2026-11-25T15:40:00+05:30' };
const VALID: Record<Name, Record<string, string>> = {
  bars: FLOW,
  footprint: FLOW,
  profile: FLOW,
  book: { instrument: FLOW.instrument, at: FLOW.from },
};

function get(name: Name, query: string): Promise<Response> {
  return ROUTES[name](new Request(`http://127.0.0.1:3000/api?${query}`, { headers: { host: '127.0.0.1:3000' } }));
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

const CASES: [name: Name, what: string, query: string, status: number, detail: RegExp][] = [
  ...(Object.keys(ROUTES) as Name[]).flatMap((name): typeof CASES => [
    [name, 'nothing at all', '', 400, /instrument/],
    [name, 'an unknown parameter', changed(name, { sort: 'time; DROP TABLE gehra.ticks' }), 400, /sort/],
    [
      name,
      'an instrument given twice',
      `${changed(name, {})}&instrument=NSE:SBIN`,
      400,
      /instrument may be given once/,
    ],
    [name, 'no instrument', changed(name, { instrument: null }), 400, /instrument/],
    [name, 'an empty instrument', changed(name, { instrument: '' }), 400, /instrument/],
    [name, 'an endless instrument', changed(name, { instrument: `NFO:${'A'.repeat(50_000)}` }), 400, /instrument/],
    [name, 'a prototype', changed(name, { __proto__x: '1', constructor: 'x' }), 400, /constructor/],
    [name, 'an array', `${changed(name, {})}&levels[]=1`, 400, /levels\[\]/],
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
  ['bars', 'an interval that there is not', changed('bars', { interval: '2m' }), 400, /interval/],
  ['bars', 'SQL for an interval', changed('bars', { interval: "1m') FROM pg_sleep(10) --" }), 400, /interval/],
  ['bars', 'an interval reversed', changed('bars', { from: FLOW.to, to: FLOW.from }), 422, /`to` must be later/],
  ['bars', 'an empty interval', changed('bars', { to: FLOW.from }), 422, /`to` must be later/],
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
];

it.each(CASES)('%s: %s', async (name, _what, query, status, detail) => {
  const answer = await get(name, query);
  const problem = (await answer.json()) as { detail: string };
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect(problem.detail).toMatch(detail);
});

it('is a table worth its name', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
});

it('a valid request does ask the database', async () => {
  for (const name of Object.keys(ROUTES) as Name[]) {
    expect((await get(name, changed(name, {}))).status, name).toBe(503);
  }
});
