/**
 * Bars of trades: by time, by number of trades, by volume. A trade is never split, and what nobody knows the side of is
 * neither bought nor sold.
 */
import { ABSENT, isPresent } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { IST_OFFSET_US } from '../core/ist.ts';

const US_PER_DAY = 86_400_000_000;
/** 09:15 IST: bars of an hour begin with the normal session, as the brokers' candles do. */
const SESSION_OFFSET_US = (9 * 60 + 15) * 60_000_000;

/** What traded between one tick and the next, or one print of a recording. */
export interface Trade {
  readonly stampUs: number;
  /** Price units. */
  readonly price: number;
  /** Units. */
  readonly quantity: number;
  readonly aggressor: Aggressor;
  /** Open interest after it; ABSENT where nobody said. */
  readonly oi: number;
}

export interface Bar {
  /** Of a bar by time the beginning of its interval, else the stamp of its first trade; µs since the epoch. */
  fromUs: number;
  /** Stamp of its last trade. */
  lastUs: number;
  /** ABSENT while nothing has traded. */
  open: number;
  high: number;
  low: number;
  close: number;
  /** Units bought + sold + unknown. */
  volume: number;
  /** By who initiated the trade. */
  buy: number;
  sell: number;
  unknown: number;
  /** Traded while nobody listened, at a price nobody knows: in none of the above. */
  unattributed: number;
  /** Lowest and highest that buy − sell reached while the bar was made, 0 included. */
  minDelta: number;
  maxDelta: number;
  trades: number;
  /** Σ price × quantity, price units. */
  value: number;
  /** ABSENT where nobody said. */
  oi: number;
}

export const newBar = (fromUs: number): Bar => ({
  fromUs,
  lastUs: fromUs,
  open: ABSENT,
  high: ABSENT,
  low: ABSENT,
  close: ABSENT,
  volume: 0,
  buy: 0,
  sell: 0,
  unknown: 0,
  unattributed: 0,
  minDelta: 0,
  maxDelta: 0,
  trades: 0,
  value: 0,
  oi: ABSENT,
});

export const deltaOf = ({ buy, sell }: Pick<Bar, 'buy' | 'sell'>): number => buy - sell;

/** Volume-weighted average price; ABSENT where nothing traded. */
export const vwapOf = ({ value, volume }: Pick<Bar, 'value' | 'volume'>): number =>
  volume === 0 ? ABSENT : value / volume;

export function addTrade(bar: Bar, trade: Trade): void {
  const { price, quantity, aggressor, stampUs, oi } = trade;
  if (bar.trades === 0) {
    bar.open = price;
    bar.high = price;
    bar.low = price;
  } else {
    if (price > bar.high) bar.high = price;
    if (price < bar.low) bar.low = price;
  }
  bar.close = price;
  bar.lastUs = stampUs;
  bar.trades += 1;
  bar.volume += quantity;
  bar.value += price * quantity;
  if (aggressor === AGGRESSOR.buy) bar.buy += quantity;
  else if (aggressor === AGGRESSOR.sell) bar.sell += quantity;
  else bar.unknown += quantity;
  const delta = deltaOf(bar);
  if (delta < bar.minDelta) bar.minDelta = delta;
  if (delta > bar.maxDelta) bar.maxDelta = delta;
  if (isPresent(oi)) bar.oi = oi;
}

/** Puts `later` behind `bar`: bars of a second make those of a minute, exactly. */
export function appendBar(bar: Bar, later: Bar): void {
  const deltaBefore = deltaOf(bar);
  bar.minDelta = Math.min(bar.minDelta, deltaBefore + later.minDelta);
  bar.maxDelta = Math.max(bar.maxDelta, deltaBefore + later.maxDelta);
  if (later.trades > 0) {
    if (bar.trades === 0) {
      bar.open = later.open;
      bar.high = later.high;
      bar.low = later.low;
    } else {
      bar.high = Math.max(bar.high, later.high);
      bar.low = Math.min(bar.low, later.low);
    }
    bar.close = later.close;
    bar.lastUs = later.lastUs;
  }
  bar.trades += later.trades;
  bar.volume += later.volume;
  bar.value += later.value;
  bar.buy += later.buy;
  bar.sell += later.sell;
  bar.unknown += later.unknown;
  bar.unattributed += later.unattributed;
  if (isPresent(later.oi)) bar.oi = later.oi;
}

/**
 * Beginning of the bar of `lengthUs` that holds a stamp. Bars are counted from 09:15 IST of their IST day, so that those of an
 * hour begin with the session; one of a day is the IST day.
 */
export function barStart(stampUs: number, lengthUs: number): number {
  const dayUs = Math.floor((stampUs + IST_OFFSET_US) / US_PER_DAY) * US_PER_DAY - IST_OFFSET_US;
  if (lengthUs >= US_PER_DAY) return dayUs;
  const originUs = dayUs + SESSION_OFFSET_US;
  const start = originUs + Math.floor((stampUs - originUs) / lengthUs) * lengthUs;
  // A length that does not divide the time before the session begins a shorter bar at midnight.
  return Math.max(start, dayUs);
}

export type BarRule =
  | { readonly by: 'time'; readonly us: number }
  | { readonly by: 'trades'; readonly trades: number }
  | { readonly by: 'volume'; readonly volume: number };

/** Makes bars of one instrument's trades, which must come in the order of their stamps. */
export class BarBuilder {
  /** The bar under way; null before the first trade. */
  current: Bar | null = null;

  /** @throws RangeError for a rule that no bar can keep */
  constructor(private readonly rule: BarRule) {
    const size = rule.by === 'time' ? rule.us : rule.by === 'trades' ? rule.trades : rule.volume;
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`no bar can be ${size} ${rule.by} long`);
  }

  /** Takes a trade. @returns the bar that is complete now; by time that is the one before the trade's */
  add(trade: Trade): Bar | null {
    const done = this.advance(trade.stampUs);
    this.current ??= newBar(this.startOf(trade.stampUs));
    addTrade(this.current, trade);
    return done ?? this.takeIfFull();
  }

  /** Notes volume that was traded while nobody listened. @returns as `add` */
  addUnattributed(stampUs: number, quantity: number): Bar | null {
    const done = this.advance(stampUs);
    this.current ??= newBar(this.startOf(stampUs));
    this.current.unattributed += quantity;
    return done;
  }

  /** Lets time pass. @returns the bar by time that ended before the stamp */
  advance(stampUs: number): Bar | null {
    const { current, rule } = this;
    if (!current || rule.by !== 'time' || barStart(stampUs, rule.us) === current.fromUs) return null;
    this.current = null;
    return current;
  }

  private startOf(stampUs: number): number {
    return this.rule.by === 'time' ? barStart(stampUs, this.rule.us) : stampUs;
  }

  private takeIfFull(): Bar | null {
    const { current, rule } = this;
    const full =
      current !== null &&
      ((rule.by === 'trades' && current.trades >= rule.trades) ||
        (rule.by === 'volume' && current.volume >= rule.volume));
    if (!full) return null;
    this.current = null;
    return current;
  }
}
