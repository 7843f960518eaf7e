/** The synthetic market's instruments on a given day: contracts of the near month, large stocks, indices. */
import { listed } from '../../lib/recordings/listing.ts';
import { nearExpiry } from '../calendar.ts';
import type { MarketInstrument } from './market.ts';

/** Strikes of the options listed, rupees, and which way. */
const OPTIONS = [
  { strike: 26_000, type: 'CE' },
  { strike: 26_000, type: 'PE' },
  { strike: 26_100, type: 'CE' },
  { strike: 25_900, type: 'PE' },
] as const;

const stock = (symbol: string, name: string, exchangeToken: number, tickSize: number): MarketInstrument =>
  listed({ exchange: 'NSE', symbol, name, type: 'EQ', exchangeToken, tickSize, lotSize: 1 });

const index = (symbol: string, exchangeToken: number, dhanSecurityId: number): MarketInstrument =>
  listed({
    exchange: 'INDICES',
    symbol,
    name: symbol,
    type: 'INDEX',
    exchangeToken,
    dhanSecurityId,
    tickSize: 5,
    lotSize: 1,
  });

/** Numbers of stocks that make up a load, from here on: above those of contracts. */
const MORE_FIRST = 100_000;

/** One of many stocks that make up a load: Kite lists it, Dhan does not. */
export const isMore = ({ symbol }: Pick<MarketInstrument, 'symbol'>): boolean => /^MORE\d{4,}$/.test(symbol);

/** All instruments on an ISO date, and `more` stocks behind them. Their order is part of what a seed means. */
export function instrumentsOn(date: string, more = 0): readonly MarketInstrument[] {
  const expiry = nearExpiry(date);
  const month = new Date(`${expiry}T00:00:00Z`)
    .toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })
    .toUpperCase();
  const series = `${expiry.slice(2, 4)}${month}`;
  // The exchange numbers each month's contracts anew: a range of its own for every month of the year.
  const firstToken = 40_000 + 1000 * Number(expiry.slice(5, 7));
  const contract = { exchange: 'NFO', expiry } as const;
  return [
    listed({
      ...contract,
      symbol: `NIFTY${series}FUT`,
      name: 'NIFTY',
      type: 'FUT',
      exchangeToken: firstToken + 714,
      tickSize: 10,
      lotSize: 65,
    }),
    listed({
      ...contract,
      symbol: `BANKNIFTY${series}FUT`,
      name: 'BANKNIFTY',
      type: 'FUT',
      exchangeToken: firstToken + 701,
      tickSize: 20,
      lotSize: 30,
    }),
    ...OPTIONS.map(({ strike, type }, i) =>
      listed({
        ...contract,
        symbol: `NIFTY${series}${strike}${type}`,
        name: 'NIFTY',
        type,
        strike: strike * 100,
        exchangeToken: firstToken + 800 + i,
        tickSize: 5,
        lotSize: 65,
      }),
    ),
    stock('RELIANCE', 'RELIANCE INDUSTRIES', 2885, 10),
    stock('HDFCBANK', 'HDFC BANK', 1333, 5),
    stock('INFY', 'INFOSYS', 1594, 10),
    stock('TCS', 'TATA CONSULTANCY SERV LT', 11_536, 10),
    stock('ICICIBANK', 'ICICI BANK.', 4963, 10),
    stock('SBIN', 'STATE BANK OF INDIA', 3045, 5),
    index('NIFTY 50', 1001, 13),
    index('INDIA VIX', 1035, 21),
    ...Array.from({ length: more }, (_, i) => {
      const number = String(i + 1).padStart(4, '0');
      return stock(`MORE${number}`, `MORE STOCK ${number}`, MORE_FIRST + i, 5);
    }),
  ];
}
