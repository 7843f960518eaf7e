/** c1, c2: books into PostgreSQL, durable (synchronous commit). */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { type Client, connect } from '../db/connect.ts';
import { COPY_HEADER, COPY_TRAILER } from '../db/copy.ts';
import { migrate } from '../db/migrate.ts';
import { loadPositions } from '../db/positions.ts';
import { feedById } from '../lib/core/feeds.ts';
import { ASK, BID } from '../lib/core/side.ts';
import { createLog } from '../lib/obs/log.ts';
import { EntryWriter } from '../lib/queue/entry.ts';
import { encodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { createDatabase, startTestPostgres } from '../tests/support/servers.ts';
import { Batch } from '../workers/writer/batch.ts';
import { storeBatch } from '../workers/writer/store.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { type Book, recordBooks } from './support/books.ts';
import { ownCpuSeconds, treeCpuSeconds } from './support/cpu.ts';
import { createPeerTable, storeByLevel } from './support/row-per-level.ts';
import { quantile } from './support/time.ts';

const DISTINCT_BOOKS = 300;
const FEED = feedById(31);
/** The writer's default: it commits when it has so many rows (two a book), or after 250 ms. */
const ROWS_A_COMMIT = 2000;
const OUR_BOOKS = 8000;
const PEER_BOOKS = 150;
const RAW_BOOKS = 16_000;
/** Between two books, µs. */
const BOOK_US = 203_000;

/** Stores books one commit after the other: returns how many the commit had, 0 at the end. */
type Commit = () => Promise<number>;

/** Commits until nothing is left, in a database of its own; books a second, and a CPU second of client and server. */
async function load(prepare: (client: Client, url: string) => Promise<Commit>): Promise<Metrics> {
  const server = await startTestPostgres();
  try {
    const { url } = await createDatabase(server.url);
    const client = await connect(url, 'bench');
    const commit = await prepare(client, url);
    const cpu = (): number => ownCpuSeconds() + treeCpuSeconds([server.pid() as number]);
    const commitsMs: number[] = [];
    let books = 0;
    const cpuFrom = cpu();
    const from = performance.now();
    for (;;) {
      const began = performance.now();
      const stored = await commit();
      if (stored === 0) break;
      commitsMs.push(performance.now() - began);
      books += stored;
    }
    const seconds = (performance.now() - from) / 1000;
    const used = cpu() - cpuFrom;
    await client.end();
    return { 'books/cpu-s': books / used, 'books/s': books / seconds, 'commit p99 ms': quantile(commitsMs, 0.99) };
  } finally {
    await server.stop();
  }
}

/** What the queue would hand to the writer: two entries a book, read, made into rows, copied, positions moved. */
async function ours(client: Client, url: string): Promise<Commit> {
  await migrate(url, createLog('bench', 'warn'));
  let positionUs = (await loadPositions(client, [FEED.id])).get(FEED.id) as number;
  const books = recordBooks(DISTINCT_BOOKS);
  const writer = new EntryWriter();
  const encode = ({ bids, asks }: Book): Buffer[] =>
    ([BID, ASK] as const).map((side) => {
      writer.begin();
      writer.depth(1, 0, side, 0, 0, side === BID ? bids : asks);
      return writer.finish() as Buffer;
    });
  const entries = books.map(encode);
  const batch = new Batch();
  const startUs = Date.now() * 1000;
  let done = 0;
  return async () => {
    batch.clear();
    const before = done;
    for (; done < OUR_BOOKS && batch.rows < ROWS_A_COMMIT; done += 1) {
      const sides = entries[done % entries.length] as Buffer[];
      sides.forEach((bytes, side) => {
        batch.add(FEED.id, positionUs, { stampUs: startUs + done * BOOK_US + side, bytes });
      });
    }
    if (done === before) return 0;
    const refused = await storeBatch(client, batch);
    if (refused > 0 || batch.quarantine.length > 0) throw new Error('rows were refused');
    positionUs = batch.moves.get(FEED.id)?.toUs as number;
    return done - before;
  };
}

async function rowPerLevel(client: Client): Promise<Commit> {
  await createPeerTable(client);
  const books = recordBooks(DISTINCT_BOOKS);
  const startMs = Date.now();
  let done = 0;
  return async () => {
    if (done === PEER_BOOKS) return 0;
    await storeByLevel(client, startMs + (done * BOOK_US) / 1000, books[done % books.length] as Book);
    done += 1;
    return 1;
  };
}

/** COPY of whole frames as bytea: the least that PostgreSQL can do with the bytes of a book. */
async function rawFrames(client: Client): Promise<Commit> {
  // PLAIN: in the row as it is; PostgreSQL would otherwise try to compress each frame and move it elsewhere.
  await client.query(
    'CREATE TABLE raw_frames (time timestamptz NOT NULL, frame bytea NOT NULL); ALTER TABLE raw_frames ALTER frame SET STORAGE PLAIN',
  );
  const rows = recordBooks(DISTINCT_BOOKS).map(({ bids, asks }) => {
    const frame = Buffer.concat([encodeDhanDepth(200, 2, 1, BID, bids), encodeDhanDepth(200, 2, 1, ASK, asks)]);
    const row = Buffer.alloc(2 + 12 + 4);
    row.writeInt16BE(2, 0);
    row.writeInt32BE(8, 2);
    row.writeInt32BE(frame.length, 14);
    return Buffer.concat([row, frame]);
  });
  let done = 0;
  return async () => {
    const before = done;
    const parts: Buffer[] = [COPY_HEADER];
    for (; done < RAW_BOOKS && parts.length <= ROWS_A_COMMIT / 2; done += 1)
      parts.push(rows[done % rows.length] as Buffer);
    if (done === before) return 0;
    parts.push(COPY_TRAILER);
    await pipeline(
      Readable.from([Buffer.concat(parts)]),
      client.query(copyFrom('COPY raw_frames (time, frame) FROM STDIN (FORMAT binary)')),
    );
    return done - before;
  };
}

const books: Bench = {
  name: 'books',
  what: 'Books of 200 levels a side into PostgreSQL, durable at each commit',
  worse: 'In the predecessor’s way five instruments at 20 books a second take one core and a half for storing alone.',
  measures: [
    { goal: 'c1', metric: 'books/cpu-s', variant: 'arrays', per: 'row-per-level' },
    { goal: 'c2', metric: 'books/s', variant: 'arrays', per: 'raw-frames' },
  ],
  variants: [
    {
      name: 'arrays',
      what: `ours: entries of the queue decoded, two rows with arrays a book, COPY with the feed’s position, ${ROWS_A_COMMIT} rows a commit.`,
      run: () => load(ours),
    },
    {
      name: 'row-per-level',
      what: 'the predecessor’s: execute_batch, a row a level, five indexes, a book a commit. Without the pooler it had between.',
      run: () => load(rowPerLevel),
    },
    {
      name: 'raw-frames',
      what: `COPY of the frames as they are, 6.4 kB a book, ${ROWS_A_COMMIT / 2} books a commit, no index.`,
      run: () => load(rawFrames),
    },
  ],
};

export const benches = [books];
