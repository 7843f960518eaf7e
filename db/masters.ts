/** Loads of the brokers' instrument dumps, and what could not be joined in the newest. */
import type { Client, Pool } from './connect.ts';

/** What is said of one broker's dump. */
export interface FileReport {
  /** ISO date of the file. */
  readonly day: string;
  readonly rows: number;
  /** Rows that could not be believed, and repeats. Loads of before did not count them. */
  readonly leftOut?: number;
  readonly byExchange: Readonly<Record<string, number>>;
  /** Why an older file was taken; null where it is that day's. */
  readonly failure: string | null;
}

export interface LoadReport {
  /** By broker. */
  readonly files: Readonly<Partial<Record<string, FileReport>>>;
  readonly joined: number;
  readonly exchanges: Readonly<
    Record<string, { readonly kite: number; readonly dhan: number; readonly joined: number }>
  >;
}

export interface UnjoinedRow {
  readonly broker: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly number: number;
  readonly reason: string;
}

/** The newest load; null before the first. */
export async function lastLoad(db: Client | Pool): Promise<(LoadReport & { readonly timeUs: number }) | null> {
  const { rows } = await db.query<LoadReport & { timeUs: number }>(
    `SELECT files, joined, exchanges, (extract(epoch FROM time) * 1e6)::bigint AS "timeUs"
     FROM gehra.master_loads ORDER BY load_id DESC LIMIT 1`,
  );
  return rows[0] ?? null;
}

/** Loads that are kept. */
const LOADS_KEPT = 100;

export async function storeLoad(
  client: Client,
  { files, joined, exchanges, unjoined }: LoadReport & { readonly unjoined: readonly UnjoinedRow[] },
): Promise<void> {
  await client.query('INSERT INTO gehra.master_loads (files, joined, exchanges) VALUES ($1, $2, $3)', [
    JSON.stringify(files),
    joined,
    JSON.stringify(exchanges),
  ]);
  await client.query(
    'DELETE FROM gehra.master_loads WHERE load_id <= (SELECT max(load_id) FROM gehra.master_loads) - $1',
    [LOADS_KEPT],
  );
  await client.query('DELETE FROM gehra.unjoined');
  const column = <K extends keyof UnjoinedRow>(key: K) => unjoined.map((row) => row[key]);
  await client.query(
    `INSERT INTO gehra.unjoined (broker, exchange, symbol, number, reason)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])`,
    [column('broker'), column('exchange'), column('symbol'), column('number'), column('reason')],
  );
}

/** Rows that could not be joined, those of the liveliest exchanges first, and how many there are in all. */
export async function listUnjoined(
  db: Pool,
  { search, limit }: { search: string; limit: number },
): Promise<{ total: number; rows: UnjoinedRow[] }> {
  const { rows } = await db.query<UnjoinedRow & { total: number }>(
    `SELECT broker, exchange, symbol, number, reason, count(*) OVER ()::integer AS total FROM gehra.unjoined
     WHERE strpos(exchange || ':' || symbol, upper($1)) > 0
     ORDER BY array_position(ARRAY['INDICES', 'NSE', 'NFO', 'BSE', 'BFO', 'MCX'], exchange), exchange, broker, symbol LIMIT $2`,
    [search, limit],
  );
  return { total: rows[0]?.total ?? 0, rows: rows.map(({ total: _, ...row }) => row) };
}
