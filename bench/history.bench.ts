/** e1, e2: an hour of the heatmap, asked of what is stored; and the book of an instant. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { from as copyFrom } from 'pg-copy-streams';
import { GET as getTile } from '../app/api/depth/tile/route.ts';
import { GET as getTiles } from '../app/api/depth/tiles/route.ts';
import { buildTiles, tileNow } from '../db/build-tiles.ts';
import { type Client, connect, createPool, type Pool } from '../db/connect.ts';
import { COPY_HEADER, COPY_TRAILER, CopyRows } from '../db/copy.ts';
import { bookAsOf } from '../db/depth.ts';
import { DEPTH_COPY, writeDepthRow } from '../db/market-rows.ts';
import { migrate } from '../db/migrate.ts';
import type { Answer } from '../lib/api/operations.ts';
import { ASK, BID, SideLevels } from '../lib/core/side.ts';
import { decodeTile, tileUs } from '../lib/heatmap/tile.ts';
import { createLog } from '../lib/obs/log.ts';
import { createDatabase, startTestPostgres } from '../tests/support/servers.ts';
import { startTestServices } from '../tests/support/services.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { HOUR, hourOfBooks } from './support/books.ts';
import { Heat, heatSql, TICK } from './support/heat.ts';
import { median } from './support/results.ts';
import { fillPeerTable } from './support/row-per-level.ts';

type TileIndex = Answer<'/api/depth/tiles'>;

const FEED_ID = 31;
const INSTRUMENT_ID = 1;
const COLUMN_MS = 5000;
const FINE_MS = 1000;
const ASKED = 9;
/** Each takes a good part of a minute. */
const ASKED_OF_ROWS = 2;
const log = createLog('bench', 'silent');

/** Wall time of each of `times` calls, ms, after one that does not count. */
async function timed(times: number, work: (i: number) => Promise<unknown>): Promise<number[]> {
  await work(0);
  const durations: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const from = performance.now();
    await work(i);
    durations.push(performance.now() - from);
  }
  return durations;
}

/** A database of ours with the hour in it, as the writer stores it. */
async function withHour(work: (db: Pool, url: string, client: Client) => Promise<Metrics>): Promise<Metrics> {
  const postgres = await startTestPostgres();
  const { url } = await createDatabase(postgres.url);
  await migrate(url, log);
  const client = await connect(url, 'bench');
  const db = createPool(url, 'bench', () => undefined);
  try {
    await client.query(
      `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
       VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, ${TICK}, 65)`,
    );
    await client.query('INSERT INTO gehra.subscriptions VALUES ($1, $2)', [INSTRUMENT_ID, FEED_ID]);
    await client.query('INSERT INTO gehra.feed_positions VALUES ($1, $2)', [FEED_ID, HOUR.toUs + 60e6]);
    const copy = (client as unknown as { query: (stream: object) => ReturnType<typeof copyFrom> }).query(
      copyFrom(DEPTH_COPY),
    );
    copy.write(COPY_HEADER);
    const rows = new CopyRows();
    for (const { timeUs, book } of hourOfBooks()) {
      rows.clear();
      for (const side of [BID, ASK] as const) {
        const levels = side === BID ? book.bids : book.asks;
        const row = { bookTimeUs: timeUs, stampUs: timeUs, instrumentId: INSTRUMENT_ID, side, n: 0, flags: 0, levels };
        writeDepthRow(rows, FEED_ID, row);
      }
      if (!copy.write(Buffer.from(rows.slice(0, rows.length))))
        await new Promise((resolve) => copy.once('drain', resolve));
    }
    copy.end(COPY_TRAILER);
    await finished(copy);
    await client.query('VACUUM ANALYZE gehra.depth_snapshots');
    return await work(db, url, client);
  } finally {
    await db.end();
    await client.end();
    await postgres.stop();
  }
}

