/** What the running server answers to who is not known, or asks in ways that no page does. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { packageRoot } from '../../../lib/config/root.ts';
import { expect, test } from '../support/fixtures.ts';

/** What everybody may ask for. Next.js's own page of an error has no address of its own. */
const OPEN = /^\/(login|setup|icon\.svg|api\/auth\/|api\/setup|api\/health\/live|_global-error|_not-found)/;

/** Somebody follows a link there: a redirect to the sign-in, as for a page. */
const LINKS = /^\/api\/(kite|dhan)\/(login|callback)$/;

/** Addresses of all pages and routes of the build, and of those that are answered beside Next.js. */
function builtPaths(): string[] {
  const file = path.join(packageRoot, 'dist/current/.next/app-path-routes-manifest.json');
  const built = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  return [...built, '/api/stream', '/api/replay/stream'].map((one) => one.replace(/\[+[^\]]+\]+/g, '1'));
}

test('S47: every page and route of the build is closed to who is not known', async ({ signInServer }) => {
  const paths = builtPaths().filter((one) => !OPEN.test(one));
  expect(paths.length).toBeGreaterThan(8);
  for (const one of paths) {
    const answer = await fetch(await signInServer.address(one), { redirect: 'manual' });
    if (one.startsWith('/api/') && !LINKS.test(one)) expect(answer.status, one).toBe(401);
    else {
      expect(answer.status, one).toBe(302);
      expect(answer.headers.get('location'), one).toMatch(/^\/login/);
    }
    expect(answer.headers.get('cache-control'), one).toContain('no-store');
  }
});

