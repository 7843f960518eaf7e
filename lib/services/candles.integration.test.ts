/** What the routes of candles and of continuous contracts answer of a database with both. */
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { storeCandles } from '../../db/candles.ts';
import { addFlow } from '../../db/flow.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { CandlesQuery, ContinuousQuery, DownloadBody } from '../api/candles.ts';
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import type { Candle } from '../core/candles.ts';
import { addDays, istMidnightUs } from '../core/ist.ts';
import { flowRows } from '../orderflow/flow-rows.ts';
import { askDownloads, cancelDownload, candles, downloads, goOnWithDownload } from './candles.ts';
import { continuousBars } from './continuous.ts';
import { inIst } from './times.ts';

const log = pino({ level: 'silent' });
const SLUG = 'NFO:NIFTY26DECFUT';

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let stop: () => Promise<void>;

const dayCandle = (date: string, close: number, volume: number, oi = ABSENT): Candle => ({
  fromUs: istMidnightUs(date),
  open: close - 10,
  high: close + 20,
  low: close - 20,
  close,
  volume,
  oi,
});

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, price_scale, tick_size, lot_size, kite_token, dhan_segment, dhan_security_id, listed)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', '2026-12-29', 100, 10, 65, 10497538, 'NSE_FNO', 41006, true),
            ('NFO', 'NIFTY26NOVFUT', 'NIFTY', 'FUT', '2026-11-24', 100, 10, 65, NULL, NULL, NULL, false),
            ('NFO', 'BANKNIFTY26DECFUT', 'BANKNIFTY', 'FUT', '2026-12-29', 100, 20, 30, NULL, 'NSE_FNO', 41007, true),
            ('NSE', 'SBIN', 'STATE BANK', 'EQ', NULL, 100, 5, 1, 779521, 'NSE_EQ', 3045, true)`,
  );
  const near = ['2026-11-20', '2026-11-23', '2026-11-24'].map((date, i) =>
    dayCandle(date, 2_600_000 + 100 * i, 1000 - 400 * i),
  );
  const far = ['2026-11-20', '2026-11-23', '2026-11-24', '2026-11-25'].map((date, i) =>
    dayCandle(date, 2_609_000 + 100 * i, 500 + 200 * i, 1_000_000 + i),
  );
  await storeCandles(client, { instrumentId: 2, source: 'kite', timeframe: 'day' }, near);
  await storeCandles(client, { instrumentId: 1, source: 'kite', timeframe: 'day' }, far);
  await storeCandles(client, { instrumentId: 1, source: 'dhan', timeframe: 'day' }, far.slice(0, 2));
  const trade = {
    feedId: 1,
    instrumentId: 1,
    stampUs: istMidnightUs('2026-11-25') + (9 * 3600 + 15 * 60 + 1) * 1_000_000,
    price: 2_609_400,
    quantity: 65,
    unattributed: 0,
    aggressor: AGGRESSOR.buy,
    oi: ABSENT,
  };
  await addFlow(client, flowRows([trade]));
  ({ stop } = await startTestServices(database.url, log, { KITE_API_KEY: 'demo', DHAN_CLIENT_ID: '1000000001' }));
});
afterAll(async () => {
  await stop();
  await client.end();
  await database.drop();
});

const week = { from: '2026-11-20T00:00:00+05:30', to: '2026-11-26T00:00:00+05:30' };
const asked = async (more: Record<string, string> = {}) =>
  candles(await demoCaller(), CandlesQuery.parse({ instrument: SLUG, ...week, interval: 'day', ...more }));

describe('candles', () => {
  it('are of one source, which each names, and end where it says that recording begins', async () => {
    const answer = await asked();
    expect(answer).toMatchObject({ source: 'kite', stored: { kite: 4, dhan: 2 }, priceScale: 100 });
    expect(answer.recordedFrom).toBe('2026-11-25T09:15:01.000+05:30');
    expect(new Set(answer.candles.map(({ source }) => source))).toEqual(new Set(['kite']));
    expect(answer.candles[0]).toEqual({
      time: '2026-11-20T00:00:00.000+05:30',
      open: 2_608_990,
      high: 2_609_020,
      low: 2_608_980,
      close: 2_609_000,
      volume: 500,
      oi: 1_000_000,
      source: 'kite',
    });
  });

  it('of another source are asked for by its name, and of none there are none', async () => {
    expect((await asked({ source: 'dhan' })).candles).toHaveLength(2);
    expect(await asked({ interval: 'minute', to: '2026-11-21T00:00:00+05:30' })).toMatchObject({
      source: null,
      candles: [],
    });
    expect(await asked({ instrument: 'NSE:SBIN' })).toMatchObject({ source: null, recordedFrom: null });
    await expect(asked({ instrument: 'NSE:NOBODY' })).rejects.toMatchObject({ status: 404 });
  });
});

describe('a download', () => {
  const ask = async (instruments: string[], more: Record<string, string> = {}) =>
    askDownloads(await demoCaller(), DownloadBody.parse({ instruments, ...week, ...more }));

  it('waits for the jobs worker, of Kite where it lists the instrument, else of Dhan, and never beyond now', async () => {
    const ids = await ask(['NSE:SBIN', 'NFO:BANKNIFTY26DECFUT']);
    expect(ids).toHaveLength(2);
    expect((await downloads(await demoCaller())).downloads).toEqual([
      expect.objectContaining({
        instrument: 'NSE:SBIN',
        source: 'kite',
        state: 'waiting',
        progress: 0,
        askedBy: 'Demo',
      }),
      expect.objectContaining({ instrument: 'NFO:BANKNIFTY26DECFUT', source: 'dhan', state: 'waiting' }),
    ]);
  });

  it('is cancelled once, by an owner, listed behind those that wait, and gone on with', async () => {
    const caller = await demoCaller();
    const [id] = (await ask(['NSE:SBIN'])) as [number];
    await cancelDownload(caller, { id });
    await expect(cancelDownload(caller, { id })).rejects.toMatchObject({ status: 409 });
    const listed = (await downloads(caller)).downloads;
    expect(listed.map(({ state }) => state)).toEqual(['waiting', 'cancelled']);
    expect(listed[1]).toMatchObject({ id, failure: 'Cancelled by Demo.' });
    await goOnWithDownload(caller, { id });
    await expect(goOnWithDownload(caller, { id })).rejects.toMatchObject({ status: 409 });
    expect((await downloads(caller)).downloads.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    for (const change of [cancelDownload, goOnWithDownload]) {
      await expect(change(caller, { id: 999 })).rejects.toMatchObject({ status: 404 });
    }
  });

  it.each([
    [['NFO:NIFTY26NOVFUT'], {}, /no broker that is configured here has candles/],
    [['NFO:BANKNIFTY26DECFUT'], { source: 'kite' }, /kite is not configured here, or has no candles/],
    [['NSE:SBIN'], { source: 'dhan', interval: '3minute' }, /dhan .* has no candles of 3minute/],
  ])('of %j, %j is refused', async (instruments, more, message) => {
    await expect(ask(instruments, more)).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(message),
    });
  });
});

describe('a continuous contract', () => {
  const series = async (more: Record<string, string> = {}) =>
    continuousBars(await demoCaller(), ContinuousQuery.parse({ instrument: SLUG, ...week, source: 'kite', ...more }));

  it('goes from the expired contract to the next, and marks the roll', async () => {
    const answer = await series();
    expect(answer.contracts.map(({ instrument }) => instrument)).toEqual(['NFO:NIFTY26NOVFUT', SLUG]);
    expect(answer.bars.map(({ time, contract, close }) => [time.slice(0, 10), contract, close])).toEqual([
      ['2026-11-20', 'NFO:NIFTY26NOVFUT', 2_600_000],
      ['2026-11-23', 'NFO:NIFTY26NOVFUT', 2_600_100],
      ['2026-11-24', 'NFO:NIFTY26NOVFUT', 2_600_200],
      ['2026-11-25', SLUG, 2_609_300],
    ]);
    expect(answer.rolls).toEqual([
      {
        time: inIst(istMidnightUs('2026-11-25')),
        from: 'NFO:NIFTY26NOVFUT',
        to: SLUG,
        difference: 9000,
        ratio: 2_609_200 / 2_600_200,
        basis: 'same_day',
      },
    ]);
  });

  it('by volume rolls on the day after, and back-adjusted has no jump', async () => {
    const answer = await series({ roll: 'volume', adjust: 'difference' });
    expect(answer.rolls[0]?.time).toBe(inIst(istMidnightUs(addDays('2026-11-23', 1))));
    expect(answer.bars.map(({ close }) => close)).toEqual([2_609_000, 2_609_100, 2_609_200, 2_609_300]);
  });

  it('of our own bars has those alone', async () => {
    const answer = await series({ source: 'recorded', interval: '1m' });
    expect(answer.bars).toEqual([expect.objectContaining({ time: '2026-11-25T09:15:00.000+05:30', close: 2_609_400 })]);
  });

  it('of a share there is none', async () => {
    await expect(series({ instrument: 'NSE:SBIN' })).rejects.toMatchObject({ status: 422 });
    await expect(series({ instrument: 'NFO:NOBODY' })).rejects.toMatchObject({ status: 404 });
  });
});