async function tiles(): Promise<Metrics> {
  return withHour(async (db, url, client) => {
    const buildFrom = performance.now();
    const nowUs = HOUR.toUs + 60e6;
    await buildTiles(db, {
      instrumentIds: null,
      fromUs: HOUR.fromUs,
      toUs: HOUR.toUs,
      nowUs,
      which: 'all',
      isTimeUp: () => false,
      onFailure: (_, error) => {
        throw error;
      },
    });
    const buildMs = performance.now() - buildFrom;
    const services = await startTestServices(url, log, {}, () => nowUs / 1000);
    try {
      const heat = new Heat(COLUMN_MS);
      const durations = await timed(5 * ASKED, async () => {
        heat.clear();
        await askForHour(heat);
      });
      const { rows } = await client.query<{ bytes: number }>(
        'SELECT sum(octet_length(bytes))::bigint AS bytes FROM gehra.heatmap_tiles WHERE column_ms = $1 AND value = 0 AND row_units = $2',
        [COLUMN_MS, TICK],
      );
      const all = await client.query<{ bytes: number }>('SELECT pg_total_relation_size($1)::bigint AS bytes', [
        'gehra.heatmap_tiles',
      ]);
      const kB = (result: { rows: { bytes: number }[] }): number => (result.rows[0]?.bytes ?? 0) / 1000;
      return {
        ms: median(durations),
        'cells lit': heat.lit,
        'kB asked for': kB({ rows }),
        'kB of all tiles of the hour': kB(all),
        'ms to build all tiles of the hour': buildMs,
      };
    } finally {
      await services.stop();
    }
  });
}

const HEADERS = { host: '127.0.0.1:3000', accept: 'application/gzip' };

/** As a page does: the index, then the tiles it names. */
async function askForHour(heat: Heat): Promise<void> {
  const query = new URLSearchParams({
    instrument: 'NFO:NIFTY26DECFUT',
    column_ms: String(heat.columnMs),
    from: String(HOUR.fromUs / 1000),
    to: String(HOUR.toUs / 1000),
  });
  const ask = (address: string): Request =>
    new Request(new URL(address, 'http://127.0.0.1:3000'), { headers: HEADERS });
  const index = (await (await getTiles(ask(`/api/depth/tiles?${query}`))).json()) as TileIndex;
  await Promise.all(
    index.tiles.map(async ({ url }) => {
      const answer = await getTile(ask(url));
      heat.putTile(decodeTile(gunzipSync(new Uint8Array(await answer.arrayBuffer()))));
    }),
  );
}

/** Nothing stored but the frames: any width, any height. */
async function frames(): Promise<Metrics> {
  return withHour(async (db) => {
    const heat = new Heat(FINE_MS);
    const durations = await timed(3, async () => {
      heat.clear();
      for (let startUs = HOUR.fromUs; startUs < HOUR.toUs; startUs += tileUs(FINE_MS)) {
        const place = { instrumentId: INSTRUMENT_ID, feedId: FEED_ID, columnMs: FINE_MS, startUs };
        heat.putTile(await tileNow(db, place, { value: 'max', rowUnits: TICK }, HOUR.toUs));
      }
    });
    return { 'ms at 1 s': median(durations), 'cells lit': heat.lit };
  });
}

interface SqlCell {
  readonly side: number;
  readonly tick: number;
  readonly slot: number;
  readonly size: number;
}

async function rowsInPostgres(): Promise<Metrics> {
  const postgres = await startTestPostgres();
  const { url } = await createDatabase(postgres.url);
  const client = await connect(url, 'bench');
  try {
    await fillPeerTable(client, hourOfBooks());
    const heat = new Heat(COLUMN_MS);
    const first = HOUR.fromUs / (COLUMN_MS * 1000);
    const durations = await timed(ASKED_OF_ROWS, async () => {
      heat.clear();
      const { rows } = await client.query<SqlCell>(heatSql(COLUMN_MS, 'extract(epoch FROM time)'));
      for (const { side, tick, slot, size } of rows) heat.put(side, tick, slot - first, size);
    });
    return { ms: median(durations), 'cells lit': heat.lit };
  } finally {
    await client.end();
    await postgres.stop();
  }
}

