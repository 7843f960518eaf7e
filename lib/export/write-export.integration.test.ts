/** What is exported, read by programs that others made, is what is stored. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { flowBars } from '../../db/flow.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import {
  DEPTH_FEED,
  OPEN_US,
  SLUG,
  type StoredMarket,
  storeMarket,
  TICK_FEED,
} from '../../tests/support/stored-market.ts';
import { isPresent } from '../core/absent.ts';
import type { ExportColumn, ExportFormat, ExportKind } from '../core/exports.ts';
import { BAR_INTERVALS, type BarInterval } from '../orderflow/bar-intervals.ts';
import { deltaOf, vwapOf } from '../orderflow/bars.ts';
import { COLUMNS_OF_KIND } from './columns.ts';
import { PartFile } from './files.ts';
import { EVENT, EVENT_BYTES } from './hftbacktest-writer.ts';
import { PARQUET_ABOUT_KEY } from './parquet-writer.ts';
import { type Written, writeExport } from './write-export.ts';

const log = pino({ level: 'silent' });
const FORMATS = ['csv', 'ndjson', 'parquet'] as const;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let market: StoredMarket;
let duck: DuckDBConnection;
const dir = mkdtempSync(path.join(tmpdir(), 'gehra-export-'));

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // Three minutes: pieces of the interval begin and end within it.
  market = await storeMarket(client, {
    frames: 600,
    frameUs: 300_000,
    levels: 20,
    ticks: 400,
    tickUs: 450_000,
    withGap: true,
  });
  duck = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(async () => {
  duck.closeSync();
  await client.end();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

interface Exported extends Written {
  readonly file: string;
}

let count = 0;
async function exported(
  kind: ExportKind,
  format: ExportFormat,
  interval: BarInterval | null = null,
  toUs = market.toUs,
  fromUs = OPEN_US,
): Promise<Exported> {
  count += 1;
  const file = path.join(dir, `${count}.${format}`);
  const part = await PartFile.create(file, '');
  const reader = await connect(database.url, 'test');
  try {
    const written = await writeExport(
      {
        kind,
        format,
        instrument: {
          id: market.instrumentId,
          exchange: 'NFO',
          symbol: 'NIFTY26DECFUT',
          priceScale: 100,
          tickSize: 10,
          lotSize: 65,
        },
        interval,
        fromUs,
        toUs,
        feedId: null,
      },
      {
        client: reader,
        sink: part.sink,
        onProgress: () => undefined,
        keepDays: { depth: 0, ticks: 0 },
        nowUs: () => toUs,
      },
    );
    await part.sync();
    await part.publish();
    return { ...written, file };
  } finally {
    await reader.end();
  }
}

const DUCK_TYPES: Readonly<Record<ExportColumn['type'], string>> = {
  instant: 'TIMESTAMPTZ',
  int16: 'INTEGER',
  int32: 'INTEGER',
  int64: 'BIGINT',
  double: 'DOUBLE',
  text: 'VARCHAR',
  'int32[]': 'INTEGER[]',
  'int64[]': 'BIGINT[]',
};

/** Rows of a file as DuckDB reads them: instants in µs, whole numbers as numbers. */
async function readBack({ file }: Exported, kind: ExportKind, format: ExportFormat): Promise<unknown[][]> {
  const columns = COLUMNS_OF_KIND[kind];
  const typed = columns.map(({ name, type }) => `'${name}': '${DUCK_TYPES[type]}'`).join(', ');
  const source = {
    parquet: `read_parquet('${file}')`,
    csv: `read_csv('${file}', header = true, columns = {${typed}}, timestampformat = '%Y-%m-%dT%H:%M:%S.%fZ', nullstr = '')`,
    ndjson: `read_json('${file}', format = 'newline_delimited', columns = {${typed}})`,
    npy: '',
  }[format];
  const result = await duck.runAndReadAll(`SELECT ${columns.map(({ name }) => `"${name}"`).join(', ')} FROM ${source}`);
  expect(result.columnTypes().map(String), `${kind} as ${format}`).toEqual(
    columns.map(({ type }) => DUCK_TYPES[type].replace('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE')),
  );
  return result.getRows().map((row) => row.map(plain));
}

function plain(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value !== null && typeof value === 'object') {
    if ('items' in value) return (value.items as DuckDBValue[]).map(plain);
    if ('micros' in value) return Number(value.micros);
  }
  return value;
}