test('S49: no header opens what is closed', async ({ signInServer }) => {
  const spoofs: Record<string, string>[] = [
    { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
    { 'x-middleware-subrequest': 'src/proxy' },
    { 'x-gehra-address': '127.0.0.1', 'x-gehra-origin': 'http://127.0.0.1' },
    { cookie: 'gehra.session=anything' },
    { cookie: '__Host-gehra.session=anything' },
    { authorization: 'Bearer anything' },
    { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
    { 'x-original-url': '/login', 'x-rewrite-url': '/login' },
  ];
  for (const headers of spoofs) {
    const what = JSON.stringify(headers);
    const api = await fetch(await signInServer.address('/api/instruments'), { headers });
    expect(api.status, what).toBe(401);
    const page = await fetch(await signInServer.address('/'), { headers, redirect: 'manual' });
    expect([302, 307], what).toContain(page.status);
    expect(page.headers.get('location'), what).toBe('/login');
  }
});

test('S28, S29: two hundred wrong passwords are throttled, whatever address they claim', async ({ signInServer }) => {
  const origin = await signInServer.address();
  // The minute in which attempts are counted begins with the first of them, not in the middle of another test's.
  await signInServer.restartWeb();
  const csrf = await fetch(`${origin}/api/auth/csrf`);
  const cookie = csrf.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { csrfToken } = await csrf.json();
  const statuses: number[] = [];
  const began = performance.now();
  for (let i = 0; i < 200; i += 1) {
    const answer = await fetch(`${origin}/api/auth/callback/credentials`, {
      method: 'POST',
      headers: { origin, cookie, 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${i}` },
      body: JSON.stringify({ csrfToken, name: `nobody ${i}`, password: 'wrong password', json: 'true' }),
    });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(performance.now() - began, 'ms').toBeLessThan(60_000);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(190);
  // Every test of this server comes from this address: it forgets by being started again.
  await signInServer.restartWeb();
});

/** The 99th hundredth of what it took to hear that the server runs, while `during` went on, ms. */
async function healthWhile(address: string, during: Promise<unknown>): Promise<number> {
  const times: number[] = [];
  let over = false;
  const end = during.finally(() => {
    over = true;
  });
  while (!over || times.length < 100) {
    const began = performance.now();
    expect((await fetch(`${address}/api/health/live`)).status).toBe(200);
    times.push(performance.now() - began);
  }
  await end;
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] as number;
}

test('S32: fifty logins at once hold up nobody', async ({ signInServer }) => {
  const origin = await signInServer.address();
  const csrf = await fetch(`${origin}/api/auth/csrf`);
  const cookie = csrf.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { csrfToken } = await csrf.json();
  const attempt = async (name: string): Promise<number> => {
    const answer = await fetch(`${origin}/api/auth/callback/credentials`, {
      method: 'POST',
      headers: { origin, cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ csrfToken, name, password: 'wrong password', json: 'true' }),
    });
    return answer.status;
  };
  // A machine that does something else at the same moment is no fault of the server's: the best of three counts, and the
  // limit is five times that of a quiet machine. Fifty passwords one after the other would take several seconds.
  const p99: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const logins = Promise.all(Array.from({ length: 50 }, (_, i) => attempt(`nobody ${round} ${i}`)));
    p99.push(await healthWhile(origin, logins));
    const statuses = await logins;
    expect(statuses).toContain(429);
    // On an overloaded machine the database may have no connection in time, and says so.
    expect(statuses.filter((status) => ![401, 429, 503].includes(status))).toEqual([]);
    // Every test of this server comes from this address: it forgets by being started again.
    await signInServer.restartWeb();
  }
  expect(Math.min(...p99), `p99 of health, ms: ${p99.map(Math.round).join(', ')}`).toBeLessThanOrEqual(1000);
});

test('S25: no broker can post to us', async ({ page, signInServer }) => {
  await signInServer.signIn(page, 'Asha');
  for (const asked of ['/api/kite/postback', '/api/dhan/postback', '/postback', '/api/orders', '/api/kite/orders']) {
    const answer = await page.request.post(await signInServer.address(asked), { data: { order_id: '1' } });
    expect([404, 405], asked).toContain(answer.status());
    const read = await page.request.get(await signInServer.address(asked));
    expect(read.status(), asked).toBe(404);
    if (asked.startsWith('/api/')) {
      expect(read.headers()['content-type'], asked).toBe('application/problem+json');
      expect((await read.json()).detail, asked).toBe(`There is nothing at ${asked}.`);
    }
  }
});

/** Sends raw bytes and waits for the connection's end. */
async function spoken(origin: string, ...parts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const part of parts) socket.write(part);
  await closed;
  return answer;
}

test('S69: a body that is too long is refused before it has come', async ({ signInServer }) => {
  const origin = await signInServer.address();
  const head = 'POST /api/setup HTTP/1.1\r\nHost: gehra.test\r\nContent-Type: application/json\r\n';
  expect(await spoken(origin, `${head}Content-Length: 50000000\r\n\r\n`)).toMatch(/^HTTP\/1.1 413/);
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const endless = await spoken(origin, `${head}Transfer-Encoding: chunked\r\n\r\n`, chunk.repeat(8));
  expect(endless).not.toMatch(/^HTTP\/1.1 200/);
});

test('S98: who says half a request is let go within half a minute', async ({ signInServer }) => {
  test.setTimeout(90_000);
  const origin = await signInServer.address();
  const began = performance.now();
  await Promise.all([
    spoken(origin, 'GET /login HTTP/1.1\r\nHost: gehra.test\r\nX-Slow: '),
    spoken(origin, 'POST /api/setup HTTP/1.1\r\nHost: gehra.test\r\nContent-Length: 100\r\n\r\n{'),
  ]);
  expect(performance.now() - began, 'ms').toBeLessThan(30_000);
});

test('a request that names no host, or another server whole, is a bad one', async ({ signInServer }) => {
  const origin = await signInServer.address();
  for (const head of [
    'GET /settings HTTP/1.1\r\nHost: a b\r\n',
    'GET /settings HTTP/1.1\r\nHost: [::1\r\n',
    'GET /api/auth/csrf HTTP/1.1\r\nHost: evil.example:99999\r\n',
    'GET /settings HTTP/1.0\r\n',
    'GET http://evil.example/settings HTTP/1.1\r\nHost: evil.example\r\n',
  ]) {
    expect(await spoken(origin, `${head}Connection: close\r\n\r\n`), head).toMatch(/^HTTP\/1.1 400/);
  }
});

test('S85, S94: every answer says how it may be used, and no other site hears the stream', async ({
  page,
  signInServer,
}) => {
  await signInServer.signIn(page, 'Asha');
  for (const asked of ['/login', '/', '/api/me', '/api/nothing', '/icon.svg']) {
    const headers = (await page.request.get(await signInServer.address(asked))).headers();
    expect(headers['x-content-type-options'], asked).toBe('nosniff');
    expect(headers['x-frame-options'], asked).toBe('DENY');
    expect(headers['content-security-policy'], asked).toContain("frame-ancestors 'none'");
    expect(headers['referrer-policy'], asked).toBeDefined();
  }
  const [first] = (
    (await (await page.request.get(await signInServer.address('/api/instruments'))).json()) as {
      instruments: { id: number }[];
    }
  ).instruments;
  const stream = await signInServer.address(`/api/stream?instruments=${first?.id}`);
  const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
  for (const headers of foreign) {
    expect((await page.request.get(stream, { headers })).status(), JSON.stringify(headers)).toBe(403);
  }
});

test('S93: a page runs what carries the nonce of its own answer, and nothing else', async ({ page, signInServer }) => {
  await signInServer.signIn(page, 'Asha');
  const nonces = new Set<string>();
  const asked = ['/login', '/', '/settings', '/nowhere', '/workspace', '/login'];
  for (const path of asked) {
    const answer = await page.request.get(await signInServer.address(path));
    const policy = answer.headers()['content-security-policy'] ?? '';
    const nonce = /script-src 'self' 'nonce-([A-Za-z0-9+/]{22}==)'/.exec(policy)?.[1] ?? '';
    nonces.add(nonce);
    for (const part of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
      expect(policy, path).toContain(part);
    }
    const scripts = [...(await answer.text()).matchAll(/<script([^>]*)>/g)].map(([, attributes = '']) => attributes);
    expect(scripts.length, path).toBeGreaterThan(0);
    for (const attributes of scripts) expect(attributes, path).toContain(`nonce="${nonce}"`);
  }
  expect(nonces.size).toBe(asked.length);
  // What somebody asks for is none of the server's own.
  const forced = await page.request.get(await signInServer.address('/login'), {
    headers: { 'x-gehra-nonce': 'AAAA', 'content-security-policy': "script-src 'nonce-AAAA'" },
  });
  expect(await forced.text()).not.toContain('AAAA');
});

test('a link of another site begins no login to a broker', async ({ page, signInServer }) => {
  await signInServer.signIn(page, 'Asha');
  for (const broker of ['kite', 'dhan']) {
    const address = await signInServer.address(`/api/${broker}/login?next=/settings`);
    const answer = await page.request.get(address, { headers: { 'sec-fetch-site': 'cross-site' }, maxRedirects: 0 });
    expect(answer.status()).toBe(200);
    expect(answer.headers()['set-cookie']).toBeUndefined();
    expect(await answer.text()).toContain(`href="/api/${broker}/login?next=%2Fsettings"`);
    expect((await page.request.get(address, { maxRedirects: 0 })).status()).toBe(303);
  }
});

test('S68: a page is asked for with GET', async ({ signInServer }) => {
  const { hostname, port } = new URL(await signInServer.address());
  for (const method of ['TRACE', 'TRACK', 'PUT', 'DELETE', 'POST', 'PATCH', 'OPTIONS']) {
    for (const asked of ['/', '/login', '/settings']) {
      const socket = connect(Number(port), hostname);
      socket.write(`${method} ${asked} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      // Node's parser knows no TRACK.
      expect(chunk.toString(), `${method} ${asked}`).toMatch(method === 'TRACK' ? /^HTTP\/1.1 400/ : /^HTTP\/1.1 405/);
      socket.destroy();
    }
  }
});

test('S63: no server action is run', async ({ signInServer }) => {
  for (const asked of ['/', '/login', '/settings']) {
    const answer = await fetch(await signInServer.address(asked), {
      method: 'POST',
      headers: { 'next-action': '00'.repeat(20), 'content-type': 'text/plain' },
      body: '["$@1"]',
    });
    expect(answer.status).toBe(405);
  }
});

test('S65: a request for a WebSocket to elsewhere goes nowhere', async ({ signInServer }) => {
  let asked = 0;
  const elsewhere = createServer((_, response) => {
    asked += 1;
    response.end();
  });
  elsewhere.on('connection', () => {
    asked += 1;
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
  const { hostname, port } = new URL(await signInServer.address());
  for (const head of [
    `GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    `GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`,
  ]) {
    const socket = connect(Number(port), hostname);
    socket.resume();
    socket.on('error', () => undefined);
    socket.write(head);
    await once(socket, 'close');
  }
  expect(asked).toBe(0);
  elsewhere.close();
});

test('S73, S95: what is somebody’s is kept by no cache and told to no other site', async ({ page, signInServer }) => {
  await signInServer.signIn(page, 'Asha');
  for (const asked of [
    '/',
    '/settings',
    '/settings/keys',
    '/settings/security',
    '/api/me',
    '/api/people',
    '/api/account',
  ]) {
    const answer = await page.request.get(await signInServer.address(asked), {
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.status(), asked).toBe(200);
    expect(answer.headers()['cache-control'], asked).toContain('no-store');
    expect(answer.headers()['access-control-allow-origin'], asked).toBeUndefined();
  }
});

for (const [old, now] of [
  ['/login.html?provider=kite', '/connections?provider=kite'],
  ['/success.html?provider=dhan', '/connections?provider=dhan'],
  ['/dashboard.html', '/'],
  ['/index.html', '/'],
]) {
  test(`the predecessor's ${old} leads to ${now}`, async ({ signInServer }) => {
    const answer = await fetch(await signInServer.address(old), { redirect: 'manual' });
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe(now);
  });
}
