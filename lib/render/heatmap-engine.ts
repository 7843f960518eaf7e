/**
 * Draws a model: cells, what is missing, best prices, trades, the book, axes, crosshair. Everything that happens only
 * marks what has become dirty; one animation frame draws it. Runs in a worker, or on the page where there is no
 * OffscreenCanvas; it knows nothing of either.
 */
import { ASK, BID } from '../core/side.ts';
import type { BigChange } from '../heatmap/big-changes.ts';
import { type BookSpan, bookSpan, frameSpan } from '../heatmap/book-span.ts';
import type { Cutoffs } from '../heatmap/colour-scale.ts';
import { Frame } from '../heatmap/column-store.ts';
import { CARRY_US, type DepthModel } from '../heatmap/depth-model.ts';
import type { Evidence } from '../heatmap/evidence.ts';
import { Frozen } from '../heatmap/frozen.ts';
import { inspect, type Place } from '../heatmap/inspect.ts';
import { areaAt, type Layout, layoutFor } from '../heatmap/layout.ts';
import { liveEdgeUs } from '../heatmap/live-edge.ts';
import type { Mark } from '../heatmap/marks.ts';
import { besideOf, type HeatmapOptions } from '../heatmap/options.ts';
import type { Outside } from '../heatmap/outside.ts';
import type { PriceAlert } from '../heatmap/price-alerts.ts';
import { type PriceRows, priceRowsFor, ROW_TICKS, rowAt } from '../heatmap/price-rows.ts';
import { type Profile, profileWith } from '../heatmap/profile.ts';
import type { QuantityBars } from '../heatmap/quantity-histogram.ts';
import { columnOf, TIERS_US, type Tier, tierFor } from '../heatmap/tiers.ts';
import type { TileKind } from '../heatmap/tile-store.ts';
import { firstUsPerPx, leftUs, priceAt, type View, xOf, yOf } from '../heatmap/view.ts';
import { type Surroundings, type ViewCommand, ViewController } from '../heatmap/view-controller.ts';
import { DIRTY, type Dirty } from './dirty.ts';
import type { BookColumn } from './draw-book.ts';
import { type CursorPlace, drawLinkedTime, placeAt } from './draw-cursor.ts';
import { drawEvidence } from './draw-evidence.ts';
import type { Marquee } from './draw-marks.ts';
import { Picture, type PictureSource } from './picture.ts';
import { RecentTimes } from './recent-times.ts';
import type { InstrumentUnits, Scene, VisibleRows } from './scene.ts';
import { type Canvas, type Pen, penOf, sizeSurface } from './surface.ts';
import type { Theme } from './theme.ts';

export interface Clock {
  /** Monotonic, ms. */
  nowMs(): number;
  /** The server's time, µs since the epoch. */
  nowUs(): number;
}

/** A finer width waits this long for its history before it is shown all the same. */
const FINER_WAIT_MS = 1500;
/** The crosshair touches the mark of a change from so near, CSS px. */
const CHANGE_REACH_PX = 8;

export class HeatmapEngine {
  readonly controller = new ViewController();
  /** Drawing itself. */
  readonly drawTimes = new RecentTimes();
  /** From the receipt of a frame, where it came from the exchange, to the end of the drawing that shows it. */
  readonly frameAges = new RecentTimes();
  /** Stamp of the newest frame in the picture, µs. */
  paintedUs = 0;
  private readonly picture: Picture;
  private readonly pen: Pen;
  private layout = layoutFor(1, 1);
  private pixelRatio = 1;
  private dirty: Dirty = DIRTY.nothing;
  private scheduled = false;
  private stopped = false;
  private tier: Tier = 0;
  private finerSinceMs: number | null = null;
  private frozen: Frozen | null = null;
  private scene: Scene | null = null;
  private edgeColumn = 0;
  private pointer: { readonly x: number; readonly y: number } | null = null;
  private place: CursorPlace | null = null;
  /** Where another pane points, µs; null: nowhere. */
  private linkedUs: number | null = null;
  private marks: readonly Mark[] = [];
  private alerts: readonly PriceAlert[] = [];
  private marquee: Marquee | null = null;
  /** Of the signal that is looked at; null: of none. */
  evidence: Evidence | null = null;
  private sessionProfile: Profile | null = null;

  constructor(
    private readonly canvas: Canvas,
    private readonly clock: Clock,
    private readonly requestFrame: (draw: () => void) => void,
    private readonly model: DepthModel,
    private readonly instrument: InstrumentUnits,
    private theme: Theme,
    private options: HeatmapOptions,
    /** Whether the past of wide columns is made of tiles. */
    private readonly withTiles = false,
  ) {
    this.pen = penOf(canvas, true);
    this.picture = new Picture(model, instrument.lotSize);
    this.controller.centre = options.centre;
  }

