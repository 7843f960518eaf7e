/** What the web process of the build answers to requests that no page of ours sends: sections D, F, G and H of the security checks. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Random } from '../../simulator/market/random.ts';
import { isLoopback, listeningOf } from '../support/listening.ts';
import { rawHttp } from '../support/raw-http.ts';
import { APP_URL, WebProcess } from '../support/web-process.ts';

let web: WebProcess;
let owner: Record<string, string>;
let half: HalfRequests;
beforeAll(async () => {
  web = await WebProcess.start(inject('postgresUrl'));
  const client = new Client({ connectionString: web.databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NSE', 'SBIN', $1, 'EQ', 100, 5, 1)`,
    [FORGED],
  );
  await client.end();
  owner = await web.signIn('Asha');
  half = new HalfRequests(web.port);
}, 240_000);
afterAll(async () => {
  half?.end();
  await web?.stop();
});

/** A name that would begin an event of its own, or end the session of who believes it. */
const FORGED =
  'SBIN\n\nevent: forged\ndata: {}\r\revent: auth\rdata: {"reason":"signed_out"}\u2028\n\n<img src=x onerror=alert(1)>';

const HEAD = 'Host: gehra.test\r\n';
/** The process still answers, and others are still let in. */
const expectAlive = async (): Promise<void> => {
  expect((await web.ask('/api/health/live')).status).toBe(200);
};

/**
 * 600 connections that never finish their headers, and 200 that never finish their body (an address may ask 400 times a second): open
 * while all else is tested.
 */
class HalfRequests {
  private readonly began = performance.now();
  private readonly sockets: Socket[];
  private readonly closed: Promise<number>[];

  constructor(port: number) {
    this.sockets = Array.from({ length: 800 }, (_, i) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write(
        i % 4 > 0
          ? 'GET /login HTTP/1.1\r\nHost: gehra.test\r\nX-Slow: '
          : 'POST /api/setup HTTP/1.1\r\nHost: gehra.test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      );
      return socket;
    });
    this.closed = this.sockets.map(async (socket) => {
      await once(socket, 'close');
      return performance.now() - this.began;
    });
  }

  /** When the last of them was let go, ms after they began. */
  async lastMs(): Promise<number> {
    return Math.max(...(await Promise.all(this.closed)));
  }

