/**
 * A chart of bars with rows below it, drawn by lightweight-charts. Times are given to it as if IST were UTC, so that its days and
 * its round times are India's. It knows nothing of where its numbers come from.
 */
import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type MouseEventParams,
  TickMarkType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { isPresent } from '../core/absent.ts';
import { IST_OFFSET_US } from '../core/ist.ts';
import { type ChartPoint, type ChartRow, isRowBroken, ROW_WORDS, rowValue } from '../heatmap/chart-rows.ts';
import { isPartial, placeOf, slotAt, timeBetween } from '../heatmap/chart-slots.ts';
import {
  decimalsOf,
  formatCompact,
  formatIstDay,
  formatIstTime,
  formatPrice,
  type PriceUnits,
} from '../heatmap/format.ts';
import { BrokenLine, type BrokenLineData } from './broken-line.ts';
import { type MissedPlaces, MissedTime } from './missed-time.ts';
import type { Theme } from './theme.ts';

const US_PER_S = 1_000_000;
const DAY_US = 86_400 * US_PER_S;
/** Share of the height that each row below the prices takes, against the prices. */
const ROW_SHARE = 0.3;
const FONT_PX = 11;
/** Bars of which something is missing are drawn so faint. */
const PARTIAL_ALPHA = '66';
/** Brokers' candles, which are not ours. */
const CANDLE_ALPHA = '99';
/** Free places to the right of the newest bar. */
const RIGHT_PLACES = 4;
const BAR_PX = 7;
/** Older bars are wanted when fewer than these are left before the visible ones. */
const AHEAD_PLACES = 60;
const ZOOM_STEP = 1.25;
/** Fewer bars than so many do not fill the first view. */
const FIRST_PLACES = 60;
const PLACES_MIN = 8;

export interface FlowChartHandlers {
  /** The pointer is over a place; null: over none. */
  onCursor(us: number | null): void;
  /** A person has moved or zoomed; null: the newest place is in sight. */
  onRange(range: { readonly fromUs: number; readonly toUs: number } | null): void;
  onNeedOlder(): void;
}

type Line = ISeriesApi<'Custom', Time>;
type Histogram = ISeriesApi<'Histogram', Time>;
type RowSeries =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'histogram'; readonly bars: Histogram; readonly unknown: Histogram | null };

const LINE_ROWS: ReadonlySet<ChartRow> = new Set(['cvd', 'oi', 'imbalance', 'spread', 'cost']);

/** Rows of small numbers. */
const FINE_ROWS: ReadonlySet<ChartRow> = new Set(['imbalance', 'spread', 'cost']);

const timeOf = (us: number): UTCTimestamp => ((us + IST_OFFSET_US) / US_PER_S) as UTCTimestamp;
const usOfTime = (time: Time): number => (time as number) * US_PER_S - IST_OFFSET_US;

