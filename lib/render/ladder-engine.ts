/**
 * Draws a ladder. Whatever happens only marks it; one animation frame draws what has become of it, and of the rows only those whose
 * numbers have changed: most of a book stands still from one frame to the next.
 */
import { ASK, BID, type Side } from '../core/side.ts';
import { rowAt, rowOf } from '../heatmap/price-rows.ts';
import { NO_BEST } from '../ladder/best-trail.ts';
import { HEADER_PX, type LadderLayout, ladderLayout, ROW_PX } from '../ladder/ladder-layout.ts';
import type { LadderModel } from '../ladder/ladder-model.ts';
import { LadderRows, ROWS_MAX } from '../ladder/ladder-rows.ts';
import type { LadderSettings } from '../ladder/ladder-settings.ts';
import { followed } from '../ladder/ladder-view.ts';
import {
  drawLadderHeader,
  drawLadderRow,
  drawMissingSide,
  drawTrail,
  type LadderScene,
  niceFull,
} from './draw-ladder.ts';
import { Hatches } from './draw-missing.ts';
import { RecentTimes } from './recent-times.ts';
import type { InstrumentUnits } from './scene.ts';
import { type Canvas, type Pen, penOf, sizeSurface } from './surface.ts';
import type { Theme } from './theme.ts';

const US_PER_SECOND = 1_000_000;

export class LadderEngine {
  /** Drawing itself. */
  readonly drawTimes = new RecentTimes();
  /** Rows painted, over all pictures. */
  rowsDrawn = 0;
  /** The stream is open. */
  heard = false;
  private readonly pen: Pen;
  /** What is on the canvas, and what is to be. */
  private shown = new LadderRows();
  private next = new LadderRows();
  private shownKey = '';
  private layout: LadderLayout;
  private size = { width: 1, height: 1 };
  private pixelRatio = 1;
  private hatches: Hatches | null = null;
  private topRow: number | null = null;
  private rowUnits: number;
  private isHeld = false;
  private pointerRow: number | null = null;
  private scheduled = false;
  private stopped = false;
  private forced = true;

  constructor(
    private readonly canvas: Canvas,
    private readonly nowUs: () => number,
    private readonly model: LadderModel,
    private readonly instrument: InstrumentUnits,
    private theme: Theme,
    private settings: LadderSettings,
  ) {
    this.pen = penOf(canvas, true);
    this.layout = ladderLayout(1, 1, settings.columns);
    this.rowUnits = settings.rowTicks * instrument.tickSize;
  }

  stop(): void {
    this.stopped = true;
  }

  /** The rows as they are on the canvas. */
  get rows(): LadderRows {
    return this.shown;
  }

  /** Somebody has scrolled: the market is not followed until `recentre`. */
  get held(): boolean {
    return this.isHeld;
  }

  /** Row under the pointer; null where it is elsewhere. */
  get pointedRow(): number | null {
    return this.pointerRow;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.size = { width, height };
    this.pixelRatio = pixelRatio;
    this.layout = ladderLayout(width, height, this.settings.columns);
    sizeSurface(this.canvas, this.pen, width, height, pixelRatio);
    // A resized canvas is empty: waiting for the next frame would show it.
    this.forced = true;
    this.draw();
  }

  setSettings(settings: LadderSettings): void {
    const centre = this.topRow === null ? null : (this.topRow - this.rowCount / 2) * this.rowUnits;
    this.settings = settings;
    this.rowUnits = settings.rowTicks * this.instrument.tickSize;
    this.layout = ladderLayout(this.size.width, this.size.height, settings.columns);
    if (centre !== null) this.topRow = Math.round(centre / this.rowUnits + this.rowCount / 2);
    this.forced = true;
    this.invalidate();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.forced = true;
    this.invalidate();
  }

  /** Scrolls towards higher prices by so many rows. */
  scrollBy(rows: number): void {
    if (this.topRow === null) return;
    this.topRow += rows;
    this.isHeld = true;
    this.invalidate();
  }

  scrollByPages(pages: number): void {
    this.scrollBy(pages * Math.max(1, this.rowCount - 2));
  }

  /** Brings the market to the middle, and follows it again. */
  recentre(): void {
    const market = this.marketRows();
    this.isHeld = false;
    if (market) this.topRow = followed(null, this.rowCount, ...market, this.settings.recentre);
    this.invalidate();
  }

