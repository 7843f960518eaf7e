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
import { packageRoot } from '../../lib/config/root.ts';
import { freePort } from '../../scripts/instance/ports.ts';
import { newDataFolder } from '../support/data-folder.ts';
import { debianProgram } from '../support/debian-program.ts';

let dir: string;
let app: Server;
let caddy: ChildProcess;
let ports: { http: number; https: number; health: number };
let session: ClientHttp2Session;
/** What came to the app. */
let heard: IncomingHttpHeaders[] = [];
let stream: ServerResponse | null = null;

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
  ports = { http: await freePort(), https: await freePort(), health: await freePort() };
  const text = readFileSync(path.join(packageRoot, 'ops/docker/Caddyfile'), 'utf8')
    .replace('http_port 8080', `http_port ${ports.http}`)
    .replace('https_port 8443', `https_port ${ports.https}`)
    .replace('127.0.0.1:8081', `127.0.0.1:${ports.health}`)
    .replace('admin off', 'admin off\n\tdefault_bind 127.0.0.1');
  const file = path.join(dir, 'Caddyfile');
  writeFileSync(file, text);
  const { command, args, env } = await debianProgram({ name: 'caddy', file: 'usr/bin/caddy' });
  caddy = spawn(command, [...args, 'run', '--adapter', 'caddyfile', '--config', file], {
    env: {
      ...env,
      HOME: dir,
      XDG_DATA_HOME: dir,
      XDG_CONFIG_HOME: dir,
      GEHRA_UPSTREAM: `127.0.0.1:${(app.address() as AddressInfo).port}`,
    } as unknown as NodeJS.ProcessEnv,
    stdio: 'ignore',
  });
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${ports.health}/`)).status).toBe(200), {
    timeout: 60_000,
    interval: 50,
  });
  session = connect(`https://localhost:${ports.https}`, { rejectUnauthorized: false });
  await once(session, 'connect');
});
afterAll(async () => {
  session?.destroy();
  stream?.end();
  if (caddy && caddy.exitCode === null) {
    caddy.kill('SIGTERM');
    await once(caddy, 'exit');
  }
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
