/** Kite Connect's REST calls for market data: instruments and quotes (kite.trade/docs/connect/v3/market-quotes). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { IST_OFFSET_US } from '../lib/core/ist.ts';
import { ASK, BID, type SideLevels } from '../lib/core/side.ts';
import { KITE_DEPTH_LEVELS } from '../lib/wire/kite.ts';
import { sendCsv, sendJson } from './http.ts';
import { isIndex, type Market, type MarketInstrument } from './market/market.ts';
import type { TokenStore } from './tokens.ts';

const CSV_COLUMNS =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';

/** Instruments that one request may name. */
const INSTRUMENTS_MAX = { '/quote': 500, '/quote/ohlc': 1000, '/quote/ltp': 1000 } as const;
/** Circuit limits: how far from the previous close prices may go, as a share. */
const CIRCUIT = 0.1;

export type QuoteCall = keyof typeof INSTRUMENTS_MAX;

/** `/quote`, `/quote/ohlc` or `/quote/ltp`. */
export const isQuoteCall = (path: string): path is QuoteCall => Object.hasOwn(INSTRUMENTS_MAX, path);

/** Kite files indices under NSE, in a segment of their own. */
const kiteExchange = (instrument: MarketInstrument): string => (isIndex(instrument) ? 'NSE' : instrument.exchange);

export function sendInstruments(
  request: IncomingMessage,
  response: ServerResponse,
  market: Market,
  exchange: string | null,
): void {
  const listed = market.instruments.filter((one) => exchange === null || kiteExchange(one) === exchange);
  sendCsv(request, response, `${[CSV_COLUMNS, ...listed.map(csvRow)].join('\n')}\n`);
}

function csvRow(instrument: MarketInstrument): string {
  const { kiteToken, symbol, name, expiry, strike, tickSize, lotSize, type, priceScale } = instrument;
  const index = isIndex(instrument);
  return [
    kiteToken,
    kiteToken >> 8,
    symbol,
    name,
    '0.0',
    expiry ?? '',
    decimal((strike ?? 0) / priceScale),
    index ? '0.0' : decimal(tickSize / priceScale),
    index ? 0 : lotSize,
    index ? 'EQ' : type,
    kiteSegment(instrument),
    kiteExchange(instrument),
  ].join(',');
}

function kiteSegment(instrument: MarketInstrument): string {
  if (isIndex(instrument)) return 'INDICES';
  if (instrument.expiry === null) return instrument.exchange;
  return `${instrument.exchange}-${instrument.type === 'FUT' ? 'FUT' : 'OPT'}`;
}

/** As Kite writes numbers in its CSV: at least one digit after the point. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

export function sendQuotes(
  request: IncomingMessage,
  response: ServerResponse,
  call: QuoteCall,
  query: URLSearchParams,
  market: Market,
  tokens: TokenStore,
): void {
  const [, apiKey = '', accessToken = ''] = /^token ([^:]+):(.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (!tokens.acceptsKite(apiKey, accessToken)) {
    sendKiteError(response, 403, 'TokenException', 'Incorrect `api_key` or `access_token`.');
    return;
  }
  const asked = query.getAll('i');
  const most = INSTRUMENTS_MAX[call];
  if (asked.length > most) {
    sendKiteError(response, 400, 'InputException', `Too many tokens requested. Max permitted is ${most}.`);
    return;
  }
  const data: Record<string, unknown> = {};
  for (const key of asked) {
    const i = market.instruments.findIndex((one) => `${kiteExchange(one)}:${one.symbol}` === key);
    // What has no data is simply absent.
    if (i >= 0) data[key] = describe(call, market, i);
  }
  sendJson(response, 200, { status: 'success', data });
}

/** An error as Kite words it. */
export function sendKiteError(response: ServerResponse, status: number, errorType: string, message: string): void {
  sendJson(response, status, { status: 'error', message, data: null, error_type: errorType });
}

function describe(call: QuoteCall, market: Market, i: number): unknown {
  const instrument = market.instruments[i] as MarketInstrument;
  const quote = market.quote(i);
  const rupees = (price: number): number => price / instrument.priceScale;
  const short = { instrument_token: instrument.kiteToken, last_price: rupees(quote.lastPrice) };
  if (call === '/quote/ltp') return short;
  const ohlc = {
    open: rupees(quote.open),
    high: rupees(quote.high),
    low: rupees(quote.low),
    close: rupees(quote.previousClose),
  };
  if (call === '/quote/ohlc') return { ...short, ohlc };
  const netChange = rupees(quote.lastPrice - quote.previousClose);
  const timestamp = istTime(market.nowUs);
  if (isIndex(instrument)) return { ...short, timestamp, net_change: netChange, ohlc };
  return {
    instrument_token: instrument.kiteToken,
    timestamp,
    last_trade_time: quote.lastTradeUs > 0 ? istTime(quote.lastTradeUs) : null,
    last_price: rupees(quote.lastPrice),
    last_quantity: quote.lastQuantity,
    buy_quantity: quote.buyQuantity,
    sell_quantity: quote.sellQuantity,
    volume: quote.volume,
    average_price: rupees(quote.averagePrice),
    oi: quote.oi,
    oi_day_high: quote.oiDayHigh,
    oi_day_low: quote.oiDayLow,
    net_change: netChange,
    lower_circuit_limit: rupees(circuit(instrument, quote.previousClose, 1 - CIRCUIT)),
    upper_circuit_limit: rupees(circuit(instrument, quote.previousClose, 1 + CIRCUIT)),
    ohlc,
    depth: {
      buy: depth(market.levels(i, BID), instrument),
      sell: depth(market.levels(i, ASK), instrument),
    },
  };
}

/** Five entries; a thin side's missing ones are zeros. */
function depth({ count, prices, quantities, orders }: SideLevels, { priceScale }: MarketInstrument): unknown[] {
  return Array.from({ length: KITE_DEPTH_LEVELS }, (_, level) =>
    level < count
      ? { price: (prices[level] as number) / priceScale, quantity: quantities[level], orders: orders[level] }
      : { price: 0, quantity: 0, orders: 0 },
  );
}

/** A circuit limit, price units. */
export const circuit = ({ tickSize }: MarketInstrument, previousClose: number, factor: number): number =>
  Math.round((previousClose * factor) / tickSize) * tickSize;

/** `YYYY-MM-DD HH:MM:SS`, IST. */
const istTime = (us: number): string =>
  new Date((us + IST_OFFSET_US) / 1000).toISOString().slice(0, 19).replace('T', ' ');
