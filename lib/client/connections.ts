/** The brokers as our own server tells of them, and what can be asked of it. Each throws ServerProblem. */
import type { Connections } from '../core/connections.ts';
import type { Broker } from '../core/feeds.ts';
import { problemOf } from './problem.ts';

export interface FeedTestAnswer {
  readonly outcome: 'ok' | 'auth' | 'limit' | 'network' | 'silent';
  readonly words: string;
}

export async function fetchConnections(signal?: AbortSignal): Promise<Connections> {
  const response = await fetch('/api/connections', { signal: signal ?? null });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Connections;
}

export const disconnect = (broker: Broker): Promise<{ message: string }> => ask(`/api/${broker}/logout`, 'DELETE');

export const renewDhan = (): Promise<{ message: string }> => ask('/api/dhan/renew', 'POST');

export const pasteDhanToken = (accessToken: string, acceptApp: boolean): Promise<{ message: string }> =>
  ask('/api/dhan/token', 'POST', { access_token: accessToken, accept_app: acceptApp });

/** Takes ten seconds. */
export const testFeed = (broker: Broker, feed: 'ticks' | 'live' | 'depth20' | 'depth200'): Promise<FeedTestAnswer> =>
  ask(`/api/${broker}/test`, 'POST', broker === 'dhan' ? { feed } : undefined);

/** Where the button Connect leads: to the broker's page, and afterwards to `next`. */
export const loginPath = (broker: Broker, next: string): string =>
  `/api/${broker}/login?next=${encodeURIComponent(next)}`;

async function ask<T>(path: string, method: 'POST' | 'DELETE', body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}