  /** @param y CSS px of the host; null: the pointer has left */
  pointAt(y: number | null): void {
    const at = y === null ? -1 : Math.floor((y - HEADER_PX) / ROW_PX);
    const row = this.topRow === null || at < 0 || at >= this.rowCount ? null : this.topRow - at;
    if (row === this.pointerRow) return;
    this.pointerRow = row;
    this.invalidate();
  }

  invalidate(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      if (!this.stopped) this.draw();
    });
  }

  private get rowCount(): number {
    return Math.min(ROWS_MAX, this.layout.rows);
  }

  /** Rows of the best bid and ask, or of what else is known of the market; null where nothing is. */
  private marketRows(): readonly [low: number, high: number] | null {
    const { model, rowUnits } = this;
    const bid = model.bestOf(BID);
    const ask = model.bestOf(ASK);
    if (bid !== NO_BEST && ask !== NO_BEST) return [rowOf(bid, BID, rowUnits), rowOf(ask, ASK, rowUnits)];
    const one = bid !== NO_BEST ? bid : ask !== NO_BEST ? ask : model.lastTick.lastPrice;
    if (one === NO_BEST) return null;
    return [rowAt(one, rowUnits), rowAt(one, rowUnits)];
  }

  private draw(): void {
    const began = performance.now();
    const { model, settings, layout } = this;
    const market = this.marketRows();
    if (market && (!this.isHeld || this.topRow === null)) {
      this.topRow = followed(this.topRow, this.rowCount, ...market, settings.recentre);
    }
    const { next } = this;
    next.fill(model, {
      top: this.topRow ?? 0,
      count: this.topRow === null ? 0 : this.rowCount,
      rowUnits: this.rowUnits,
      nowUs: this.nowUs(),
      heard: this.heard,
      windowUs: settings.windowS * US_PER_SECOND,
    });
    this.paint(next, layout);
    [this.shown, this.next] = [next, this.shown];
    this.drawTimes.add(performance.now() - began);
  }

  private paint(next: LadderRows, layout: LadderLayout): void {
    const { pen, theme, pixelRatio, instrument, settings } = this;
    if (this.hatches?.theme !== theme || this.hatches.pixelRatio !== pixelRatio) {
      this.hatches = new Hatches(pen, theme, pixelRatio);
    }
    const full = niceFull(next.largest);
    const fullTraded = niceFull(next.mostTraded);
    const looks = next.sides.map(({ look }) => look);
    const scene: LadderScene = {
      pen,
      theme,
      layout,
      rows: next,
      instrument,
      units: settings.units,
      full,
      fullTraded,
      pointerRow: this.pointerRow,
    };
    // What stands in here changes every row.
    const key = [next.top, next.count, next.rowUnits, full, fullTraded, this.pointerRow, ...looks].join(' ');
    const isWhole = this.forced || key !== this.shownKey || looks.some((look) => look !== 'live');
    this.forced = false;
    this.shownKey = key;
    if (isWhole) {
      pen.fillStyle = theme.background;
      pen.fillRect(0, 0, this.size.width, this.size.height);
      drawLadderHeader(scene);
    }
    for (let at = 0; at < next.count; at += 1) {
      if (!isWhole && isSame(this.shown, next, at)) continue;
      drawLadderRow(scene, at);
      this.rowsDrawn += 1;
    }
    drawTrail(scene, this.model.trail, this.nowUs());
    if (!isWhole) return;
    for (const side of [BID, ASK] as const) drawMissingSide(scene, side, this.hatches, this.model.gaps.open !== null);
  }
}

/** Whether a row of two pictures with the same scales looks the same. */
function isSame(a: LadderRows, b: LadderRows, at: number): boolean {
  const row = b.top - at;
  if ((a.lastRow === row) !== (b.lastRow === row)) return false;
  if (a.buys[at] !== b.buys[at] || a.sells[at] !== b.sells[at] || a.unknowns[at] !== b.unknowns[at]) return false;
  return isSameSide(a, b, BID, at, row) && isSameSide(a, b, ASK, at, row);
}

function isSameSide(a: LadderRows, b: LadderRows, side: Side, at: number, row: number): boolean {
  const [before, now] = [a.sides[side], b.sides[side]];
  return (
    before.quantities[at] === now.quantities[at] &&
    before.orders[at] === now.orders[at] &&
    before.cumulative[at] === now.cumulative[at] &&
    before.changes[at] === now.changes[at] &&
    (before.bestRow === row) === (now.bestRow === row)
  );
}
