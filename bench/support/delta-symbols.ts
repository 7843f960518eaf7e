/**
 * The symbols that a book's changes are made of, and their order-0 entropy: what a coder would need that knows how often
 * each symbol comes, and nothing else. They are those of the queue's codec (lib/book/side-codec.ts): operations with their
 * runs, price steps, quantities and orders of new levels, differences of quantity and orders of changed ones.
 */
import { encodeDelta } from '../../lib/book/side-codec.ts';
import { ByteReader, ByteWriter } from '../../lib/core/bytes.ts';
import { ASK, BID, SideLevels } from '../../lib/core/side.ts';
import type { TimedBook } from './sealed-books.ts';

const CHANGE = 1;
const INSERT = 3;

/** One column a kind of symbol, of all books one after the other; each side is told from the one before it. */
export function deltaColumns(books: readonly TimedBook[]): number[][] {
  const columns: number[][] = Array.from({ length: 6 }, () => []);
  const before = [new SideLevels(), new SideLevels()] as const;
  const writer = new ByteWriter(64 * 1024);
  for (const { sides } of books) {
    for (const side of [BID, ASK] as const) {
      const levels = sides[side];
      writer.reset();
      encodeDelta(writer, side, before[side], levels);
      readSymbols(new ByteReader(writer.view()), columns);
      before[side].copyFrom(levels);
    }
  }
  return columns;
}

function readSymbols(reader: ByteReader, columns: number[][]): void {
  const [operations, steps, quantities, orders, quantityChanges, orderChanges] = columns as [
    number[],
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  if (reader.varint() === 0) return;
  // The units, the same in every side.
  reader.varint();
  reader.varint();
  while (reader.remaining > 0) {
    const operation = reader.u8();
    operations.push(operation);
    const kind = operation >> 6;
    if (kind !== CHANGE && kind !== INSERT) continue;
    for (let run = (operation & 0x3f) + 1; run > 0; run -= 1) {
      if (kind === INSERT) {
        steps.push(reader.zigzag());
        quantities.push(reader.varint());
        orders.push(reader.varint());
      } else {
        quantityChanges.push(reader.zigzag());
        orderChanges.push(reader.zigzag());
      }
    }
  }
}

/** Σ of log2(1 / frequency) over all symbols of a column, in bytes. */
export function entropyBytes(column: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const symbol of column) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits += count * Math.log2(column.length / count);
  return bits / 8;
}
