import { type DhanSegment, type Exchange, isExchange } from './exchange.ts';

export type InstrumentType = 'EQ' | 'FUT' | 'CE' | 'PE' | 'INDEX';

/** A tradable contract or an index, under one id of ours whatever the broker calls it. */
export interface Instrument {
  /** Our own id; stable for ever, never reused. */
  readonly id: number;
  readonly exchange: Exchange;
  /** The exchange's trading symbol, e.g. NIFTY26DECFUT. */
  readonly symbol: string;
  readonly name: string;
  readonly type: InstrumentType;
  /** ISO date of the last trading day; null for cash and indices. */
  readonly expiry: string | null;
  /** Strike in the price unit; null where there is none. */
  readonly strike: number | null;
  /** Price units in one rupee. */
  readonly priceScale: number;
  /** Smallest price step, in price units; at least 1. */
  readonly tickSize: number;
  /** Smallest tradable quantity; 1 for cash. */
  readonly lotSize: number;
  readonly kiteToken: number | null;
  readonly dhanSegment: DhanSegment | null;
  readonly dhanSecurityId: number | null;
}

/** How an instrument is written in URLs and on screens: exchange and symbol, `NFO:NIFTY26DECFUT`. */
export const slugOf = (instrument: Pick<Instrument, 'exchange' | 'symbol'>): string =>
  `${instrument.exchange}:${instrument.symbol}`;

/** Splits a slug; null where it cannot be one (unknown exchange, empty, blank or overlong symbol, odd characters). */
export function parseSlug(slug: string): { exchange: Exchange; symbol: string } | null {
  const match = /^([A-Z]{2,8}):([A-Z0-9][A-Z0-9&_. -]{0,63})$/.exec(slug.toUpperCase());
  if (!match?.[1] || !match[2] || !isExchange(match[1])) return null;
  return { exchange: match[1], symbol: match[2] };
}

/** An instrument as `/api/instruments` and the live stream give it. Prices in price units. */
export interface InstrumentSummary extends Omit<Instrument, 'kiteToken' | 'dhanSegment' | 'dhanSecurityId'> {
  /** `NFO:NIFTY26DECFUT` */
  readonly slug: string;
  /** Depth recorded for it now: 200, 20, 5, or 0 where it is not subscribed. */
  readonly levels: number;
}
