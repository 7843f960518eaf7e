/** Every malformed request is answered with its status and a problem that says what was wrong: nothing else, no 500. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from '../support/fixtures.ts';

interface Malformed {
  readonly what: string;
  readonly path: string;
  readonly status: number;
  /** In its words, which must name the parameter or the limit. */
  readonly detail: RegExp;
}

const NOW_US = 1_795_000_000_000_000;
const HOUR_US = 3_600_000_000;

const bad = (what: string, path: string, detail: RegExp): Malformed => ({ what, path, status: 400, detail });

const INSTRUMENTS: readonly Malformed[] = [
  bad('a limit of nothing', '/api/instruments?limit=0', /limit/),
  bad('a limit below nothing', '/api/instruments?limit=-5', /limit/),
  bad('a limit that is too large', '/api/instruments?limit=501', /limit/),
  bad('a limit that is no whole number', '/api/instruments?limit=1.5', /limit/),
  bad('a limit in words', '/api/instruments?limit=many', /limit/),
  bad('a limit without end', '/api/instruments?limit=Infinity', /limit/),
  bad('a limit given twice', '/api/instruments?limit=1&limit=2', /limit/),
  bad('neither 0 nor 1', '/api/instruments?subscribed=yes', /subscribed/),
  bad('a flag without a value', '/api/instruments?subscribed=', /subscribed/),
  bad('a search that is too long', `/api/instruments?search=${'a'.repeat(101)}`, /search/),
  bad('a search that no text can be', '/api/instruments?search=a%00b', /search/),
  bad('an unknown parameter', '/api/instruments?sort=name', /sort/),
];

const STREAM: readonly Malformed[] = [
  bad('no instruments', '/api/stream', /instruments/),
  bad('an empty list', '/api/stream?instruments=', /instruments/),
  bad('a name instead of an id', '/api/stream?instruments=NFO:NIFTY', /instruments/),
  bad('a list with a hole', '/api/stream?instruments=1,,2', /instruments/),
  bad('a list that goes on', '/api/stream?instruments=1,', /instruments/),
  bad('a negative id', '/api/stream?instruments=-1', /instruments/),
  bad('an id beyond all numbers', '/api/stream?instruments=99999999999999999999', /instruments/),
  bad('SQL', '/api/stream?instruments=1;DROP%20TABLE%20gehra.ticks', /instruments/),
  bad('too many', `/api/stream?instruments=${Array.from({ length: 51 }, (_, i) => i + 1).join(',')}`, /50 instruments/),
  bad('an unknown id', '/api/stream?instruments=999999999', /999999999/),
  bad('an unknown id among known ones', '/api/stream?instruments=1,999999', /999999/),
  bad('instruments given twice', '/api/stream?instruments=1&instruments=2', /instruments/),
  bad('an unknown parameter', '/api/stream?instruments=1&levels=20', /levels/),
];

const history = (parameters: Record<string, string | number>): string =>
  `/api/depth/history?${new URLSearchParams({
    instrument: '1',
    from: String(NOW_US),
    to: String(NOW_US + 1_000_000),
    ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])),
  })}`;

const HISTORY: readonly Malformed[] = [
  bad('nothing at all', '/api/depth/history', /instrument.*from.*to/s),
  bad('no beginning', `/api/depth/history?instrument=1&to=${NOW_US}`, /from/),
  bad('an instrument in words', history({ instrument: 'NIFTY' }), /instrument/),
  bad('instrument 0', history({ instrument: 0 }), /instrument/),
  bad('an instrument beyond 32 bits', history({ instrument: 2 ** 31 }), /instrument/),
  bad('a beginning before time', history({ from: -1 }), /from/),
  bad('a date for a time', history({ from: '2026-11-24' }), /from/),
  bad('a time that is no whole number', history({ to: '1.5' }), /to/),
  bad('a time beyond what a number holds', history({ to: '9007199254740993' }), /to/),
  bad('columns that are too narrow', history({ column_ms: 49 }), /column_ms/),
  bad('columns that are too wide', history({ column_ms: 3_600_001 }), /column_ms/),
  bad('columns of nothing', history({ column_ms: '' }), /column_ms/),
  bad('an unknown parameter', history({ side: 'bid' }), /side/),
  { what: 'no time at all', path: history({ to: NOW_US }), status: 422, detail: /later than/ },
  { what: 'time that runs back', path: history({ to: NOW_US - 1 }), status: 422, detail: /later than/ },
  { what: 'too many columns', path: history({ to: NOW_US + HOUR_US }), status: 422, detail: /At most 4000 columns/ },
  { what: 'an unknown instrument', path: history({ instrument: 999_999 }), status: 404, detail: /999999/ },
];

