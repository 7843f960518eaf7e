/**
 * Logins to a broker that were begun and not finished: kept here, not in the browser, each good for one answer within ten
 * minutes. What a browser carries is a name for it, and only that name's hash stands in Redis.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Broker } from '../core/feeds.ts';
import { KEYS } from './keys.ts';

export const PENDING_LOGIN_MS = 10 * 60_000;

export interface PendingLogin {
  /** Hash of the secret of the browser that began it. */
  readonly browser: string;
  /** Name of the caller who began it. */
  readonly who: string;
  /** Where to go afterwards, within this app. */
  readonly next: string;
  readonly begunMs: number;
}

/** What stands in the place of a login that was answered. */
const USED = 'used';

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** @param name a random text that only this browser or the broker's redirect carries */
export async function keepPendingLogin(redis: Redis, broker: Broker, name: string, login: PendingLogin): Promise<void> {
  await redis.set(KEYS.pendingLogin(broker, hashOf(name)), JSON.stringify(login), 'PX', PENDING_LOGIN_MS);
}

/** Takes a login, once: whoever asks again hears that it was used; null for an unknown or old name. */
export async function takePendingLogin(
  redis: Redis,
  broker: Broker,
  name: string,
): Promise<PendingLogin | 'used' | null> {
  const key = KEYS.pendingLogin(broker, hashOf(name));
  const text = await redis.call('SET', key, USED, 'XX', 'GET', 'KEEPTTL');
  if (typeof text !== 'string') return null;
  return text === USED ? USED : (JSON.parse(text) as PendingLogin);
}
