/**
 * A tile of the heatmap: TILE_COLUMNS columns of one width, their cells of one value at one height of price rows, and what
 * stands beside the cells. Decoded here from the bytes that docs/TILES.md describes, and encoded into them: the same tile
 * always gives the same bytes.
 */
import { ABSENT } from '../core/absent.ts';
import { ByteReader, ByteWriter, CodecError } from '../core/bytes.ts';
import { ASK, BID, type Side } from '../core/side.ts';

/** Columns of a tile. Each tier's width times this is a whole multiple of the finer tier's. */
export const TILE_COLUMNS = 120;

/** Raised by every change of the bytes or of what they mean: tiles built before are built anew. */
export const TILE_VERSION = 1;

/**
 * What a cell tells of its column: the largest size that stood at its row, the size that stood there last, or the mean over
 * the time in which the side was known. Their numbers are part of the format and of the table's key.
 */
export const TILE_VALUES = ['max', 'last', 'mean'] as const;
export type TileValue = (typeof TILE_VALUES)[number];

const MAGIC = [0x47, 0x48, 0x54] as const;
const US_PER_MS = 1000;

export interface TileHead {
  readonly value: TileValue;
  /** Width of a column. */
  readonly columnMs: number;
  /** Beginning of the first column, µs: a whole multiple of the tile's length. */
  readonly startUs: number;
  /** Height of a price row, price units. Row r holds bids from r × rowUnits up, asks from r × rowUnits down. */
  readonly rowUnits: number;
}

/** One number a column; ABSENT where there is none. */
export type Series = Float64Array;

export interface TileSide {
  /** Row numbers, ascending: those that hold anything in any column. */
  readonly rows: Int32Array;
  /** TILE_COLUMNS numbers a row. Units; of `mean` units × ms, to be divided by `knownMs`. 0 where nothing stood. */
  readonly cells: Float64Array;
  /** How long the side was known in each column, ms; 0: not at all, and its cells say nothing. */
  readonly knownMs: Series;
  /** Best price, price units: the last one, the lowest and the highest. ABSENT where unknown or empty. */
  readonly bestLast: Series;
  readonly bestLow: Series;
  readonly bestHigh: Series;
}

/** What traded in each column. Volumes in units; prices in price units, ABSENT where nothing traded. */
export interface TileTrades {
  readonly buy: Series;
  readonly sell: Series;
  readonly unknown: Series;
  /** Sum of price × volume: divided by the volume it is the column's average price. */
  readonly turnover: Series;
  readonly low: Series;
  readonly high: Series;
  readonly last: Series;
}

export interface Tile extends TileHead {
  /** Indexed by Side. */
  readonly sides: readonly [TileSide, TileSide];
  readonly trades: TileTrades;
}

/** Length of a tile in time, µs. */
export const tileUs = (columnMs: number): number => columnMs * US_PER_MS * TILE_COLUMNS;

/** Beginning of the tile that an instant falls into, µs. */
export const tileStart = (timeUs: number, columnMs: number): number =>
  Math.floor(timeUs / tileUs(columnMs)) * tileUs(columnMs);

export const series = (fill: number): Series => new Float64Array(TILE_COLUMNS).fill(fill);

export const newTrades = (): TileTrades => ({
  buy: series(0),
  sell: series(0),
  unknown: series(0),
  turnover: series(0),
  low: series(ABSENT),
  high: series(ABSENT),
  last: series(ABSENT),
});

export const newTileSide = (rows = new Int32Array(0)): TileSide => ({
  rows,
  cells: new Float64Array(rows.length * TILE_COLUMNS),
  knownMs: series(0),
  bestLast: series(ABSENT),
  bestLow: series(ABSENT),
  bestHigh: series(ABSENT),
});

/** Size in a cell, units; ABSENT where the side was not known in that column. @param row index into the side's rows */
export function cellOf(tile: Tile, side: Side, row: number, column: number): number {
  const { cells, knownMs } = tile.sides[side];
  const known = knownMs[column] as number;
  if (known === 0) return ABSENT;
  const cell = cells[row * TILE_COLUMNS + column] as number;
  return tile.value === 'mean' ? cell / known : cell;
}

/** Bytes of a tile, not compressed. */
export function encodeTile(tile: Tile): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64 * 1024);
  for (const byte of MAGIC) writer.u8(byte);
  writer.u8(TILE_VERSION);
  writer.varint(TILE_VALUES.indexOf(tile.value));
  writer.varint(tile.columnMs);
  writer.varint(tile.startUs / tileUs(tile.columnMs));
  writer.varint(tile.rowUnits);
  for (const side of [BID, ASK] as const) writeSide(writer, tile.sides[side]);
  for (const name of TRADE_SERIES) writeSeries(writer, tile.trades[name], 0);
  return writer.copy();
}

const TRADE_SERIES = [
  'buy',
  'sell',
  'unknown',
  'turnover',
  'low',
  'high',
  'last',
] as const satisfies readonly (keyof TileTrades)[];
const SIDE_SERIES = ['knownMs', 'bestLast', 'bestLow', 'bestHigh'] as const satisfies readonly (keyof TileSide)[];

function writeSide(writer: ByteWriter, side: TileSide): void {
  for (const name of SIDE_SERIES) writeSeries(writer, side[name], 0);
  const { rows, cells } = side;
  writer.varint(rows.length);
  let before = 0;
  for (const row of rows) {
    writer.zigzag(row - before);
    before = row;
  }
  for (let row = 0; row < rows.length; row += 1) writeSeries(writer, cells, row * TILE_COLUMNS);
}

