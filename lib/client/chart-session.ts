/** A chart of bars in an element: its data, its drawing, its crosshair, and what it tells the page. Outside React. */
import { isPresent } from '../core/absent.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { type ChartPoint, type ChartRow, ROW_WORDS, rowValue } from '../heatmap/chart-rows.ts';
import { isPartial, slotAt, slotsOf } from '../heatmap/chart-slots.ts';
import { flowState } from '../heatmap/flow-state.ts';
import {
  formatCompact,
  formatIstDay,
  formatIstTime,
  formatPrice,
  formatSigned,
  formatWhole,
  quantityUnit,
} from '../heatmap/format.ts';
import { gapWords } from '../heatmap/gap-words.ts';
import type { PageState } from '../heatmap/page-state.ts';
import type { BarInterval } from '../orderflow/bar-intervals.ts';
import { barStart, deltaOf } from '../orderflow/bars.ts';
import type { SeriesBar } from '../orderflow/open-bars.ts';
import { Vwap } from '../orderflow/vwap.ts';
import { FlowChart } from '../render/flow-chart.ts';
import { readTheme } from '../render/theme.ts';
import { PART_OF } from './book-series.ts';
import { FlowData, hasCvd, hasVwap } from './flow-data.ts';
import type { AskMarket } from './market-data.ts';
import type { PaneLink, PaneLinkState } from './pane-link.ts';

/** The page is told at most so often, ms. */
const READOUT_MS = 100;
/** The table of bars, which is read out, ms. */
const TABLE_MS = 1000;
const TABLE_ROWS = 60;

export interface LegendItem {
  readonly name: string;
  readonly value: string;
  /** Which side it speaks for; 0: none. */
  readonly sign: -1 | 0 | 1;
}

export interface BarReading {
  readonly us: number;
  readonly cells: readonly string[];
}

export interface ChartReadout {
  readonly state: PageState;
  /** Of the place under the crosshair, else the newest; null before there is one. */
  readonly moment: string | null;
  readonly legend: readonly LegendItem[];
  /** What is to be known of that place: `Kite candle`, `62 % heard`. */
  readonly note: string | null;
  readonly source: 'kite' | 'dhan' | null;
  readonly simulated: boolean;
  /** What could not be had, in words. */
  readonly failures: readonly string[];
}

/** What a test and the curious can ask: the numbers as they are drawn. */
export interface DrawnBar {
  readonly us: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly delta: number;
  readonly cvd: number | null;
  readonly vwap: number | null;
  readonly isOpen: boolean;
}

export interface ChartChoice {
  readonly rows: readonly ChartRow[];
  readonly vwap: boolean;
  /** Size whose cost is shown. */
  readonly lots: number;
}

export const TABLE_COLUMNS = ['Time', 'Open', 'High', 'Low', 'Close', 'Volume', 'Delta', 'CVD', 'Heard'] as const;

export class ChartSession {
  private readonly data: FlowData;
  private readonly chart: FlowChart;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private readonly unlink: () => void;
  private points: readonly ChartPoint[] = [];
  private dirty: 'all' | 'newest' | null = 'all';
  private frame = 0;
  private cursorUs: number | null = null;
  /** As the group shows it. */
  private range: PaneLinkState['range'] = null;
  private readout: ChartReadout | null = null;
  private readoutText = '';
  private table: readonly BarReading[] = [];
  private tableText = '';
  private readonly listeners = new Set<() => void>();

