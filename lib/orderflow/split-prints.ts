/** Prints of one order that was filled in parts: the exchange sends a print for each. From snapshots it is a guess, and shown as one. */

export interface Print {
  readonly stampUs: number;
  /** Price units. */
  readonly price: number;
  /** Units. */
  readonly quantity: number;
  /** Who initiated it. */
  readonly side: string;
}

/** Prints `from` to `to`, exclusive, of a list, taken as one. */
export interface PrintRun {
  readonly from: number;
  readonly to: number;
  /** Units. */
  readonly quantity: number;
}

/**
 * Neighbours of one price and side that are at most `withinUs` apart are one run. Whether the list has the newest or the oldest first, the
 * runs are the same, and later prints never divide one.
 *
 * @param withinUs 0: each print by itself
 */
export function printRuns(prints: readonly Print[], withinUs: number): PrintRun[] {
  const runs: PrintRun[] = [];
  let from = 0;
  let quantity = 0;
  prints.forEach((print, i) => {
    const before = prints[i - 1];
    const joins =
      withinUs > 0 &&
      before !== undefined &&
      before.price === print.price &&
      before.side === print.side &&
      Math.abs(before.stampUs - print.stampUs) <= withinUs;
    if (before !== undefined && !joins) {
      runs.push({ from, to: i, quantity });
      from = i;
      quantity = 0;
    }
    quantity += print.quantity;
  });
  if (prints.length > 0) runs.push({ from, to: prints.length, quantity });
  return runs;
}
