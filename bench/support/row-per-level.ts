/**
 * How the predecessor stored depth: one row a level, in a table with a compound key and four more indexes, by psycopg2's
 * execute_batch: INSERT statements with their values in the text, a hundred to a message, one book to a transaction.
 * Said again here in the client library that we use; the server's work, which is most of it, is the same.
 */
import { once } from 'node:events';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import type { Client } from '../../db/connect.ts';
import type { SideLevels } from '../../lib/core/side.ts';
import type { Book, TimedBook } from './books.ts';

const PAGE_STATEMENTS = 100;
const PRICE_SCALE = 100;

const TABLE = `
  CREATE TABLE depth_levels_peer (
    time timestamptz NOT NULL, security_id integer NOT NULL, instrument_name text, side text NOT NULL,
    level_num integer NOT NULL, price numeric(12, 2) NOT NULL, quantity integer NOT NULL, orders integer NOT NULL,
    PRIMARY KEY (time, security_id, side, level_num));`;
const INDEXES = `
  CREATE INDEX ON depth_levels_peer (security_id, time DESC);
  CREATE INDEX ON depth_levels_peer (time DESC, side);
  CREATE INDEX ON depth_levels_peer (security_id, side, level_num, time DESC);
  CREATE INDEX ON depth_levels_peer (security_id, price, time DESC);`;

export async function createPeerTable(client: Client): Promise<void> {
  await client.query(TABLE);
  await client.query(INDEXES);
}

/**
 * A table full of books, for questions: copied in, which the predecessor did not, with its indexes made afterwards, and not
 * logged, which no question notices.
 */
export async function fillPeerTable(client: Client, books: Iterable<TimedBook>): Promise<void> {
  await client.query(`SET maintenance_work_mem = '1GB'`);
  await client.query(TABLE.replace('CREATE TABLE', 'CREATE UNLOGGED TABLE'));
  const copy = (client as Submittable).query(copyFrom('COPY depth_levels_peer FROM STDIN'));
  for (const { timeUs, book } of books) {
    const time = new Date(timeUs / 1000).toISOString();
    const lines = [linesOf(time, 'BID', book.bids), linesOf(time, 'ASK', book.asks)].join('');
    if (!copy.write(lines)) await once(copy, 'drain');
  }
  copy.end();
  await once(copy, 'finish');
  await client.query(INDEXES);
  await client.query('VACUUM ANALYZE depth_levels_peer');
}

/** A client as pg-copy-streams has it. */
interface Submittable {
  query(stream: CopyStreamQuery): CopyStreamQuery;
}

const linesOf = (time: string, side: string, { count, prices, quantities, orders }: SideLevels): string =>
  Array.from(
    { length: count },
    (_, i) =>
      `${time}\t55796\tNIFTY DEC FUT\t${side}\t${i + 1}\t${(prices[i] as number) / PRICE_SCALE}\t${quantities[i]}\t${orders[i]}\n`,
  ).join('');

/** Stores one book in one transaction. @param timeMs of the book; one book a time */
export async function storeByLevel(client: Client, timeMs: number, { bids, asks }: Book): Promise<void> {
  const time = new Date(timeMs).toISOString();
  const statements = [...statementsOf(time, 'BID', bids), ...statementsOf(time, 'ASK', asks)];
  await client.query('BEGIN');
  for (let from = 0; from < statements.length; from += PAGE_STATEMENTS) {
    await client.query(statements.slice(from, from + PAGE_STATEMENTS).join(';'));
  }
  await client.query('COMMIT');
}

function statementsOf(time: string, side: string, { count, prices, quantities, orders }: SideLevels): string[] {
  return Array.from({ length: count }, (_, i) => {
    const price = ((prices[i] as number) / PRICE_SCALE).toFixed(2);
    return `INSERT INTO depth_levels_peer (time, security_id, instrument_name, side, level_num, price, quantity, orders)
      VALUES ('${time}', 55796, 'NIFTY DEC FUT', '${side}', ${i + 1}, ${price}, ${quantities[i]}, ${orders[i]})
      ON CONFLICT DO NOTHING`;
  });
}
