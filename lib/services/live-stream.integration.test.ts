import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { MessageReader, type TickMessage } from '../book/messages.ts';
import { loadConfig } from '../config/config.ts';
import { type Feed, feedById } from '../core/feeds.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { wallClockUs } from '../obs/clock.ts';
import { TICK_MODE, Tick } from '../orderflow/tick.ts';
import { EntryWriter } from '../queue/entry.ts';
import { KEYS } from '../queue/keys.ts';
import { connectBlockingRedis, connectRedis } from '../queue/redis.ts';
import { publishStatus } from '../queue/status.ts';
import { StreamAppender, StreamReader } from '../queue/streams.ts';
import { startServices } from './context.ts';
import { problemOf } from './errors.ts';
import { LiveHub } from './live-hub.ts';
import { serveStream } from './live-stream.ts';
import { StreamGate } from './stream-gate.ts';

const log = pino({ level: 'silent' });
const DEPTH200 = feedById(31);
const DEPTH20 = feedById(21);
const KITE = feedById(1);
const NIFTY = 1;
const SBIN = 2;
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 15_000, interval: 10 });

let redisServer: TestServer;
let redis: Redis;
let database: { url: string; drop: () => Promise<void> };
let stopServices: () => Promise<void>;
let hub: LiveHub;
let gate: StreamGate;
let hubConnections: Redis[];
let http: Server;
let port: number;
const browsers: Browser[] = [];
/** What the server has begun to answer. */
const answers: Promise<void>[] = [];

beforeAll(async () => {
  redisServer = await startTestRedis();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1)`,
  );
  await client.end();
  redis = connectRedis(redisServer.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
  const environment = { DATABASE_URL: database.url, REDIS_URL: redisServer.url, GEHRA_SIMULATED: '1' };
  stopServices = startServices(loadConfig(environment), log);
});
afterAll(async () => {
  await stopServices();
  redis.disconnect();
  await redisServer.stop();
  await database.drop();
});
beforeEach(async () => {
  await redis.flushall();
  ends.clear();
  hubConnections = [connectBlockingRedis(redisServer.url, log, 1000), connectRedis(redisServer.url, log)];
  await Promise.all(hubConnections.map((one) => new Promise((resolve) => one.once('ready', resolve))));
  const [blocking, plain] = hubConnections as [Redis, Redis];
  hub = new LiveHub(new StreamReader(blocking, plain), plain, log);
  gate = new StreamGate(log);
  const config = loadConfig({});
  http = createServer((request, response) => {
    const answer = serveStream(hub, gate, config, request, response).catch((error: unknown) => {
      const problem = problemOf(error);
      response.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    answers.push(answer);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  port = (http.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const browser of browsers.splice(0)) browser.close();
  await hub.stop();
  gate.stop();
  for (const connection of hubConnections) connection.disconnect();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

/** Stamp of the last entry of each stream. */
const ends = new Map<number, number>();

async function publish(feed: Feed, write: (entry: EntryWriter) => void): Promise<number> {
  const entry = new EntryWriter();
  entry.begin();
  write(entry);
  const before = ends.get(feed.id) ?? 0;
  const stampUs = Math.max(wallClockUs(), before + 1);
  const { refused } = await new StreamAppender(redis).append(feed, before, [
    { stampUs, bytes: entry.finish() as Buffer },
  ]);
  expect(refused).toBeNull();
  ends.set(feed.id, stampUs);
  return stampUs;
}

/** A frame of one side: `levels` levels of 65 from `best` on. */
const depth = (feed: Feed, instrumentId: number, side: Side, best: number, levels = 20) =>
  publish(feed, (entry) => {
    const book = new SideLevels();
    book.count = levels;
    for (let i = 0; i < levels; i += 1) {
      book.prices[i] = best + (side === BID ? -i : i) * 10;
      book.quantities[i] = 65 * (1 + ((best + i) % 7));
      book.orders[i] = 1;
    }
    entry.depth(instrumentId, 0, side, 0, 0, book);
  });

const trade = (price: number, volume: number, volumeDelta: number) =>
  publish(KITE, (entry) => {
    const tick = new Tick();
    Object.assign(tick, {
      instrumentId: NIFTY,
      mode: TICK_MODE.full,
      lastPrice: price,
      volume,
      volumeDelta,
      aggressor: 1,
      confidence: 3,
    });
    entry.tick(tick);
  });

/** Listens as a browser does, and holds what it has been told. */
class Browser {
  readonly events: EventSourceMessage[] = [];
  readonly reader = new MessageReader();
  readonly ticks: TickMessage[] = [];
  readonly gaps: string[] = [];
  missedBases = 0;
  status = 0;
  body = '';
  private readonly aborter = new AbortController();

  static open(query: string, headers: Record<string, string> = {}): Browser {
    const browser = new Browser();
    browsers.push(browser);
    void browser.listen(query, headers);
    return browser;
  }

  private async listen(query: string, headers: Record<string, string>): Promise<void> {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/stream${query}`, {
        headers,
        signal: this.aborter.signal,
      });
      this.status = response.status;
      const parser = createParser({ onEvent: (event) => this.take(event) });
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const text = Buffer.from(chunk).toString('utf8');
        this.body += text;
        parser.feed(text);
      }
    } catch (error) {
      if (!this.aborter.signal.aborted) throw error;
    }
  }

  private take(event: EventSourceMessage): void {
    this.events.push(event);
    if (event.event) return;
    this.reader.read(Buffer.from(event.data, 'base64'), {
      onDepth: () => undefined,
      onTick: (tick) => this.ticks.push({ ...tick }),
      onGap: ({ cause, toUs }) => this.gaps.push(`${cause}${toUs === 0 ? '' : ' closed'}`),
      onBaseMissing: () => {
        this.missedBases += 1;
      },
    });
  }

  best(instrumentId: number, side: Side): number | undefined {
    const { known, levels } = this.reader.side(instrumentId, side);
    return known ? levels.prices[0] : undefined;
  }

  named<T>(name: string): T | undefined {
    const event = this.events.findLast((one) => one.event === name);
    return event ? (JSON.parse(event.data) as T) : undefined;
  }

  close(): void {
    this.aborter.abort();
  }
}

