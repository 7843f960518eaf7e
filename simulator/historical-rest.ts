/**
 * Both brokers' historical candles (kite.trade/docs/connect/v3/historical, dhanhq.co/docs/v2/historical-data), with their limits
 * of days and of requests a second, and the failures that a test asks for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Candle, REQUEST_DAYS, TIMEFRAMES, type Timeframe } from '../lib/core/candles.ts';
import { IST_OFFSET_US, istMidnightUs } from '../lib/core/ist.ts';
import type { CallFailures } from './call-failures.ts';
import type { Candles } from './candles.ts';
import { sendDhanFailure } from './dhan-rest.ts';
import { readBody, sendJson } from './http.ts';
import { sendKiteError } from './kite-rest.ts';
import type { Market, MarketInstrument } from './market/market.ts';
import { withoutPrefix } from './rest.ts';
import type { Route } from './server.ts';
import type { Settings } from './settings.ts';
import type { TokenStore } from './tokens.ts';

/** Requests that any second may hold. */
const PER_SECOND = { kite: 3, dhan: 5 } as const;
const US_PER_DAY = 86_400_000_000;
const US_PER_S = 1_000_000;

export interface HistoricalParts {
  readonly market: Market;
  readonly candles: Candles;
  readonly tokens: TokenStore;
  readonly failures: CallFailures;
  readonly settings: Pick<Settings, 'candleRequests'>;
  /** ms, of the machine: requests come in its time. */
  readonly nowMs: () => number;
}

export function historicalRoutes(parts: HistoricalParts): Route[] {
  return [kiteRoute(parts, new SecondWindow(PER_SECOND.kite)), dhanRoute(parts, new SecondWindow(PER_SECOND.dhan))];
}

/** Counts requests over the last second, whenever it began. */
class SecondWindow {
  private readonly times: number[] = [];

  constructor(private readonly most: number) {}

  /** False where this one is too many. */
  take(nowMs: number): boolean {
    while (this.times.length > 0 && (this.times[0] as number) <= nowMs - 1000) this.times.shift();
    if (this.times.length >= this.most) return false;
    this.times.push(nowMs);
    return true;
  }
}

function kiteRoute(
  { market, candles, tokens, failures, settings, nowMs }: HistoricalParts,
  window: SecondWindow,
): Route {
  return (request, response, path, query) => {
    const [, token, timeframe] =
      /^\/instruments\/historical\/([^/]*)\/([^/]*)$/.exec(withoutPrefix(path, '/kite')) ?? [];
    if (request.method !== 'GET' || token === undefined || timeframe === undefined) return false;
    const refuse = (message: string): true => {
      sendKiteError(response, 400, 'InputException', message);
      return true;
    };
    if (failures.take('kite_historical', response)) return true;
    if (settings.candleRequests === 'documented' && !window.take(nowMs())) {
      sendKiteError(response, 429, 'NetworkException', 'Too many requests');
      return true;
    }
    const [, apiKey = '', access = ''] = /^token ([^:]+):(.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!tokens.acceptsKite(apiKey, access)) {
      sendKiteError(response, 403, 'TokenException', 'Incorrect `api_key` or `access_token`.');
      return true;
    }
    const i = market.instruments.findIndex(({ kiteToken }) => String(kiteToken) === token);
    if (i < 0) return refuse('invalid token');
    const days = Object.hasOwn(TIMEFRAMES, timeframe) ? REQUEST_DAYS.kite[timeframe as Timeframe] : undefined;
    if (days === undefined) return refuse('invalid interval');
    const [fromUs, lastUs] = [parseIst(query.get('from')), parseIst(query.get('to'))];
    if (fromUs === null) return refuse('invalid from date');
    if (lastUs === null) return refuse('invalid to date');
    if (lastUs < fromUs) return refuse('from date cannot be after to date');
    if (lastUs - fromUs > days * US_PER_DAY) return refuse(`interval exceeds max limit: ${days} days`);
    const { priceScale } = market.instruments[i] as MarketInstrument;
    const withOi = query.get('oi') === '1';
    const rows = candles
      .between(i, timeframe as Timeframe, fromUs, lastUs + 1)
      .map(({ fromUs: us, open, high, low, close, volume, oi }) => [
        `${new Date((us + IST_OFFSET_US) / 1000).toISOString().slice(0, 19)}+0530`,
        ...[open, high, low, close].map((price) => price / priceScale),
        volume,
        ...(withOi ? [oi] : []),
      ]);
    sendJson(response, 200, { status: 'success', data: { candles: rows } });
    return true;
  };
}

