/** The journal gives again what was recorded: the same rows as the writer stored, the same lines however often it is read. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool } from '../../db/connect.ts';
import { COPY_HEADER, COPY_TRAILER } from '../../db/copy.ts';
import { DEPTH_ROW, TICK_ROW } from '../../db/market-rows.ts';
import { type FlowTick, flowRows } from '../../lib/orderflow/flow-rows.ts';
import { packFootprint } from '../../lib/orderflow/packed-footprint.ts';
import { ReplayPrinter } from '../../lib/replay/ndjson.ts';
import { findReplay, type ReplaySourceName } from '../../lib/services/replay-source.ts';
import { Batch } from '../../workers/writer/batch.ts';
import { gehra } from '../support/gehra.ts';
import { DEPTH200, KITE, NIFTY, type Recorded, recordSession, SECOND_US, START_US } from '../support/recorded.ts';

const SECONDS = 48;
const END_US = START_US + SECONDS * SECOND_US;
let recorded: Recorded;
let pool: pg.Pool;

beforeAll(async () => {
  recorded = await recordSession(inject('postgresUrl'), SECONDS);
  pool = createPool(recorded.databaseUrl, 'test', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await recorded.stop();
});

const places = () => ({ db: pool, journalDir: path.join(recorded.dataDir, 'journal') });
const sha256 = (...parts: Buffer[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** All entries of the session, put into the batch that a writer would commit. */
async function replayedBatch(source: ReplaySourceName): Promise<Batch> {
  const found = await findReplay(places(), { fromUs: START_US, toUs: END_US, instrumentIds: null }, source);
  const batch = new Batch();
  for await (const entries of found?.open(START_US) ?? []) {
    for (const { feedId, stampUs, bytes } of entries) batch.add(feedId, 0, { stampUs, bytes });
  }
  return batch;
}

/** Rows of a batch in the order of their names. */
function rowsOf(batch: Batch, table: 'depth' | 'ticks'): Buffer[] {
  return batch.origins[table]
    .toSorted((a, b) => a.feedId - b.feedId || a.stampUs - b.stampUs || a.n - b.n)
    .map(({ from, to }) => Buffer.from(batch.copies[table].slice(from, to)));
}

/** What the database gives back in the form in which rows are written. */
async function storedRows(table: string, columns: string): Promise<Buffer> {
  const { to } = await import('pg-copy-streams');
  const client = new pg.Client({ connectionString: recorded.databaseUrl });
  await client.connect();
  const chunks: Buffer[] = [];
  const select = `SELECT ${columns} FROM gehra.${table} ORDER BY feed_id, time, n`;
  for await (const chunk of client.query(to(`COPY (${select}) TO STDOUT (FORMAT binary)`)))
    chunks.push(chunk as Buffer);
  await client.end();
  const bytes = Buffer.concat(chunks);
  expect(bytes.subarray(0, COPY_HEADER.length)).toEqual(COPY_HEADER);
  return bytes.subarray(COPY_HEADER.length, bytes.length - COPY_TRAILER.length);
}

