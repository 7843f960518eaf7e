/** Sessions of `./gehra import`: their feeds, their places, and their rows. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { feedName, IMPORT_FEED_FIRST_ID } from '../lib/core/feeds.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { type FlowTick, flowRows } from '../lib/orderflow/flow-rows.ts';
import type { Client, Pool } from './connect.ts';
import { COPY_HEADER, COPY_TRAILER, type CopyRows } from './copy.ts';
import { addFlow } from './flow.ts';
import { DEPTH_ROW, TICK_ROW } from './market-rows.ts';
import { movePositions } from './positions.ts';

/** Imports that begin at the same time take their feeds one after the other. */
const LOCK_KEY = 0x696d706f;
const MARKET_TABLES = ['depth_snapshots', 'ticks', 'flow_bars', 'flow_minutes'] as const;

export interface ImportSession {
  readonly feedId: number;
  /** `import-3` */
  readonly feed: string;
  readonly instrumentId: number;
  readonly instrument: string;
  readonly file: string;
  /** What the reader calls the recording. */
  readonly name: string;
  /** How the source's numbers stand in the rows; empty where nothing was scaled. */
  readonly scaling: string;
  /** First and last stamp, µs; null before anything is stored. */
  readonly fromUs: number | null;
  readonly toUs: number | null;
  readonly ticks: number;
  /** Side frames. */
  readonly books: number;
  readonly badLines: number;
  readonly finished: boolean;
  /** Everything up to there is stored, µs. */
  readonly positionUs: number;
}

const SESSION = `SELECT s.feed_id AS "feedId", s.instrument_id AS "instrumentId", i.exchange || ':' || i.symbol AS instrument,
    s.file, s.name, s.scaling, (extract(epoch FROM s.from_time) * 1e6)::bigint AS "fromUs",
    (extract(epoch FROM s.to_time) * 1e6)::bigint AS "toUs", s.ticks, s.books, s.bad_lines AS "badLines",
    s.finished_at IS NOT NULL AS finished, p.position AS "positionUs"
  FROM gehra.import_sessions AS s JOIN gehra.instruments AS i USING (instrument_id)
  JOIN gehra.feed_positions AS p USING (feed_id)`;

const named = (row: Omit<ImportSession, 'feed'>): ImportSession => ({ ...row, feed: feedName(row.feedId) });

/** All sessions, the newest first. */
export async function importSessions(db: Client | Pool): Promise<ImportSession[]> {
  const { rows } = await db.query<Omit<ImportSession, 'feed'>>(`${SESSION} ORDER BY s.feed_id DESC`);
  return rows.map(named);
}

export interface NewImport {
  /** Of the recording as it is on disk: the same one is the same session. */
  readonly sha256: Buffer;
  readonly file: string;
  readonly name: string;
  readonly scaling: string;
  readonly instrument: Omit<Instrument, 'id' | 'kiteToken' | 'dhanSegment' | 'dhanSecurityId'>;
}

/**
 * The session of a recording, begun now where there is none yet. Its instrument is not listed, and has no broker's numbers:
 * nobody can subscribe to it.
 *
 * @throws Error where the instrument is known with other price units
 */
