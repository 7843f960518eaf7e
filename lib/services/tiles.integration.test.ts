import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { GET as getTile } from '../../app/api/depth/tile/route.ts';
import { GET as getTiles } from '../../app/api/depth/tiles/route.ts';
import { type BuiltTiles, buildTiles, type TilesToBuild, tileNow } from '../../db/build-tiles.ts';
import { createPool, type Pool } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { dropOld } from '../../db/upkeep.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { startTestServices } from '../../tests/support/services.ts';
import type { Answer } from '../api/operations.ts';
import { ABSENT } from '../core/absent.ts';
import { ASK, BID } from '../core/side.ts';
import { cellOf, decodeTile, encodeTile, type Tile, tileUs } from '../heatmap/tile.ts';

type TileIndex = Answer<'/api/depth/tiles'>;

const log = pino({ level: 'silent' });
/** 2026-11-25 09:30:00 IST: tiles of every width begin there. */
const START_US = Date.UTC(2026, 10, 25, 4, 0) * 1000;
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
/** Two hours and a bit of books. */
const END_US = START_US + 125 * MINUTE_US;
const DEPTH200 = 31;
const TICKS = 1;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let db: Pool;
let stopServices: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NSE', 'SBIN', 'STATE BANK OF INDIA', 'EQ', 100, 5, 1)`,
  );
  await client.query(`INSERT INTO gehra.subscriptions VALUES (1, 1), (1, 31)`);
  // A book a second, the ask 3 ms after the bid; quantities change with each, prices now and then.
  await client.query(
    `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
     SELECT at, at + side * interval '3 milliseconds', 1, $3, side, 0, 0,
       ARRAY[base + side * 100, base + side * 100 + (2 * side - 1) * 20, base + side * 100 + (2 * side - 1) * 70]::integer[],
       ARRAY[65 * (1 + i % 7), 65 * (1 + i % 5), 650], ARRAY[1, 2, 3]
     FROM generate_series(0, ($2::bigint - $1::bigint) / 1000000 - 1) AS i, generate_series(0, 1) AS side,
       LATERAL (SELECT to_timestamp($1::bigint / 1e6) + i * interval '1 second' AS at, 2604000 + (i / 90 % 5) * 10 AS base)
     WHERE i NOT BETWEEN 1200 AND 1319`,
    [START_US, END_US, DEPTH200],
  );
  await client.query(
    `INSERT INTO gehra.feed_gaps VALUES ($3, to_timestamp($1::bigint / 1e6), to_timestamp($2::bigint / 1e6), 'disconnected', '{1}')`,
    [START_US + 1199 * SECOND_US, START_US + 1320 * SECOND_US, DEPTH200],
  );
  await setPosition(END_US - SECOND_US);
  await client.query(
    `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, volume, volume_delta)
     SELECT to_timestamp($1::bigint / 1e6) + i * interval '3.5 seconds', 1, $2, 0, 3, i % 3, 3, 2604000 + i % 11 * 10, i * 65, 65
     FROM generate_series(0, 2000) AS i`,
    [START_US, TICKS],
  );
  await client.query(
    `INSERT INTO gehra.flow_bars (time, instrument_id, feed_id, buy, sell, unknown, unattributed, min_delta, max_delta, trades, value, last_time)
     SELECT to_timestamp($1::bigint / 1e6), 1, $2, 65, 0, 0, 0, 0, 65, 1, 0, to_timestamp($1::bigint / 1e6)
     FROM generate_series(0, 0)`,
    [START_US, TICKS],
  );
  db = createPool(database.url, 'test', () => undefined);
  ({ stop: stopServices } = await startTestServices(database.url, log, {}, () => (END_US + 10 * MINUTE_US) / 1000));
});
afterAll(async () => {
  await stopServices();
  await db.end();
  await client.end();
  await database.drop();
});

const setPosition = (us: number) =>
  client.query(
    'INSERT INTO gehra.feed_positions VALUES ($1, $2) ON CONFLICT (feed_id) DO UPDATE SET position = excluded.position',
    [DEPTH200, us],
  );