const us = (column: string): string => `(extract(epoch FROM ${column}) * 1e6)::bigint AS ${column}`;

/** Rows as an ordinary query says them: the driver reads text, and nothing of the export's own code. */
async function stored(select: string): Promise<unknown[][]> {
  const { rows } = await client.query<unknown[]>({ text: select, rowMode: 'array' });
  // The driver gives lists of bigint as texts.
  return rows.map((row) => row.map((value) => (Array.isArray(value) ? value.map(Number) : value)));
}

describe('ticks', () => {
  it.each(FORMATS)('as %s are the stored rows', async (format) => {
    const file = await exported('ticks', format);
    const columns = COLUMNS_OF_KIND.ticks.map(({ name, type }) => (type === 'instant' ? us(name) : name));
    const rows = await stored(`SELECT ${columns.join(', ')} FROM gehra.ticks ORDER BY time, n`);
    expect(rows).toHaveLength(400);
    expect(await readBack(file, 'ticks', format)).toEqual(rows);
    expect(file.rows).toBe(400);
  });
});

describe('depth', () => {
  it.each(FORMATS)('sides as %s are the stored rows', async (format) => {
    const file = await exported('depth_sides', format);
    const rows = await stored(
      `SELECT ${us('time')}, ${us('book_time')}, n, CASE side WHEN 0 THEN 'bid' ELSE 'ask' END AS side, flags, prices, quantities, orders
       FROM gehra.depth_snapshots ORDER BY 1`,
    );
    expect(rows).toHaveLength(960);
    expect(await readBack(file, 'depth_sides', format)).toEqual(rows);
  });

  it.each(FORMATS)('levels as %s are the stored ones, and a side without any is told', async (format) => {
    const file = await exported('depth_levels', format);
    const rows = await stored(
      `SELECT ${us('d.time').replace('AS d.time', 'AS time')}, ${us('d.book_time').replace('AS d.book_time', 'AS book_time')},
         d.n, CASE d.side WHEN 0 THEN 'bid' ELSE 'ask' END AS side, d.flags, coalesce(l.level, 0)::integer AS level,
         l.price, l.quantity, l.orders
       FROM gehra.depth_snapshots AS d
       LEFT JOIN LATERAL unnest(d.prices, d.quantities, d.orders) WITH ORDINALITY AS l (price, quantity, orders, level) ON true
       ORDER BY 1, level`,
    );
    expect(rows).toHaveLength(959 * 20 + 1);
    expect(rows.filter((row) => row[5] === 0)).toHaveLength(1);
    expect(await readBack(file, 'depth_levels', format)).toEqual(rows);
  });
});

describe('bars', () => {
  it.each(
    FORMATS.flatMap((format) => (['1s', '15s', '1m', '1d'] as const).map((interval) => [interval, format] as const)),
  )('of %s as %s are those of the history', async (interval, format) => {
    const file = await exported('bars', format, interval);
    const pool = new pg.Pool({ connectionString: database.url });
    const bars = await flowBars(pool, {
      instrumentId: market.instrumentId,
      feedId: TICK_FEED,
      fromUs: OPEN_US,
      toUs: market.toUs,
      barUs: BAR_INTERVALS[interval],
    });
    await pool.end();
    const shown = (value: number): number | null => (isPresent(value) ? value : null);
    expect(bars.length).toBeGreaterThan(0);
    expect(await readBack(file, 'bars', format)).toEqual(
      bars.map((bar) => [
        bar.fromUs,
        bar.lastUs,
        ...[bar.open, bar.high, bar.low, bar.close].map(shown),
        ...[bar.volume, bar.buy, bar.sell, bar.unknown, bar.unattributed, deltaOf(bar), bar.minDelta, bar.maxDelta],
        bar.trades,
        bar.value,
        shown(vwapOf(bar)),
        shown(bar.oi),
      ]),
    );
  });
});