async function rowsInDuckDb(): Promise<Metrics> {
  const dir = mkdtempSync(path.join(tmpdir(), 'gehra-bench-'));
  const instance = await DuckDBInstance.create(path.join(dir, 'hour.db'), { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(
      `CREATE TABLE depth_levels_peer (time timestamp, security_id integer, instrument_name varchar, side varchar,
        level_num integer, price decimal(12, 2), quantity integer, orders integer)`,
    );
    const file = path.join(dir, 'hour.tsv');
    let lines: string[] = [];
    writeFileSync(file, '');
    const flush = (): void => {
      writeFileSync(file, lines.join(''), { flag: 'a' });
      lines = [];
    };
    for (const { timeUs, book } of hourOfBooks()) {
      const time = new Date(timeUs / 1000).toISOString().slice(0, -1);
      for (const [side, { count, prices, quantities, orders }] of [
        ['BID', book.bids],
        ['ASK', book.asks],
      ] as const) {
        for (let i = 0; i < count; i += 1) {
          lines.push(
            `${time}\t55796\tNIFTY DEC FUT\t${side}\t${i + 1}\t${(prices[i] as number) / 100}\t${quantities[i]}\t${orders[i]}\n`,
          );
        }
      }
      if (lines.length > 200_000) flush();
    }
    flush();
    await connection.run(`COPY depth_levels_peer FROM '${file}' (DELIMITER '\t', HEADER false)`);
    await connection.run('CHECKPOINT');
    const ask = async (heat: Heat): Promise<void> => {
      heat.clear();
      const { columnMs } = heat;
      const reader = await connection.runAndReadAll(heatSql(columnMs, 'epoch(time)'));
      const first = HOUR.fromUs / (columnMs * 1000);
      const [side, tick, slot, size] = reader.getColumnsJS() as [number[], number[], bigint[], number[]];
      for (const [i, each] of side.entries())
        heat.put(each, tick[i] as number, Number(slot[i]) - first, size[i] as number);
    };
    const heat = new Heat(COLUMN_MS);
    const coarse = await timed(ASKED, () => ask(heat));
    const fineHeat = new Heat(FINE_MS);
    const fine = await timed(ASKED, () => ask(fineHeat));
    return { ms: median(coarse), 'ms at 1 s': median(fine), 'cells lit': heat.lit };
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(dir, { recursive: true });
  }
}

const hour: Bench = {
  name: 'heatmap-hour',
  what: 'An hour of the heatmap, 15,060 books of 200 levels a side, as the largest size at each tick in columns of 5 s; once more in columns of 1 s, which nobody has stored',
  worse: 'Scrolling back over a day waits for the database at each step.',
  roundsMax: 3,
  measures: [
    { goal: 'e1-sql', metric: 'ms', variant: 'rows-postgres', per: 'tiles' },
    { goal: 'e1-duckdb', metric: 'ms', variant: 'rows-duckdb', per: 'tiles' },
    { goal: 'e1-api', metric: 'ms', variant: 'tiles' },
    { goal: 'e2', metric: 'ms at 1 s', variant: 'rows-duckdb', per: 'frames' },
  ],
  variants: [
    {
      name: 'tiles',
      what: 'ours: the index and the tiles it names from the route handlers, out of PostgreSQL; decompressed, decoded, put into one matrix.',
      run: tiles,
    },
    {
      name: 'frames',
      what: 'ours without anything stored but the frames: read from PostgreSQL and folded, as for columns finer than 5 s.',
      run: frames,
    },
    {
      name: 'rows-postgres',
      what: 'the predecessor’s table in the same PostgreSQL, a row a level, grouped in SQL into the same matrix.',
      run: rowsInPostgres,
    },
    {
      name: 'rows-duckdb',
      what: 'the same rows in a file of DuckDB (@duckdb/node-api), one thread, the same SQL, read by columns.',
      run: rowsInDuckDb,
    },
  ],
};

const INSTANTS = 300;

const bookAt: Bench = {
  name: 'book-as-of',
  what: 'The book as it stood at any instant of an hour of 15,060 books',
  worse: 'A replay that seeks, and a chart’s crosshair over the past, stutter.',
  measures: [{ goal: 'e-book', metric: 'p99 ms', variant: 'arrays' }],
  roundsMax: 3,
  variants: [
    {
      name: 'arrays',
      what: 'ours: an index probe a side, and two rows of arrays, at instants all over the hour.',
      run: () =>
        withHour(async (db) => {
          const levels = new SideLevels();
          const span = HOUR.toUs - HOUR.fromUs - 1e6;
          const durations = await timed(INSTANTS, async (i) => {
            const sides = await bookAsOf(
              db,
              INSTRUMENT_ID,
              FEED_ID,
              HOUR.fromUs + 1e6 + ((i * 7919) % INSTANTS) * Math.floor(span / INSTANTS),
            );
            if (sides.length !== 2) throw new Error(`${sides.length} sides`);
            for (const side of sides) side.read(levels);
          });
          const sorted = durations.sort((a, b) => a - b);
          return { 'p50 ms': median(sorted), 'p99 ms': sorted[Math.floor(0.99 * INSTANTS)] as number };
        }),
    },
  ],
};

export const benches = [hour, bookAt];
