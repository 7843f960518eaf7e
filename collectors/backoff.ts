import type { Backoff } from '../lib/config/config.ts';

/**
 * Wait before the next attempt, ms: a random time between the shortest wait and twice as much after each failure, up to
 * the longest. Random, so that clients cut off together do not come back together.
 *
 * @param failures attempts failed since data last came
 * @param random in [0, 1)
 */
export function backoffMs({ minMs, maxMs }: Backoff, failures: number, random: number): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures, 20));
  return minMs + random * (ceiling - minMs);
}
