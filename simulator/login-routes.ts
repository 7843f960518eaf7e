/** The brokers' login over HTTP: their pages, and the calls that follow (kite.trade/docs/connect/v3/user, dhanhq.co/docs/v2). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { istWithoutOffset } from '../lib/core/ist.ts';
import type { CallFailures } from './call-failures.ts';
import { sendDhanFailure } from './dhan-rest.ts';
import type { FaceContext } from './face.ts';
import { readBody, sendJson } from './http.ts';
import { sendKiteError } from './kite-rest.ts';
import { sendLoginPage, sendNotice } from './login-page.ts';
import type { DhanGrant } from './logins.ts';
import { withoutPrefix } from './rest.ts';
import type { Route } from './server.ts';
import { DEMO } from './tokens.ts';

type Context = Pick<FaceContext, 'tokens' | 'settings' | 'logins'>;

export function loginRoutes(context: Context, failures: CallFailures): Route[] {
  return [kiteRoute(context, failures), dhanRoute(context, failures)];
}

function kiteRoute({ tokens, logins }: Context, failures: CallFailures): Route {
  return async (request, response, path, query) => {
    switch (`${request.method} ${withoutPrefix(path, '/kite')}`) {
      case 'GET /connect/login':
        if (query.get('api_key') !== DEMO.kite.apiKey) {
          sendKiteError(response, 400, 'InputException', 'Invalid `api_key`.');
        } else {
          sendLoginPage(response, 'Kite', '/kite/connect/finish', {
            redirect_params: query.get('redirect_params') ?? '',
          });
        }
        return true;
      case 'POST /connect/finish': {
        const form = new URLSearchParams(await readBody(request));
        const parameters = new URLSearchParams(form.get('redirect_params') ?? '');
        parameters.set('action', 'login');
        parameters.set('type', 'login');
        const allowed = form.get('answer') === 'allow';
        parameters.set('status', allowed ? 'success' : 'cancelled');
        if (allowed) parameters.set('request_token', logins.kiteAllowed());
        sendBack(response, 'Kite', logins.redirects.kite, parameters);
        return true;
      }
      case 'POST /session/token': {
        if (failures.take('kite_exchange', response)) return true;
        const form = new URLSearchParams(await readBody(request));
        const apiKey = form.get('api_key') ?? '';
        const answer = logins.exchangeKite(apiKey, form.get('request_token') ?? '', form.get('checksum') ?? '');
        if (typeof answer === 'string') {
          const words = {
            api_key: 'Invalid `api_key`.',
            checksum: 'Invalid `checksum`.',
            token: 'Token is invalid or has expired.',
          }[answer];
          sendKiteError(response, 403, 'TokenException', words);
        } else sendJson(response, 200, kiteSession(apiKey, answer.userId, answer.accessToken, tokens.nowMs()));
        return true;
      }
      case 'DELETE /session/token': {
        if (failures.take('kite_logout', response)) return true;
        const known = tokens.expireKite(query.get('api_key') ?? '', query.get('access_token') ?? '');
        if (known) sendJson(response, 200, { status: 'success', data: true });
        else sendKiteError(response, 403, 'TokenException', 'Incorrect `api_key` or `access_token`.');
        return true;
      }
      case 'GET /user/profile': {
        if (failures.take('kite_profile', response)) return true;
        const [, apiKey = '', token = ''] = /^token ([^:]+):(.+)$/.exec(request.headers.authorization ?? '') ?? [];
        const userId = tokens.kiteUserOf(apiKey, token);
        if (userId === null) sendKiteError(response, 403, 'TokenException', 'Incorrect `api_key` or `access_token`.');
        else sendJson(response, 200, { status: 'success', data: kiteUser(userId) });
        return true;
      }
      default:
        return false;
    }
  };
}

function dhanRoute(context: Context, failures: CallFailures): Route {
  const { tokens, logins, settings } = context;
  return async (request, response, path, query) => {
    switch (withoutPrefix(path, '/dhan')) {
      case '/app/generate-consent': {
        if (request.method !== 'POST') return false;
        if (failures.take('dhan_generate', response)) return true;
        if (!isOurKey(request)) {
          sendDhanFailure(response, 401, 'Invalid_Authentication', 'DH-901', 'Invalid app_id or app_secret');
          return true;
        }
        const clientId = query.get('client_id') ?? '';
        if (clientId !== DEMO.dhan.clientId) {
          sendDhanFailure(response, 400, 'Input_Exception', 'DH-905', 'Invalid client_id');
          return true;
        }
        const consentAppId = logins.generateConsent(clientId);
        if (consentAppId === null) {
          sendDhanFailure(response, 400, 'Input_Exception', 'DH-905', 'Consent limit exceeded for the day');
        } else sendJson(response, 200, { consentAppId, consentAppStatus: 'GENERATED', status: 'success' });
        return true;
      }
      case '/login/consentApp-login': {
        const id = query.get('consentAppId') ?? '';
        if (logins.knowsConsent(id)) sendLoginPage(response, 'Dhan', '/dhan/login/finish', { consentAppId: id });
        else sendNotice(response, 400, 'Dhan', 'This consent is unknown, or too old.');
        return true;
      }
      case '/login/finish': {
        if (request.method !== 'POST') return false;
        const form = new URLSearchParams(await readBody(request));
        const allowed = form.get('answer') === 'allow';
        const tokenId = allowed ? logins.dhanAllowed(form.get('consentAppId') ?? '') : null;
        if (allowed && tokenId === null) sendNotice(response, 400, 'Dhan', 'This consent is unknown, or too old.');
        else {
          const back = logins.redirects.dhan === '' ? '' : `${logins.redirects.dhan.replace(/\/+$/, '')}/`;
          sendBack(response, 'Dhan', back, new URLSearchParams(tokenId === null ? { status: 'denied' } : { tokenId }));
        }
        return true;
      }
      case '/app/consumeApp-consent': {
        if (failures.take('dhan_consume', response)) return true;
        const verbs = settings.dhanConsumeVerbs === 'both' ? ['POST', 'GET'] : [settings.dhanConsumeVerbs];
        if (!verbs.includes(request.method ?? '')) {
          sendDhanFailure(response, 405, 'Method_Not_Allowed', 'DH-905', `${request.method} is not supported`);
          return true;
        }
        if (!isOurKey(request)) {
          sendDhanFailure(response, 401, 'Invalid_Authentication', 'DH-901', 'Invalid app_id or app_secret');
          return true;
        }
        const grant = logins.consumeConsent(query.get('tokenId') ?? '');
        if (grant) sendJson(response, 200, dhanSession(grant));
        else sendDhanFailure(response, 400, 'Input_Exception', 'DH-905', 'Invalid or expired tokenId');
        return true;
      }
      case '/v2/RenewToken': {
        if (failures.take('dhan_renew', response)) return true;
        // Other sources say POST; a client that believed them got this.
        if (request.method !== 'GET') {
          sendDhanFailure(response, 400, 'Input_Exception', 'DH-905', 'Bad request');
          return true;
        }
        const clientId = tokens.dhanClientOf(String(request.headers['access-token'] ?? ''));
        if (clientId === null || clientId !== request.headers.dhanclientid) sendInvalidToken(response);
        else sendJson(response, 200, dhanSession(logins.grantDhan(clientId)));
        return true;
      }
      case '/v2/profile': {
        if (request.method !== 'GET') return false;
        if (failures.take('dhan_profile', response)) return true;
        const token = String(request.headers['access-token'] ?? '');
        const clientId = tokens.dhanClientOf(token);
        if (clientId === null) sendInvalidToken(response);
        else sendJson(response, 200, dhanProfile(clientId, tokens.dhanExpiresMs(token)));
        return true;
      }
      default:
        return false;
    }
  };
}

/** The brokers append what they bring to the registered URL. */
function sendBack(response: ServerResponse, broker: string, redirect: string, parameters: URLSearchParams): void {
  if (redirect === '') {
    sendNotice(response, 400, broker, 'No redirect URL is registered for this key.');
    return;
  }
  const url = new URL(redirect);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  response.writeHead(302, { location: url.href, 'cache-control': 'no-store' }).end();
}

