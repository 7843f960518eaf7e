/** A day as it would have been recorded, with a planted gap, against the candles of the simulated exchange. */
import { rmSync } from 'node:fs';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { reconciliationsOf, type StoredReconciliation } from '../../db/coverage.ts';
import { migrate } from '../../db/migrate.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import type { Candle } from '../../lib/core/candles.ts';
import { addDays, istMidnightUs, istTimeUs } from '../../lib/core/ist.ts';
import { Candles } from '../../simulator/candles.ts';
import type { RunningExchange } from '../../simulator/exchange.ts';
import { configOf, control, fillInstruments, startBroker, writeTokens } from '../../tests/support/candle-brokers.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { CandleSource } from './candles/candle-source.ts';
import { type ReconciliationParts, reconcileDue } from './reconciliation.ts';

const log = pino({ level: 'silent' });
const never = new AbortController().signal;
const DAY = '2026-11-23';
const MINUTE_US = 60_000_000;
/** 18:20 of that day: after the close. */
const EVENING_US = istTimeUs(DAY, '18:20');
const FUTURE = 1;
const NIFTY_50 = 13;
const KITE_TICKS = 1;
const DHAN_LIVE = 11;

let exchange: RunningExchange;
let truth: Candles;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let dataDir: string;

beforeAll(async () => {
  exchange = await startBroker();
  truth = new Candles(exchange.market, 1);
  await control(exchange, 'settings', { candleRequests: 'any' });
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
  dataDir = newDataFolder();
  writeTokens(dataDir);
  await client.query(
    'TRUNCATE gehra.reconciliations, gehra.historical_candles, gehra.flow_bars, gehra.flow_minutes, gehra.ticks, gehra.feed_gaps, gehra.feed_positions',
  );
  await client.query('UPDATE gehra.instruments SET first_recorded = NULL');
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const minutesOf = (instrument: number, day = DAY): Candle[] =>
  truth.between(instrument - 1, 'minute', istMidnightUs(day), istMidnightUs(addDays(day, 1)));

/** Stores what a writer would have stored of these minutes. */
async function record(instrument: number, feed: number, minutes: readonly Candle[]): Promise<void> {
  await client.query(`UPDATE gehra.instruments SET first_recorded = '2026-11-01' WHERE instrument_id = $1`, [
    instrument,
  ]);
  const at = [instrument, feed, minutes.map(({ fromUs }) => fromUs / 1e6 + 1)];
  const column = (of: (minute: Candle) => number): number[] => minutes.map(of);
  const prices = [
    column(({ open }) => open),
    column(({ high }) => high),
    column(({ low }) => low),
    column(({ close }) => close),
  ];
  const ois = column(({ oi }) => oi);
  // Its four prices in their order, with the day's extremes so far.
  await client.query(
    `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, open, high, low, oi)
     SELECT to_timestamp(s), $1, $2, n, 3, 0, 0, price, ($4::integer[])[1], max(m.high) OVER (ORDER BY s), min(m.low) OVER (ORDER BY s), m.oi
     FROM unnest($3::float8[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::bigint[]) AS m (s, open, high, low, close, oi),
       unnest(ARRAY[m.open, m.high, m.low, m.close]) WITH ORDINALITY AS p (price, n)`,
    [...at, ...prices, ois],
  );
  await client.query(
    `INSERT INTO gehra.flow_bars
     SELECT to_timestamp(s), $1, $2, open, high, low, close, volume, 0, 0, 0, 0, volume, 1, 0, oi, to_timestamp(s)
     FROM unnest($3::float8[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::bigint[], $9::bigint[])
       AS m (s, open, high, low, close, oi, volume)`,
    [...at, ...prices, ois, column(({ volume }) => volume)],
  );
  // Each minute traded in one of its seconds alone: its bar is that one.
  await client.query(
    `INSERT INTO gehra.flow_minutes
     SELECT date_trunc('minute', time), instrument_id, feed_id, open, high, low, close, buy, sell, unknown, unattributed,
       min_delta, max_delta, trades, value, oi, last_time, ''
     FROM gehra.flow_bars WHERE instrument_id = $1 AND feed_id = $2 AND time = ANY (SELECT to_timestamp(unnest($3::float8[])))`,
    at,
  );
}

const gap = (feed: number, from: string, to: string, instruments: readonly number[]) =>
  client.query(`INSERT INTO gehra.feed_gaps VALUES ($1, to_timestamp($2), to_timestamp($3), 'network', $4)`, [
    feed,
    istTimeUs(DAY, from) / 1e6,
    istTimeUs(DAY, to) / 1e6,
    instruments,
  ]);

const storedTo = (feed: number, us: number) =>
  client.query(`INSERT INTO gehra.feed_positions VALUES ($1, $2) ON CONFLICT (feed_id) DO UPDATE SET position = $2`, [
    feed,
    us,
  ]);

const parts = (nowUs = EVENING_US): ReconciliationParts => {
  const config = configOf(exchange, dataDir, { DATABASE_URL: database.url });
  const source = new CandleSource(config, log, new FakeClock());
  return { config, hours: new MarketHours('calendar'), source, log, nowUs };
};
const found = async (): Promise<StoredReconciliation[]> => await reconciliationsOf(client, DAY);
const without = (minutes: readonly Candle[], from: string, to: string): Candle[] =>
  minutes.filter(({ fromUs }) => fromUs < istTimeUs(DAY, from) || fromUs >= istTimeUs(DAY, to));

describe('in the evening', () => {
  it.each([
    ['kite', KITE_TICKS],
    ['dhan', DHAN_LIVE],
  ])('a day of %s that was heard whole is equal, minute for minute', async (_broker, feed) => {
    await record(FUTURE, feed, minutesOf(FUTURE));
    await storedTo(feed, EVENING_US);
    await reconcileDue(parts(), null, never);
    expect(await found()).toEqual([
      expect.objectContaining({
        instrumentId: FUTURE,
        feedId: feed,
        final: true,
        coverage: 1,
        found: expect.objectContaining({ outcome: 'equal', differences: [] }),
      }),
    ]);
  });

  it('a planted gap explains what is missing, and says how much was traded in it', async () => {
    const minutes = minutesOf(FUTURE);
    await record(FUTURE, KITE_TICKS, without(minutes, '11:20', '11:38'));
    await gap(KITE_TICKS, '11:20', '11:38', [FUTURE]);
    await storedTo(KITE_TICKS, EVENING_US);
    await reconcileDue(parts(), null, never);
    const [one] = await found();
    const lost = minutes
      .filter(({ fromUs }) => fromUs >= istTimeUs(DAY, '11:20') && fromUs < istTimeUs(DAY, '11:38'))
      .reduce((sum, { volume }) => sum + volume, 0);
    expect(one?.found.outcome).toBe('explained');
    expect(one?.found.volume).toEqual({ difference: lost, inGaps: lost, unexplained: 0 });
    expect(one?.found.gaps).toEqual([
      expect.objectContaining({ cause: 'network', fromUs: istTimeUs(DAY, '11:20'), brokerVolume: lost, ourVolume: 0 }),
    ]);
    expect(one?.coverage).toBeLessThan(1);
    expect(one?.coverage).toBeGreaterThan(0.9);
  });

  it("another instrument's gap explains nothing", async () => {
    await record(FUTURE, KITE_TICKS, without(minutesOf(FUTURE), '11:20', '11:38'));
    await gap(KITE_TICKS, '11:20', '11:38', [2]);
    await storedTo(KITE_TICKS, EVENING_US);
    await reconcileDue(parts(), null, never);
    const one = (await found()).find(({ instrumentId }) => instrumentId === FUTURE);
    expect(one?.found).toMatchObject({ outcome: 'differs', missingMinutes: { count: 18 } });
    expect(one?.found.differences).toContainEqual(expect.objectContaining({ what: 'volume', because: null }));
  });

  it('an index is held to its values', async () => {
    await record(NIFTY_50, KITE_TICKS, minutesOf(NIFTY_50));
    await client.query('TRUNCATE gehra.flow_bars, gehra.flow_minutes');
    await storedTo(KITE_TICKS, EVENING_US);
    await reconcileDue(parts(), null, never);
    expect((await found())[0]?.found).toMatchObject({ outcome: 'equal', broker: { volume: 0 } });
  });
});

describe('a run', () => {
  beforeEach(async () => {
    await record(FUTURE, KITE_TICKS, minutesOf(FUTURE));
    await storedTo(KITE_TICKS, EVENING_US);
  });

  it('looks at nothing that is not over, unless somebody asks; then as far as it has come', async () => {
    const noon = istTimeUs(DAY, '12:00');
    await storedTo(KITE_TICKS, noon - 5_000_000);
    await reconcileDue(parts(noon), null, never);
    expect(await found()).toEqual([]);
    await reconcileDue(parts(noon), 'somebody', never);
    expect(await found()).toEqual([
      expect.objectContaining({
        final: false,
        untilUs: noon - 2 * MINUTE_US,
        found: expect.objectContaining({ outcome: 'equal' }),
      }),
    ]);
    await storedTo(KITE_TICKS, EVENING_US);
    await reconcileDue(parts(), null, never);
    expect((await found())[0]).toMatchObject({ final: true });
  });

  it('does not look again at what it has finished', async () => {
    await reconcileDue(parts(), null, never);
    const [before] = await found();
    await reconcileDue(parts(), null, never);
    expect(await found()).toEqual([before]);
  });

  it('is not the last of a day whose feed has not come back: what it was cannot be known yet', async () => {
    await storedTo(KITE_TICKS, istTimeUs(DAY, '14:00'));
    for (const table of ['flow_bars', 'flow_minutes']) {
      await client.query(`DELETE FROM gehra.${table} WHERE time >= to_timestamp($1)`, [istTimeUs(DAY, '14:00') / 1e6]);
    }
    await reconcileDue(parts(), null, never);
    const [one] = await found();
    expect(one).toMatchObject({ final: false, found: { outcome: 'explained' } });
    expect(one?.found.gaps[0]?.cause).toBe('not_stored');
  });

  it('that finds a broker without a token says so, and the next evening makes up for it', async () => {
    rmSync(`${dataDir}/access_token.txt`);
    await expect(reconcileDue(parts(), null, never)).rejects.toThrow(/kite: .*log in/);
    expect(await found()).toEqual([]);
    writeTokens(dataDir);
    await reconcileDue(parts(EVENING_US + 24 * 60 * MINUTE_US), null, never);
    expect((await found())[0]).toMatchObject({ final: true, found: { outcome: 'equal' } });
  });

  it('believes a broker that has nothing, and says so', async () => {
    await control(exchange, 'fail', { call: 'kite_historical', as: 'empty', times: 1 });
    await reconcileDue(parts(), null, never);
    expect((await found())[0]?.found.outcome).toBe('no_candles');
  });
});
