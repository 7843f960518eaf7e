/**
 * The brokers' instrument dumps: downloaded, read by header name (their columns move), and joined into one instrument per
 * contract. Kite's exchange token and Dhan's security id are the exchange's own number, so they meet there.
 */
import { parse } from 'csv-parse';
import { type DhanSegment, EXCHANGES, type Exchange, isExchange } from '../../lib/core/exchange.ts';
import type { Instrument, InstrumentType } from '../../lib/core/instrument.ts';

export type MasterRow = Omit<Instrument, 'id'>;

/** A dump that cannot be used, and why. */
export class MasterError extends Error {
  override readonly name = 'MasterError';
}

const DOWNLOAD_TIMEOUT_MS = 60_000;

/** Downloads a dump. @throws MasterError naming the host, never the token */
export async function download(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await response.text();
  } catch (error) {
    throw new MasterError(
      `the instrument dump of ${host} cannot be had: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Instruments of Kite's dump (12 columns, rupees). Rows of exchanges unknown here are left out. */
export async function parseKiteMaster(csv: string): Promise<MasterRow[]> {
  const rows: MasterRow[] = [];
  for (const row of await records(csv, ['instrument_token', 'tradingsymbol', 'exchange', 'segment'])) {
    const isIndex = row.segment === 'INDICES';
    const exchange = isIndex ? 'INDICES' : (row.exchange ?? '');
    const token = Number(row.instrument_token);
    if (!isExchange(exchange) || !Number.isSafeInteger(token) || !row.tradingsymbol) continue;
    const { priceScale } = EXCHANGES[exchange];
    const strike = Number(row.strike);
    rows.push({
      exchange,
      symbol: row.tradingsymbol,
      name: row.name || row.tradingsymbol,
      type: isIndex ? 'INDEX' : typeOf(row.instrument_type),
      expiry: row.expiry || null,
      strike: strike > 0 ? Math.round(strike * priceScale) : null,
      priceScale,
      tickSize: Math.max(1, Math.round(Number(row.tick_size) * priceScale)),
      lotSize: Math.max(1, Math.round(Number(row.lot_size))),
      kiteToken: token,
      dhanSegment: null,
      dhanSecurityId: null,
    });
  }
  return rows;
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

/** Instruments of Dhan's compact dump. */
export async function parseDhanMaster(csv: string): Promise<MasterRow[]> {
  const rows: MasterRow[] = [];
  const columns = ['SEM_EXM_EXCH_ID', 'SEM_SEGMENT', 'SEM_SMST_SECURITY_ID', 'SEM_TRADING_SYMBOL'];
  for (const row of await records(csv, columns)) {
    const exchange = DHAN_EXCHANGES[`${row.SEM_EXM_EXCH_ID}:${row.SEM_SEGMENT}`];
    const securityId = Number(row.SEM_SMST_SECURITY_ID);
    if (!exchange || !Number.isSafeInteger(securityId) || !row.SEM_TRADING_SYMBOL) continue;
    const { priceScale, dhanSegment } = EXCHANGES[exchange];
    const strike = Number(row.SEM_STRIKE_PRICE);
    const tick = Number(row.SEM_TICK_SIZE);
    rows.push({
      exchange,
      symbol: row.SEM_TRADING_SYMBOL,
      name: row.SM_SYMBOL_NAME || row.SEM_TRADING_SYMBOL,
      type: exchange === 'INDICES' ? 'INDEX' : typeOf(row.SEM_OPTION_TYPE, row.SEM_INSTRUMENT_NAME),
      // Indices carry the year 1 for "none".
      expiry: /^[12]\d{3}-\d{2}-\d{2}/.exec(row.SEM_EXPIRY_DATE ?? '')?.[0] ?? null,
      strike: strike > 0 ? Math.round(strike * priceScale) : null,
      priceScale,
      // In paise on what can be traded, in rupees on some index and BSE rows: no tick is under one paisa, so tell by size.
      tickSize: Math.max(1, Math.round(tick >= 1 ? (tick / 100) * priceScale : tick * priceScale)),
      lotSize: Math.max(1, Math.round(Number(row.SEM_LOT_UNITS) || 1)),
      kiteToken: null,
      dhanSegment: dhanSegment as DhanSegment,
      dhanSecurityId: securityId,
    });
  }
  return rows;
}

/** Indices carry other numbers and names at the two brokers. */
const DHAN_INDEX_IDS: Readonly<Record<string, number>> = {
  'NIFTY 50': 13,
  'NIFTY BANK': 25,
  'INDIA VIX': 21,
  SENSEX: 51,
};

export interface JoinedMasters {
  readonly instruments: readonly MasterRow[];
  /** Contracts that only one broker lists, by exchange. */
  readonly onlyKite: number;
  readonly onlyDhan: number;
}

/** One instrument per contract. Symbol, tick and lot are Kite's where both have it: its symbols are the exchange's. */
export function joinMasters(kite: readonly MasterRow[], dhan: readonly MasterRow[]): JoinedMasters {
  const dhanByNumber = new Map(dhan.map((row) => [`${row.exchange}:${row.dhanSecurityId}`, row]));
  const met = new Set<MasterRow>();
  const instruments = kite.map((row): MasterRow => {
    const number =
      row.exchange === 'INDICES' ? DHAN_INDEX_IDS[row.symbol] : Math.floor((row.kiteToken as number) / 256);
    const partner = dhanByNumber.get(`${row.exchange}:${number}`);
    if (!partner) return row;
    met.add(partner);
    return { ...row, dhanSegment: partner.dhanSegment, dhanSecurityId: partner.dhanSecurityId };
  });
  const onlyDhan = dhan.filter((row) => !met.has(row));
  return { instruments: [...instruments, ...onlyDhan], onlyKite: kite.length - met.size, onlyDhan: onlyDhan.length };
}

function typeOf(word = '', instrument = ''): InstrumentType {
  if (word === 'CE' || word === 'PE') return word;
  return word === 'FUT' || instrument.startsWith('FUT') ? 'FUT' : 'EQ';
}

async function records(csv: string, needed: readonly string[]): Promise<Record<string, string>[]> {
  const rows: Record<string, string>[] = [];
  // relax: the real dumps end rows with a comma that their header does not have.
  const parser = parse(csv, { columns: true, relax_column_count: true, skip_empty_lines: true, trim: true, bom: true });
  try {
    for await (const row of parser) rows.push(row as Record<string, string>);
  } catch (error) {
    throw new MasterError(`the instrument dump is no CSV: ${error instanceof Error ? error.message : error}`);
  }
  const missing = needed.filter((column) => rows[0]?.[column] === undefined);
  if (missing.length > 0) throw new MasterError(`the instrument dump has no column ${missing.join(', ')}`);
  return rows;
}
