/** Footprint: what was bought and sold at each price of a bar, and what stands out in it. */
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';

/** One row of prices. Quantities in units. */
export interface FootprintCell {
  /** Lowest multiple's centre: the multiple of the row height that is nearest, price units. */
  readonly price: number;
  /** Lifted from the ask. */
  buy: number;
  /** Hit into the bid. */
  sell: number;
  unknown: number;
  trades: number;
}

/** The multiple of `rowHeight` nearest to a price; halfway goes up. Rounding by side would bias a bar's edges. */
export const rowOf = (price: number, rowHeight: number): number =>
  // What is a multiple already stays an integer to the engine: a quotient's float would be an object of its own in each cell.
  price % rowHeight === 0 ? price : Math.floor(price / rowHeight + 0.5) * rowHeight;

export class Footprint {
  private readonly cells = new Map<number, FootprintCell>();

  /** @param rowHeight price units */
  constructor(readonly rowHeight: number) {
    if (!(rowHeight > 0)) throw new RangeError(`no row can be ${rowHeight} high`);
  }

  add(price: number, quantity: number, aggressor: Aggressor): void {
    const cell = this.cellOf(rowOf(price, this.rowHeight));
    cell.trades += 1;
    if (aggressor === AGGRESSOR.buy) cell.buy += quantity;
    else if (aggressor === AGGRESSOR.sell) cell.sell += quantity;
    else cell.unknown += quantity;
  }

  /** Adds another one of the same row height or of one that divides it. */
  merge(other: Footprint): void {
    for (const { price, buy, sell, unknown, trades } of other.cells.values()) {
      this.addCell(price, buy, sell, unknown, trades);
    }
  }

  /** Adds what traded at one price. */
  addCell(price: number, buy: number, sell: number, unknown: number, trades: number): void {
    const cell = this.cellOf(rowOf(price, this.rowHeight));
    cell.buy += buy;
    cell.sell += sell;
    cell.unknown += unknown;
    cell.trades += trades;
  }

  /** Cells in which something traded, lowest price first. */
  rows(): FootprintCell[] {
    return [...this.cells.values()].sort((a, b) => a.price - b.price);
  }

  private cellOf(price: number): FootprintCell {
    let cell = this.cells.get(price);
    if (!cell) {
      cell = { price, buy: 0, sell: 0, unknown: 0, trades: 0 };
      this.cells.set(price, cell);
    }
    return cell;
  }
}

export interface ImbalanceRule {
  /** One side is at least this many times the other; 3 = 300 %. */
  readonly ratio: number;
  /** And larger by at least so much, units. */
  readonly minDifference: number;
}

export const IMBALANCE_RULE: ImbalanceRule = { ratio: 3, minDifference: 1 };

export interface CellImbalance {
  readonly price: number;
  readonly side: 'buy' | 'sell';
  /** Nothing traded on the other side of the diagonal. */
  readonly zeroPrint: boolean;
}

/**
 * Diagonal imbalances: bought at a price against sold one row below, sold against bought one row above; those are the
 * quantities that met the same pair of quotes. Where the other side is zero no ratio exists: that counts only from twice the
 * least difference on, and is flagged.
 *
 * @param rows of one footprint, lowest price first
 */
export function imbalancesOf(
  rows: readonly FootprintCell[],
  rowHeight: number,
  { ratio, minDifference }: ImbalanceRule,
): CellImbalance[] {
  const found: CellImbalance[] = [];
  const outweighs = (quantity: number, other: number): boolean =>
    other === 0
      ? quantity > 0 && quantity >= 2 * minDifference
      : quantity >= ratio * other && quantity - other >= minDifference;
  rows.forEach(({ price, buy, sell }, i) => {
    // A row in which nothing traded has no cell: zero on both sides.
    const below = rows[i - 1];
    const above = rows[i + 1];
    const soldBelow = below && nextTo(below.price, price, rowHeight) ? below.sell : 0;
    const boughtAbove = above && nextTo(price, above.price, rowHeight) ? above.buy : 0;
    // Below the lowest row and above the highest nothing could trade: no imbalance can be told there.
    if (i > 0 && outweighs(buy, soldBelow)) found.push({ price, side: 'buy', zeroPrint: soldBelow === 0 });
    if (i < rows.length - 1 && outweighs(sell, boughtAbove)) {
      found.push({ price, side: 'sell', zeroPrint: boughtAbove === 0 });
    }
  });
  return found;
}

/** Rows of imbalances one above the other that make a stack. */
export const STACK_ROWS = 3;

export interface StackedImbalance {
  readonly side: 'buy' | 'sell';
  readonly fromPrice: number;
  readonly toPrice: number;
  readonly rows: number;
}

/** Runs of at least `least` neighbouring rows with an imbalance of one side. */
export function stackedImbalances(
  imbalances: readonly CellImbalance[],
  rowHeight: number,
  least: number,
): StackedImbalance[] {
  const stacks: StackedImbalance[] = [];
  for (const side of ['buy', 'sell'] as const) {
    const prices = imbalances.filter((one) => one.side === side).map(({ price }) => price);
    let from = 0;
    for (let i = 1; i <= prices.length; i += 1) {
      const goesOn = i < prices.length && nextTo(prices[i - 1] as number, prices[i] as number, rowHeight);
      if (goesOn) continue;
      if (i - from >= least) {
        stacks.push({ side, fromPrice: prices[from] as number, toPrice: prices[i - 1] as number, rows: i - from });
      }
      from = i;
    }
  }
  return stacks;
}

/** Whether both sides traded at the bar's highest or lowest row: the auction there was not finished. */
export function unfinishedAuction(rows: readonly FootprintCell[]): { readonly high: boolean; readonly low: boolean } {
  const both = (cell: FootprintCell | undefined): boolean => cell !== undefined && cell.buy > 0 && cell.sell > 0;
  return { high: both(rows.at(-1)), low: both(rows[0]) };
}

/** Neighbouring rows; rows are multiples of a height that need not be whole. */
const nextTo = (lower: number, upper: number, rowHeight: number): boolean =>
  Math.abs(upper - lower - rowHeight) < rowHeight / 2;
