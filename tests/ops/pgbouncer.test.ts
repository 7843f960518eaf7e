/** Everything that goes through PgBouncer in production goes through a real one here, with the settings of production. */
import { connect as connectSocket } from 'node:net';
import type { Redis } from 'ioredis';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { buildTiles } from '../../db/build-tiles.ts';
import { connect, createPool } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { dropOld, ensurePartitions, reorderClosedDays } from '../../db/upkeep.ts';
import { BookQuery } from '../../lib/api/books.ts';
import { BarsQuery, FootprintQuery, ProfileQuery } from '../../lib/api/flow.ts';
import { SignalsQuery } from '../../lib/api/signals.ts';
import { TapeQuery } from '../../lib/api/ticks.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { feedById } from '../../lib/core/feeds.ts';
import { BID, SideLevels } from '../../lib/core/side.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { EntryWriter } from '../../lib/queue/entry.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, type StreamEntry, StreamReader } from '../../lib/queue/streams.ts';
import { bookAt } from '../../lib/services/book.ts';
import { findInstrument } from '../../lib/services/instruments.ts';
import { bars, footprint, profile } from '../../lib/services/orderflow.ts';
import { signals } from '../../lib/services/signals.ts';
import { tape } from '../../lib/services/tape.ts';
import { measureOutcomes } from '../../workers/jobs/outcomes.ts';
import { measureTurnover } from '../../workers/jobs/turnover.ts';
import { READ_BLOCK_MS, Writer } from '../../workers/writer/writer.ts';
import { gehra } from '../support/gehra.ts';
import { startTestPgBouncer, type TestPooler } from '../support/pgbouncer.ts';
import { type Recorded, recordSession, START_US } from '../support/recorded.ts';
import { createDatabase, startTestRedis } from '../support/servers.ts';
import { demoCaller, startTestServices } from '../support/services.ts';

const log = pino({ level: 'silent' });
const SLUG = 'NFO:NIFTY26DECFUT';
const SECONDS = 40;
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 50_000, interval: 50 });

let pooler: TestPooler;
beforeAll(async () => {
  pooler = await startTestPgBouncer(inject('postgresUrl'));
});
afterAll(() => pooler.stop());

describe('a recorded session', () => {
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await recordSession(inject('postgresUrl'), SECONDS, pooler.pooled);
  });
  afterAll(() => recorded.stop());

  /** What the pages and scripts ask, each many times at once: more than there are connections. */
  async function answers(databaseUrl: string): Promise<unknown[]> {
    const { stop } = await startTestServices(databaseUrl, log);
    try {
      const caller = await demoCaller();
      const span = {
        instrument: SLUG,
        from: new Date(START_US / 1000).toISOString(),
        to: new Date(recorded.endUs / 1000).toISOString(),
      };
      const ask = (): Promise<unknown[]> =>
        Promise.all([
          findInstrument(caller, SLUG),
          bars(caller, BarsQuery.parse({ ...span, interval: '1s' })),
          footprint(caller, FootprintQuery.parse({ ...span, interval: '1m' })),
          profile(caller, ProfileQuery.parse(span)),
          tape(caller, TapeQuery.parse(span)),
          bookAt(caller, BookQuery.parse({ instrument: SLUG, at: span.to })),
          signals(caller, SignalsQuery.parse({ from: span.from, to: span.to })),
        ]);
      return await Promise.all(Array.from({ length: 6 }, ask));
    } finally {
      await stop();
    }
  }

  it('is answered through the pooler as it is without', async () => {
    const pooled = await answers(pooler.pooled(recorded.databaseUrl));
    expect(pooled).toEqual(await answers(recorded.databaseUrl));
    expect(JSON.stringify(pooled).length).toBeGreaterThan(10_000);
  });

  it('is worked on by the jobs through the pooler', async () => {
    const config = loadConfig({
      DATABASE_URL: pooler.pooled(recorded.databaseUrl),
      DATABASE_DIRECT_URL: recorded.databaseUrl,
      REDIS_URL: recorded.redisUrl,
    });
    const direct = new pg.Client({ connectionString: recorded.databaseUrl });
    await direct.connect();
    const client = await connect(config.databaseUrl, 'upkeep');
    const pool = createPool(config.databaseUrl, 'tiles', (error) => expect(error).toBeNull());
    const nowUs = recorded.endUs + 3_600_000_000;
    try {
      // Tiles are built of what every feed has passed.
      await direct.query('UPDATE gehra.feed_positions SET position = $1', [nowUs]);
      const built = await buildTiles(pool, {
        instrumentIds: null,
        fromUs: START_US - 3_600_000_000,
        toUs: nowUs,
        nowUs,
        which: 'new',
        isTimeUp: () => false,
        onFailure: (_place, error) => expect(error).toBeNull(),
      });
      expect(built.built).toBeGreaterThan(0);
      await measureOutcomes({ config, hours: new MarketHours('always'), log, nowUs });
      await measureTurnover(config, nowUs);
      await ensurePartitions(client, 3);
      await dropOld(client, config.keepDays, nowUs);
      await reorderClosedDays(client);
    } finally {
      await pool.end();
      await client.end();
      await direct.end();
    }
  });
});