  end(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

describe('a request', () => {
  it.each([
    ['with two ways to tell its length', `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['with two lengths', `${HEAD}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`],
    ['with a length that is none', `${HEAD}Content-Length: +5\r\n\r\nabcde`],
    ['with a transfer encoding that is none', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['with chunks of a size that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n`],
    ['with a line end of its own in a header', `${HEAD}X-A: a\rb\r\n\r\n`],
    ['with a folded header', `${HEAD}X-A: a\r\n b: c\r\n\r\n`],
    ['with NUL in a header', `${HEAD}X-A: a\0b\r\n\r\n`],
    ['with a space before the colon', `${HEAD}X-A : a\r\n\r\n`],
    ['with two hosts', `${HEAD}Host: evil.example\r\n\r\n`],
    ['with a header of 20 kB', `${HEAD}X-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['with 3,000 headers', `${HEAD}${Array.from({ length: 3000 }, (_, i) => `X-${i}: a\r\n`).join('')}\r\n`],
  ])('S70: %s is a bad one, and its connection ends', async (_what, rest) => {
    // What is hidden behind it must not be taken for a request of its own.
    const smuggled = 'GET /api/health/live HTTP/1.1\r\nHost: gehra.test\r\n\r\n';
    const answer = await rawHttp(web.port, `POST /api/setup HTTP/1.1\r\n${rest}${smuggled}`);
    expect(answer).toMatch(/^HTTP\/1\.1 4(00|31) /);
    expect(answer).not.toContain('alive');
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('S70: whose lines end in LF alone is no way around that', async () => {
    const answer = await rawHttp(web.port, 'GET /api/me HTTP/1.1\nHost: gehra.test\n\n');
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    await expectAlive();
  });

  const PROBES = [
    '/.env',
    '/.env.example',
    '/.git/config',
    '/.git/HEAD',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../package.json',
    '/....//package.json',
    '/..%5c..%5cpackage.json',
    '/_next/../server.js',
    '/_next/static/../server/app/page.js',
    '/_next/static/..%2fserver%2fapp',
    '/_next/static/%2e%2e/BUILD_ID',
    '/_next/BUILD_ID',
    '/_next/server/middleware-manifest.json',
    '/server/app/page.js',
    '/app/server.js',
    '/app/server.js.map',
    '/package.json',
    '/package-lock.json',
    '/node_modules/next/package.json',
    '/docker-compose.yml',
    '/access_token.txt',
    '/dhan_token.json',
    '/wp-login.php',
    '/server-status',
    '/actuator/env',
    '/debug/pprof',
    '/%00',
    '/icon.svg%00.js',
  ];
  it('S71: for a file of the server finds none, whoever asks', async () => {
    for (const asked of PROBES) {
      for (const [who, headers] of [
        ['nobody', ''],
        ['the owner', `Cookie: ${owner.cookie}\r\n`],
      ] as const) {
        const answer = await rawHttp(web.port, `GET ${asked} HTTP/1.1\r\n${HEAD}${headers}Connection: close\r\n\r\n`);
        // Next.js makes an address of one way to write a path before it looks; nobody is sent to sign in first.
        const fine = who === 'nobody' ? /^HTTP\/1\.1 (302|307|308|400|404) / : /^HTTP\/1\.1 (308|400|404) /;
        expect(answer, `${asked}, ${who}`).toMatch(fine);
        expect(answer, `${asked}, ${who}`).not.toMatch(/root:x:|"dependencies"|\[core\]|AUTH_SECRET|sourcesContent/);
      }
    }
  });

  it('S71: finds no source beside the scripts of a page', async () => {
    const page = await (await web.ask('/login')).text();
    const scripts = [...page.matchAll(/\/_next\/static\/[^"' \\]+\.js/g)].map(([script]) => script);
    expect(scripts.length).toBeGreaterThan(3);
    for (const script of new Set(scripts)) {
      const answer = await web.ask(script);
      expect(answer.status, script).toBe(200);
      expect(await answer.text(), script).not.toMatch(/sourceMappingURL=(?!data:)[^"'`]*\.map/);
      expect((await web.ask(`${script}.map`)).status, script).toBe(404);
    }
  });

  it('S74: for the tools of development finds none', async () => {
    for (const asked of [
      '/_next/webpack-hmr',
      '/_next/hmr',
      '/_next/mcp',
      '/_next/on-demand-entries-ping?page=/',
      '/__nextjs_original-stack-frames',
      '/__nextjs_source-map?filename=app/server.js',
      '/__nextjs_launch-editor?file=app/server.ts',
      '/__nextjs_restart_dev',
      '/__nextjs_disable_dev_indicator',
      '/__nextjs_font/geist-latin.woff2',
      '/__nextjs_devtools_config',
      '/_next/development/_devMiddlewareManifest.json',
      '/_next/static/development/_devPagesManifest.json',
    ]) {
      const answer = await web.ask(asked, { headers: owner });
      expect(answer.status, asked).toBe(404);
      expect([302, 404], `${asked}, nobody`).toContain((await web.ask(asked)).status);
    }
  });

  it('S64: for a picture of elsewhere makes the server ask nobody', async () => {
    let asked = 0;
    const elsewhere = createServer((request, response) => {
      asked += 1;
      response.writeHead(request.url === '/redirect' ? 302 : 200, { location: '/', 'content-type': 'image/png' }).end();
    });
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    for (const url of [
      `http://127.0.0.1:${port}/a.png`,
      `//127.0.0.1:${port}/a.png`,
      `http://127.0.0.1:${port}/redirect`,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      'data:image/svg+xml,<svg/>',
      '/icon.svg',
      '/api/me',
    ]) {
      const answer = await web.ask(`/_next/image?url=${encodeURIComponent(url)}&w=64&q=75`, { headers: owner });
      expect(answer.status, url).toBe(404);
    }
    elsewhere.close();
    expect(asked).toBe(0);
  });

  it('S63: of the form of a server action, however it is bent, is refused and hurts nobody', async () => {
    const random = new Random(2026, 63);
    const seeds = [
      '0:["$@1",["x",null]]\n1:{"then":"$1:__proto__:then","status":"resolved_model","value":"{}"}\n',
      '["$F1","$@2","$B3",{"id":"a#b","bound":null}]',
      '------x\r\nContent-Disposition: form-data; name="$ACTION_REF_1"\r\n\r\n\r\n------x--\r\n',
      '------x\r\nContent-Disposition: form-data; name="0"\r\n\r\n{"_prefix":"process.exit()","_formData":{"get":"$1:constructor:constructor"}}\r\n------x--\r\n',
    ];
    const bent = (text: string): string => {
      const bytes = Buffer.from(text.repeat(1 + Math.floor(random.uniform() * 4)), 'latin1');
      for (let i = 0; i < 8; i += 1)
        bytes[Math.floor(random.uniform() * bytes.length)] = Math.floor(random.uniform() * 256);
      return bytes.toString('latin1');
    };
    const pages = ['/', '/login', '/settings', '/api/me', '/api/setup', '/api/nothing'];
    // The rest of the ten thousand would say the same: all are refused by their method or their type before they are read.
    for (let round = 0; round < 20; round += 1) {
      const statuses = await Promise.all(
        Array.from({ length: 25 }, async (_, i) => {
          const answer = await web.ask(pages[i % pages.length] as string, {
            method: 'POST',
            headers: {
              ...owner,
              'next-action': i % 3 === 0 ? '00'.repeat(20) : bent('40a1'.repeat(5)).replace(/[^ -~]/g, 'x'),
              'content-type': i % 2 === 0 ? 'multipart/form-data; boundary=----x' : 'text/x-component',
            },
            body: bent(seeds[i % seeds.length] as string),
          });
          await answer.text();
          return answer.status;
        }),
      );
      for (const status of statuses) expect([400, 403, 404, 405, 415, 429]).toContain(status);
    }
    await expectAlive();
  });
});

