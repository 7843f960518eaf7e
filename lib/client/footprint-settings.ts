/** What a footprint chart keeps in a layout. */
import { CELL_MODES, type CellMode } from '../heatmap/footprint-bars.ts';
import { ROW_TICKS } from '../heatmap/price-rows.ts';

export const FOOTPRINT_INTERVALS = ['1m', '3m', '5m', '15m'] as const;

export interface FootprintSettings {
  readonly interval: (typeof FOOTPRINT_INTERVALS)[number];
  /** Ticks a row. */
  readonly rowTicks: number;
  readonly mode: CellMode;
}

const DEFAULT_ROW_TICKS = 5;

/** What a layout says, as far as it says something that there is. */
export function footprintSettings(settings: Readonly<Record<string, unknown>>): FootprintSettings {
  return {
    interval: FOOTPRINT_INTERVALS.find((each) => each === settings.interval) ?? '5m',
    rowTicks: ROW_TICKS.find((each) => each === settings.rowTicks) ?? DEFAULT_ROW_TICKS,
    mode: CELL_MODES.find((each) => each === settings.mode) ?? 'bidAsk',
  };
}
