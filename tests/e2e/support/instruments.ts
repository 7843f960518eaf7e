/** Instruments of the simulated exchange by the part that they play. Symbols of contracts change with the month. */
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';

export interface Instruments {
  /** 200 levels, the liveliest. */
  readonly nifty: InstrumentSummary;
  /** 200 levels. */
  readonly bankNifty: InstrumentSummary;
  /** 200 levels; only orders for known pictures are put into its book. */
  readonly hdfcBank: InstrumentSummary;
  /** 200 levels, with a book every now and then. */
  readonly infosys: InstrumentSummary;
  /** Has a price and never a book. */
  readonly index: InstrumentSummary;
  /** How many there are. */
  readonly count: number;
}

export async function listInstruments(appUrl: string): Promise<Instruments> {
  const response = await fetch(`${appUrl}/api/instruments?subscribed=1`);
  if (!response.ok) throw new Error(`the list of instruments: HTTP ${response.status}`);
  const { instruments } = (await response.json()) as { instruments: InstrumentSummary[] };
  const find = (name: string, fits: (instrument: InstrumentSummary) => boolean): InstrumentSummary => {
    const found = instruments.find(fits);
    if (!found) throw new Error(`the exchange lists no ${name}`);
    return found;
  };
  const future = (name: string) => find(`${name} future`, (it) => it.type === 'FUT' && it.name === name);
  const bySymbol = (symbol: string) => find(symbol, (it) => it.symbol === symbol);
  return {
    nifty: future('NIFTY'),
    bankNifty: future('BANKNIFTY'),
    hdfcBank: bySymbol('HDFCBANK'),
    infosys: bySymbol('INFY'),
    index: bySymbol('NIFTY 50'),
    count: instruments.length,
  };
}
