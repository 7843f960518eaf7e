import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { DepthHistoryQuery } from '../api/books.ts';
import { MessageReader } from '../book/messages.ts';
import { feedById } from '../core/feeds.ts';
import { BID, type Side } from '../core/side.ts';
import { KEYS } from '../queue/keys.ts';
import { type FeedStatus, publishStatus } from '../queue/status.ts';
import { services } from './context.ts';
import { depthHistory } from './depth-history.ts';
import { RequestError } from './errors.ts';
import { findInstrument, searchInstruments } from './instruments.ts';

const log = pino({ level: 'silent' });
/** 2026-11-25 09:20:00 IST, a whole multiple of every column width. */
const START_US = Date.UTC(2026, 10, 25, 3, 50) * 1000;
const SECOND_US = 1_000_000;
const DEPTH200 = 31;
const DEPTH20 = 21;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let stopServices: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NSE', 'SBIN', 'STATE BANK OF INDIA', 'EQ', 100, 5, 1),
            ('NSE', 'M&M', 'MAHINDRA', 'EQ', 100, 5, 1)`,
  );
  await client.query(`INSERT INTO gehra.subscriptions VALUES (1, 1), (1, 31), (2, 21)`);
  // A book every 100 ms for ten seconds, the ask 3 ms after the bid, on both feeds; none from the fourth to the sixth second.
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT at, at + side * interval '3 milliseconds', 1, feed, side, 0, 0,
       ARRAY[2604000 + i * 10 + side * 100, 2604000 + i * 10 + side * 100 + (2 * side - 1) * 20]::integer[], ARRAY[65 * (i + 1), 130], ARRAY[1, 2]
     FROM generate_series(0, 99) AS i, generate_series(0, 1) AS side, unnest(ARRAY[21, 31]) AS feed,
       LATERAL (SELECT to_timestamp(${START_US} / 1e6) + i * interval '100 milliseconds' AS at)
     WHERE i NOT BETWEEN 40 AND 59`,
  );
  await client.query(
    `INSERT INTO gehra.feed_gaps VALUES (31, to_timestamp($1 / 1e6), to_timestamp($2 / 1e6), 'disconnected', '{1}'), (1, to_timestamp($1 / 1e6), NULL, 'silent', '{1}')`,
    [START_US + 3_903_000, START_US + 6 * SECOND_US],
  );
  await client.query(`INSERT INTO gehra.feed_positions VALUES (31, $1), (21, $1)`, [START_US + 9_903_000]);
  await client.query(
    `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, volume, volume_delta, oi, close)
     VALUES (to_timestamp($1 / 1e6), 1, 1, 0, 3, 1, 3, 2604010, 1000, 65, 500, 2590000), (to_timestamp($2 / 1e6), 1, 1, 0, 3, 0, 0, 2604010, 1000, 0, 500, 2590000)`,
    [START_US + 150_000, START_US + 250_000],
  );
  ({ stop: stopServices } = await startTestServices(database.url, log));
});
afterAll(async () => {
  await stopServices();
  await client.end();
  await database.drop();
});

interface Header {
  readonly completeToUs: number;
  readonly gaps: readonly { fromUs: number; toUs: number | null; cause: string }[];
}

/** Asks as a browser does, and reads the answer with what browsers read it with. */
async function history(query: Record<string, string | number>) {
  const bytes = await depthHistory(await demoCaller(), DepthHistoryQuery.parse(query));
  const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(Buffer.from(bytes.subarray(4, 4 + headerBytes)).toString('utf8')) as Header;
  const frames: [Side, number, number, number][] = [];
  const trades: [number, number, number][] = [];
  let missed = 0;
  new MessageReader().read(bytes.subarray(4 + headerBytes), {
    onDepth: (_, side) =>
      frames.push([
        side.side,
        (side.bookTimeUs - START_US) / 1000,
        side.levels.prices[0] as number,
        side.levels.quantities[0] as number,
      ]),
    onTick: ({ stampUs, lastPrice, volumeDelta }) => trades.push([(stampUs - START_US) / 1000, lastPrice, volumeDelta]),
    onGap: () => undefined,
    onBaseMissing: () => {
      missed += 1;
    },
  });
  return { header, frames, trades, missed };
}

