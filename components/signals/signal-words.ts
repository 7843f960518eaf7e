import type { ToldSignal } from '../../lib/api/signals.ts';
import { livePath } from '../../lib/client/instruments.ts';
import { usOf } from '../../lib/client/signal-board.ts';
import { type Evidence, evidenceText } from '../../lib/heatmap/evidence.ts';
import { decimalsOf, formatPrice, formatSigned, formatWhole } from '../../lib/heatmap/format.ts';

/** The picture ends this long after a signal, µs. */
const AFTER_US = 20_000_000;

/** `Wall pulled` */
export const kindTitle = (kind: string): string => {
  const words = kind.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const SEVERITY_WORDS: Readonly<Record<number, string>> = { 1: 'low', 2: 'middle', 3: 'high' };

/** `26,010.00`, `26,010.00–26,012.00`, or nothing where it is of the book as a whole. */
export function priceWords({ lowPrice, highPrice, priceScale }: ToldSignal): string {
  if (lowPrice === null || highPrice === null) return '';
  // A signal does not know its instrument's tick: everything its prices can say is shown.
  const units = { priceScale, tickSize: 1 };
  const low = formatPrice(lowPrice, units);
  return lowPrice === highPrice ? low : `${low}–${formatPrice(highPrice, units)}`;
}

/** From the last price to the nearest of the signal's: `12 ticks (+1.20)`. */
export function distanceWords(signal: ToldSignal, lastPrice: number | null, tickSize: number): string {
  const { lowPrice, highPrice, priceScale } = signal;
  if (lowPrice === null || highPrice === null || lastPrice === null) return '';
  const away = lastPrice < lowPrice ? lowPrice - lastPrice : lastPrice > highPrice ? highPrice - lastPrice : 0;
  if (away === 0) return 'at the last price';
  const ticks = Math.round(Math.abs(away) / tickSize);
  return `${formatWhole(ticks)} ${ticks === 1 ? 'tick' : 'ticks'} ${away > 0 ? 'above' : 'below'} (${formatSigned(away / priceScale, decimalsOf({ priceScale, tickSize }))})`;
}

export const evidenceOf = (signal: ToldSignal): Evidence => ({
  fromUs: usOf(signal.from),
  toUs: usOf(signal.to),
  lowPrice: signal.lowPrice,
  highPrice: signal.highPrice,
  side: signal.side,
  words: kindTitle(signal.kind),
});

/** Address of the depth page at the moment of a signal, with what it rests on. */
export const evidencePath = (signal: ToldSignal): string =>
  `${livePath(signal.instrument)}?${new URLSearchParams({
    at: String(usOf(signal.to) + AFTER_US),
    evidence: evidenceText(evidenceOf(signal)),
  })}`;
