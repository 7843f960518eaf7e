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

/** Rows handed over in one statement. */
const STORED_ROWS = 5000;

export interface InstrumentChanges {
  readonly added: number;
  /** Symbol, lot or anything else is another one now. */
  readonly changed: number;
  readonly gone: number;
}

/**
 * Makes the instruments what the brokers' dumps say; call it in a transaction. An instrument keeps its id for ever: it is known
 * by its symbol, or after a rename by its number where it was listed until now. A broker's number passes to its newest bearer.
 *
 * @param complete the dumps of all brokers are in it: what they do not list is listed no more
 */
export async function storeInstruments(
  client: Client,
  rows: readonly Omit<Instrument, 'id'>[],
  complete: boolean,
): Promise<InstrumentChanges> {
  await client.query(
    `CREATE TEMP TABLE incoming (exchange text, symbol text, name text, type text, expiry date, strike integer,
       price_scale integer, tick_size integer, lot_size integer, kite_token bigint, dhan_segment text, dhan_security_id bigint,
       id integer) ON COMMIT DROP`,
  );
  for (let at = 0; at < rows.length; at += STORED_ROWS) await fillIncoming(client, rows.slice(at, at + STORED_ROWS));
  await client.query('CREATE INDEX ON incoming (exchange, symbol)');
  await client.query('CREATE INDEX ON incoming (id)');
  await client.query('ANALYZE incoming');
  await client.query(
    `UPDATE incoming AS n SET id = i.instrument_id FROM gehra.instruments AS i
     WHERE i.exchange = n.exchange AND i.symbol = n.symbol`,
  );
  for (const number of ['kite_token', 'dhan_security_id']) {
    await client.query(
      `UPDATE incoming AS n SET id = i.instrument_id FROM gehra.instruments AS i
       WHERE n.id IS NULL AND i.listed AND i.${number} = n.${number} AND i.exchange = n.exchange AND i.type = n.type
         AND i.expiry IS NOT DISTINCT FROM n.expiry AND i.strike IS NOT DISTINCT FROM n.strike
         AND NOT EXISTS (SELECT FROM incoming AS other WHERE other.id = i.instrument_id)`,
    );
  }
  await client.query(
    `UPDATE gehra.instruments AS i SET kite_token = NULL FROM incoming AS n
     WHERE i.kite_token = n.kite_token AND i.instrument_id IS DISTINCT FROM n.id`,
  );
  await client.query(
    `UPDATE gehra.instruments AS i SET dhan_segment = NULL, dhan_security_id = NULL FROM incoming AS n
     WHERE i.dhan_security_id = n.dhan_security_id AND i.dhan_segment = n.dhan_segment AND i.instrument_id IS DISTINCT FROM n.id`,
  );
  // Dhan writes symbols its own way: without Kite's dump they are no renames.
  await client.query(
    `UPDATE incoming AS n SET symbol = i.symbol, name = i.name FROM gehra.instruments AS i
     WHERE i.instrument_id = n.id AND n.kite_token IS NULL AND i.kite_token IS NOT NULL`,
  );
  await client.query(
    `INSERT INTO gehra.instrument_changes (instrument_id, what, was, became)
     SELECT i.instrument_id, what, was, became FROM incoming AS n JOIN gehra.instruments AS i ON i.instrument_id = n.id,
       LATERAL (VALUES ('symbol', i.symbol, n.symbol), ('lot_size', i.lot_size::text, n.lot_size::text),
                       ('tick_size', i.tick_size::text, n.tick_size::text)) AS change (what, was, became)
     WHERE was <> became ON CONFLICT DO NOTHING`,
  );
  const changed = await client.query(
    `UPDATE gehra.instruments AS i SET symbol = n.symbol, name = n.name, type = n.type, expiry = n.expiry, strike = n.strike,
       tick_size = n.tick_size, lot_size = n.lot_size, kite_token = coalesce(n.kite_token, i.kite_token),
       dhan_segment = coalesce(n.dhan_segment, i.dhan_segment),
       dhan_security_id = coalesce(n.dhan_security_id, i.dhan_security_id), listed = true, last_seen = now()
     FROM incoming AS n
     WHERE i.instrument_id = n.id
       AND (i.symbol, i.name, i.type, i.expiry, i.strike, i.tick_size, i.lot_size, i.kite_token, i.dhan_segment,
            i.dhan_security_id, i.listed)
         IS DISTINCT FROM (n.symbol, n.name, n.type, n.expiry, n.strike, n.tick_size, n.lot_size,
            coalesce(n.kite_token, i.kite_token), coalesce(n.dhan_segment, i.dhan_segment),
            coalesce(n.dhan_security_id, i.dhan_security_id), true)`,
  );
  const gone = complete
    ? await client.query(
        `UPDATE gehra.instruments AS i SET listed = false
         WHERE listed AND NOT EXISTS (SELECT FROM incoming AS n WHERE n.id = i.instrument_id)`,
      )
    : null;
  const added = await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, kite_token,
       dhan_segment, dhan_security_id)
     SELECT exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, kite_token, dhan_segment,
       dhan_security_id FROM incoming WHERE id IS NULL`,
  );
  return { added: added.rowCount ?? 0, changed: changed.rowCount ?? 0, gone: gone?.rowCount ?? 0 };
}

async function fillIncoming(client: Client, rows: readonly Omit<Instrument, 'id'>[]): Promise<void> {
  const column = <K extends keyof Omit<Instrument, 'id'>>(key: K) => rows.map((row) => row[key]);
  await client.query(
    `INSERT INTO incoming SELECT *, NULL FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[],
       $6::integer[], $7::integer[], $8::integer[], $9::integer[], $10::bigint[], $11::text[], $12::bigint[])`,
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

/** Instruments with these ids, in no order; unknown ids are left out. */
export async function instrumentsOf(db: Client | Pool, ids: readonly number[]): Promise<Instrument[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM gehra.instruments WHERE instrument_id = ANY ($1::integer[])`,
    [ids],
  );
  return rows.map(toInstrument);
}

