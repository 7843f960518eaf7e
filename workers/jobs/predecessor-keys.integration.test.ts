/** The predecessor's keys in Redis: what they hold, and that each ends when what it says does. */
import { rmSync } from 'node:fs';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { removeToken, storeDhanToken } from '../../lib/auth/token-store.ts';
import { connectRedis, type Redis } from '../../lib/queue/redis.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { type PredecessorKeysConfig, writePredecessorKeys } from './predecessor-keys.ts';

const log = pino({ level: 'silent' });
let database: { url: string; drop: () => Promise<void> };
let server: TestServer;
let redis: Redis;
let db: pg.Pool;
let dir: string;
let config: PredecessorKeysConfig & { dataDir: string; tokenGroupRead: boolean };

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 30_000 });
  db = new pg.Pool({ connectionString: database.url });
  dir = newDataFolder();
  config = {
    tokenDir: dir,
    dataDir: dir,
    tokenGroupRead: false,
    databaseUrl: database.url,
    redisUrl: server.url,
    dhan: { tokenInRedis: true },
    predecessorKeys: true,
  };
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await db.end();
  await database.drop();
  rmSync(dir, { recursive: true });
});

it("holds Dhan's token until it ends, and not when it was taken away", async () => {
  const nowMs = Date.now();
  const expiresMs = nowMs + 5 * 3_600_000;
  await storeDhanToken(config, {
    accessToken: 'a-token',
    clientId: '1000',
    clientName: 'Asha',
    expiresMs,
    generatedMs: nowMs,
  });
  await writePredecessorKeys(redis, db, config, nowMs);
  expect(await redis.mget('dhan_access_token', 'dhan_client_name')).toEqual(['a-token', 'Asha']);
  expect(await redis.get('dhan_token_expiry')).toMatch(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/);
  for (const key of ['dhan_access_token', 'dhan_token_expiry', 'dhan_client_name']) {
    // The file keeps whole milliseconds at best, and whole seconds at worst.
    expect(Math.abs((await redis.pexpiretime(key)) - expiresMs)).toBeLessThanOrEqual(1000);
  }
  await removeToken(config, 'dhan');
  await writePredecessorKeys(redis, db, config, nowMs);
  expect(await redis.exists('dhan_access_token', 'dhan_token_expiry', 'dhan_client_name')).toBe(0);
});

it('holds what is recorded, and the newest state of its signals for a minute', async () => {
  await db.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, price_scale, tick_size, lot_size, kite_token, dhan_segment, dhan_security_id)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', '2026-12-29', 100, 10, 65, 13368834, 'NSE_FNO', 52714),
       ('NSE', 'SBIN', 'SBI', 'EQ', NULL, 100, 5, 1, 779521, NULL, NULL)`,
  );
  await db.query(`UPDATE instruments SET is_active = true WHERE trading_symbol = 'NIFTY26DECFUT'`);
  const nowMs = Date.now();
  const seconds = Math.floor(nowMs / 1000);
  for (const [age, bid] of [
    [20, 1],
    [10, 3],
  ] as const) {
    await db.query(
      `INSERT INTO gehra.depth_states (time, instrument_id, feed_id, best_bid, bid_orders, ask_orders) VALUES (to_timestamp($1), 1, 31, 2604000, $2, 1)`,
      [seconds - age, bid],
    );
  }
  await writePredecessorKeys(redis, db, config, nowMs);
  expect(await redis.hgetall('instrument:13368834')).toEqual({
    tradingsymbol: 'NIFTY26DECFUT',
    exchange: 'NFO',
    instrument_type: 'FUT',
    segment: 'NFO-FUT',
    name: 'NIFTY',
    expiry: '2026-12-29',
    strike: '0.00',
    tick_size: '0.1000',
    lot_size: '65',
    exchange_token: '52222',
  });
  expect(await redis.exists('instrument:779521')).toBe(0);
  const lives = await redis.pttl('instrument:13368834');
  expect(lives).toBeGreaterThan(0);
  expect(lives).toBeLessThanOrEqual(24 * 3_600_000);
  const state = JSON.parse((await redis.get('signal_state:NIFTY:52714')) ?? '{}');
  expect(state).toEqual({
    timestamp: new Date((seconds - 10) * 1000).toISOString(),
    current_price: 26_040,
    key_levels: [],
    absorptions: [],
    pressure: { '30s': 0.333, '60s': 0.333, '120s': 0.333, state: 'bullish' },
    market_state: 'bullish',
  });
  expect(await redis.pexpiretime('signal_state:NIFTY:52714')).toBe((seconds - 10) * 1000 + 60_000);
});
