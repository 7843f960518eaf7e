/** Who may listen to the live stream, how often, and until when. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamReader } from '../../lib/queue/streams.ts';
import { services } from '../../lib/services/context.ts';
import { problemHeaders, problemOf } from '../../lib/services/errors.ts';
import { LiveHub } from '../../lib/services/live-hub.ts';
import { serveStream } from '../../lib/services/live-stream.ts';
import { stampRequest } from '../../lib/services/request-facts.ts';
import { StreamGate } from '../../lib/services/stream-gate.ts';
import { startTestRedis, type TestServer } from '../support/servers.ts';
import { addTestPerson, signedIn, type Visitor } from '../support/visitor.ts';
import { log, World } from './world.ts';

let world: World;
let redisServer: TestServer;
let connections: Redis[];
let hub: LiveHub;
let gate: StreamGate;
let http: Server;
let url: string;
const aborters: AbortController[] = [];

beforeAll(async () => {
  world = await World.begin({ TRUSTED_PROXIES: '127.0.0.1' });
  redisServer = await startTestRedis();
  await services().db.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1)`,
  );
  connections = [connectBlockingRedis(redisServer.url, log, 1000), connectRedis(redisServer.url, log)];
  const [blocking, plain] = connections as [Redis, Redis];
  hub = new LiveHub(new StreamReader(blocking, plain), plain, log);
  gate = new StreamGate(log);
  http = createServer((request, response) => {
    stampRequest(services().config, request);
    serveStream(hub, gate, services().config, request, response).catch((error: unknown) => {
      response.writeHead(problemOf(error).status, problemHeaders(error)).end(JSON.stringify(problemOf(error)));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/stream?instruments=1`;
});
afterAll(async () => {
  gate.stop();
  await hub.stop();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  for (const connection of connections) connection.disconnect();
  await redisServer.stop();
  await world.stop();
});
beforeEach(() => world.calm());
afterEach(async () => {
  for (const aborter of aborters.splice(0)) aborter.abort();
  await vi.waitFor(() => expect(hub.clients.count).toBe(0), { timeout: 10_000 });
});

interface Stream {
  readonly status: number;
  readonly retryAfter: string | null;
  /** What has come until the stream ended; it may be waited for. */
  readonly text: Promise<string>;
}

async function listen(headers: Record<string, string>): Promise<Stream> {
  const aborter = new AbortController();
  aborters.push(aborter);
  const response = await fetch(url, { headers, signal: aborter.signal });
  const text = response.text().catch(() => 'cut off');
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text };
}

const cookieOf = (visitor: Visitor) => ({
  cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
});
const from = (address: string) => ({ 'x-forwarded-for': address });

/** Whether the stream ends with an `auth` event within five seconds of the time `began`. */
async function expectShut(stream: Stream, began: number): Promise<void> {
  const text = await stream.text;
  expect(performance.now() - began, 'ms until the end').toBeLessThan(5000);
  expect(text).toMatch(/event: hello\n[\s\S]*event: auth\ndata: \{"reason":"signed_out"\}\n\n$/);
}

describe('the live stream', () => {
  it('is closed to who is not known', async () => {
    expect((await listen({})).status).toBe(401);
    expect((await listen({ authorization: 'Bearer gehra_none' })).status).toBe(401);
  });

  it('S86: ends with the session', async () => {
    const [visitor, other] = [await signedIn('Vik'), await signedIn('Asha')];
    const [stream, stays] = [await listen(cookieOf(visitor)), await listen(cookieOf(other))];
    expect([stream.status, stays.status]).toEqual([200, 200]);
    const began = performance.now();
    await visitor.signOut();
    await expectShut(stream, began);
    await vi.waitFor(() => expect(hub.clients.count).toBe(1));
    expect((await listen(cookieOf(other))).status).toBe(200);
  });

  it('S46: ends when its person is disabled', async () => {
    const id = await addTestPerson('Disabled soon', 'viewer');
    const owner = await signedIn('Asha');
    const stream = await listen(cookieOf(await signedIn('Disabled soon')));
    const began = performance.now();
    await owner.ask('PATCH', '/api/people', { body: { id, disabled: true } });
    await expectShut(stream, began);
  });

  it('S86: ends with the key', async () => {
    const owner = await signedIn('Asha');
    const made = await owner.ask('POST', '/api/keys', { body: { name: 'listener', scope: 'read' } });
    const { key } = (await made.json()) as { key: string };
    const stream = await listen({ authorization: `Bearer ${key}` });
    expect(stream.status).toBe(200);
    const { keys } = (await (await owner.ask('GET', '/api/keys')).json()) as { keys: { id: number }[] };
    const began = performance.now();
    await owner.ask('DELETE', '/api/keys', { body: { id: keys[0]?.id } });
    await expectShut(stream, began);
  });

  it('S38: ends ten idle hours after the last request', async () => {
    const stream = await listen(cookieOf(await signedIn('Vik')));
    const began = performance.now();
    world.turn(10 * 3_600_000 + 1000);
    await expectShut(stream, began);
  });

  it('S87: is given ten times to a person', async () => {
    const vik = cookieOf(await signedIn('Vik'));
    for (let i = 0; i < 10; i += 1) expect((await listen({ ...vik, ...from(`198.51.100.${i}`) })).status).toBe(200);
    const eleventh = await listen({ ...vik, ...from('198.51.100.99') });
    expect(eleventh.status).toBe(429);
    expect(Number(eleventh.retryAfter)).toBeGreaterThan(0);
    aborters[0]?.abort();
    await vi.waitFor(async () => expect((await listen({ ...vik, ...from('198.51.100.99') })).status).toBe(200), {
      timeout: 5000,
    });
  });

  it('S87: is given thirty times to an address', async () => {
    const names = ['One', 'Two', 'Three'];
    for (const name of names) await addTestPerson(name, 'viewer');
    const cookies: { cookie: string }[] = [];
    for (const name of names) cookies.push(cookieOf(await signedIn(name)));
    for (let i = 0; i < 30; i += 1)
      expect((await listen({ ...cookies[i % 3], ...from('203.0.113.50') })).status).toBe(200);
    const asha = cookieOf(await signedIn('Asha'));
    expect((await listen({ ...asha, ...from('203.0.113.50') })).status).toBe(429);
    expect((await listen({ ...asha, ...from('203.0.113.51') })).status).toBe(200);
  });
});
