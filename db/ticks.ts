/** Stored ticks of one instrument and feed, page by page. */
import { ABSENT } from '../lib/core/absent.ts';
import type { Aggressor } from '../lib/core/aggressor.ts';
import type { Pool } from './connect.ts';

/** A tick's name within its instrument and feed. */
export interface TickName {
  /** µs since the epoch. */
  readonly stampUs: number;
  readonly n: number;
}

export interface TickPage {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Only ticks on which something traded. */
  readonly traded: boolean;
  /** Of the trade; undefined: whatever it is. */
  readonly side?: Aggressor | undefined;
  readonly minQuantity?: number | undefined;
  readonly maxQuantity?: number | undefined;
  readonly minPrice?: number | undefined;
  readonly maxPrice?: number | undefined;
  readonly minConfidence?: number | undefined;
  readonly newestFirst: boolean;
  /** The page begins behind this one. */
  readonly after: TickName | null;
  readonly limit: number;
}

export interface TradeRow extends TickName {
  readonly price: number;
  readonly quantity: number;
  readonly aggressor: Aggressor;
  readonly confidence: number;
  readonly oi: number | null;
}

/** Ticks of a page in the order asked for. @returns at most `limit` */
export async function tradesOfPage(db: Pool, page: TickPage): Promise<TradeRow[]> {
  return select<TradeRow>(
    db,
    `last_price AS price, volume_delta AS quantity, aggressor, aggressor_confidence AS confidence, oi`,
    page,
  );
}

/** As stored: prices in price units, null where the feed did not say. */
export interface TickRow extends TickName {
  readonly mode: number;
  readonly lastPrice: number | null;
  readonly lastQuantity: number | null;
  readonly averagePrice: number | null;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
  readonly buyQuantity: number | null;
  readonly sellQuantity: number | null;
  readonly oi: number | null;
  readonly oiDayHigh: number | null;
  readonly oiDayLow: number | null;
  readonly lastTradeUs: number | null;
  readonly exchangeUs: number | null;
  readonly bidPrices: readonly number[] | null;
  readonly bidQuantities: readonly number[] | null;
  readonly bidOrders: readonly number[] | null;
  readonly askPrices: readonly number[] | null;
  readonly askQuantities: readonly number[] | null;
  readonly askOrders: readonly number[] | null;
  readonly mid: number | null;
  readonly spread: number | null;
  readonly spreadOverLast: number | null;
  readonly bidDepth: number | null;
  readonly askDepth: number | null;
  readonly imbalance: number | null;
  readonly volumeDelta: number | null;
  readonly volumeUnattributed: number | null;
  readonly oiDelta: number | null;
  readonly priceDelta: number | null;
  readonly aggressor: Aggressor;
  readonly confidence: number;
  readonly signedVolume: number | null;
}

const TICK = `mode, last_price AS "lastPrice", last_quantity AS "lastQuantity", average_price AS "averagePrice", open, high, low,
  close, volume, buy_quantity AS "buyQuantity", sell_quantity AS "sellQuantity", oi, oi_day_high AS "oiDayHigh",
  oi_day_low AS "oiDayLow", (extract(epoch FROM last_trade_time) * 1e6)::bigint AS "lastTradeUs",
  (extract(epoch FROM exchange_time) * 1e6)::bigint AS "exchangeUs", bid_prices AS "bidPrices",
  bid_quantities::float8[] AS "bidQuantities", bid_orders AS "bidOrders", ask_prices AS "askPrices",
  ask_quantities::float8[] AS "askQuantities", ask_orders AS "askOrders", mid, spread,
  spread_over_last AS "spreadOverLast", bid_depth AS "bidDepth", ask_depth AS "askDepth", imbalance,
  volume_delta AS "volumeDelta", volume_unattributed AS "volumeUnattributed", oi_delta AS "oiDelta",
  price_delta AS "priceDelta", aggressor, aggressor_confidence AS confidence, signed_volume AS "signedVolume"`;

