/** Calls of the brokers' logins and for candles that fail because a test asked for it, and how often each call was made. */
import type { ServerResponse } from 'node:http';
import { sendDhanFailure } from './dhan-rest.ts';
import { sendJson } from './http.ts';
import { sendKiteError } from './kite-rest.ts';

export const LOGIN_CALLS = [
  'kite_exchange',
  'kite_profile',
  'kite_logout',
  'dhan_generate',
  'dhan_consume',
  'dhan_renew',
  'dhan_profile',
] as const;
export const HISTORICAL_CALLS = ['kite_historical', 'dhan_intraday', 'dhan_daily'] as const;
export const FAILING_CALLS = [...LOGIN_CALLS, ...HISTORICAL_CALLS] as const;
export type FailingCall = (typeof FAILING_CALLS)[number];

export const CALL_FAILURES = [
  /** 403 TokenException, or Dhan's word for it. */
  'token',
  /** 403, the checksum or the secret is wrong. */
  'secret',
  'server_error',
  /** A page of something in between. */
  'html_502',
  /** No answer, until the caller gives up. */
  'timeout',
  'limit',
  /** 302 to `to`. */
  'redirect',
  /** 200 and HTML. */
  'html_200',
  /** 200 and JSON of another form than is documented. */
  'malformed',
  /** 200, and nothing in it. */
  'empty',
] as const;
export type CallFailure = (typeof CALL_FAILURES)[number];

interface Order {
  readonly as: CallFailure;
  readonly to: string;
  left: number;
}

export class CallFailures {
  private readonly ordered = new Map<FailingCall, Order>();
  private readonly counts = new Map<FailingCall, number>();

  order(call: FailingCall, as: CallFailure, times: number, to: string): void {
    if (times === 0) this.ordered.delete(call);
    else this.ordered.set(call, { as, to, left: times });
  }

  /** How often each of these calls was made so far, those that failed too. */
  made(calls: readonly FailingCall[]): Record<string, number> {
    return Object.fromEntries(calls.map((call) => [call, this.counts.get(call) ?? 0]));
  }

  /** Counts a call, and answers it where it is to fail. @returns true where it has been answered */
  take(call: FailingCall, response: ServerResponse): boolean {
    this.counts.set(call, (this.counts.get(call) ?? 0) + 1);
    const order = this.ordered.get(call);
    if (!order) return false;
    order.left -= 1;
    if (order.left === 0) this.ordered.delete(call);
    answer(response, call.startsWith('kite') ? 'kite' : 'dhan', order);
    return true;
  }
}

function answer(response: ServerResponse, broker: 'kite' | 'dhan', { as, to }: Order): void {
  const kite = (status: number, type: string, words: string): void => sendKiteError(response, status, type, words);
  const dhan = (status: number, type: string, code: string, words: string): void =>
    sendDhanFailure(response, status, type, code, words);
  switch (as) {
    case 'token':
      if (broker === 'kite') kite(403, 'TokenException', 'Token is invalid or has expired.');
      else
        dhan(
          401,
          'Invalid_Authentication',
          'DH-901',
          'Client ID or user generated access token is invalid or expired.',
        );
      break;
    case 'secret':
      if (broker === 'kite') kite(403, 'TokenException', 'Invalid `checksum`.');
      else dhan(401, 'Invalid_Authentication', 'DH-901', 'Invalid app_id or app_secret');
      break;
    case 'server_error':
      if (broker === 'kite') kite(500, 'GeneralException', 'Something went wrong.');
      else dhan(500, 'Internal_Server_Error', 'DH-908', 'Internal server error');
      break;
    case 'limit':
      if (broker === 'kite') kite(429, 'NetworkException', 'Too many requests');
      else sendJson(response, 429, { data: { 805: 'Too many requests.' }, status: 'failed' });
      break;
    case 'html_502':
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>');
      break;
    case 'html_200':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>x</html>');
      break;
    case 'redirect':
      response.writeHead(302, { location: to }).end();
      break;
    case 'malformed':
      sendJson(response, 200, { status: 'success', data: { candles: [['no time', '1', null]] }, open: [1], high: 'x' });
      break;
    case 'empty':
      if (broker === 'kite') sendJson(response, 200, { status: 'success', data: { candles: [] } });
      else
        sendJson(response, 200, {
          open: [],
          high: [],
          low: [],
          close: [],
          volume: [],
          timestamp: [],
          open_interest: [],
        });
      break;
    case 'timeout':
      // The caller's patience ends it.
      break;
  }
}