const sendInvalidToken = (response: ServerResponse): void =>
  sendDhanFailure(response, 401, 'Order_Error', 'DH-906', 'Invalid Token');

const isOurKey = ({ headers }: IncomingMessage): boolean =>
  headers.app_id === DEMO.dhan.apiKey && headers.app_secret === DEMO.dhan.apiSecret;

const kiteUser = (userId: string) => ({
  user_id: userId,
  user_type: 'individual',
  email: 'demo@example.com',
  user_name: 'Demo User',
  user_shortname: 'Demo',
  broker: 'ZERODHA',
  exchanges: ['NSE', 'NFO', 'BFO', 'CDS', 'BSE', 'MCX', 'BCD', 'MF'],
  products: ['CNC', 'NRML', 'MIS', 'BO', 'CO'],
  order_types: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
  avatar_url: null,
  meta: { demat_consent: 'physical' },
});

const kiteSession = (apiKey: string, userId: string, accessToken: string, nowMs: number) => ({
  status: 'success',
  data: {
    ...kiteUser(userId),
    api_key: apiKey,
    access_token: accessToken,
    public_token: '',
    enctoken: '',
    refresh_token: '',
    silo: '',
    login_time: istWithoutOffset(nowMs).slice(0, 19).replace('T', ' '),
  },
});

const dhanSession = ({ clientId, accessToken, expiresMs }: DhanGrant) => ({
  dhanClientId: clientId,
  dhanClientName: 'DEMO USER',
  dhanClientUcc: 'DEMO0001',
  givenPowerOfAttorney: true,
  accessToken,
  expiryTime: istWithoutOffset(expiresMs).slice(0, 19),
});

/** Of a token without an end the profile says the last day there is. */
function dhanProfile(clientId: string, expiresMs: number) {
  const [date = '', time = ''] = istWithoutOffset(Math.min(expiresMs, Date.UTC(2099, 11, 31, 10))).split('T');
  return {
    dhanClientId: clientId,
    tokenValidity: `${date.split('-').toReversed().join('/')} ${time.slice(0, 5)}`,
    activeSegment: 'Equity, Derivative, Currency, Commodity',
    ddpi: 'Active',
    mtf: 'Active',
    dataPlan: 'Active',
    dataValidity: '2099-12-31 15:30:00.0',
  };
}
