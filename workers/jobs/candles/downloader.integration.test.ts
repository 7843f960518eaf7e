/** Downloads from the simulated exchange into a real database, with whatever can go wrong on the way. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { askForCandles, cancelDownloads, type Download, downloadsOf, resumeDownload } from '../../../db/candles.ts';
import { migrate } from '../../../db/migrate.ts';
import type { Timeframe } from '../../../lib/core/candles.ts';
import type { Broker } from '../../../lib/core/feeds.ts';
import { istMidnightUs } from '../../../lib/core/ist.ts';
import type { RunningExchange } from '../../../simulator/exchange.ts';
import { DEMO, DEMO_DHAN_TOKEN } from '../../../simulator/tokens.ts';
import { configOf, control, fillInstruments, startBroker, writeTokens } from '../../../tests/support/candle-brokers.ts';
import { newDataFolder } from '../../../tests/support/data-folder.ts';
import { FakeClock } from '../../../tests/support/fake-clock.ts';
import { createDatabase } from '../../../tests/support/servers.ts';
import { CandleSource } from './candle-source.ts';
import { Downloader } from './downloader.ts';
import { REAL_CLOCK } from './pace.ts';

const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
const never = new AbortController().signal;

/** Place of the share in the exchange's list, from 1. */
const RELIANCE = 7;

let exchange: RunningExchange;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let tokenDir: string;

beforeAll(async () => {
  exchange = await startBroker();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await fillInstruments(client, exchange);
});
afterAll(async () => {
  await client.end();
  await database.drop();
  await exchange.stop();
});
beforeEach(async () => {
  lines.length = 0;
  tokenDir = newDataFolder();
  writeTokens(tokenDir);
  await client.query('TRUNCATE gehra.candle_downloads, gehra.historical_candles');
  // Tests follow one another faster than requests may; what is about the pace says so.
  await control(exchange, 'settings', { candleRequests: 'any' });
});
afterEach(() => rmSync(tokenDir, { recursive: true }));

function newDownloader(clock = REAL_CLOCK): Downloader {
  return new Downloader(client, new CandleSource(configOf(exchange, tokenDir), log, clock), log);
}

async function ask(source: Broker, timeframe: Timeframe, from: string, to: string, instrumentId = 1): Promise<number> {
  const [id] = await askForCandles(client, [
    { askedBy: 'test', instrumentId, source, timeframe, fromUs: istMidnightUs(from), toUs: istMidnightUs(to) },
  ]);
  return id as number;
}

const stateOf = async (id: number): Promise<Download> => (await downloadsOf(client, [id]))[0] as Download;

async function requests(): Promise<Record<string, number>> {
  const state = await (await fetch(`${exchange.address}/control/state`)).json();
  return (state as { historical_calls: Record<string, number> }).historical_calls;
}

async function workOff(downloader: Downloader): Promise<void> {
  while (await downloader.step(never)) {
    // Each step is a request.
  }
}

const stored = async (): Promise<{ count: number; days: number }> =>
  (
    await client.query<{ count: number; days: number }>(
      `SELECT count(*)::integer AS count, count(DISTINCT (time AT TIME ZONE 'Asia/Kolkata')::date)::integer AS days
       FROM gehra.historical_candles`,
    )
  ).rows[0] as { count: number; days: number };