describe('three writers', () => {
  const feeds = [31, 32, 33, 21, 22].map(feedById);
  const ENTRIES = 1200;

  it('lose nothing and double nothing while PgBouncer is killed, restarted and told to reload', async () => {
    const server = await startTestRedis();
    const database = await createDatabase(inject('postgresUrl'));
    await migrate(database.url, log);
    const own = await startTestPgBouncer(database.url);
    const config = loadConfig({
      DATABASE_URL: own.pooled(database.url),
      DATABASE_DIRECT_URL: database.url,
      REDIS_URL: server.url,
    });
    const redis = connectRedis(server.url, log);
    await new Promise((resolve) => redis.once('ready', resolve));
    const writers = Array.from({ length: 3 }, () => {
      const [plain, blocking] = [connectRedis(server.url, log), connectBlockingRedis(server.url, log, READ_BLOCK_MS)];
      const writer = new Writer(config, new StreamReader(blocking, plain), log);
      writer.start();
      return { writer, connections: [plain, blocking] };
    });
    const direct = new pg.Client({ connectionString: database.url });
    await direct.connect();
    const stored = async (): Promise<number> => {
      const { rows } = await direct.query<{ n: number }>('SELECT count(*)::integer AS n FROM gehra.depth_snapshots');
      return rows[0]?.n ?? 0;
    };
    try {
      // Each blow falls on writers that have rows under way, and after each they go on.
      const blows: (() => void)[] = (['SIGKILL', 'SIGHUP', 'SIGTERM', 'SIGKILL', 'SIGTERM'] as const).map(
        (signal) => () => process.kill(own.pid() as number, signal),
      );
      const fromUs = wallClockUs();
      const perBlow = ENTRIES / (blows.length + 1);
      for (let part = 0; part <= blows.length; part += 1) {
        const before = await stored();
        for (const feed of feeds) await append(redis, feed.id, fromUs, part * perBlow, perBlow);
        await until(async () => {
          expect(await stored()).toBeGreaterThan(before);
          expect(own.pid()).toBeDefined();
        });
        blows[part]?.();
      }
      await until(async () => {
        const { rows } = await direct.query<{ behind: number }>(
          'SELECT count(*)::integer AS behind FROM gehra.feed_positions WHERE feed_id = ANY ($1) AND position < $2',
          [feeds.map(({ id }) => id), fromUs + ENTRIES - 1],
        );
        expect(rows[0]?.behind).toBe(0);
      });
      const { rows } = await direct.query(
        `SELECT feed_id, count(*)::integer AS rows, count(DISTINCT time)::integer AS times,
           sum(quantities[1])::integer AS quantities FROM gehra.depth_snapshots GROUP BY feed_id ORDER BY feed_id`,
      );
      expect(rows).toEqual(
        feeds
          .map(({ id }) => id)
          .sort((a, b) => a - b)
          .map((feed_id) => ({
            feed_id,
            rows: ENTRIES,
            times: ENTRIES,
            quantities: (ENTRIES * (ENTRIES + 1)) / 2,
          })),
      );
    } finally {
      for (const { writer, connections } of writers) {
        await writer.stop();
        for (const connection of connections) connection.disconnect();
      }
      redis.disconnect();
      await direct.end();
      await own.stop();
      await server.stop();
      await database.drop();
    }
  });
});

