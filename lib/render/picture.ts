/**
 * One picture of the market: works out what is to be seen (cells, colours, trades, the book), and paints it. The first is
 * done when data or view have changed, the second also when only the crosshair has.
 */
import type { BookSide } from '../book/messages.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { type BigChange, BigChanges, type ChangeMark, mergeChanges } from '../heatmap/big-changes.ts';
import { type BookRow, bookRows, SIDES, totalQuantity } from '../heatmap/book-rows.ts';
import { CellColours } from '../heatmap/cell-colours.ts';
import { CellRing, type ColumnSource } from '../heatmap/cell-ring.ts';
import type { Cutoffs } from '../heatmap/colour-scale.ts';
import { type ColumnStore, Frame } from '../heatmap/column-store.ts';
import { CARRY_US, COLUMN_STATE, type DepthModel } from '../heatmap/depth-model.ts';
import { EasedQuantity } from '../heatmap/eased.ts';
import type { Mark } from '../heatmap/marks.ts';
import { isOfProfile } from '../heatmap/options.ts';
import { type Outside, outsideOf } from '../heatmap/outside.ts';
import type { PriceAlert } from '../heatmap/price-alerts.ts';
import { changesOf, EMPTY_PROFILE, type Profile, profileOf } from '../heatmap/profile.ts';
import { COLUMN_PX_MIN, columnOf, TIERS_US } from '../heatmap/tiers.ts';
import { clusterVolume, type TradeCluster } from '../heatmap/trades.ts';
import { leftUs, xOf, yOf } from '../heatmap/view.ts';
import { VolumeColumns } from '../heatmap/volume-columns.ts';
import { drawAlerts } from './draw-alerts.ts';
import { drawAnchor } from './draw-anchor.ts';
import { drawGrid, drawPriceAxis, drawPriceTag, drawTimeAxis } from './draw-axes.ts';
import { type BookColumn, drawBook, largestVisible } from './draw-book.ts';
import { BubbleCache, drawBubbles, referenceVolume, visibleClusters } from './draw-bubbles.ts';
import { CellImage } from './draw-cells.ts';
import { drawChanges } from './draw-changes.ts';
import { type ColumnNumbers, drawColumns } from './draw-columns.ts';
import { type CursorPlace, drawCursor } from './draw-cursor.ts';
import { drawMarks, drawMarquee, type Marquee } from './draw-marks.ts';
import { drawMissing, Hatches } from './draw-missing.ts';
import { drawOutside } from './draw-outside.ts';
import { drawBestPrices, drawLastPrice } from './draw-quotes.ts';
import { drawStrip } from './draw-strip.ts';
import { CellValues } from './draw-values.ts';
import type { Scene } from './scene.ts';

/** Best prices stand in the way of wider columns than this, unless they are wanted always, µs. */
const QUOTES_COLUMN_US_MAX = 5_000_000;
/** The book is compared with the one of so long ago, µs. */
const PULL_STACK_US = 5_000_000;

/** What lies over the picture. */
export interface Overlay {
  readonly cursor: CursorPlace | null;
  readonly marks: readonly Mark[];
  readonly alerts: readonly PriceAlert[];
  readonly marquee: Marquee | null;
}

/** What is shown: the model, or the model as it was when it was paused. */
export interface PictureSource extends ColumnSource {
  side(side: Side): Readonly<BookSide>;
  readonly lastTick: DepthModel['lastTick'];
}

export class Picture {
  readonly ring = new CellRing();
  readonly colours: CellColours;
  /** What of the book is above and below the picture; null before the first one. */
  outside: Outside | null = null;
  /** Of the columns beside the chart. */
  numbers: ColumnNumbers = { profile: EMPTY_PROFILE, changes: null };
  book: BookColumn = { sides: [[], []], totals: [null, null] };
  private readonly cellImage = new CellImage();
  private readonly bubbleCache = new BubbleCache();
  private readonly values = new CellValues();
  private readonly barFull = new EasedQuantity();
  private readonly bubbleFull = new EasedQuantity();
  private clusters: readonly TradeCluster[] = [];
  private readonly bigChanges = new BigChanges();
  /** What is marked, and its marks; both largest first. */
  changes: readonly BigChange[] = [];
  private changeMarks: readonly ChangeMark[] = [];
  /** Lines of alerts that are in the picture. */
  alertsDrawn = 0;
  private hatches: Hatches | null = null;
  private readonly volumes = new VolumeColumns();
  private volumesKey = '';
  private bookKey = '';
  private changesKey = '';
  private profileKey = '';
  /** Time of the picture in the monotonic clock, for what eases. */
  private atMs = 0;

