/** The proxy of docker-compose.yml: a real Caddy, Debian's, with our file, before an app of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../lib/config/root.ts';
import { freePort } from '../../scripts/instance/ports.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { debianProgram } from '../support/debian-program.ts';

let dir: string;
let app: Server;
let caddy: ChildProcess;
interface Ports {
  readonly http: number;
  readonly https: number;
  readonly health: number;
}
let ports: Ports;
let session: ClientHttp2Session;
/** What came to the app. */
let heard: IncomingHttpHeaders[] = [];
let stream: ServerResponse | null = null;

const addressOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

async function startCaddy(environment: Record<string, string>): Promise<{ caddy: ChildProcess; ports: Ports }> {
  const ports = { http: await freePort(), https: await freePort(), health: await freePort() };
  const text = readFileSync(path.join(packageRoot, 'ops/docker/Caddyfile'), 'utf8')
    .replace('http_port 8080', `http_port ${ports.http}`)
    .replace('https_port 8443', `https_port ${ports.https}`)
    .replace('127.0.0.1:8081', `127.0.0.1:${ports.health}`)
    .replace('admin off', 'admin off\n\tdefault_bind 127.0.0.1');
  const file = path.join(dir, `Caddyfile-${ports.https}`);
  writeFileSync(file, text);
  const { command, args, env } = await debianProgram({ name: 'caddy', file: 'usr/bin/caddy' });
  const caddy = spawn(command, [...args, 'run', '--adapter', 'caddyfile', '--config', file], {
    env: {
      ...env,
      HOME: dir,
      XDG_DATA_HOME: dir,
      XDG_CONFIG_HOME: dir,
      ...environment,
    } as unknown as NodeJS.ProcessEnv,
    stdio: 'ignore',
  });
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${ports.health}/`)).status).toBe(200), {
    timeout: 60_000,
    interval: 50,
  });
  return { caddy, ports };
}

async function stopCaddy(process: ChildProcess | undefined): Promise<void> {
  if (!process || process.exitCode !== null) return;
  process.kill('SIGTERM');
  await once(process, 'exit');
}

beforeAll(async () => {
  dir = newDataFolder();
  app = createServer((request, response) => {
    heard.push(request.headers);
    if (request.url === '/api/stream') {
      stream = response;
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
      response.write('data: first\n\n');
    } else response.end('page');
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  ({ caddy, ports } = await startCaddy({ GEHRA_UPSTREAM: addressOf(app) }));
  session = connect(`https://localhost:${ports.https}`, { rejectUnauthorized: false });
  await once(session, 'connect');
});
afterAll(async () => {
  session?.destroy();
  stream?.end();
  await stopCaddy(caddy);
  app?.close();
  app?.closeAllConnections();
  rmSync(dir, { recursive: true, force: true });
});

it('speaks HTTP/2 over TLS, and sends there who comes without', async () => {
  expect((session.socket as TLSSocket).alpnProtocol).toBe('h2');
  const plain = await fetch(`http://127.0.0.1:${ports.http}/login?x=1`, {
    redirect: 'manual',
    headers: { host: 'localhost' },
  });
  expect(plain.status).toBe(308);
  expect(plain.headers.get('location')).toMatch(/^https:\/\//);
});

it('passes on each event of a stream as it comes', async () => {
  const request = session.request({ ':path': '/api/stream', accept: 'text/event-stream' });
  const [first] = await once(request, 'data');
  expect(String(first)).toBe('data: first\n\n');
  // Only now: a proxy that gathered would have waited for it.
  stream?.write('data: second\n\n');
  const [second] = await once(request, 'data');
  expect(String(second)).toBe('data: second\n\n');
  request.close();
});

it('tells the app who asks, and believes nobody who says otherwise', async () => {
  heard = [];
  const request = session.request({ ':path': '/', 'x-forwarded-for': '6.6.6.6', 'x-forwarded-host': 'evil.example' });
  const [headers] = await once(request, 'response');
  expect(headers[':status']).toBe(200);
  request.close();
  expect(heard[0]).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' });
  expect(heard[0]?.['x-forwarded-host']).toBe(`localhost:${ports.https}`);
});

it('sends a browser back to the web process that it came to first, where docker-compose.web2.yml has two', async () => {
  const names = ['one', 'two'];
  const apps = names.map((name) => createServer((_request, response) => response.end(name)));
  for (const one of apps) {
    one.listen(0, '127.0.0.1');
    await once(one, 'listening');
  }
  const { services } = parse(readFileSync(path.join(packageRoot, 'docker-compose.web2.yml'), 'utf8'), {
    customTags: [{ tag: '!reset', collection: 'seq', resolve: (value) => value }],
  }) as { services: { proxy: { environment: Record<string, string> } } };
  const { GEHRA_BALANCE = '', GEHRA_UPSTREAM = '' } = services.proxy.environment;
  expect(GEHRA_UPSTREAM.split(' ')).toHaveLength(apps.length);
  const two = await startCaddy({ GEHRA_BALANCE, GEHRA_UPSTREAM: apps.map(addressOf).join(' ') });
  const browser = connect(`https://localhost:${two.ports.https}`, { rejectUnauthorized: false });
  try {
    const ask = async (cookie: string): Promise<{ name: string; cookie: string }> => {
      const request = browser.request({ ':path': '/', ...(cookie ? { cookie } : {}) });
      const [headers] = await once(request, 'response');
      const [body] = await once(request, 'data');
      return { name: String(body), cookie: (headers['set-cookie']?.[0] ?? '').split(';')[0] };
    };
    const met = new Map<string, string>();
    await vi.waitFor(
      async () => {
        const { name, cookie } = await ask('');
        expect(cookie).toMatch(/^gehra_web=./);
        met.set(name, cookie);
        expect([...met.keys()].toSorted()).toEqual(names);
      },
      { timeout: 20_000, interval: 1 },
    );
    for (const [name, cookie] of met) {
      for (let i = 0; i < 10; i++) expect((await ask(cookie)).name).toBe(name);
    }
  } finally {
    browser.destroy();
    await stopCaddy(two.caddy);
    for (const one of apps) one.close();
  }
});
