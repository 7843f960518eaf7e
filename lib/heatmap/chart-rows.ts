/** What a chart of bars can show: rows below the prices, and the numbers of each place. */
import { isPresent } from '../core/absent.ts';
import { deltaOf } from '../orderflow/bars.ts';
import type { Slot } from './chart-slots.ts';

export const CHART_ROWS = ['volume', 'delta', 'cvd', 'oi', 'imbalance', 'ofi', 'spread', 'cost'] as const;
export type ChartRow = (typeof CHART_ROWS)[number];

/** Words of menus and of the rows' tags. */
export const ROW_WORDS: Readonly<Record<ChartRow, string>> = {
  volume: 'Volume',
  delta: 'Delta',
  cvd: 'CVD',
  oi: 'OI',
  imbalance: 'Imbalance',
  ofi: 'OFI',
  spread: 'Spread',
  cost: 'Cost',
};

/** A place with everything that is known of it. Prices in price units, quantities in units; null where nobody knows. */
export interface ChartPoint extends Slot {
  readonly vwap: number | null;
  /** Volume-weighted standard deviation around it. */
  readonly deviation: number | null;
  readonly cvd: number | null;
  /** The sum began anew here. */
  readonly cvdBegins: boolean;
  readonly imbalance: number | null;
  readonly ofi: number | null;
  /** Price units. */
  readonly spread: number | null;
  /** Of buying a size and selling it at once, basis points. */
  readonly cost: number | null;
}

/** A row's number at a place; null where there is none. */
export function rowValue(row: ChartRow, point: ChartPoint): number | null {
  const { bar, candle } = point;
  switch (row) {
    case 'volume':
      return bar?.volume ?? candle?.volume ?? null;
    case 'delta':
      return bar ? deltaOf(bar) : null;
    case 'oi':
      return bar ? (isPresent(bar.oi) ? bar.oi : null) : (candle?.oi ?? null);
    default:
      return point[row];
  }
}

/** Whether a row's line is broken before a place. */
export function isRowBroken(row: ChartRow, point: ChartPoint): boolean {
  if (row === 'cvd') return point.cvdBegins || point.broken;
  return point.broken;
}
