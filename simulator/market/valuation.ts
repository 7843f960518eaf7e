/** What an instrument of the synthetic market is worth, given the index: the anchor of its order flow. */
import { istMidnightUs } from '../../lib/core/ist.ts';
import { INDEX_START, type IndexPath, VIX_START } from './index-path.ts';
import { isMore } from './instruments.ts';
import type { MarketInstrument } from './market.ts';

/** Futures stand above their index by this share (interest until expiry). */
const BASIS = 0.0035;

/** Price at the start in rupees, and how far it moves with the index. */
const FOLLOWERS: Readonly<Record<string, { readonly start: number; readonly beta: number }>> = {
  BANKNIFTY: { start: 58_200, beta: 1.15 },
  RELIANCE: { start: 1482, beta: 1.05 },
  HDFCBANK: { start: 996, beta: 0.95 },
  INFY: { start: 1524, beta: 0.9 },
  TCS: { start: 3148, beta: 0.8 },
  ICICIBANK: { start: 1376, beta: 1.1 },
  SBIN: { start: 968, beta: 1.2 },
};

/** One of the many that make up a load. */
const MORE = { start: 500, beta: 1 };

const followerOf = (symbol: string): { readonly start: number; readonly beta: number } | undefined =>
  isMore({ symbol }) ? MORE : FOLLOWERS[symbol];

/** Open interest at the start, lots. */
const OPEN_INTEREST: Readonly<Record<string, number>> = { NIFTY: 148_000, BANKNIFTY: 62_000 };
const OPTION_OPEN_INTEREST = 35_000;

const US_PER_YEAR = 365 * 24 * 3600 * 1_000_000;
/** On the last afternoon an option still has a little time value. */
const YEARS_LEFT_MIN = 0.25 / 365;

/** Fair value in ticks, between two of them. */
export function anchorOf(instrument: MarketInstrument, index: IndexPath, us: number): number {
  return (rupees(instrument, index, us) * instrument.priceScale) / instrument.tickSize;
}

/** Close of the session before the first, price units. */
export function startingCloseOf(instrument: MarketInstrument): number {
  const { tickSize, priceScale, strike } = instrument;
  // Yesterday ended a third of a percent lower.
  const price = strike === null ? startOf(instrument) * 0.9967 : 150;
  return Math.round((price * priceScale) / tickSize) * tickSize;
}

/** Open interest of a contract at the start, units. */
export function startingOpenInterestOf({ name, strike, lotSize }: MarketInstrument): number {
  return (strike === null ? (OPEN_INTEREST[name] ?? 0) : OPTION_OPEN_INTEREST) * lotSize;
}

function startOf({ type, name, symbol }: MarketInstrument): number {
  if (symbol === 'INDIA VIX') return VIX_START;
  if (type === 'INDEX') return INDEX_START;
  if (name === 'NIFTY') return INDEX_START * (1 + BASIS);
  return followerOf(type === 'FUT' ? name : symbol)?.start ?? 0;
}

function rupees(instrument: MarketInstrument, index: IndexPath, us: number): number {
  const { type, name, symbol, slug, strike, expiry } = instrument;
  if (symbol === 'INDIA VIX') return roundToTick(index.vix);
  if (type === 'INDEX') return roundToTick(INDEX_START * index.relative);
  const future = INDEX_START * (1 + BASIS) * index.relative;
  if (strike !== null && expiry !== null) {
    return optionValue(
      future,
      strike / instrument.priceScale,
      index.vix,
      istMidnightUs(expiry) + US_PER_DAY - us,
      type,
    );
  }
  if (name === 'NIFTY') return future;
  const follower = followerOf(type === 'FUT' ? name : symbol);
  if (!follower) throw new RangeError(`nothing is known about ${slug}`);
  return follower.start * (1 + follower.beta * (index.relative - 1) + index.ownOf(slug));
}

const US_PER_DAY = 24 * 3600 * 1_000_000;

/** Bachelier's formula on the future: a normal distribution of the price at expiry, no interest. */
function optionValue(future: number, strike: number, vix: number, leftUs: number, type: string): number {
  const years = Math.max(leftUs / US_PER_YEAR, YEARS_LEFT_MIN);
  const deviation = future * (vix / 100) * Math.sqrt(years);
  const inside = type === 'CE' ? future - strike : strike - future;
  const d = inside / deviation;
  return inside * normalCdf(d) + deviation * normalDensity(d);
}

const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Abramowitz and Stegun 26.2.17: right to 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    normalDensity(x) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x >= 0 ? 1 - tail : tail;
}

/** Indices are computed to 5 paise. */
const roundToTick = (value: number): number => Math.round(value * 20) / 20;
