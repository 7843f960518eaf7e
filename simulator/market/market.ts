/** What the faces need of a market, whether it is made up or recorded. */
import type { Instrument } from '../../lib/core/instrument.ts';
import type { Side, SideLevels } from '../../lib/core/side.ts';
import type { MarketInstrument, MarketListener, RecordingClock } from '../../lib/recordings/listing.ts';
import type { Quote } from '../../lib/recordings/quote.ts';

export type { MarketInstrument, MarketListener, RecordingClock };

export const isIndex = ({ type }: Pick<Instrument, 'type'>): boolean => type === 'INDEX';

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