  stop(): void {
    this.stopped = true;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.layout = this.layoutOf(width, height);
    this.pixelRatio = pixelRatio;
    sizeSurface(this.canvas, this.pen, width, height, pixelRatio);
    // A resized canvas is empty: waiting for the next frame would show it.
    this.dirty = DIRTY.picture;
    this.draw();
  }

  setOptions(options: HeatmapOptions): void {
    this.options = options;
    this.controller.centre = options.centre;
    this.layout = this.layoutOf(this.layout.width, this.layout.height);
    this.invalidate(DIRTY.picture);
  }

  /** What the person has written into the picture. */
  setMarks(marks: readonly Mark[]): void {
    this.marks = marks;
    this.invalidate(DIRTY.cursor);
  }

  /** The rules on a price of the instrument. */
  setAlerts(alerts: readonly PriceAlert[]): void {
    this.alerts = alerts;
    this.invalidate(DIRTY.cursor);
  }

  /** The rectangle or the ruler that is being drawn; null: none. */
  setMarquee(marquee: Marquee | null): void {
    this.marquee = marquee;
    this.invalidate(DIRTY.cursor);
  }

  /** What a signal rests on; null: none is looked at. */
  setEvidence(evidence: Evidence | null): void {
    this.evidence = evidence;
    this.invalidate(DIRTY.cursor);
  }

  /** What traded on the day, in rows of the given height; null: not known. */
  setSessionProfile(rows: Profile['rows'] | null, rowUnits: number): void {
    this.sessionProfile = rows && profileWith(rows, rowUnits);
    this.invalidate(DIRTY.picture);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.invalidate(DIRTY.picture);
  }

  command(command: ViewCommand): void {
    const wasPaused = this.controller.paused;
    this.controller.apply(command, this.surroundings());
    if (this.controller.paused !== wasPaused) {
      this.frozen = this.controller.paused ? new Frozen(this.model, this.clock.nowUs()) : null;
      // Columns that the pause had hidden or held are to be written again.
      this.picture.forget();
    }
    this.invalidate(DIRTY.picture);
  }

  /** Points the crosshair at a place of the host element; null: nowhere. */
  pointAt(pointer: { readonly x: number; readonly y: number } | null): void {
    this.pointer = pointer;
    if (!pointer) this.place = null;
    this.invalidate(DIRTY.cursor);
  }

  /** Shows at which moment another pane is pointing, µs; null: none is. */
  linkTo(timeUs: number | null): void {
    if (timeUs === this.linkedUs) return;
    this.linkedUs = timeUs;
    this.invalidate(DIRTY.cursor);
  }

  /** Moves the crosshair by whole columns and rows, from the middle of the chart where it was nowhere. */
  stepCursor(columns: number, rows: number): void {
    const { scene } = this;
    if (!scene) return;
    const { chart } = this.layout;
    const from = this.place ?? placeAt(scene, chart.x + chart.width / 2, chart.y + chart.height / 2);
    this.pointer = null;
    this.place = {
      price: from.price + rows * scene.rows.units,
      timeUs: from.timeUs + columns * scene.columnUs,
    };
    this.invalidate(DIRTY.cursor);
  }

