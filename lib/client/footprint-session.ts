/** A footprint chart in an element: its data, its view, its drawing, and what it tells the page. Outside React. */
import { isPresent } from '../core/absent.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { isPartial, slotAt, slotsOf } from '../heatmap/chart-slots.ts';
import { flowState } from '../heatmap/flow-state.ts';
import { type CellMode, cellWords, type FootprintBar, footprintBar, MODE_WORDS } from '../heatmap/footprint-bars.ts';
import {
  type FootprintLayout,
  type FootprintView,
  footprintLayout,
  panned,
  placeAtX,
  priceAtY,
  visiblePlaces,
  zoomedPrice,
  zoomedTime,
} from '../heatmap/footprint-layout.ts';
import {
  formatIstDay,
  formatIstTime,
  formatLots,
  formatPrice,
  formatSigned,
  formatWhole,
  quantityUnit,
} from '../heatmap/format.ts';
import { gapWords } from '../heatmap/gap-words.ts';
import type { AreaName } from '../heatmap/layout.ts';
import type { ViewCommand } from '../heatmap/view-controller.ts';
import type { BarInterval } from '../orderflow/bar-intervals.ts';
import { deltaOf } from '../orderflow/bars.ts';
import { type FootprintCell, IMBALANCE_RULE } from '../orderflow/footprint.ts';
import type { SeriesBar } from '../orderflow/open-bars.ts';
import { FootprintChart, type FootprintPlace } from '../render/footprint-chart.ts';
import { readTheme } from '../render/theme.ts';
import type { BarReading, ChartReadout, LegendItem } from './chart-session.ts';
import { FlowData } from './flow-data.ts';
import { attachGestures } from './gestures.ts';
import type { AskMarket } from './market-data.ts';
import type { PaneLink, PaneLinkState } from './pane-link.ts';

const READOUT_MS = 100;
const TABLE_MS = 1000;
const TABLE_ROWS = 30;
/** Older bars are wanted when fewer than these are left before the visible ones. */
const AHEAD_PLACES = 4;
const FIRST_BAR_PX = 110;
const FIRST_ROW_PX = 15;
/** Free room to the right of the newest bar, in bars. */
const RIGHT_PLACES = 0.5;
const KEY_ZOOM = 1.25;
/** Below this share of its height around the price, the chart follows it. */
const FOLLOW_SHARE = 0.35;

export const STAT_NAMES = ['Volume', 'Delta', 'Max Δ', 'Min Δ', 'CVD', 'Trades', 'Unknown', 'Heard'] as const;
export const FOOTPRINT_COLUMNS = ['Time', ...STAT_NAMES, 'Most traded', 'Imbalances'] as const;

/** What a test and the curious can ask: a bar's cells and marks as they are drawn. */
export interface DrawnFootprint {
  readonly us: number;
  readonly cells: readonly FootprintCell[];
  readonly words: readonly (readonly string[])[];
  readonly imbalances: FootprintBar['imbalances'];
  readonly stacked: FootprintBar['stacked'];
  readonly unfinished: FootprintBar['unfinished'];
  readonly poc: number | null;
  readonly isOpen: boolean;
}

