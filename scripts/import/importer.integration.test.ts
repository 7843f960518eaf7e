/** Recordings in the database: equal to what an independent program made of them, and the same after any number of imports. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { type ImportSession, importSessions } from '../../db/imports.ts';
import { findInstruments } from '../../db/instruments.ts';
import { migrate } from '../../db/migrate.ts';
import type { Exchange } from '../../lib/core/exchange.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { StreamSink } from '../../lib/export/sink.ts';
import { writeExport } from '../../lib/export/write-export.ts';
import { bars, footprint } from '../../lib/services/orderflow.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { SHANGHAI_MIDNIGHT_US, tableOf } from '../../tests/support/real-trades.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { describeWithShared, sharedPath } from '../../tests/support/shared.ts';
import { type ImportProgress, importRecording } from './importer.ts';

const log = pino({ level: 'silent' });
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const NOW_US = Date.UTC(2026, 10, 25) * 1000;

let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let folder: string;
let stopServices: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  ({ stop: stopServices } = await startTestServices(database.url, log));
});
afterAll(async () => {
  await stopServices();
  await database.drop();
});
beforeEach(async () => {
  client = await connect(database.url, 'test');
  folder = newDataFolder();
});
afterEach(async () => {
  await client.end();
  rmSync(folder, { recursive: true });
});

const nothing = (): void => undefined;

/** Everything that the tables hold of a session, as one number each. */
async function contents(feedId: number): Promise<unknown> {
  const { rows } = await client.query(
    `SELECT (SELECT md5(string_agg(t::text, '|' ORDER BY t.feed_id, t.time, t.n)) FROM gehra.ticks AS t WHERE t.feed_id = $1) AS ticks,
       (SELECT md5(string_agg(d::text, '|' ORDER BY d.feed_id, d.time, d.n)) FROM gehra.depth_snapshots AS d WHERE d.feed_id = $1) AS depth,
       (SELECT md5(string_agg(b::text, '|' ORDER BY b.feed_id, b.time)) FROM gehra.flow_bars AS b WHERE b.feed_id = $1) AS bars,
       (SELECT md5(string_agg(m::text, '|' ORDER BY m.feed_id, m.time)) FROM gehra.flow_minutes AS m WHERE m.feed_id = $1) AS minutes,
       (SELECT md5(string_agg(s::text, '|' ORDER BY s.feed_id)) FROM gehra.import_sessions AS s WHERE s.feed_id = $1) AS sessions`,
    [feedId],
  );
  return rows[0];
}

const CASES = [
  {
    name: 'Binance spot ETHUSDT',
    file: ['binance-spot-ethusdt-20240808', 'raw.jsonl.gz'],
    bars: 'ref_bars_1s.csv.gz',
    instrument: 'NSE:ETHUSDT',
    interval: '1s',
    fromUs: (row: Record<string, number>) => (row.recv_s as number) * SECOND_US,
    quantityScale: 10_000,
  },
  {
    name: 'Binance COIN-M BTCUSD_PERP',
    file: ['binance-coinm-btcusd_perp-20240808', 'raw.jsonl.gz'],
    bars: 'ref_bars_1s.csv.gz',
    instrument: 'NSE:BTCUSDPERP',
    interval: '1s',
    fromUs: (row: Record<string, number>) => (row.recv_s as number) * SECOND_US,
    quantityScale: 1,
  },
  {
    name: 'Shanghai 601825',
    file: ['sse-l3-20230711', '601825sh_events.csv.gz'],
    bars: '601825sh_ref_bars_10s.csv.gz',
    instrument: 'NSE:SH601825',
    interval: '5s',
    fromUs: (row: Record<string, number>) => SHANGHAI_MIDNIGHT_US + (row.ms_start as number) * 1000,
    quantityScale: 1,
  },
  {
    name: 'Shanghai 600536',
    file: ['sse-l3-20230711', '600536sh_events.csv.gz'],
    bars: '600536sh_ref_bars_10s.csv.gz',
    instrument: 'NSE:SH600536',
    interval: '5s',
    fromUs: (row: Record<string, number>) => SHANGHAI_MIDNIGHT_US + (row.ms_start as number) * 1000,
    quantityScale: 1,
  },
] as const;

