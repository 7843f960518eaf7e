/**
 * The market's candles of a minute: those of what it has published, and for the time before it began made-up ones that are the
 * same whenever they are asked for. Longer candles are made of them.
 */
import { type Candle, TIMEFRAMES, type Timeframe } from '../lib/core/candles.ts';
import { addDays, formatIstDate } from '../lib/core/ist.ts';
import { barStart } from '../lib/orderflow/bars.ts';
import { sessionOf } from './calendar.ts';
import { isIndex, type Market, type MarketInstrument } from './market/market.ts';
import { Random } from './market/random.ts';

const MINUTE_US = TIMEFRAMES.minute;
/** Streams of chance of the days before the market began: far from those of the market itself. */
const STREAM = 1_000_000;
/** From one day's close to the next, and within a minute, as shares of the price. */
const DAY_MOVE = 0.008;
const MINUTE_MOVE = 0.0004;
/** Contracts are listed so long before their expiry. */
const CONTRACT_DAYS = 95;
/** Days before the market began that there is anything of, as Kite's since 2015. */
const HISTORY_DAYS = 4000;
/** Lots a minute, at noon. */
const LOTS = 40;

type MutableCandle = { -readonly [K in keyof Candle]: Candle[K] };

/** One instrument's minutes since the market began. */
interface Collected {
  /** The counter that the last packet carried: what was traded before the market began is in no candle. */
  volume: number;
  day: string;
  readonly minutes: MutableCandle[];
}

export class Candles {
  private readonly startUs: number;
  private readonly collected: readonly Collected[];
  /** By instrument: what the market began with, and the closes of the days before, the newest first. */
  private readonly closes: readonly number[][];

  constructor(
    private readonly market: Market,
    private readonly seed: number,
  ) {
    this.startUs = market.nowUs;
    const day = formatIstDate(this.startUs);
    this.closes = market.instruments.map((_, i) => {
      const { previousClose, lastPrice } = market.quote(i);
      return [lastPrice || previousClose, previousClose];
    });
    this.collected = market.instruments.map((_, i) => ({ volume: market.quote(i).volume, day, minutes: [] }));
  }

  /** Takes in what a packet of the instrument says now; called for each one that is published. */
  note(i: number): void {
    const { market } = this;
    const collected = this.collected[i] as Collected;
    const quote = market.quote(i);
    const price = quote.lastPrice;
    const volumeBefore = collected.volume;
    const day = formatIstDate(market.nowUs);
    collected.volume = quote.volume;
    if (price <= 0) return;
    // The counter begins anew with the day.
    const traded = day === collected.day ? quote.volume - volumeBefore : quote.volume;
    collected.day = day;
    const isIndexValue = isIndex(market.instruments[i] as MarketInstrument);
    if (traded <= 0 && !isIndexValue) return;
    const fromUs = barStart(market.nowUs, MINUTE_US);
    const last = collected.minutes.at(-1);
    const oi = quote.oi;
    if (last?.fromUs !== fromUs) {
      const volume = Math.max(0, traded);
      collected.minutes.push({ fromUs, open: price, high: price, low: price, close: price, volume, oi });
      return;
    }
    last.high = Math.max(last.high, price);
    last.low = Math.min(last.low, price);
    last.close = price;
    last.volume += Math.max(0, traded);
    last.oi = oi;
  }

  /** Candles that begin in an interval (end exclusive), oldest first; prices in price units. */
  between(i: number, timeframe: Timeframe, fromUs: number, toUs: number): Candle[] {
    const lengthUs = TIMEFRAMES[timeframe];
    const candles: MutableCandle[] = [];
    // Whole candles: what of the first lies before `fromUs` belongs to none.
    for (const minute of this.minutes(i, fromUs, toUs)) {
      const start = barStart(minute.fromUs, lengthUs);
      const last = candles.at(-1);
      if (last?.fromUs !== start) {
        candles.push({ ...minute, fromUs: start });
        continue;
      }
      last.high = Math.max(last.high, minute.high);
      last.low = Math.min(last.low, minute.low);
      last.close = minute.close;
      last.volume += minute.volume;
      last.oi = minute.oi;
    }
    return candles.filter((candle) => candle.fromUs >= barStart(fromUs, lengthUs));
  }