describe('what is said beside the file', () => {
  it('names the gap, the share that was heard and the longest silence', async () => {
    const { about, gaps } = await exported('depth_sides', 'csv');
    const told = JSON.parse(about);
    const { rows } = await client.query<{ from_us: number; to_us: number }>(
      `SELECT (extract(epoch FROM from_time) * 1e6)::bigint AS from_us, (extract(epoch FROM to_time) * 1e6)::bigint AS to_us
       FROM gehra.feed_gaps`,
    );
    const gap = rows[0] as { from_us: number; to_us: number };
    expect(gaps).toBe(1);
    expect(told).toMatchObject({
      instrument: SLUG,
      feed: 'dhan-depth200-1',
      priceUnitsInARupee: 100,
      gaps: [{ feed: 'dhan-depth200-1', from: { us: gap.from_us }, to: { us: gap.to_us }, cause: 'network' }],
      longestTimeWithoutARow: { from: { us: gap.from_us }, to: { us: gap.to_us } },
      rows: 960,
    });
    const wholeUs = market.toUs - OPEN_US;
    expect(told.heardShare).toBeCloseTo(1 - (gap.to_us - gap.from_us) / wholeUs, 5);
  });

  it('says where what is stored ends, and has nothing after it', async () => {
    const positionUs = OPEN_US + 60_000_000;
    await client.query('UPDATE gehra.feed_positions SET position = $1 WHERE feed_id = $2', [positionUs, DEPTH_FEED]);
    try {
      const file = await exported('depth_sides', 'csv');
      const told = JSON.parse(file.about);
      expect(told.completeTo.us).toBe(positionUs);
      const rows = await readBack(file, 'depth_sides', 'csv');
      expect(rows.length).toBeGreaterThan(100);
      expect(Math.max(...rows.map(([time]) => time as number))).toBeLessThanOrEqual(positionUs);
      expect(told.heardShare).toBeCloseTo(60_000_000 / (market.toUs - OPEN_US), 5);
      expect(told.gaps.at(-1)).toMatchObject({
        from: { us: positionUs },
        to: { us: market.toUs },
        cause: 'not_stored_yet',
      });
      expect(file.gaps).toBe(told.gaps.length);
    } finally {
      await client.query('UPDATE gehra.feed_positions SET position = $1 WHERE feed_id = $2', [
        market.toUs + 1_000_000,
        DEPTH_FEED,
      ]);
    }
  });

  it('counts the time before the first row as a hole, where nothing says that the feed was heard then', async () => {
    const earlier = OPEN_US - 600_000_000;
    const { about, gaps } = await exported('depth_sides', 'csv', null, market.toUs, earlier);
    const told = JSON.parse(about);
    expect(gaps).toBe(2);
    expect(told.gaps[0]).toMatchObject({ from: { us: earlier }, to: { us: told.firstRow.us }, cause: 'no_row' });
    const closed = `INSERT INTO gehra.feed_gaps VALUES ($1, to_timestamp($2::bigint / 1e6), to_timestamp($3::bigint / 1e6), 'market_closed', $4)`;
    await client.query(closed, [DEPTH_FEED, earlier - 1_000_000, OPEN_US, [market.instrumentId]]);
    const closedBefore = await exported('depth_sides', 'csv', null, market.toUs, earlier);
    expect(closedBefore.gaps).toBe(1);
    await client.query(`DELETE FROM gehra.feed_gaps WHERE cause = 'market_closed'`);
  });

  it('stands in a Parquet file too', async () => {
    const { file, about } = await exported('depth_sides', 'parquet');
    const result = await duck.runAndReadAll(`SELECT key, value FROM parquet_kv_metadata('${file}')`);
    const kept = result
      .getRows()
      .map((row) => row.map((blob) => Buffer.from((blob as { bytes: Uint8Array }).bytes).toString()));
    expect(kept).toEqual([[PARQUET_ABOUT_KEY, about]]);
  });

  it('has a file with nothing but its header where nothing is stored', async () => {
    const { file, rows, about } = await exported('ticks', 'csv', null, OPEN_US + 1);
    expect(rows).toBe(0);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toEqual([
      COLUMNS_OF_KIND.ticks.map(({ name }) => name).join(','),
    ]);
    expect(JSON.parse(about)).toMatchObject({ feed: null, heardShare: 0, rows: 0 });
  });
});

