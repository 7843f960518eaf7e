/** Where the brokers' feeds are, with the token in the query as both want it: never to be logged whole. */
import type { Config } from '../config/config.ts';

/** kite.trade/docs/connect/v3/websocket */
export function kiteFeedUrl({ wsUrl, apiKey }: Config['kite'], accessToken: string): string {
  const url = new URL(wsUrl);
  url.searchParams.set('api_key', apiKey);
  url.searchParams.set('access_token', accessToken);
  return url.href;
}

export type DhanFeedKind = 'live' | 'depth20' | 'depth200';

/** dhanhq.co/docs/v2: live-market-feed, full-market-depth */
export function dhanFeedUrl(
  { liveUrl, depth20Url, depth200Url }: Config['dhan'],
  kind: DhanFeedKind,
  token: { readonly accessToken: string; readonly clientId: string },
): string {
  const url = new URL({ live: liveUrl, depth20: depth20Url, depth200: depth200Url }[kind]);
  if (kind === 'live') url.searchParams.set('version', '2');
  url.searchParams.set('token', token.accessToken);
  url.searchParams.set('clientId', token.clientId);
  url.searchParams.set('authType', '2');
  return url.href;
}
