/** Columns of the exported tables, with their units. docs/EXPORTS.md explains each; a test holds the two together. */
import type { ExportColumn, ExportColumnType, ExportKind } from '../core/exports.ts';

const PRICE = 'price units';
const UNITS = 'units';
const UTC = 'UTC';

type Definition = readonly [name: string, type: ExportColumnType, unit: string, nullable?: 'nullable'];

const table = (definitions: readonly Definition[]): readonly ExportColumn[] =>
  definitions.map(([name, type, unit, nullable]) => ({ name, type, unit, nullable: nullable !== undefined }));

/** Named as in the database, in its order, without what is the same in every row. */
export const TICK_COLUMNS = table([
  ['time', 'instant', UTC],
  ['n', 'int16', ''],
  ['mode', 'int16', ''],
  ['aggressor', 'int16', ''],
  ['aggressor_confidence', 'int16', ''],
  ['last_price', 'int32', PRICE, 'nullable'],
  ['average_price', 'int32', PRICE, 'nullable'],
  ['open', 'int32', PRICE, 'nullable'],
  ['high', 'int32', PRICE, 'nullable'],
  ['low', 'int32', PRICE, 'nullable'],
  ['close', 'int32', PRICE, 'nullable'],
  ['spread', 'int32', PRICE, 'nullable'],
  ['price_delta', 'int32', PRICE, 'nullable'],
  ['last_quantity', 'int64', UNITS, 'nullable'],
  ['volume', 'int64', UNITS, 'nullable'],
  ['buy_quantity', 'int64', UNITS, 'nullable'],
  ['sell_quantity', 'int64', UNITS, 'nullable'],
  ['oi', 'int64', UNITS, 'nullable'],
  ['oi_day_high', 'int64', UNITS, 'nullable'],
  ['oi_day_low', 'int64', UNITS, 'nullable'],
  ['bid_depth', 'int64', UNITS, 'nullable'],
  ['ask_depth', 'int64', UNITS, 'nullable'],
  ['volume_delta', 'int64', UNITS, 'nullable'],
  ['volume_unattributed', 'int64', UNITS, 'nullable'],
  ['oi_delta', 'int64', UNITS, 'nullable'],
  ['buy_quantity_delta', 'int64', UNITS, 'nullable'],
  ['sell_quantity_delta', 'int64', UNITS, 'nullable'],
  ['signed_volume', 'int64', UNITS, 'nullable'],
  ['mid', 'double', PRICE, 'nullable'],
  ['spread_over_last', 'double', 'ratio', 'nullable'],
  ['imbalance', 'double', 'ratio', 'nullable'],
  ['last_trade_time', 'instant', UTC, 'nullable'],
  ['exchange_time', 'instant', UTC, 'nullable'],
  ['bid_prices', 'int32[]', PRICE, 'nullable'],
  ['bid_quantities', 'int64[]', UNITS, 'nullable'],
  ['bid_orders', 'int32[]', 'orders', 'nullable'],
  ['ask_prices', 'int32[]', PRICE, 'nullable'],
  ['ask_quantities', 'int64[]', UNITS, 'nullable'],
  ['ask_orders', 'int32[]', 'orders', 'nullable'],
]);

const BAR_COLUMNS = table([
  ['time', 'instant', UTC],
  ['last_time', 'instant', UTC],
  ['open', 'int32', PRICE, 'nullable'],
  ['high', 'int32', PRICE, 'nullable'],
  ['low', 'int32', PRICE, 'nullable'],
  ['close', 'int32', PRICE, 'nullable'],
  ['volume', 'int64', UNITS],
  ['buy', 'int64', UNITS],
  ['sell', 'int64', UNITS],
  ['unknown', 'int64', UNITS],
  ['unattributed', 'int64', UNITS],
  ['delta', 'int64', UNITS],
  ['min_delta', 'int64', UNITS],
  ['max_delta', 'int64', UNITS],
  ['trades', 'int32', 'trades'],
  ['value', 'double', 'price units × units'],
  ['vwap', 'double', PRICE, 'nullable'],
  ['oi', 'int64', UNITS, 'nullable'],
]);

const SIDE_NAME: readonly Definition[] = [
  ['time', 'instant', UTC],
  ['book_time', 'instant', UTC],
  ['n', 'int16', ''],
  ['side', 'text', ''],
  ['flags', 'int16', ''],
];
const LEVEL_COLUMNS = table([
  ...SIDE_NAME,
  ['level', 'int32', ''],
  ['price', 'int32', PRICE, 'nullable'],
  ['quantity', 'int32', UNITS, 'nullable'],
  ['orders', 'int32', 'orders', 'nullable'],
]);
const SIDE_COLUMNS = table([
  ...SIDE_NAME,
  ['prices', 'int32[]', PRICE],
  ['quantities', 'int32[]', UNITS],
  ['orders', 'int32[]', 'orders'],
]);

/** An event of hftbacktest, 64 bytes (its `event_dtype`). */
const EVENT_COLUMNS: readonly ExportColumn[] = [
  ['ev', 'flags'],
  ['exch_ts', 'ns since the epoch, UTC'],
  ['local_ts', 'ns since the epoch, UTC'],
  ['px', 'rupees'],
  ['qty', UNITS],
  ['order_id', '0'],
  ['ival', '0'],
  ['fval', '0'],
].map(([name = '', unit = '']) => ({
  name,
  type: name === 'px' || name === 'qty' || name === 'fval' ? 'double' : 'int64',
  unit,
  nullable: false,
}));

export const COLUMNS_OF_KIND: Readonly<Record<ExportKind, readonly ExportColumn[]>> = {
  ticks: TICK_COLUMNS,
  bars: BAR_COLUMNS,
  depth_levels: LEVEL_COLUMNS,
  depth_sides: SIDE_COLUMNS,
  hftbacktest: EVENT_COLUMNS,
};
