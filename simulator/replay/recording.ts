/** What a reader makes of a recording: steps in time order, in batches, and the clock they are told by. */
import type { Side, SideLevels } from '../../lib/core/side.ts';
import type { MarketInstrument } from '../market/market.ts';
import { OrderBook } from '../market/order-book.ts';
import { Quote } from '../market/quote.ts';

/** A recording that cannot be replayed; the message says which, where and why. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** One line of a recording. Steps with the same `at` happened at the same time and are published together. */
export interface Step {
  /** The recording's own time, in its unit since its origin; never goes back. */
  readonly at: number;
  /** The same in µs since the epoch. */
  readonly us: number;
  readonly instrument: number;
  apply(state: ReplayState): void;
}

export interface Recording {
  readonly name: string;
  readonly instruments: readonly MarketInstrument[];
  /** What its own time is, for people. */
  readonly unit: string;
  /** Reads a time as the recording writes it, or in µs since the epoch, as `Step.at`; null where it is neither. */
  parseTime(text: string): number | null;
  /**
   * From the beginning, some thousand steps at a time. @throws RecordingError from within where a line makes no sense
   */
  steps(): AsyncGenerator<readonly Step[], void, undefined>;
}

/** An instrument while it is replayed. */
export class ReplayState {
  readonly book = new OrderBook();
  readonly quote = new Quote();
  /** Changes of the quote that a packet each is due for, in order; made when the packets go out. */
  readonly ticks: ((quote: Quote) => void)[] = [];
  /** Whether the quantities that rest on each side follow from the book, or are told by the recording. */
  totalsFromBook = true;

  trade(price: number, quantity: number, us: number): void {
    this.ticks.push((quote) => quote.trade(price, quantity, us));
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