/** Those of these ids that stand in the newest dumps, in no order. */
export async function listedInstrumentsOf(db: Client | Pool, ids: readonly number[]): Promise<Instrument[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM gehra.instruments WHERE listed AND instrument_id = ANY ($1::integer[])`,
    [ids],
  );
  return rows.map(toInstrument);
}

/** Listed futures and options of these underlyings. */
export async function contractsOf(db: Client | Pool, underlyings: readonly string[]): Promise<Instrument[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM gehra.instruments
     WHERE listed AND expiry IS NOT NULL AND type IN ('FUT', 'CE', 'PE') AND name = ANY ($1::text[])`,
    [underlyings],
  );
  return rows.map(toInstrument);
}

/** Listed instruments that Kite or Dhan knows under one of these numbers. */
export async function instrumentsByNumber(
  db: Client | Pool,
  { kiteTokens, dhanIds }: { kiteTokens: readonly number[]; dhanIds: readonly number[] },
): Promise<Instrument[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM gehra.instruments
     WHERE listed AND (kite_token = ANY ($1::bigint[]) OR dhan_security_id = ANY ($2::bigint[]))`,
    [kiteTokens, dhanIds],
  );
  return rows.map(toInstrument);
}

/** Listed shares of NSE's ordinary series and NFO's futures: those whose turnover is asked for. */
export async function turnoverCandidates(db: Client): Promise<Pick<Instrument, 'id' | 'exchange' | 'symbol'>[]> {
  const { rows } = await db.query<Pick<Instrument, 'id' | 'exchange' | 'symbol'>>(
    `SELECT instrument_id AS id, exchange, symbol FROM gehra.instruments
     WHERE listed AND kite_token IS NOT NULL
       AND ((exchange = 'NSE' AND type = 'EQ' AND symbol !~ '-[A-Z0-9]{2}$' AND symbol !~ 'I?NAV$') OR (exchange = 'NFO' AND type = 'FUT'))
     ORDER BY instrument_id`,
  );
  return rows;
}

/** The first `limit` listed instruments, and how many are listed in all. */
export async function firstListed(db: Client | Pool, limit: number): Promise<{ count: number; first: Instrument[] }> {
  const { rows } = await db.query<Row & { count: number }>(
    `SELECT ${COLUMNS}, count(*) OVER ()::integer AS count FROM gehra.instruments WHERE listed ORDER BY instrument_id LIMIT $1`,
    [limit],
  );
  return { count: rows[0]?.count ?? 0, first: rows.map(toInstrument) };
}

/** An instrument and how deep its book is recorded now: 200, 20 or 5 levels, 0 where it is not subscribed. */
export interface ListedInstrument {
  readonly instrument: Instrument;
  readonly levels: number;
}

/** Levels a side by kind of feed, best of an instrument's subscriptions. */
const LEVELS = `coalesce((SELECT max(CASE feed.kind WHEN 'depth200' THEN 200 WHEN 'depth20' THEN 20 ELSE 5 END)
  FROM gehra.subscriptions AS s JOIN gehra.feeds AS feed USING (feed_id) WHERE s.instrument_id = i.instrument_id), 0)::integer`;

/** Levels recorded now, by instrument id; those that are not recorded are left out. */
export async function recordedLevels(db: Pool): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; levels: number }>(
    `SELECT s.instrument_id AS id, max(CASE feed.kind WHEN 'depth200' THEN 200 WHEN 'depth20' THEN 20 ELSE 5 END)::integer AS levels
     FROM gehra.subscriptions AS s JOIN gehra.feeds AS feed USING (feed_id) GROUP BY 1`,
  );
  return new Map(rows.map(({ id, levels }) => [id, levels]));
}

/**
 * What is searched in: everything listed, and what was ever recorded, as a line of words each (exchange, symbol, name, type,
 * strike in rupees, expiry); what people look for first stands first.
 */
export async function searchLines(db: Pool): Promise<{ ids: number[]; lines: string[] }> {
  const { rows } = await db.query<[number, string]>({
    rowMode: 'array',
    text: `SELECT instrument_id,
        exchange || ' ' || symbol || ' ' || upper(concat_ws(' ', name,
          CASE type WHEN 'FUT' THEN 'FUT FUTURE' WHEN 'CE' THEN 'CE CALL' WHEN 'PE' THEN 'PE PUT' WHEN 'INDEX' THEN 'INDEX' END,
          trim_scale(strike::numeric / price_scale)::text, to_char(expiry, 'DD MON YYYY')))
      FROM gehra.instruments WHERE listed OR first_recorded IS NOT NULL
      ORDER BY listed DESC, array_position(ARRAY['INDEX', 'FUT', 'EQ'], type), expiry, length(symbol), symbol`,
  });
  return { ids: rows.map(([id]) => id), lines: rows.map(([, line]) => line) };
}

/** The instruments with these ids; unknown ids are left out. */
export async function instrumentsById(db: Pool, ids: readonly number[]): Promise<ListedInstrument[]> {
  const { rows } = await db.query<Row & { levels: number }>(
    `SELECT ${COLUMNS}, ${LEVELS} AS levels FROM gehra.instruments AS i WHERE instrument_id = ANY ($1::integer[])`,
    [ids],
  );
  return rows.map((row) => ({ instrument: toInstrument(row), levels: row.levels }));
}

/** Which of these stand in the newest dumps. */
export async function listedAmong(db: Pool, ids: readonly number[]): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    'SELECT instrument_id AS id FROM gehra.instruments WHERE listed AND instrument_id = ANY ($1::integer[])',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

export interface SlotUse {
  readonly count: number;
  /** Slug of one of them. */
  readonly first: string;
  /** Id and slug of each, where they were asked for. */
  readonly instruments: readonly (readonly [number, string])[];
}

/** By feed id: the instruments that the plan gives it. */
export async function slotsInUse(db: Pool, each = false): Promise<Map<number, SlotUse>> {
  const { rows } = await db.query<{
    feedId: number;
    count: number;
    first: string;
    instruments: [number, string][] | null;
  }>(
    `SELECT s.feed_id AS "feedId", count(*)::integer AS count, min(i.exchange || ':' || i.symbol) AS first,
       CASE WHEN $1 THEN json_agg(json_build_array(i.instrument_id, i.exchange || ':' || i.symbol) ORDER BY i.symbol) END AS instruments
     FROM gehra.subscriptions AS s JOIN gehra.feeds USING (feed_id) JOIN gehra.instruments AS i USING (instrument_id)
     GROUP BY s.feed_id`,
    [each],
  );
  return new Map(
    rows.map(({ feedId, count, first, instruments }) => [feedId, { count, first, instruments: instruments ?? [] }]),
  );
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
  const { rows } = await client.query<{ id: number }>(
    `SELECT instrument_id AS id FROM gehra.instruments WHERE instrument_id = ANY ($1::integer[]) AND first_recorded IS NULL`,
    [ids],
  );
  if (rows.length === 0) return;
  await client.query('UPDATE gehra.instruments SET first_recorded = now() WHERE instrument_id = ANY ($1::integer[])', [
    rows.map(({ id }) => id),
  ]);
}

/** A future as it stands among those of its exchange and name. */
export interface FutureOf extends Pick<Instrument, 'id' | 'exchange' | 'symbol'> {
  readonly expiry: string;
}

/** Futures of one exchange and name that expire from one date to another, in the order of their expiries; expired ones too. */
export async function futuresOf(
  db: Client | Pool,
  { exchange, name }: Pick<Instrument, 'exchange' | 'name'>,
  { fromDate, toDate }: { readonly fromDate: string; readonly toDate: string },
): Promise<FutureOf[]> {
  // Where two have one expiry, as after a change of the contract, the one that is still listed counts.
  const { rows } = await db.query<FutureOf>(
    `SELECT DISTINCT ON (expiry) instrument_id AS id, exchange, symbol, to_char(expiry, 'YYYY-MM-DD') AS expiry
     FROM gehra.instruments
     WHERE exchange = $1 AND name = $2 AND type = 'FUT' AND expiry BETWEEN $3::date AND $4::date
     ORDER BY expiry, listed DESC, instrument_id`,
    [exchange, name, fromDate, toDate],
  );
  return rows;
}