  private *minutes(i: number, fromUs: number, toUs: number): Generator<Candle> {
    // A recording is all there is of its market.
    const madeUp = this.market.recording === null;
    const firstDay = formatIstDate(Math.max(fromUs, this.startUs - HISTORY_DAYS * 86_400_000_000));
    const untilUs = Math.min(toUs, this.startUs);
    for (let date = firstDay; madeUp && date <= formatIstDate(untilUs); date = addDays(date, 1)) {
      for (const minute of this.dayBefore(i, date)) {
        if (minute.fromUs >= fromUs && minute.fromUs < untilUs) yield minute;
      }
    }
    for (const minute of (this.collected[i] as Collected).minutes) {
      // The minute under way at the start is the market's.
      if (minute.fromUs >= fromUs && minute.fromUs < toUs) yield minute;
    }
  }

  /** A day before the market began, minute by minute: the same for a seed, whoever asks and when. */
  private dayBefore(i: number, date: string): Candle[] {
    const instrument = this.market.instruments[i] as MarketInstrument;
    const { expiry, tickSize, lotSize } = instrument;
    const session = sessionOf(expiry === null ? 'cash' : 'derivatives', date);
    if (!session || (expiry !== null && (date > expiry || date < addDays(expiry, -CONTRACT_DAYS)))) return [];
    const daysBack = Math.round((Date.parse(formatIstDate(this.startUs)) - Date.parse(date)) / 86_400_000);
    const [open, close] = [this.closeBefore(i, daysBack + 1), this.closeBefore(i, daysBack)];
    const random = this.random(i, 2 * daysBack);
    const count = Math.round((session.closeUs - session.openUs) / MINUTE_US);
    const candles: Candle[] = [];
    let at = open;
    for (let m = 0; m < count; m += 1) {
      // A walk that is led to the day's close.
      const drift = (close - at) / (count - m);
      const to = m === count - 1 ? close : at * (1 + MINUTE_MOVE * random.normal()) + drift;
      const [a, b] = [onTick(at, tickSize), onTick(to, tickSize)];
      const reach = onTick(at * MINUTE_MOVE * random.exponential(0.5), tickSize) - tickSize;
      const fromUs = session.openUs + m * MINUTE_US;
      const edge = Math.abs(2 * (m / count) - 1);
      const volume = isIndex(instrument) ? 0 : lotSize * random.poisson(LOTS * (1 + 2 * edge * edge));
      const oi = expiry === null ? 0 : lotSize * (100_000 + 10 * m - 300 * daysBack + random.below(100));
      candles.push({
        fromUs,
        open: a,
        high: Math.max(a, b) + Math.max(0, reach),
        low: Math.max(tickSize, Math.min(a, b) - Math.max(0, reach)),
        close: b,
        volume,
        oi: Math.max(0, oi),
      });
      at = to;
    }
    // Minutes of the first day in which the market is there already are its own.
    return candles.filter(({ fromUs }) => fromUs + MINUTE_US <= this.startUs);
  }

  /** Close of the day so many days before the first; of day 0 what the market began with. */
  private closeBefore(i: number, daysBack: number): number {
    const known = this.closes[i] as number[];
    for (let day = known.length; day <= daysBack; day += 1) {
      const move = DAY_MOVE * this.random(i, 2 * day + 1).normal();
      known.push((known[day - 1] as number) / (1 + Math.max(-0.03, Math.min(0.03, move))));
    }
    return known[daysBack] as number;
  }

  private random(i: number, stream: number): Random {
    return new Random(this.seed, STREAM + i * 2 * HISTORY_DAYS + stream);
  }
}

/** The nearest price that can be traded. */
const onTick = (price: number, tickSize: number): number => Math.max(tickSize, Math.round(price / tickSize) * tickSize);