describeWithShared('data', 'an imported recording', () => {
  for (const { name, file, bars: reference, instrument, interval, fromUs, quantityScale } of CASES) {
    it(`${name}: has the bars and the footprints of an independent program`, { timeout: 300_000 }, async () => {
      const caller = await demoCaller();
      const told: ImportProgress[] = [];
      const result = await importRecording(client, sharedPath('data', ...file), NOW_US, (it) => told.push(it));
      expect(result.bad).toEqual({ count: 0, named: [] });
      expect(told.length).toBeGreaterThan(1);
      expect(told.at(-1)).toMatchObject({ ticks: result.ticks, books: result.books });
      const rows = tableOf('data', file[0], reference).filter((row) => (row.trades as number) > 0);
      expect(rows.length).toBeGreaterThan(400);
      const barUs = rows.length > 0 && interval === '1s' ? SECOND_US : 10 * SECOND_US;
      const ours = new Map<number, Awaited<ReturnType<typeof bars>>['bars'][number][]>();
      // No request takes a whole day of short bars.
      const endUs = fromUs(rows.at(-1) as Record<string, number>) + barUs;
      for (let at = fromUs(rows[0] as Record<string, number>); at < endUs; at += 3600 * SECOND_US) {
        const answer = await bars(caller, {
          instrument,
          from: at,
          to: Math.min(endUs, at + 3600 * SECOND_US),
          interval,
        });
        // An hour in which nothing traded is nobody's.
        if (answer.bars.length > 0) expect(answer.feed).toBe(result.session.feed);
        for (const bar of answer.bars) {
          const start = Math.floor((Date.parse(bar.time) * 1000) / barUs) * barUs;
          ours.set(start, [...(ours.get(start) ?? []), bar]);
        }
      }
      for (const row of rows) {
        const parts = ours.get(fromUs(row)) ?? [];
        const units = (column: string): number => Math.round((row[column] as number) * quantityScale);
        const price = (column: string): number => Math.round((row[column] as number) * 100);
        const sum = (of: 'volume' | 'buy' | 'sell' | 'trades'): number =>
          parts.reduce((total, bar) => total + bar[of], 0);
        expect(
          [
            parts[0]?.open,
            Math.max(...parts.map(({ high }) => high as number)),
            Math.min(...parts.map(({ low }) => low as number)),
            parts.at(-1)?.close,
            sum('volume'),
            sum('buy'),
            sum('sell'),
            sum('trades'),
          ],
          `bar at ${fromUs(row)}`,
        ).toEqual([
          price('open'),
          price('high'),
          price('low'),
          price('close'),
          units('volume'),
          units('buy_volume'),
          units('sell_volume'),
          row.trades,
        ]);
      }
      // A minute's footprint holds what its bars hold.
      const from = Math.ceil(fromUs(rows[0] as Record<string, number>) / (60 * SECOND_US)) * 60 * SECOND_US;
      const asked = { instrument, from, to: from + 120 * SECOND_US } as const;
      const minutes = await bars(caller, { ...asked, interval: '1m' });
      const cells = await footprint(caller, { ...asked, interval: '1m', row_ticks: 1, ratio: 3, min_difference: 1 });
      expect(cells.bars.length).toBe(2);
      for (const [i, { cells: rowsOfBar }] of cells.bars.entries()) {
        const total = (of: 'buy' | 'sell' | 'unknown'): number => rowsOfBar.reduce((sum, cell) => sum + cell[of], 0);
        const { buy, sell, unknown } = minutes.bars[i] ?? {};
        expect([total('buy'), total('sell'), total('unknown')]).toEqual([buy, sell, unknown]);
      }
    });
  }

  it('changes nothing when it is imported again', { timeout: 300_000 }, async () => {
    const file = sharedPath('data', 'sse-l3-20230711', '601825sh_events.csv.gz');
    const first = await importRecording(client, file, NOW_US, nothing);
    const before = await contents(first.session.feedId);
    const again = await importRecording(client, file, NOW_US, nothing);
    expect(again).toMatchObject({ ticks: 0, books: 0, wasComplete: true });
    expect(again.session.feed).toBe(first.session.feed);
    expect(await contents(first.session.feedId)).toEqual(before);
  });

  it('goes on where it was cut off, and comes back where retention took its rows', { timeout: 300_000 }, async () => {
    const file = sharedPath('data', 'sse-l3-20230711', '601825sh_events.csv.gz');
    const { session } = await importRecording(client, file, NOW_US, nothing);
    const whole = await contents(session.feedId);
    const count = async (): Promise<number> => {
      const { rows } = await client.query<{ n: number }>(
        'SELECT count(*)::integer AS n FROM gehra.ticks WHERE feed_id = $1',
        [session.feedId],
      );
      return rows[0]?.n ?? 0;
    };
    const all = await count();
    await client.query('DELETE FROM gehra.ticks WHERE feed_id = $1', [session.feedId]);
    // Half way the connection is cut.
    let parts = 0;
    const cut = await connect(database.url, 'test');
    await expect(
      importRecording(cut, file, NOW_US, () => {
        parts += 1;
        if (parts === 2) throw new Error('cut');
      }),
    ).rejects.toThrow('cut');
    await cut.end();
    const half = (await importSessions(client)).find(({ feed }) => feed === session.feed);
    expect(half?.finished).toBe(false);
    expect(await count()).toBeLessThan(all);
    expect((await importRecording(client, file, NOW_US, nothing)).ticks).toBeLessThan(all);
    const strip = (state: unknown): unknown => ({ ...(state as object), sessions: null });
    expect(strip(await contents(session.feedId))).toEqual(strip(whole));
    expect((await importSessions(client)).find(({ feed }) => feed === session.feed)).toMatchObject({
      ticks: all,
      finished: true,
    });
  });
});

