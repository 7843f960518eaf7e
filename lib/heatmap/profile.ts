/** What traded at each price row over a stretch of time, and what the book has gained or lost there. */
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { valueAreaOf } from '../orderflow/volume-profile.ts';
import { type BookRow, SIDES } from './book-rows.ts';
import { BLOCK_COLUMNS, type ColumnStore } from './column-store.ts';
import { columnOf } from './tiers.ts';

export interface ProfileRow {
  readonly row: number;
  /** Units. */
  bought: number;
  sold: number;
  unknown: number;
  trades: number;
}

/** Price units of the rows with most of the volume; null where nothing traded. */
export interface ValueLines {
  readonly poc: number;
  readonly high: number;
  readonly low: number;
}

export interface Profile {
  /** Lowest first. */
  readonly rows: readonly ProfileRow[];
  readonly lines: ValueLines | null;
}

export const EMPTY_PROFILE: Profile = { rows: [], lines: null };

export const rowVolume = ({ bought, sold, unknown }: ProfileRow): number => bought + sold + unknown;

/** The trades that a store holds within [fromUs, toUs), by price row. */
export function profileOf(store: ColumnStore, fromUs: number, toUs: number, rowUnits: number): Profile {
  const found = new Map<number, ProfileRow>();
  const last = Math.floor(columnOf(toUs, store.columnUs) / BLOCK_COLUMNS);
  for (let number = Math.floor(columnOf(fromUs, store.columnUs) / BLOCK_COLUMNS); number <= last; number += 1) {
    const trades = store.blocks.get(number)?.trades;
    if (!trades) continue;
    for (let i = 0; i < trades.count; i += 1) {
      const stampUs = trades.stampsUs[i] as number;
      if (stampUs < fromUs || stampUs >= toUs) continue;
      const number = Math.round((trades.prices[i] as number) / rowUnits);
      let row = found.get(number);
      if (!row) {
        row = { row: number, bought: 0, sold: 0, unknown: 0, trades: 0 };
        found.set(number, row);
      }
      const volume = trades.volumes[i] as number;
      const aggressor = trades.aggressor(i);
      if (aggressor === AGGRESSOR.buy) row.bought += volume;
      else if (aggressor === AGGRESSOR.sell) row.sold += volume;
      else row.unknown += volume;
      row.trades += 1;
    }
  }
  return profileWith([...found.values()], rowUnits);
}

/** A profile of its rows, in any order, with the lines of lib/orderflow. */
export function profileWith(unsorted: readonly ProfileRow[], rowUnits: number): Profile {
  const rows = [...unsorted].sort((a, b) => a.row - b.row);
  const volumes = rows.map((row) => ({ price: row.row * rowUnits, volume: rowVolume(row) }));
  const { poc, high, low } = valueAreaOf(volumes, rowUnits);
  return { rows, lines: poc === ABSENT ? null : { poc, high, low } };
}

type Sides = readonly [readonly BookRow[], readonly BookRow[]];

/** By how much the size at each row of either side has grown since then, units; rows without a change are left out. */
export function changesOf(now: Sides, then: Sides): readonly { readonly row: number; readonly change: number }[] {
  const changes = new Map<number, number>();
  for (const side of SIDES) {
    for (const { row, quantity } of now[side]) changes.set(row, (changes.get(row) ?? 0) + quantity);
    for (const { row, quantity } of then[side]) changes.set(row, (changes.get(row) ?? 0) - quantity);
  }
  return [...changes].filter(([, change]) => change !== 0).map(([row, change]) => ({ row, change }));
}
