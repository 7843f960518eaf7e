/** d1–d3: bytes of a book of 200 levels a side, in every form in which one is kept. */
import { spawnSync } from 'node:child_process';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type Client, connect } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { loadPositions } from '../db/positions.ts';
import { SideEncoder } from '../lib/book/messages.ts';
import { ByteWriter } from '../lib/core/bytes.ts';
import { feedById } from '../lib/core/feeds.ts';
import { ASK, BID, type Side, type SideLevels } from '../lib/core/side.ts';
import { type JournalRecord, RECORD, RECORD_HEADER_BYTES } from '../lib/journal/format.ts';
import { decodeBlock, encodeBlock } from '../lib/journal/sealed-block.ts';
import { BLOCK_HEADER_BYTES, BLOCK_RAW_BYTES } from '../lib/journal/sealed-file.ts';
import { createLog } from '../lib/obs/log.ts';
import { EntryWriter } from '../lib/queue/entry.ts';
import { encodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { createDatabase, startTestPostgres } from '../tests/support/servers.ts';
import { Batch } from '../workers/writer/batch.ts';
import { storeBatch } from '../workers/writer/store.ts';
import type { Bench, Measure, Metrics, Skipped, Variant } from './support/bench.ts';
import { ownCpuSeconds } from './support/cpu.ts';
import { deltaColumns, entropyBytes } from './support/delta-symbols.ts';
import type { GoalId } from './support/goals.ts';
import { createPeerTable, storeByLevel } from './support/row-per-level.ts';
import { DATA_SETS, type DataSet, presentDataSets, type TimedBook, timedBooks } from './support/sealed-books.ts';
import { storedTileBytes, tickSizeOf } from './support/tile-bytes.ts';

const FEED = feedById(31);
const SEGMENT = 2;
const SECURITY_ID = 55_796;
/** Books that are stored with a row a level, which takes long. */
const STORED_BOOKS = 60;
const SIDES = [BID, ASK] as const;
const ALL = Object.keys(DATA_SETS) as DataSet[];

const metricOf = (name: DataSet): string => `${name} B/book`;

/** What a form of the books of one set takes, in bytes; further figures beside it. */
type Size = (books: readonly TimedBook[]) => number | { bytes: number; further: Metrics } | Promise<number>;

function variant(name: string, what: string, size: Size): Variant {
  return {
    name,
    what,
    async run(): Promise<Metrics | Skipped> {
      const missing = ALL.filter((set) => !presentDataSets().includes(set));
      if (missing.length > 0) return { skipped: `no recording of ${missing.join(', ')} stands beside the checkout` };
      const metrics: Record<string, number> = {};
      for (const set of ALL) {
        const books = await timedBooks(set);
        const result = await size(books);
        const { bytes, further } = typeof result === 'number' ? { bytes: result, further: {} } : result;
        metrics[metricOf(set)] = bytes / books.length;
        for (const [metric, value] of Object.entries(further)) metrics[`${set} ${metric}`] = value;
      }
      return metrics;
    },
  };
}

const frameOf = (side: Side, levels: SideLevels): Buffer => encodeDhanDepth(200, SEGMENT, SECURITY_ID, side, levels);

/** Records as the collector journals them: the asks come a little after the bids. */
const recordsOf = (books: readonly TimedBook[]): JournalRecord[] =>
  books.flatMap(({ stampUs, sides }, i) =>
    SIDES.map((side) => ({
      stampUs: stampUs + (side === ASK ? 600 + ((i * 7919) % 1500) : 0),
      kind: RECORD.frame,
      payload: frameOf(side, sides[side]),
    })),
  );

const recordBytes = ({ payload }: JournalRecord): number => RECORD_HEADER_BYTES + payload.length;

/** As many records as a block takes, and so on. */
function blocksOf(records: readonly JournalRecord[]): JournalRecord[][] {
  const blocks: JournalRecord[][] = [];
  let size = BLOCK_RAW_BYTES;
  for (const record of records) {
    if (size >= BLOCK_RAW_BYTES) {
      blocks.push([]);
      size = 0;
    }
    (blocks.at(-1) as JournalRecord[]).push(record);
    size += recordBytes(record);
  }
  return blocks;
}

function sealed(books: readonly TimedBook[]): ReturnType<Size> {
  const blocks = blocksOf(recordsOf(books));
  const from = ownCpuSeconds();
  const bodies = blocks.map((records) => encodeBlock(FEED, records).slice());
  const encoded = ownCpuSeconds();
  bodies.forEach((body, i) => {
    const raw = decodeBlock(
      FEED,
      body,
      (blocks[i] as JournalRecord[]).reduce((sum, one) => sum + recordBytes(one), 0),
    );
    const last = (blocks[i] as JournalRecord[]).at(-1) as JournalRecord;
    if (!raw.subarray(raw.length - last.payload.length).equals(last.payload)) throw new Error('other bytes came out');
  });
  const decoded = ownCpuSeconds();
  return {
    // Each block's header stands in the directory once more.
    bytes: bodies.reduce((sum, { length }) => sum + length + 2 * BLOCK_HEADER_BYTES, 0),
    further: {
      'encode µs': ((encoded - from) * 1e6) / books.length,
      'decode µs': ((decoded - encoded) * 1e6) / books.length,
    },
  };
}

/** The columns of symbols as varints, each compressed for itself, a file's worth at a time. */
function columnsBrotli(books: readonly TimedBook[]): number {
  return deltaColumns(books).reduce((sum, column) => {
    const writer = new ByteWriter(column.length * 2);
    for (const symbol of column) writer.zigzag(symbol);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
    return sum + brotliCompressSync(writer.view(), { params }).length;
  }, 0);
}

/** A line a changed level, as tardis.dev's incremental_book_L2 has them; order counts find no place in it. */
function incrementalCsv(books: readonly TimedBook[]): number {
  const lines = ['exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount'];
  const known: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  books.forEach(({ stampUs, sides }, book) => {
    for (const side of SIDES) {
      const { count, prices, quantities } = sides[side];
      const now = new Map<number, number>();
      for (let i = 0; i < count; i += 1) now.set(prices[i] as number, quantities[i] as number);
      const line = (price: number, quantity: number): void => {
        const name = side === BID ? 'bid' : 'ask';
        lines.push(`nse,NIFTY,${stampUs},${stampUs + 120},${book === 0},${name},${price / 100},${quantity}`);
      };
      for (const price of known[side].keys()) if (!now.has(price)) line(price, 0);
      for (const [price, quantity] of now) if (known[side].get(price) !== quantity) line(price, quantity);
      known[side] = now;
    }
  });
  return gzipSync(lines.join('\n')).length;
}

/** Records of a fixed size as DBN's MBP has them, with 200 levels: 48 bytes, and 32 a level. */
function fixedStruct(books: readonly TimedBook[]): Buffer {
  const size = 48 + 200 * 32;
  const bytes = Buffer.alloc(books.length * size);
  books.forEach(({ stampUs, sides }, book) => {
    const start = book * size;
    bytes.writeUInt8(size / 4 > 255 ? 255 : size / 4, start);
    bytes.writeUInt8(10, start + 1);
    bytes.writeUInt16LE(1, start + 2);
    bytes.writeUInt32LE(SECURITY_ID, start + 4);
    bytes.writeBigUInt64LE(BigInt(stampUs) * 1000n, start + 8);
    bytes.writeBigUInt64LE(BigInt(stampUs) * 1000n + 120_000n, start + 32);
    bytes.writeUInt32LE(book, start + 44);
    for (const side of SIDES) {
      const { count, prices, quantities, orders } = sides[side];
      for (let i = 0; i < count; i += 1) {
        const at = start + 48 + i * 32;
        bytes.writeBigInt64LE(BigInt(prices[i] as number) * 10_000_000n, at + side * 8);
        bytes.writeUInt32LE(quantities[i] as number, at + 16 + side * 4);
        bytes.writeUInt32LE(orders[i] as number, at + 24 + side * 4);
      }
    }
  });
  return bytes;
}

function fixedStructZstd(books: readonly TimedBook[]): number {
  const run = spawnSync('zstd', ['-3', '-q', '-c'], { input: fixedStruct(books), maxBuffer: 1024 ** 3 });
  if (run.error) throw new Error(`zstd could not be started (package zstd): ${run.error.message}`);
  return run.stdout.length;
}

/** Size of a table with its indexes. */
async function stored(
  books: readonly TimedBook[],
  some: readonly TimedBook[],
  store: (client: Client, url: string, books: readonly TimedBook[]) => Promise<string>,
): Promise<number> {
  const server = await startTestPostgres();
  try {
    const { url } = await createDatabase(server.url);
    const client = await connect(url, 'bench');
    const tables = await store(client, url, some);
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c WHERE c.relkind = $2 AND c.relname LIKE $1',
      [tables, 'r'],
    );
    await client.end();
    return (Number(rows[0]?.bytes) / some.length) * books.length;
  } finally {
    await server.stop();
  }
}