describe('a recording with faults', () => {
  const HEAD = 'seq,ms,kind,side,order_no,buy_no,sell_no,price,qty';

  const written = (name: string, lines: readonly string[]): string => {
    const dir = path.join(folder, 'shanghai-20230711');
    mkdirSync(dir, { recursive: true });
    const file = path.join(dir, name);
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(lines.join('\n')) : lines.join('\n'));
    return file;
  };

  it('has its bad lines counted and named, and all others stored', async () => {
    const file = written('600001sh_events.csv', [
      HEAD,
      '1,34200000,O,B,1,,,10.00,300',
      '2,34200000,O,S,2,,,10.01,500',
      'this is no line',
      '3,34200010,T,B,,9,2,10.01,200',
      '4,34200020,C,S,77,,,10.01,100',
      '5,34200005,T,B,,9,2,10.01,100',
      '6,34200030,X,B,1,,,10.00,100',
      '7,34200040,T,S,,1,9,10.00,100',
    ]);
    const result = await importRecording(client, file, NOW_US, nothing);
    expect(result.ticks).toBe(2);
    expect(result.bad.count).toBe(4);
    expect(result.bad.named).toEqual([
      expect.stringMatching(/^line 4: no Shanghai event/),
      expect.stringMatching(/^line 7: its time is before/),
      expect.stringMatching(/^line 8: no Shanghai event/),
      expect.stringMatching(/^line 6: an order that is not there/),
    ]);
    const { rows } = await client.query(
      `SELECT aggressor, aggressor_confidence, volume_delta, last_price FROM gehra.ticks WHERE feed_id = $1 ORDER BY time`,
      [result.session.feedId],
    );
    expect(rows).toEqual([
      { aggressor: 1, aggressor_confidence: 4, volume_delta: 200, last_price: 1001 },
      { aggressor: 2, aggressor_confidence: 4, volume_delta: 100, last_price: 1000 },
    ]);
  });

  it('is exported under the name of its feed, and nothing before its beginning counts as heard', async () => {
    const file = written('600003sh_events.csv', [
      HEAD,
      '1,34200000,O,B,1,,,10.00,300',
      '2,34200000,O,S,2,,,10.01,500',
      '3,34230000,T,B,,9,2,10.01,200',
      '4,34290000,T,S,,1,9,10.00,100',
    ]);
    const { feed } = (await importRecording(client, file, NOW_US, nothing)).session;
    const session = (await importSessions(client)).find((one) => one.feed === feed) as ImportSession;
    const [exchange, symbol] = session.instrument.split(':') as [Exchange, string];
    const [instrument] = await findInstruments(client, [{ exchange, symbol }]);
    const fromUs = Math.floor((session.fromUs as number) / MINUTE_US) * MINUTE_US - 2 * MINUTE_US;
    const bytes: Buffer[] = [];
    const sink = new StreamSink(
      new Writable({
        write(chunk, _encoding, done) {
          bytes.push(chunk);
          done();
        },
      }),
    );
    const { rows, about } = await writeExport(
      {
        kind: 'ticks',
        format: 'ndjson',
        instrument: instrument as Instrument,
        interval: null,
        fromUs,
        toUs: fromUs + 10 * MINUTE_US,
        feedId: null,
      },
      { client, sink, onProgress: nothing, keepDays: { depth: 0, ticks: 0 }, nowUs: () => NOW_US },
    );
    expect(rows).toBe(2);
    expect(JSON.parse(about)).toMatchObject({ feed });
    const ticks = Buffer.concat(bytes)
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { signed_volume: number });
    expect(ticks.map(({ signed_volume }) => signed_volume)).toEqual([200, -100]);
    const answer = await bars(await demoCaller(), {
      instrument: session.instrument,
      from: fromUs,
      to: fromUs + 10 * MINUTE_US,
      interval: '5m',
    });
    const heard = (session.toUs as number) - (session.fromUs as number);
    const coverage = answer.bars.reduce((sum, bar) => sum + bar.coverage * 5 * MINUTE_US, 0);
    expect(coverage / SECOND_US).toBeCloseTo(heard / SECOND_US, 0);
  });

  it('is refused whole where it cannot be kept', async () => {
    const inFuture = written('600002sh_events.csv', [HEAD, '1,34200000,O,B,1,,,10.00,300']);
    await expect(importRecording(client, inFuture, Date.UTC(2020, 0, 1) * 1000, nothing)).rejects.toThrow(/future/);
    const summary = written('depth.csv', ['timestamp,best_bid,best_ask,total_bid_qty', '2025-12-29 13:40:00.94,1,2,3']);
    await expect(importRecording(client, summary, NOW_US, nothing)).rejects.toThrow(/no book in it to keep/);
    await expect(importRecording(client, path.join(folder, 'nothing'), NOW_US, nothing)).rejects.toThrow(
      /no recording at/,
    );
  });
});

describeWithShared('data/nse-nifty-fut-20251229', 'the NIFTY Kite file', () => {
  it('brings what was observed alone: none of the volume that was counted more than once', async () => {
    const file = sharedPath('data', 'nse-nifty-fut-20251229', 'kite_ticks_0936_1139.csv.gz');
    const { session, ticks } = await importRecording(client, file, NOW_US, nothing);
    expect(ticks).toBe(5837);
    const { rows } = await client.query<Record<string, number | null>>(
      `SELECT count(volume)::integer AS volumes, count(volume_delta)::integer AS deltas, count(oi)::integer AS ois,
         coalesce(sum(signed_volume), 0)::integer AS cvd, coalesce(sum(oi_delta), 0)::integer AS oi_change
       FROM gehra.ticks WHERE feed_id = $1`,
      [session.feedId],
    );
    // 588,750 is the true change of open interest; the file's own differences add up to 873,000.
    expect(rows[0]).toEqual({ volumes: 0, deltas: 0, ois: 5837, cvd: 0, oi_change: 588_750 });
    const flow = await client.query('SELECT FROM gehra.flow_bars WHERE feed_id = $1', [session.feedId]);
    expect(flow.rowCount).toBe(0);
  });
});
