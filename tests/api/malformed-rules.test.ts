/**
 * Requests about rules that cannot be meant, each with its answer. The database of these services is nowhere: what is answered here
 * was refused before anybody asked it.
 */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GET as alerts } from '../../app/api/signals/rules/alerts/route.ts';
import { POST as preview } from '../../app/api/signals/rules/preview/route.ts';
import { PATCH as change, DELETE as drop, POST as make, GET as read } from '../../app/api/signals/rules/route.ts';
import { PATCH as settings } from '../../app/api/signals/rules/settings/route.ts';
import { POST as test } from '../../app/api/signals/rules/test/route.ts';
import { startTestServices } from '../support/services.ts';

const ROUTES = { make, change, drop, preview, test, settings };
type Name = keyof typeof ROUTES;

let stop: () => Promise<void>;
beforeAll(async () => {
  ({ stop } = await startTestServices('postgres://nobody:nothing@127.0.0.1:1/nowhere', pino({ level: 'silent' })));
});
afterAll(() => stop());

const SIGNALS = { by: 'signals', kinds: ['sweep'] };
const METRIC = { by: 'metric', metric: 'last_price', direction: 'above', level: 80_000 };
const RULE = { name: 'sweeps', watch: SIGNALS };
const QUIET = { quiet: { from: '22:00', to: '07:00' }, digestMinutes: 30 };
const VALID: Record<Name, object> = {
  make: RULE,
  change: { id: 1, ...RULE },
  preview: RULE,
  drop: { id: 1 },
  test: { id: 1 },
  settings: QUIET,
};

type Case = [name: Name, what: string, body: unknown, status: number, detail: RegExp];
const ofRule = (what: string, changes: object, detail: RegExp): Case[] =>
  (['make', 'change', 'preview'] as const).map((name) => [name, what, { ...VALID[name], ...changes }, 400, detail]);
const watch = (what: string, changes: object, detail: RegExp): Case[] =>
  ofRule(what, { watch: { ...SIGNALS, ...changes } }, detail);
const metric = (what: string, changes: object, detail: RegExp): Case[] =>
  ofRule(what, { watch: { ...METRIC, ...changes } }, detail);

const CASES: Case[] = [
  ...(Object.keys(ROUTES) as Name[]).flatMap((name): Case[] => [
    [name, 'nothing', {}, 400, /expected|Invalid/i],
    [name, 'a list', [VALID[name]], 400, /expected object/i],
    [name, 'a text', JSON.stringify('all'), 400, /expected object/i],
    [name, 'half of JSON', '{"id": ', 400, /not JSON/],
    [name, 'an unknown member', { ...VALID[name], owner: 'me' }, 400, /owner/],
    [name, 'NUL', `{"id":1,"name":"\\u0000"}`, 400, /NUL/],
    [name, 'half a character', `{"id":1,"name":"a\\uD800"}`, 400, /half a character/],
    [name, 'half a character for a name', `{"\\udfff":1}`, 400, /half a character/],
    [name, 'more than a body may have', { ...VALID[name], name: 'x'.repeat(70_000) }, 413, /64 KiB/],
  ]),
  ...(['change', 'drop', 'test'] as const).flatMap((name): Case[] =>
    [0, -1, 1.5, '1', null, [1], 2 ** 60, 'Infinity'].map(
      (id): Case => [name, `id ${id}`, { ...VALID[name], id }, 400, /id/],
    ),
  ),
  ...ofRule('no name', { name: undefined }, /name/),
  ...ofRule('an empty name', { name: '   ' }, /name/),
  ...ofRule('an endless name', { name: 'x'.repeat(81) }, /name/),
  ...ofRule('a number for a name', { name: 5 }, /name/),
  ...ofRule('a word for a switch', { isOn: 'yes' }, /isOn/),
  ...ofRule('nothing to watch', { watch: null }, /watch/),
  ...ofRule('something else to watch', { watch: { by: 'moon' } }, /watch/),
  ...watch('an unknown kind', { kinds: ['moon'] }, /kinds/),
  ...watch('a kind twice', { kinds: ['sweep', 'sweep'] }, /kinds: one stands there twice/),
  ...watch('SQL for a side', { side: "bid' OR 1=1 --" }, /side/),
  ...watch('a severity that there is not', { minSeverity: 4 }, /minSeverity/),
  ...watch('a size below nothing', { minSize: -1 }, /minSize/),
  ...watch('a member of a metric', { metric: 'last_price' }, /metric/),
  ...metric('an unknown metric', { metric: 'time' }, /metric/),
  ...metric('an unknown direction', { direction: 'sideways' }, /direction/),
  ...metric('no level', { level: undefined }, /level/),
  ...metric('a level in words', { level: '80000' }, /level/),
  ...metric('a level beyond all prices', { level: 1e12 }, /level/),
  ...ofRule('no instrument', { instruments: [] }, /instruments/),
  ...ofRule('too many instruments', { instruments: Array.from({ length: 51 }, (_, i) => `NSE:A${i}`) }, /instruments/),
  ...ofRule('an instrument twice', { instruments: ['NSE:SBIN', 'NSE:SBIN'] }, /instruments: one stands there twice/),
  ...ofRule('a number for an instrument', { instruments: [5] }, /instruments/),
  ...ofRule('hours that end when they begin', { hours: { from: '09:15', to: '09:15' } }, /hours/),
  ...ofRule(
    'a time that there is not',
    { hours: { from: '24:00', to: '09:15' } },
    /hours\.from: is no time of the day/,
  ),
  ...ofRule('hours in seconds', { hours: { from: 33_300, to: 55_800 } }, /hours/),
  ...ofRule('a cooldown below nothing', { cooldownS: -1 }, /cooldownS/),
  ...ofRule('a cooldown of more than a day', { cooldownS: 86_401 }, /cooldownS/),
  ...ofRule('a cooldown of an unknown thing', { cooldownOf: 'person' }, /cooldownOf/),
  ...ofRule('no channel', { channels: [] }, /channels/),
  ...ofRule('an unknown channel', { channels: ['fax'] }, /channels/),
  ...ofRule('a channel twice', { channels: ['screen', 'screen'] }, /channels/),
  ...[0, 32, 1.5, '5'].map((days): Case => ['preview', `${days} days`, { ...RULE, days }, 400, /days/]),
  ...[{ from: '22:00', to: '22:00' }, { from: '22:00' }, '22:00-07:00', false].map(
    (quiet): Case => ['settings', `quiet ${JSON.stringify(quiet)}`, { ...QUIET, quiet }, 400, /quiet/],
  ),
  ...[-1, 241, 0.5, '30', null].map(
    (digestMinutes): Case => ['settings', `a digest of ${digestMinutes}`, { ...QUIET, digestMinutes }, 400, /digest/],
  ),
  ['make', 'a metric of all instruments', { ...RULE, watch: METRIC }, 422, /watched of one instrument/],
];

const headers = { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', 'content-type': 'application/json' };

it.each(CASES)('%s: %s', async (name, _what, body, status, detail) => {
  const response = await ROUTES[name](
    new Request('http://127.0.0.1:3000/api', {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
  const problem = (await response.json()) as { status: number; detail: string };
  expect([response.status, problem.status]).toEqual([status, status]);
  expect(problem.detail).toMatch(detail);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

it.each([
  ['rules', read],
  ['alerts', alerts],
])('%s of a parameter that there is not', async (_what, handler) => {
  const response = await handler(new Request('http://127.0.0.1:3000/api?limit=5', { headers }));
  expect(response.status).toBe(400);
  expect(((await response.json()) as { detail: string }).detail).toMatch(/limit/);
});
