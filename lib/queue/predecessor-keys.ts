/** What scripts of the predecessor look for in Redis besides Kite's token. Kept only where asked for; each key ends with what it says. */
import { istWithoutOffset } from '../core/ist.ts';
import type { InstrumentCopy, SignalState } from '../core/predecessor-copies.ts';
import { KEYS } from './keys.ts';
import type { Redis } from './redis.ts';

/** As the predecessor's process that found signals wrote it every 10 s. */
const SIGNAL_STATE_MS = 60_000;

export interface DhanTokenCopy {
  readonly accessToken: string;
  readonly clientName: string | null;
  /** When the token ends, ms since the epoch: the copy goes with it. */
  readonly expiresMs: number;
}

export async function writeDhanTokenCopy(
  redis: Redis,
  { accessToken, clientName, expiresMs }: DhanTokenCopy,
): Promise<void> {
  const { dhanTokenCopy } = KEYS;
  await redis
    .multi()
    .set(dhanTokenCopy.accessToken, accessToken, 'PXAT', Math.floor(expiresMs))
    // India's time without an offset, as in the token file: its readers compare it with a naive now.
    .set(dhanTokenCopy.expiry, istWithoutOffset(expiresMs), 'PXAT', Math.floor(expiresMs))
    .set(dhanTokenCopy.clientName, clientName ?? '', 'PXAT', Math.floor(expiresMs))
    .exec();
}

/** @returns how many of the keys there were */
export const removeDhanTokenCopy = (redis: Redis): Promise<number> => redis.del(Object.values(KEYS.dhanTokenCopy));

/** @param untilMs when the brokers list anew, ms since the epoch */
export async function writeInstrumentCopies(
  redis: Redis,
  instruments: readonly InstrumentCopy[],
  untilMs: number,
): Promise<void> {
  const batch = redis.pipeline();
  for (const { token, ...fields } of instruments) {
    batch.hset(KEYS.instrumentCopy(token), fields);
    batch.pexpireat(KEYS.instrumentCopy(token), Math.floor(untilMs));
  }
  await batch.exec();
}

export async function writeSignalStates(redis: Redis, states: readonly SignalState[]): Promise<void> {
  const batch = redis.pipeline();
  for (const {
    underlying,
    securityId,
    timeMs,
    currentPrice,
    keyLevels,
    absorptions,
    pressure,
    marketState,
  } of states) {
    const value = {
      timestamp: new Date(timeMs).toISOString(),
      current_price: currentPrice,
      key_levels: keyLevels,
      absorptions,
      pressure: { ...pressure, state: marketState },
      market_state: marketState,
    };
    batch.set(KEYS.signalState(underlying, securityId), JSON.stringify(value), 'PXAT', timeMs + SIGNAL_STATE_MS);
  }
  await batch.exec();
}