/** The same with everything a tick has. */
export const ticksOfPage = (db: Pool, page: TickPage): Promise<TickRow[]> => select<TickRow>(db, TICK, page);

async function select<Row extends TickName>(db: Pool, columns: string, page: TickPage): Promise<Row[]> {
  const values: unknown[] = [page.instrumentId, page.feedId, page.fromUs, page.toUs, page.limit];
  const conditions: string[] = page.traded ? ['volume_delta > 0'] : [];
  const where = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  // Nobody initiated anything on a tick on which nothing traded.
  where(page.side, (side) => `aggressor = ${side}::smallint AND volume_delta > 0`);
  where(page.minQuantity, (least) => `volume_delta >= ${least}::bigint`);
  where(page.maxQuantity, (most) => `volume_delta <= ${most}::bigint`);
  where(page.minPrice, (least) => `last_price >= ${least}::bigint`);
  where(page.maxPrice, (most) => `last_price <= ${most}::bigint`);
  where(page.minConfidence, (least) => `aggressor_confidence >= ${least}::smallint`);
  const direction = page.newestFirst ? 'DESC' : 'ASC';
  if (page.after) {
    values.push(page.after.stampUs, page.after.n);
    const behind = page.newestFirst ? '<' : '>';
    conditions.push(
      `(time, n::bigint) ${behind} (to_timestamp($${values.length - 1}::bigint / 1e6), $${values.length}::bigint)`,
    );
  }
  const { rows } = await db.query<Row>(
    `SELECT (extract(epoch FROM time) * 1e6)::bigint AS "stampUs", n, ${columns}
     FROM gehra.ticks
     WHERE instrument_id = $1 AND feed_id = $2
       AND time >= to_timestamp($3::bigint / 1e6) AND time < to_timestamp($4::bigint / 1e6)
       ${conditions.map((condition) => `AND ${condition}`).join(' ')}
     ORDER BY time ${direction}, n ${direction} LIMIT $5`,
    values,
  );
  return rows;
}

/** What traded on a tick, and what it moved. ABSENT where the feed did not say or there was no base. */
export interface TradedTick {
  readonly stampUs: number;
  readonly price: number;
  /** Traded since the tick before; 0 where only something unattributed was. */
  readonly quantity: number;
  readonly unattributed: number;
  readonly aggressor: Aggressor;
  readonly oi: number;
  readonly priceDelta: number;
  readonly bidDepth: number;
  readonly askDepth: number;
}

/** Ticks of an interval on which something traded or was found to have traded in a gap, oldest first, at most `limit`. */
export async function tradedTicks(
  db: Pool,
  { instrumentId, feedId, fromUs, toUs }: Pick<TickPage, 'instrumentId' | 'feedId' | 'fromUs' | 'toUs'>,
  limit: number,
): Promise<TradedTick[]> {
  const { rows } = await db.query<TradedTick>(
    `SELECT (extract(epoch FROM time) * 1e6)::bigint AS "stampUs", coalesce(last_price, $6::bigint) AS price,
       CASE WHEN last_price IS NULL THEN 0 ELSE greatest(0, coalesce(volume_delta, 0)) END AS quantity,
       greatest(0, coalesce(volume_unattributed, 0)) AS unattributed, aggressor, coalesce(oi, $6) AS oi,
       coalesce(price_delta, $6) AS "priceDelta", coalesce(bid_depth, $6) AS "bidDepth", coalesce(ask_depth, $6) AS "askDepth"
     FROM gehra.ticks
     WHERE instrument_id = $1 AND feed_id = $2
       AND time >= to_timestamp($3::bigint / 1e6) AND time < to_timestamp($4::bigint / 1e6)
       AND (volume_delta > 0 AND last_price IS NOT NULL OR volume_unattributed > 0)
     ORDER BY time, n LIMIT $5`,
    [instrumentId, feedId, fromUs, toUs, limit, ABSENT],
  );
  return rows;
}
