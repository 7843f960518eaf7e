/** The administrator of a Redis that was provided: for tests that empty, stop or set it, which our own processes may not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** @param dataDir of the instance or the test server. @param url as whom our processes ask */
export function administratorOfRedis(dataDir: string, url: string): string {
  const password = /^requirepass (\S+)$/m.exec(readFileSync(path.join(dataDir, 'redis/redis.conf'), 'utf8'))?.[1];
  if (!password) throw new Error(`the Redis of ${dataDir} has no administrator`);
  const administrator = new URL(url);
  administrator.username = '';
  administrator.password = password;
  return administrator.href;
}