const DHAN_TIMEFRAMES: Readonly<Record<string, Timeframe>> = {
  '1': 'minute',
  '5': '5minute',
  '15': '15minute',
  '60': '60minute',
};

function dhanRoute(
  { market, candles, tokens, failures, settings, nowMs }: HistoricalParts,
  window: SecondWindow,
): Route {
  return async (request, response, path) => {
    const call = withoutPrefix(path, '/dhan');
    const daily = call === '/v2/charts/historical';
    if (request.method !== 'POST' || (!daily && call !== '/v2/charts/intraday')) return false;
    if (failures.take(daily ? 'dhan_daily' : 'dhan_intraday', response)) return true;
    if (settings.candleRequests === 'documented' && !window.take(nowMs())) {
      sendJson(response, 429, { data: { 805: 'Too many requests.' }, status: 'failed' });
      return true;
    }
    if (tokens.dhanClientOf(String(request.headers['access-token'] ?? '')) === null) {
      const message = 'Client ID or user generated access token is invalid or expired.';
      sendDhanFailure(response, 401, 'Invalid_Authentication', 'DH-901', message);
      return true;
    }
    const asked = await parseDhan(request, daily);
    const i = market.instruments.findIndex(
      ({ dhanSecurityId, dhanSegment }) =>
        String(dhanSecurityId) === asked?.securityId && dhanSegment === asked.segment,
    );
    if (asked === null || i < 0) {
      const message = 'Missing required fields, bad values for parameters etc.';
      sendDhanFailure(response, 400, 'Input_Exception', 'DH-905', message);
      return true;
    }
    const found = candles.between(i, asked.timeframe, asked.fromUs, asked.toUs);
    sendDhanCandles(response, found, market.instruments[i] as MarketInstrument, asked.oi);
    return true;
  };
}

function sendDhanCandles(
  response: ServerResponse,
  found: readonly Candle[],
  { priceScale }: MarketInstrument,
  oi: boolean,
): void {
  if (found.length === 0) {
    sendDhanFailure(response, 400, 'Data_Error', 'DH-907', 'No data available for the given parameters');
    return;
  }
  const column = (of: (candle: Candle) => number): number[] => found.map(of);
  sendJson(response, 200, {
    open: column(({ open }) => open / priceScale),
    high: column(({ high }) => high / priceScale),
    low: column(({ low }) => low / priceScale),
    close: column(({ close }) => close / priceScale),
    volume: column(({ volume }) => volume),
    timestamp: column(({ fromUs }) => fromUs / US_PER_S),
    open_interest: oi ? column((candle) => candle.oi) : [],
  });
}

interface DhanAsked {
  readonly securityId: string;
  readonly segment: string;
  readonly timeframe: Timeframe;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly oi: boolean;
}

/** Null where it is no such request. */
async function parseDhan(request: IncomingMessage, daily: boolean): Promise<DhanAsked | null> {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(await readBody(request)) as Record<string, unknown>;
  } catch {
    // Not JSON: answered as any other wrong input.
    return null;
  }
  if (typeof body !== 'object' || body === null) return null;
  const { securityId, exchangeSegment, instrument, interval, oi, fromDate, toDate } = body;
  if (typeof securityId !== 'string' || typeof exchangeSegment !== 'string' || typeof instrument !== 'string')
    return null;
  // The official client sends a number, the documents show a text.
  const timeframe = daily ? 'day' : DHAN_TIMEFRAMES[String(interval)];
  const fromUs = daily ? parseDate(fromDate) : parseIst(fromDate);
  const toUs = daily ? parseDate(toDate) : parseIst(toDate);
  if (timeframe === undefined || fromUs === null || toUs === null || toUs < fromUs) return null;
  if (toUs - fromUs > (REQUEST_DAYS.dhan[timeframe] as number) * US_PER_DAY) return null;
  return { securityId, segment: exchangeSegment, timeframe, fromUs, toUs, oi: oi === true };
}

const parseDate = (text: unknown): number | null =>
  typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
    ? istMidnightUs(text)
    : null;

/** `2026-11-25 09:15:00`, IST; the time may be left out. */
function parseIst(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const [, date, time = '00:00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?$/.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(ms) ? null : ms * 1000 - IST_OFFSET_US;
}
