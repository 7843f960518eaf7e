/** The 200-level books of an instrument as the database holds them, and what each column of the picture is to show. */
import { expect } from '@playwright/test';
import type { Instance } from '../../support/instance.ts';

/** A side is shown for so long after its last frame; then its columns are hatched. */
export const CARRY_US = 2_000_000;

export type SideNumber = 0 | 1;
export const BID: SideNumber = 0;
export const ASK: SideNumber = 1;

/** One side of a book as it was received at one instant. Prices in price units, best first. */
export interface StoredSide {
  readonly side: SideNumber;
  readonly bookTimeUs: number;
  readonly stampUs: number;
  readonly prices: readonly number[];
  readonly quantities: readonly number[];
  readonly orders: readonly number[];
}

/** Sides of the book between two instants, and those that are carried into them, by stamp. */
export async function storedSides(
  instance: Instance,
  instrumentId: number,
  fromUs: number,
  toUs: number,
): Promise<readonly StoredSide[]> {
  const rows = await instance.sql<Omit<StoredSide, 'bookTimeUs' | 'stampUs'> & { book_us: string; stamp_us: string }>(
    `SELECT d.side, (extract(epoch FROM d.book_time) * 1e6)::bigint AS book_us,
       (extract(epoch FROM d.time) * 1e6)::bigint AS stamp_us, d.prices, d.quantities, d.orders
     FROM gehra.depth_snapshots AS d JOIN gehra.feeds AS feed USING (feed_id)
     WHERE d.instrument_id = $1 AND d.side IN (0, 1) AND feed.kind = 'depth200'
       AND d.book_time >= to_timestamp($2::bigint / 1e6) AND d.book_time < to_timestamp($3::bigint / 1e6)
     ORDER BY d.time, d.n`,
    [instrumentId, fromUs - CARRY_US, toUs],
  );
  return rows.map(({ book_us, stamp_us, ...side }) => ({
    ...side,
    bookTimeUs: Number(book_us),
    stampUs: Number(stamp_us),
  }));
}

/** Waits until the database holds the whole book up to an instant: a later frame of each side is there. */
export async function recordedUpTo(instance: Instance, instrumentId: number, us: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const [row] = await instance.sql<{ sides: number }>(
          `SELECT count(DISTINCT d.side)::integer AS sides
           FROM gehra.depth_snapshots AS d JOIN gehra.feeds AS feed USING (feed_id)
           WHERE d.instrument_id = $1 AND d.side IN (0, 1) AND feed.kind = 'depth200'
             AND d.book_time > to_timestamp($2::bigint / 1e6)`,
          [instrumentId, us],
        );
        return row?.sides;
      },
      { message: `both sides are recorded up to ${new Date(us / 1000).toISOString()}` },
    )
    .toBe(2);
}

/** What a column shows of a side: its last frame, or one from before it that may still be shown; else null. */
export function sideOfColumn(
  stored: readonly StoredSide[],
  side: SideNumber,
  columnStartUs: number,
  columnUs: number,
): StoredSide | null {
  const endUs = columnStartUs + columnUs;
  const last = stored.findLast((frame) => frame.side === side && frame.bookTimeUs < endUs);
  if (!last) return null;
  return last.bookTimeUs >= columnStartUs || endUs - last.stampUs <= CARRY_US ? last : null;
}

/**
 * Units and orders of a price row: bids fall into the row below them, asks into the one above, so that no row holds both.
 * With `rowUnits` of one tick it is the level at that price.
 */
export function inRow(
  { side, prices, quantities, orders }: StoredSide,
  price: number,
  rowUnits: number,
): { quantity: number; orders: number } {
  const row = Math.round(price / rowUnits);
  const sum = { quantity: 0, orders: 0 };
  prices.forEach((levelPrice, level) => {
    const levelRow = side === BID ? Math.floor(levelPrice / rowUnits) : Math.ceil(levelPrice / rowUnits);
    if (levelRow !== row) return;
    sum.quantity += quantities[level] ?? 0;
    sum.orders += orders[level] ?? 0;
  });
  return sum;
}
