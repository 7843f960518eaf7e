/** What is known of one place of the picture: the numbers behind the crosshair and behind the probe. */
import { ABSENT } from '../core/absent.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { atRow, upToRow } from './book-rows.ts';
import type { ColumnSource } from './cell-ring.ts';
import { Frame } from './column-store.ts';
import { COLUMN_STATE, type ColumnState } from './depth-model.ts';
import { gapWords } from './gap-words.ts';
import type { Gaps } from './gaps.ts';
import { rowAt } from './price-rows.ts';
import { columnOf, TIERS_US, type Tier } from './tiers.ts';
import type { TileValue } from './tile.ts';

export type PlaceState = 'data' | 'stale' | 'gap' | 'none' | 'loading';

const NAMES: Readonly<Record<ColumnState, PlaceState>> = {
  [COLUMN_STATE.data]: 'data',
  [COLUMN_STATE.stale]: 'stale',
  [COLUMN_STATE.gap]: 'gap',
  [COLUMN_STATE.none]: 'none',
  [COLUMN_STATE.unloaded]: 'loading',
};

/** Quantities in units; null where the side is not known at that time. */
export interface Place {
  /** The middle of the row, price units. */
  readonly price: number;
  readonly timeUs: number;
  readonly columnStartUs: number;
  readonly columnUs: number;
  /** That of the side that is worse off. */
  readonly state: PlaceState;
  /** Why there is no data, in words; null where there is. */
  readonly cause: string | null;
  readonly bidQuantity: number | null;
  readonly askQuantity: number | null;
  /** Of the column's books: the sizes of the last one, the largest ones, or their means. */
  readonly value: TileValue;
  /** Null also where only a tile tells of the column: it knows of no orders. */
  readonly bidOrders: number | null;
  readonly askOrders: number | null;
  /** Sizes of a side from its best price up to and including this row, units. */
  readonly bidCumulative: number | null;
  readonly askCumulative: number | null;
  /** By how much each side's size here differs from what it was, as CHANGES_US lists it; null where that is not known. */
  readonly bidChanges: readonly (number | null)[];
  readonly askChanges: readonly (number | null)[];
  /** Best prices of the column; null where the side is empty or not known. */
  readonly bestBid: number | null;
  readonly bestAsk: number | null;
  /** From the last frame of the side that is older to the column's end, ms; null without both. */
  readonly ageMs: number | null;
}

/** How far back a size is compared with itself, µs. */
export const CHANGES_US = [1_000_000, 5_000_000] as const;

export interface PlaceQuestion {
  readonly tier: Tier;
  /** Price units. */
  readonly price: number;
  readonly timeUs: number;
  /** Price units that are summed up around the price. */
  readonly rowUnits: number;
  readonly nowUs: number;
}

export function inspect(source: ColumnSource, gaps: Gaps, question: PlaceQuestion): Place {
  const { tier, timeUs, rowUnits, nowUs } = question;
  const columnUs = TIERS_US[tier];
  const column = columnOf(timeUs, columnUs);
  const row = rowAt(question.price, rowUnits);
  const gap = gaps.overlapping(timeUs, timeUs + 1);
  const bid = lookAt(source, gap === null, question, column, row, BID);
  const ask = lookAt(source, gap === null, question, column, row, ASK);
  const state = gap ? COLUMN_STATE.gap : (Math.max(bid.state, ask.state) as ColumnState);
  const changesOf = (now: SideAtPlace, side: Side): (number | null)[] =>
    CHANGES_US.map((agoUs) => {
      // Wider columns hold no book of then.
      if (now.quantity === null || columnUs > agoUs || now.value !== 'last') return null;
      const outside = gaps.overlapping(timeUs - agoUs, timeUs + 1) === null;
      const then = lookAt(source, outside, question, column - agoUs / columnUs, row, side);
      return then.quantity === null || then.value !== 'last' ? null : now.quantity - then.quantity;
    });
  const endUs = Math.min((column + 1) * columnUs, nowUs);
  const bothKnown = gap === null && bid.state === COLUMN_STATE.data && ask.state === COLUMN_STATE.data;
  const columnGap = gap ?? gaps.overlapping(column * columnUs, endUs);
  return {
    price: row * rowUnits,
    timeUs,
    columnStartUs: column * columnUs,
    columnUs,
    state: NAMES[state],
    cause: causeOf(state, columnGap?.cause ?? null, bid.state, ask.state),
    bidQuantity: bid.quantity,
    askQuantity: ask.quantity,
    value: bid.quantity === null ? ask.value : bid.value,
    bidOrders: bid.orders,
    askOrders: ask.orders,
    bidCumulative: bid.cumulative,
    askCumulative: ask.cumulative,
    bidChanges: changesOf(bid, BID),
    askChanges: changesOf(ask, ASK),
    bestBid: bid.best,
    bestAsk: ask.best,
    ageMs:
      bothKnown && Math.min(bid.stampUs, ask.stampUs) > 0 ? (endUs - Math.min(bid.stampUs, ask.stampUs)) / 1000 : null,
  };
}

interface SideAtPlace {
  readonly state: ColumnState;
  readonly quantity: number | null;
  readonly orders: number | null;
  readonly cumulative: number | null;
  readonly best: number | null;
  readonly value: TileValue;
  readonly stampUs: number;
}

function lookAt(
  source: ColumnSource,
  outsideGap: boolean,
  { tier, rowUnits, nowUs }: PlaceQuestion,
  column: number,
  row: number,
  side: Side,
): SideAtPlace {
  const frame = new Frame();
  const state = source.resolve(tier, column, side, nowUs, frame);
  if (state !== COLUMN_STATE.data || !outsideGap) {
    return { state, quantity: null, orders: null, cumulative: null, best: null, value: 'last', stampUs: 0 };
  }
  const { quantity, orders } = atRow(frame, side, rowUnits, row);
  const { value, stampUs } = frame;
  const best = frame.best === ABSENT ? null : frame.best;
  // Sizes of different moments do not add up.
  const cumulative = value === 'last' ? upToRow(frame, side, rowUnits, row) : null;
  return { state, quantity, orders: frame.hasOrders ? orders : null, cumulative, best, value, stampUs };
}

function causeOf(state: ColumnState, gapCause: string | null, bid: ColumnState, ask: ColumnState): string | null {
  switch (state) {
    case COLUMN_STATE.data:
      return null;
    case COLUMN_STATE.gap:
      return gapCause === null ? null : gapWords(gapCause);
    case COLUMN_STATE.stale: {
      if (bid === ask) return 'no frames came';
      return bid === COLUMN_STATE.stale ? 'no bid frames came' : 'no ask frames came';
    }
    case COLUMN_STATE.none:
      return 'not recorded';
    case COLUMN_STATE.unloaded:
      return 'history is being loaded';
  }
}
