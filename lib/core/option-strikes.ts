/** Calls and puts of one expiry, strike by strike. */
import type { InstrumentSummary } from './instrument.ts';

export interface OptionStrike {
  /** Price units. */
  readonly strike: number;
  readonly call: InstrumentSummary | null;
  readonly put: InstrumentSummary | null;
}

/** Expiries of the options of an underlying among instruments, the next first. ISO dates. */
export const optionExpiries = (instruments: readonly InstrumentSummary[], underlying: string): string[] =>
  [...new Set(instruments.flatMap((it) => (isOptionOf(it, underlying) && it.expiry ? [it.expiry] : [])))].sort();

/**
 * The strikes of an expiry, the lowest first: of those, the one nearest to the underlying's price and `around` to either side of it; all
 * where the price is not known.
 *
 * @param price of the underlying, price units of the options; null where it is not known
 */
export function optionStrikes(
  instruments: readonly InstrumentSummary[],
  underlying: string,
  expiry: string,
  price: number | null,
  around: number,
): { readonly strikes: readonly OptionStrike[]; readonly atTheMoney: number | null } {
  const byStrike = new Map<number, { strike: number; call: InstrumentSummary | null; put: InstrumentSummary | null }>();
  for (const it of instruments) {
    if (!isOptionOf(it, underlying) || it.expiry !== expiry || it.strike === null) continue;
    const row = byStrike.get(it.strike) ?? { strike: it.strike, call: null, put: null };
    if (it.type === 'CE') row.call = it;
    else row.put = it;
    byStrike.set(it.strike, row);
  }
  const strikes = [...byStrike.values()].sort((a, b) => a.strike - b.strike);
  if (price === null || strikes.length === 0) return { strikes, atTheMoney: null };
  const distance = (at: number) => Math.abs((strikes[at] as OptionStrike).strike - price);
  const nearest = strikes.reduce((best, _, at) => (distance(at) < distance(best) ? at : best), 0);
  return {
    strikes: strikes.slice(Math.max(0, nearest - around), nearest + around + 1),
    atTheMoney: (strikes[nearest] as OptionStrike).strike,
  };
}

const isOptionOf = ({ type, name }: InstrumentSummary, underlying: string): boolean =>
  (type === 'CE' || type === 'PE') && name === underlying;
