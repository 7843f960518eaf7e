/**
 * What an instrument traded, as a pane shows it: bars from the database, the open ones grown by the live stream, older ones and the
 * brokers' candles before our recording as one scrolls back. Outside React.
 */
import type { Answer } from '../api/operations.ts';
import { MessageReader } from '../book/messages.ts';
import { ABSENT } from '../core/absent.ts';
import type { Timeframe } from '../core/candles.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { Gaps } from '../heatmap/gaps.ts';
import type { Connection, FeedStatus } from '../heatmap/page-state.ts';
import { BAR_INTERVALS, type BarInterval } from '../orderflow/bar-intervals.ts';
import { barStart, type Trade } from '../orderflow/bars.ts';
import { Footprint } from '../orderflow/footprint.ts';
import { OpenBars, type SeriesBar } from '../orderflow/open-bars.ts';
import { type BookPart, BookSeries } from './book-series.ts';
import { instantOf, usOf } from './instants.ts';
import { followLive, type LiveFeed } from './live-feed.ts';
import type { AskMarket } from './market-data.ts';
import { asProblem, type ServerProblem } from './problem.ts';
import { ServerClock } from './server-clock.ts';
import type { StreamStatus } from './stream-events.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;
/** The recorder commits within 250 ms; older than this much, everything is surely there. */
const SETTLE_US = 2_000_000;
/** Bars of a page of history. */
const PAGE_BARS = 500;
const PAGE_FOOTPRINTS = 120;
const CANDLE_PAGE = 1500;
/** Pages without a bar that are passed over, one after the other, before a person has to scroll again. */
const EMPTY_PAGES_MAX = 8;
/** The API gives at most 31 days of what begins anew each day. */
const ANCHORED_DAYS_MAX = 31;
const TAPE_PAGE = 5000;
/** Bars shorter than a minute have their numbers of the book this soon after they are over. */
const BOOKS_EVERY_US = 5_000_000;
const AGGRESSORS = { unknown: 0, buy: 1, sell: 2 } as const;

/** Names that the brokers' candles have for our lengths; the others they do not give. */
const TIMEFRAME_OF: Partial<Readonly<Record<BarInterval, Timeframe>>> = {
  '1m': 'minute',
  '3m': '3minute',
  '5m': '5minute',
  '15m': '15minute',
  '30m': '30minute',
  '1h': '60minute',
  '1d': 'day',
};
/** Lengths that a volume-weighted average is told in. */
export const hasVwap = (interval: BarInterval): boolean => BAR_INTERVALS[interval] >= MINUTE_US && interval !== '1d';
/** A sum that begins with the day has no bars of a day. */
export const hasCvd = (interval: BarInterval): boolean => interval !== '1d';

export interface BrokerCandle {
  readonly fromUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly oi: number | null;
}

export interface CvdPoint {
  readonly cvd: number;
  readonly run: number;
}

export interface VwapPoint {
  readonly price: number;
  readonly deviation: number;
  /** Since the anchor. */
  readonly volume: number;
}

export type FlowLoad =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly problem: ServerProblem };

export interface FlowDataOptions {
  readonly instrument: InstrumentSummary;
  readonly interval: BarInterval;
  /** Height of the footprints' rows in ticks; null: no footprints. */
  readonly rowTicks: number | null;
  /** Size whose cost may be wanted. */
  readonly lots: number;
  readonly ask: AskMarket;
  /** Something has changed: all of it, or only the newest bar. */
  onChange(what: 'all' | 'newest'): void;
}