  constructor(
    host: HTMLElement,
    private readonly instrument: InstrumentSummary,
    interval: BarInterval,
    private choice: ChartChoice,
    ask: AskMarket,
    private readonly link: PaneLink,
    private readonly paneId: string,
  ) {
    this.data = new FlowData({
      instrument,
      interval,
      rowTicks: null,
      lots: choice.lots,
      ask,
      onChange: (what) => {
        if (this.dirty !== 'all') this.dirty = what;
        this.schedule();
      },
    });
    this.chart = new FlowChart(host, readTheme(host), instrument, this.data.barUs, {
      onCursor: (us) => this.setCursor(us, true),
      onRange: (range) => this.tellRange(range),
      onNeedOlder: () => void this.data.loadOlder(),
    });
    this.unlink = link.subscribe(paneId, ({ cursorUs, range }) => {
      if (cursorUs !== this.cursorUs) this.setCursor(cursorUs, false);
      if (range) this.chart.showRange(range);
      else if (this.range) this.chart.toNewest();
      this.range = range;
    });
    this.range = link.state.range;
    this.choose(choice);
    this.data.start();
    this.timers.push(
      setInterval(() => this.tell(), READOUT_MS),
      setInterval(() => this.tellTable(), TABLE_MS),
    );
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    cancelAnimationFrame(this.frame);
    this.unlink();
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

  choose(choice: ChartChoice): void {
    this.choice = choice;
    this.data.want(new Set(choice.rows.flatMap((row) => (row in PART_OF ? PART_OF[row as keyof typeof PART_OF] : []))));
    this.chart.showRows(choice.rows, choice.vwap && hasVwap(this.data.interval));
    this.dirty = 'all';
    this.schedule();
  }

  retry(): void {
    this.data.retry();
  }

  /** A key of the pane. @returns whether it was one */
  key(key: string, shift: boolean): boolean {
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowRight':
        this.stepCursor((key === 'ArrowLeft' ? -1 : 1) * (shift ? 10 : 1));
        return true;
      case '+':
      case '=':
      case '-':
        this.chart.zoom(key === '-' ? -1 : 1);
        return true;
      case 'Home':
        this.chart.toOldest();
        void this.data.loadOlder();
        return true;
      case 'End':
        this.chart.toNewest();
        this.tellRange(null);
        return true;
      case 'Escape':
        this.setCursor(null, true);
        this.chart.showCursor(null);
        return true;
      default:
        return false;
    }
  }

  /** Bars that are drawn of those that begin in [fromUs, toUs). */
  drawn(fromUs: number, toUs: number): DrawnBar[] {
    return this.points.flatMap(({ us, bar, cvd, vwap }) =>
      bar && us >= fromUs && us < toUs
        ? [
            {
              us,
              open: bar.open,
              high: bar.high,
              low: bar.low,
              close: bar.close,
              volume: bar.volume,
              delta: deltaOf(bar),
              cvd,
              vwap,
              isOpen: this.data.series.isOpen(bar),
            },
          ]
        : [],
    );
  }

  private stepCursor(places: number): void {
    if (this.points.length === 0) return;
    const from =
      this.cursorUs === null ? this.points.length - (places < 0 ? 0 : 1) : slotAt(this.points, this.cursorUs);
    const to = Math.min(this.points.length - 1, Math.max(0, from + places));
    const us = (this.points[to] as ChartPoint).us;
    this.chart.reveal(us);
    this.chart.showCursor(us);
    this.setCursor(us, true);
  }

  private setCursor(us: number | null, own: boolean): void {
    this.cursorUs = us;
    if (own) this.link.set({ cursorUs: us }, this.paneId);
    else this.chart.showCursor(us);
  }

  private tellRange(range: PaneLinkState['range']): void {
    this.range = range;
    this.link.set({ range }, this.paneId);
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { dirty, data } = this;
    this.dirty = null;
    const bars = data.series.all();
    const newest = bars[bars.length - 1];
    const known = this.points[this.points.length - 1];
    // One trade changes the newest bar, or begins one right behind it; whatever else there is, is drawn anew.
    const onlyNewest =
      dirty === 'newest' && newest && known?.bar && known.us <= newest.fromUs && bars.length - this.ownBars() <= 1;
    if (dirty === null) return;
    if (!onlyNewest) {
      const before = this.points.length;
      this.points = this.allPoints(bars);
      this.chart.draw(this.points);
      const { range } = this.link.state;
      // The panes beside it show some time already.
      if (before === 0 && range) this.chart.showRange(range);
      if (this.cursorUs !== null) this.chart.showCursor(this.cursorUs);
      return;
    }
    if (!data.series.isOpen(newest)) return;
    const before = known.us === newest.fromUs ? this.points.slice(0, -1) : this.points;
    const broken = known.us === newest.fromUs && known.broken;
    const newDay = known.us === newest.fromUs ? known.newDay : formatIstDay(known.us) !== formatIstDay(newest.fromUs);
    const point = this.pointOf({ us: newest.fromUs, bar: newest, candle: null, cause: null, broken, newDay }, before);
    this.points = [...before, point];
    this.chart.update(point, this.points);
  }

  private ownBars(): number {
    let count = 0;
    for (const { bar } of this.points) if (bar) count += 1;
    return count;
  }

