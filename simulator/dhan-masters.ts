/**
 * Dhan's instrument masters, compact and detailed, with the oddities of the real files: tick sizes in paise on
 * tradables but in rupees on indices, strike -0.01 and option type XX for "none", a comma at the end of the detailed
 * rows.
 */
import { isMore } from './market/instruments.ts';
import { isIndex, type MarketInstrument } from './market/market.ts';

const COMPACT_COLUMNS = [
  'SEM_EXM_EXCH_ID',
  'SEM_SEGMENT',
  'SEM_SMST_SECURITY_ID',
  'SEM_INSTRUMENT_NAME',
  'SEM_EXPIRY_CODE',
  'SEM_TRADING_SYMBOL',
  'SEM_LOT_UNITS',
  'SEM_CUSTOM_SYMBOL',
  'SEM_EXPIRY_DATE',
  'SEM_STRIKE_PRICE',
  'SEM_OPTION_TYPE',
  'SEM_TICK_SIZE',
  'SEM_EXPIRY_FLAG',
  'SEM_EXCH_INSTRUMENT_TYPE',
  'SEM_SERIES',
  'SM_SYMBOL_NAME',
] as const;

const DETAILED_COLUMNS = [
  'EXCH_ID',
  'SEGMENT',
  'SECURITY_ID',
  'ISIN',
  'INSTRUMENT',
  'UNDERLYING_SECURITY_ID',
  'UNDERLYING_SYMBOL',
  'SYMBOL_NAME',
  'DISPLAY_NAME',
  'INSTRUMENT_TYPE',
  'SERIES',
  'LOT_SIZE',
  'SM_EXPIRY_DATE',
  'STRIKE_PRICE',
  'OPTION_TYPE',
  'TICK_SIZE',
  'EXPIRY_FLAG',
  'BRACKET_FLAG',
  'COVER_FLAG',
  'ASM_GSM_FLAG',
  'ASM_GSM_CATEGORY',
  'BUY_SELL_INDICATOR',
  'BUY_CO_MIN_MARGIN_PER',
  'BUY_CO_SL_RANGE_MAX_PERC',
  'BUY_CO_SL_RANGE_MIN_PERC',
  'BUY_BO_MIN_MARGIN_PER',
  'BUY_BO_PROFIT_RANGE_MAX_PERC',
  'BUY_BO_PROFIT_RANGE_MIN_PERC',
  'MTF_LEVERAGE',
  'SM_UPPER_LIMIT',
  'SM_LOWER_LIMIT',
  'SM_FREEZE_QTY',
] as const;

/** Underlying ids that derivatives carry; NIFTY's is 26000, not the index's own 13. */
const UNDERLYING_IDS: Readonly<Record<string, number>> = { NIFTY: 26_000, BANKNIFTY: 26_009 };
/** Largest order of a derivative, lots. */
const FREEZE_LOTS: Readonly<Record<string, number>> = { NIFTY: 27, BANKNIFTY: 20 };

export const compactMaster = (instruments: readonly MarketInstrument[]): string =>
  `${[COMPACT_COLUMNS.join(','), ...instruments.filter((one) => !isMore(one)).map(compactRow)].join('\n')}\n`;

/** `segment`: only instruments of that segment, as the per-segment call gives them. */
export function detailedMaster(instruments: readonly MarketInstrument[], segment: string | null = null): string {
  const listed = instruments.filter((one) => !isMore(one) && (segment === null || one.dhanSegment === segment));
  return `${[...[`${DETAILED_COLUMNS.join(',')},`], ...listed.map(detailedRow)].join('\n')}\n`;
}

