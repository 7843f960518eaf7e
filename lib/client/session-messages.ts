/**
 * What goes between the page and its session, which runs in a worker wherever it can. Live frames are not among it: the
 * page gets readouts, a few times a second.
 */

import type { InstrumentSummary } from '../core/instrument.ts';
import type { ReplayClockEvent } from '../core/replay-clock.ts';
import type { BigChange } from '../heatmap/big-changes.ts';
import type { Evidence } from '../heatmap/evidence.ts';
import type { Place } from '../heatmap/inspect.ts';
import type { Mark } from '../heatmap/marks.ts';
import type { HeatmapOptions } from '../heatmap/options.ts';
import type { Outside } from '../heatmap/outside.ts';
import type { HistoryState, PageState } from '../heatmap/page-state.ts';
import type { PriceAlert } from '../heatmap/price-alerts.ts';
import type { ValueLines } from '../heatmap/profile.ts';
import type { QuantityBars } from '../heatmap/quantity-histogram.ts';
import type { Tier } from '../heatmap/tiers.ts';
import type { View } from '../heatmap/view.ts';
import type { ViewCommand } from '../heatmap/view-controller.ts';
import type { Marquee } from '../render/draw-marks.ts';
import type { Canvas } from '../render/surface.ts';
import type { Theme } from '../render/theme.ts';

export interface Size {
  /** CSS px. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

export interface SessionStart {
  readonly type: 'start';
  readonly canvas: Canvas;
  /** Scheme, host and port of our server: a worker's own address need not be one to build on. */
  readonly origin: string;
  readonly instrument: InstrumentSummary;
  readonly size: Size;
  readonly theme: Theme;
  readonly options: HeatmapOptions;
  readonly reducedMotion: boolean;
  /** Id of the replay to show; null: what is live. */
  readonly replayId: string | null;
  /** Where what is live comes from (feed-port.ts); null for a replay. */
  readonly feed: MessagePort | null;
}

export type ToSession =
  | SessionStart
  | { readonly type: 'resize'; readonly size: Size }
  | { readonly type: 'theme'; readonly theme: Theme }
  | { readonly type: 'options'; readonly options: HeatmapOptions }
  | { readonly type: 'reducedMotion'; readonly reducedMotion: boolean }
  | { readonly type: 'command'; readonly command: ViewCommand }
  /** CSS px of the host element; null: the pointer has left. */
  | { readonly type: 'pointer'; readonly place: { readonly x: number; readonly y: number } | null }
  | { readonly type: 'stepCursor'; readonly columns: number; readonly rows: number }
  /** Where another pane of the group points, µs; null: nowhere. */
  | { readonly type: 'linkCursor'; readonly timeUs: number | null }
  | { readonly type: 'marks'; readonly marks: readonly Mark[] }
  | { readonly type: 'alerts'; readonly alerts: readonly PriceAlert[] }
  | { readonly type: 'marquee'; readonly marquee: Marquee | null }
  /** What a signal rests on, and whether the picture is to go there. */
  | { readonly type: 'evidence'; readonly evidence: Evidence; readonly go: boolean }
  | { readonly type: 'repaint' }
  | { readonly type: 'retry' }
  | { readonly type: 'stop' }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question };

export type FromSession =
  | { readonly type: 'readout'; readonly readout: SessionReadout }
  | { readonly type: 'cursor'; readonly place: CursorReadout | null }
  | { readonly type: 'book'; readonly table: BookTable }
  /** What a person has made the picture show; null: the live edge, which other panes need not be told. */
  | { readonly type: 'range'; readonly range: TimeRange | null }
  /** The session itself has failed: nothing more will come of it. */
  | { readonly type: 'failed'; readonly detail: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: ProbeAnswer | ViewAnswer | StatsAnswer | null };