describe('the live stream', () => {
  it('says hello, gives the books there are, then each change', async () => {
    await depth(DEPTH200, NIFTY, BID, 2_604_000, 200);
    await depth(DEPTH200, NIFTY, ASK, 2_604_100, 200);
    hub.start();
    await until(() => expect(hub.failure).toBeNull());
    const browser = Browser.open(`?instruments=${NIFTY}`);
    await until(() => expect(browser.best(NIFTY, ASK)).toBe(2_604_100));
    expect(browser.best(NIFTY, BID)).toBe(2_604_000);
    expect(browser.events[0]?.event).toBe('hello');
    expect(browser.named('hello')).toMatchObject({
      protocol: 1,
      resumedFromUs: null,
      simulated: false,
      instruments: [{ slug: 'NFO:NIFTY26DECFUT' }],
    });

    for (let i = 1; i <= 30; i += 1) await depth(DEPTH200, NIFTY, BID, 2_604_000 + i * 10, 200);
    await until(() => expect(browser.best(NIFTY, BID)).toBe(2_604_300));
    expect(browser.reader.side(NIFTY, BID).seq).toBe(30);
    expect(browser.missedBases).toBe(0);
    // A change costs a small part of the whole.
    const bytes = browser.body.length / 30;
    expect(bytes).toBeLessThan(1000);
  });

  it('gives trades once, and only what is new', async () => {
    hub.start();
    const browser = Browser.open(`?instruments=${NIFTY}`);
    await until(() => expect(browser.named('hello')).toBeDefined());
    await trade(2_604_050, 100, 10);
    await trade(2_604_050, 100, 0);
    await trade(2_604_060, 130, 30);
    await until(() => expect(browser.ticks.length).toBe(2));
    expect(browser.ticks.map(({ lastPrice, volumeDelta }) => [lastPrice, volumeDelta])).toEqual([
      [2_604_050, 10],
      [2_604_060, 30],
    ]);
  });

  it('shows the deeper of two feeds, and that feed’s gaps', async () => {
    hub.start();
    const browser = Browser.open(`?instruments=${NIFTY}`);
    await until(() => expect(browser.named('hello')).toBeDefined());
    await depth(DEPTH200, NIFTY, BID, 2_604_000, 200);
    await until(() => expect(browser.best(NIFTY, BID)).toBe(2_604_000));
    await depth(DEPTH20, NIFTY, BID, 1, 20);
    await publish(DEPTH20, (entry) => entry.gap({ fromUs: 1, toUs: 0, cause: 'silent', instrumentIds: [NIFTY] }));
    await publish(DEPTH200, (entry) =>
      entry.gap({ fromUs: 5, toUs: 0, cause: 'disconnected', instrumentIds: [NIFTY] }),
    );
    await publish(DEPTH200, (entry) =>
      entry.gap({ fromUs: 5, toUs: 9, cause: 'disconnected', instrumentIds: [NIFTY] }),
    );
    await until(() => expect(browser.gaps).toEqual(['disconnected', 'disconnected closed']));
    expect(browser.best(NIFTY, BID)).toBe(2_604_000);
  });

  it('tells once a second how everything is, and says so when nobody answers', async () => {
    await depth(DEPTH200, NIFTY, BID, 2_604_000);
    hub.start();
    const browser = Browser.open(`?instruments=${NIFTY}`);
    await until(() =>
      expect(browser.named('status')).toMatchObject({
        feeds: { 'dhan-depth200-1': { state: 'down', cause: 'collector_down' } },
        recorder: { state: 'down' },
      }),
    );
    const feed = {
      state: 'live',
      cause: null,
      detail: '',
      sinceUs: 1,
      gapFromUs: null,
      instrumentIds: [NIFTY],
      tooMany: null,
      silent: 0,
      frames: 1,
      rejects: 0,
      unpublished: 0,
      journalFailure: null,
      publishFailure: null,
    } as const;
    await publishStatus(redis, 'collector-dhan', { kind: 'collector', feeds: { 'dhan-depth200-1': feed } });
    await publishStatus(redis, 'collector-kite', { kind: 'collector', feeds: { 'kite-ticks-1': feed } });
    await publishStatus(redis, 'writer-1', {
      kind: 'writer',
      lagMs: { 'dhan-depth200-1': 120 },
      rows: 1,
      quarantined: 0,
      failure: null,
    });
    await until(() =>
      expect(browser.named('status')).toMatchObject({
        instruments: { [NIFTY]: { feed: 'dhan-depth200-1', levels: 20, askAgeMs: null } },
        feeds: { 'dhan-depth200-1': { state: 'live' }, 'kite-ticks-1': { state: 'live' } },
        recorder: { state: 'recording', lagMs: 120 },
      }),
    );
    // Also where the books come from elsewhere: charts show its trades.
    await redis.del(KEYS.status('collector-kite'));
    await until(() => expect(browser.named('status')).toMatchObject({ feeds: { 'kite-ticks-1': { state: 'down' } } }));
  });

  it('after a reconnect says up to where the browser had everything', async () => {
    const stampUs = await depth(DEPTH200, NIFTY, BID, 2_604_000);
    hub.start();
    const first = Browser.open(`?instruments=${NIFTY}`);
    const id = await until(() => {
      const found = first.events.findLast(({ event }) => event === 'status')?.id;
      expect(found).toBeDefined();
      return found as string;
    });
    first.close();
    const second = Browser.open(`?instruments=${NIFTY}`, { 'last-event-id': id });
    await until(() => expect(second.named('hello')).toMatchObject({ resumedFromUs: stampUs }));
    const odd = Browser.open(`?instruments=${NIFTY}`, { 'last-event-id': 'nonsense; DROP' });
    await until(() => expect(odd.named('hello')).toMatchObject({ resumedFromUs: null }));
  });

  it.each([
    ['', 400],
    ['?instruments=', 400],
    ['?instruments=x', 400],
    ['?instruments=1,,2', 400],
    ['?instruments=999', 400],
    ['?instruments=-1', 400],
    ['?instruments=1&instruments=2', 400],
    ['?instruments=1&other=2', 400],
    [`?instruments=${Array.from({ length: 51 }, (_, i) => i + 1).join(',')}`, 400],
  ])('answers %s with a problem, not with a stream', async (query, status) => {
    const browser = Browser.open(query);
    await until(() => expect(browser.status).toBe(status));
    await until(() => expect(JSON.parse(browser.body)).toMatchObject({ status, type: 'about:blank' }));
    expect(hub.clients.count).toBe(0);
  });

  it('has every feed though Redis does not answer in the middle of its start', async () => {
    await depth(KITE, NIFTY, BID, 1_000_000, 5);
    await depth(DEPTH200, NIFTY, BID, 2_000_000, 200);
    const [blocking, plain] = hubConnections as [Redis, Redis];
    let refused = 0;
    const streams = new (class extends StreamReader {
      override newest(feed: Feed, count: number) {
        if (feed.id !== DEPTH200.id || refused > 0) return super.newest(feed, count);
        refused += 1;
        return Promise.reject(new Error('Command timed out'));
      }
    })(blocking, plain);
    await hub.stop();
    hub = new LiveHub(streams, plain, log);
    hub.start();
    const browser = Browser.open(`?instruments=${NIFTY}`);
    await until(() => expect(browser.best(NIFTY, BID)).toBe(2_000_000));
    expect(refused).toBe(1);
    await depth(DEPTH200, NIFTY, BID, 2_000_010, 100);
    await until(() => expect(browser.best(NIFTY, BID)).toBe(2_000_010));
  });
});