export class FootprintSession {
  private readonly data: FlowData;
  private readonly chart: FootprintChart;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private readonly ends: (() => void)[] = [];
  private layout: FootprintLayout;
  private view: FootprintView | null = null;
  /** The newest bar stays at the right edge, and its price in sight. */
  private following = true;
  private places: FootprintPlace[] = [];
  private stale: 'all' | 'newest' | null = 'all';
  private frame = 0;
  private cursor: { place: number; price: number | null } | null = null;
  private cursorUs: number | null = null;
  /** As the group shows it. */
  private range: PaneLinkState['range'] = null;
  private readout: ChartReadout | null = null;
  private readoutText = '';
  private table: readonly BarReading[] = [];
  private tableText = '';
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly host: HTMLElement,
    private readonly instrument: InstrumentSummary,
    interval: BarInterval,
    rowTicks: number,
    private mode: CellMode,
    ask: AskMarket,
    private readonly link: PaneLink,
    private readonly paneId: string,
  ) {
    this.data = new FlowData({
      instrument,
      interval,
      rowTicks,
      // Nothing of the books is wanted here.
      lots: 1,
      ask,
      onChange: (what) => {
        if (this.stale !== 'all') this.stale = what;
        this.schedule();
      },
    });
    this.chart = new FootprintChart(host, readTheme(host));
    this.layout = footprintLayout(host.clientWidth, host.clientHeight, STAT_NAMES.length);
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(host);
    this.ends.push(
      () => observer.disconnect(),
      link.subscribe(paneId, ({ cursorUs, range }) => {
        if (cursorUs !== this.cursorUs) this.showCursor(cursorUs);
        if (range && this.view && this.places.length > 0) this.showTime(range.toUs);
        if (!range && this.range) this.goLive();
        this.range = range;
      }),
      attachGestures(host, {
        command: (command) => this.command(command),
        pointAt: (place) => this.pointAt(place),
        areaAt: (x, y) => areaOf(footprintLayout(host.clientWidth, host.clientHeight, STAT_NAMES.length), x, y),
        heatmap: null,
      }),
    );
    this.resize();
    this.data.start();
    this.timers.push(
      setInterval(() => this.tell(), READOUT_MS),
      setInterval(() => this.tellTable(), TABLE_MS),
    );
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    cancelAnimationFrame(this.frame);
    for (const end of this.ends) end();
    this.link.leave(this.paneId);
    this.data.stop();
    this.chart.remove();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly currentReadout = (): ChartReadout | null => this.readout;
  readonly currentTable = (): readonly BarReading[] => this.table;

  setMode(mode: CellMode): void {
    this.mode = mode;
    this.schedule();
  }

  retry(): void {
    this.data.retry();
  }

  /** A key of the pane. @returns whether it was one */
  key(key: string, shift: boolean): boolean {
    const { view } = this;
    if (!view) return false;
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowRight':
        this.stepCursor((key === 'ArrowLeft' ? -1 : 1) * (shift ? 10 : 1), 0);
        return true;
      case 'ArrowUp':
      case 'ArrowDown':
        this.stepCursor(0, (key === 'ArrowUp' ? 1 : -1) * (shift ? 10 : 1));
        return true;
      case '+':
      case '=':
      case '-':
        this.command({ type: 'zoomTime', factor: key === '-' ? KEY_ZOOM : 1 / KEY_ZOOM, x: null });
        return true;
      case '[':
      case ']':
        this.command({ type: 'zoomPrice', factor: key === '[' ? KEY_ZOOM : 1 / KEY_ZOOM, y: null });
        return true;
      case 'Home':
        this.command({ type: 'pan', dx: view.rightPlace * view.barPx - this.layout.bars.width, dy: 0 });
        void this.data.loadOlder();
        return true;
      case 'End':
        this.command({ type: 'goLive' });
        return true;
      case 'Escape':
        this.pointAt(null);
        return true;
      default:
        return false;
    }
  }

  /** Bars that are drawn of those that begin in [fromUs, toUs). */
  drawn(fromUs: number, toUs: number): DrawnFootprint[] {
    return this.places.flatMap(({ us, footprint }) => {
      if (!footprint || us < fromUs || us >= toUs) return [];
      const { bar, cells, imbalances, stacked, unfinished, poc } = footprint;
      const words = cells.map((cell) => cellWords(this.mode, cell, this.instrument.lotSize));
      const isOpen = this.data.series.isOpen(bar);
      return [{ us, cells, words, imbalances, stacked, unfinished, poc: isPresent(poc) ? poc : null, isOpen }];
    });
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    this.layout = footprintLayout(width, height, STAT_NAMES.length);
    this.chart.resize(width, height, window.devicePixelRatio);
    this.schedule();
  }

  private command(command: ViewCommand): void {
    const { view, layout, data } = this;
    if (!view) return;
    switch (command.type) {
      case 'pan':
        this.view = panned(view, command.dx, command.dy);
        this.following = false;
        break;
      case 'zoomTime':
        this.view = zoomedTime(view, layout.bars, command.factor, this.following ? null : command.x);
        break;
      case 'zoomPrice':
        this.view = zoomedPrice(view, layout.bars, command.factor, command.y, data.rowHeight);
        break;
      default:
        this.goLive();
    }
    if (command.type !== 'zoomPrice') this.tellRange();
    this.schedule();
  }

  private tellRange(): void {
    const { view, layout, places } = this;
    if (!view || places.length === 0) return;
    const { from, to } = visiblePlaces(view, layout.bars, places.length);
    const [first, last] = [places[from], places[to - 1]];
    if (!first || !last) return;
    // The live edge is no time to go back to: it goes on.
    const isLive = this.following || to >= places.length;
    this.range = isLive ? null : { fromUs: first.us, toUs: last.us + this.data.barUs };
    this.link.set({ range: this.range }, this.paneId);
  }

  private goLive(): void {
    this.following = true;
    this.schedule();
  }

  /** Another pane shows time up to there. */
  private showTime(toUs: number): void {
    if (!this.view) return;
    const place = slotAt(this.places, toUs - 1);
    this.following = place >= this.places.length - 1;
    this.view = { ...this.view, rightPlace: place + 1 };
    this.schedule();
  }

  private pointAt(place: { readonly x: number; readonly y: number } | null): void {
    const { view, layout, places } = this;
    const at = place && view ? Math.floor(placeAtX(view, layout.bars, place.x)) : -1;
    const under = place && place.x < layout.bars.width ? places[at] : undefined;
    this.cursor =
      under && view && place
        ? {
            place: at,
            price: place.y < layout.bars.height ? this.priceNear(priceAtY(view, layout.bars, place.y)) : null,
          }
        : null;
    this.tellCursor(under?.us ?? null);
    this.schedule();
  }

  private priceNear(price: number): number {
    const { rowHeight } = this.data;
    return Math.round(price / rowHeight) * rowHeight;
  }

  private tellCursor(us: number | null): void {
    this.cursorUs = us;
    this.link.set({ cursorUs: us }, this.paneId);
  }

  private showCursor(us: number | null): void {
    this.cursorUs = us;
    const place = us === null ? -1 : slotAt(this.places, us);
    this.cursor = place < 0 ? null : { place, price: null };
    this.schedule();
  }

  private stepCursor(places: number, rows: number): void {
    const { view, layout } = this;
    const last = this.places.length - 1;
    if (!view || last < 0) return;
    const from = this.cursor?.place ?? last - places;
    const place = Math.min(last, Math.max(0, from + places));
    const price = (this.cursor?.price ?? this.priceNear(view.centrePrice)) + rows * this.data.rowHeight;
    this.cursor = { place, price };
    this.tellCursor((this.places[place] as FootprintPlace).us);
    const { from: shownFrom, to: shownTo } = visiblePlaces(view, layout.bars, this.places.length);
    if (place < shownFrom + 1 || place >= shownTo) {
      const shift = place < shownFrom + 1 ? place - shownFrom - 1 : place - shownTo + 1;
      this.view = { ...view, rightPlace: view.rightPlace + shift };
      this.following = false;
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    if (this.stale !== null) this.refresh();
    const { data, layout } = this;
    this.place();
    const { view } = this;
    if (!view) return;
    this.chart.draw({
      view,
      layout,
      places: this.places,
      statNames: STAT_NAMES,
      mode: this.mode,
      rowHeight: data.rowHeight,
      lotSize: this.instrument.lotSize,
      units: this.instrument,
      cursor: this.cursor,
    });
    if (visiblePlaces(view, layout.bars, this.places.length).from < AHEAD_PLACES) void data.loadOlder();
  }

  /** Makes the first view, and while it follows keeps the newest bar in sight. */
  private place(): void {
    const { layout, data } = this;
    const newest = this.places[this.places.length - 1]?.footprint?.bar;
    const price = newest && isPresent(newest.close) ? newest.close : null;
    if (!this.view) {
      if (price === null) return;
      const unitsPerPx = data.rowHeight / FIRST_ROW_PX;
      this.view = {
        rightPlace: 0,
        barPx: Math.min(FIRST_BAR_PX, layout.bars.width / 2),
        centrePrice: price,
        unitsPerPx,
      };
    }
    if (!this.following) return;
    const { view } = this;
    const reach = layout.bars.height * FOLLOW_SHARE * view.unitsPerPx;
    const isOff = price !== null && Math.abs(price - view.centrePrice) > reach;
    this.view = {
      ...view,
      rightPlace: this.places.length + RIGHT_PLACES,
      centrePrice: isOff ? price : view.centrePrice,
    };
  }

  private refresh(): void {
    const { data, stale } = this;
    this.stale = null;
    const bars = data.series.all();
    const newest = bars[bars.length - 1];
    const last = this.places[this.places.length - 1];
    if (stale === 'newest' && newest && last?.us === newest.fromUs) {
      this.places[this.places.length - 1] = this.placeOf(newest);
      return;
    }
    const { rightPlace } = this.view ?? { rightPlace: 0 };
    const anchorUs = this.places[Math.floor(rightPlace) - 1]?.us;
    const slots = slotsOf({ candles: [], bars, barUs: data.barUs, gaps: data.gaps.all, nowUs: data.clock.nowUs() });
    this.places = slots.map(({ us, bar, cause }) =>
      bar ? this.placeOf(bar) : { us, footprint: null, cause, stats: [] },
    );
    // Older ones came before what is shown: it stays where it was.
    if (this.view && !this.following && anchorUs !== undefined) {
      const shift = slotAt(this.places, anchorUs) - (Math.floor(rightPlace) - 1);
      this.view = { ...this.view, rightPlace: rightPlace + shift };
    }
    if (this.cursorUs !== null && this.cursor)
      this.cursor = { ...this.cursor, place: slotAt(this.places, this.cursorUs) };
  }

  private placeOf(bar: SeriesBar): FootprintPlace {
    return {
      us: bar.fromUs,
      footprint: footprintBar(bar, this.data.rowHeight, IMBALANCE_RULE),
      cause: null,
      stats: this.statsOf(bar),
    };
  }

  private cvdOf(bar: SeriesBar): number | null {
    const { cvd, series } = this.data;
    const stored = cvd.get(bar.fromUs);
    if (stored) return stored.cvd + deltaOf(bar) - deltaOf(series.storedAt(bar.fromUs) ?? bar);
    const bars = series.all();
    const before = bars[bars.findIndex(({ fromUs }) => fromUs === bar.fromUs) - 1];
    const goesOn =
      before &&
      formatIstDay(before.fromUs) === formatIstDay(bar.fromUs) &&
      !this.data.isBroken(before.fromUs, bar.fromUs);
    const known = goesOn ? this.cvdOf(before) : 0;
    return known === null ? null : known + deltaOf(bar);
  }

  private statsOf(bar: SeriesBar): string[] {
    const { lotSize } = this.instrument;
    const signed = (quantity: number): string => formatSigned(quantity / lotSize, quantity % lotSize === 0 ? 0 : 1);
    const cvd = this.cvdOf(bar);
    return [
      formatLots(bar.volume, lotSize),
      signed(deltaOf(bar)),
      signed(bar.maxDelta),
      signed(bar.minDelta),
      cvd === null ? '–' : signed(cvd),
      formatWhole(bar.trades),
      formatLots(bar.unknown, lotSize),
      heardWords(bar),
    ];
  }

  private tell(): void {
    const readout = this.readoutNow();
    const text = JSON.stringify(readout);
    if (text === this.readoutText) return;
    this.readoutText = text;
    this.readout = readout;
    for (const listener of this.listeners) listener();
  }

  private readoutNow(): ChartReadout {
    const { data, places } = this;
    const { load } = data;
    const place = places[this.cursor?.place ?? places.length - 1];
    return {
      state: flowState({
        connection: data.connection,
        load: load.kind === 'failed' && load.problem.signedOut ? 'signed_out' : load.kind,
        detail: load.kind === 'failed' ? load.problem.detail : '',
        hasBars: places.length > 0 || this.stale !== null,
        feed: data.feedStatus,
        gapOpen: data.gaps.open,
        settledUs: data.series.settledUs,
        unconfirmed: data.unconfirmed?.detail ?? null,
        nowUs: data.clock.nowUs(),
      }),
      moment: place ? `${formatIstDay(place.us)} ${formatIstTime(place.us, 'minutes')} IST` : null,
      legend: place ? this.legendOf(place) : [],
      note: place ? noteOf(place) : null,
      source: null,
      simulated: data.simulated,
      failures: data.olderFailed ? [`Older bars: ${data.olderFailed.detail}`] : [],
    };
  }

  private legendOf({ footprint }: FootprintPlace): LegendItem[] {
    if (!footprint) return [];
    const { instrument } = this;
    const { bar, cells, poc } = footprint;
    const items: LegendItem[] = [];
    const unit = quantityUnit(instrument.lotSize);
    const price = this.cursor?.price ?? null;
    if (price !== null) {
      const cell = cells.find((one) => Math.abs(one.price - price) < this.data.rowHeight / 2);
      items.push({ name: '₹', value: formatPrice(price, instrument), sign: 0 });
      items.push({
        name: MODE_WORDS.bidAsk,
        value: cell ? cellWords('bidAsk', cell, instrument.lotSize).join(' × ') : '0 × 0',
        sign: 0,
      });
      if (cell && cell.unknown > 0) {
        items.push({ name: 'side unknown', value: formatLots(cell.unknown, instrument.lotSize), sign: 0 });
      }
      if (cell) items.push({ name: 'Trades', value: formatWhole(cell.trades), sign: 0 });
    }
    const delta = deltaOf(bar);
    items.push({ name: `Bar, ${unit}`, value: formatLots(bar.volume, instrument.lotSize), sign: 0 });
    items.push({
      name: 'Delta',
      value: formatSigned(delta / instrument.lotSize, delta % instrument.lotSize === 0 ? 0 : 1),
      sign: delta > 0 ? 1 : delta < 0 ? -1 : 0,
    });
    if (isPresent(poc)) items.push({ name: 'POC', value: formatPrice(poc, instrument), sign: 0 });
    return items;
  }

  private tellTable(): void {
    const { view, layout, places, instrument } = this;
    const range = view ? visiblePlaces(view, layout.bars, places.length) : { from: 0, to: 0 };
    const table = places.slice(Math.max(range.from, range.to - TABLE_ROWS), range.to).map((place) => {
      const { us, footprint, stats } = place;
      const moment = `${formatIstDay(us)} ${formatIstTime(us, 'minutes')} IST`;
      if (!footprint) return { us, cells: [moment, ...STAT_NAMES.map(() => '–'), '–', noteOf(place) ?? '–'] };
      const { poc, imbalances } = footprint;
      const marks = imbalances.map(({ price, side }) => `${side} ${formatPrice(price, instrument)}`).join(', ');
      return { us, cells: [moment, ...stats, isPresent(poc) ? formatPrice(poc, instrument) : '–', marks || 'none'] };
    });
    const text = JSON.stringify(table);
    if (text === this.tableText) return;
    this.tableText = text;
    this.table = table;
    for (const listener of this.listeners) listener();
  }
}

function areaOf({ bars, stats, priceAxis, timeAxis }: FootprintLayout, x: number, y: number): AreaName | null {
  if (x >= priceAxis.x) return y < priceAxis.height ? 'priceAxis' : null;
  if (y >= timeAxis.y || (y >= stats.y && y < stats.y + stats.height)) return 'timeAxis';
  return y < bars.height ? 'chart' : null;
}

const heardWords = ({ coverage }: SeriesBar): string =>
  coverage === null ? 'open' : `${Math.floor(coverage * 100)} %`;

function noteOf({ footprint, cause }: FootprintPlace): string | null {
  if (cause !== null) return `Not recorded: ${gapWords(cause)}`;
  if (!footprint) return null;
  const { bar } = footprint;
  const missed = bar.unattributed > 0 ? `${formatWhole(bar.unattributed)} traded unheard` : null;
  const heard = isPartial(bar) ? `${heardWords(bar)} heard` : null;
  return [heard, missed].filter((part) => part !== null).join(', ') || null;
}
