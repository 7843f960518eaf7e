/** Rows of the predecessor's views, for its keys in Redis. */
import type { InstrumentCopy, SignalState } from '../lib/core/predecessor-copies.ts';
import type { Pool } from './connect.ts';

/** What is recorded or to be recorded. */
export async function activeInstruments(db: Pool): Promise<InstrumentCopy[]> {
  const { rows } = await db.query<InstrumentCopy>(
    `SELECT instrument_token::text AS token, trading_symbol AS tradingsymbol, exchange, instrument_type, segment, name,
       coalesce(expiry::text, '') AS expiry, strike::text, tick_size::text, lot_size::text, coalesce(exchange_token::text, '') AS exchange_token
     FROM public.active_instruments`,
  );
  return rows;
}

/** The newest state of each security of which there is one after `sinceMs`. */
export async function signalStatesSince(db: Pool, sinceMs: number): Promise<SignalState[]> {
  const { rows } = await db.query<SignalState>(
    `SELECT DISTINCT ON (s.security_id) i.name AS underlying, s.security_id AS "securityId", (extract(epoch FROM s.time) * 1000)::float8 AS "timeMs",
       s.current_price::float8 AS "currentPrice", s.key_levels AS "keyLevels", s.absorptions,
       json_build_object('30s', s.pressure_30s, '60s', s.pressure_60s, '120s', s.pressure_120s) AS pressure, s.market_state AS "marketState"
     FROM gehra.own_depth_signals AS s JOIN gehra.instruments AS i ON i.dhan_security_id = s.security_id AND i.listed
     WHERE s.time > to_timestamp($1::float8 / 1000) ORDER BY s.security_id, s.time DESC`,
    [sinceMs],
  );
  return rows.map((row) => ({ ...row, timeMs: Math.floor(row.timeMs) }));
}
