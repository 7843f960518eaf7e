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
  const untilMs = Math.floor(expiresMs);
  // A command a key: in a cluster each may be on another node.
  await Promise.all([
    redis.set(dhanTokenCopy.accessToken, accessToken, 'PXAT', untilMs),
    // India's time without an offset, as in the token file: its readers compare it with a naive now.
    redis.set(dhanTokenCopy.expiry, istWithoutOffset(expiresMs), 'PXAT', untilMs),
    redis.set(dhanTokenCopy.clientName, clientName ?? '', 'PXAT', untilMs),
  ]);
}

/** @returns how many of the keys there were */
export async function removeDhanTokenCopy(redis: Redis): Promise<number> {
  const removed = await Promise.all(Object.values(KEYS.dhanTokenCopy).map((key) => redis.del(key)));
  return removed.reduce((sum, each) => sum + each, 0);
}

/** @param untilMs when the brokers list anew, ms since the epoch */
export async function writeInstrumentCopies(
  redis: Redis,
  instruments: readonly InstrumentCopy[],
  untilMs: number,
): Promise<void> {
  await Promise.all(
    instruments.flatMap(({ token, ...fields }) => [
      redis.hset(KEYS.instrumentCopy(token), fields),
      redis.pexpireat(KEYS.instrumentCopy(token), Math.floor(untilMs)),
    ]),
  );
}

export async function writeSignalStates(redis: Redis, states: readonly SignalState[]): Promise<void> {
  await Promise.all(
    states.map(({ underlying, securityId, timeMs, currentPrice, keyLevels, absorptions, pressure, marketState }) => {
      const value = {
        timestamp: new Date(timeMs).toISOString(),
        current_price: currentPrice,
        key_levels: keyLevels,
        absorptions,
        pressure: { ...pressure, state: marketState },
        market_state: marketState,
      };
      return redis.set(
        KEYS.signalState(underlying, securityId),
        JSON.stringify(value),
        'PXAT',
        timeMs + SIGNAL_STATE_MS,
      );
    }),
  );
}