describe('a download', () => {
  it.each([
    ['kite', 'minute', 3],
    ['dhan', 'minute', 2],
    ['kite', '60minute', 1],
    ['dhan', 'day', 1],
  ] as const)('of %s, %s, is divided into requests of so many days as it allows', async (source, timeframe, times) => {
    const before = await requests();
    const id = await ask(source, timeframe, '2026-06-25', '2026-11-24', RELIANCE);
    await workOff(newDownloader());
    const after = await requests();
    const calls = Object.keys(after).map((call) => (after[call] as number) - (before[call] as number));
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(times);
    const download = await stateOf(id);
    expect(download).toMatchObject({ state: 'done', failure: null, refused: 0 });
    expect(download.received).toBe((await stored()).count);
    expect((await stored()).days).toBeGreaterThan(100);
  });

  it('stores nothing twice, and what has changed once more', async () => {
    const first = await ask('kite', 'day', '2026-11-01', '2026-11-24');
    await workOff(newDownloader());
    const { received } = await stateOf(first);
    expect((await stateOf(first)).changed).toBe(received);
    await client.query(
      'UPDATE gehra.historical_candles SET volume = volume + 1 WHERE time = (SELECT max(time) FROM gehra.historical_candles)',
    );
    const second = await ask('kite', 'day', '2026-11-01', '2026-11-24');
    await workOff(newDownloader());
    expect(await stateOf(second)).toMatchObject({ received, changed: 1 });
    expect((await stored()).count).toBe(received);
  });

  it('goes on where it was after a kill between two requests', async () => {
    const id = await ask('kite', 'minute', '2026-06-25', '2026-11-24');
    const before = (await requests()).kite_historical as number;
    await newDownloader().step(never);
    const halfway = await stateOf(id);
    expect(halfway).toMatchObject({ state: 'waiting', doneToUs: istMidnightUs('2026-08-24') });
    // Another process, which knows nothing of the first.
    await workOff(newDownloader());
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
    expect((await requests()).kite_historical).toBe(before + 3);
  });

  it('that was cancelled keeps what it has, and goes on there when it is asked for again', async () => {
    const id = await ask('kite', 'minute', '2026-06-25', '2026-11-24');
    const before = (await requests()).kite_historical as number;
    await newDownloader().step(never);
    const { received } = await stateOf(id);
    expect(await cancelDownloads(client, [id], 'Asha')).toEqual([id]);
    expect(await cancelDownloads(client, [id], 'Asha')).toEqual([]);
    await workOff(newDownloader());
    const cancelled = {
      state: 'cancelled',
      received,
      failure: 'Cancelled by Asha.',
      doneToUs: istMidnightUs('2026-08-24'),
    };
    expect(await stateOf(id)).toMatchObject(cancelled);
    expect((await stored()).count).toBe(received);
    // A day later the same command asks for a day more.
    expect(await ask('kite', 'minute', '2026-06-25', '2026-11-25')).toBe(id);
    await workOff(newDownloader());
    expect(await stateOf(id)).toMatchObject({ state: 'done', failure: null, toUs: istMidnightUs('2026-11-25') });
    expect((await requests()).kite_historical).toBe(before + 3);
    expect(await resumeDownload(client, id)).toBe(false);
  });

  it('that was cancelled while a request was made stays so, whatever comes of the request', async () => {
    const id = await ask('kite', 'minute', '2026-06-25', '2026-11-24');
    await control(exchange, 'fail', { call: 'kite_historical', as: 'server_error', times: 1 });
    const clock = new FakeClock();
    const request = newDownloader(clock).step(never);
    await cancelDownloads(client, [id], 'Asha');
    await request;
    expect(await stateOf(id)).toMatchObject({ state: 'cancelled', failure: 'Cancelled by Asha.' });
    expect(await resumeDownload(client, id)).toBe(true);
    await workOff(newDownloader());
    expect(await stateOf(id)).toMatchObject({ state: 'done', failure: null });
  });

  it('that was cancelled does not stand in the way of one to the end of the other', async () => {
    const first = await ask('kite', 'day', '2026-11-01', '2026-11-20');
    await cancelDownloads(client, [first], 'Asha');
    const other = await ask('kite', 'day', '2026-11-02', '2026-11-24');
    expect(other).not.toBe(first);
    await cancelDownloads(client, [other], 'Asha');
    expect(await ask('kite', 'day', '2026-11-01', '2026-11-24')).toBe(first);
    await workOff(newDownloader());
    expect(await stateOf(first)).toMatchObject({ state: 'done' });
    expect(await stateOf(other)).toMatchObject({ state: 'cancelled' });
  });

  it.each(['kite', 'dhan'] as const)('asks %s never more often than it allows', async (source) => {
    await control(exchange, 'settings', { candleRequests: 'documented' });
    const ids: number[] = [];
    for (let i = 1; i <= 7; i += 1) ids.push(await ask(source, 'day', `2026-11-0${i}`, '2026-11-24'));
    await workOff(newDownloader());
    for (const id of ids) expect(await stateOf(id)).toMatchObject({ state: 'done' });
    expect(lines.filter((line) => line.includes('candles_asked_again'))).toEqual([]);
  });

  it('is noted once, however often it is asked for, until it is done', async () => {
    const id = await ask('kite', 'day', '2026-11-01', '2026-11-24');
    expect(await ask('kite', 'day', '2026-11-01', '2026-11-24')).toBe(id);
    await workOff(newDownloader());
    expect(await ask('kite', 'day', '2026-11-01', '2026-11-24')).not.toBe(id);
  });

  it('shows under the names of the predecessor, in rupees, and Kite before Dhan', async () => {
    for (const source of ['dhan', 'kite'] as const) await ask(source, 'day', '2026-11-23', '2026-11-24');
    await workOff(newDownloader());
    const { kiteToken, symbol } = exchange.market.instruments[0] as { kiteToken: number; symbol: string };
    const { rows } = await client.query(
      `SELECT *, time AT TIME ZONE 'Asia/Kolkata' = '2026-11-23' AS is_midnight FROM historical_data
       WHERE instrument_token = $1 AND timeframe = 'day' AND time BETWEEN '2026-11-20' AND '2026-11-25'`,
      [kiteToken],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      instrument_token: kiteToken,
      trading_symbol: symbol,
      timeframe: 'day',
      source: 'kite',
      is_midnight: true,
    });
    const { rows: kept } = await client.query(`SELECT close FROM gehra.historical_candles WHERE source = 'kite'`);
    expect(Number((rows[0] as { close: string }).close)).toBe(kept[0].close / 100);
    expect((await client.query('SELECT * FROM latest_historical_data')).rows).toHaveLength(1);
  });
});

