/** Which HTTP requests there are, and who answers them. */
import type { ServerResponse } from 'node:http';
import { type Accounting, FEED_NAMES, type FeedName, type PacketKind } from './accounting.ts';
import { compactMaster, detailedMaster } from './dhan-masters.ts';
import { sendMarketFeed } from './dhan-rest.ts';
import { BadRequest, sendCsv, sendJson } from './http.ts';
import { isQuoteCall, sendInstruments, sendQuotes } from './kite-rest.ts';
import type { Market } from './market/market.ts';
import type { Pump } from './pump.ts';
import type { Route } from './server.ts';
import type { TokenStore } from './tokens.ts';

const LEDGER_LIMIT_MAX = 100_000;

/** Kite's and Dhan's REST calls, each at the root and under its broker's prefix. */
export function brokerRoutes(market: Market, tokens: TokenStore): Route[] {
  const kite: Route = (request, response, path, query) => {
    if (request.method !== 'GET') return false;
    const call = withoutPrefix(path, '/kite');
    if (call === '/instruments' || call.startsWith('/instruments/')) {
      const exchange = call.split('/')[2] || null;
      sendInstruments(request, response, market, exchange);
      return true;
    }
    if (!isQuoteCall(call)) return false;
    sendQuotes(request, response, call, query, market, tokens);
    return true;
  };
  const dhan: Route = async (request, response, path) => {
    const call = withoutPrefix(path, '/dhan');
    if (request.method === 'POST' && call.startsWith('/v2/marketfeed/')) {
      return sendMarketFeed(request, response, call.slice('/v2/marketfeed/'.length), market, tokens);
    }
    if (request.method !== 'GET') return false;
    if (call === '/api-data/api-scrip-master.csv') sendCsv(request, response, compactMaster(market.instruments));
    else if (call === '/api-data/api-scrip-master-detailed.csv') {
      sendCsv(request, response, detailedMaster(market.instruments));
    } else if (call.startsWith('/v2/instrument/')) {
      sendCsv(request, response, detailedMaster(market.instruments, call.slice('/v2/instrument/'.length)));
    } else return false;
    return true;
  };
  return [kite, dhan];
}

/** The exchange's own pages: what it is, what it has sent. */
export function ownRoutes(
  market: Market,
  pump: Pump,
  accounting: Accounting,
  describe: () => Record<string, unknown>,
): Route[] {
  const own: Route = (request, response, path, query) => {
    // Whoever only wants to know whether somebody is there asks without a body; browsers want a picture of every page.
    if (request.method === 'HEAD' && path === '/') {
      response.writeHead(200).end();
      return true;
    }
    if (request.method !== 'GET') return false;
    if (path === '/favicon.ico') {
      response.writeHead(204).end();
      return true;
    }
    switch (path) {
      case '/':
        sendJson(response, 200, describe());
        return true;
      case '/health':
        sendJson(response, 200, { status: 'ok' });
        return true;
      case '/market':
        sendJson(response, 200, { name: market.name, instruments: market.instruments });
        return true;
      case '/accounting':
        sendAccounting(response, query, market, pump, accounting);
        return true;
      case '/ledger':
        sendLedger(response, query, market, accounting);
        return true;
      case '/outages':
        sendJson(response, 200, { outages: accounting.listOutages() });
        return true;
      default:
        return false;
    }
  };
  return [own];
}

function sendAccounting(
  response: ServerResponse,
  query: URLSearchParams,
  market: Market,
  pump: Pump,
  accounting: Accounting,
): void {
  const asked = query.get('at');
  let at: number | null = null;
  if (asked !== null) {
    if (!market.recording) throw new BadRequest(400, 'only a recording has recording times; this market is made up');
    at = market.recording.parse(asked);
    if (at === null) throw new BadRequest(400, `at is neither ${market.recording.unit} nor µs since the epoch`);
  }
  const feeds = accounting.report(at);
  if (feeds === null) throw new BadRequest(410, 'the frames of that time are no longer held');
  sendJson(response, 200, { finished: pump.finished, market: market.name, market_us: market.nowUs, feeds });
}

function sendLedger(response: ServerResponse, query: URLSearchParams, market: Market, accounting: Accounting): void {
  const slug = query.get('instrument') ?? '';
  const instrument = market.instruments.findIndex((one) => one.slug === slug);
  if (instrument < 0) throw new BadRequest(404, `no instrument ${slug || '(none given)'}`);
  const feed = query.get('feed');
  if (feed !== null && !isFeedName(feed)) throw new BadRequest(400, `feed is one of ${FEED_NAMES.join(', ')}`);
  const from = wholeNumber(query, 'from', 1);
  const limit = Math.min(wholeNumber(query, 'limit', 1000), LEDGER_LIMIT_MAX);
  const frames = accounting.ledger(feed, (query.get('kind') ?? '') as PacketKind, instrument, from, limit);
  if (!frames) throw new BadRequest(404, `nothing of that kind was ever due for ${slug}`);
  sendJson(response, 200, { instrument: slug, frames });
}

const isFeedName = (text: string): text is FeedName => (FEED_NAMES as readonly string[]).includes(text);

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new BadRequest(400, `${name} is no whole number`);
  return Number(text);
}

export const withoutPrefix = (path: string, prefix: string): string =>
  path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