export async function beginImport(client: Client, recording: NewImport): Promise<ImportSession> {
  await client.query('BEGIN');
  try {
    await lockImports(client);
    const bySha = `${SESSION} WHERE s.sha256 = $1`;
    const known = await client.query<Omit<ImportSession, 'feed'>>(bySha, [recording.sha256]);
    if (known.rows[0]) await beginAnewWhereLost(client, known.rows[0]);
    else await insertSession(client, recording);
    const { rows } = await client.query<Omit<ImportSession, 'feed'>>(bySha, [recording.sha256]);
    await client.query('COMMIT');
    return named(rows[0] as Omit<ImportSession, 'feed'>);
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Within a transaction: feeds of imports are made one after the other. */
export async function lockImports(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
}

async function insertSession(client: Client, { sha256, file, name, scaling, instrument }: NewImport): Promise<void> {
  const { exchange, symbol, type, expiry, strike, priceScale, tickSize, lotSize } = instrument;
  const stored = await client.query<{ instrument_id: number; price_scale: number }>(
    `INSERT INTO gehra.instruments AS i (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, listed,
       first_recorded)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, now())
     ON CONFLICT (exchange, symbol) DO UPDATE SET first_recorded = coalesce(i.first_recorded, now())
     RETURNING instrument_id, price_scale`,
    [exchange, symbol, instrument.name, type, expiry, strike, priceScale, tickSize, lotSize],
  );
  const row = stored.rows[0] as { instrument_id: number; price_scale: number };
  if (row.price_scale !== priceScale) {
    throw new RangeError(
      `${exchange}:${symbol} is known with ${row.price_scale} price units in a rupee, not ${priceScale}`,
    );
  }
  const next = await client.query<{ id: number }>(
    'SELECT greatest($1::integer, max(feed_id) + 1) AS id FROM gehra.feeds',
    [IMPORT_FEED_FIRST_ID],
  );
  const feedId = next.rows[0]?.id as number;
  await client.query(
    `INSERT INTO gehra.feeds (feed_id, name, broker, kind, number) VALUES ($1, $2, 'import', 'import', $3)`,
    [feedId, feedName(feedId), feedId - IMPORT_FEED_FIRST_ID + 1],
  );
  await client.query('INSERT INTO gehra.feed_positions (feed_id) VALUES ($1)', [feedId]);
  await client.query(
    `INSERT INTO gehra.import_sessions (feed_id, sha256, file, name, scaling, instrument_id) VALUES ($1, $2, $3, $4, $5, $6)`,
    [feedId, sha256, file, name, scaling, row.instrument_id],
  );
}

/** Retention drops days whole, an import's among them: what is left of it goes too, and everything comes again. */
async function beginAnewWhereLost(
  client: Client,
  { feedId, instrumentId, ticks, books }: Omit<ImportSession, 'feed'>,
): Promise<void> {
  const held = await client.query<{ ticks: number; books: number }>(
    `SELECT (SELECT count(*) FROM gehra.ticks WHERE instrument_id = $1 AND feed_id = $2) AS ticks,
       (SELECT count(*) FROM gehra.depth_snapshots WHERE instrument_id = $1 AND feed_id = $2) AS books`,
    [instrumentId, feedId],
  );
  if (held.rows[0]?.ticks === ticks && held.rows[0].books === books) return;
  for (const table of MARKET_TABLES) {
    await client.query(`DELETE FROM gehra.${table} WHERE instrument_id = $1 AND feed_id = $2`, [instrumentId, feedId]);
  }
  await client.query('UPDATE gehra.feed_positions SET position = 0 WHERE feed_id = $1', [feedId]);
  await client.query(
    `UPDATE gehra.import_sessions SET ticks = 0, books = 0, bad_lines = 0, from_time = NULL, to_time = NULL, finished_at = NULL
     WHERE feed_id = $1`,
    [feedId],
  );
}

/** Rows of a part of a recording. */
export interface ImportPart {
  readonly feedId: number;
  /** The position that it follows on, and the one that it reaches, µs. */
  readonly afterUs: number;
  readonly toUs: number;
  readonly depth: CopyRows;
  readonly ticks: CopyRows;
  /** What the ticks say of the flow, with their places in their frames. */
  readonly flow: readonly { readonly n: number; readonly tick: FlowTick }[];
  /** Of the whole recording up to there. */
  readonly badLines: number;
  /** Nothing comes after it. */
  readonly isLast: boolean;
}

/**
 * Stores a part, in one transaction with the position that it moves. Rows that are there already stay as they are; what traded is
 * added only for ticks that were not there.
 *
 * @throws Error where another import of the same recording has moved on meanwhile, with nothing stored
 */
export async function storeImport(client: Client, part: ImportPart): Promise<void> {
  const { feedId, afterUs, toUs, flow, badLines, isLast } = part;
  // Readers take what lies before a position; a feed that is live moves on, a recording ends with its last rows.
  const position = isLast && toUs > 0 ? toUs + 1 : toUs;
  await client.query('BEGIN');
  try {
    const newTicks = await stage(client, 'ticks', TICK_ROW, part.ticks);
    const newBooks = await stage(client, 'depth_snapshots', DEPTH_ROW, part.depth);
    await addFlow(
      client,
      flowRows(flow.flatMap(({ n, tick }) => (newTicks.has(`${tick.instrumentId} ${tick.stampUs} ${n}`) ? tick : []))),
    );
    if (position > afterUs && !(await movePositions(client, [{ feedId, fromUs: afterUs, toUs: position }]))) {
      throw new Error('another import of the same recording is under way: wait for it, then import again');
    }
    await client.query(
      `UPDATE gehra.import_sessions SET ticks = ticks + $2, books = books + $3, bad_lines = $4,
         from_time = coalesce(from_time, (SELECT min(time) FROM (
           SELECT min(time) AS time FROM staged_ticks UNION ALL SELECT min(time) FROM staged_depth_snapshots) AS first)),
         to_time = CASE WHEN $5::bigint > 0 THEN to_timestamp($5::bigint / 1e6) END,
         finished_at = CASE WHEN $6 THEN now() END
       WHERE feed_id = $1`,
      [feedId, newTicks.size, newBooks.size, badLines, toUs, isLast],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Puts rows beside their table, and from there those that it lacks into it. @returns their instruments, stamps (µs) and places */
export async function stage(client: Client, table: string, columns: string, rows: CopyRows): Promise<Set<string>> {
  await client.query(`CREATE TEMP TABLE staged_${table} (LIKE gehra.${table}) ON COMMIT DROP`);
  if (rows.length > 0) {
    const copy = client.query(copyFrom(`COPY staged_${table} (${columns}) FROM STDIN (FORMAT binary)`));
    await pipeline(Readable.from([COPY_HEADER, rows.slice(0, rows.length), COPY_TRAILER]), copy);
  }
  const { rows: stored } = await client.query<{ id: number; us: number; n: number }>(
    `INSERT INTO gehra.${table} (${columns}) SELECT ${columns} FROM staged_${table} ON CONFLICT DO NOTHING
      RETURNING instrument_id AS id, (extract(epoch FROM time) * 1e6)::bigint AS us, n`,
  );
  return new Set(stored.map(({ id, us, n }) => `${id} ${us} ${n}`));
}
