/**
 * The tables as text, for a backup and back again. No secret is among them: neither hashes of passwords and keys, nor sessions, links
 * and channels; of people what is left is who they are.
 */
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Client } from './connect.ts';

/** Secrets, or of use to the running instance alone: who holds the database, what its processes do now, files that are not backed up, counters of changes. */
const LEFT_OUT = [
  'migrations',
  'owner',
  'sessions',
  'one_time_links',
  'api_keys',
  'notification_channels',
  'exports',
  'data_readers',
  'versions',
];
/** Columns that hold a secret, by table; restored rows get their defaults. */
const SECRET_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  people: ['password_hash', 'totp_sealed', 'totp_pending', 'totp_last_step', 'recovery_hashes'],
};
/** Rows that the migrations make: they do not make a database one that is in use. */
const SEEDED = ['feeds', 'alert_progress'];

export interface DumpedTable {
  readonly name: string;
  readonly columns: readonly string[];
}

const literal = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const relation = (name: string): string => `gehra.${literal(name)}`;

/** The tables of a backup, each after those that it refers to. */
export async function dumpedTables(client: Client): Promise<DumpedTable[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; needs: string[] }>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       ARRAY(SELECT DISTINCT other.relname::text FROM pg_constraint AS k JOIN pg_class AS other ON other.oid = k.confrelid
             WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS needs
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE n.nspname = 'gehra' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($1::text[])
     GROUP BY c.oid, c.relname ORDER BY c.relname`,
    [LEFT_OUT],
  );
  const ordered: DumpedTable[] = [];
  const waiting = new Map(rows.map((row) => [row.name, row]));
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(({ needs }) => !needs.some((need) => waiting.has(need)));
    if (free.length === 0) throw new Error(`these tables refer to each other: ${[...waiting.keys()].join(', ')}`);
    for (const { name, columns } of free) {
      waiting.delete(name);
      ordered.push({ name, columns: columns.filter((column) => !SECRET_COLUMNS[name]?.includes(column)) });
    }
  }
  return ordered;
}

/** Everything that is read within is of one moment. After an error the connection is only to be ended: a table may be half read. */
export async function atOneMoment<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const result = await work();
  await client.query('COMMIT');
  return result;
}

/** Writes a table as COPY's text. @returns how many rows */
export async function dumpTable(client: Client, { name, columns }: DumpedTable, to: Writable): Promise<number> {
  const copy = client.query(
    copyTo(`COPY (SELECT ${columns.map(literal).join(', ')} FROM ${relation(name)}) TO STDOUT`),
  );
  await pipeline(copy, to);
  return copy.rowCount ?? 0;
}

/** UTC days of which market data are stored: their partitions are made before the rows come back. */
export async function storedDays(client: Client): Promise<string[]> {
  const edition = await client.query<{ edition: string }>('SELECT gehra.timescale_edition() AS edition');
  const { rows } = await client.query<{ day: string }>(
    edition.rows[0]?.edition === 'plain'
      ? `SELECT DISTINCT to_date(substring(c.relname FROM '_(\\d{8})$'), 'YYYYMMDD')::text AS day
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = 'gehra' AND c.relispartition AND c.relname ~ '_\\d{8}$'
         UNION SELECT (time AT TIME ZONE 'UTC')::date::text FROM gehra.ticks_default
         UNION SELECT (book_time AT TIME ZONE 'UTC')::date::text FROM gehra.depth_snapshots_default ORDER BY 1`
      : `SELECT DISTINCT (range_start AT TIME ZONE 'UTC')::date::text AS day FROM timescaledb_information.chunks
         WHERE hypertable_schema = 'gehra' ORDER BY 1`,
  );
  return rows.map(({ day }) => day);
}

/** Names of the migrations that a database has seen, in order; none where it is empty. */
export async function ledgerOf(client: Client): Promise<string[]> {
  const there = await client.query<{ ledger: string | null }>(`SELECT to_regclass('gehra.migrations')::text AS ledger`);
  if (there.rows[0]?.ledger == null) return [];
  const { rows } = await client.query<{ name: string }>('SELECT name FROM gehra.migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

/** A table with rows that somebody or something has put there; null where there are none. */
export async function firstInUse(client: Client): Promise<string | null> {
  for (const { name } of await dumpedTables(client)) {
    if (SEEDED.includes(name)) continue;
    const { rows } = await client.query<{ used: boolean }>(`SELECT EXISTS (SELECT FROM ${relation(name)}) AS used`);
    if (rows[0]?.used) return name;
  }
  return null;
}

/** Takes what the migrations have put into the tables of a backup out again. Within the transaction that fills them. */
export async function emptyTables(client: Client, names: readonly string[], days: readonly string[]): Promise<void> {
  // A schema of before 024 has no such function: there the days come into the default partition.
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regprocedure('gehra.ensure_day(date)') IS NOT NULL AS there`,
  );
  if (rows[0]?.there) for (const day of days) await client.query('SELECT gehra.ensure_day($1::date)', [day]);
  for (const name of names.toReversed()) await client.query(`DELETE FROM ${relation(name)}`);
}

/** Fills a table from COPY's text. @returns how many rows */
export async function fillTable(client: Client, { name, columns }: DumpedTable, from: Readable): Promise<number> {
  const copy = client.query(copyFrom(`COPY ${relation(name)} (${columns.map(literal).join(', ')}) FROM STDIN`));
  await pipeline(from, copy);
  return copy.rowCount ?? 0;
}

/** What numbers itself goes on behind the greatest number there is. */
export async function settleNumbers(client: Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
     JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'gehra' AND a.attidentity <> '' AND NOT c.relispartition`,
  );
  for (const { table, column } of rows) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence($1, $2), coalesce((SELECT max(${literal(column)}) FROM ${relation(table)}), 0) + 1, false)`,
      [`gehra.${table}`, column],
    );
  }
}
