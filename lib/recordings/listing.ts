/** What a recorded or simulated market lists, and whom it tells what happens. */
import { type DhanSegment, EXCHANGES, type Exchange } from '../core/exchange.ts';
import { type Instrument, type InstrumentType, slugOf } from '../core/instrument.ts';

/** An instrument of a recording or of the simulated exchange; elsewhere there it is named by its place in the list. */
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

interface Listing {
  readonly exchange: Exchange;
  readonly symbol: string;
  readonly name: string;
  readonly type: InstrumentType;
  /** NSE's number of the instrument; Dhan's security id too, except for indices. */
  readonly exchangeToken: number;
  readonly dhanSecurityId?: number;
  readonly expiry?: string;
  /** Price units. */
  readonly strike?: number;
  /** Price units. */
  readonly tickSize: number;
  readonly lotSize: number;
}

/** Completes what a listing says by what follows from it. */
export function listed(listing: Listing): MarketInstrument {
  const { exchange, exchangeToken } = listing;
  const { kiteSegment, dhanSegment, priceScale } = EXCHANGES[exchange];
  return {
    exchange,
    symbol: listing.symbol,
    name: listing.name,
    type: listing.type,
    expiry: listing.expiry ?? null,
    strike: listing.strike ?? null,
    priceScale,
    tickSize: listing.tickSize,
    lotSize: listing.lotSize,
    kiteToken: exchangeToken * 256 + kiteSegment,
    dhanSegment,
    dhanSecurityId: listing.dhanSecurityId ?? exchangeToken,
    slug: slugOf(listing),
    quantityScale: 1,
    scaling: '',
  };
}
