/** Dhan's login by consent, and what follows it (dhanhq.co/docs/v2/authentication). */
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { BrokerProblem } from '../core/broker-problems.ts';
import { type BrokerCall, BrokerError, callBroker } from './broker-call.ts';
import { dhanClaims } from './dhan-claims.ts';
import { parseIst } from './tokens.ts';

type DhanConfig = Config['dhan'];

const consentSchema = z.object({
  status: z.literal('success'),
  consentAppId: z.string().regex(/^[A-Za-z0-9-]{1,128}$/),
});
const tokenSchema = z.object({
  dhanClientId: z.string().min(1),
  dhanClientName: z.string().default(''),
  accessToken: z.string().regex(/^[A-Za-z0-9._-]{1,8192}$/),
  expiryTime: z.string(),
});
const profileSchema = z.object({
  dhanClientId: z.string().min(1),
  tokenValidity: z.string(),
  activeSegment: z.string().default(''),
  dataPlan: z.string().default(''),
  dataValidity: z.string().default(''),
});

export type DhanProfile = z.output<typeof profileSchema>;

export interface DhanSession {
  readonly clientId: string;
  readonly clientName: string;
  readonly accessToken: string;
  readonly expiresMs: number;
}

/** Begins a login: Dhan counts them, 25 a day. @returns the id of the consent @throws BrokerError */
export async function generateDhanConsent(config: DhanConfig): Promise<string> {
  const url = authAddress(config, 'app/generate-consent');
  url.searchParams.set('client_id', config.clientId);
  const { consentAppId } = await callBroker(
    { broker: 'dhan', name: 'begin of a consent', url, method: 'POST', headers: appHeaders(config) },
    consentSchema,
    (_status, body) => (/limit|exceed/i.test(wordsOf(body)) ? 'login_limit' : 'secret_wrong'),
  );
  return consentAppId;
}

/** Where a person gives the consent. Dhan hands nothing of ours back. */
export function dhanLoginUrl(config: DhanConfig, consentAppId: string): string {
  const url = authAddress(config, 'login/consentApp-login');
  url.searchParams.set('consentAppId', consentAppId);
  return url.href;
}

/** Exchanges what Dhan's redirect brought for an access token. @throws BrokerError */
export async function consumeDhanConsent(config: DhanConfig, tokenId: string): Promise<DhanSession> {
  const url = authAddress(config, 'app/consumeApp-consent');
  url.searchParams.set('tokenId', tokenId);
  const call = (method: 'POST' | 'GET'): BrokerCall => ({
    broker: 'dhan',
    name: 'exchange of the token id',
    url,
    method,
    headers: appHeaders(config),
  });
  const refusal = (status: number, body: unknown): BrokerProblem => {
    if (status === 405) return 'broker_answer';
    return /secret|app_id|app id/i.test(wordsOf(body)) ? 'secret_wrong' : 'request_token_expired';
  };
  try {
    return sessionOf(await callBroker(call('POST'), tokenSchema, refusal));
  } catch (error) {
    // Sources disagree on the verb.
    if (!(error instanceof BrokerError) || error.status !== 405) throw error;
    return sessionOf(await callBroker(call('GET'), tokenSchema, refusal));
  }
}

/** Takes a new token for a live one, which dies by it. @throws BrokerError */
export async function renewDhanToken(config: DhanConfig, accessToken: string, clientId: string): Promise<DhanSession> {
  return sessionOf(
    await callBroker(
      {
        broker: 'dhan',
        name: 'renewal of the token',
        url: apiAddress(config, 'RenewToken'),
        method: 'GET',
        headers: { 'access-token': accessToken, dhanClientId: clientId },
      },
      tokenSchema,
      () => 'token_refused',
    ),
  );
}

/** Whose token it is; the test whether it is accepted. @throws BrokerError */
export function dhanProfile(config: DhanConfig, accessToken: string): Promise<DhanProfile> {
  return callBroker(
    {
      broker: 'dhan',
      name: 'profile',
      url: apiAddress(config, 'profile'),
      method: 'GET',
      headers: { 'access-token': accessToken },
    },
    profileSchema,
    () => 'token_refused',
  );
}

/** The end by the token's own claim; the answer's is IST without a zone. @throws BrokerError where neither can be read */
function sessionOf({
  dhanClientId,
  dhanClientName,
  accessToken,
  expiryTime,
}: z.output<typeof tokenSchema>): DhanSession {
  const expiresMs = dhanClaims(accessToken)?.expiresMs ?? parseIst(expiryTime);
  if (expiresMs === null) throw new BrokerError('dhan', 'broker_answer', 200, 'a token without an end');
  return { clientId: dhanClientId, clientName: dhanClientName, accessToken, expiresMs };
}

const wordsOf = (body: unknown): string => {
  const { errorMessage = '', message = '', remarks = '' } = (body ?? {}) as Record<string, unknown>;
  return `${errorMessage} ${message} ${remarks}`;
};

const appHeaders = ({ apiKey, apiSecret }: DhanConfig): Record<string, string> => ({
  app_id: apiKey,
  app_secret: apiSecret,
});
const authAddress = ({ authUrl }: DhanConfig, path: string): URL => new URL(`${authUrl.replace(/\/+$/, '')}/${path}`);
const apiAddress = ({ apiUrl }: DhanConfig, path: string): URL => new URL(`${apiUrl.replace(/\/+$/, '')}/${path}`);
