/** Numbers and times as Indian traders read them. */
import { IST_OFFSET_US } from '../core/ist.ts';

/** What of an instrument its numbers depend on. */
export interface PriceUnits {
  /** Price units in a rupee. */
  readonly priceScale: number;
  /** Price units. */
  readonly tickSize: number;
}

const RUPEE_DECIMALS_MIN = 2;
const RUPEE_DECIMALS_MAX = 4;

const formats = new Map<number, Intl.NumberFormat>();
const decimalFormat = (decimals: number): Intl.NumberFormat => {
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat('en-IN', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format;
};

const compact = new Intl.NumberFormat('en-IN', { notation: 'compact', maximumFractionDigits: 2 });

/** Decimals that show every tick: 2, and 4 for currency. */
export function decimalsOf({ priceScale, tickSize }: PriceUnits): number {
  for (let decimals = RUPEE_DECIMALS_MIN; decimals < RUPEE_DECIMALS_MAX; decimals += 1) {
    if ((tickSize * 10 ** decimals) % priceScale === 0) return decimals;
  }
  return RUPEE_DECIMALS_MAX;
}

/** `25,940.10` */
export const formatPrice = (price: number, units: PriceUnits): string =>
  decimalFormat(decimalsOf(units)).format(price / units.priceScale);

/** `+12.30`, `−4.05`, with a true minus sign. */
export const formatSigned = (value: number, decimals: number): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${decimalFormat(decimals).format(Math.abs(value))}`;

/** `1,17,600` */
export const formatWhole = (value: number): string => decimalFormat(0).format(value);

/** `2.5L`, `1.23Cr`: lakh and crore. */
export const formatCompact = (value: number): string => compact.format(value);

/** What quantities are counted in: lots, or where a lot is one, shares. */
export const quantityUnit = (lotSize: number): string => (lotSize === 1 ? 'shares' : 'lots');

/** Lots of a quantity: whole where it is, else one decimal. */
export function formatLots(quantity: number, lotSize: number): string {
  const lots = quantity / lotSize;
  return decimalFormat(Number.isInteger(lots) ? 0 : 1).format(lots);
}

const two = (value: number): string => String(value).padStart(2, '0');

const US_PER_DAY = 86_400_000_000;

/** Time of day in IST: `14:05:09`, with milliseconds `14:05:09.250`, without seconds `14:05`. */
export function formatIstTime(us: number, precision: 'minutes' | 'seconds' | 'ms' = 'seconds'): string {
  const ms = Math.floor(((us + IST_OFFSET_US) % US_PER_DAY) / 1000);
  const minutes = `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}`;
  if (precision === 'minutes') return minutes;
  const seconds = `${minutes}:${two(Math.floor(ms / 1000) % 60)}`;
  return precision === 'seconds' ? seconds : `${seconds}.${String(ms % 1000).padStart(3, '0')}`;
}

const dayFormat = new Intl.DateTimeFormat('en-IN', { day: '2-digit', month: 'short', timeZone: 'UTC' });

/** `24 Nov`, the day in IST. */
export const formatIstDay = (us: number): string => dayFormat.format((us + IST_OFFSET_US) / 1000);

/** An age or a duration: `240 ms`, `3.2 s`, `12 min`, `2 h 05 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
