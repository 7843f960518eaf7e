/**
 * Exchanges and the broker segments on which they appear.
 *
 * A price is an integer in its exchange's price unit: 1/100 rupee everywhere but on currency, whose tick of 0.0025 needs
 * more. Kite sends NSE currency in 1/10,000,000 and BSE currency in 1/10,000 rupee, so those are the units here.
 */
export const EXCHANGES = {
  NSE: { priceScale: 100, kiteSegment: 1, dhanSegment: 'NSE_EQ' },
  NFO: { priceScale: 100, kiteSegment: 2, dhanSegment: 'NSE_FNO' },
  CDS: { priceScale: 10_000_000, kiteSegment: 3, dhanSegment: 'NSE_CURRENCY' },
  BSE: { priceScale: 100, kiteSegment: 4, dhanSegment: 'BSE_EQ' },
  BFO: { priceScale: 100, kiteSegment: 5, dhanSegment: 'BSE_FNO' },
  BCD: { priceScale: 10_000, kiteSegment: 6, dhanSegment: 'BSE_CURRENCY' },
  MCX: { priceScale: 100, kiteSegment: 7, dhanSegment: 'MCX_COMM' },
  INDICES: { priceScale: 100, kiteSegment: 9, dhanSegment: 'IDX_I' },
} as const;

export type Exchange = keyof typeof EXCHANGES;
export type DhanSegment = (typeof EXCHANGES)[Exchange]['dhanSegment'];

export const isExchange = (text: string): text is Exchange => Object.hasOwn(EXCHANGES, text);

/** Dhan's numeric segment in packets. There is no 6. */
export const DHAN_SEGMENT_CODES: Record<DhanSegment, number> = {
  IDX_I: 0,
  NSE_EQ: 1,
  NSE_FNO: 2,
  NSE_CURRENCY: 3,
  BSE_EQ: 4,
  MCX_COMM: 5,
  BSE_CURRENCY: 7,
  BSE_FNO: 8,
};

/** Segments for which Dhan serves 20- and 200-level depth. */
export const DHAN_DEPTH_SEGMENTS: ReadonlySet<DhanSegment> = new Set(['NSE_EQ', 'NSE_FNO']);
