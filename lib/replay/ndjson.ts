/** A replay as lines of JSON, for scripts: docs/REPLAY.md describes them. The same input gives the same bytes. */
import { createHash } from 'node:crypto';
import { isPresent } from '../core/absent.ts';
import { feedName } from '../core/feeds.ts';
import { type Instrument, slugOf } from '../core/instrument.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { BOOK_METRICS, BookMetrics } from '../orderflow/book-metrics.ts';
import { TICK_NUMBERS, type Tick } from '../orderflow/tick.ts';
import { type DepthRecord, EntryReader, type GapRecord, type RejectRecord } from '../queue/entry.ts';
import type { ReplayEntry } from './source.ts';

/** A book is measured while both of its sides are this fresh, µs. */
const FRESH_US = 2_000_000;
const SIDE_NAMES: Readonly<Record<Side, string>> = { [BID]: 'bid', [ASK]: 'ask' };
const AGGRESSOR_NAMES = ['unknown', 'buy', 'sell'] as const;

/** What was printed of an instrument. */
export interface ReplayTotals {
  sides: number;
  ticks: number;
  /** Units traded of which a side or none is known; `delta`: bought less sold. */
  volume: number;
  delta: number;
  /** Units traded across gaps. */
  unattributed: number;
  gaps: number;
}

class PrintedSide {
  readonly levels = new SideLevels();
  stampUs = 0;
}

interface PrintedBook {
  readonly sides: readonly [PrintedSide, PrintedSide];
}

export class ReplayPrinter {
  /** By slug, in the order of their first line. */
  readonly totals = new Map<string, ReplayTotals>();
  lines = 0;
  private readonly reader = new EntryReader();
  private readonly metrics = new BookMetrics();
  private readonly books = new Map<string, PrintedBook>();
  private readonly hash = createHash('sha256');
  private feedId = 0;
  private isShown = false;

  /**
   * @param instruments by id; may be added to until an entry of theirs comes
   * @param only those to print; null: all
   */
  constructor(
    private readonly fromUs: number,
    private readonly instruments: ReadonlyMap<number, Instrument>,
    private readonly only: ReadonlySet<number> | null,
    private readonly write: (line: string) => void,
  ) {}

  /** Prints an entry; of what leads up to the interval only the books are kept. */
  take({ feedId, stampUs, bytes }: ReplayEntry): void {
    this.feedId = feedId;
    this.isShown = stampUs >= this.fromUs;
    this.reader.read(stampUs, bytes, this);
  }

  /** Of all lines so far, each with its line feed, in hex. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }

  onDepth(record: DepthRecord): void {
    const { instrumentId, stampUs, n, side, bookTimeUs, flags, levels } = record;
    if (this.isLeftOut(instrumentId)) return;
    const book = this.bookOf(instrumentId);
    book.sides[side].levels.copyFrom(levels);
    book.sides[side].stampUs = stampUs;
    if (!this.isShown) return;
    const instrument = this.slug(instrumentId);
    this.totalsOf(instrument).sides += 1;
    this.print({
      type: 'depth',
      feed: feedName(this.feedId),
      timeUs: stampUs,
      n,
      instrument,
      side: SIDE_NAMES[side],
      bookTimeUs,
      flags,
      levels: tuples(levels),
    });
    this.printBook(instrumentId, instrument, book, stampUs);
  }

  onTick(tick: Tick): void {
    if (!this.isShown || this.isLeftOut(tick.instrumentId)) return;
    const instrument = this.slug(tick.instrumentId);
    const totals = this.totalsOf(instrument);
    totals.ticks += 1;
    if (isPresent(tick.volumeDelta)) totals.volume += tick.volumeDelta;
    if (isPresent(tick.signedVolume)) totals.delta += tick.signedVolume;
    if (isPresent(tick.volumeUnattributed)) totals.unattributed += tick.volumeUnattributed;
    const numbers = Object.fromEntries(
      TICK_NUMBERS.flatMap((name) => (isPresent(tick[name]) ? [[name, tick[name]]] : [])),
    );
    this.print({
      type: 'tick',
      feed: feedName(this.feedId),
      timeUs: tick.stampUs,
      n: tick.n,
      instrument,
      mode: tick.mode,
      aggressor: AGGRESSOR_NAMES[tick.aggressor],
      confidence: tick.confidence,
      ...numbers,
      bids: tuples(tick.bids),
      asks: tuples(tick.asks),
    });
  }

  onGap({ fromUs, toUs, cause, instrumentIds }: GapRecord): void {
    if (!this.isShown) return;
    const instruments = instrumentIds.filter((id) => !this.isLeftOut(id)).map((id) => this.slug(id));
    if (instruments.length === 0) return;
    if (toUs === 0) for (const instrument of instruments) this.totalsOf(instrument).gaps += 1;
    this.print({ type: 'gap', feed: feedName(this.feedId), fromUs, toUs: toUs || null, cause, instruments });
  }

  onReject({ stampUs, n, code, detail }: RejectRecord): void {
    if (!this.isShown || this.only !== null) return;
    this.print({ type: 'reject', feed: feedName(this.feedId), timeUs: stampUs, n, code, detail });
  }

  print(line: object): void {
    const text = `${JSON.stringify(line)}\n`;
    this.lines += 1;
    this.hash.update(text);
    this.write(text);
  }

  private printBook(instrumentId: number, instrument: string, { sides }: PrintedBook, nowUs: number): void {
    const [bid, ask] = sides;
    const lot = this.instruments.get(instrumentId)?.lotSize ?? 1;
    if (bid.stampUs === 0 || ask.stampUs === 0 || nowUs - Math.min(bid.stampUs, ask.stampUs) > FRESH_US) return;
    this.metrics.measure(bid.levels, ask.levels, lot);
    const { values } = this.metrics;
    this.print({
      type: 'metrics',
      feed: feedName(this.feedId),
      timeUs: nowUs,
      instrument,
      bidAgeUs: nowUs - bid.stampUs,
      askAgeUs: nowUs - ask.stampUs,
      ...Object.fromEntries(
        BOOK_METRICS.flatMap((name, i) => (isPresent(values[i] as number) ? [[name, values[i]]] : [])),
      ),
    });
  }

  private isLeftOut(instrumentId: number): boolean {
    return this.only !== null && !this.only.has(instrumentId);
  }

  private bookOf(instrumentId: number): PrintedBook {
    const key = `${this.feedId} ${instrumentId}`;
    let book = this.books.get(key);
    if (!book) {
      book = { sides: [new PrintedSide(), new PrintedSide()] };
      this.books.set(key, book);
    }
    return book;
  }

  private slug(instrumentId: number): string {
    const instrument = this.instruments.get(instrumentId);
    return instrument ? slugOf(instrument) : String(instrumentId);
  }

  private totalsOf(instrument: string): ReplayTotals {
    let totals = this.totals.get(instrument);
    if (!totals) {
      totals = { sides: 0, ticks: 0, volume: 0, delta: 0, unattributed: 0, gaps: 0 };
      this.totals.set(instrument, totals);
    }
    return totals;
  }
}

/** `[price, quantity, orders]` of each level, best first. */
function tuples({ count, prices, quantities, orders }: SideLevels): number[][] {
  return Array.from({ length: count }, (_, i) => [prices[i] as number, quantities[i] as number, orders[i] as number]);
}