function build(change: Partial<TilesToBuild> = {}): Promise<BuiltTiles> {
  return buildTiles(db, {
    instrumentIds: null,
    fromUs: START_US - MINUTE_US,
    toUs: END_US + MINUTE_US,
    nowUs: END_US + MINUTE_US,
    which: 'new',
    isTimeUp: () => false,
    onFailure: (_, error) => {
      throw error;
    },
    ...change,
  });
}

type Parameters = Record<string, string | number>;
const address = (path: string, query: Parameters): string =>
  `http://127.0.0.1:3000${path}?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
const ask = (url: string, headers: Record<string, string> = {}): Request =>
  new Request(new URL(url, 'http://127.0.0.1:3000'), { headers: { host: '127.0.0.1:3000', ...headers } });

async function index(query: Parameters): Promise<TileIndex> {
  const answer = await getTiles(ask(address('/api/depth/tiles', { instrument: 'NFO:NIFTY26DECFUT', ...query })));
  expect(answer.status).toBe(200);
  return (await answer.json()) as TileIndex;
}

async function tileAt(url: string): Promise<Tile> {
  const answer = await getTile(ask(url));
  expect(answer.status).toBe(200);
  return decodeTile(new Uint8Array(await answer.arrayBuffer()));
}

const contents = async (): Promise<string[]> =>
  (
    await client.query<{ line: string }>(
      `SELECT concat_ws(' ', column_ms, value, row_units, extract(epoch FROM start_time), revision, md5(bytes)) AS line
       FROM gehra.heatmap_tiles ORDER BY 1`,
    )
  ).rows.map(({ line }) => line);

const KINDS = [
  { value: 'max', rowUnits: 10 },
  { value: 'max', rowUnits: 50 },
  { value: 'last', rowUnits: 10 },
  { value: 'mean', rowUnits: 10 },
] as const;

describe('tiles built as time passes', () => {
  it('are those that are final, and the same however often they are built', async () => {
    // Two hours and five minutes: twelve tiles of ten minutes are over, four of half an hour, one of two hours.
    expect(await build()).toEqual({ built: 12 + 12 * (4 + 1), unchanged: 0 });
    const before = await contents();
    expect(before).toHaveLength(12 * (12 + 4 + 1));
    expect(await build()).toEqual({ built: 0, unchanged: 0 });
    expect(await build({ which: 'changed' })).toEqual({ built: 0, unchanged: 12 });
    await build({ which: 'all' });
    expect(await contents()).toEqual(before);
  });

  it('of coarser columns are what the books themselves give', async () => {
    for (const cells of KINDS) {
      const coarse = await tileNow(
        db,
        { instrumentId: 1, feedId: DEPTH200, columnMs: 60_000, startUs: START_US },
        cells,
        END_US,
      );
      // Of one-second columns, which are made of the books without anything stored, put together by hand.
      const { knownMs } = coarse.sides[BID];
      expect([knownMs[0], knownMs[19], knownMs[20], knownMs[21], knownMs[22]]).toEqual([60_000, 59_001, 0, 0, 60_000]);
      let largest = 0;
      for (let minute = 0; minute < 120; minute += 6) {
        const startUs = START_US + minute * MINUTE_US;
        const fine = await tileNow(db, { instrumentId: 1, feedId: DEPTH200, columnMs: 1000, startUs }, cells, END_US);
        fine.sides[ASK].rows.forEach((row, at) => {
          const place = coarse.sides[ASK].rows.indexOf(row);
          const columns = Array.from({ length: 60 }, (_, i) => i).filter((i) => fine.sides[ASK].knownMs[i]);
          if (columns.length === 0) return;
          const sizes = columns.map((i) => cellOf(fine, ASK, at, i));
          const size = place < 0 ? 0 : cellOf(coarse, ASK, place, minute);
          largest = Math.max(largest, size);
          if (cells.value === 'max') expect(size).toBe(Math.max(...sizes));
          if (cells.value === 'last') expect(size).toBe(sizes.at(-1));
          if (cells.value === 'mean' && columns.length === 60) {
            expect(size).toBeCloseTo(sizes.reduce((sum, each) => sum + each, 0) / 60, 9);
          }
        });
      }
      expect(largest).toBeGreaterThan(0);
    }
  });

  it('are built anew where a frame, a trade or a gap comes late, and only those', async () => {
    const before = await contents();
    await client.query(
      `INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
       SELECT at, at, 1, $2, 0, 0, 0, '{2603000}', '{999999}', '{1}'
       FROM (SELECT to_timestamp($1::bigint / 1e6) AS at) AS late`,
      [START_US + 300 * SECOND_US + 500_000, DEPTH200],
    );
    // It lies before the newest tile, where nobody looks each minute.
    expect(await build()).toEqual({ built: 0, unchanged: 0 });
    expect(await build({ which: 'changed' })).toEqual({ built: 1 + 12 * 2, unchanged: 11 });
    const after = await contents();
    expect(after.filter((line) => !before.includes(line))).toHaveLength(12 * 3);
    const tile = await tileNow(
      db,
      { instrumentId: 1, feedId: DEPTH200, columnMs: 5000, startUs: START_US },
      KINDS[0],
      END_US,
    );
    const row = tile.sides[BID].rows.indexOf(260_300);
    expect([cellOf(tile, BID, row, 59), cellOf(tile, BID, row, 60), cellOf(tile, BID, row, 61)]).toEqual([
      0, 999_999, 0,
    ]);

    await client.query(
      `INSERT INTO gehra.feed_gaps VALUES ($2, to_timestamp($1::bigint / 1e6), to_timestamp($1::bigint / 1e6) + interval '9 seconds', 'discarded', '{1}')`,
      [START_US + 4000 * SECOND_US, DEPTH200],
    );
    expect((await build({ which: 'changed' })).unchanged).toBe(11);
    await client.query(`DELETE FROM gehra.ticks WHERE time = to_timestamp($1::bigint / 1e6)`, [START_US]);
    expect((await build({ which: 'changed' })).unchanged).toBe(11);
  });

  it('wait for the position of their feed, and for nobody longer than a day', async () => {
    await client.query('DELETE FROM gehra.heatmap_tiles');
    await setPosition(START_US + 10 * MINUTE_US + 19 * SECOND_US);
    const nowUs = START_US + 11 * MINUTE_US;
    expect(await build({ nowUs })).toEqual({ built: 0, unchanged: 0 });
    await setPosition(START_US + 10 * MINUTE_US + 20 * SECOND_US);
    expect(await build({ nowUs })).toEqual({ built: 1, unchanged: 0 });
    // A day later the rest, wherever the position stands.
    expect((await build({ nowUs: END_US + 25 * 60 * MINUTE_US })).built).toBe(12 + 12 * (5 + 1));
    await setPosition(END_US - SECOND_US);
    await client.query('DELETE FROM gehra.heatmap_tiles');
    await build();
  });

  it('that cannot be built are named, and the others are', async () => {
    await client.query('DELETE FROM gehra.heatmap_tiles');
    await client.query(
      'ALTER TABLE gehra.heatmap_tiles ADD CONSTRAINT none CHECK (start_time <> to_timestamp($1))'.replace(
        '$1',
        String(START_US / 1e6),
      ),
    );
    const failed: string[] = [];
    const { built } = await build({
      onFailure: ({ columnMs, startUs }, { message }) => failed.push(`${columnMs} ${startUs} ${message}`),
    });
    expect(built).toBe(11 + 12 * 3);
    expect(failed[0]).toMatch(`5000 ${START_US} new row for relation "heatmap_tiles" violates`);
    await client.query('ALTER TABLE gehra.heatmap_tiles DROP CONSTRAINT none');
    await build({ which: 'changed' });
  });
});

describe('the index and its tiles', () => {
  it('names each tile of an interval, the final ones by a revision', async () => {
    const answer = await index({ column_ms: 5000, row_ticks: 5, from: START_US / 1000 + 1, to: END_US / 1000 });
    expect(answer).toMatchObject({
      feed: 'dhan-depth200-1',
      columnMs: 5000,
      columns: 120,
      value: 'max',
      rowUnits: 50,
      completeTo: '2026-11-25T11:34:59.000+05:30',
    });
    expect(answer.gaps.map(({ cause }) => cause)).toEqual(['disconnected', 'discarded']);
    expect(answer.tiles).toHaveLength(13);
    expect(answer.tiles[0]).toMatchObject({
      start: '2026-11-25T09:30:00.000+05:30',
      end: '2026-11-25T09:40:00.000+05:30',
    });
    expect(answer.tiles.map(({ revision }) => revision !== null)).toEqual([...Array(12).fill(true), false]);
  });

  it.each([250, 1000, 5000, 15_000, 60_000])(
    'gives the tiles of %i ms, as fresh as what is stored',
    async (columnMs) => {
      for (const { value, rowUnits } of KINDS) {
        const toUs = Math.min(END_US, START_US + 3 * tileUs(columnMs));
        const { tiles } = await index({
          column_ms: columnMs,
          value,
          row_ticks: rowUnits / 10,
          from: START_US / 1000,
          to: toUs / 1000,
        });
        for (const { url, start } of tiles) {
          const startUs = Date.parse(start) * 1000;
          const tile = await tileAt(url);
          expect([tile.value, tile.columnMs, tile.rowUnits, tile.startUs]).toEqual([
            value,
            columnMs,
            rowUnits,
            startUs,
          ]);
          const place = { instrumentId: 1, feedId: DEPTH200, columnMs, startUs };
          const now = await tileNow(db, place, { value, rowUnits }, END_US - SECOND_US);
          expect(Buffer.compare(encodeTile(tile), encodeTile(now)), url).toBe(0);
          expect(tile.sides[BID].rows.length).toBeGreaterThan(0);
        }
      }
    },
  );

  it('sums rows up on demand where they can be, and takes maxima from the books', async () => {
    const at = { instrument: 'NFO:NIFTY26DECFUT', column_ms: 5000, start: START_US / 1000 };
    const [max, last] = await Promise.all(
      ['max', 'last'].map((value) => tileAt(address('/api/depth/tile', { ...at, value, row_ticks: 20 }))),
    );
    // 65 × (1 to 7) and 65 × (1 to 5) in one row of 20 ticks: the largest of 35 seconds is (7 + 5) × 65, beside 650 in the same.
    const bestOf = (tile: Tile | undefined) =>
      Math.max(
        ...Array.from(tile?.sides[ASK].rows ?? [], (_, row) =>
          Math.max(...Array.from({ length: 120 }, (__, column) => cellOf(tile as Tile, ASK, row, column))),
        ),
      );
    expect(bestOf(max)).toBe(12 * 65 + 650);
    expect(bestOf(last)).toBeLessThanOrEqual(12 * 65 + 650);
  });

  it('tells what traded, and how long each side was known', async () => {
    const tile = await tileAt(
      address('/api/depth/tile', { instrument: 'NFO:NIFTY26DECFUT', column_ms: 15_000, start: START_US / 1000 }),
    );
    const { trades, sides } = tile;
    const { rows } = await client.query<Record<string, number>>(
      `SELECT coalesce(sum(volume_delta) FILTER (WHERE aggressor = 1), 0)::integer AS buy, coalesce(sum(volume_delta) FILTER (WHERE aggressor = 2), 0)::integer AS sell,
         coalesce(sum(volume_delta) FILTER (WHERE aggressor = 0), 0)::integer AS unknown, sum(volume_delta * last_price)::float8 AS turnover, min(last_price) AS low, max(last_price) AS high
       FROM gehra.ticks WHERE time >= to_timestamp($1::bigint / 1e6) AND time < to_timestamp($1::bigint / 1e6) + interval '15 seconds'`,
      [START_US + 15 * SECOND_US],
    );
    expect(Object.fromEntries(Object.entries(trades).map(([name, column]) => [name, column[1]]))).toMatchObject(
      rows[0] as object,
    );
    expect(sides[BID].knownMs[0]).toBe(15_000);
    // The gap of two minutes begins at 09:49:59, in the 80th column.
    expect([sides[BID].knownMs[79], sides[BID].knownMs[80], sides[BID].knownMs[87], sides[BID].knownMs[88]]).toEqual([
      14_001, 0, 0, 15_000,
    ]);
    expect(cellOf(tile, BID, 0, 80)).toBe(ABSENT);
  });

  it('lets caches keep what is final for ever, and nobody what may change', async () => {
    const { tiles } = await index({ column_ms: 5000, from: START_US / 1000, to: END_US / 1000 });
    const [first, open] = [tiles[0] as TileIndex['tiles'][number], tiles[12] as TileIndex['tiles'][number]];
    const answer = await getTile(ask(first.url, { 'accept-encoding': 'gzip, br' }));
    expect(
      Object.fromEntries(
        ['cache-control', 'etag', 'content-encoding', 'vary'].map((name) => [name, answer.headers.get(name)]),
      ),
    ).toEqual({
      'cache-control': 'private, max-age=31536000, immutable',
      etag: `W/"${first.revision}"`,
      'content-encoding': 'gzip',
      vary: 'accept-encoding, cookie, authorization',
    });
    const plain = await getTile(ask(first.url, { 'accept-encoding': 'br, gzip;q=0' }));
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(gunzipSync(await answer.arrayBuffer()).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);

    const again = await getTile(ask(first.url, { 'if-none-match': `"0000", W/"${first.revision}"` }));
    expect([again.status, await again.text(), again.headers.get('cache-control')]).toEqual([
      304,
      '',
      'private, max-age=31536000, immutable',
    ]);
    const unnamed = first.url.replace(/&revision=.*/, '');
    expect((await getTile(ask(unnamed))).headers.get('cache-control')).toBe('private, no-cache');
    expect((await getTile(ask(unnamed, { 'if-none-match': `W/"${first.revision}"` }))).status).toBe(304);
    expect((await getTile(ask(unnamed, { 'if-none-match': 'W/"0123456789abcdef"' }))).status).toBe(200);

    expect(open.url).not.toContain('revision');
    const unfinished = await getTile(ask(open.url));
    expect([unfinished.headers.get('cache-control'), unfinished.headers.get('etag')]).toEqual(['no-store', null]);
    expect((await getTile(ask(`${unnamed}&revision=0123456789abcdef`))).status).toBe(404);
  });

  it('calls finer tiles by another name once a frame has come late', async () => {
    const query = { column_ms: 250, from: START_US / 1000, to: START_US / 1000 + 60_000 };
    const before = await index(query);
    expect(before.tiles.map(({ revision }) => revision === null)).toEqual([false, false]);
    await client.query(
      `INSERT INTO gehra.depth_snapshots SELECT book_time + interval '100 ms', time + interval '100 ms', instrument_id, feed_id, side, n, flags, prices, quantities, orders
       FROM gehra.depth_snapshots WHERE book_time = to_timestamp($1::bigint / 1e6) AND side = 1`,
      [START_US + 40 * SECOND_US],
    );
    const after = await index(query);
    expect(after.tiles[0]?.revision).toBe(before.tiles[0]?.revision);
    expect(after.tiles[1]?.revision).not.toBe(before.tiles[1]?.revision);
    expect((await getTile(ask(before.tiles[1]?.url as string))).status).toBe(404);
    expect((await getTile(ask(after.tiles[1]?.url as string))).status).toBe(200);
  });

  it('has no tiles of an instrument that no feed gives', async () => {
    const query = { instrument: 'NSE:SBIN', column_ms: 5000, from: START_US / 1000, to: END_US / 1000 };
    expect(await index(query)).toMatchObject({ feed: null, tiles: [] });
    const answer = await getTile(
      ask(address('/api/depth/tile', { instrument: 'NSE:SBIN', column_ms: 5000, start: START_US / 1000 })),
    );
    expect(answer.status).toBe(404);
  });
});

it('old tiles go, but for those of a minute', async () => {
  const count = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (
        await client.query<{ column_ms: number; n: number }>(
          'SELECT column_ms, count(*)::integer AS n FROM gehra.heatmap_tiles GROUP BY 1 ORDER BY 1',
        )
      ).rows.map(({ column_ms, n }) => [column_ms, n]),
    );
  const before = await count();
  const keep = { depth: 0, ticks: 0, bars: 0, tiles: 2, signals: 0 };
  const day = 86_400 * SECOND_US;
  expect(await dropOld(client, keep, START_US + 2 * day - 1)).toEqual({ heatmap_tiles: 0 });
  expect(await count()).toEqual(before);
  await dropOld(client, keep, START_US + 2 * day + 120 * MINUTE_US);
  expect(await count()).toEqual({ 60000: before[60_000] });
  expect(await dropOld(client, { ...keep, tiles: 0, signals: 0 }, START_US + 900 * day)).toEqual({});
});
