/**
 * Indices go by several names: the exchange's, which Kite uses, and the short one that Dhan uses and that their futures and
 * options carry as their underlying.
 */
const UNDERLYING_OF_INDEX: Readonly<Record<string, string>> = {
  'NIFTY 50': 'NIFTY',
  'NIFTY BANK': 'BANKNIFTY',
  'NIFTY FIN SERVICE': 'FINNIFTY',
  'NIFTY MID SELECT': 'MIDCPNIFTY',
  'NIFTY NEXT 50': 'NIFTYNXT50',
  'NIFTY MIDCAP 50': 'NIFTYMCAP50',
  'NIFTY MIDCAP 100': 'NIFTY MID100 FREE',
  'NIFTY SMLCAP 50': 'NIFTY SMALLCAP 50',
  'NIFTY SMLCAP 100': 'NIFTY SMALLCAP 100',
  'NIFTY SMLCAP 250': 'NIFTY SMALLCAP 250',
  'NIFTY MIDSML 400': 'NIFTY MIDSMALLCAP 400',
  'NIFTY100 EQL WGT': 'NIFTY100 EQUAL WEIGHT',
  'NIFTY100 LOWVOL30': 'NIFTY100 LOW VOLATILITY 30',
};

const indexOfUnderlying = new Map(Object.entries(UNDERLYING_OF_INDEX).map(([index, name]) => [name, index]));

/** The short name of an index; its own where it has no other. */
export const underlyingOfIndex = (symbol: string): string => UNDERLYING_OF_INDEX[symbol] ?? symbol;

/** Symbol of the index that an underlying's name stands for; the name itself where it is the same. */
export const indexSymbolOf = (underlying: string): string => indexOfUnderlying.get(underlying) ?? underlying;

/** Underlyings of BSE's contracts, whose indices have no other name. */
const BSE_INDICES: ReadonlySet<string> = new Set(['SENSEX', 'BANKEX', 'SENSEX50']);

/** Whether contracts of this underlying are those of an index, and not of a share. */
export const isIndexUnderlying = (name: string): boolean => indexOfUnderlying.has(name) || BSE_INDICES.has(name);
