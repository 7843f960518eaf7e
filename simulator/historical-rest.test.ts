import { describe, expect, it } from 'vitest';
import { istTimeUs } from '../lib/core/ist.ts';
import type { MarketInstrument } from './market/market.ts';
import { type TestExchange, testExchange } from './testing/exchange.ts';
import { DEMO, DEMO_DHAN_TOKEN } from './tokens.ts';

type Row = [time: string, open: number, high: number, low: number, close: number, volume: number, oi?: number];

const future = ({ market }: TestExchange): MarketInstrument => market.instruments[0] as MarketInstrument;

async function kite(exchange: TestExchange, timeframe: string, query: Record<string, string>, token = 'demo') {
  const path = `/kite/instruments/historical/${future(exchange).kiteToken}/${timeframe}?${new URLSearchParams(query)}`;
  const response = await exchange.get(path, { authorization: `token ${DEMO.kite.apiKey}:${token}` });
  const body = (await response.json()) as { data?: { candles: Row[] } | null; message?: string; error_type?: string };
  return { status: response.status, rows: body.data?.candles ?? [], message: body.message, type: body.error_type };
}

async function dhan(exchange: TestExchange, call: 'intraday' | 'historical', body: object, token = DEMO_DHAN_TOKEN) {
  const response = await fetch(`${exchange.address}/dhan/v2/charts/${call}`, {
    method: 'POST',
    headers: { 'access-token': token, 'content-type': 'application/json' },
    body: JSON.stringify({
      securityId: String(future(exchange).dhanSecurityId),
      exchangeSegment: 'NSE_FNO',
      instrument: 'FUTIDX',
      oi: true,
      ...body,
    }),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, number[]> & { errorCode?: string },
  };
}

const DAY = { from: '2026-11-23 09:15:00', to: '2026-11-23 15:39:59', oi: '1' };

describe('days before the market began', () => {
  it('are the same whoever asks, in the sessions of the calendar, and possible', async () => {
    const [one, other] = [await testExchange(), await testExchange()];
    const { rows } = await kite(one, 'minute', DAY);
    expect(rows).toHaveLength(385);
    expect(rows[0]?.[0]).toBe('2026-11-23T09:15:00+0530');
    expect((await kite(other, 'minute', DAY)).rows).toEqual(rows);
    for (const [time, open, high, low, close, volume, oi] of rows) {
      expect(high, time).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(low, time).toBeLessThanOrEqual(Math.min(open, close));
      expect(volume % 65).toBe(0);
      expect(oi).toBeGreaterThan(0);
    }
    // Another seed is another market.
    expect((await kite(await testExchange({ seed: 2 }), 'minute', DAY)).rows).not.toEqual(rows);
    // A Sunday.
    const sunday = { from: '2026-11-22 00:00:00', to: '2026-11-22 23:59:59' };
    expect((await kite(one, 'minute', sunday)).rows).toEqual([]);
  });

  it('make longer candles that hold their minutes', async () => {
    const exchange = await testExchange();
    const { rows: minutes } = await kite(exchange, 'minute', DAY);
    const { rows: hours } = await kite(exchange, '60minute', DAY);
    expect(hours.map(([time]) => time.slice(11, 16))).toEqual([
      '09:15',
      '10:15',
      '11:15',
      '12:15',
      '13:15',
      '14:15',
      '15:15',
    ]);
    const sum = (rows: Row[]): number => rows.reduce((all, row) => all + row[5], 0);
    expect(sum(hours)).toBe(sum(minutes));
    const { rows: days } = await kite(exchange, 'day', { from: '2026-11-23 00:00:00', to: '2026-11-23 23:59:59' });
    expect(days).toHaveLength(1);
    expect(days[0]?.slice(0, 6)).toEqual([
      '2026-11-23T00:00:00+0530',
      minutes[0]?.[1],
      Math.max(...minutes.map((row) => row[2])),
      Math.min(...minutes.map((row) => row[3])),
      minutes.at(-1)?.[4],
      sum(minutes),
    ]);
  });

  it('are told by Dhan as Kite tells them, in columns and true UTC', async () => {
    const exchange = await testExchange();
    const { rows } = await kite(exchange, 'minute', DAY);
    const { body } = await dhan(exchange, 'intraday', {
      interval: '1',
      fromDate: DAY.from,
      toDate: '2026-11-23 15:40:00',
    });
    expect(body.timestamp?.[0]).toBe(istTimeUs('2026-11-23', '09:15') / 1e6);
    expect(body.close).toEqual(rows.map((row) => row[4]));
    expect(body.open_interest).toEqual(rows.map((row) => row[6]));
    const daily = await dhan(exchange, 'historical', { fromDate: '2026-11-23', toDate: '2026-11-24', expiryCode: 0 });
    expect(daily.body.timestamp).toEqual([istTimeUs('2026-11-23', '00:00') / 1e6]);
  });
});

it('has, since it began, what its packets said', async () => {
  const exchange = await testExchange();
  const { market } = exchange;
  const before = market.quote(0).volume;
  await exchange.advance(150_000);
  const { rows } = await kite(exchange, 'minute', { from: '2026-11-24 09:15:00', to: '2026-11-24 09:20:00' });
  expect(rows.map(([time]) => time.slice(11, 16))).toEqual(['09:15', '09:16', '09:17']);
  // The last trades may not have been told in a packet yet.
  const traded = rows.reduce((all, row) => all + row[5], 0);
  expect(traded).toBeGreaterThan(0);
  expect(market.quote(0).volume - before - traded).toBeLessThan(0.02 * traded);
  expect(rows.at(-1)?.[4]).toBeCloseTo(market.quote(0).lastPrice / 100, -1);
});

describe('what is refused', () => {
  it.each([
    ['minute', { from: '2026-09-01 00:00:00', to: '2026-11-20 00:00:00' }, 'interval exceeds max limit: 60 days'],
    ['5minute', { from: '2026-05-01 00:00:00', to: '2026-11-20 00:00:00' }, 'interval exceeds max limit: 100 days'],
    ['2minute', DAY, 'invalid interval'],
    ['minute', { from: 'yesterday', to: '2026-11-20 00:00:00' }, 'invalid from date'],
    ['minute', { from: DAY.to, to: DAY.from }, 'from date cannot be after to date'],
  ])('%s %o', async (timeframe, query, message) => {
    expect(await kite(await testExchange(), timeframe, query)).toMatchObject({
      status: 400,
      message,
      type: 'InputException',
    });
  });

  it('is another token, by both', async () => {
    const exchange = await testExchange();
    expect(await kite(exchange, 'minute', DAY, 'other')).toMatchObject({ status: 403, type: 'TokenException' });
    const asked = { interval: 1, fromDate: DAY.from, toDate: DAY.to };
    expect(await dhan(exchange, 'intraday', asked, 'other')).toMatchObject({
      status: 401,
      body: { errorCode: 'DH-901' },
    });
  });

  it('is what Dhan has nothing of, and more than 90 days', async () => {
    const exchange = await testExchange();
    const sunday = { interval: '5', fromDate: '2026-11-22 00:00:00', toDate: '2026-11-22 23:00:00' };
    expect(await dhan(exchange, 'intraday', sunday)).toMatchObject({ status: 400, body: { errorCode: 'DH-907' } });
    const long = { ...sunday, fromDate: '2026-08-01 00:00:00' };
    expect(await dhan(exchange, 'intraday', long)).toMatchObject({ status: 400, body: { errorCode: 'DH-905' } });
  });

  it('is the fourth request of a second by Kite, the sixth by Dhan', async () => {
    const exchange = await testExchange();
    const short = { from: DAY.from, to: '2026-11-23 09:20:00' };
    const statuses = await Promise.all(
      Array.from({ length: 4 }, async () => (await kite(exchange, 'minute', short)).status),
    );
    expect(statuses.sort()).toEqual([200, 200, 200, 429]);
    const asked = { interval: '1', fromDate: DAY.from, toDate: DAY.to };
    const dhans = await Promise.all(
      Array.from({ length: 6 }, async () => (await dhan(exchange, 'intraday', asked)).status),
    );
    expect(dhans.sort()).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it.each([
    ['token', 403],
    ['limit', 429],
    ['server_error', 500],
    ['malformed', 200],
    ['empty', 200],
  ])('what a test orders: %s', async (as, status) => {
    const exchange = await testExchange();
    await exchange.order('fail', { call: 'kite_historical', as });
    expect((await kite(exchange, 'minute', DAY)).status).toBe(status);
    expect((await kite(exchange, 'minute', DAY)).rows).toHaveLength(385);
  });
});
