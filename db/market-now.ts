/** What the newest ticks say: last prices, and the money traded in a day. */
import type { Client, Pool } from './connect.ts';

/** Last prices in price units by instrument, of the last day; those without one are left out. */
export async function lastPrices(db: Client | Pool, instrumentIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; price: number }>(
    `SELECT DISTINCT ON (id) id, newest.last_price AS price
     FROM unnest($1::integer[]) AS id CROSS JOIN (SELECT feed_id FROM gehra.feeds WHERE kind IN ('ticks', 'live')) AS feed,
       LATERAL (SELECT time, last_price FROM gehra.ticks AS t
                WHERE t.instrument_id = id AND t.feed_id = feed.feed_id AND t.time > now() - interval '1 day'
                  AND last_price IS NOT NULL ORDER BY time DESC LIMIT 1) AS newest
     ORDER BY id, newest.time DESC`,
    [instrumentIds],
  );
  return new Map(rows.map(({ id, price }) => [id, price]));
}

/** Takes the day's turnover over from the newest ticks of what is recorded. @param day ISO date in IST */
export async function turnoverFromTicks(db: Client | Pool, day: string): Promise<void> {
  await db.query(
    `INSERT INTO gehra.turnover (instrument_id, day, turnover)
     SELECT DISTINCT ON (i.instrument_id) i.instrument_id, $1::date, newest.volume::float8 * newest.average_price / i.price_scale
     FROM gehra.subscriptions AS s JOIN gehra.feeds AS feed USING (feed_id) JOIN gehra.instruments AS i USING (instrument_id),
       LATERAL (SELECT volume, average_price FROM gehra.ticks AS t
                WHERE t.instrument_id = i.instrument_id AND t.feed_id = s.feed_id AND t.volume > 0 AND t.average_price > 0
                  AND t.time >= ($1::date::timestamp AT TIME ZONE 'Asia/Kolkata')
                ORDER BY time DESC LIMIT 1) AS newest
     WHERE feed.kind IN ('ticks', 'live')
     ON CONFLICT (instrument_id, day) DO UPDATE SET turnover = excluded.turnover
       WHERE excluded.turnover > turnover.turnover`,
    [day],
  );
}

/** Takes over turnovers that a broker's quotes gave, rupees. */
export async function storeTurnover(
  db: Client | Pool,
  day: string,
  values: ReadonlyMap<number, number>,
): Promise<void> {
  await db.query(
    `INSERT INTO gehra.turnover (instrument_id, day, turnover)
     SELECT id, $1::date, turnover FROM unnest($2::integer[], $3::float8[]) AS t (id, turnover)
     ON CONFLICT (instrument_id, day) DO UPDATE SET turnover = excluded.turnover`,
    [day, [...values.keys()], [...values.values()]],
  );
}

/** Forgets the turnover of days before one. @param day ISO date */
export async function forgetTurnover(db: Client | Pool, day: string): Promise<void> {
  await db.query('DELETE FROM gehra.turnover WHERE day < $1::date', [day]);
}

/**
 * Ids of the listed instruments of an exchange that were traded most in money, the most first, all on one day: the last one
 * known before today. Today itself is not over, and in its first minutes says little; it counts where it is the first one known.
 *
 * @param today ISO date in IST
 */
export async function topByTurnover(
  db: Client | Pool,
  exchange: string,
  count: number,
  today: string,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `WITH of_exchange AS (
       SELECT t.instrument_id AS id, t.day, t.turnover FROM gehra.turnover AS t JOIN gehra.instruments AS i USING (instrument_id)
       WHERE i.exchange = $1 AND i.listed AND t.turnover > 0)
     SELECT id FROM of_exchange WHERE day = (SELECT day FROM of_exchange ORDER BY day < $3::date DESC, day DESC LIMIT 1)
     ORDER BY turnover DESC, id LIMIT $2`,
    [exchange, count, today],
  );
  return rows.map(({ id }) => id);
}

/** An instrument's newest tick with a price, of the last day. Null where its feed does not say. */
export interface LatestTick {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly stampUs: number;
  readonly lastPrice: number;
  readonly previousClose: number | null;
  readonly volume: number | null;
  readonly averagePrice: number | null;
  readonly oi: number | null;
  readonly bid: number | null;
  readonly bidQuantity: number | null;
  readonly ask: number | null;
  readonly askQuantity: number | null;
  readonly imbalance: number | null;
  /** Why nobody listens to it now; null where somebody does. */
  readonly gap: string | null;
}

/** By instrument id; those without one are left out. @param nowUs the day ends here */
export async function latestTicks(
  db: Pool,
  instrumentIds: readonly number[],
  nowUs: number,
): Promise<Map<number, LatestTick>> {
  const { rows } = await db.query<LatestTick>(
    `SELECT DISTINCT ON (id) id AS "instrumentId", feed.feed_id AS "feedId",
       (extract(epoch FROM t.time) * 1e6)::bigint AS "stampUs", t.last_price AS "lastPrice", t.close AS "previousClose",
       t.volume, t.average_price AS "averagePrice", t.oi, t.bid_prices[1] AS bid,
       t.bid_quantities[1] AS "bidQuantity", t.ask_prices[1] AS ask, t.ask_quantities[1] AS "askQuantity", t.imbalance,
       (SELECT cause FROM gehra.feed_gaps AS g WHERE g.feed_id = feed.feed_id AND g.to_time IS NULL
          AND g.instrument_ids @> ARRAY[id] ORDER BY from_time DESC LIMIT 1) AS gap
     FROM unnest($1::integer[]) AS id CROSS JOIN (SELECT feed_id FROM gehra.feeds WHERE kind IN ('ticks', 'live')) AS feed,
       LATERAL (SELECT * FROM gehra.ticks AS newest
                WHERE newest.instrument_id = id AND newest.feed_id = feed.feed_id AND last_price IS NOT NULL
                  AND newest.time <= to_timestamp($2::bigint / 1e6)
                  AND newest.time > to_timestamp($2::bigint / 1e6) - interval '1 day'
                ORDER BY newest.time DESC, newest.n DESC LIMIT 1) AS t
     ORDER BY id, t.time DESC`,
    [instrumentIds, nowUs],
  );
  return new Map(rows.map((row) => [row.instrumentId, row]));
}