  invalidate(level: Dirty): void {
    if (level > this.dirty) this.dirty = level;
    if (this.scheduled || this.stopped || this.dirty === DIRTY.nothing) return;
    this.scheduled = true;
    this.requestFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  /** To be called a few times a second: moves the live edge on where no data does. */
  tick(): void {
    const edge = columnOf(this.edgeUs(), TIERS_US[this.tier]);
    const missing = this.clock.nowUs() - this.model.newestFrameUs > CARRY_US;
    if (edge !== this.edgeColumn || missing || this.picture.colours.countDue) this.invalidate(DIRTY.picture);
  }

  get view(): View | null {
    return this.controller.view;
  }

  /** The width shown, and the one that the zoom asks for. */
  get tiers(): { readonly shown: Tier; readonly wanted: Tier } {
    const { view } = this.controller;
    return { shown: this.tier, wanted: view ? tierFor(view.usPerPx) : this.tier };
  }

  /** The part of time that is to be held: the view's or, before there is one, that of the first view to come. */
  get framing(): { readonly view: View; readonly layout: Layout } {
    const first = { rightUs: this.edgeUs(), usPerPx: firstUsPerPx, centrePrice: 0, unitsPerPx: 1 };
    return { view: this.controller.view ?? first, layout: this.layout };
  }

  /** The time that following keeps at the right edge, whether paused or not, µs. */
  get liveEdge(): number {
    return this.edgeAt(this.clock.nowUs());
  }

  /** What was drawn last; null before the first picture. */
  get shown(): Scene | null {
    return this.scene;
  }

  /** Null before anything was counted. */
  get cutoffs(): Cutoffs | null {
    return this.picture.cutoffs(this.clock.nowMs());
  }

  /** The visible quantities; the same object until they are counted anew. */
  get quantities(): QuantityBars | null {
    return this.picture.colours.visible;
  }

  /** What of the book is above and below the picture. */
  get outside(): Outside | null {
    return this.picture.outside;
  }

  /** The bubbles of the picture. */
  get bubbles(): { readonly count: number; readonly volume: number } {
    return this.picture.bubbles;
  }

  /** Lines of alerts that are in the picture. */
  get alertsDrawn(): number {
    return this.scene ? this.picture.alertsDrawn : 0;
  }

  get changes(): readonly BigChange[] {
    return this.picture.changes;
  }

  /** The big changes that are marked around the crosshair, those of the marks that it touches. */
  get changesAtCursor(): readonly BigChange[] {
    const { place, scene } = this;
    if (!place || !scene) return [];
    const { view, layout, columnUs, rows } = scene;
    const [x, y] = [xOf(view, layout.chart, place.timeUs), yOf(view, layout.chart, place.price)];
    return this.picture.changes.filter(
      ({ column, row }) =>
        Math.abs(xOf(view, layout.chart, (column + 0.5) * columnUs) - x) <= CHANGE_REACH_PX &&
        Math.abs(yOf(view, layout.chart, row * rows.units) - y) <= CHANGE_REACH_PX,
    );
  }

  /** What the columns beside the chart show. */
  get profile(): Profile {
    return this.picture.numbers.profile;
  }

  /** Time of the picture. */
  get asOfUs(): number {
    return this.frozen?.asOfUs ?? this.clock.nowUs();
  }

  /** Newest tick of the picture. */
  get lastTick(): DepthModel['lastTick'] {
    return this.source.lastTick;
  }

  /** The rows of the book column. */
  get book(): BookColumn {
    return this.picture.book;
  }

  /** What is below the crosshair; null where it points nowhere. */
  readout(): Place | null {
    if (!this.place || !this.scene) return null;
    return this.inspect(this.place.price, this.place.timeUs, this.scene.rows.units);
  }

  inspect(price: number, timeUs: number, rowUnits: number): Place {
    const question = { tier: this.tier, price, timeUs, rowUnits, nowUs: this.asOfUs };
    return inspect(this.source, this.model.gaps, question);
  }

  private get source(): PictureSource {
    return this.frozen ?? this.model;
  }

  private edgeUs(): number {
    return this.edgeAt(this.asOfUs);
  }

  private edgeAt(nowUs: number): number {
    const { view } = this.controller;
    const spanUs = (view?.usPerPx ?? 0) * this.layout.chart.width;
    const gapOpen = this.model.gaps.open !== null;
    return liveEdgeUs(nowUs, this.model.newestFrameUs, gapOpen, spanUs, TIERS_US[this.tier]);
  }

  private surroundings(): Surroundings {
    return {
      layout: this.layout,
      nowMs: this.clock.nowMs(),
      edgeUs: this.edgeUs(),
      book: this.bookSpan(),
      bookThen: this.controller.waitsForPrice ? this.spanThen() : null,
      tickSize: this.instrument.tickSize,
    };
  }

  private bookSpan(): BookSpan | null {
    return bookSpan(this.source.side(BID), this.source.side(ASK));
  }

  private layoutOf(width: number, height: number): Layout {
    return layoutFor(width, height, besideOf(this.options));
  }

  /** Prices of the last book before the picture's right edge that is held. */
  private spanThen(): BookSpan | null {
    const { view } = this.controller;
    if (!view) return null;
    const { tier, model } = this;
    const column = columnOf(Math.min(view.rightUs, model.seenUs), TIERS_US[tier]) + 1;
    const columns = Math.ceil((this.layout.chart.width * view.usPerPx) / TIERS_US[tier]);
    const [bid, ask] = [new Frame(), new Frame()];
    const found =
      model.lastBefore(tier, column, columns, BID, bid) && model.lastBefore(tier, column, columns, ASK, ask);
    if (!found) return null;
    return frameSpan(bid, ask);
  }

  private draw(): void {
    if (this.stopped || this.layout.width <= 1) return;
    const startMs = this.clock.nowMs();
    const level = this.dirty;
    const shownUs = this.paintedUs;
    this.dirty = DIRTY.nothing;
    if (level === DIRTY.picture) this.workOut(startMs);
    if (this.scene) {
      this.placeCursor(this.scene);
      const { place: cursor, marks, alerts, marquee } = this;
      this.picture.paint(this.scene, this.source, { cursor, marks, alerts, marquee });
      if (this.evidence) drawEvidence(this.scene, this.evidence);
      if (this.linkedUs !== null && !this.place) drawLinkedTime(this.scene, this.linkedUs);
    } else {
      this.pen.fillStyle = this.theme.background;
      this.pen.fillRect(0, 0, this.layout.width, this.layout.height);
    }
    this.drawTimes.add(this.clock.nowMs() - startMs);
    if (this.paintedUs > shownUs) this.frameAges.add((this.clock.nowUs() - this.paintedUs) / 1000);
    if (this.picture.moving(startMs) || this.controller.gliding) this.invalidate(DIRTY.picture);
  }

  /** Brings everything that is painted up to date with the model and the view. */
  private workOut(nowMs: number): void {
    this.controller.update(this.surroundings());
    const scene = this.prepare(nowMs);
    this.scene = scene;
    if (!scene) return;
    this.picture.workOut(scene, this.source, this.sessionProfile, nowMs, this.controller.reducedMotion);
    this.paintedUs = Math.max(this.source.side(BID).stampUs, this.source.side(ASK).stampUs);
  }

  private prepare(nowMs: number): Scene | null {
    const { view } = this.controller;
    if (!view) return null;
    this.chooseTier(view, nowMs);
    const { layout, tier } = this;
    const columnUs = TIERS_US[tier];
    this.edgeColumn = columnOf(this.edgeUs(), columnUs);
    const fromColumn = columnOf(leftUs(view, layout.chart), columnUs);
    const lastColumn = Math.ceil(view.rightUs / columnUs) - 1;
    const rows = priceRowsFor(this.instrument.tickSize, view.unitsPerPx, this.options.rowTicks);
    this.model.showTiles(this.tileKind(rows));
    return {
      pen: this.pen,
      theme: this.theme,
      pixelRatio: this.pixelRatio,
      layout,
      view,
      tier,
      columnUs,
      rows,
      visibleRows: visibleRows(view, layout, rows),
      instrument: this.instrument,
      options: this.options,
      ring: this.picture.ring,
      fromColumn,
      toColumn: Math.min(lastColumn, columnOf(this.asOfUs, columnUs)),
      asOfUs: this.asOfUs,
    };
  }

  /** Largest sizes do not add up to those of taller rows: their tiles are of the rows that are shown. */
  private tileKind({ ticks, units }: PriceRows): TileKind | null {
    const { cellValue: value, minOrders } = this.options;
    if (!this.withTiles || minOrders > 0) return null;
    if (value !== 'max') return { value, rowUnits: this.instrument.tickSize };
    return ROW_TICKS.some((known) => known === ticks) ? { value, rowUnits: units } : null;
  }

  /**
   * A coarser width is made of the one shown and taken at once. A finer one is taken when its history has come: until
   * then the wide columns stay, rather than nothing.
   */
  private chooseTier(view: View, nowMs: number): void {
    const wanted = tierFor(view.usPerPx);
    if (wanted === this.tier) {
      this.finerSinceMs = null;
      return;
    }
    if (wanted < this.tier) {
      this.finerSinceMs ??= nowMs;
      const fromUs = leftUs(view, this.layout.chart);
      const toUs = Math.min(view.rightUs, this.model.seenUs);
      const held = (tier: Tier) => this.model.held(tier).held(fromUs, toUs);
      // Pages begin with a column of their own width: less than one of the wider columns may be missing.
      const ready = held(wanted) > held(this.tier) - TIERS_US[this.tier];
      if (!ready && nowMs - this.finerSinceMs < FINER_WAIT_MS) return;
    } else {
      this.model.derive(this.tier, wanted);
    }
    this.finerSinceMs = null;
    this.tier = wanted;
  }

  private placeCursor(scene: Scene): void {
    const { pointer, layout } = this;
    if (!pointer) return;
    const area = areaAt(layout, pointer.x, pointer.y);
    this.place = area === 'chart' || area === 'sides' || area === 'book' ? placeAt(scene, pointer.x, pointer.y) : null;
  }
}

function visibleRows(view: View, { chart }: Layout, rows: PriceRows): VisibleRows {
  const top = rowAt(priceAt(view, chart, chart.y), rows.units);
  const bottom = rowAt(priceAt(view, chart, chart.y + chart.height), rows.units);
  return { top, count: top - bottom + 1 };
}