describe('a broker that', () => {
  const day = () => ask('kite', 'day', '2026-11-01', '2026-11-24');
  const fail = (as: string, times: number, call = 'kite_historical') => control(exchange, 'fail', { call, as, times });

  it.each([
    ['limit', [1000, 2000, 4000, 8000, 16_000]],
    ['server_error', [1000, 2000, 4000]],
    ['html_502', [1000, 2000, 4000]],
    ['malformed', [1000, 2000]],
  ])('answers %s for a while is asked again, later each time', async (as, pauses) => {
    const clock = new FakeClock();
    const id = await day();
    await fail(as, pauses.length);
    await newDownloader(clock).step(never);
    expect(await stateOf(id)).toMatchObject({ state: 'done', failure: null });
    expect(clock.slept).toEqual(pauses);
  });

  it('goes on failing is left alone for minutes, and the download waits with the reason', async () => {
    const id = await day();
    await fail('server_error', 4);
    const downloader = newDownloader(new FakeClock());
    await downloader.step(never);
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', failure: 'Kite has a failure of its own.' });
    expect(await downloader.step(never)).toBe(false);
    await client.query('UPDATE gehra.candle_downloads SET due_at = now()');
    await downloader.step(never);
    expect(await stateOf(id)).toMatchObject({ state: 'done', failure: null });
  });

  it('answers what nobody can read ends the download, with nothing stored', async () => {
    const id = await day();
    await fail('malformed', 3);
    await newDownloader(new FakeClock()).step(never);
    expect((await stateOf(id)).state).toBe('failed');
    expect((await stateOf(id)).failure).toMatch(/cannot be read/);
    expect((await stored()).count).toBe(0);
  });

  it('answers with nothing is believed', async () => {
    const id = await day();
    await fail('empty', 1);
    await newDownloader(new FakeClock()).step(never);
    expect(await stateOf(id)).toMatchObject({ state: 'done', received: 0 });
  });

  it.each([
    ['kite', 'access_token.txt', 'other'],
    ['dhan', 'dhan_token.json', JSON.stringify({ access_token: 'other', client_id: DEMO.dhan.clientId })],
  ] as const)('refuses the token, %s, is asked once, and again after the login', async (source, file, wrong) => {
    const tokenFile = path.join(tokenDir, file);
    writeFileSync(tokenFile, wrong);
    const id = await ask(source, 'day', '2026-11-01', '2026-11-24');
    const downloader = newDownloader(new FakeClock());
    const before = await requests();
    for (let i = 0; i < 3; i += 1) await downloader.step(never);
    const after = await requests();
    const made = Object.keys(after).reduce((sum, call) => sum + (after[call] as number) - (before[call] as number), 0);
    expect(made).toBe(1);
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', failure: expect.stringMatching(/login|token/) });
    writeTokens(tokenDir);
    await workOff(downloader);
    expect(await stateOf(id)).toMatchObject({ state: 'done', failure: null });
  });

  it('is not asked for what it does not list', async () => {
    await client.query('UPDATE gehra.instruments SET kite_token = NULL WHERE instrument_id = 3');
    const id = await ask('kite', 'day', '2026-11-01', '2026-11-24', 3);
    await newDownloader().step(never);
    expect(await stateOf(id)).toMatchObject({ state: 'failed', failure: expect.stringMatching(/does not list/) });
  });
});

it('writes no token into a log or a row', async () => {
  writeFileSync(path.join(tokenDir, 'access_token.txt'), 'kiteTokenCanary');
  await ask('kite', 'day', '2026-11-01', '2026-11-24');
  await ask('dhan', 'day', '2026-11-01', '2026-11-24');
  await newDownloader(new FakeClock()).step(never);
  const rows = JSON.stringify((await client.query('SELECT * FROM gehra.candle_downloads')).rows);
  for (const text of [lines.join(''), rows]) {
    expect(text).not.toContain('kiteTokenCanary');
    expect(text).not.toContain(DEMO_DHAN_TOKEN);
  }
});
