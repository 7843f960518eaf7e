/** The keeper of the plan over a real database and Redis: what moves it, and what does not. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Client, connect } from '../../db/connect.ts';
import { storeInstruments } from '../../db/instruments.ts';
import { migrate } from '../../db/migrate.ts';
import { addRule, createWatchlist, listEntries, pinInstruments } from '../../db/watchlists.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { EXCHANGES, type Exchange } from '../../lib/core/exchange.ts';
import type { InstrumentType } from '../../lib/core/instrument.ts';
import { readPlan } from '../../lib/net/plan-file.ts';
import { connectRedis, type Redis } from '../../lib/queue/redis.ts';
import { type FeedStatus, publishStatus } from '../../lib/queue/status.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase, startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import type { MasterRow } from './master-rows.ts';
import { PlanKeeper } from './planning.ts';

const log = pino({ level: 'silent' });
const NOW_US = Date.parse('2026-11-26T06:00:00Z') * 1000;
const DAY_US = 86_400_000_000;

let database: { url: string; drop: () => Promise<void> };
let server: TestServer;
let redis: Redis;
let client: Client;
let dataDir: string;

beforeEach(async () => {
  dataDir = newDataFolder();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
  client = await connect(database.url, 'test');
  await load(LISTED);
});
afterEach(async () => {
  await client.end();
  redis.disconnect();
  await server.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

function row(
  exchange: Exchange,
  symbol: string,
  type: InstrumentType,
  number: number,
  more: Partial<MasterRow> = {},
): MasterRow {
  const { kiteSegment, dhanSegment, priceScale } = EXCHANGES[exchange];
  return {
    exchange,
    symbol,
    name: symbol,
    type,
    expiry: null,
    strike: null,
    priceScale,
    tickSize: 5,
    lotSize: 1,
    kiteToken: number * 256 + kiteSegment,
    dhanSegment,
    dhanSecurityId: number,
    ...more,
  };
}

const future = (name: string, month: string, expiry: string, number: number): MasterRow =>
  row('NFO', `${name}26${month}FUT`, 'FUT', number, { name, expiry });
const LISTED: readonly MasterRow[] = [
  row('INDICES', 'NIFTY 50', 'INDEX', 1001),
  row('NSE', 'INFY', 'EQ', 1594),
  row('NSE', 'SBIN', 'EQ', 3045),
  future('NIFTY', 'NOV', '2026-11-26', 501),
  future('NIFTY', 'DEC', '2026-12-29', 502),
  future('BANKNIFTY', 'DEC', '2026-12-29', 503),
  ...[24_900, 24_950, 25_000, 25_050, 25_100].flatMap((strike, i) =>
    (['CE', 'PE'] as const).map((type, side) =>
      row('NFO', `NIFTY26DEC${strike}${type}`, type, 600 + 2 * i + side, {
        name: 'NIFTY',
        expiry: '2026-12-29',
        strike: strike * 100,
      }),
    ),
  ),
];

async function load(rows: readonly MasterRow[]): Promise<void> {
  await client.query('BEGIN');
  await storeInstruments(client, rows, true);
  await client.query('COMMIT');
}

const keeper = (environment: Record<string, string> = {}): PlanKeeper =>
  new PlanKeeper(
    client,
    redis,
    loadConfig({
      GEHRA_DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      KITE_API_KEY: 'key',
      DHAN_CLIENT_ID: '1000000001',
      ...environment,
    }),
    log,
  );

const planned = (): Record<string, string[]> =>
  Object.fromEntries(
    (readPlan(dataDir)?.feeds ?? []).map(({ feed, instruments }) => [feed, instruments.map(({ symbol }) => symbol)]),
  );
const ids = async (...symbols: string[]): Promise<number[]> => {
  const { rows } = await client.query<{ id: number }>(
    `SELECT instrument_id AS id FROM unnest($1::text[]) WITH ORDINALITY AS s (symbol, place)
     JOIN gehra.instruments USING (symbol) ORDER BY place`,
    [symbols],
  );
  return rows.map(({ id }) => id);
};
const price = async (rupees: number): Promise<void> => {
  const [id] = await ids('NIFTY 50');
  await client.query(
    `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price)
     VALUES (clock_timestamp(), $1, 1, 0, 4, 0, 0, $2)`,
    [id, rupees * 100],
  );
};

describe('the first watchlist', () => {
  it('follows the nearest futures where nobody has chosen, over their expiry too', async () => {
    const plan = keeper();
    await plan.look(NOW_US);
    expect(planned()['kite-ticks-1']).toEqual(['NIFTY26NOVFUT', 'BANKNIFTY26DECFUT']);
    await plan.look(NOW_US + DAY_US);
    expect(planned()['kite-ticks-1']).toContain('NIFTY26DECFUT');
    expect(planned()['kite-ticks-1']).not.toContain('NIFTY26NOVFUT');
  });

  it.each([
    [{ INSTRUMENTS: 'NSE:INFY, NSE:NOBODY, 779521' }, ['INFY', 'SBIN'], 'Recorded'],
    [{ SECURITY_ID: '502', INSTRUMENT_NAME: 'NIFTY DEC FUT' }, ['NIFTY26DECFUT'], 'NIFTY DEC FUT'],
  ])('begins with what %j names, once', async (environment, symbols, name) => {
    await keeper(environment).look(NOW_US);
    expect(planned()['kite-ticks-1']).toEqual(symbols);
    expect((await client.query('SELECT name FROM gehra.watchlists')).rows).toEqual([{ name }]);
    await client.query('DELETE FROM gehra.watchlists');
    await keeper(environment).look(NOW_US);
    expect((await client.query('SELECT name FROM gehra.watchlists')).rows).toEqual([]);
  });
});

describe('the plan', () => {
  it('follows a watchlist at the next look, and is not written anew for nothing', async () => {
    const plan = keeper();
    expect(await plan.look(NOW_US)).toBe(true);
    await plan.look(NOW_US);
    expect(await plan.look(NOW_US)).toBe(false);
    const list = (await createWatchlist(client, 'Mine')) as number;
    await pinInstruments(client, list, await ids('INFY'));
    expect(await plan.look(NOW_US)).toBe(true);
    expect(planned()['kite-ticks-1']).toContain('INFY');
    expect(planned()['dhan-depth20-1']).toContain('INFY');
    await client.query(`UPDATE instruments SET is_active = false WHERE trading_symbol = 'INFY'`);
    expect(await plan.look(NOW_US)).toBe(true);
    expect(planned()['kite-ticks-1']).not.toContain('INFY');
  });

  it('is written anew where its file is not what was written', async () => {
    const file = path.join(dataDir, 'plan.json');
    const plan = keeper();
    await plan.look(NOW_US);
    await plan.look(NOW_US);
    const before = planned();
    for (const spoil of [() => writeFileSync(file, '{"feeds":null}'), () => rmSync(file)]) {
      spoil();
      expect(await plan.look(NOW_US)).toBe(true);
      expect(planned()).toEqual(before);
      expect(await plan.look(NOW_US)).toBe(false);
    }
    writeFileSync(file, '[]');
    expect(await keeper().look(NOW_US)).toBe(true);
    expect(planned()).toEqual(before);
  });

  it('leaves out what the brokers list no more, and takes over another lot and number', async () => {
    const list = (await createWatchlist(client, 'Mine')) as number;
    await pinInstruments(client, list, await ids('INFY', 'SBIN'));
    const plan = keeper();
    await plan.look(NOW_US);
    await load(
      LISTED.filter(({ symbol }) => symbol !== 'SBIN').map((one) =>
        one.symbol === 'INFY' ? { ...one, lotSize: 9 } : one,
      ),
    );
    await plan.look(NOW_US);
    expect(planned()['kite-ticks-1']).not.toContain('SBIN');
    const infy = readPlan(dataDir)?.feeds[0]?.instruments.find(({ symbol }) => symbol === 'INFY');
    expect(infy?.lotSize).toBe(9);
  });

  it('moves options at the money with the price, without flapping, and remembers over a restart', async () => {
    const list = (await createWatchlist(client, 'Options')) as number;
    await addRule(client, list, { kind: 'atm', underlying: 'NIFTY', strikes: 0 });
    const answer = async () => (await listEntries(client)).find(({ watchlistId }) => watchlistId === list)?.answer;
    const options = (): string[] => (planned()['kite-ticks-1'] ?? []).filter((symbol) => /\d[CP]E$/.test(symbol));
    const plan = keeper();
    await plan.look(NOW_US);
    // Without a price: what the price is of is asked for, and the page says why there is no more.
    expect(planned()['kite-ticks-1']).toContain('NIFTY 50');
    expect(options()).toEqual([]);
    expect((await answer())?.note).toBe('waits for the first price of NIFTY 50');
    await price(25_010);
    await plan.look(NOW_US);
    expect(options()).toEqual(['NIFTY26DEC25000CE', 'NIFTY26DEC25000PE']);
    await price(25_028);
    expect(await plan.look(NOW_US)).toBe(false);
    // Another process: it knows where the first one stood.
    const next = keeper();
    await next.look(NOW_US);
    expect(options()).toEqual(['NIFTY26DEC25000CE', 'NIFTY26DEC25000PE']);
    await price(25_040);
    expect(await next.look(NOW_US)).toBe(true);
    expect(options()).toEqual(['NIFTY26DEC25050CE', 'NIFTY26DEC25050PE']);
    expect(await answer()).toMatchObject({ strike: 25_050, note: '' });
  });

  it('gives what was traded most', async () => {
    const [infy, sbin] = await ids('INFY', 'SBIN');
    // The whole day before, five minutes of today, and a lively day of before.
    await client.query(
      `INSERT INTO gehra.turnover VALUES ($1, '2026-11-25', 10), ($2, '2026-11-25', 20), ($1, '2026-11-26', 30), ($1, '2026-11-23', 90)`,
      [infy, sbin],
    );
    const list = (await createWatchlist(client, 'Lively')) as number;
    await addRule(client, list, { kind: 'turnover', exchange: 'NSE', count: 1 });
    await keeper().look(NOW_US);
    expect(planned()['kite-ticks-1']).toContain('SBIN');
    expect(planned()['kite-ticks-1']).not.toContain('INFY');
  });

  it('keeps to what a broker was seen to allow, also after a restart, for a day', async () => {
    const list = (await createWatchlist(client, 'Deep')) as number;
    await pinInstruments(client, list, await ids('INFY', 'SBIN', 'NIFTY26DEC25000CE'));
    const plan = keeper();
    await plan.look(NOW_US);
    const deep = (): string[] => Object.keys(planned()).filter((feed) => feed.startsWith('dhan-depth200'));
    expect(deep().length).toBe(5);
    const feed = (state: FeedStatus['state'], tooMany: FeedStatus['tooMany'] = null): FeedStatus => ({
      state,
      cause: tooMany ? 'limit' : null,
      detail: tooMany ? 'Dhan: too many connections or requests' : '',
      sinceUs: NOW_US,
      gapFromUs: null,
      instrumentIds: [1],
      tooMany,
      silent: 0,
      frames: 0,
      rejects: 0,
      unpublished: 0,
      journalFailure: null,
      publishFailure: null,
    });
    await publishStatus(redis, 'collector-dhan', {
      kind: 'collector',
      feeds: {
        'dhan-depth200-1': feed('live'),
        'dhan-depth200-2': feed('live'),
        'dhan-depth200-3': feed('backing_off', 'connections'),
      },
    });
    expect(await plan.look(NOW_US)).toBe(true);
    expect(deep()).toEqual(['dhan-depth200-1', 'dhan-depth200-2']);
    await keeper().look(NOW_US);
    expect(deep().length).toBe(2);
    await client.query(`UPDATE gehra.feed_limits SET learnt_at = now() - interval '25 hours'`);
    await redis.flushall();
    await keeper().look(NOW_US);
    expect(deep().length).toBe(5);
  });
});
