/** What the drawing functions are given: everything of one frame, in plain numbers. */
import type { CellRing } from '../heatmap/cell-ring.ts';
import type { PriceUnits } from '../heatmap/format.ts';
import type { Layout } from '../heatmap/layout.ts';
import type { HeatmapOptions } from '../heatmap/options.ts';
import type { PriceRows } from '../heatmap/price-rows.ts';
import type { Tier } from '../heatmap/tiers.ts';
import type { View } from '../heatmap/view.ts';
import type { Pen } from './surface.ts';
import type { Theme } from './theme.ts';

/** What the picture must know of its instrument. */
export interface InstrumentUnits extends PriceUnits {
  /** Smallest tradable quantity. */
  readonly lotSize: number;
}

/** Rows on the screen, partly visible ones included. */
export interface VisibleRows {
  /** Number of the topmost. */
  readonly top: number;
  readonly count: number;
}

export interface Scene {
  readonly pen: Pen;
  readonly theme: Theme;
  readonly pixelRatio: number;
  readonly layout: Layout;
  readonly view: View;
  readonly tier: Tier;
  readonly columnUs: number;
  readonly rows: PriceRows;
  readonly visibleRows: VisibleRows;
  readonly instrument: InstrumentUnits;
  readonly options: HeatmapOptions;
  readonly ring: CellRing;
  /** Columns that are at least partly on the screen. */
  readonly fromColumn: number;
  readonly toColumn: number;
  /** Time of the picture: now, or the moment of the pause. µs. */
  readonly asOfUs: number;
}