/** Tokens of a series: so many columns like the one before; absent; from CHANGE on the zigzag of a difference to what was. */
const REPEAT = 0;
const NOTHING = 1;
const CHANGE = 2;

function writeSeries(writer: ByteWriter, numbers: Float64Array, from: number): void {
  let present = 0;
  let before = 0;
  let repeated = 0;
  for (let at = from; at < from + TILE_COLUMNS; at += 1) {
    const number = numbers[at] as number;
    if (number === before) {
      repeated += 1;
      continue;
    }
    writeRepeat(writer, repeated);
    repeated = 0;
    before = number;
    if (number === ABSENT) {
      writer.varint(NOTHING);
      continue;
    }
    const change = number - present;
    writer.varint(CHANGE + (change < 0 ? -2 * change - 1 : 2 * change));
    present = number;
  }
  writeRepeat(writer, repeated);
}

function writeRepeat(writer: ByteWriter, columns: number): void {
  if (columns === 0) return;
  writer.varint(REPEAT);
  writer.varint(columns);
}

/** The tile of bytes that `encodeTile` wrote. @throws CodecError where they are no tile of this version */
export function decodeTile(bytes: Uint8Array): Tile {
  const reader = new ByteReader(bytes);
  for (const byte of MAGIC) if (reader.u8() !== byte) throw new CodecError('no heatmap tile');
  const version = reader.u8();
  if (version !== TILE_VERSION) throw new CodecError(`a tile of version ${version}, ${TILE_VERSION} is known`);
  const number = reader.varint();
  const value = TILE_VALUES[number];
  if (value === undefined) throw new CodecError(`a tile of value ${number}`);
  const columnMs = positive(reader, 'width of columns');
  const startUs = reader.varint() * tileUs(columnMs);
  if (!Number.isSafeInteger(startUs)) throw new CodecError('a tile beyond all time');
  const rowUnits = positive(reader, 'height of rows');
  const sides = [readSide(reader, bytes), readSide(reader, bytes)] as const;
  const trades = Object.fromEntries(
    TRADE_SERIES.map((name) => [name, readNewSeries(reader, bytes)]),
  ) as unknown as TileTrades;
  if (reader.remaining > 0) throw new CodecError(`${reader.remaining} bytes behind the end of a tile`);
  return { value, columnMs, startUs, rowUnits, sides, trades };
}

function positive(reader: ByteReader, what: string): number {
  const number = reader.varint();
  if (number === 0) throw new CodecError(`a tile whose ${what} is 0`);
  return number;
}

function readSide(reader: ByteReader, bytes: Uint8Array): TileSide {
  const knownMs = readNewSeries(reader, bytes);
  const bestLast = readNewSeries(reader, bytes);
  const bestLow = readNewSeries(reader, bytes);
  const bestHigh = readNewSeries(reader, bytes);
  const count = reader.varint();
  // A row takes three bytes at least: a number beyond that would only reserve memory.
  if (count * ROW_BYTES_MIN > reader.remaining) throw new CodecError(`${count} rows in ${reader.remaining} bytes`);
  const rows = new Int32Array(count);
  let row = 0;
  for (let i = 0; i < count; i += 1) {
    const step = reader.zigzag();
    row += step;
    if ((i > 0 && step <= 0) || (row | 0) !== row) throw new CodecError(`row ${row} is out of order or out of range`);
    rows[i] = row;
  }
  const cells = new Float64Array(count * TILE_COLUMNS);
  readSeries(reader, bytes, cells);
  return { rows, cells, knownMs, bestLast, bestLow, bestHigh };
}

const ROW_BYTES_MIN = 3;

function readNewSeries(reader: ByteReader, bytes: Uint8Array): Series {
  const into = series(0);
  readSeries(reader, bytes, into);
  return into;
}

/**
 * Fills whole series, one after the other. Small tokens are read here: by a call each, a tile takes three times as long.
 *
 * @param into full of zeros
 */
function readSeries(reader: ByteReader, bytes: Uint8Array, into: Float64Array): void {
  let position = reader.position;
  let present = 0;
  let before = 0;
  let end = TILE_COLUMNS;
  for (let at = 0; at < into.length; ) {
    let token = bytes[position] as number;
    const next = bytes[position + 1] as number;
    if (token < 0x80) position += 1;
    else if (next < 0x80) {
      token += (next - 1) << 7;
      position += 2;
    } else {
      reader.position = position;
      token = reader.varint();
      position = reader.position;
    }
    if (token >= CHANGE) {
      const zigzag = token - CHANGE;
      // Bit operators while they are exact.
      if (zigzag >>> 0 === zigzag) present += (zigzag >>> 1) ^ -(zigzag & 1);
      else present += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      before = present;
      into[at] = before;
      at += 1;
    } else if (token === NOTHING) {
      before = ABSENT;
      into[at] = before;
      at += 1;
    } else {
      let repeated = bytes[position] as number;
      if (repeated < 0x80) position += 1;
      else {
        reader.position = position;
        repeated = reader.varint();
        position = reader.position;
      }
      if (!(repeated > 0 && repeated <= end - at)) {
        throw new CodecError(`${repeated} columns where ${end - at} are left`);
      }
      const stop = at + repeated;
      if (before === 0) at = stop;
      // Most are short: a call of fill takes longer.
      else while (at < stop) into[at++] = before;
    }
    if (at < end) continue;
    if (!Number.isSafeInteger(present)) throw new CodecError('a number beyond 2^53');
    end += TILE_COLUMNS;
    present = 0;
    before = 0;
  }
  reader.position = position;
}