const WATCHING: readonly Malformed[] = [
  bad('a parameter where there is none', '/api/watchlists?name=x', /name/),
  bad('a text of no list', '/api/watchlists/text', /id/),
  bad('a text of a list in words', '/api/watchlists/text?id=one', /id/),
  bad('a text of a list beyond 32 bits', '/api/watchlists/text?id=2147483648', /id/),
  { what: 'a text of an unknown list', path: '/api/watchlists/text?id=999999', status: 404, detail: /not there/ },
  bad('an unknown feed', '/api/subscriptions/instruments?feed=kite-ticks-4', /feed/),
  bad('SQL for a feed', "/api/subscriptions/instruments?feed=kite'--", /feed/),
  bad('a limit that is too large', '/api/subscriptions/instruments?limit=501', /limit/),
  bad('a search that no text can be', '/api/masters?search=a%00b', /search/),
];

for (const [api, requests] of Object.entries({
  instruments: INSTRUMENTS,
  stream: STREAM,
  history: HISTORY,
  watching: WATCHING,
})) {
  test.describe(api, () => {
    for (const { what, path, status, detail } of requests) {
      test(`${what}: ${status}`, async ({ request }) => {
        const answer = await request.get(path);
        expect(answer.status()).toBe(status);
        expect(answer.headers()['content-type']).toBe('application/problem+json');
        expect(answer.headers()['cache-control']).toBe('no-store');
        const problem = await answer.json();
        expect(Object.keys(problem).sort()).toEqual(['detail', 'status', 'title', 'type']);
        expect(problem).toMatchObject({ type: 'about:blank', status, title: expect.stringMatching(/^[A-Z]/) });
        expect(problem.detail).toMatch(detail);
      });
    }
  });
}

test('another method than GET changes nothing and is refused', async ({ request }) => {
  for (const path of ['/api/instruments', '/api/depth/history', '/api/stream?instruments=1']) {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await request.fetch(path, { method });
      expect([404, 405], `${method} ${path}: ${answer.status()}`).toContain(answer.status());
    }
  }
});

test.describe('a connection', () => {
  const headOf = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`;

  async function open(baseURL: string | undefined): Promise<{ socket: Socket; closed: Promise<unknown> }> {
    const { hostname, port } = new URL(baseURL ?? '');
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', (error: NodeJS.ErrnoException) => expect(['ECONNRESET', 'EPIPE']).toContain(error.code));
    await once(socket, 'connect');
    return { socket, closed };
  }

  test('that asks for more behind a stream is cut off', async ({ baseURL, server, instruments }) => {
    const { socket, closed } = await open(baseURL);
    socket.write(`${headOf(`/api/stream?instruments=${instruments.nifty.id}`)}\r\n`);
    await once(socket, 'data');
    const streams = await server.streams();
    socket.resume();
    socket.write(`${headOf('/api/instruments')}\r\n`.repeat(1000));
    await closed;
    await expect.poll(() => server.streams()).toBe(streams - 1);
  });

  test('that asks a thousand times before it is answered is cut off', async ({ baseURL }) => {
    const { socket, closed } = await open(baseURL);
    socket.resume();
    socket.write(`${headOf('/api/instruments')}\r\n`.repeat(1000));
    await closed;
  });

  for (const path of ['/', '/_next/webpack-hmr', '/api/stream?instruments=1']) {
    test(`that would be a WebSocket is closed: ${path}`, async ({ baseURL }) => {
      const { socket, closed } = await open(baseURL);
      socket.resume();
      socket.write(`${headOf(path)}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      await closed;
    });
  }
});
