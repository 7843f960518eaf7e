/** What the faces need of a market, whether it is made up or recorded. */
import type { DhanSegment } from '../../lib/core/exchange.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import type { Side, SideLevels } from '../../lib/core/side.ts';
import type { Quote } from './quote.ts';

/** An instrument of the simulated exchange. Everywhere else it is named by its place in `Market.instruments`. */
export interface MarketInstrument extends Omit<Instrument, 'id'> {
  readonly slug: string;
  readonly kiteToken: number;
  readonly dhanSegment: DhanSegment;
  readonly dhanSecurityId: number;
  /** Units on the wire for one unit of the source; 1 unless the source counts in fractions. */
  readonly quantityScale: number;
  /** How a foreign source's prices and quantities stand on the wire; empty where nothing was scaled. */
  readonly scaling: string;
}

export const isIndex = ({ type }: Pick<Instrument, 'type'>): boolean => type === 'INDEX';

/** What happens in a market. Called while `advance` runs; the market's state is that of the moment. */
export interface MarketListener {
  /** The brokers publish this instrument's book now: a frame for each side. */
  book(instrument: number): void;
  /** A packet with quote and best five levels is due for this instrument. */
  tick(instrument: number): void;
}

/** The times of a recording, as its own clock wrote them. */
export interface RecordingClock {
  /** What `at` means in this recording, for error messages: "milliseconds after midnight". */
  readonly unit: string;
  /** Recording time of what is being published, in `unit` since the recording's origin. */
  now(): number;
  /** Reads a time given by its clock, or in market µs since the epoch; null where it is neither. */
  parse(text: string): number | null;
}

export interface Market {
  /** `synthetic seed 1`, or what is replayed. */
  readonly name: string;
  readonly instruments: readonly MarketInstrument[];
  /**
   * Null for a market without a recording. A recording waits for its audience and for slow sockets; nothing else does.
   */
  readonly recording: RecordingClock | null;
  /** Market time reached, µs since the epoch. */
  readonly nowUs: number;
  /** Resolves once `nextUs` is known; null where it is. A recording is read ahead of the market. */
  readonly loading: Promise<void> | null;
  /** Time of the next event; Infinity where there will be none. */
  nextUs(): number;
  /** Lets everything happen up to and including `untilUs`. */
  advance(untilUs: number, listener: MarketListener): void;
  /** Goes on at a later time and leaves out what lies between. Not for recordings, which leave nothing out. */
  jump?(us: number): void;
  /** The best levels of a side, valid until the market moves. */
  levels(instrument: number, side: Side): SideLevels;
  quote(instrument: number): Quote;
  /** True once the instrument has had a book (or, for an index, a value) to publish. */
  published(instrument: number): boolean;
  close(): Promise<void>;
}