  private allPoints(bars: readonly SeriesBar[]): ChartPoint[] {
    const { data } = this;
    const points: ChartPoint[] = [];
    const slots = slotsOf({
      candles: data.candles,
      bars,
      barUs: data.barUs,
      gaps: data.gaps.all,
      nowUs: data.clock.nowUs(),
    });
    for (const slot of slots) points.push(this.pointOf(slot, points));
    return points;
  }

  private pointOf(
    slot: Pick<ChartPoint, 'us' | 'bar' | 'candle' | 'cause' | 'broken' | 'newDay'>,
    before: readonly ChartPoint[],
  ): ChartPoint {
    const { us, bar, newDay } = slot;
    const { books } = this.data;
    const ofBooks = {
      imbalance: books.values.imbalance.get(us) ?? null,
      ofi: books.values.ofi.get(us) ?? null,
      spread: books.values.spread.get(us) ?? null,
      cost: books.values.cost.get(us) ?? null,
    };
    if (!bar) return { ...slot, ...ofBooks, vwap: null, deviation: null, cvd: null, cvdBegins: false };
    return { ...slot, ...ofBooks, ...this.vwapAt(bar, newDay, before), ...this.cvdAt(bar, newDay, before) };
  }

  /** As it is stored, and over what the live stream has added since. */
  private cvdAt(bar: SeriesBar, newDay: boolean, before: readonly ChartPoint[]) {
    const { cvd: known, series, interval } = this.data;
    if (!hasCvd(interval)) return { cvd: null, cvdBegins: false };
    const stored = known.get(bar.fromUs);
    const last = lastOf(before, ({ bar: own }) => own !== null);
    const lastRun = last ? known.get(last.us)?.run : undefined;
    if (stored) {
      const added = deltaOf(bar) - deltaOf(series.storedAt(bar.fromUs) ?? bar);
      return { cvd: stored.cvd + added, cvdBegins: newDay || (lastRun !== undefined && lastRun !== stored.run) };
    }
    const goesOn = last !== undefined && last.cvd !== null && !newDay && !this.data.isBroken(last.us, bar.fromUs);
    return { cvd: (goesOn ? (last.cvd as number) : 0) + deltaOf(bar), cvdBegins: !goesOn };
  }

  private vwapAt(bar: SeriesBar, newDay: boolean, before: readonly ChartPoint[]) {
    const { vwap: known, series, interval } = this.data;
    if (!hasVwap(interval)) return { vwap: null, deviation: null };
    const stored = known.get(bar.fromUs);
    if (!series.isOpen(bar)) return { vwap: stored?.price ?? null, deviation: stored?.deviation ?? null };
    const last = lastOf(before, ({ us }) => known.has(us));
    const base = stored ?? (last && !newDay ? known.get(last.us) : undefined);
    const sum = new Vwap();
    if (base) sum.goOnFrom(base);
    for (const { stampUs, price, quantity } of series.tradesSince) {
      if (barStart(stampUs, this.data.barUs) <= bar.fromUs) sum.add(price, quantity);
    }
    return isPresent(sum.price) ? { vwap: sum.price, deviation: sum.deviation } : { vwap: null, deviation: null };
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
    const { data, points } = this;
    const { load } = data;
    const at = this.cursorUs === null ? points.length - 1 : slotAt(points, this.cursorUs);
    const point = points[at];
    const failures = [...data.books.failed].map(([part, { detail }]) => `${ROW_WORDS[part]}: ${detail}`);
    if (data.olderFailed) failures.push(`Older bars: ${data.olderFailed.detail}`);
    return {
      state: flowState({
        connection: data.connection,
        load: load.kind === 'failed' && load.problem.signedOut ? 'signed_out' : load.kind,
        detail: load.kind === 'failed' ? load.problem.detail : '',
        hasBars: points.length > 0 || this.dirty !== null,
        feed: data.feedStatus,
        gapOpen: data.gaps.open,
        settledUs: data.series.settledUs,
        unconfirmed: data.unconfirmed?.detail ?? null,
        nowUs: data.clock.nowUs(),
      }),
      moment: point ? momentOf(point.us, data.barUs) : null,
      legend: point ? this.legendOf(point) : [],
      note: point ? this.noteOf(point) : null,
      source: data.candles.length > 0 ? data.source : null,
      simulated: data.simulated,
      failures,
    };
  }

