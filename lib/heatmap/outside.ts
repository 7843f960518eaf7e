/** What of the book lies above and below the picture. */
import type { BookRow } from './book-rows.ts';
import { SIDES } from './book-rows.ts';

export interface Wall {
  /** Price units. */
  readonly price: number;
  /** Units. */
  readonly quantity: number;
}

/** One end of the picture. */
export interface Beyond {
  /** Sizes of both sides, units. */
  readonly total: number;
  /** The nearest row that holds at least what a wall does; null where none does. */
  readonly wall: Wall | null;
}

export interface Outside {
  readonly above: Beyond;
  readonly below: Beyond;
}

/**
 * @param sides rows of the book, best first
 * @param lowest, highest numbers of the rows at the picture's ends, which are in it
 * @param wallFrom units from which on a row is a wall
 */
export function outsideOf(
  sides: readonly [readonly BookRow[], readonly BookRow[]],
  rowUnits: number,
  lowest: number,
  highest: number,
  wallFrom: number,
): Outside {
  let [above, below] = [0, 0];
  let wallAbove: BookRow | null = null;
  let wallBelow: BookRow | null = null;
  for (const side of SIDES) {
    for (const row of sides[side]) {
      if (row.row > highest) {
        above += row.quantity;
        if (row.quantity >= wallFrom && row.row < (wallAbove?.row ?? Number.POSITIVE_INFINITY)) wallAbove = row;
      } else if (row.row < lowest) {
        below += row.quantity;
        if (row.quantity >= wallFrom && row.row > (wallBelow?.row ?? Number.NEGATIVE_INFINITY)) wallBelow = row;
      }
    }
  }
  const wallOf = (row: BookRow | null): Wall | null => row && { price: row.row * rowUnits, quantity: row.quantity };
  return { above: { total: above, wall: wallOf(wallAbove) }, below: { total: below, wall: wallOf(wallBelow) } };
}
