/**
 * A minute's footprint as the database keeps it: cell after cell, lowest price first, each as price (4 bytes), bought, sold,
 * unknown (8 bytes each) and trades (4 bytes), big-endian as PostgreSQL's int4send and int8send make them. Bytes, because
 * PostgreSQL takes ten times as long to hand out an array.
 */
import type { FootprintCell } from './footprint.ts';

const CELL_BYTES = 32;
const TWO_32 = 2 ** 32;

export function packFootprint(cells: readonly FootprintCell[]): Buffer {
  const bytes = Buffer.allocUnsafe(cells.length * CELL_BYTES);
  let at = 0;
  for (const { price, buy, sell, unknown, trades } of cells) {
    bytes.writeInt32BE(price, at);
    at += 4;
    for (const quantity of [buy, sell, unknown]) {
      bytes.writeUInt32BE(Math.floor(quantity / TWO_32), at);
      bytes.writeUInt32BE(quantity % TWO_32, at + 4);
      at += 8;
    }
    bytes.writeUInt32BE(trades, at);
    at += 4;
  }
  return bytes;
}

/** Calls `put` for each cell, lowest price first. @throws RangeError where the bytes are no whole cells */
export function eachPackedCell(
  bytes: Uint8Array,
  put: (price: number, buy: number, sell: number, unknown: number, trades: number) => void,
): void {
  if (bytes.length % CELL_BYTES !== 0) throw new RangeError(`${bytes.length} bytes are no footprint`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const quantity = (at: number): number => {
    const high = view.getUint32(at);
    // A sum of products is a float to the engine, and each would be kept in an object of its own.
    return high === 0 ? view.getUint32(at + 4) : high * TWO_32 + view.getUint32(at + 4);
  };
  for (let at = 0; at < bytes.length; at += CELL_BYTES) {
    put(view.getInt32(at), quantity(at + 4), quantity(at + 12), quantity(at + 20), view.getUint32(at + 28));
  }
}