describe('events for hftbacktest', () => {
  interface Event {
    readonly flags: number;
    readonly kind: number;
    readonly exchangeNs: bigint;
    readonly localNs: bigint;
    readonly price: number;
    readonly quantity: number;
  }

  /** As NumPy reads its format 1.0, and as hftbacktest's own reader demands it. */
  function readEvents(file: string): Event[] {
    const bytes = readFileSync(file);
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    const headerEnd = 10 + bytes.readUInt16LE(8);
    expect(headerEnd % 64).toBe(0);
    const header = bytes.subarray(10, headerEnd).toString('latin1');
    const [, descr, shape] =
      /^\{'descr': (\[.*\]), 'fortran_order': False, 'shape': \((\d+),\), \} *\n$/.exec(header) ?? [];
    expect(descr).toBe(
      "[('ev', '<u8'), ('exch_ts', '<i8'), ('local_ts', '<i8'), ('px', '<f8'), ('qty', '<f8'), ('order_id', '<u8'), ('ival', '<i8'), ('fval', '<f8')]",
    );
    expect(bytes.length).toBe(headerEnd + Number(shape) * EVENT_BYTES);
    return Array.from({ length: Number(shape) }, (_, i) => {
      const at = headerEnd + i * EVENT_BYTES;
      const flags = Number(bytes.readBigUInt64LE(at));
      expect([bytes.readBigUInt64LE(at + 40), bytes.readBigInt64LE(at + 48), bytes.readDoubleLE(at + 56)]).toEqual([
        0n,
        0n,
        0,
      ]);
      return {
        flags,
        kind: flags & 0xff,
        exchangeNs: bytes.readBigInt64LE(at + 8),
        localNs: bytes.readBigInt64LE(at + 16),
        price: bytes.readDoubleLE(at + 24),
        quantity: bytes.readDoubleLE(at + 32),
      };
    });
  }

  it('rebuild every stored book, hold nothing over the gap, and carry every trade', async () => {
    const file = await exported('hftbacktest', 'npy');
    const events = readEvents(file.file);
    expect(events.length).toBe(file.rows);
    const has = (event: Event, flag: number): boolean => Math.floor(event.flags / flag) % 2 === 1;
    let lastNs = 0n;
    for (const event of events) {
      expect(has(event, EVENT.exchange) && has(event, EVENT.local)).toBe(true);
      expect(event.exchangeNs).toBe(event.localNs);
      expect(event.localNs >= lastNs).toBe(true);
      lastNs = event.localNs;
    }

    const frames = await stored(
      `SELECT ${us('time')}, side, prices, quantities FROM gehra.depth_snapshots ORDER BY time`,
    );
    const gaps = await stored(`SELECT ${us('from_time')}, ${us('to_time')} FROM gehra.feed_gaps`);
    const [gapFromUs] = gaps[0] as [number, number];
    const depth = events.filter(({ kind }) => kind === EVENT.depth);
    const sides = [new Map<number, number>(), new Map<number, number>()] as const;
    let at = 0;
    const applyUntil = (stampUs: number): void => {
      for (; at < depth.length && (depth[at] as Event).localNs <= BigInt(stampUs) * 1000n; at += 1) {
        const event = depth[at] as Event;
        expect(has(event, EVENT.buy)).toBe(!has(event, EVENT.sell));
        const book = sides[has(event, EVENT.buy) ? 0 : 1];
        const price = Math.round(event.price * 100);
        expect(event.price).toBe(price / 100);
        if (event.quantity === 0) expect(book.delete(price)).toBe(true);
        else book.set(price, event.quantity);
      }
    };
    let cleared = false;
    for (const [stampUs, side, prices, quantities] of frames as [number, 0 | 1, number[], number[]][]) {
      if (!cleared && stampUs > gapFromUs) {
        applyUntil(gapFromUs + 1);
        expect([sides[0].size, sides[1].size]).toEqual([0, 0]);
        cleared = true;
      }
      applyUntil(stampUs);
      const book = new Map<number, number>();
      for (const [i, price] of prices.entries()) book.set(price, (book.get(price) ?? 0) + (quantities[i] as number));
      expect(Object.fromEntries(sides[side])).toEqual(Object.fromEntries(book));
    }
    expect(cleared).toBe(true);
    expect(at).toBe(depth.length);

    const trades = await stored(
      `SELECT ${us('time')}, last_price, volume_delta, aggressor FROM gehra.ticks WHERE volume_delta > 0 ORDER BY time`,
    );
    const told = events
      .filter(({ kind }) => kind === EVENT.trade)
      .map((event) => [
        Number(event.localNs / 1000n),
        Math.round(event.price * 100),
        event.quantity,
        has(event, EVENT.buy) ? 1 : has(event, EVENT.sell) ? 2 : 0,
      ]);
    expect(told.length).toBeGreaterThan(100);
    expect(told).toEqual(trades);
  });
});