function compactRow(instrument: MarketInstrument): string {
  const { dhanSecurityId, symbol, name, lotSize, expiry } = instrument;
  const derivative = expiry !== null;
  return [
    'NSE',
    segmentLetter(instrument),
    dhanSecurityId,
    instrumentName(instrument),
    0,
    tradingSymbol(instrument),
    lotSize.toFixed(1),
    displayName(instrument),
    derivative ? `${expiry} 14:30:00` : isIndex(instrument) ? '0001-01-01' : '',
    derivative ? strikeText(instrument) : '',
    optionType(instrument),
    tickText(instrument),
    derivative ? 'M' : isIndex(instrument) ? '' : 'NA',
    derivative ? instrumentName(instrument) : isIndex(instrument) ? 'INDEX' : 'ES',
    derivative ? '' : isIndex(instrument) ? 'X' : 'EQ',
    derivative || isIndex(instrument) ? underlyingOf(instrument) : name || symbol,
  ].join(',');
}

function detailedRow(instrument: MarketInstrument): string {
  const { dhanSecurityId, name, lotSize, expiry } = instrument;
  const derivative = expiry !== null;
  const index = isIndex(instrument);
  return [
    'NSE',
    segmentLetter(instrument),
    dhanSecurityId,
    'NA',
    instrumentName(instrument),
    derivative ? (UNDERLYING_IDS[name] ?? '') : '',
    derivative ? name : '',
    tradingSymbol(instrument),
    displayName(instrument),
    derivative ? (instrument.type === 'FUT' ? 'FUT' : 'OP') : index ? 'INDEX' : 'ES',
    derivative ? 'NA' : index ? 'X' : 'EQ',
    lotSize.toFixed(1),
    expiry ?? '',
    derivative ? strikeText(instrument) : '',
    optionType(instrument),
    tickText(instrument),
    derivative ? 'M' : 'NA',
    'N',
    'N',
    'N',
    'NA',
    'A',
    ...new Array<number>(7).fill(0),
    '',
    '',
    derivative ? (FREEZE_LOTS[name] ?? 0) * lotSize + 1 : '',
    '',
  ].join(',');
}

const segmentLetter = (instrument: MarketInstrument): string => {
  if (isIndex(instrument)) return 'I';
  return instrument.expiry === null ? 'E' : 'D';
};

function instrumentName(instrument: MarketInstrument): string {
  if (isIndex(instrument)) return 'INDEX';
  if (instrument.expiry === null) return 'EQUITY';
  return instrument.type === 'FUT' ? 'FUTIDX' : 'OPTIDX';
}

/** Dhan calls the index NIFTY what Kite calls NIFTY 50. */
const underlyingOf = ({ symbol, name }: MarketInstrument): string => (symbol === 'NIFTY 50' ? 'NIFTY' : name);

function tradingSymbol(instrument: MarketInstrument): string {
  const { symbol, name, expiry, strike, type, priceScale } = instrument;
  if (isIndex(instrument)) return underlyingOf(instrument);
  if (expiry === null) return symbol;
  const series = `${name}-${monthOf(expiry)}${expiry.slice(0, 4)}`;
  return strike === null ? `${series}-FUT` : `${series}-${strike / priceScale}-${type}`;
}

function displayName(instrument: MarketInstrument): string {
  const { name, expiry, strike, type, priceScale } = instrument;
  if (expiry === null) return titleCase(name);
  const month = monthOf(expiry).toUpperCase();
  if (strike === null) return `${name} ${month} FUT`;
  return `${name} ${Number(expiry.slice(8))} ${month} ${strike / priceScale} ${type === 'CE' ? 'CALL' : 'PUT'}`;
}

const monthOf = (date: string): string =>
  new Date(`${date}T00:00:00Z`).toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });

const titleCase = (text: string): string => text.toLowerCase().replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

const strikeText = ({ strike, priceScale }: MarketInstrument): string =>
  (strike === null ? -0.01 : strike / priceScale).toFixed(5);

function optionType(instrument: MarketInstrument): string {
  if (instrument.type === 'CE' || instrument.type === 'PE') return instrument.type;
  return instrument.expiry !== null || isIndex(instrument) ? 'XX' : '';
}

const tickText = (instrument: MarketInstrument): string =>
  (isIndex(instrument) ? instrument.tickSize / instrument.priceScale : instrument.tickSize).toFixed(4);
