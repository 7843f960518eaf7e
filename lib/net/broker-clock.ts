/** How right our clock is, by a broker's. */
import type { Config } from '../config/config.ts';

const TIMEOUT_MS = 5000;

/** How far our clock is ahead of the broker's server, ms, by the date of its answer; null where there is none. */
export async function brokerSkewMs({ kite, dhan }: Config, nowMs: () => number): Promise<number | null> {
  const address = kite.apiKey ? kite.apiUrl : new URL(dhan.masterUrl).origin;
  try {
    const beforeMs = nowMs();
    const answer = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const theirMs = Date.parse(answer.headers.get('date') ?? '');
    // Cut to the second: half of one is the best guess of the rest.
    return Number.isNaN(theirMs) ? null : (beforeMs + nowMs()) / 2 - (theirMs + 500);
  } catch {
    return null;
  }
}
