/**
 * Requests for tiles that cannot be meant, each with its answer. The database of these services is nowhere: what is answered
 * here was refused before anybody asked it.
 */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GET as tile } from '../../app/api/depth/tile/route.ts';
import { GET as tiles } from '../../app/api/depth/tiles/route.ts';
import { startTestServices } from '../support/services.ts';

const ROUTES = { tiles, tile };
type Name = keyof typeof ROUTES;

let stop: () => Promise<void>;
beforeAll(async () => {
  ({ stop } = await startTestServices(
    'postgres://nobody:nothing@127.0.0.1:1/nowhere',
    pino({ level: 'silent' }),
    {},
    () => Date.UTC(2026, 10, 26, 10),
  ));
});
afterAll(() => stop());

const KIND = { instrument: 'NFO:NIFTY26DECFUT', column_ms: '5000', value: 'max', row_ticks: '5' };
const VALID: Record<Name, Record<string, string>> = {
  tiles: { ...KIND, from: '2026-11-25T09:30:00+05:30', to: '2026-11-25T10:30:00+05:30' },
  tile: { ...KIND, start: '2026-11-25T09:30:00+05:30' },
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

const BOTH: readonly Name[] = ['tiles', 'tile'];
const CASES: [name: Name, what: string, query: string, status: number, detail: RegExp][] = [
  ...BOTH.flatMap((name): typeof CASES => [
    [name, 'nothing at all', '', 400, /instrument/],
    [name, 'an unknown parameter', changed(name, { levels: '200' }), 400, /levels/],
    [name, 'a width given twice', `${changed(name, {})}&column_ms=1000`, 400, /column_ms may be given once/],
    [name, 'no instrument', changed(name, { instrument: null }), 400, /instrument/],
    [name, 'an endless instrument', changed(name, { instrument: `NFO:${'A'.repeat(50_000)}` }), 400, /instrument/],
    [name, 'no slug', changed(name, { instrument: 'NIFTY' }), 404, /no instrument NIFTY/],
    [name, 'SQL for an instrument', changed(name, { instrument: "' OR 1=1 --" }), 404, /no instrument/],
    [name, 'no width', changed(name, { column_ms: null }), 400, /column_ms/],
    [
      name,
      'a width that there is not',
      changed(name, { column_ms: '2000' }),
      400,
      /column_ms: must be one of 250, 1000, 5000/,
    ],
    [name, 'a width in words', changed(name, { column_ms: '5s' }), 400, /column_ms/],
    [name, 'a width with a fraction', changed(name, { column_ms: '250.0' }), 400, /column_ms/],
    [name, 'SQL for a width', changed(name, { column_ms: '5000; DROP TABLE gehra.heatmap_tiles' }), 400, /column_ms/],
    [name, 'a value that there is not', changed(name, { value: 'median' }), 400, /value/],
    [name, 'rows of no height', changed(name, { row_ticks: '0' }), 400, /row_ticks: must be one of 1, 2, 5/],
    [name, 'rows of three ticks', changed(name, { row_ticks: '3' }), 400, /row_ticks/],
    [name, 'rows of NaN', changed(name, { row_ticks: 'NaN' }), 400, /row_ticks/],
    [name, 'negative rows', changed(name, { row_ticks: '-1' }), 400, /row_ticks/],
    [name, 'a feed that there is not', changed(name, { feed: 'dhan-depth200-9' }), 400, /feed/],
    [name, 'a feed without depth', changed(name, { feed: 'kite-ticks-1' }), 400, /feed/],
  ]),
  ['tiles', 'no beginning', changed('tiles', { from: null }), 400, /from/],
  [
    'tiles',
    'a beginning without an offset',
    changed('tiles', { from: '2026-11-25T09:30:00' }),
    400,
    /from: no instant/,
  ],
  ['tiles', 'a day that there is not', changed('tiles', { to: '2026-02-30T09:15:00Z' }), 400, /to: no instant/],
  ['tiles', 'seconds for milliseconds', changed('tiles', { to: '1795578300' }), 400, /to: no instant/],
  ['tiles', 'an interval reversed', changed('tiles', { to: '2026-11-25T09:00:00+05:30' }), 422, /`to` must be later/],
  ['tiles', 'an empty interval', changed('tiles', { to: VALID.tiles.from as string }), 422, /`to` must be later/],
  [
    'tiles',
    'a day of seconds',
    changed('tiles', { column_ms: '1000', to: '2026-11-25T15:30:00+05:30' }),
    422,
    /At most 4000 columns a request: ask for 4000 s or less at 1000 ms, or for wider columns/,
  ],
  [
    'tiles',
    'a century',
    changed('tiles', { column_ms: '60000', to: '2099-01-01T00:00:00Z' }),
    422,
    /At most 4000 columns/,
  ],
  ['tiles', 'a revision', changed('tiles', { revision: '0123456789abcdef' }), 400, /revision/],
  ['tile', 'no beginning', changed('tile', { start: null }), 400, /start/],
  ['tile', 'a beginning that is none', changed('tile', { start: 'Infinity' }), 400, /start: no instant/],
  [
    'tile',
    'a beginning in the middle of a tile',
    changed('tile', { start: '2026-11-25T09:31:00+05:30' }),
    422,
    /begin every 600 s: ask for start=1795579200000\./,
  ],
  ['tile', 'a tile of the future', changed('tile', { start: '2026-11-27T09:30:00+05:30' }), 422, /in the future/],
  ['tile', 'a revision of capitals', changed('tile', { revision: '0123456789ABCDEF' }), 400, /revision/],
  ['tile', 'half a revision', changed('tile', { revision: '01234567' }), 400, /revision/],
  ['tile', 'SQL for a revision', changed('tile', { revision: "' OR '1'='1" }), 400, /revision/],
];

it.each(CASES)('%s: %s', async (name, _what, query, status, detail) => {
  const answer = await get(name, query);
  const problem = (await answer.json()) as { detail: string };
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect(problem.detail).toMatch(detail);
});

it('a valid request does ask the database', async () => {
  for (const name of BOTH) expect((await get(name, changed(name, {}))).status, name).toBe(503);
});
