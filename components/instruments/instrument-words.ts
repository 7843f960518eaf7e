/** How instruments are written. */
import { formatPrice, type PriceUnits } from '../../lib/heatmap/format.ts';

const dayFormat = new Intl.DateTimeFormat('en-IN', {
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** `29 Dec 2026` of an ISO date. */
export const dayOf = (isoDate: string): string => dayFormat.format(Date.parse(isoDate));

const TYPES: Readonly<Record<string, string>> = { EQ: 'Equity', FUT: 'Future', CE: 'Call', PE: 'Put', INDEX: 'Index' };

/** `Call 26,000.00`, `Future`. */
export function typeOf(instrument: { type: string; strike: number | null } & PriceUnits): string {
  const type = TYPES[instrument.type] ?? instrument.type;
  return instrument.strike === null ? type : `${type} ${formatPrice(instrument.strike, instrument)}`;
}
