/** Volume profile: how much traded at each price, its point of control and its value area. */
import { ABSENT } from '../core/absent.ts';

export interface ProfileRow {
  readonly price: number;
  /** Units. */
  readonly volume: number;
}

export interface ValueArea {
  /** Price with the most volume. */
  readonly poc: number;
  /** Lowest and highest price of the value area. */
  readonly low: number;
  readonly high: number;
  /** Share of the volume inside, at least what was asked for. */
  readonly share: number;
}

/** Share of the volume that the value area holds. */
export const VALUE_AREA_SHARE = 0.7;

/**
 * Row with the most volume; of several the one nearest to the volume-weighted mean price, of two as near the lower.
 *
 * @param rows lowest price first
 * @returns its place; −1 where nothing traded
 */
export function pocIndex(rows: readonly ProfileRow[]): number {
  let volume = 0;
  let weighted = 0;
  let most = 0;
  for (const row of rows) {
    volume += row.volume;
    weighted += row.price * row.volume;
    if (row.volume > most) most = row.volume;
  }
  if (most === 0) return -1;
  const mean = weighted / volume;
  let poc = -1;
  rows.forEach((row, i) => {
    if (row.volume !== most) return;
    const nearest = poc < 0 ? Number.POSITIVE_INFINITY : Math.abs((rows[poc] as ProfileRow).price - mean);
    if (Math.abs(row.price - mean) < nearest) poc = i;
  });
  return poc;
}

/**
 * Point of control and value area: from the POC outwards the larger neighbour is taken, of two equal ones the upper, until
 * `share` of the volume is inside. A row in which nothing traded is a neighbour as any other.
 *
 * @param rows lowest price first; those in which nothing traded may be left out
 * @param rowHeight price units from one row to the next
 * @param step 2 compares and takes two rows at a time, as with time-price opportunities
 */
export function valueAreaOf(
  rows: readonly ProfileRow[],
  rowHeight: number,
  { share = VALUE_AREA_SHARE, step = 1 }: { readonly share?: number; readonly step?: 1 | 2 } = {},
): ValueArea {
  const poc = pocIndex(rows);
  if (poc < 0) return { poc: ABSENT, low: ABSENT, high: ABSENT, share: 0 };
  const first = (rows[0] as ProfileRow).price;
  const placeOf = ({ price }: ProfileRow): number => Math.round((price - first) / rowHeight);
  // Not an array of all places: one print at a senseless price would make it as long as all prices there are.
  const volumes = new Map(rows.map((row) => [placeOf(row), row.volume]));
  const total = rows.reduce((sum, { volume }) => sum + volume, 0);
  const traded = rows.filter(({ volume }) => volume > 0).map(placeOf);
  const last = placeOf(rows.at(-1) as ProfileRow);
  const from = placeOf(rows[poc] as ProfileRow);
  let low = from;
  let high = from;
  let inside = volumes.get(from) as number;
  let nextAbove = 0;
  let nextBelow = traded.length - 1;
  /** Steps from a place over which nothing traded, so that the next one takes something; 0 where the next one does. */
  const emptySteps = (distance: number): number => Math.max(0, Math.ceil(distance / step) - 1);
  while (inside < share * total) {
    let above = 0;
    let below = 0;
    for (let i = 1; i <= step; i += 1) {
      above += volumes.get(high + i) ?? 0;
      below += volumes.get(low - i) ?? 0;
    }
    if (low === 0 || (high < last && above >= below)) {
      while ((traded[nextAbove] ?? last) <= high && nextAbove < traded.length) nextAbove += 1;
      // Nothing on either side goes up, again and again until something comes.
      const empty = above === 0 ? emptySteps((traded[nextAbove] ?? last) - high) : 0;
      high = Math.min(high + step * Math.max(1, empty), last);
      inside += above;
    } else {
      while ((traded[nextBelow] ?? 0) >= low && nextBelow >= 0) nextBelow -= 1;
      const empty = below === 0 && above === 0 ? emptySteps(low - (traded[nextBelow] ?? 0)) : 0;
      low = Math.max(low - step * Math.max(1, empty), 0);
      inside += below;
    }
  }
  const priceAt = (place: number): number => first + place * rowHeight;
  return { poc: (rows[poc] as ProfileRow).price, low: priceAt(low), high: priceAt(high), share: inside / total };
}

/** A finished session's point of control, and between which prices it traded. */
export interface SessionProfile {
  readonly poc: number;
  readonly low: number;
  readonly high: number;
}

/** Places of the sessions whose POC no later session has traded at, oldest first. @param sessions in order of time */
export function nakedPocs(sessions: readonly SessionProfile[]): number[] {
  return sessions.flatMap(({ poc }, i) =>
    sessions.slice(i + 1).some(({ low, high }) => low <= poc && poc <= high) ? [] : [i],
  );
}
