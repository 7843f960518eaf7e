/** The copy of Kite's token in Redis, under the predecessor's names, for scripts that look there. Kept only where asked for. */
import type { Redis } from 'ioredis';
import { KEYS } from './keys.ts';

export interface KiteTokenCopy {
  readonly apiKey: string;
  readonly accessToken: string;
  readonly userId: string | null;
  readonly userName: string | null;
  /** When the token ends, ms since the epoch: the copy goes with it. */
  readonly expiresMs: number;
}

export async function writeKiteTokenCopy(redis: Redis, copy: KiteTokenCopy): Promise<void> {
  const { accessToken, apiKey, userId, userName, expiresMs } = copy;
  const profile = JSON.stringify({ user_id: userId, user_name: userName });
  const values = { accessToken, kiteAccessToken: accessToken, kiteApiKey: apiKey, kiteUserProfile: profile };
  await Promise.all(
    Object.entries(values).map(([name, value]) =>
      redis.set(KEYS.kiteTokenCopy[name as keyof typeof values], value, 'PXAT', Math.floor(expiresMs)),
    ),
  );
}

/** @returns how many of the keys there were */
export async function removeKiteTokenCopy(redis: Redis): Promise<number> {
  const removed = await Promise.all(Object.values(KEYS.kiteTokenCopy).map((key) => redis.del(key)));
  return removed.reduce((sum, count) => sum + count, 0);
}

/** A token that a script of the predecessor has put there; null where there is none. */
export const readKiteTokenCopy = (redis: Redis): Promise<string | null> => redis.get(KEYS.kiteTokenCopy.accessToken);