describe('listeners', () => {
  it('are forgotten when their tabs close', async () => {
    hub.start();
    const opened = Array.from({ length: 20 }, (_, i) => Browser.open(`?instruments=${i % 2 === 0 ? '1' : '1,2'}`));
    await until(() => expect(hub.clients.count).toBe(20));
    for (const browser of opened) browser.close();
    await until(() => expect(hub.clients.count).toBe(0));
    expect(hub.clients.wants(NIFTY)).toBe(false);
    expect(hub.clients.wants(SBIN)).toBe(false);
  });

  it('that are gone before their stream has begun are not kept', async () => {
    hub.start();
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE gehra.instruments IN ACCESS EXCLUSIVE MODE');
    const hasty = connect(port, '127.0.0.1');
    hasty.write(`GET /api/stream?instruments=${NIFTY} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until(async () => {
      const { rowCount } = await holder.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rowCount).toBe(1);
    });
    hasty.destroy();
    await until(async () => expect(await promisify(http.getConnections.bind(http))()).toBe(0));
    await holder.query('ROLLBACK');
    await holder.end();
    await Promise.all(answers);
    expect(hub.clients.count).toBe(0);
  });

  it('that do not read are left out, hold up nobody, and begin anew with the newest', async () => {
    await depth(DEPTH200, NIFTY, BID, 2_000_000, 200);
    hub.start();
    await until(() => expect(hub.failure).toBeNull());
    const fast = Browser.open(`?instruments=${NIFTY}`);
    const slow: Socket = connect(port, '127.0.0.1');
    slow.write(`GET /api/stream?instruments=${NIFTY} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    slow.pause();
    await until(() => expect(hub.clients.count).toBe(2));
    // Each frame is another ladder, so that the kernel's buffers fill soon.
    let price = 2_000_000;
    while (hub.clients.skipped === 0) {
      price += 1_000_003;
      await depth(DEPTH200, NIFTY, BID, price % 1_000_000_007, 200);
    }
    await depth(DEPTH200, NIFTY, BID, 3_000_000, 200);
    await until(() => expect(fast.best(NIFTY, BID)).toBe(3_000_000));
    expect(fast.missedBases).toBe(0);

    const reader = new MessageReader();
    let missed = 0;
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event) return;
        reader.read(Buffer.from(data, 'base64'), {
          onDepth: () => undefined,
          onTick: () => undefined,
          onGap: () => undefined,
          onBaseMissing: () => {
            missed += 1;
          },
        });
      },
    });
    let head = '';
    slow.on('data', (chunk) => {
      // Behind the answer's head, sizes of chunks are lines that no event has.
      const text = chunk.toString('latin1');
      if (head === '') head = text.slice(0, text.indexOf('\r\n\r\n'));
      parser.feed(text.replace(/^[0-9a-f]+\r\n|\r\n/gm, '\n').replace(/\n\n\n+/g, '\n\n'));
    });
    slow.resume();
    await until(() => expect(reader.side(NIFTY, BID).levels.prices[0]).toBe(3_000_000));
    await depth(DEPTH200, NIFTY, BID, 3_000_010, 200);
    await until(() => expect(reader.side(NIFTY, BID).levels.prices[0]).toBe(3_000_010));
    expect(missed).toBe(0);
    slow.destroy();
    await until(() => expect(hub.clients.count).toBe(1));
  });

  it('are told when the server stops', async () => {
    hub.start();
    const browser = Browser.open(`?instruments=${NIFTY}`);
    await until(() => expect(hub.clients.count).toBe(1));
    await hub.stop();
    await until(() => expect(browser.named('bye')).toEqual({}));
    expect(hub.clients.count).toBe(0);
  });
});