describe('an answer', () => {
  const PATHS = [
    '/login',
    '/',
    '/settings',
    '/nowhere',
    '/api/me',
    '/api/nothing',
    '/api/health/live',
    '/icon.svg',
    '/robots.txt',
  ];

  it('S94: says over https that it is to be asked for over https, for a year and more, and how it may be used', async () => {
    for (const asked of [...PATHS, '/api/instruments?limit=0', '/%', '/.well-known/security.txt']) {
      for (const headers of [{}, owner]) {
        const answer = await web.ask(asked, { headers });
        await answer.text();
        const [, seconds, more] =
          /^max-age=(\d+)(.*)$/.exec(answer.headers.get('strict-transport-security') ?? '') ?? [];
        expect(Number(seconds), asked).toBeGreaterThanOrEqual(31_536_000);
        expect(more, asked).toContain('includeSubDomains');
        expect(answer.headers.get('x-content-type-options'), asked).toBe('nosniff');
        expect(answer.headers.get('x-frame-options'), asked).toBe('DENY');
        expect(answer.headers.get('cross-origin-opener-policy'), asked).toBe('same-origin');
        expect(answer.headers.get('cross-origin-resource-policy'), asked).toBe('same-origin');
        expect(answer.headers.get('permissions-policy'), asked).toContain('camera=()');
        expect(answer.headers.get('referrer-policy'), asked).toMatch(/^(same-origin|no-referrer)$/);
        expect(answer.headers.get('content-security-policy'), asked).toContain("frame-ancestors 'none'");
        expect(answer.headers.get('x-powered-by'), asked).toBeNull();
        expect(answer.headers.get('server'), asked).toBeNull();
      }
    }
  });

  it('S97: that tells of an error tells nothing of the server', async () => {
    const inside =
      /at \S+ \(|node_modules|\/(work|app|dist|srv|home)\/|SELECT |gehra\.[a-z_]+\b|ECONN|postgres:|redis:/;
    for (const [asked, status] of [
      ['/api/nothing', 404],
      ['/api/instruments?limit=x', 400],
      ['/api/depth/book?instrument=NFO:NONE&at=2026-11-25T10:00:00Z', 404],
      ['/%', 400],
      ['/nowhere', 404],
    ] as const) {
      const answer = await web.ask(asked, { headers: owner });
      expect(answer.status, asked).toBe(status);
      const text = await answer.text();
      // A page carries scripts, which name files of their own.
      if (asked !== '/nowhere') expect(text, asked).not.toMatch(inside);
    }
  });

  it('S105: about readiness tells strangers no more than up or down', async () => {
    const answer = await web.ask('/api/health/ready');
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as Record<string, unknown>;
    // How many streams are open is no secret.
    expect(Object.keys(body).filter((name) => !['status', 'streamClients'].includes(name))).toEqual([]);
    expect((await web.ask('/metrics')).status).not.toBe(200);
    expect((await web.ask('/api/metrics')).status).toBe(401);
  });

  it.each(['/api/stream?instruments=1', '/api/exports/stream'])(
    'S92: that is a stream is kept by nobody, changed by nobody and held back by nobody: %s',
    async (asked) => {
      const aborter = new AbortController();
      const answer = await web.ask(asked, { headers: owner, signal: aborter.signal });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(answer.headers.get('cache-control')).toBe('no-store, no-transform');
      expect(answer.headers.get('x-accel-buffering')).toBe('no');
      expect(answer.headers.get('content-encoding')).toBeNull();
      aborter.abort();
    },
  );

  it('S89: that is a stream holds no event that stands in a name', async () => {
    const aborter = new AbortController();
    const answer = await web.ask('/api/stream?instruments=1', { headers: owner, signal: aborter.signal });
    const events: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (event) => events.push(event) });
    const text = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    while (!events.some(({ event }) => event === 'status')) {
      const { value, done } = (await text?.read()) ?? { done: true };
      if (done) break;
      parser.feed(value as string);
    }
    aborter.abort();
    const [hello] = events;
    expect(hello?.event).toBe('hello');
    const { instruments, heartbeatMs } = JSON.parse(hello?.data ?? '{}') as {
      instruments: { name: string }[];
      heartbeatMs: number;
    };
    expect(instruments[0]?.name).toBe(FORGED);
    expect(heartbeatMs).toBeLessThanOrEqual(15_000);
    expect(events.filter(({ event }) => event === 'auth' || event === 'forged')).toEqual([]);
  });

  it('S79: that is a page holds a name with markup as text', async () => {
    for (const asked of ['/live/NSE:SBIN', '/', '/pane/chart/NSE:SBIN']) {
      const answer = await web.ask(asked, { headers: owner });
      expect(answer.status, asked).toBe(200);
      expect(await answer.text(), asked).not.toContain('<img src=x');
    }
    const { instruments } = (await (await web.ask('/api/instruments?search=SBIN', { headers: owner })).json()) as {
      instruments: { name: string }[];
    };
    expect(instruments.map(({ name }) => name)).toEqual([FORGED]);
  });

  it('S88: is no stream for instruments that there are not, or a thousand of them', async () => {
    const asked = async (ids: readonly number[]): Promise<number> => {
      const answer = await web.ask(`/api/stream?instruments=${ids.join(',')}`, { headers: owner });
      return answer.status;
    };
    expect(await asked([1, 999_999])).toBe(400);
    expect(await asked(Array.from({ length: 1000 }, (_, i) => i + 1))).toBe(400);
  });

  it('of /.well-known/security.txt says where to report what is wrong', async () => {
    const answer = await web.ask('/.well-known/security.txt');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await answer.text();
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1];
    expect(field('Contact')).toMatch(/^(https:|mailto:)/);
    expect(Date.parse(field('Expires') ?? '')).toBeGreaterThan(Date.now());
    expect(field('Canonical')).toBe(`${APP_URL}/.well-known/security.txt`);
  });
});

it('S100: the web process listens on loopback where nobody asks for more', () => {
  const addresses = listeningOf(web.pid() as number);
  expect(addresses).toHaveLength(1);
  expect(addresses.filter((address) => !isLoopback(address))).toEqual([]);
});

it('S98: eight hundred halves of requests are let go, and others are answered meanwhile', {
  timeout: 120_000,
}, async () => {
  await expectAlive();
  expect((await web.ask('/login')).status).toBe(200);
  expect(await half.lastMs()).toBeLessThan(30_000);
  await expectAlive();
});
