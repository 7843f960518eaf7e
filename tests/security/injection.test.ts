/**
 * SQL and other people's text in every parameter and every member of a body that the API's document has: none of it becomes part of
 * a statement. What the database thinks of the statements stands in its own log.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HTTP_METHODS, type JsonSchema, openApiDocument } from '../../lib/api/openapi.ts';
import { services } from '../../lib/services/context.ts';
import { FUTURE, iso, MarketWorld, NOW_US, OPEN_US } from '../api/market-world.ts';
import { type ApiRoute, answers, apiRoutes, type Method } from '../support/api-routes.ts';
import { startTestPostgres, type TestServer } from '../support/servers.ts';

let server: TestServer;
let world: MarketWorld;
let routes: ApiRoute[];
beforeAll(async () => {
  server = await startTestPostgres();
  world = await MarketWorld.begin(server.url);
  routes = await apiRoutes();
});
afterAll(async () => {
  await world?.stop();
  await server?.stop();
});

/** What ends a text, a number, a name, a list or a comment, and what then would be done. */
const ENDS = ["'", '"', "')", "'))", '1', '1)', "\\'", '$$', '’', "';", '*/', '`', 'NULL', '%', '}'];
const DEEDS = [
  ' OR 1=1 --',
  '; DROP TABLE gehra.ticks; --',
  ' UNION SELECT NULL, version() --',
  ' AND (SELECT pg_sleep(5)) IS NOT NULL --',
  '||(SELECT current_user)||',
  ' ORDER BY 9999 /*',
  '; COPY gehra.people TO PROGRAM $$id$$ --',
  ' AND 1=CAST((SELECT name FROM gehra.people LIMIT 1) AS int) --',
  '::int::regclass',
  ' LIMIT 0 OFFSET (SELECT 1/0)',
];
const PAYLOADS = ENDS.flatMap((end) => DEEDS.map((deed) => `${end}${deed}`));
const NO_NUMBERS = ['NaN', '1e400', '-1', '9223372036854775808', '0x10', '1;', '٣', ' 1', '+1', '1_000', '2026-02-30'];

/** Times of market data, of which there is an hour and a half. */
const TIMES = { from: iso(OPEN_US), to: iso(NOW_US) };
const COMMON: Record<string, string> = {
  instrument: FUTURE,
  instruments: FUTURE,
  ...TIMES,
  at: iso(OPEN_US + 60_000_000),
  by: 'volume',
  size: '6500',
  day: '2026-11-25',
  month: '2026-11',
  kind: 'ticks',
  format: 'csv',
  column_ms: '5000',
  start: iso(OPEN_US),
  id: '1',
};
/** Where the same names mean something else. */
const OWN: Readonly<Record<string, Record<string, string>>> = {
  '/api/depth/history': { instrument: '1', from: String(OPEN_US), to: String(OPEN_US + 60_000_000) },
  '/api/orderflow/coverage': { from: '2026-11-24', to: '2026-11-25' },
  '/api/signals/report': { by: 'all' },
  '/api/replay': { id: 'a'.repeat(24) },
};
const RULE = { name: 'sweeps', watch: { by: 'signals', kinds: ['sweep'] } };
const BODIES: Readonly<Record<string, object>> = {
  'POST /api/exports': { instrument: FUTURE, kind: 'bars', format: 'csv', interval: '1m', ...TIMES },
  'POST /api/replay': { instruments: [1], from: TIMES.from },
  'PATCH /api/replay': { id: 'a'.repeat(24), speed: 2, seek: TIMES.from },
  'DELETE /api/replay': { id: 'a'.repeat(24) },
  'POST /api/signals/rules': RULE,
  'PATCH /api/signals/rules': { id: 1, ...RULE },
  'POST /api/signals/rules/preview': RULE,
  'PATCH /api/signals/rules/settings': { quiet: { from: '22:00', to: '07:00' }, digestMinutes: 30 },
  'POST /api/signals/backtests': { name: 'one', instruments: [FUTURE], from: '2026-11-25', to: '2026-11-25' },
};

