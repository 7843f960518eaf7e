/** A tick: what a live feed said about an instrument at one moment, and what follows from it and from the tick before. */
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { SideLevels } from '../core/side.ts';

/** Which packet a tick came from, and so which fields it can have. */
export const TICK_MODE = { ltp: 1, quote: 2, full: 3, index: 4, oi: 5, previousClose: 6 } as const;
export type TickMode = (typeof TICK_MODE)[keyof typeof TICK_MODE];

/** Levels of depth that a tick carries a side. */
export const TICK_LEVELS = 5;

/** The numbers of a tick that its feed may leave out, or that may have no base. Prices in price units, quantities in units. */
export interface TickNumbers {
  lastPrice: number;
  lastQuantity: number;
  averagePrice: number;
  /** Volume of the day. */
  volume: number;
  buyQuantity: number;
  sellQuantity: number;
  open: number;
  high: number;
  low: number;
  /** Close of the previous session. */
  close: number;
  /** Seconds since the epoch. */
  lastTradeTime: number;
  oi: number;
  oiDayHigh: number;
  oiDayLow: number;
  /** Seconds since the epoch. */
  exchangeTime: number;

  // From this tick alone.
  spread: number;
  /** Quantity over the levels of the tick. */
  bidDepth: number;
  askDepth: number;
  /** (best bid + best ask) / 2; halves are exact. */
  mid: number;
  /** Spread over last price, a ratio. */
  spreadOverLast: number;
  /** (bid − ask) / (bid + ask) of the depths. */
  imbalance: number;

  // Against the instrument's tick before; ABSENT at the first one and after a gap.
  volumeDelta: number;
  /** Volume of which nobody knows at what price it traded: traded across a gap. Never bought, never sold. */
  volumeUnattributed: number;
  oiDelta: number;
  priceDelta: number;
  buyQuantityDelta: number;
  sellQuantityDelta: number;
  /** +volumeDelta bought, −volumeDelta sold, 0 unknown; ABSENT like volumeDelta. */
  signedVolume: number;
}

/** Those that are whole, in the order of the entry codec. */
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
] as const satisfies readonly (keyof TickNumbers)[];

/** Those with fractions, likewise. */
export const TICK_REALS = ['mid', 'spreadOverLast', 'imbalance'] as const satisfies readonly (keyof TickNumbers)[];

/** All of them: a number's place here is its place in `Tick.numbers`. */
export const TICK_NUMBERS: readonly (keyof TickNumbers)[] = [...TICK_INTEGERS, ...TICK_REALS];

/**
 * The numbers side by side, each also by its name: who handles one of them says which, and who handles all (the codecs)
 * goes through the array. Going through the names instead takes twenty times as long.
 */
const WithNumbers = class {
  readonly numbers = new Float64Array(TICK_NUMBERS.length).fill(ABSENT);
} as new () => TickNumbers & { readonly numbers: Float64Array };

TICK_NUMBERS.forEach((name, place) => {
  Object.defineProperty(WithNumbers.prototype, name, {
    get(this: Tick): number {
      return this.numbers[place] as number;
    },
    set(this: Tick, value: number): void {
      this.numbers[place] = value;
    },
  });
});

/** Mutable and reused: a feed's decoder fills one, `enrich` completes it, the entry codec writes it. */
export class Tick extends WithNumbers {
  instrumentId = 0;
  /** Receive stamp of the frame, µs since the epoch. */
  stampUs = 0;
  /** Place of the packet in the frame. */
  n = 0;
  mode: TickMode = TICK_MODE.ltp;
  /** Levels with a price, best first. */
  readonly bids = new SideLevels(TICK_LEVELS);
  readonly asks = new SideLevels(TICK_LEVELS);
  /** AGGRESSOR of the volume traded since the tick before. */
  aggressor: Aggressor = AGGRESSOR.unknown;
  /** How sure that is: 4 told by a recording, 3 at or through the touch, 2 inside the spread, 1 by the tick test, 0 unknown. */
  confidence = 0;

  /** Makes everything absent but the name of the tick, which the caller sets. */
  clear(): void {
    this.numbers.fill(ABSENT);
    this.aggressor = AGGRESSOR.unknown;
    this.confidence = 0;
    this.bids.count = 0;
    this.asks.count = 0;
  }
}
