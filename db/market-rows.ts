/** Market data as rows: the encoding of each table's columns for COPY, and what does not fit them. */
import { ABSENT } from '../lib/core/absent.ts';
import type { Aggressor } from '../lib/core/aggressor.ts';
import type { SideLevels } from '../lib/core/side.ts';
import { TICK_NUMBERS, type Tick, type TickMode, type TickNumbers } from '../lib/orderflow/tick.ts';
import type { CopyRows } from './copy.ts';
import { type RawField, readInt4Array, readInt8Array, timestampUs } from './copy-out.ts';

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

/** Columns of a side frame's row, in the order in which `writeDepthRow` writes them. */
export const DEPTH_ROW = 'book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders';
export const DEPTH_COPY = `COPY gehra.depth_snapshots (${DEPTH_ROW}) FROM STDIN (FORMAT binary)`;

/** @throws UnstorableError before anything of the row was written */
export function writeDepthRow(rows: CopyRows, feedId: number, row: DepthRow): void {
  const { count, prices, quantities, orders } = row.levels;
  let bits = 0;
  for (let i = 0; i < count; i += 1) bits |= (quantities[i] as number) | (orders[i] as number);
  // The highest bit of any: as an int4 it would be negative.
  if (bits < 0) throw new UnstorableError(`a level has a quantity or a number of orders above ${INT4_MAX}`);
  rows.row(10);
  rows.timestamptz(row.bookTimeUs);
  rows.timestamptz(row.stampUs);
  rows.int4(row.instrumentId);
  rows.int2(feedId);
  rows.int2(row.side);
  rows.int2(row.n);
  rows.int2(row.flags);
  rows.int4Array(prices, count);
  rows.int4Array(quantities, count);
  rows.int4Array(orders, count);
}

type ColumnType = 'int4' | 'int8' | 'float8' | 'seconds';

/** Columns of gehra.ticks with a number of the tick, in the order in which they are copied. */
const TICK_COLUMNS: readonly (readonly [name: string, number: keyof TickNumbers, type: ColumnType])[] = [
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
/** Before them stand its name, its mode and its aggressor, after them its levels. */
const TICK_HEAD = ['time', 'instrument_id', 'feed_id', 'n', 'mode', 'aggressor', 'aggressor_confidence'];
const TICK_ARRAYS = ['bid_prices', 'bid_quantities', 'bid_orders', 'ask_prices', 'ask_quantities', 'ask_orders'];
const TICK_FIELDS = TICK_HEAD.length + TICK_COLUMNS.length + TICK_ARRAYS.length;

/** Columns of a tick's row, in the order in which `writeTickRow` writes them and `readTickRow` reads them. */
export const TICK_ROW = [...TICK_HEAD, ...TICK_COLUMNS.map(([name]) => name), ...TICK_ARRAYS].join(', ');
export const TICK_COPY = `COPY gehra.ticks (${TICK_ROW}) FROM STDIN (FORMAT binary)`;

/** The same by place: the number's in the tick, and what is done with it. */
const TICK_PLACES = TICK_COLUMNS.map(([, number]) => TICK_NUMBERS.indexOf(number));
const TICK_TYPES = TICK_COLUMNS.map(([, , type]) => type);

/** @throws UnstorableError before anything of the row was written */
export function writeTickRow(rows: CopyRows, feedId: number, tick: Tick): void {
  const { numbers } = tick;
  for (let i = 0; i < TICK_PLACES.length; i += 1) {
    const number = numbers[TICK_PLACES[i] as number] as number;
    if (TICK_TYPES[i] === 'int4' && number !== ABSENT && Math.abs(number) > INT4_MAX) {
      throw new UnstorableError(`${TICK_COLUMNS[i]?.[0]} ${number} is above ${INT4_MAX}`);
    }
  }
  rows.row(TICK_FIELDS);
  rows.timestamptz(tick.stampUs);
  rows.int4(tick.instrumentId);
  rows.int2(feedId);
  rows.int2(tick.n);
  rows.int2(tick.mode);
  rows.int2(tick.aggressor);
  rows.int2(tick.confidence);
  for (let i = 0; i < TICK_PLACES.length; i += 1) {
    writeNumber(rows, TICK_TYPES[i] as ColumnType, numbers[TICK_PLACES[i] as number] as number);
  }
  writeTickSide(rows, tick.bids);
  writeTickSide(rows, tick.asks);
}

function writeNumber(rows: CopyRows, type: ColumnType, number: number): void {
  if (number === ABSENT) rows.null();
  else if (type === 'int4') rows.int4(number);
  else if (type === 'int8') rows.int8(number);
  else if (type === 'float8') rows.float8(number);
  else rows.timestamptz(number * US_PER_S);
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

/** Fills `tick` with a row of the columns TICK_ROW, as `copyOut` gives it. */
export function readTickRow(row: readonly RawField[], tick: Tick): void {
  tick.clear();
  const int2 = (place: number): number => (row[place] as Buffer).readInt16BE(0);
  tick.stampUs = timestampUs(row[0] as Buffer);
  tick.instrumentId = (row[1] as Buffer).readInt32BE(0);
  tick.n = int2(3);
  tick.mode = int2(4) as TickMode;
  tick.aggressor = int2(5) as Aggressor;
  tick.confidence = int2(6);
  for (let i = 0; i < TICK_PLACES.length; i += 1) {
    const field = row[TICK_HEAD.length + i] as RawField;
    if (field) tick.numbers[TICK_PLACES[i] as number] = readNumber(TICK_TYPES[i] as ColumnType, field);
  }
  readTickSide(row.slice(TICK_HEAD.length + TICK_COLUMNS.length), tick.bids);
  readTickSide(row.slice(TICK_HEAD.length + TICK_COLUMNS.length + 3), tick.asks);
}

function readNumber(type: ColumnType, field: Buffer): number {
  if (type === 'int4') return field.readInt32BE(0);
  if (type === 'int8') return Number(field.readBigInt64BE(0));
  if (type === 'float8') return field.readDoubleBE(0);
  return timestampUs(field) / US_PER_S;
}

function readTickSide([prices, quantities, orders]: readonly RawField[], side: SideLevels): void {
  if (!prices || !quantities || !orders) return;
  side.count = readInt4Array(prices, side.prices);
  readInt8Array(quantities, side.quantities);
  readInt4Array(orders, side.orders);
}
