/**
 * What stored books say beside the bars of a chart: depth imbalance, order flow imbalance, spread and the cost of a size. They are read from every frame, so they
 * are fetched only where they are wanted, the newest first and not endlessly far back.
 */
import type { InstrumentSummary } from '../core/instrument.ts';
import { BAR_INTERVALS, type BarInterval } from '../orderflow/bar-intervals.ts';
import { barStart } from '../orderflow/bars.ts';
import { instantOf, usOf } from './instants.ts';
import type { AskMarket } from './market-data.ts';
import { asProblem, type ServerProblem } from './problem.ts';

/** What is asked for at once. */
export type BookPart = 'imbalance' | 'ofi' | 'cost';
/** What then can be shown. */
export type BookValue = 'imbalance' | 'ofi' | 'spread' | 'cost';

export const PART_OF: Readonly<Record<BookValue, BookPart>> = {
  imbalance: 'imbalance',
  ofi: 'ofi',
  spread: 'cost',
  cost: 'cost',
};

/** Levels a side that imbalances are told over. */
const BOOK_LEVELS = 5;
/** The API looks at 4,000 samples a request. */
const SAMPLES = 3600;
/** Of whole books, which are forty times as much to read. */
const WHOLE_SAMPLES = 600;
const SAMPLE_MS_MIN = 1000;
const SAMPLE_MS_MAX = 60_000;
/** Looks at the book within a bar, where the bar is long enough. */
const SAMPLES_OF_BAR = 10;
/** And compares 50,000 frames, of which there may be 80 a second. */
const OFI_PIECE_US = 600_000_000;
/** Pieces back from the newest bar: older ones are not fetched. */
const PIECES_MAX = 12;

interface Loaded {
  fromUs: number;
  toUs: number;
  pieces: number;
}

export class BookSeries {
  readonly values: Readonly<Record<BookValue, Map<number, number>>> = {
    imbalance: new Map(),
    ofi: new Map(),
    spread: new Map(),
    cost: new Map(),
  };
  /** Why a part could not be had. */
  readonly failed = new Map<BookPart, ServerProblem>();
  private readonly loaded = new Map<BookPart, Loaded>();
  private readonly busy = new Set<BookPart>();
  private wanted: ReadonlySet<BookPart> = new Set();

  constructor(
    private readonly ask: AskMarket,
    private readonly instrument: InstrumentSummary,
    private readonly interval: BarInterval,
    /** Of the size whose cost is told. */
    private readonly lots: number,
    private readonly onChange: () => void,
  ) {}

  want(parts: ReadonlySet<BookPart>): void {
    this.wanted = parts;
  }

  /** Sees to it that what is wanted is there between two times, as far as it may be fetched. */
  cover(fromUs: number, toUs: number): void {
    for (const part of this.wanted) void this.load(part, fromUs, toUs);
  }

  private async load(part: BookPart, fromUs: number, toUs: number): Promise<void> {
    if (this.busy.has(part) || this.interval === '1d' || toUs <= fromUs) return;
    this.busy.add(part);
    try {
      const pieceUs = this.pieceUs(part);
      let loaded = this.loaded.get(part);
      // After a pause that is longer than a piece, what lies between would never be asked for: it begins anew.
      if (!loaded || this.wholeFrom(toUs - pieceUs) > barStart(loaded.toUs, this.barUs)) {
        loaded = { fromUs: toUs, toUs, pieces: 0 };
      }
      this.loaded.set(part, loaded);
      if (toUs > loaded.toUs) {
        // The bar that was open then is asked for again.
        const beginUs = Math.max(barStart(loaded.toUs - this.barUs, this.barUs), this.wholeFrom(toUs - pieceUs));
        await this.fetch(part, beginUs, toUs);
        loaded.toUs = toUs;
      }
      while (loaded.fromUs > fromUs && loaded.pieces < PIECES_MAX && this.wanted.has(part)) {
        const beginUs = Math.max(fromUs, this.wholeFrom(loaded.fromUs - pieceUs));
        await this.fetch(part, beginUs, loaded.fromUs);
        loaded.fromUs = beginUs;
        loaded.pieces += 1;
        this.onChange();
      }
      this.failed.delete(part);
    } catch (error) {
      this.failed.set(part, asProblem(error));
    } finally {
      this.busy.delete(part);
    }
    this.onChange();
  }

  private get barUs(): number {
    return BAR_INTERVALS[this.interval];
  }

  /** The first bar that begins no earlier: of one that is cut in two, the later answer would take the place of the whole. */
  private wholeFrom(us: number): number {
    return barStart(us + this.barUs - 1, this.barUs);
  }

  private get sampleMs(): number {
    return Math.min(SAMPLE_MS_MAX, Math.max(SAMPLE_MS_MIN, Math.floor(this.barUs / 1000 / SAMPLES_OF_BAR)));
  }

  /** A whole number of bars. */
  private pieceUs(part: BookPart): number {
    const wantedUs = part === 'ofi' ? OFI_PIECE_US : (part === 'cost' ? WHOLE_SAMPLES : SAMPLES) * this.sampleMs * 1000;
    return Math.max(1, Math.floor(wantedUs / this.barUs)) * this.barUs;
  }

  private async fetch(part: BookPart, fromUs: number, toUs: number): Promise<void> {
    const asked = {
      instrument: this.instrument.slug,
      from: instantOf(fromUs),
      to: instantOf(toUs),
      interval: this.interval as '1m',
    };
    if (part === 'cost') {
      const { buckets } = await this.ask('/api/orderflow/cost', {
        ...asked,
        lots: this.lots,
        sample_ms: this.sampleMs,
      });
      for (const { time, spread, roundTripBps } of buckets) {
        this.values.spread.set(usOf(time), spread);
        if (roundTripBps === null) this.values.cost.delete(usOf(time));
        else this.values.cost.set(usOf(time), roundTripBps);
      }
    } else if (part === 'imbalance') {
      const { buckets } = await this.ask('/api/orderflow/imbalance', {
        ...asked,
        levels: BOOK_LEVELS,
        sample_ms: this.sampleMs,
      });
      for (const { time, mean } of buckets) this.values.imbalance.set(usOf(time), mean);
    } else {
      const { buckets } = await this.ask('/api/orderflow/ofi', { ...asked, levels: BOOK_LEVELS });
      for (const { time, scalar } of buckets) this.values.ofi.set(usOf(time), scalar);
    }
  }
}
