/** Market data as rows: the encoding of each table's columns for COPY, and what does not fit them. */
import { ABSENT } from '../lib/core/absent.ts';
import type { SideLevels } from '../lib/core/side.ts';
import type { Tick } from '../lib/orderflow/tick.ts';
import type { CopyRows } from './copy.ts';

/** A number that its column cannot hold. The row is set aside, whole: a cut or wrapped number would be believed. */
export class UnstorableError extends Error {
  override readonly name = 'UnstorableError';
}

const INT4_MAX = 2 ** 31 - 1;
const US_PER_S = 1_000_000;

/** A side frame and its names (lib/queue/entry.ts, DepthRecord). */
export interface DepthRow {
  readonly bookTimeUs: number;
  readonly stampUs: number;
  readonly instrumentId: number;
  readonly side: number;
  readonly n: number;
  readonly flags: number;
  readonly levels: SideLevels;
}

export const DEPTH_COPY =
  'COPY gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders) FROM STDIN (FORMAT binary)';

/** @throws UnstorableError before anything of the row was written */
export function writeDepthRow(rows: CopyRows, feedId: number, row: DepthRow): void {
  const { levels } = row;
  for (let i = 0; i < levels.count; i += 1) {
    if ((levels.quantities[i] as number) > INT4_MAX || (levels.orders[i] as number) > INT4_MAX) {
      throw new UnstorableError(`level ${i + 1} has a quantity or a number of orders above ${INT4_MAX}`);
    }
  }
  rows.row(10);
  rows.timestamptz(row.bookTimeUs);
  rows.timestamptz(row.stampUs);
  rows.int4(row.instrumentId);
  rows.int2(feedId);
  rows.int2(row.side);
  rows.int2(row.n);
  rows.int2(row.flags);
  rows.int4Array(levels.prices, levels.count);
  rows.int4Array(levels.quantities, levels.count);
  rows.int4Array(levels.orders, levels.count);
}

type TickField = keyof { [K in keyof Tick as Tick[K] extends number ? K : never]: true };
type Column = readonly [name: string, field: TickField, type: 'int2' | 'int4' | 'int8' | 'float8' | 'seconds'];

/** Columns of gehra.ticks after the four of its key, in the order in which they are copied; the six arrays follow. */
const TICK_COLUMNS: readonly Column[] = [
  ['mode', 'mode', 'int2'],
  ['aggressor', 'aggressor', 'int2'],
  ['aggressor_confidence', 'confidence', 'int2'],
  ['last_price', 'lastPrice', 'int4'],
  ['average_price', 'averagePrice', 'int4'],
  ['open', 'open', 'int4'],
  ['high', 'high', 'int4'],
  ['low', 'low', 'int4'],
  ['close', 'close', 'int4'],
  ['spread', 'spread', 'int4'],
  ['price_delta', 'priceDelta', 'int4'],
  ['last_quantity', 'lastQuantity', 'int8'],
  ['volume', 'volume', 'int8'],
  ['buy_quantity', 'buyQuantity', 'int8'],
  ['sell_quantity', 'sellQuantity', 'int8'],
  ['oi', 'oi', 'int8'],
  ['oi_day_high', 'oiDayHigh', 'int8'],
  ['oi_day_low', 'oiDayLow', 'int8'],
  ['bid_depth', 'bidDepth', 'int8'],
  ['ask_depth', 'askDepth', 'int8'],
  ['volume_delta', 'volumeDelta', 'int8'],
  ['volume_unattributed', 'volumeUnattributed', 'int8'],
  ['oi_delta', 'oiDelta', 'int8'],
  ['buy_quantity_delta', 'buyQuantityDelta', 'int8'],
  ['sell_quantity_delta', 'sellQuantityDelta', 'int8'],
  ['signed_volume', 'signedVolume', 'int8'],
  ['mid', 'mid', 'float8'],
  ['spread_over_last', 'spreadOverLast', 'float8'],
  ['imbalance', 'imbalance', 'float8'],
  ['last_trade_time', 'lastTradeTime', 'seconds'],
  ['exchange_time', 'exchangeTime', 'seconds'],
];
const TICK_KEY = ['time', 'instrument_id', 'feed_id', 'n'];
const TICK_ARRAYS = ['bid_prices', 'bid_quantities', 'bid_orders', 'ask_prices', 'ask_quantities', 'ask_orders'];
const TICK_FIELDS = TICK_KEY.length + TICK_COLUMNS.length + TICK_ARRAYS.length;

export const TICK_COPY = `COPY gehra.ticks (${[...TICK_KEY, ...TICK_COLUMNS.map(([name]) => name), ...TICK_ARRAYS].join(
  ', ',
)}) FROM STDIN (FORMAT binary)`;

/** @throws UnstorableError before anything of the row was written */
export function writeTickRow(rows: CopyRows, feedId: number, tick: Tick): void {
  for (const [name, field, type] of TICK_COLUMNS) {
    if (type === 'int4' && tick[field] !== ABSENT && Math.abs(tick[field]) > INT4_MAX) {
      throw new UnstorableError(`${name} ${tick[field]} is above ${INT4_MAX}`);
    }
  }
  rows.row(TICK_FIELDS);
  rows.timestamptz(tick.stampUs);
  rows.int4(tick.instrumentId);
  rows.int2(feedId);
  rows.int2(tick.n);
  for (const [, field, type] of TICK_COLUMNS) {
    const value = tick[field];
    if (value === ABSENT) rows.null();
    else if (type === 'seconds') rows.timestamptz(value * US_PER_S);
    else rows[type](value);
  }
  writeTickSide(rows, tick.bids);
  writeTickSide(rows, tick.asks);
}

/** No levels: NULL, as people who query the arrays expect. */
function writeTickSide(rows: CopyRows, { count, prices, quantities, orders }: SideLevels): void {
  if (count === 0) {
    for (let i = 0; i < 3; i += 1) rows.null();
    return;
  }
  rows.int4Array(prices, count);
  rows.int8Array(quantities, count);
  rows.int4Array(orders, count);
}
