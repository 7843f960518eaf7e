/** Whose streams a Redis database holds: two instances in one would mix their markets. */
import { KEYS } from './keys.ts';
import { openRedis } from './redis.ts';

/** Takes the Redis database for `owner`, a text, where nobody has it. @returns whose it is now */
export async function claimRedis(url: string, owner: string): Promise<string> {
  const redis = openRedis(url, { lazyConnect: true, retryStrategy: () => null });
  try {
    await redis.connect();
    await redis.set(KEYS.owner, owner, 'NX');
    return (await redis.get(KEYS.owner)) ?? owner;
  } finally {
    redis.disconnect();
  }
}
