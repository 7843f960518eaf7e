/** A tick: what a live feed said about an instrument at one moment, and what follows from it and from the tick before. */
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { SideLevels } from '../core/side.ts';

/** Which packet a tick came from, and so which fields it can have. */
export const TICK_MODE = { ltp: 1, quote: 2, full: 3, index: 4, oi: 5, previousClose: 6 } as const;
export type TickMode = (typeof TICK_MODE)[keyof typeof TICK_MODE];

/** Levels of depth that a tick carries a side. */
export const TICK_LEVELS = 5;

/**
 * Mutable and reused: a feed's decoder fills one, `enrich` completes it, the entry codec writes it. Prices in price units,
 * quantities in units, times as named. What the feed does not say is ABSENT.
 */
export class Tick {
  instrumentId = 0;
  /** Receive stamp of the frame, µs since the epoch. */
  stampUs = 0;
  /** Place of the packet in the frame. */
  n = 0;
  mode: TickMode = TICK_MODE.ltp;

  lastPrice = ABSENT;
  lastQuantity = ABSENT;
  averagePrice = ABSENT;
  /** Volume of the day. */
  volume = ABSENT;
  buyQuantity = ABSENT;
  sellQuantity = ABSENT;
  open = ABSENT;
  high = ABSENT;
  low = ABSENT;
  /** Close of the previous session. */
  close = ABSENT;
  /** Seconds since the epoch. */
  lastTradeTime = ABSENT;
  oi = ABSENT;
  oiDayHigh = ABSENT;
  oiDayLow = ABSENT;
  /** Seconds since the epoch. */
  exchangeTime = ABSENT;
  /** Levels with a price, best first. */
  readonly bids = new SideLevels(TICK_LEVELS);
  readonly asks = new SideLevels(TICK_LEVELS);

  // From this tick alone.
  /** (best bid + best ask) / 2; halves are exact. */
  mid = ABSENT;
  spread = ABSENT;
  /** Spread over last price, a ratio. */
  spreadOverLast = ABSENT;
  /** Quantity over the levels of the tick. */
  bidDepth = ABSENT;
  askDepth = ABSENT;
  /** (bid − ask) / (bid + ask) of the depths. */
  imbalance = ABSENT;

  // Against the instrument's tick before; ABSENT at the first one and after a gap.
  volumeDelta = ABSENT;
  /** Volume of which nobody knows at what price it traded: traded across a gap. Never bought, never sold. */
  volumeUnattributed = ABSENT;
  oiDelta = ABSENT;
  priceDelta = ABSENT;
  buyQuantityDelta = ABSENT;
  sellQuantityDelta = ABSENT;
  /** AGGRESSOR of the volume traded since the tick before. */
  aggressor: Aggressor = AGGRESSOR.unknown;
  /** How sure that is: 3 at or through the touch, 2 inside the spread, 1 by the tick test, 0 unknown. */
  confidence = 0;
  /** +volumeDelta bought, −volumeDelta sold, 0 unknown; ABSENT like volumeDelta. */
  signedVolume = ABSENT;

  /** Makes everything absent but the name of the tick, which the caller sets. */
  clear(): void {
    for (const field of TICK_INTEGERS) this[field] = ABSENT;
    for (const field of TICK_REALS) this[field] = ABSENT;
    this.aggressor = AGGRESSOR.unknown;
    this.confidence = 0;
    this.bids.count = 0;
    this.asks.count = 0;
  }
}

/** Whole-numbered fields that may be absent, in the order of the entry codec and of the table. */
export const TICK_INTEGERS = [
  'lastPrice',
  'lastQuantity',
  'averagePrice',
  'volume',
  'buyQuantity',
  'sellQuantity',
  'open',
  'high',
  'low',
  'close',
  'lastTradeTime',
  'oi',
  'oiDayHigh',
  'oiDayLow',
  'exchangeTime',
  'spread',
  'bidDepth',
  'askDepth',
  'volumeDelta',
  'volumeUnattributed',
  'oiDelta',
  'priceDelta',
  'buyQuantityDelta',
  'sellQuantityDelta',
  'signedVolume',
] as const satisfies readonly (keyof Tick)[];

/** Fields with fractions that may be absent, likewise. */
export const TICK_REALS = ['mid', 'spreadOverLast', 'imbalance'] as const satisfies readonly (keyof Tick)[];