const entries = new EntryWriter();

/** Entry i has quantity i + 1, so that the sum tells whether each is there once. */
async function append(redis: Redis, feedId: number, fromUs: number, first: number, count: number): Promise<void> {
  const list = Array.from({ length: count }, (_, i): StreamEntry => {
    const side = new SideLevels();
    side.count = 5;
    for (let level = 0; level < side.count; level += 1) {
      side.prices[level] = 2_604_000 - level * 10;
      side.quantities[level] = first + i + 1;
      side.orders[level] = 1;
    }
    entries.begin();
    entries.depth(1, 0, BID, 0, 100, side);
    return { stampUs: fromUs + first + i, bytes: entries.finish() as Buffer };
  });
  const { refused } = await new StreamAppender(redis).append(
    feedById(feedId),
    first === 0 ? 0 : fromUs + first - 1,
    list,
  );
  expect(refused).toBeNull();
}

describe('migrations', () => {
  it('go to the database directly, and nowhere else', async () => {
    const database = await createDatabase(inject('postgresUrl'));
    try {
      const nowhere = new URL(database.url);
      nowhere.port = '9';
      const { code, stderr } = await gehra(['migrate'], {
        env: { DATABASE_URL: nowhere.href, DATABASE_DIRECT_URL: database.url },
      });
      expect(stderr).toBe('');
      expect(code).toBe(0);
    } finally {
      await database.drop();
    }
  });
});

describe('who may come in', () => {
  const tryAs = async (change: (url: URL) => void): Promise<string> => {
    const url = new URL(pooler.url);
    change(url);
    const client = new pg.Client({ connectionString: url.href });
    try {
      await client.connect();
      return String((await client.query('SHOW POOLS')).rows.length);
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end();
    }
  };

  it('is nobody to the console', async () => {
    const said = await tryAs((url) => {
      url.pathname = '/pgbouncer';
    });
    expect(said).toMatch(/not allowed|no such database/i);
  });

  it('is nobody with another password, or of another name', async () => {
    expect(await tryAs((url) => Object.assign(url, { password: 'wrong' }))).toMatch(/authentication failed/i);
    expect(await tryAs((url) => Object.assign(url, { username: 'pgbouncer' }))).toMatch(/authentication failed|SASL/i);
  });

  it('is asked by SCRAM-SHA-256 alone', async () => {
    const url = new URL(pooler.url);
    const parameters = `user\0${url.username}\0database\0${url.pathname.slice(1)}\0\0`;
    const startup = Buffer.alloc(8 + parameters.length);
    startup.writeInt32BE(startup.length, 0);
    startup.writeInt32BE(196_608, 4);
    startup.write(parameters, 8, 'latin1');
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const socket = connectSocket(Number(url.port), url.hostname, () => socket.write(startup));
      socket.once('data', (data) => {
        resolve(data);
        socket.destroy();
      });
      socket.once('error', reject);
    });
    // 'R', length, 10: authentication by SASL, with the mechanisms' names.
    expect(answer.toString('latin1', 0, 1)).toBe('R');
    expect(answer.readInt32BE(5)).toBe(10);
    expect(answer.toString('latin1', 9).split('\0').filter(Boolean)).toEqual(['SCRAM-SHA-256']);
  });
});