  /** @param lotSize units of a lot */
  constructor(
    private readonly model: DepthModel,
    lotSize: number,
  ) {
    this.colours = new CellColours(lotSize);
  }

  /** All columns are to be made again. */
  forget(): void {
    this.ring.forget(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    this.bigChanges.forget(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  get bubbles(): { readonly count: number; readonly volume: number } {
    const volume = this.clusters.reduce((sum, cluster) => sum + clusterVolume(cluster), 0);
    return { count: this.clusters.length, volume };
  }

  /** Whether anything is still on its way to where it should be. */
  moving(nowMs: number): boolean {
    return this.colours.moving(nowMs) || this.barFull.moving(nowMs) || this.bubbleFull.moving(nowMs);
  }

  cutoffs(nowMs: number): Cutoffs | null {
    return this.colours.cutoffs(nowMs);
  }

  /**
   * @param sessionProfile of the day or from the anchor on, where that is what the columns show and it is known
   * @param atOnce nothing eases
   */
  workOut(scene: Scene, source: PictureSource, sessionProfile: Profile | null, nowMs: number, atOnce: boolean): void {
    this.atMs = nowMs;
    this.writeCells(scene, source, atOnce);
    this.gatherTrades(scene, atOnce);
    this.gatherChanges(scene, source);
    this.sumUpVolumes(scene);
    this.sumUpBook(scene, source, atOnce);
    this.sumUpColumns(scene, source, sessionProfile);
  }

  paint(scene: Scene, source: PictureSource, { cursor, marks, alerts, marquee }: Overlay): void {
    const { pen, theme, layout } = scene;
    pen.fillStyle = theme.background;
    pen.fillRect(0, 0, layout.width, layout.height);
    this.cellImage.draw(scene);
    drawGrid(scene);
    const hatches = this.hatchesFor(scene);
    drawMissing(scene, this.model, hatches);
    this.values.draw(scene, source, this.colours);
    const { quotes } = scene.options;
    if (quotes === 'always' || (quotes === 'auto' && scene.columnUs <= QUOTES_COLUMN_US_MAX)) drawBestPrices(scene);
    const { lastTick } = source;
    const lastPrice = lastTick.stampUs > 0 ? lastTick.lastPrice : null;
    if (lastPrice !== null) drawLastPrice(scene, lastPrice);
    drawBubbles(scene, this.clusters, this.bubbleFull.at(this.atMs) ?? 1);
    drawChanges(scene, this.changeMarks);
    drawMarks(scene, marks);
    if (this.outside) drawOutside(scene, this.outside);
    drawColumns(scene, this.numbers, marks);
    drawAnchor(scene);
    drawBook(scene, this.book, this.barFull.at(this.atMs) ?? 1, hatches);
    drawStrip(scene, this.volumes, this.model);
    drawPriceAxis(scene, lastPrice);
    drawTimeAxis(scene);
    this.alertsDrawn = drawAlerts(scene, alerts);
    if (lastPrice !== null) drawPriceTag(scene, lastPrice, theme.lastPrice, theme.lastPriceText);
    if (marquee) drawMarquee(scene, marquee);
    if (cursor) drawCursor(scene, cursor);
  }

  private writeCells(scene: Scene, source: PictureSource, atOnce: boolean): void {
    const { ring, colours, model, atMs } = this;
    const { tier, rows, visibleRows, fromColumn, toColumn, asOfUs, columnUs, theme, options } = scene;
    const columns = Math.ceil(scene.layout.chart.width / COLUMN_PX_MIN) + 1;
    ring.fit({ tier, rowUnits: rows.units, minOrders: options.minOrders }, columns, visibleRows.top, visibleRows.count);
    const dirty = model.dirty[tier];
    if (dirty) {
      ring.forget(dirty.from, dirty.to);
      this.bigChanges.forget(dirty.from, dirty.to);
      dirty.clear();
    }
    // What is carried and what has gone stale near the live edge depends on the time.
    ring.forget(columnOf(asOfUs, columnUs) - 1, Number.POSITIVE_INFINITY);
    colours.apply(ring, options, theme.background, atMs);
    ring.write(source, fromColumn, toColumn, asOfUs, colours.table);
    const visible = { fromColumn, toColumn, topRow: visibleRows.top, rows: visibleRows.count };
    colours.follow(ring, visible, options, atMs, atOnce);
    // The first count of all gives the first colours.
    colours.apply(ring, options, theme.background, atMs);
    this.cellImage.update(ring);
  }

  private gatherTrades(scene: Scene, atOnce: boolean): void {
    const { options } = scene;
    const store = this.model.stores[scene.tier] as ColumnStore;
    this.clusters = options.bubbles ? visibleClusters(scene, store, this.bubbleCache) : [];
    const reference = referenceVolume(this.clusters);
    if (reference !== null) this.bubbleFull.offer(reference, this.atMs, atOnce);
  }

  private gatherChanges(scene: Scene, source: PictureSource): void {
    const { tier, rows, columnUs, view, layout, fromColumn, toColumn, asOfUs, options, visibleRows, instrument } =
      scene;
    if (!options.changes) {
      this.changes = [];
      this.changeMarks = [];
      return;
    }
    const { bigChanges } = this;
    bigChanges.fit(tier, rows.units, Math.ceil(layout.chart.width / COLUMN_PX_MIN) + 2);
    bigChanges.write(source, fromColumn, toColumn, asOfUs);
    const window = { fromColumn, toColumn, topRow: visibleRows.top, rows: visibleRows.count, nowUs: asOfUs };
    const rule = { oneIn: options.changeOneIn, least: options.minChangeLots * instrument.lotSize };
    this.changes = bigChanges.found(window, rule, this.model.stores[tier] as ColumnStore);
    this.changeMarks = mergeChanges(this.changes, ({ column, row }) => ({
      x: xOf(view, layout.chart, (column + 0.5) * columnUs),
      y: yOf(view, layout.chart, row * rows.units),
    }));
  }

  private sumUpVolumes({ layout, tier, fromColumn, toColumn, asOfUs }: Scene): void {
    if (layout.strip.height === 0) return;
    const store = this.model.stores[tier] as ColumnStore;
    const key = [tier, fromColumn, toColumn, store.tradesVersion, columnOf(asOfUs, TIERS_US[0])].join();
    if (key === this.volumesKey) return;
    this.volumesKey = key;
    this.volumes.sumUp(store, fromColumn, toColumn, asOfUs);
  }

  private sumUpBook(scene: Scene, source: PictureSource, atOnce: boolean): void {
    this.book = this.bookOf(scene, source);
    const largest = largestVisible(scene, this.book);
    if (largest !== null) this.barFull.offer(largest, this.atMs, atOnce);
    const { rows, visibleRows, view, asOfUs } = scene;
    // The book is that of the picture's time: beside an earlier one it would be taken for the book of then.
    if (view.rightUs < asOfUs - CARRY_US) {
      this.outside = null;
      return;
    }
    const wallFrom = this.colours.cutoffs(this.atMs)?.hi ?? Number.POSITIVE_INFINITY;
    const lowest = visibleRows.top - visibleRows.count + 1;
    this.outside = outsideOf(this.book.sides, rows.units, lowest, visibleRows.top, wallFrom);
  }

  /** Only what is shown, and only where it has changed. */
  private sumUpColumns(scene: Scene, source: PictureSource, sessionProfile: Profile | null): void {
    const { options, layout, view, rows, tier, asOfUs } = scene;
    const shown = options.columns.slice(0, layout.sides.length);
    if (shown.includes('pullStack')) this.compareBooks(scene, source);
    if (!shown.some(isOfProfile)) {
      this.showProfile(EMPTY_PROFILE);
      return;
    }
    if (options.profileSpan !== 'visible') {
      this.showProfile(sessionProfile ?? EMPTY_PROFILE);
      return;
    }
    const store = this.model.stores[tier] as ColumnStore;
    const [fromUs, toUs] = [leftUs(view, layout.chart), Math.min(view.rightUs, asOfUs)];
    const key = [tier, rows.units, fromUs, view.rightUs, source.lastTick.stampUs, store.tradesVersion].join();
    if (key === this.profileKey) return;
    this.profileKey = key;
    this.numbers = { ...this.numbers, profile: profileOf(store, fromUs, toUs, rows.units) };
  }

  private showProfile(profile: Profile): void {
    this.profileKey = '';
    if (profile !== this.numbers.profile) this.numbers = { ...this.numbers, profile };
  }

  /** The book against what it was. */
  private compareBooks(scene: Scene, source: PictureSource): void {
    const { rows, asOfUs } = scene;
    const key = `${this.bookKey} ${columnOf(asOfUs, TIERS_US[0])}`;
    if (key === this.changesKey) return;
    this.changesKey = key;
    const then = columnOf(asOfUs - PULL_STACK_US, TIERS_US[0]);
    const frame = new Frame();
    const sides: [BookRow[], BookRow[]] = [[], []];
    let isKnown = this.book.totals[BID] !== null && this.book.totals[ASK] !== null;
    for (const side of SIDES) {
      isKnown &&= source.resolve(0, then, side, asOfUs, frame) === COLUMN_STATE.data;
      if (isKnown) sides[side] = bookRows(frame, side, rows.units);
    }
    this.numbers = { ...this.numbers, changes: isKnown ? changesOf(this.book.sides, sides) : null };
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
