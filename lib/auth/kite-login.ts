/** Kite's login and what follows it (kite.trade/docs/connect/v3/user). */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { BrokerProblem } from '../core/broker-problems.ts';
import { callBroker } from './broker-call.ts';

type KiteConfig = Config['kite'];

const profileShape = {
  user_id: z.string().min(1),
  user_name: z.string(),
  email: z.string(),
  broker: z.string(),
  exchanges: z.array(z.string()),
  products: z.array(z.string()),
  order_types: z.array(z.string()).default([]),
};
const profileSchema = z.object({ status: z.literal('success'), data: z.object(profileShape) });
const sessionSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    user_id: z.string().min(1),
    user_name: z.string(),
    access_token: z.string().regex(/^[A-Za-z0-9._-]{1,512}$/),
  }),
});

export type KiteProfile = z.output<typeof profileSchema>['data'];

export interface KiteSession {
  readonly userId: string;
  readonly userName: string;
  readonly accessToken: string;
}

/** Where a person logs in to Kite. Kite hands `state` back: what stands in redirect_params is appended to the redirect. */
export function kiteLoginUrl({ loginUrl, apiKey }: KiteConfig, state: string): string {
  const url = new URL(loginUrl);
  url.searchParams.set('v', '3');
  url.searchParams.set('api_key', apiKey);
  url.searchParams.set('redirect_params', new URLSearchParams({ state }).toString());
  return url.href;
}

/** Exchanges what Kite's redirect brought for an access token. @throws BrokerError */
export async function exchangeKiteToken(config: KiteConfig, requestToken: string): Promise<KiteSession> {
  const { apiKey, apiSecret } = config;
  const checksum = createHash('sha256').update(`${apiKey}${requestToken}${apiSecret}`).digest('hex');
  const { data } = await callBroker(
    {
      broker: 'kite',
      name: 'exchange of the request token',
      url: addressOf(config, 'session/token'),
      method: 'POST',
      headers: { 'X-Kite-Version': '3' },
      body: new URLSearchParams({ api_key: apiKey, request_token: requestToken, checksum }),
    },
    sessionSchema,
    exchangeRefusal,
  );
  return { userId: data.user_id, userName: data.user_name, accessToken: data.access_token };
}

/** Whose token it is; the test whether it is accepted. @throws BrokerError */
export async function kiteProfile(config: KiteConfig, accessToken: string): Promise<KiteProfile> {
  const { data } = await callBroker(
    {
      broker: 'kite',
      name: 'profile',
      url: addressOf(config, 'user/profile'),
      method: 'GET',
      headers: { 'X-Kite-Version': '3', authorization: `token ${config.apiKey}:${accessToken}` },
    },
    profileSchema,
    () => 'token_refused',
  );
  return data;
}

/** Ends the token at Kite. A token that Kite no longer knows has ended already. @throws BrokerError */
export async function endKiteSession(config: KiteConfig, accessToken: string): Promise<void> {
  const url = addressOf(config, 'session/token');
  url.searchParams.set('api_key', config.apiKey);
  url.searchParams.set('access_token', accessToken);
  await callBroker(
    {
      broker: 'kite',
      name: 'end of the session',
      url,
      method: 'DELETE',
      headers: { 'X-Kite-Version': '3', authorization: `token ${config.apiKey}:${accessToken}` },
    },
    z.object({ status: z.literal('success') }),
    () => 'token_refused',
  );
}

/** Sources disagree on the status and type of a wrong checksum (403 TokenException, 400 InputException): its words tell. */
function exchangeRefusal(_status: number, body: unknown): BrokerProblem {
  const { message = '', error_type: type = '' } = (body ?? {}) as { message?: string; error_type?: string };
  if (/checksum|api_key/i.test(String(message))) return 'secret_wrong';
  return type === 'TokenException' ? 'request_token_expired' : 'broker_answer';
}

const addressOf = ({ apiUrl }: KiteConfig, path: string): URL => new URL(`${apiUrl.replace(/\/+$/, '')}/${path}`);