describe('depth history', () => {
  it('gives the last frame of each column and side, in time order, with the trades between', async () => {
    const { frames, trades, missed, header } = await history({
      instrument: 1,
      from: START_US,
      to: START_US + SECOND_US,
      column_ms: 250,
    });
    expect(frames).toEqual(
      // Columns end at 250, 500, 750 and 1000 ms; their last books stand at 200, 400, 700 and 900.
      [2, 4, 7, 9].flatMap((i) => [
        [0, i * 100, 2_604_000 + i * 10, 65 * (i + 1)],
        [1, i * 100, 2_604_100 + i * 10, 65 * (i + 1)],
      ]),
    );
    expect(trades).toEqual([[150, 2_604_010, 65]]);
    expect(missed).toBe(0);
    expect(header).toMatchObject({
      instrumentId: 1,
      columnMs: 250,
      fromUs: START_US,
      toUs: START_US + SECOND_US,
      completeToUs: START_US + SECOND_US,
      gaps: [],
    });
  });

  it('counts what two feeds tell of once, and says up to where its trades reach where they are too many', async () => {
    const insert = (feedId: number, count: number) =>
      client.query(
        `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, volume, volume_delta, oi, close)
         SELECT to_timestamp($1 / 1e6) + i * interval '1 millisecond', 1, $2, 0, 3, 1, 3, 2604010, i, 1, 500, 2590000 FROM generate_series(1, $3::integer) AS i`,
        [START_US - 3600 * SECOND_US, feedId, count],
      );
    await insert(11, 10);
    await insert(1, 50_002);
    const query = { instrument: 1, from: START_US - 3600 * SECOND_US, to: START_US, column_ms: 60_000 };
    const first = await history(query);
    expect(first.trades.length).toBe(50_000);
    expect(first.header).toMatchObject({ completeToUs: query.from + 50_001_000, more: true });
    const { trades, header } = await history({ ...query, from: first.header.completeToUs });
    expect(trades.map(([at]) => at)).toEqual([-3_549_999, -3_549_998]);
    expect(header).toMatchObject({ completeToUs: query.to, more: false });
    await client.query('DELETE FROM gehra.ticks WHERE time < to_timestamp($1 / 1e6)', [START_US]);
  });

  it('begins and ends where it was asked to, in the middle of columns too', async () => {
    const { frames } = await history({
      instrument: 1,
      from: START_US + 150_000,
      to: START_US + 650_000,
      column_ms: 500,
    });
    expect(frames.filter(([side]) => side === BID).map(([, at]) => at)).toEqual([400, 600]);
    const { frames: whole } = await history({
      instrument: 1,
      from: START_US,
      to: START_US + 10 * SECOND_US,
      column_ms: 60_000,
    });
    expect(whole.map(([, at]) => at)).toEqual([9900, 9900]);
  });

  it('gives the gaps of the feed that is shown, and no books for them', async () => {
    const { frames, header } = await history({
      instrument: 1,
      from: START_US,
      to: START_US + 9 * SECOND_US,
      column_ms: 1000,
    });
    expect(header.gaps).toEqual([
      { fromUs: START_US + 3_903_000, toUs: START_US + 6 * SECOND_US, cause: 'disconnected' },
    ]);
    expect(frames.filter(([side]) => side === BID).map(([, at]) => at)).toEqual([
      900, 1900, 2900, 3900, 6900, 7900, 8900,
    ]);
  });

  it('of an interval without a book says why there is none, and that it is all', async () => {
    const [from, to] = [START_US + 4 * SECOND_US, START_US + 5 * SECOND_US];
    const { frames, header } = await history({ instrument: 1, from, to });
    expect(frames).toEqual([]);
    expect(header).toMatchObject({ completeToUs: to, gaps: [{ cause: 'disconnected' }] });
    const between = await history({ instrument: 1, from: START_US + 1, to: START_US + 2 });
    expect(between.header).toMatchObject({ completeToUs: START_US + 2, gaps: [] });
  });

  it('says up to where the recorder is, after waiting a moment for it', async () => {
    const { header } = await history({ instrument: 1, from: START_US, to: START_US + 20 * SECOND_US });
    expect(header.completeToUs).toBe(START_US + 9_903_000);
  });

  it('knows that nothing more comes of a feed that rests, and says why', async () => {
    const { redis, nowMs } = services();
    const { name } = feedById(DEPTH200);
    const rest = async (sinceMs: number) =>
      publishStatus(redis, 'collector-dhan', {
        kind: 'collector',
        feeds: { [name]: { state: 'market_closed', sinceUs: sinceMs * 1000 } as FeedStatus },
      });
    const query = { instrument: 1, from: START_US + 8 * SECOND_US, to: START_US + 20 * SECOND_US };
    await rest(nowMs() - 10_000);
    expect((await history(query)).header.completeToUs, 'a writer may still be at it').toBe(START_US + 9_903_000);
    await rest(nowMs() - 120_000);
    expect((await history(query)).header).toMatchObject({
      completeToUs: query.to,
      gaps: [{ fromUs: START_US + 9_903_000, toUs: query.to, cause: 'market_closed' }],
    });
    await redis.del(KEYS.status('collector-dhan'));
  });

  it('of the shallower feed is given where there is nothing deeper', async () => {
    await client.query('DELETE FROM gehra.depth_snapshots WHERE feed_id = $1 AND book_time < to_timestamp($2 / 1e6)', [
      DEPTH200,
      START_US + SECOND_US,
    ]);
    const { frames } = await history({ instrument: 1, from: START_US, to: START_US + 500_000 });
    expect(frames.length).toBe(4);
    await client.query(
      'INSERT INTO gehra.depth_snapshots SELECT book_time, time, instrument_id, $1, side, n, flags, prices, quantities, orders FROM gehra.depth_snapshots WHERE feed_id = $2 AND book_time < to_timestamp($3 / 1e6)',
      [DEPTH200, DEPTH20, START_US + SECOND_US],
    );
  });

  it('of an instrument without any is empty, not an error', async () => {
    const { frames, header } = await history({ instrument: 2, from: START_US, to: START_US + SECOND_US });
    expect(frames).toEqual([]);
    expect(header).toMatchObject({ completeToUs: START_US + SECOND_US, gaps: [] });
  });

  it.each([
    ['an unknown instrument', { instrument: 99, from: START_US, to: START_US + 1 }, 404],
    ['a reversed interval', { instrument: 1, from: START_US, to: START_US - 1 }, 422],
    ['an empty one', { instrument: 1, from: START_US, to: START_US }, 422],
    ['too many columns', { instrument: 1, from: START_US, to: START_US + 4001 * 250_000 }, 422],
  ])('refuses %s', async (_, query, status) => {
    const attempt = history(query);
    await expect(attempt).rejects.toThrow(RequestError);
    await expect(attempt).rejects.toMatchObject({ status });
  });
});