export class FlowData {
  readonly barUs: number;
  readonly rowHeight: number;
  readonly series: OpenBars;
  readonly gaps = new Gaps();
  /** Of the bars as they are stored. */
  readonly cvd = new Map<number, CvdPoint>();
  readonly vwap = new Map<number, VwapPoint>();
  readonly books: BookSeries;
  /** Whose candles `candles` are; null where there are none. */
  source: 'kite' | 'dhan' | null = null;
  /** Before our recording begins, oldest first. */
  candles: readonly BrokerCandle[] = [];
  load: FlowLoad = { kind: 'loading' };
  /** Why older bars could not be had; null where that is not so. */
  olderFailed: ServerProblem | null = null;
  /** Why what is shown could not be confirmed by what is stored; null where it was. */
  unconfirmed: ServerProblem | null = null;
  connection: Connection = { kind: 'connecting' };
  simulated = false;
  readonly clock = new ServerClock();

  private status: StreamStatus | null = null;
  /** Name of the feed that the newest stored trades are of. */
  private feedName: string | null = null;
  private readonly reader = new MessageReader();
  private feed: LiveFeed | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tailTimer: ReturnType<typeof setTimeout> | undefined;
  private booksTimer: ReturnType<typeof setInterval> | undefined;
  private loadingOlder = false;
  private stopped = false;
  /** Beginning of what has been asked for; candles have a beginning of their own. */
  private oldestUs = 0;
  private candlesOldestUs = 0;
  /** First trade that was recorded; null: none, undefined: not asked yet. */
  private recordedFromUs: number | null | undefined;
  private exhausted = false;

  constructor(private readonly options: FlowDataOptions) {
    const { instrument, interval, rowTicks } = options;
    this.barUs = BAR_INTERVALS[interval];
    this.rowHeight = (rowTicks ?? 1) * instrument.tickSize;
    this.series = new OpenBars(this.barUs, rowTicks === null ? null : this.rowHeight);
    this.books = new BookSeries(options.ask, instrument, interval, options.lots, () => this.changed('all'));
  }