async function rowPerLevel(client: Client, _url: string, books: readonly TimedBook[]): Promise<string> {
  await createPeerTable(client);
  for (const { stampUs, sides } of books)
    await storeByLevel(client, stampUs / 1000, { bids: sides[BID], asks: sides[ASK] });
  return 'depth_levels_peer';
}

const entriesOf = (books: readonly TimedBook[]): { stampUs: number; bytes: Buffer }[] => {
  const writer = new EntryWriter();
  return books.flatMap(({ stampUs, sides }) =>
    SIDES.map((side) => {
      writer.begin();
      writer.depth(1, 0, side, 0, 0, sides[side]);
      return { stampUs: stampUs + side, bytes: writer.finish() as Buffer };
    }),
  );
};

async function arrays(client: Client, url: string, books: readonly TimedBook[]): Promise<string> {
  await migrate(url, createLog('bench', 'warn'));
  const positionUs = (await loadPositions(client, [FEED.id])).get(FEED.id) as number;
  const batch = new Batch();
  batch.clear();
  // Today: what is older has no partition.
  const shiftUs = Date.now() * 1000 - (books[0] as TimedBook).stampUs;
  for (const { stampUs, bytes } of entriesOf(books))
    batch.add(FEED.id, positionUs, { stampUs: stampUs + shiftUs, bytes });
  await storeBatch(client, batch);
  return 'depth_snapshots%';
}

