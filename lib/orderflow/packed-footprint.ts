/**
 * A minute's footprint as the database keeps it: cell after cell, lowest price first, each as five varints (lib/core/bytes.ts): how far
 * its price is above the one before it (the first one's own, zigzag-coded), bought, sold, unknown and trades. Bytes, because
 * PostgreSQL takes ten times as long to hand out an array; varints, because a day's are handed out at once and most of them
 * are a byte or two.
 */
import { ByteReader, ByteWriter } from '../core/bytes.ts';
import type { FootprintCell } from './footprint.ts';

/** A cell of usual quantities takes ten. */
const CELL_BYTES = 16;

/** @param cells lowest price first, no price twice */
export function packFootprint(cells: readonly FootprintCell[]): Buffer {
  const bytes = new ByteWriter(cells.length * CELL_BYTES);
  let before: number | null = null;
  for (const { price, buy, sell, unknown, trades } of cells) {
    if (before === null) bytes.zigzag(price);
    else bytes.varint(price - before);
    before = price;
    bytes.varint(buy);
    bytes.varint(sell);
    bytes.varint(unknown);
    bytes.varint(trades);
  }
  return Buffer.from(bytes.copy().buffer);
}

/** Calls `put` for each cell, lowest price first. @throws CodecError where the bytes are no whole cells */
export function eachPackedCell(
  bytes: Uint8Array,
  put: (price: number, buy: number, sell: number, unknown: number, trades: number) => void,
): void {
  const reader = new ByteReader(bytes);
  let price = 0;
  while (reader.remaining > 0) {
    price = reader.position === 0 ? reader.zigzag() : price + reader.varint();
    put(price, reader.varint(), reader.varint(), reader.varint(), reader.varint());
  }
}