describe('instruments', () => {
  const search = async (text: string, subscribed: '0' | '1' = '0') =>
    (await searchInstruments(await demoCaller(), { search: text, subscribed, limit: 10 })).instruments.map(
      ({ slug, levels }) => `${slug} ${levels}`,
    );

  it('are found by every word, deepest first', async () => {
    expect(await search('')).toEqual(['NFO:NIFTY26DECFUT 200', 'NSE:SBIN 20', 'NSE:M&M 0']);
    expect(await search('', '1')).toEqual(['NFO:NIFTY26DECFUT 200', 'NSE:SBIN 20']);
    expect(await search('nifty fut')).toEqual(['NFO:NIFTY26DECFUT 200']);
    expect(await search('bank nse')).toEqual(['NSE:SBIN 20']);
    expect(await search('m&m')).toEqual(['NSE:M&M 0']);
    expect(await search(`'; DROP TABLE gehra.instruments; --`)).toEqual([]);
    expect(await search('%')).toEqual([]);
  });

  it('are found by slug, in any case, or not at all', async () => {
    expect(await findInstrument(await demoCaller(), 'nfo:nifty26decfut')).toMatchObject({
      id: 1,
      levels: 200,
      lotSize: 65,
    });
    for (const slug of [
      '',
      'NFO',
      'NFO:',
      'XXX:NIFTY26DECFUT',
      'NFO:NOPE',
      `NFO:' OR 1=1`,
      'NFO:NIFTY26DECFUT/..',
      'a'.repeat(5000),
    ]) {
      expect(await findInstrument(await demoCaller(), slug)).toBeNull();
    }
  });
});
