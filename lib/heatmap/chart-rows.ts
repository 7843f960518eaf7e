/** What a chart of bars can show: rows below the prices, and the numbers of each place. */
import { isPresent } from '../core/absent.ts';
import { deltaOf } from '../orderflow/bars.ts';
import type { Slot } from './chart-slots.ts';

export const CHART_ROWS = ['volume', 'delta', 'cvd', 'oi', 'imbalance', 'ofi'] as const;
export type ChartRow = (typeof CHART_ROWS)[number];

/** Words of menus and of the rows' tags. */
export const ROW_WORDS: Readonly<Record<ChartRow, string>> = {
  volume: 'Volume',
  delta: 'Delta',
  cvd: 'CVD',
  oi: 'OI',
  imbalance: 'Imbalance',
  ofi: 'OFI',
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
}

/** A row's number at a place; null where there is none. */
export function rowValue(row: ChartRow, { bar, candle, cvd, imbalance, ofi }: ChartPoint): number | null {
  switch (row) {
    case 'volume':
      return bar?.volume ?? candle?.volume ?? null;
    case 'delta':
      return bar ? deltaOf(bar) : null;
    case 'cvd':
      return cvd;
    case 'oi':
      return bar ? (isPresent(bar.oi) ? bar.oi : null) : (candle?.oi ?? null);
    case 'imbalance':
      return imbalance;
    case 'ofi':
      return ofi;
  }
}

/** Whether a row's line is broken before a place. */
export function isRowBroken(row: ChartRow, point: ChartPoint): boolean {
  if (row === 'cvd') return point.cvdBegins || point.broken;
  return point.broken;
}
