/**
 * One picture of the market: works out what is to be seen (cells, colours, trades, the book), and paints it. The first is
 * done when data or view have changed, the second also when only the crosshair has.
 */
import type { BookSide } from '../book/messages.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { type BookRow, bookRows, SIDES, totalQuantity } from '../heatmap/book-rows.ts';
import { CellColours } from '../heatmap/cell-colours.ts';
import { CellRing, type ColumnSource } from '../heatmap/cell-ring.ts';
import type { Cutoffs } from '../heatmap/colour-scale.ts';
import { type ColumnStore, Frame } from '../heatmap/column-store.ts';
import { CARRY_US, type DepthModel } from '../heatmap/depth-model.ts';
import { EasedQuantity } from '../heatmap/eased.ts';
import { COLUMN_PX_MIN, columnOf } from '../heatmap/tiers.ts';
import type { TradeCluster } from '../heatmap/trades.ts';
import { drawGrid, drawPriceAxis, drawPriceTag, drawTimeAxis } from './draw-axes.ts';
import { type BookColumn, drawBook, largestVisible } from './draw-book.ts';
import { BubbleCache, drawBubbles, referenceVolume, visibleClusters } from './draw-bubbles.ts';
import { CellImage } from './draw-cells.ts';
import { type CursorPlace, drawCursor } from './draw-cursor.ts';
import { drawMissing, Hatches } from './draw-missing.ts';
import { drawBestPrices, drawLastPrice } from './draw-quotes.ts';
import type { HeatmapOptions, Scene } from './scene.ts';

/** What is shown: the model, or the model as it was when it was paused. */
export interface PictureSource extends ColumnSource {
  side(side: Side): Readonly<BookSide>;
  readonly lastTick: DepthModel['lastTick'];
}

export class Picture {
  readonly ring = new CellRing();
  readonly colours = new CellColours();
  book: BookColumn = { sides: [[], []], totals: [null, null] };
  private readonly cellImage = new CellImage();
  private readonly bubbleCache = new BubbleCache();
  private readonly barFull = new EasedQuantity();
  private readonly bubbleFull = new EasedQuantity();
  private clusters: readonly TradeCluster[] = [];
  private hatches: Hatches | null = null;
  private bookKey = '';
  /** Time of the picture in the monotonic clock, for what eases. */
  private atMs = 0;

  constructor(private readonly model: DepthModel) {}

  /** Whether anything is still on its way to where it should be. */
  moving(nowMs: number): boolean {
    return this.colours.moving(nowMs) || this.barFull.moving(nowMs) || this.bubbleFull.moving(nowMs);
  }

  cutoffs(nowMs: number): Cutoffs | null {
    return this.colours.cutoffs(nowMs);
  }

  /** @param atOnce nothing eases */
  workOut(scene: Scene, source: PictureSource, options: HeatmapOptions, nowMs: number, atOnce: boolean): void {
    this.atMs = nowMs;
    this.writeCells(scene, source, options, atOnce);
    this.gatherTrades(scene, options, atOnce);
    this.sumUpBook(scene, source, atOnce);
  }

  paint(scene: Scene, source: PictureSource, cursor: CursorPlace | null): void {
    const { pen, theme, layout } = scene;
    pen.fillStyle = theme.background;
    pen.fillRect(0, 0, layout.width, layout.height);
    this.cellImage.draw(scene);
    drawGrid(scene);
    const hatches = this.hatchesFor(scene);
    drawMissing(scene, this.model, hatches);
    drawBestPrices(scene);
    const { lastTick } = source;
    const lastPrice = lastTick.stampUs > 0 ? lastTick.lastPrice : null;
    if (lastPrice !== null) drawLastPrice(scene, lastPrice);
    drawBubbles(scene, this.clusters, this.bubbleFull.at(this.atMs) ?? 1);
    drawBook(scene, this.book, this.barFull.at(this.atMs) ?? 1, hatches);
    drawPriceAxis(scene, lastPrice);
    drawTimeAxis(scene);
    if (lastPrice !== null) drawPriceTag(scene, lastPrice, theme.lastPrice, theme.lastPriceText);
    if (cursor) drawCursor(scene, cursor);
  }

  private writeCells(scene: Scene, source: PictureSource, options: HeatmapOptions, atOnce: boolean): void {
    const { ring, colours, model, atMs } = this;
    const { tier, rows, visibleRows, fromColumn, toColumn, asOfUs, columnUs, theme } = scene;
    const columns = Math.ceil(scene.layout.chart.width / COLUMN_PX_MIN) + 1;
    ring.fit({ tier, rowUnits: rows.units }, columns, visibleRows.top, visibleRows.count);
    const dirty = model.dirty[tier];
    if (dirty) {
      ring.forget(dirty.from, dirty.to);
      dirty.clear();
    }
    // What is carried and what has gone stale near the live edge depends on the time.
    ring.forget(columnOf(asOfUs, columnUs) - 1, Number.POSITIVE_INFINITY);
    colours.apply(ring, options.palette, theme.background, atMs);
    ring.write(source, fromColumn, toColumn, asOfUs, colours.table);
    colours.follow(ring, { fromColumn, toColumn, topRow: visibleRows.top, rows: visibleRows.count }, atMs, atOnce);
    // The first count of all gives the first colours.
    colours.apply(ring, options.palette, theme.background, atMs);
    this.cellImage.update(ring);
  }

  private gatherTrades(scene: Scene, options: HeatmapOptions, atOnce: boolean): void {
    const store = this.model.stores[scene.tier] as ColumnStore;
    this.clusters = options.bubbles ? visibleClusters(scene, store, this.bubbleCache) : [];
    const reference = referenceVolume(this.clusters);
    if (reference !== null) this.bubbleFull.offer(reference, this.atMs, atOnce);
  }

  private sumUpBook(scene: Scene, source: PictureSource, atOnce: boolean): void {
    this.book = this.bookOf(scene, source);
    const largest = largestVisible(scene, this.book);
    if (largest !== null) this.barFull.offer(largest, this.atMs, atOnce);
  }

  /** Summed up anew only where a side or the rows have changed. */
  private bookOf({ rows, asOfUs }: Scene, source: PictureSource): BookColumn {
    const fresh = SIDES.map((side) => {
      const { known, stampUs } = source.side(side);
      return known && asOfUs - stampUs <= CARRY_US && !this.model.gaps.overlapping(stampUs + 1, asOfUs);
    });
    const key = [rows.units, ...fresh, source.side(BID).stampUs, source.side(ASK).stampUs].join();
    if (key === this.bookKey) return this.book;
    this.bookKey = key;
    const frame = new Frame();
    const sides: [BookRow[], BookRow[]] = [[], []];
    const totals: [number | null, number | null] = [null, null];
    for (const side of SIDES) {
      if (!fresh[side]) continue;
      frame.pointAt(source.side(side));
      sides[side] = bookRows(frame, side, rows.units);
      totals[side] = totalQuantity(frame);
    }
    return { sides, totals };
  }

  private hatchesFor({ pen, theme, pixelRatio }: Scene): Hatches {
    if (this.hatches?.theme !== theme || this.hatches.pixelRatio !== pixelRatio) {
      this.hatches = new Hatches(pen, theme, pixelRatio);
    }
    return this.hatches;
  }
}
