/** The rows of the brokers' dumps as instruments. Read by header name: their columns move. */
import { type DhanSegment, EXCHANGES, type Exchange, isExchange } from '../../lib/core/exchange.ts';
import type { Instrument, InstrumentType } from '../../lib/core/instrument.ts';

export type MasterRow = Omit<Instrument, 'id'>;
type DumpRow = Readonly<Record<string, string>>;

export const KITE_COLUMNS = ['instrument_token', 'tradingsymbol', 'exchange', 'segment'];
export const DHAN_COLUMNS = ['SEM_EXM_EXCH_ID', 'SEM_SEGMENT', 'SEM_SMST_SECURITY_ID', 'SEM_TRADING_SYMBOL'];

/** What fits the database's integers; a number beyond it is no real one. */
const INTEGER_MAX = 2 ** 31 - 1;
const ISO_DATE = /^[12]\d{3}-\d\d-\d\d/;
/** Longer names are no names. */
const TEXT_MAX = 120;

/** A row of a known exchange that cannot be believed; says why. */
export class BadRowError extends Error {
  override readonly name = 'BadRowError';
}

/**
 * An instrument of Kite's dump (12 columns, rupees); null for what is no instrument of an exchange known here.
 *
 * @throws BadRowError
 */
export function kiteInstrument(row: DumpRow): MasterRow | null {
  const isIndex = row.segment === 'INDICES';
  const exchange = isIndex ? 'INDICES' : (row.exchange ?? '');
  const symbol = textOf(row.tradingsymbol);
  const token = Number(row.instrument_token);
  if (!isExchange(exchange) || !isNumber(token) || symbol === '') return null;
  const { priceScale } = EXCHANGES[exchange];
  return {
    exchange,
    symbol,
    name: textOf(row.name) || symbol,
    type: isIndex ? 'INDEX' : typeOf(row.instrument_type),
    expiry: dateOf(row.expiry),
    strike: strikeOf(row.strike, priceScale),
    priceScale,
    tickSize: atLeastOne(Number(row.tick_size) * priceScale),
    lotSize: atLeastOne(Number(row.lot_size)),
    kiteToken: token,
    dhanSegment: null,
    dhanSecurityId: null,
  };
}

/** Dhan's compact dump: exchange and segment letters to ours. Others are left out. */
const DHAN_EXCHANGES: Readonly<Record<string, Exchange>> = {
  'NSE:E': 'NSE',
  'NSE:D': 'NFO',
  'NSE:C': 'CDS',
  'NSE:I': 'INDICES',
  'BSE:E': 'BSE',
  'BSE:D': 'BFO',
  'BSE:C': 'BCD',
  'BSE:I': 'INDICES',
  'MCX:M': 'MCX',
};

/** `NIFTY-Dec2026-FUT`, `BAJAJ-AUTO-Dec2026-9000-CE`: the underlying stands before the month. */
const DHAN_CONTRACT = /^(.+?)-[A-Z][a-z]{2}\d{4}-/;

/** An instrument of Dhan's compact dump; null for what is no instrument of an exchange known here. @throws BadRowError */
export function dhanInstrument(row: DumpRow): MasterRow | null {
  const exchange = DHAN_EXCHANGES[`${row.SEM_EXM_EXCH_ID}:${row.SEM_SEGMENT}`];
  const securityId = Number(row.SEM_SMST_SECURITY_ID);
  const symbol = textOf(row.SEM_TRADING_SYMBOL);
  if (!exchange || !isNumber(securityId) || symbol === '') return null;
  const { priceScale, dhanSegment } = EXCHANGES[exchange];
  const tick = Number(row.SEM_TICK_SIZE);
  return {
    exchange,
    symbol: `${symbol.toUpperCase()}${seriesSuffix(exchange, row.SEM_SERIES)}`,
    name: DHAN_CONTRACT.exec(symbol)?.[1] ?? (nameOf(exchange, row) || symbol),
    type: exchange === 'INDICES' ? 'INDEX' : typeOf(row.SEM_OPTION_TYPE, row.SEM_INSTRUMENT_NAME),
    // Indices carry the year 1 for "none".
    expiry: dateOf(row.SEM_EXPIRY_DATE),
    strike: strikeOf(row.SEM_STRIKE_PRICE, priceScale),
    priceScale,
    // In paise on what can be traded, in rupees on some BSE rows: no tick is under one paisa, so tell by size. An index is not
    // traded, and has values between the ticks that the dump gives it.
    tickSize: exchange === 'INDICES' ? 1 : atLeastOne(tick >= 1 ? (tick / 100) * priceScale : tick * priceScale),
    lotSize: atLeastOne(Number(row.SEM_LOT_UNITS)),
    kiteToken: null,
    dhanSegment: dhanSegment as DhanSegment,
    dhanSecurityId: securityId,
  };
}

/** NSE's cash series stand behind a hyphen in the exchange's symbols (and Kite's), EQ does not. */
function seriesSuffix(exchange: Exchange, series: string | undefined): string {
  return exchange === 'NSE' && series && !['EQ', 'NA', 'X'].includes(series) ? `-${series}` : '';
}

/** Of an index the long name, which is the one that Kite's comes near to. */
const nameOf = (exchange: Exchange, row: DumpRow): string =>
  textOf(exchange === 'INDICES' ? row.SEM_CUSTOM_SYMBOL : row.SM_SYMBOL_NAME);

function typeOf(word = '', instrument = ''): InstrumentType {
  if (word === 'CE' || word === 'PE') return word;
  return word === 'FUT' || instrument.startsWith('FUT') ? 'FUT' : 'EQ';
}

/** Without control characters: names go to screens, logs and tables. */
const textOf = (text = ''): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, TEXT_MAX);

/** Null for none. @throws BadRowError for a day that no month has: as another day it would be another contract */
function dateOf(text = ''): string | null {
  const date = ISO_DATE.exec(text)?.[0] ?? null;
  if (date === null) return null;
  const ms = Date.parse(`${date}T00:00:00Z`);
  // Some of them are read as a day of the next month.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)) return date;
  throw new BadRowError(`there is no day ${date}`);
}

function strikeOf(text: string | undefined, priceScale: number): number | null {
  const strike = Math.round(Number(text) * priceScale);
  return strike > 0 && strike <= INTEGER_MAX ? strike : null;
}

const atLeastOne = (value: number): number =>
  Number.isFinite(value) ? Math.min(Math.max(1, Math.round(value)), INTEGER_MAX) : 1;

const isNumber = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