  private legendOf(point: ChartPoint): LegendItem[] {
    const { bar, candle, vwap } = point;
    const items: LegendItem[] = [];
    const prices = bar && isPresent(bar.open) ? bar : candle;
    if (prices) {
      const sign = prices.close > prices.open ? 1 : prices.close < prices.open ? -1 : 0;
      for (const name of ['open', 'high', 'low', 'close'] as const) {
        items.push({ name: name.charAt(0).toUpperCase(), value: formatPrice(prices[name], this.instrument), sign });
      }
    }
    if (vwap !== null && this.choice.vwap) {
      items.push({ name: 'VWAP', value: formatPrice(Math.round(vwap), this.instrument), sign: 0 });
    }
    for (const row of this.choice.rows) {
      const value = rowValue(row, point);
      if (value !== null) items.push({ name: this.rowName(row), ...this.rowWords(row, value) });
    }
    if (bar && bar.unknown > 0 && this.choice.rows.includes('volume')) {
      items.push({ name: 'side unknown', value: formatCompact(bar.unknown), sign: 0 });
    }
    return items;
  }

  private rowName(row: ChartRow): string {
    return row === 'cost'
      ? `Cost of ${this.choice.lots} ${quantityUnit(this.instrument.lotSize)}, bps`
      : ROW_WORDS[row];
  }

  private rowWords(row: ChartRow, value: number): Pick<LegendItem, 'value' | 'sign'> {
    const sign = value > 0 ? 1 : value < 0 ? -1 : 0;
    if (row === 'volume' || row === 'oi') return { value: formatWhole(value), sign: 0 };
    if (row === 'spread') return { value: formatPrice(value, this.instrument), sign: 0 };
    if (row === 'cost') return { value: value.toFixed(2), sign: 0 };
    if (row === 'imbalance') return { value: formatSigned(value, 2), sign };
    return { value: formatSigned(value, 0), sign };
  }

  private noteOf({ bar, candle, cause }: ChartPoint): string | null {
    if (cause !== null) return `Not recorded: ${gapWords(cause)}`;
    if (candle) return `${this.data.source === 'dhan' ? 'Dhan' : 'Kite'} candle, before our recording`;
    if (!bar) return null;
    const missed = bar.unattributed > 0 ? `${formatCompact(bar.unattributed)} traded unheard` : null;
    const heard = isPartial(bar) ? `${formatHeard(bar)} heard` : null;
    return [heard, missed].filter((part) => part !== null).join(', ') || null;
  }

  private tellTable(): void {
    const visible = this.chart.visible;
    const table = visible
      ? this.points
          .slice(Math.max(visible.from, visible.to + 1 - TABLE_ROWS), visible.to + 1)
          .map((point) => ({ us: point.us, cells: this.cellsOf(point) }))
      : [];
    const text = JSON.stringify(table);
    if (text === this.tableText) return;
    this.tableText = text;
    this.table = table;
    for (const listener of this.listeners) listener();
  }

  private cellsOf(point: ChartPoint): string[] {
    const { us, bar, candle, cvd } = point;
    const prices = bar && isPresent(bar.open) ? bar : candle;
    const price = (name: 'open' | 'high' | 'low' | 'close') =>
      prices ? formatPrice(prices[name], this.instrument) : '–';
    const volume = bar?.volume ?? candle?.volume;
    return [
      momentOf(us, this.data.barUs),
      price('open'),
      price('high'),
      price('low'),
      price('close'),
      volume === undefined ? '–' : formatWhole(volume),
      bar ? formatSigned(deltaOf(bar), 0) : '–',
      cvd === null ? '–' : formatSigned(cvd, 0),
      bar ? formatHeard(bar) : (this.noteOf(point) ?? '–'),
    ];
  }
}

const formatHeard = ({ coverage }: SeriesBar): string =>
  coverage === null ? 'open' : `${Math.floor(coverage * 100)} %`;

function momentOf(us: number, barUs: number): string {
  if (barUs >= 86_400_000_000) return formatIstDay(us);
  return `${formatIstDay(us)} ${formatIstTime(us, barUs < 60_000_000 ? 'seconds' : 'minutes')} IST`;
}

function lastOf<T>(list: readonly T[], fits: (item: T) => boolean): T | undefined {
  for (let i = list.length - 1; i >= 0; i -= 1) if (fits(list[i] as T)) return list[i];
  return undefined;
}