/** Live messages as SSE carries them, in base64; all keyframes, or as deltas. */
function live(books: readonly TimedBook[], keyframes: boolean): number {
  const newEncoders = (): SideEncoder[] => SIDES.map((side) => new SideEncoder(1, side));
  let encoders = newEncoders();
  let bytes = 0;
  for (const { stampUs, sides } of books) {
    if (keyframes) encoders = newEncoders();
    for (const side of SIDES) {
      const message = (encoders[side] as SideEncoder).next(sides[side], stampUs, stampUs);
      bytes += 4 * Math.ceil(message.length / 3);
    }
  }
  return bytes;
}

function brotliSegment(books: readonly TimedBook[]): number {
  const raw = Buffer.concat(
    recordsOf(books).map(({ payload }) => Buffer.concat([Buffer.alloc(RECORD_HEADER_BYTES), payload])),
  );
  return brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }).length;
}

function tiles(books: readonly TimedBook[]): ReturnType<Size> {
  const byWidth = [...storedTileBytes(books, tickSizeOf(books))];
  return {
    bytes: byWidth.reduce((sum, [, bytes]) => sum + bytes, 0),
    further: Object.fromEntries(byWidth.map(([ms, bytes]) => [`${ms / 1000} s columns B/book`, bytes / books.length])),
  };
}

const ofEach = (goal: GoalId, over: string, under: string): Measure[] =>
  ALL.map((set) => ({ goal, metric: metricOf(set), variant: over, per: under }));

const seal: Bench = {
  name: 'book-bytes',
  what: 'A book of 200 levels a side, in every form in which one is kept or sent, at a book each 203 ms',
  worse:
    'At the predecessor’s 85 kB a book a day of one instrument is 10 GB; a disk then decides how much history there is.',
  roundsMax: 1,
  measures: [
    ...ofEach('d1', 'sealed', 'entropy'),
    ...ofEach('d2', 'row-per-level', 'sealed'),
    ...ofEach('d3-csv', 'csv-gz', 'sealed'),
    ...ofEach('d3-dbn', 'dbn-zstd', 'sealed'),
  ],
  variants: [
    variant('sealed', 'the sealed journal: lossless, stamps included; µs are CPU, of both sides.', sealed),
    variant(
      'entropy',
      'order-0 entropy of the delta symbols: the floor of a coder without memory; no stamps.',
      (books) => deltaColumns(books).reduce((sum, column) => sum + entropyBytes(column), 0),
    ),
    variant(
      'columns-brotli',
      'the delta symbols in columns, brotli 11 over the whole recording; no stamps.',
      columnsBrotli,
    ),
    variant(
      'row-per-level',
      `the predecessor’s table, a row a level, with its five indexes; ${STORED_BOOKS} books.`,
      (books) => stored(books, books.slice(0, STORED_BOOKS), rowPerLevel),
    ),
    variant(
      'csv-gz',
      'as tardis.dev’s incremental_book_L2: a line a changed level, gzip; no order counts.',
      incrementalCsv,
    ),
    variant('dbn-zstd', 'records of a fixed size as DBN’s MBP, zstd 3 over the whole recording.', fixedStructZstd),
    variant('journal', 'the open journal: raw frames with their headers.', (books) =>
      recordsOf(books).reduce((sum, record) => sum + recordBytes(record), 0),
    ),
    variant('journal-closed', 'a closed segment of the journal, brotli 1.', brotliSegment),
    variant('arrays', 'the database’s rows, an array a column, with their index, on plain PostgreSQL.', (books) =>
      stored(books, books, arrays),
    ),
    variant(
      'tile',
      'the heatmap’s stored tiles, twelve of each of three widths of columns, gzip; of five minutes without trades. Not lossless.',
      tiles,
    ),
    variant('stream-entry', 'entries of the queue, as they stand in Redis.', (books) =>
      entriesOf(books).reduce((sum, { bytes }) => sum + bytes.length, 0),
    ),
    variant('sse-keyframe', 'live messages that stand by themselves, in base64.', (books) => live(books, true)),
    variant('sse-delta', 'live messages that tell what has changed, in base64.', (books) => live(books, false)),
  ],
};

export const benches = [seal];