  start(): void {
    this.feed = followLive('', this.options.instrument.id, {
      onHello: (hello) => {
        this.clock.heard(hello.serverTimeUs);
        this.simulated = hello.simulated;
        this.reader.reset();
        // What traded between the last word and this one is on the tape in a moment.
        clearTimeout(this.tailTimer);
        this.tailTimer = setTimeout(() => void this.catchUp(), SETTLE_US / 1000);
      },
      onMessages: (bytes) => this.onMessages(bytes),
      onStatus: (status) => {
        this.clock.heard(status.serverTimeUs);
        this.status = status;
        this.changed('newest');
      },
      onConnection: (connection) => {
        this.connection = connection;
        this.changed('newest');
      },
    });
    void this.begin();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.tailTimer);
    clearInterval(this.booksTimer);
    this.books.want(new Set());
    this.feed?.stop();
  }

  /** Tries again what has failed. */
  retry(): void {
    this.feed?.retryNow();
    this.olderFailed = null;
    if (this.load.kind === 'failed') void this.begin();
    else if (this.load.kind === 'ready') void this.settle();
  }

  /** Which numbers of the book are wanted beside the bars. */
  want(parts: ReadonlySet<BookPart>): void {
    this.books.want(parts);
    if (this.load.kind === 'ready') this.coverBooks();
  }

  /** Whether a gap has ended since one bar: the sum begins anew with the bar in which it does, as the server's does. */
  isBroken(lastUs: number, fromUs: number): boolean {
    return this.gaps.all.some(({ toUs }) => toUs >= lastUs + this.barUs && toUs < fromUs + this.barUs);
  }

  /** Loads what lies before the oldest bar. */
  async loadOlder(): Promise<void> {
    if (this.loadingOlder || this.exhausted || this.olderFailed || this.load.kind !== 'ready' || this.stopped) return;
    this.loadingOlder = true;
    try {
      for (let page = 0; page < EMPTY_PAGES_MAX && !this.exhausted && !this.stopped; page += 1) {
        if ((await this.loadPageBefore()) > 0) break;
      }
    } catch (error) {
      this.olderFailed = asProblem(error);
    } finally {
      this.loadingOlder = false;
    }
    this.changed('all');
  }

  /** Of the feed that gives the trades; null where the server does not tell of it. */
  get feedStatus(): FeedStatus | null {
    return (this.feedName === null ? undefined : this.status?.feeds[this.feedName]) ?? null;
  }

  get interval(): BarInterval {
    return this.options.interval;
  }

  private changed(what: 'all' | 'newest'): void {
    if (!this.stopped) this.options.onChange(what);
  }

  private get pageUs(): number {
    const bars = this.options.rowTicks === null ? PAGE_BARS : PAGE_FOOTPRINTS;
    const wholeUs = bars * this.barUs;
    return hasCvd(this.options.interval) ? Math.min(wholeUs, (ANCHORED_DAYS_MAX - 2) * DAY_US) : wholeUs;
  }

  private async begin(): Promise<void> {
    this.load = { kind: 'loading' };
    this.changed('all');
    try {
      const nowUs = this.clock.nowUs();
      const toUs = wholeMinute(nowUs - SETTLE_US);
      const fromUs = barStart(toUs - this.pageUs, this.barUs);
      const [settledUs] = await Promise.all([this.loadStored(fromUs, toUs), this.learnBeginning(toUs)]);
      this.oldestUs = fromUs;
      await this.readTape(settledUs);
      this.load = { kind: 'ready' };
      if (this.series.all().length === 0) await this.loadOlder();
      this.coverBooks();
      this.scheduleSettling();
      if (this.barUs < MINUTE_US && !this.stopped)
        this.booksTimer ??= setInterval(() => this.coverBooks(), Math.max(this.barUs, BOOKS_EVERY_US) / 1000);
    } catch (error) {
      this.load = { kind: 'failed', problem: asProblem(error) };
    }
    this.changed('all');
  }

  /** What books say of the bars that are over. */
  private coverBooks(): void {
    const overUs = barStart(this.clock.nowUs() - SETTLE_US, this.barUs);
    this.books.cover(this.oldestUs, Math.max(this.series.settledUs, this.barUs < MINUTE_US ? overUs : 0));
  }

  /** Once a minute what is stored by then takes the place of what was put together from the stream. */
  private scheduleSettling(): void {
    if (this.stopped) return;
    const nowUs = this.clock.nowUs();
    const atUs = wholeMinute(nowUs) + MINUTE_US + SETTLE_US;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.settle(), (atUs - nowUs) / 1000);
  }

  private settleSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.settle(), SETTLE_US / 1000);
  }

  private async settle(): Promise<void> {
    const toUs = wholeMinute(this.clock.nowUs() - SETTLE_US);
    try {
      // The bar that the last answer ended in is asked for again, and the one before it, which may have been in a gap.
      const fromUs = barStart(Math.max(this.oldestUs, this.series.settledUs - this.barUs), this.barUs);
      const settledUs = await this.loadStored(fromUs, toUs);
      await this.readTape(settledUs);
      this.coverBooks();
      this.load = { kind: 'ready' };
      this.unconfirmed = null;
    } catch (error) {
      // What is shown stays; that it is not confirmed any more is said.
      this.unconfirmed = asProblem(error);
      if (this.unconfirmed.signedOut) this.load = { kind: 'failed', problem: this.unconfirmed };
    }
    this.changed('all');
    this.scheduleSettling();
  }

  /** After a connection began: what traded before it may be on the tape by now. */
  private async catchUp(): Promise<void> {
    if (this.load.kind !== 'ready') return;
    try {
      await this.readTape();
    } catch (error) {
      this.unconfirmed = asProblem(error);
      this.changed('newest');
    }
  }

  /** Puts stored bars of [fromUs, toUs) into the series. @returns up to where everything is stored */
  private async loadStored(fromUs: number, toUs: number): Promise<number> {
    const { ask, instrument, interval, rowTicks } = this.options;
    const asked = { instrument: instrument.slug, from: instantOf(fromUs), to: instantOf(toUs), interval };
    const [bars, footprints, cvd, vwap] = await Promise.all([
      ask('/api/orderflow/bars', asked),
      rowTicks === null
        ? null
        : ask('/api/orderflow/footprint', { ...asked, interval: interval as '1m', row_ticks: rowTicks }),
      hasCvd(interval) ? ask('/api/orderflow/cvd', { ...asked, interval: interval as '1m' }) : null,
      hasVwap(interval) ? ask('/api/orderflow/vwap', { ...asked, interval: interval as '1m' }) : null,
    ]);
    if (this.stopped) return toUs;
    const completeUs = usOf(bars.completeTo);
    const storedToUs = wholeMinute(completeUs);
    // The recorder is behind: a bar must not be cut in the middle of what is there of it.
    if (bars.feed !== null && completeUs < toUs && storedToUs > fromUs) return this.loadStored(fromUs, storedToUs);
    // Older ones may be of another feed.
    if (toUs >= this.series.settledUs) this.feedName = bars.feed;
    const cells = new Map(footprints?.bars.map((bar) => [usOf(bar.time), bar]));
    this.series.settle(
      fromUs,
      toUs,
      bars.bars.map((bar) => this.seriesBar(bar, cells.get(usOf(bar.time)))),
    );
    this.takeGaps(bars.gaps);
    for (const point of cvd?.points ?? []) this.cvd.set(usOf(point.time), { cvd: point.cvd, run: point.run });
    for (const { time, vwap: price, deviation, volume } of vwap?.points ?? []) {
      this.vwap.set(usOf(time), { price, deviation, volume });
    }
    return toUs;
  }

  private takeGaps(gaps: Answer<'/api/orderflow/bars'>['gaps']): void {
    for (const { from, to, cause } of gaps) {
      this.gaps.add({ fromUs: usOf(from), toUs: to === null ? Number.POSITIVE_INFINITY : usOf(to), cause });
    }
  }

  private seriesBar(bar: BarAnswer, cells: FootprintBarAnswer | undefined): SeriesBar {
    const fromUs = usOf(bar.time);
    const footprint = this.options.rowTicks === null ? null : new Footprint(this.rowHeight);
    for (const { price, buy, sell, unknown, trades } of cells?.cells ?? []) {
      footprint?.addCell(price, buy, sell, unknown, trades);
    }
    const { volume, buy, sell, unknown, unattributed, minDelta, maxDelta, trades, coverage } = bar;
    return {
      fromUs,
      lastUs: fromUs,
      open: bar.open ?? ABSENT,
      high: bar.high ?? ABSENT,
      low: bar.low ?? ABSENT,
      close: bar.close ?? ABSENT,
      volume,
      buy,
      sell,
      unknown,
      unattributed,
      minDelta,
      maxDelta,
      trades,
      value: (bar.vwap ?? 0) * volume,
      oi: bar.oi ?? ABSENT,
      coverage,
      footprint,
    };
  }

  /** Trades from where the bars end on, as they are stored. */
  private async readTape(fromUs = this.series.settledUs): Promise<void> {
    if (fromUs === 0 || this.stopped) return;
    const { ask, instrument } = this.options;
    let cursor: string | null = null;
    do {
      const asked = {
        instrument: instrument.slug,
        from: instantOf(fromUs),
        to: instantOf(this.clock.nowUs() + MINUTE_US),
        limit: String(TAPE_PAGE),
        ...(cursor === null ? {} : { cursor }),
      };
      const page: Awaited<ReturnType<typeof ask<'/api/orderflow/tape'>>> = await ask('/api/orderflow/tape', asked);
      this.series.addAll(
        page.trades.map(({ stampUs, price, quantity, side, oi }) => ({
          stampUs,
          price,
          quantity,
          aggressor: AGGRESSORS[side],
          oi: oi ?? ABSENT,
        })),
      );
      // A gap that began since the last whole minute is told here alone.
      this.takeGaps(page.gaps);
      cursor = page.next;
    } while (cursor !== null && !this.stopped);
    this.changed('all');
  }

  /** When recording began, and what the brokers say of the time before. */
  private async learnBeginning(toUs: number): Promise<void> {
    const timeframe = TIMEFRAME_OF[this.options.interval] ?? 'day';
    const { ask, instrument } = this.options;
    const { recordedFrom } = await ask('/api/orderflow/candles', {
      instrument: instrument.slug,
      from: instantOf(toUs - DAY_US),
      to: instantOf(toUs),
      interval: timeframe,
    });
    this.recordedFromUs = recordedFrom === null ? null : usOf(recordedFrom);
    const beginUs = this.recordedFromUs === null ? toUs : barStart(this.recordedFromUs, this.barUs);
    if (this.candlesOldestUs === 0) this.candlesOldestUs = beginUs;
  }

  /** @returns how many bars or candles came */
  private async loadPageBefore(): Promise<number> {
    const beginUs = this.recordedFromUs ?? Number.POSITIVE_INFINITY;
    if (this.oldestUs > beginUs) {
      const toUs = this.oldestUs;
      const fromUs = barStart(Math.max(toUs - this.pageUs, barStart(beginUs, this.barUs)), this.barUs);
      const before = this.series.all().length;
      await this.loadStored(fromUs, toUs);
      this.oldestUs = fromUs;
      this.coverBooks();
      return this.series.all().length - before;
    }
    return this.loadCandles();
  }

  private async loadCandles(): Promise<number> {
    const { ask, instrument, interval, rowTicks } = this.options;
    const timeframe = TIMEFRAME_OF[interval];
    if (!timeframe || rowTicks !== null) {
      this.exhausted = true;
      return 0;
    }
    const toUs = this.candlesOldestUs;
    const fromUs = barStart(toUs - CANDLE_PAGE * this.barUs, this.barUs);
    const answer = await ask('/api/orderflow/candles', {
      instrument: instrument.slug,
      from: instantOf(fromUs),
      to: instantOf(toUs),
      interval: timeframe,
      ...(this.source === null ? {} : { source: this.source }),
    });
    this.candlesOldestUs = fromUs;
    this.exhausted = answer.candles.length === 0;
    this.source ??= answer.source;
    const older = answer.candles.map(({ time, open, high, low, close, volume, oi }) => ({
      fromUs: usOf(time),
      open,
      high,
      low,
      close,
      volume,
      oi,
    }));
    this.candles = [...older.filter(({ fromUs: us }) => us < toUs), ...this.candles];
    return older.length;
  }

  private onMessages(bytes: Uint8Array): void {
    const { instrument } = this.options;
    let newest = false;
    let all = false;
    this.reader.read(bytes, {
      onDepth: () => undefined,
      onBaseMissing: () => undefined,
      onTick: ({ instrumentId, stampUs, lastPrice, volumeDelta, aggressor, oi }) => {
        if (instrumentId !== instrument.id || volumeDelta <= 0 || this.series.settledUs === 0) return;
        const trade: Trade = {
          stampUs,
          price: lastPrice,
          quantity: volumeDelta,
          aggressor,
          oi: oi === 0 ? ABSENT : oi,
        };
        const { revision } = this.series;
        if (!this.series.add(trade)) return;
        if (this.series.revision === revision) newest = true;
        else all = true;
      },
      onGap: ({ instrumentId }) => {
        // It may be of the books' feed alone: what was missed of the trades the database says.
        if (instrumentId === instrument.id && this.load.kind === 'ready') this.settleSoon();
      },
    });
    if (all) this.changed('all');
    else if (newest) this.changed('newest');
  }
}

type BarAnswer = Answer<'/api/orderflow/bars'>['bars'][number];
type FootprintBarAnswer = Answer<'/api/orderflow/footprint'>['bars'][number];

const wholeMinute = (us: number): number => Math.floor(us / MINUTE_US) * MINUTE_US;