const ORIGIN = 'http://127.0.0.1:3000';
async function ask(method: Method, path: string, query: Record<string, string>, body?: unknown): Promise<Response> {
  const route = routes.find((one) => one.method === method && answers(one, path));
  if (!route) throw new Error(`no route answers ${method} ${path}`);
  const request = new Request(`${ORIGIN}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: { host: '127.0.0.1:3000', origin: ORIGIN, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return route.handler(request, { params: Promise.resolve({}) });
}

interface Question {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly ask: (payload: unknown) => Promise<Response>;
}

/** Every parameter of the document, in a question that is otherwise a good one. */
function parameters(): Question[] {
  return Object.entries(openApiDocument().paths).flatMap(([path, { get }]) => {
    const all = get?.parameters ?? [];
    const good = Object.fromEntries(
      all.flatMap(({ name, required }) => {
        const value = OWN[path]?.[name] ?? COMMON[name];
        if (required && value === undefined) throw new Error(`${path}: a good value of ${name} is wanted`);
        return required ? [[name, value as string]] : [];
      }),
    );
    return all.map(({ name, schema }) => ({
      name: `GET ${path} ${name}`,
      schema,
      ask: (payload) => ask('GET', path, { ...good, [name]: String(payload) }),
    }));
  });
}

/** Every text and number within a body, likewise. */
function members(): Question[] {
  return Object.entries(BODIES).flatMap(([name, body]) => {
    const [method = '', path = ''] = name.split(' ');
    return placesIn(body).map((place) => ({
      name: `${name} ${place.join('.')}`,
      schema: {},
      ask: (payload) => ask(method as Method, path, {}, replaced(body, place, payload)),
    }));
  });
}

const placesIn = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((place) => [key, ...place]))
    : [[]];

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

const databaseLog = (): string => readFileSync(server.logFile, 'utf8');
/** How the database complains of a statement that somebody has bent. */
const BENT = /ERROR: .*(syntax error|unterminated|does not exist|invalid input syntax|zero)/g;

it('knows a bent statement when there is one', async () => {
  await expect(services().db.query(`SELECT '${PAYLOADS[0]}`)).rejects.toThrow(/syntax|unterminated/);
  await expect.poll(() => databaseLog().match(BENT)?.length ?? 0).toBeGreaterThan(0);
});

it('S75, S76: whatever stands in a parameter or a body, no statement is bent', { timeout: 240_000 }, async () => {
  const before = databaseLog().match(BENT)?.length ?? 0;
  const questions = [...parameters(), ...members()];
  expect(questions.length).toBeGreaterThan(150);
  const documented = Object.entries(openApiDocument().paths).flatMap(([path, methods]) =>
    HTTP_METHODS.filter((method) => methods[method]?.requestBody).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const bodies = Object.keys(BODIES);
  // What is left takes an id and nothing else.
  const byId = documented.filter((name) => !bodies.includes(name));
  const ids = byId.map((name): Question => {
    const [method = '', path = ''] = name.split(' ');
    return { name: `${name} id`, schema: {}, ask: (id) => ask(method as Method, path, {}, { id }) };
  });
  let refused = 0;
  for (const question of [...questions, ...ids]) {
    for (const payload of [...PAYLOADS, ...NO_NUMBERS]) {
      const { status } = await question.ask(payload);
      const what = `${question.name} = ${payload}`;
      if (question.schema.enum) expect(status, what).toBe(400);
      // Found nothing, or what is a name like any other.
      else expect([200, 201, 204, 400, 404, 409, 413, 422, 429], what).toContain(status);
      if (status === 400) refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(10_000);
  expect(databaseLog().match(BENT)?.length ?? 0).toBe(before);
  const { rows } = await services().db.query<{ count: string }>('SELECT count(*) FROM gehra.ticks');
  expect(Number(rows[0]?.count)).toBe(world.stored);
});

it('S83: 50,000 characters of anything are answered at once', { timeout: 120_000 }, async () => {
  const half = 25_000;
  const endless = [
    'a'.repeat(2 * half),
    '1,'.repeat(half),
    ' \t'.repeat(half),
    'NFO:'.repeat(half / 2),
    '0'.repeat(2 * half),
  ];
  for (const question of parameters()) {
    for (const payload of [...endless, ...endless.map((text) => `${text}!`)]) {
      const began = performance.now();
      const { status } = await question.ask(payload);
      // Fifty thousand noughts are a nought.
      expect([200, 400, 413, 422], `${question.name} = ${payload.slice(0, 5)}…`).toContain(status);
      // An expression that tries again and again takes minutes; what is refused in a millisecond may wait for its turn.
      if (status !== 200) expect(performance.now() - began, `${question.name}, ms`).toBeLessThan(10_000);
    }
  }
});
