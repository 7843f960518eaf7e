/** A footprint's bar with what stands out in it, as it is drawn: the rules are lib/orderflow's, the same that the API answers by. */
import {
  type CellImbalance,
  type FootprintCell,
  type ImbalanceRule,
  imbalancesOf,
  STACK_ROWS,
  type StackedImbalance,
  stackedImbalances,
  unfinishedAuction,
} from '../orderflow/footprint.ts';
import type { SeriesBar } from '../orderflow/open-bars.ts';
import { valueAreaOf } from '../orderflow/volume-profile.ts';
import { formatLots, formatSigned } from './format.ts';

export const CELL_MODES = ['bidAsk', 'delta', 'volume', 'trades'] as const;
export type CellMode = (typeof CELL_MODES)[number];
export const MODE_WORDS: Readonly<Record<CellMode, string>> = {
  bidAsk: 'Bid × ask',
  delta: 'Delta',
  volume: 'Volume',
  trades: 'Trades',
};

export interface FootprintBar {
  readonly bar: SeriesBar;
  /** Lowest price first. */
  readonly cells: readonly FootprintCell[];
  readonly imbalances: readonly CellImbalance[];
  readonly stacked: readonly StackedImbalance[];
  readonly unfinished: { readonly high: boolean; readonly low: boolean };
  /** Price with the most volume; ABSENT where nothing traded. */
  readonly poc: number;
  /** Largest of a cell: one side, either way, both together, and trades. */
  readonly most: Readonly<Record<CellMode, number>>;
}

export const volumeOf = ({ buy, sell, unknown }: FootprintCell): number => buy + sell + unknown;

export function footprintBar(bar: SeriesBar, rowHeight: number, rule: ImbalanceRule): FootprintBar {
  const cells = bar.footprint?.rows() ?? [];
  const imbalances = imbalancesOf(cells, rowHeight, rule);
  const most = (of: (cell: FootprintCell) => number): number => cells.reduce((max, cell) => Math.max(max, of(cell)), 0);
  const { poc } = valueAreaOf(
    cells.map((cell) => ({ price: cell.price, volume: volumeOf(cell) })),
    rowHeight,
  );
  return {
    bar,
    cells,
    imbalances,
    stacked: stackedImbalances(imbalances, rowHeight, STACK_ROWS),
    unfinished: unfinishedAuction(cells),
    poc,
    most: {
      bidAsk: most(({ buy, sell }) => Math.max(buy, sell)),
      delta: most(({ buy, sell }) => Math.abs(buy - sell)),
      volume: most(volumeOf),
      trades: most(({ trades }) => trades),
    },
  };
}

/** What stands in a cell: quantities in lots. Of bid × ask the left part was sold into the bid, the right one bought from the ask. */
export function cellWords(
  mode: CellMode,
  cell: FootprintCell,
  lotSize: number,
): readonly [string, string] | readonly [string] {
  switch (mode) {
    case 'bidAsk':
      return [formatLots(cell.sell, lotSize), formatLots(cell.buy, lotSize)];
    case 'delta': {
      const lots = (cell.buy - cell.sell) / lotSize;
      return [formatSigned(lots, Number.isInteger(lots) ? 0 : 1)];
    }
    case 'volume':
      return [formatLots(volumeOf(cell), lotSize)];
    case 'trades':
      return [String(cell.trades)];
  }
}
