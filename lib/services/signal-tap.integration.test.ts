/** Signals to browsers: a storm reaches even a slow one whole and in order, and who comes back goes on where it was. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createParser } from 'eventsource-parser';
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { loadConfig } from '../config/config.ts';
import { connectBlockingRedis, connectRedis } from '../queue/redis.ts';
import { publishSignal } from '../queue/signals.ts';
import type { Signal } from '../signals/signal.ts';
import { startServices } from './context.ts';
import { SignalTap, TAP_BLOCK_MS } from './signal-tap.ts';

const log = pino({ level: 'silent' });
/** Five seconds of a storm of 200 a second. */
const STORM = 1000;

let server: TestServer;
let redis: Redis;
let blocking: Redis;
let database: { url: string; drop: () => Promise<void> };
let stopServices: () => Promise<void>;
let tap: SignalTap;
let sockets: Server;

beforeAll(async () => {
  server = await startTestRedis();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1)`,
  );
  await client.end();
  redis = connectRedis(server.url, log);
  blocking = connectBlockingRedis(server.url, log, TAP_BLOCK_MS);
  await Promise.all([redis, blocking].map((one) => new Promise((resolve) => one.once('ready', resolve))));
  stopServices = startServices(loadConfig({ DATABASE_URL: database.url, REDIS_URL: server.url }), log);
  tap = new SignalTap(blocking, redis, log);
  tap.start();
  await vi.waitFor(() => expect(tap.position).not.toBeNull());
  sockets = createServer().listen(0, '127.0.0.1');
  await once(sockets, 'listening');
});
afterAll(async () => {
  await tap.stop();
  sockets.close();
  await stopServices();
  redis.disconnect();
  blocking.disconnect();
  await server.stop();
  await database.drop();
});

interface Told {
  readonly position: string;
  readonly missed: boolean;
  readonly signals: readonly { readonly id: string }[];
}

/** A browser's connection, and what it has read. It reads nothing before it is resumed. */
class Listener {
  readonly told: Told[] = [];
  private constructor(
    readonly browser: Socket,
    readonly leave: () => void,
  ) {
    const parser = createParser({ onEvent: ({ data }) => void this.told.push(JSON.parse(data) as Told) });
    browser.on('data', (bytes) => parser.feed(bytes.toString('utf8')));
    browser.pause();
  }

  static async at(after: string | null): Promise<Listener> {
    const browser = connect((sockets.address() as AddressInfo).port, '127.0.0.1');
    const [served] = (await once(sockets, 'connection')) as [Socket];
    const leave = tap.add(served, after);
    return new Listener(browser, () => {
      leave();
      browser.destroy();
      served.destroy();
    });
  }

  get ids(): string[] {
    return this.told.flatMap(({ signals }) => signals.map(({ id }) => id));
  }
}

const signalOf = (id: string): Signal => ({
  id,
  kind: 'large_trade',
  detector: 'large_trades@1',
  parameters: 'abc',
  instrumentId: 1,
  feedId: 31,
  fromUs: 1_700_000_000_000_000,
  toUs: 1_700_000_000_000_000,
  foundUs: 1_700_000_000_000_000,
  lowPrice: 80_000,
  highPrice: 80_000,
  side: 'bid',
  size: 5000,
  severity: 2,
  confidence: 0.8,
  cause: { quantity: { value: 5000, threshold: 1000 } },
  // As long as they get: a slow browser's socket is full long before the end.
  evidence: Array.from({ length: 20 }, (_, n) => `31/1700000000000000/${n}`),
  quality: { frameMs: 25, tickAgeMs: 100 },
  state: 'once',
});

it('gives a storm whole and in order to a browser that reads nothing for a while, and goes on where it was', async () => {
  const slow = await Listener.at(null);
  const ids = Array.from({ length: STORM }, (_, n) => `storm-${n}`);
  for (const id of ids) await publishSignal(redis, signalOf(id));
  const quick = await Listener.at('0-0');
  quick.browser.resume();
  await vi.waitFor(() => expect(quick.ids).toEqual(ids), { timeout: 15_000 });
  expect(slow.ids, 'of what waits for the slow one').toEqual([]);
  slow.browser.resume();
  await vi.waitFor(() => expect(slow.ids).toEqual(ids), { timeout: 15_000 });
  expect([...slow.told, ...quick.told].some(({ missed }) => missed)).toBe(false);

  const middle = slow.told[Math.floor(slow.told.length / 2)] as Told;
  slow.leave();
  quick.leave();
  const back = await Listener.at(middle.position);
  back.browser.resume();
  const behind = ids.slice(ids.indexOf(middle.signals.at(-1)?.id as string) + 1);
  await vi.waitFor(() => expect(back.ids).toEqual(behind), { timeout: 15_000 });
  back.leave();
});
