/** Dhan's REST calls for market data and the token test (dhanhq.co/docs/v2). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DHAN_SEGMENT_CODES, type DhanSegment } from '../lib/core/exchange.ts';
import { IST_OFFSET_US } from '../lib/core/ist.ts';
import { ASK, BID, type SideLevels } from '../lib/core/side.ts';
import { readBody, sendJson } from './http.ts';
import { circuit } from './kite-rest.ts';
import type { Market, MarketInstrument } from './market/market.ts';
import type { TokenStore } from './tokens.ts';

const INSTRUMENTS_MAX = 1000;
const LEVELS = 5;
const CIRCUIT = 0.1;

const CALLS = ['ltp', 'ohlc', 'quote'] as const;
type Call = (typeof CALLS)[number];

const isCall = (text: string): text is Call => (CALLS as readonly string[]).includes(text);

/** `POST /v2/marketfeed/{ltp,ohlc,quote}`; false where there is no such call. */
export async function sendMarketFeed(
  request: IncomingMessage,
  response: ServerResponse,
  call: string,
  market: Market,
  tokens: TokenStore,
): Promise<boolean> {
  if (!isCall(call)) return false;
  const token = String(request.headers['access-token'] ?? '');
  if (tokens.refuseDhan(String(request.headers['client-id'] ?? ''), token) !== null) {
    const message = 'Client ID or user generated access token is invalid or expired.';
    sendDhanFailure(response, 401, 'Invalid_Authentication', 'DH-901', message);
    return true;
  }
  const asked = parseAsked(await readBody(request));
  if (asked === null) {
    const message = `Segments with up to ${INSTRUMENTS_MAX} security ids are expected.`;
    sendDhanFailure(response, 400, 'Input_Exception', 'DH-905', message);
    return true;
  }
  const data: Record<string, Record<string, unknown>> = {};
  for (const [segment, ids] of asked) {
    for (const id of ids) {
      const i = market.instruments.findIndex((one) => one.dhanSegment === segment && one.dhanSecurityId === id);
      if (i < 0) continue;
      data[segment] ??= {};
      data[segment][id] = describe(call, market, i);
    }
  }
  sendJson(response, 200, { data, status: 'success' });
  return true;
}

/** `{"NSE_EQ":[11536]}`; null where the body is anything else. */
function parseAsked(text: string): [DhanSegment, number[]][] | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: answered as any other wrong input.
    return null;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const asked: [DhanSegment, number[]][] = [];
  let count = 0;
  for (const [segment, ids] of Object.entries(body)) {
    if (!Object.hasOwn(DHAN_SEGMENT_CODES, segment) || !Array.isArray(ids)) return null;
    if (!ids.every((id) => Number.isInteger(id))) return null;
    count += ids.length;
    asked.push([segment as DhanSegment, ids as number[]]);
  }
  return count <= INSTRUMENTS_MAX ? asked : null;
}

/** An error as Dhan words it. */
export function sendDhanFailure(
  response: ServerResponse,
  status: number,
  errorType: string,
  errorCode: string,
  errorMessage: string,
): void {
  sendJson(response, status, { errorType, errorCode, errorMessage });
}

function describe(call: Call, market: Market, i: number): unknown {
  const instrument = market.instruments[i] as MarketInstrument;
  const quote = market.quote(i);
  const rupees = (price: number): number => price / instrument.priceScale;
  const last_price = rupees(quote.lastPrice);
  if (call === 'ltp') return { last_price };
  const ohlc = {
    open: rupees(quote.open),
    close: rupees(quote.previousClose),
    high: rupees(quote.high),
    low: rupees(quote.low),
  };
  if (call === 'ohlc') return { last_price, ohlc };
  return {
    average_price: rupees(quote.averagePrice),
    buy_quantity: quote.buyQuantity,
    depth: {
      buy: depth(market.levels(i, BID), instrument),
      sell: depth(market.levels(i, ASK), instrument),
    },
    last_price,
    last_quantity: quote.lastQuantity,
    last_trade_time: istTime(quote.lastTradeUs),
    lower_circuit_limit: rupees(circuit(instrument, quote.previousClose, 1 - CIRCUIT)),
    net_change: rupees(quote.lastPrice - quote.previousClose),
    ohlc,
    oi: quote.oi,
    oi_day_high: quote.oiDayHigh,
    oi_day_low: quote.oiDayLow,
    sell_quantity: quote.sellQuantity,
    upper_circuit_limit: rupees(circuit(instrument, quote.previousClose, 1 + CIRCUIT)),
    volume: quote.volume,
  };
}

function depth({ count, prices, quantities, orders }: SideLevels, { priceScale }: MarketInstrument): unknown[] {
  return Array.from({ length: LEVELS }, (_, level) =>
    level < count
      ? { quantity: quantities[level], orders: orders[level], price: (prices[level] as number) / priceScale }
      : { quantity: 0, orders: 0, price: 0 },
  );
}

/** `DD/MM/YYYY HH:MM:SS`, IST; the start of 1980 where nothing has traded, as Dhan writes it. */
function istTime(us: number): string {
  if (us === 0) return '01/01/1980 00:00:00';
  const [date = '', time = ''] = new Date((us + IST_OFFSET_US) / 1000).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${month}/${year} ${time.slice(0, 8)}`;
}