/** µs since the epoch. */
export interface TimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** What header, toolbar and status bar show. */
export interface SessionReadout {
  readonly state: PageState;
  readonly history: HistoryState;
  /** The server's time, µs. */
  readonly nowUs: number;
  readonly simulated: boolean;
  /** Where the replay stands as the server said last; null where what is shown is live. */
  readonly replay: ReplayClockEvent | null;
  readonly feedName: string | null;
  /** As the server measures it, ms; null before its first status. */
  readonly feedLagMs: number | null;
  readonly framesPerSecond: number | null;
  /** Since the newest frame of each side was received, ms; null before the first. */
  readonly bidAgeMs: number | null;
  readonly askAgeMs: number | null;
  readonly recorder: { readonly state: string; readonly lagMs: number | null } | null;
  readonly last: LastPrice | null;
  readonly following: boolean;
  readonly paused: boolean;
  /** How far the picture's right edge is behind the live edge, ms. */
  readonly behindMs: number;
  readonly tier: Tier;
  readonly rowTicks: number;
  /** Units; null before anything is visible. */
  readonly cutoffs: { readonly lo: number; readonly hi: number } | null;
  /** The visible quantities; null before anything is visible. */
  readonly quantities: QuantityBars | null;
  /** Views that can be gone back to. */
  readonly undoable: number;
  /** What of the book is above and below the picture; null before the first. */
  readonly outside: Outside | null;
  /** Of the profile beside the chart; null where none is shown or nothing traded. */
  readonly valueLines: ValueLines | null;
}

/** Of the newest tick. Price units and units. */
export interface LastPrice {
  readonly price: number;
  /** 0 where the feed does not say. */
  readonly previousClose: number;
  readonly volume: number;
  /** 0 where there is none. */
  readonly oi: number;
}

/** A place of the picture, and where it stands in its book. */
export interface CursorReadout extends Place {
  /** From the middle of that column's book; null where it is not known. */
  readonly ticksFromMid: number | null;
  readonly bpsFromMid: number | null;
  /** Marked changes of size that the crosshair touches, the largest first. */
  readonly bigChanges: readonly BigChange[];
}

export interface BookTableRow {
  /** Price units. */
  readonly price: number;
  /** Units. */
  readonly quantity: number;
  readonly orders: number;
}

/** The visible book, best first. */
export interface BookTable {
  readonly bids: readonly BookTableRow[];
  readonly asks: readonly BookTableRow[];
  /** Over all levels, units. */
  readonly bidTotal: number | null;
  readonly askTotal: number | null;
}

export type Question =
  | {
      readonly about: 'probe';
      readonly priceUnits: number;
      readonly timeUs: number;
      readonly rowTicks?: number | undefined;
    }
  | { readonly about: 'view' }
  | { readonly about: 'stats' };

export interface ProbeAnswer {
  readonly bidQuantity: number | null;
  readonly askQuantity: number | null;
  readonly bidOrders: number | null;
  readonly askOrders: number | null;
  /** Best prices of the column, price units; null where the side is empty or not known. */
  readonly bestBid: number | null;
  readonly bestAsk: number | null;
  readonly columnStartUs: number;
  readonly state: Place['state'];
  readonly cause: string | null;
}

export interface ViewAnswer extends View {
  readonly leftUs: number;
  readonly lowPrice: number;
  readonly highPrice: number;
  readonly tier: Tier;
  readonly columnUs: number;
  readonly rowTicks: number;
  readonly following: boolean;
  readonly paused: boolean;
  /** Columns of the shown width for which there is room or data. */
  readonly columnsHeld: number;
  /** Stretches of time of the shown width that are held completely. */
  readonly coverage: readonly { readonly fromUs: number; readonly toUs: number }[];
  /** Of the chart within the host element, CSS px: x = chart.x + chart.width − (rightUs − t) / usPerPx, and so on. */
  readonly chart: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly pixelRatio: number;
  readonly cutoffs: { readonly lo: number; readonly hi: number } | null;
  readonly outside: Outside | null;
  readonly valueLines: ValueLines | null;
  /** Of the signal that is looked at; null: of none. */
  readonly evidence: Evidence | null;
  /** Rows of the profile beside the chart that something traded at. */
  readonly profileRows: number;
  /** Bubbles in the picture, and the volume in them, units. */
  readonly bubbles: { readonly count: number; readonly volume: number };
  /** Big changes that are marked. */
  readonly bigChanges: number;
  /** Alerts on a price whose lines are in the picture. */
  readonly alerts: number;
}

export interface StatsAnswer {
  readonly framesDrawn: number;
  readonly drawMsP50: number;
  readonly drawMsP95: number;
  /** Drawings that showed a newer frame, and how old that was at their end: from its receipt at the collector. */
  readonly booksDrawn: number;
  readonly frameAgeMsP50: number;
  readonly frameAgeMsP99: number;
  /** Events of the stream, and the bytes in them. */
  readonly events: number;
  readonly bytes: number;
  /** Depth frames taken from the stream. */
  readonly depthFrames: number;
  readonly historyPages: number;
  /** Stamp of the newest frame in the picture, µs. */
  readonly paintedUs: number;
  readonly blocksHeld: number;
  readonly inWorker: boolean;
}
