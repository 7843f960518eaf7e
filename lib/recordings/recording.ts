/** What a reader makes of a recording: steps in time order, in batches, and the clock they are told by. */
import type { Aggressor } from '../core/aggressor.ts';
import type { Side, SideLevels } from '../core/side.ts';
import type { MarketInstrument } from './listing.ts';
import { OrderBook } from './order-book.ts';
import { Quote } from './quote.ts';

/** A recording that cannot be replayed; the message says which, where and why. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** `line` counts from 1. */
export type OnBadLine = (line: number, reason: string) => void;

/** One line of a recording. Steps with the same `at` happened at the same time and are published together. */
export interface Step {
  /** The recording's own time, in its unit since its origin; never goes back. */
  readonly at: number;
  /** The same in µs since the epoch. */
  readonly us: number;
  readonly instrument: number;
  /** Where it stands in its file, from 1; only where bad lines are told. */
  readonly line?: number;
  apply(state: ReplayState): void;
}

/** Makes steps of lines, and counts the lines. `parse` gives null where a line says nothing that is published. */
export class StepParser {
  private line = 0;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parse: (line: string) => Step | null,
    private readonly onBadLine: OnBadLine | undefined,
  ) {}

  /** @throws RecordingError where a line makes no sense and nobody is to be told */
  steps(lines: readonly string[]): Step[] {
    const steps: Step[] = [];
    for (const text of lines) {
      this.line += 1;
      if (text === '') continue;
      const { line } = this;
      try {
        const step = this.parse(text);
        if (!step) continue;
        if (step.at < this.lastAt) throw new RecordingError('its time is before that of the line before');
        this.lastAt = step.at;
        steps.push(this.onBadLine ? { ...step, line } : step);
      } catch (error) {
        if (!this.onBadLine || !(error instanceof RecordingError || error instanceof SyntaxError)) throw error;
        this.onBadLine(line, error.message);
      }
    }
    return steps;
  }
}

export interface Recording {
  readonly name: string;
  readonly instruments: readonly MarketInstrument[];
  /** True where what goes out as a level is the sum of many: of use for trying things, and no book to be kept. */
  readonly isSummary?: boolean;
  /** What its own time is, for people. */
  readonly unit: string;
  /** Reads a time as the recording writes it, or in µs since the epoch, as `Step.at`; null where it is neither. */
  parseTime(text: string): number | null;
  /**
   * From the beginning, some thousand steps at a time.
   *
   * @param onBadLine told of each line that makes no sense, which is then left out; without it such a line ends the steps
   * @throws RecordingError from within
   */
  steps(onBadLine?: OnBadLine): AsyncGenerator<readonly Step[], void, undefined>;
}

/** A trade as the recording tells it, one by one. */
export interface Print {
  readonly quantity: number;
  /** Unknown in a call auction, and where the recording does not say. */
  readonly aggressor: Aggressor;
}

interface QuoteChange {
  apply(quote: Quote): void;
  /** Null where the change is no single trade. */
  readonly print: Print | null;
}

/** An instrument while it is replayed. */
export class ReplayState {
  readonly book = new OrderBook();
  readonly quote = new Quote();
  /** Changes of the quote that a packet each is due for, in order; made when the packets go out. */
  readonly ticks: QuoteChange[] = [];
  /** Whether the quantities that rest on each side follow from the book, or are told by the recording. */
  totalsFromBook = true;

  /** A trade, and who initiated it where the recording says so. */
  trade(price: number, quantity: number, us: number, aggressor: Aggressor): void {
    this.ticks.push({ apply: (quote) => quote.trade(price, quantity, us), print: { quantity, aggressor } });
  }

  /** Anything else that the recording says of the quote. */
  change(apply: (quote: Quote) => void): void {
    this.ticks.push({ apply, print: null });
  }

  /** The side is now exactly this. */
  replaceSide(side: Side, levels: SideLevels): void {
    const ladder = this.book.ladders[side];
    ladder.clear();
    for (let i = 0; i < levels.count; i += 1) {
      ladder.set(levels.prices[i] as number, levels.quantities[i] as number, levels.orders[i] as number);
    }
  }
}

/** A decimal number as a whole number of `1 / scale`. @throws RecordingError where that is no whole number */
export function scaled(text: string, scale: number, what: string): number {
  const value = Number(text) * scale;
  const whole = Math.round(value);
  // Doubles of this size are off by far less; a number with more decimals by far more.
  if (text === '' || !(Math.abs(value - whole) < 1e-4)) {
    throw new RecordingError(`${what} is ${text || 'empty'}, not a multiple of 1/${scale}`);
  }
  return whole;
}
