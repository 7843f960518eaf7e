/** Instruments and what they are subscribed to. */
import type { DhanSegment, Exchange } from '../lib/core/exchange.ts';
import type { Instrument, InstrumentType } from '../lib/core/instrument.ts';
import type { Client, Pool } from './connect.ts';

interface Row {
  instrument_id: number;
  exchange: Exchange;
  symbol: string;
  name: string;
  type: InstrumentType;
  expiry: string | null;
  strike: number | null;
  price_scale: number;
  tick_size: number;
  lot_size: number;
  kite_token: number | null;
  dhan_segment: DhanSegment | null;
  dhan_security_id: number | null;
}

const COLUMNS = `instrument_id, exchange, symbol, name, type, to_char(expiry, 'YYYY-MM-DD') AS expiry, strike, price_scale,
  tick_size, lot_size, kite_token, dhan_segment, dhan_security_id`;

const toInstrument = (row: Row): Instrument => ({
  id: row.instrument_id,
  exchange: row.exchange,
  symbol: row.symbol,
  name: row.name,
  type: row.type,
  expiry: row.expiry,
  strike: row.strike,
  priceScale: row.price_scale,
  tickSize: row.tick_size,
  lotSize: row.lot_size,
  kiteToken: row.kite_token,
  dhanSegment: row.dhan_segment,
  dhanSecurityId: row.dhan_security_id,
});

/** Stores what the brokers' dumps say; an instrument seen before keeps its id, and a broker's name it had if none came. */
export async function upsertInstruments(client: Client, rows: readonly Omit<Instrument, 'id'>[]): Promise<void> {
  const column = <K extends keyof Omit<Instrument, 'id'>>(key: K) => rows.map((row) => row[key]);
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size,
       kite_token, dhan_segment, dhan_security_id)
     SELECT DISTINCT ON (exchange, symbol) *
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::integer[], $7::integer[], $8::integer[],
       $9::integer[], $10::bigint[], $11::text[], $12::bigint[])
       AS dump (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, kite_token, dhan_segment, dhan_security_id)
     ON CONFLICT (exchange, symbol) DO UPDATE SET
       name = excluded.name, type = excluded.type, expiry = excluded.expiry, strike = excluded.strike,
       tick_size = excluded.tick_size, lot_size = excluded.lot_size,
       kite_token = coalesce(excluded.kite_token, instruments.kite_token),
       dhan_segment = coalesce(excluded.dhan_segment, instruments.dhan_segment),
       dhan_security_id = coalesce(excluded.dhan_security_id, instruments.dhan_security_id),
       last_seen = now()`,
    [
      column('exchange'),
      column('symbol'),
      column('name'),
      column('type'),
      column('expiry'),
      column('strike'),
      column('priceScale'),
      column('tickSize'),
      column('lotSize'),
      column('kiteToken'),
      column('dhanSegment'),
      column('dhanSecurityId'),
    ],
  );
}

/** Instruments by exchange and symbol, in the order asked for; those not known are left out. */
export async function findInstruments(
  db: Client | Pool,
  names: readonly { readonly exchange: string; readonly symbol: string }[],
): Promise<Instrument[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (exchange, symbol, place)
     JOIN gehra.instruments USING (exchange, symbol) ORDER BY place`,
    [names.map(({ exchange }) => exchange), names.map(({ symbol }) => symbol)],
  );
  return rows.map(toInstrument);
}

/** An instrument and how deep its book is recorded now: 200, 20 or 5 levels, 0 where it is not subscribed. */
export interface ListedInstrument {
  readonly instrument: Instrument;
  readonly levels: number;
}

/** Levels a side by kind of feed, best of an instrument's subscriptions. */
const LEVELS = `coalesce((SELECT max(CASE feed.kind WHEN 'depth200' THEN 200 WHEN 'depth20' THEN 20 ELSE 5 END)
  FROM gehra.subscriptions AS s JOIN gehra.feeds AS feed USING (feed_id) WHERE s.instrument_id = i.instrument_id), 0)::integer`;

/**
 * Instruments whose symbol or name contains every word of `search`, deepest and then most alike first.
 *
 * @param search '' for all
 * @param subscribed only those that are recorded now
 */
export async function listInstruments(
  db: Pool,
  { search, subscribed, limit }: { search: string; subscribed: boolean; limit: number },
): Promise<ListedInstrument[]> {
  const words = search
    .toUpperCase()
    .split(/[\s:]+/)
    .filter(Boolean);
  const { rows } = await db.query<Row & { levels: number }>(
    `SELECT * FROM (SELECT ${COLUMNS}, ${LEVELS} AS levels FROM gehra.instruments AS i
       WHERE (SELECT bool_and(strpos(upper(i.exchange || ' ' || i.symbol || ' ' || i.name), word) > 0)
              FROM unnest($1::text[]) AS word) IS NOT FALSE) AS found
     WHERE levels > 0 OR NOT $2
     ORDER BY levels DESC, length(symbol), symbol LIMIT $3`,
    [words, subscribed, limit],
  );
  return rows.map((row) => ({ instrument: toInstrument(row), levels: row.levels }));
}

/** The instruments with these ids; unknown ids are left out. */
export async function instrumentsById(db: Pool, ids: readonly number[]): Promise<ListedInstrument[]> {
  const { rows } = await db.query<Row & { levels: number }>(
    `SELECT ${COLUMNS}, ${LEVELS} AS levels FROM gehra.instruments AS i WHERE instrument_id = ANY ($1::integer[])`,
    [ids],
  );
  return rows.map((row) => ({ instrument: toInstrument(row), levels: row.levels }));
}

/** Makes `subscriptions` say what the plan says. */
export async function storeSubscriptions(
  client: Client,
  pairs: readonly { instrumentId: number; feedId: number }[],
): Promise<void> {
  const ids = pairs.map(({ instrumentId }) => instrumentId);
  const feeds = pairs.map(({ feedId }) => feedId);
  await client.query(
    `WITH wanted AS (SELECT * FROM unnest($1::integer[], $2::smallint[]) AS w (instrument_id, feed_id)),
       gone AS (DELETE FROM gehra.subscriptions AS s
                WHERE NOT EXISTS (SELECT FROM wanted AS w WHERE w.instrument_id = s.instrument_id AND w.feed_id = s.feed_id))
     INSERT INTO gehra.subscriptions (instrument_id, feed_id) SELECT instrument_id, feed_id FROM wanted
     ON CONFLICT DO NOTHING`,
    [ids, feeds],
  );
}
