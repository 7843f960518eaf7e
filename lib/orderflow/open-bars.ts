/**
 * Stored bars with the trades behind them: what a live chart shows. Bars are stored up to a whole minute; the trades since then,
 * from the tape and from the live stream, go into copies of them by the same `addTrade` that made the stored ones.
 */
import { addTrade, type Bar, barStart, newBar, type Trade } from './bars.ts';
import { Footprint } from './footprint.ts';

/** A bar as the series holds it. */
export interface SeriesBar extends Bar {
  /** Share of its time that was heard, 0 to 1; of an open bar null: it has not ended. */
  coverage: number | null;
  /** Null where the series has no footprints. */
  readonly footprint: Footprint | null;
}

export class OpenBars {
  /** Everything before this instant is in the stored bars; 0: nothing is known yet. */
  settledUs = 0;
  /** Grows with every change that is not only one of the newest bar. */
  revision = 0;

  private readonly stored = new Map<number, SeriesBar>();
  /** Bars that trades behind `settledUs` have gone into, by their beginning. */
  private readonly open = new Map<number, SeriesBar>();
  /** Trades from `settledUs` on, oldest first; a stamp names one. */
  private tail: Trade[] = [];
  private readonly stamps = new Set<number>();
  private merged: SeriesBar[] | null = null;

  /**
   * @param barUs length of a bar, µs
   * @param rowHeight of the footprints, price units; null: without
   */
  constructor(
    readonly barUs: number,
    private readonly rowHeight: number | null,
  ) {}

  /** All of them, oldest first. */
  all(): readonly SeriesBar[] {
    this.merged ??= [...new Map([...this.stored, ...this.open]).values()].sort((a, b) => a.fromUs - b.fromUs);
    return this.merged;
  }

  /** As it is stored, without the trades since; undefined where nothing is. */
  storedAt(fromUs: number): SeriesBar | undefined {
    return this.stored.get(fromUs);
  }

  /** From `settledUs` on, oldest first. */
  get tradesSince(): readonly Trade[] {
    return this.tail;
  }

  /** Whether trades behind the stored ones have gone into the bar. */
  isOpen({ fromUs }: Pick<Bar, 'fromUs'>): boolean {
    return this.open.has(fromUs);
  }

  /** Takes stored bars in the place of those that begin in [fromUs, toUs). What traded before `toUs` is in them. */
  settle(fromUs: number, toUs: number, bars: readonly SeriesBar[]): void {
    for (const start of this.stored.keys()) if (start >= fromUs && start < toUs) this.stored.delete(start);
    for (const bar of bars) this.stored.set(bar.fromUs, bar);
    if (toUs > this.settledUs) {
      this.settledUs = toUs;
      this.keep(this.tail.filter(({ stampUs }) => stampUs >= toUs));
    }
    this.rebuild();
  }

  /** Takes trades of the tape, which the live stream may have told of too. */
  addAll(trades: readonly Trade[]): void {
    const fresh = trades.filter(({ stampUs }) => stampUs >= this.settledUs && !this.stamps.has(stampUs));
    if (fresh.length === 0) return;
    this.keep([...this.tail, ...fresh].sort((a, b) => a.stampUs - b.stampUs));
    this.rebuild();
  }

  /** Takes the newest trade. @returns the bar it went into; null where it is in one already */
  add(trade: Trade): SeriesBar | null {
    const { stampUs } = trade;
    if (stampUs < this.settledUs || this.stamps.has(stampUs)) return null;
    const last = this.tail[this.tail.length - 1];
    if (last && last.stampUs > stampUs) {
      this.addAll([trade]);
      return this.open.get(barStart(stampUs, this.barUs)) ?? null;
    }
    this.tail.push(trade);
    this.stamps.add(stampUs);
    return this.put(trade);
  }

  private keep(trades: Trade[]): void {
    this.tail = trades;
    this.stamps.clear();
    for (const { stampUs } of trades) this.stamps.add(stampUs);
  }

  private rebuild(): void {
    this.open.clear();
    this.merged = null;
    this.revision += 1;
    for (const trade of this.tail) this.put(trade);
  }

  private put(trade: Trade): SeriesBar {
    const fromUs = barStart(trade.stampUs, this.barUs);
    let bar = this.open.get(fromUs);
    if (!bar) {
      bar = this.openBar(fromUs);
      this.open.set(fromUs, bar);
      this.merged = null;
    }
    addTrade(bar, trade);
    bar.footprint?.add(trade.price, trade.quantity, trade.aggressor);
    return bar;
  }

  private openBar(fromUs: number): SeriesBar {
    const { rowHeight } = this;
    const stored = this.stored.get(fromUs);
    const footprint = rowHeight === null ? null : new Footprint(rowHeight);
    if (footprint && stored?.footprint) footprint.merge(stored.footprint);
    return { ...(stored ?? newBar(fromUs)), coverage: null, footprint };
  }
}