describe('a recorded session', () => {
  it('has its rows again, byte for byte, from every reading of its journal', async () => {
    const [first, second] = [await replayedBatch('journal'), await replayedBatch('journal')];
    expect(first.origins.depth.length).toBeGreaterThan(400);
    expect(first.origins.ticks.length).toBeGreaterThan(100);
    expect(first.quarantine.length).toBeGreaterThan(0);
    for (const [table, stored, columns] of [
      ['depth', 'depth_snapshots', DEPTH_ROW],
      ['ticks', 'ticks', TICK_ROW],
    ] as const) {
      const hash = sha256(...rowsOf(first, table));
      expect(sha256(...rowsOf(second, table)), table).toBe(hash);
      expect(sha256(await storedRows(stored, columns)), `${table} as stored`).toBe(hash);
    }
  });

  it('has its bars and footprints again', async () => {
    const batch = await replayedBatch('journal');
    const flow = batch.origins.ticks.flatMap((origin): FlowTick[] => (origin.flow ? [origin.flow] : []));
    const { bars, minutes } = flowRows(flow);
    const numbers = async (sql: string): Promise<number[][]> =>
      (await pool.query<{ row: number[] }>(sql)).rows.map(({ row }) => row.map(Number));
    expect(
      await numbers(
        `SELECT ARRAY[extract(epoch FROM time) * 1e6, open, high, low, close, buy, sell, unknown, unattributed, min_delta,
           max_delta, trades, value] AS row FROM gehra.flow_bars ORDER BY time`,
      ),
    ).toEqual(
      bars.map((b) => [
        b.fromUs,
        b.open,
        b.high,
        b.low,
        b.close,
        b.buy,
        b.sell,
        b.unknown,
        b.unattributed,
        b.minDelta,
        b.maxDelta,
        b.trades,
        b.value,
      ]),
    );
    const { rows } = await pool.query(
      'SELECT (extract(epoch FROM time) * 1e6)::bigint AS from_us, cells FROM gehra.flow_minutes ORDER BY time',
    );
    expect(rows).toEqual(
      minutes.map(({ fromUs, footprint }) => ({ from_us: fromUs, cells: packFootprint(footprint.rows()) })),
    );
  });

  it('is the same from the database as from the journal: rows of it, and lines with their metrics', async () => {
    const [journal, database] = [await replayedBatch('journal'), await replayedBatch('database')];
    for (const table of ['depth', 'ticks'] as const) {
      expect(sha256(...rowsOf(database, table)), table).toBe(sha256(...rowsOf(journal, table)));
    }
    // From the middle, where what came before has to be known; without gaps, which the journal learnt of later.
    const lines = async (source: ReplaySourceName): Promise<string[]> => {
      const fromUs = START_US + 20 * SECOND_US;
      const printed: string[] = [];
      const printer = new ReplayPrinter(fromUs, new Map([[NIFTY.id, NIFTY]]), new Set([NIFTY.id]), (line) => {
        if (!line.startsWith('{"type":"gap"')) printed.push(line);
      });
      const ids = new Set([NIFTY.id]);
      const found = await findReplay(places(), { fromUs, toUs: END_US, instrumentIds: ids }, source);
      expect(found?.source).toBe(source);
      expect(found?.feedIds).toEqual([KITE.id, DEPTH200.id]);
      for await (const entries of found?.open(fromUs) ?? []) for (const entry of entries) printer.take(entry);
      return printed;
    };
    const fromJournal = await lines('journal');
    expect(fromJournal.length).toBeGreaterThan(500);
    expect(await lines('database')).toEqual(fromJournal);
  });

  it('is printed by ./gehra replay with the same hash every time', async () => {
    const replay = (...args: string[]) =>
      gehra(
        [
          'replay',
          '--from',
          String(START_US / 1000),
          '--to',
          String(END_US / 1000),
          '--data',
          recorded.dataDir,
          ...args,
        ],
        { env: { DATABASE_URL: recorded.databaseUrl } },
      );
    const one = await replay('--json');
    expect(one.stderr).toBe('');
    expect(one.code).toBe(0);
    const again = await replay('--json');
    expect(sha256(Buffer.from(again.stdout))).toBe(sha256(Buffer.from(one.stdout)));
    const lines = one.stdout.trim().split('\n');
    const end = JSON.parse(lines.at(-1) as string) as { type: string; lines: number; sha256: string };
    expect(end).toEqual({
      type: 'end',
      lines: lines.length - 1,
      sha256: sha256(Buffer.from(`${lines.slice(0, -1).join('\n')}\n`)),
    });
    const kinds = new Set(lines.map((line) => (JSON.parse(line) as { type: string }).type));
    expect([...kinds].sort()).toEqual(['depth', 'end', 'gap', 'metrics', 'reject', 'replay', 'tick']);
    // Without a database the journal names the instruments itself.
    const summary = await gehra([
      'replay',
      '--from',
      String(START_US / 1000),
      '--to',
      String(END_US / 1000),
      '--data',
      recorded.dataDir,
      '--instrument',
      'nfo:nifty26decfut',
    ]);
    expect(summary.code, summary.stderr).toBe(0);
    expect(summary.stdout).toMatch(/NFO:NIFTY26DECFUT +\d+ +120 /);
  });
});

it('reads rows in windows of time, whatever lies between', async () => {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::integer AS n FROM gehra.depth_snapshots');
  const batch = await replayedBatch('database');
  expect(batch.origins.depth.length).toBe(rows[0]?.n);
});
