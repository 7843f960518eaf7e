/** The futures and options of an underlying, as the predecessor's dashboard summed them. */
import type { Aggressor } from '../lib/core/aggressor.ts';
import type { InstrumentType } from '../lib/core/instrument.ts';
import type { Pool } from './connect.ts';

/** A recorded contract and its day so far. Prices in price units. */
export interface ContractDay {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly symbol: string;
  readonly type: Extract<InstrumentType, 'FUT' | 'CE' | 'PE'>;
  /** ISO date. */
  readonly expiry: string;
  readonly strike: number | null;
  readonly priceScale: number;
  readonly lastPrice: number;
  /** First of the day. */
  readonly firstPrice: number;
  /** The exchange's counter of the day; null where the feed does not say. */
  readonly volume: number | null;
  /** Last - first since `fromUs`; null where the feed does not say. */
  readonly oiChange: number | null;
  readonly bidDepth: number | null;
  readonly askDepth: number | null;
  /** Bought - sold since `fromUs`. */
  readonly delta: number;
}

/**
 * Contracts of the two nearest expiries, of futures and of options by themselves, that have a tick today; nearest expiry first.
 *
 * @param today ISO date in IST
 * @param dayUs its midnight
 * @param fromUs sums begin here
 */
export async function contractDays(
  db: Pool,
  { underlying, today, dayUs, fromUs }: { underlying: string; today: string; dayUs: number; fromUs: number },
): Promise<ContractDay[]> {
  const { rows } = await db.query<ContractDay>(
    `WITH nearest AS (
       SELECT type = 'FUT' AS future, expiry, row_number() OVER (PARTITION BY type = 'FUT' ORDER BY expiry) AS place
       FROM gehra.instruments WHERE listed AND name = $1 AND type IN ('FUT', 'CE', 'PE') AND expiry >= $2::date
       GROUP BY 1, 2),
     newest AS (
       SELECT DISTINCT ON (i.instrument_id) i.instrument_id, feed.feed_id, i.symbol, i.type, i.expiry, i.strike, i.price_scale,
         t.last_price, t.volume, t.oi, t.bid_depth, t.ask_depth
       FROM gehra.instruments AS i
       JOIN nearest ON nearest.future = (i.type = 'FUT') AND nearest.expiry = i.expiry AND nearest.place <= 2
       JOIN gehra.feeds AS feed ON feed.kind IN ('ticks', 'live')
       CROSS JOIN LATERAL (
         SELECT last_price, volume, oi, bid_depth, ask_depth FROM gehra.ticks AS t
         WHERE t.instrument_id = i.instrument_id AND t.feed_id = feed.feed_id AND t.last_price IS NOT NULL
           AND t.time >= to_timestamp($3::bigint / 1e6)
         ORDER BY t.time DESC, t.n DESC LIMIT 1) AS t
       WHERE i.listed AND i.name = $1 AND i.type IN ('FUT', 'CE', 'PE')
       ORDER BY i.instrument_id, feed.kind = 'ticks' DESC, feed.number)
     SELECT instrument_id AS "instrumentId", feed_id AS "feedId", symbol, type, to_char(expiry, 'YYYY-MM-DD') AS expiry, strike,
       price_scale AS "priceScale", last_price AS "lastPrice", volume, bid_depth AS "bidDepth", ask_depth AS "askDepth",
       (SELECT t.last_price FROM gehra.ticks AS t
        WHERE t.instrument_id = newest.instrument_id AND t.feed_id = newest.feed_id AND t.last_price IS NOT NULL
          AND t.time >= to_timestamp($3::bigint / 1e6) ORDER BY t.time, t.n LIMIT 1) AS "firstPrice",
       oi - (SELECT t.oi FROM gehra.ticks AS t
        WHERE t.instrument_id = newest.instrument_id AND t.feed_id = newest.feed_id AND t.oi IS NOT NULL
          AND t.time >= to_timestamp($4::bigint / 1e6) ORDER BY t.time, t.n LIMIT 1) AS "oiChange",
       (SELECT coalesce(sum(b.buy - b.sell), 0)::bigint FROM gehra.flow_bars AS b
        WHERE b.instrument_id = newest.instrument_id AND b.feed_id = newest.feed_id
          AND b.time >= to_timestamp($4::bigint / 1e6)) AS delta
     FROM newest ORDER BY expiry, symbol`,
    [underlying, today, dayUs, fromUs],
  );
  return rows;
}

/** A tick on which something traded. Null where its feed did not say or there was no base. */
export interface ContractTick {
  readonly instrumentId: number;
  readonly stampUs: number;
  readonly lastPrice: number;
  readonly volumeDelta: number;
  readonly priceDelta: number | null;
  readonly bidDepth: number | null;
  readonly askDepth: number | null;
  readonly aggressor: Aggressor;
}

/** The newest ticks of an interval on which something of one of the contracts traded, newest first, at most `limit`. */
export async function newestContractTicks(
  db: Pool,
  contracts: readonly Pick<ContractDay, 'instrumentId' | 'feedId'>[],
  { fromUs, toUs, limit }: { readonly fromUs: number; readonly toUs: number; readonly limit: number },
): Promise<ContractTick[]> {
  const { rows } = await db.query<ContractTick>(
    `SELECT t.* FROM unnest($1::integer[], $2::smallint[]) AS contract (instrument_id, feed_id)
     CROSS JOIN LATERAL (
       SELECT instrument_id AS "instrumentId", (extract(epoch FROM time) * 1e6)::bigint AS "stampUs", last_price AS "lastPrice",
         volume_delta AS "volumeDelta", price_delta AS "priceDelta", bid_depth AS "bidDepth", ask_depth AS "askDepth", aggressor
       FROM gehra.ticks AS t
       WHERE t.instrument_id = contract.instrument_id AND t.feed_id = contract.feed_id AND volume_delta > 0
         AND last_price IS NOT NULL
         AND time >= to_timestamp($3::bigint / 1e6) AND time < to_timestamp($4::bigint / 1e6)
       ORDER BY time DESC, n DESC LIMIT $5) AS t
     ORDER BY "stampUs" DESC, "instrumentId" LIMIT $5`,
    [contracts.map(({ instrumentId }) => instrumentId), contracts.map(({ feedId }) => feedId), fromUs, toUs, limit],
  );
  return rows;
}