export class FlowChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<'Candlestick', Time>;
  private readonly vwap: Line;
  private readonly rows = new Map<ChartRow, RowSeries>();
  private points: readonly ChartPoint[] = [];
  private cursorUs: number | null = null;
  private framed = false;
  /** Till when a change of the visible range is a person's doing, ms. */
  private byHandMs = 0;
  private readonly handListeners = ['pointerdown', 'pointermove', 'wheel', 'touchmove'] as const;

  constructor(
    private readonly host: HTMLElement,
    private readonly theme: Theme,
    private readonly units: PriceUnits,
    private readonly barUs: number,
    private readonly handlers: FlowChartHandlers,
  ) {
    this.chart = createChart(host, {
      autoSize: true,
      layout: {
        background: { color: theme.background },
        textColor: theme.textMuted,
        fontFamily: theme.fontMono,
        fontSize: FONT_PX,
        // The notice that the library's licence asks for.
        attributionLogo: true,
        panes: { separatorColor: theme.line, separatorHoverColor: theme.tag },
      },
      grid: { vertLines: { color: `${theme.line}55` }, horzLines: { color: `${theme.line}55` } },
      crosshair: {
        mode: 0,
        vertLine: { color: theme.crosshair, labelBackgroundColor: theme.tag },
        horzLine: { color: theme.crosshair, labelBackgroundColor: theme.tag },
      },
      rightPriceScale: { borderColor: theme.line, minimumWidth: 72 },
      timeScale: {
        borderColor: theme.line,
        timeVisible: true,
        secondsVisible: barUs < 60 * US_PER_S,
        rightOffset: RIGHT_PLACES,
        barSpacing: BAR_PX,
        minBarSpacing: 0.5,
        tickMarkFormatter: (time: Time, type: TickMarkType) => tickWords(usOfTime(time), type),
      },
      localization: {
        locale: 'en-IN',
        timeFormatter: (time: Time) => momentWords(usOfTime(time), barUs),
      },
      // Keys are the pane's.
      handleScroll: true,
      handleScale: true,
    });
    const priceFormat = {
      type: 'custom' as const,
      minMove: units.tickSize / units.priceScale,
      formatter: (rupees: number) => formatPrice(rupees * units.priceScale, units),
    };
    this.vwap = this.chart.addCustomSeries(
      new BrokenLine([
        ...[1, 2, 3].flatMap((deviations) => {
          const band = { colour: `${theme.textMuted}${['aa', '77', '55'][deviations - 1]}`, width: 1, dash: [3, 3] };
          return [band, band];
        }),
        { colour: theme.gapText, width: 1.5, dash: [] },
      ]),
      {
        priceFormat,
        color: theme.gapText,
        title: 'VWAP',
        priceLineVisible: false,
        // Bands that are far off must not flatten the bars.
        autoscaleInfoProvider: () => null,
      },
    );
    this.candles = this.chart.addSeries(CandlestickSeries, {
      priceFormat,
      upColor: theme.up,
      wickUpColor: theme.up,
      borderUpColor: theme.up,
      downColor: theme.down,
      wickDownColor: theme.down,
      borderDownColor: theme.down,
      priceLineColor: theme.lastPrice,
    });
    this.chart.panes()[0]?.attachPrimitive(this.missedTime());
    this.chart.subscribeCrosshairMove((event) => this.onCrosshair(event));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (!range || !this.framed) return;
      if (range.from < AHEAD_PLACES) this.handlers.onNeedOlder();
      if (performance.now() < this.byHandMs) this.handlers.onRange(timeBetween(this.points, this.barUs, range));
    });
    host.addEventListener('pointerleave', this.onLeave);
    for (const type of this.handListeners) host.addEventListener(type, this.byHand, { passive: true, capture: true });
  }

  remove(): void {
    for (const type of this.handListeners) this.host.removeEventListener(type, this.byHand, { capture: true });
    this.host.removeEventListener('pointerleave', this.onLeave);
    this.chart.remove();
  }

  /** Which rows stand below the prices, in their order. */
  showRows(rows: readonly ChartRow[], showVwap: boolean): void {
    this.vwap.applyOptions({ visible: showVwap });
    if (rows.join() === [...this.rows.keys()].join()) return;
    for (const series of this.rows.values()) {
      if (series.kind === 'line') this.chart.removeSeries(series.line);
      else {
        this.chart.removeSeries(series.bars);
        if (series.unknown) this.chart.removeSeries(series.unknown);
      }
    }
    this.rows.clear();
    for (let pane = this.chart.panes().length - 1; pane > 0; pane -= 1) this.chart.removePane(pane);
    rows.forEach((row, i) => {
      this.rows.set(row, this.addRow(row, i + 1));
      const pane = this.chart.panes()[i + 1];
      pane?.setStretchFactor(ROW_SHARE);
      pane?.attachPrimitive(this.missedTime());
    });
    this.chart.panes()[0]?.setStretchFactor(1);
    this.fillRows();
  }

  /** Shows these places, oldest first. */
  draw(points: readonly ChartPoint[]): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    const kept = range && this.framed ? timeBetween(this.points, this.barUs, range) : null;
    const widthPlaces = range ? range.to - range.from : 0;
    this.points = points;
    this.candles.setData(points.map((point) => this.candleOf(point)));
    this.vwap.setData(points.map((point) => this.vwapOf(point)));
    this.fillRows();
    if (points.length === 0) return;
    if (!this.framed) this.frameNewest();
    else if (kept) this.showPlaces(this.placeOf(kept.fromUs), this.placeOf(kept.fromUs) + widthPlaces);
    this.framed = true;
  }

  /** The newest place has changed, or there is one more. */
  update(point: ChartPoint, points: readonly ChartPoint[]): void {
    this.points = points;
    this.candles.update(this.candleOf(point));
    this.vwap.update(this.vwapOf(point));
    for (const [row, series] of this.rows) {
      if (series.kind === 'line') series.line.update(this.lineOf(row, point));
      else {
        series.bars.update(this.histogramOf(row, point));
        series.unknown?.update(this.unknownOf(point));
      }
    }
  }

  /** Shows the cross at an instant that another pane is at, or takes it away. */
  showCursor(us: number | null): void {
    this.cursorUs = us;
    const point = us === null ? undefined : this.points[slotAt(this.points, us)];
    if (!point) {
      this.chart.clearCrosshairPosition();
      return;
    }
    const price = point.bar && isPresent(point.bar.close) ? point.bar.close : (point.candle?.close ?? 0);
    this.chart.setCrosshairPosition(price / this.units.priceScale, timeOf(point.us), this.candles);
  }

  showRange({ fromUs, toUs }: { readonly fromUs: number; readonly toUs: number }): void {
    if (this.points.length === 0) return;
    this.byHandMs = 0;
    const from = this.placeOf(fromUs);
    this.showPlaces(from, Math.max(this.placeOf(toUs), from + PLACES_MIN));
  }

  /** Makes bars wider (`direction` 1) or narrower (−1), about the right edge. */
  zoom(direction: 1 | -1): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const places = Math.max(PLACES_MIN, (range.to - range.from) * (direction > 0 ? 1 / ZOOM_STEP : ZOOM_STEP));
    const shown = { from: range.to - places, to: range.to };
    this.showPlaces(shown.from, shown.to);
    this.handlers.onRange(timeBetween(this.points, this.barUs, shown));
  }

  toNewest(): void {
    this.chart.timeScale().scrollToRealTime();
  }

  toOldest(): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (range) this.showPlaces(0, range.to - range.from);
  }

  /** Brings a place into view. */
  reveal(us: number): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const place = this.placeOf(us);
    const shift = place < range.from ? place - range.from - 1 : place > range.to ? place - range.to + 1 : 0;
    if (shift !== 0) this.showPlaces(range.from + shift, range.to + shift);
  }

  /** Visible places; null before there are any. */
  get visible(): { readonly from: number; readonly to: number } | null {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range || this.points.length === 0) return null;
    return {
      from: Math.max(0, Math.ceil(range.from)),
      to: Math.min(this.points.length - 1, Math.floor(range.to)),
    };
  }

  /** The newest bars, and where there are few, wider ones. */
  private frameNewest(): void {
    const fitting = this.chart.timeScale().width() / BAR_PX;
    const places = Math.min(fitting, Math.max(this.points.length, FIRST_PLACES));
    this.showPlaces(this.points.length - places, this.points.length - 1 + RIGHT_PLACES);
  }

  private showPlaces(from: number, to: number): void {
    this.chart.timeScale().setVisibleLogicalRange({ from, to });
  }

  private placeOf(us: number): number {
    return placeOf(this.points, this.barUs, us);
  }

  private readonly byHand = (event: Event): void => {
    // A pointer that only passes over moves nothing.
    if (event.type === 'pointermove' && (event as PointerEvent).buttons === 0) return;
    this.byHandMs = performance.now() + BY_HAND_MS;
  };

  private readonly onLeave = (): void => {
    this.cursorUs = null;
    this.handlers.onCursor(null);
  };

  private onCrosshair({ time, sourceEvent, point }: MouseEventParams<Time>): void {
    // What another pane or a key has set is not told again.
    if (!sourceEvent && point !== undefined) return;
    const us = time === undefined ? null : usOfTime(time);
    if (us === null && this.cursorUs === null) return;
    if (us === null && !sourceEvent) return;
    this.cursorUs = us;
    this.handlers.onCursor(us);
  }

  private addRow(row: ChartRow, pane: number): RowSeries {
    const { theme } = this;
    const decimals = row === 'spread' ? decimalsOf(this.units) : 2;
    const priceFormat = {
      type: 'custom' as const,
      minMove: FINE_ROWS.has(row) ? 10 ** -decimals : 1,
      formatter: FINE_ROWS.has(row) ? (value: number) => value.toFixed(decimals) : formatCompact,
    };
    const common = { priceFormat, title: ROW_WORDS[row], priceLineVisible: false };
    if (LINE_ROWS.has(row)) {
      const colour = row === 'oi' ? theme.gapText : row === 'cvd' ? theme.bestBid : theme.text;
      const line = this.chart.addCustomSeries(
        new BrokenLine([{ colour, width: 1.5, dash: [] }]),
        { ...common, color: colour },
        pane,
      );
      return { kind: 'line', line };
    }
    const bars = this.chart.addSeries(HistogramSeries, common, pane);
    const unknown =
      row === 'volume'
        ? this.chart.addSeries(
            HistogramSeries,
            { ...common, title: '', color: theme.unknown, lastValueVisible: false },
            pane,
          )
        : null;
    return { kind: 'histogram', bars, unknown };
  }

  private fillRows(): void {
    const { points } = this;
    for (const [row, series] of this.rows) {
      if (series.kind === 'line') series.line.setData(points.map((point) => this.lineOf(row, point)));
      else {
        series.bars.setData(points.map((point) => this.histogramOf(row, point)));
        series.unknown?.setData(points.map((point) => this.unknownOf(point)));
      }
    }
  }

  private candleOf({ us, bar, candle }: ChartPoint) {
    const time = timeOf(us);
    const { priceScale } = this.units;
    const prices = bar && isPresent(bar.open) ? bar : candle;
    if (!prices) return { time };
    const rises = prices.close >= prices.open;
    const { theme } = this;
    const own = bar !== null;
    const colour = own ? (rises ? theme.up : theme.down) : theme.unknown;
    const alpha = own ? (isPartial(bar) ? PARTIAL_ALPHA : '') : CANDLE_ALPHA;
    return {
      time,
      open: prices.open / priceScale,
      high: prices.high / priceScale,
      low: prices.low / priceScale,
      close: prices.close / priceScale,
      // A broker's candle is hollow where it rises, and grey all over.
      color: own || !rises ? colour + alpha : theme.background,
      borderColor: colour + alpha,
      wickColor: colour + alpha,
    };
  }

  private vwapOf({ us, vwap, deviation, broken, newDay }: ChartPoint): BrokenLineData | { time: Time } {
    const time = timeOf(us);
    if (vwap === null || deviation === null) return { time };
    const { priceScale } = this.units;
    const bands = [1, 2, 3].flatMap((times) => [vwap - times * deviation, vwap + times * deviation]);
    return { time, values: [...bands, vwap].map((price) => price / priceScale), begins: broken || newDay };
  }

  private lineOf(row: ChartRow, point: ChartPoint): BrokenLineData | { time: Time } {
    const time = timeOf(point.us);
    const value = this.valueOf(row, point);
    return value === null ? { time } : { time, values: [value], begins: isRowBroken(row, point) };
  }

  /** A spread is a price, and shown in rupees as prices are. */
  private valueOf(row: ChartRow, point: ChartPoint): number | null {
    const value = rowValue(row, point);
    return row === 'spread' && value !== null ? value / this.units.priceScale : value;
  }

  private histogramOf(row: ChartRow, point: ChartPoint) {
    const time = timeOf(point.us);
    const value = rowValue(row, point);
    if (value === null) return { time };
    const { theme } = this;
    const colour = !point.bar || row === 'volume' ? theme.tag : value >= 0 ? theme.up : theme.down;
    return { time, value, color: point.bar && isPartial(point.bar) ? colour + PARTIAL_ALPHA : colour };
  }

  private unknownOf({ us, bar }: ChartPoint) {
    const time = timeOf(us);
    return bar && bar.unknown > 0 ? { time, value: bar.unknown } : { time };
  }

  private missedTime(): MissedTime {
    return new MissedTime(
      () => this.missedPlaces(),
      () => this.theme,
    );
  }

  private missedPlaces(): MissedPlaces {
    const { points } = this;
    const { visible } = this;
    const scale = this.chart.timeScale();
    if (!visible) return { spans: [], beginX: null };
    const half = scale.options().barSpacing / 2;
    const xOf = (point: ChartPoint): number | null => scale.timeToCoordinate(timeOf(point.us));
    const spans: { fromX: number; toX: number }[] = [];
    let beginX: number | null = null;
    for (let i = visible.from; i <= visible.to; i += 1) {
      const point = points[i] as ChartPoint;
      const x = point.cause !== null || (point.bar && points[i - 1]?.candle) ? xOf(point) : null;
      if (x === null) continue;
      if (point.cause === null) beginX = x - half;
      else {
        const last = spans[spans.length - 1];
        if (last && Math.abs(last.toX - (x - half)) < 1) last.toX = x + half;
        else spans.push({ fromX: x - half, toX: x + half });
      }
    }
    return { spans, beginX };
  }
}

/** The library tells of a drag's effect at its next painting. */
const BY_HAND_MS = 400;

function tickWords(us: number, type: TickMarkType): string {
  if (type === TickMarkType.Time) return formatIstTime(us, 'minutes');
  if (type === TickMarkType.TimeWithSeconds) return formatIstTime(us);
  if (type === TickMarkType.Year) return new Date((us + IST_OFFSET_US) / 1000).getUTCFullYear().toString();
  return formatIstDay(us);
}

const momentWords = (us: number, barUs: number): string =>
  barUs >= DAY_US
    ? formatIstDay(us)
    : `${formatIstDay(us)} ${formatIstTime(us, barUs < 60 * US_PER_S ? 'seconds' : 'minutes')} IST`;
