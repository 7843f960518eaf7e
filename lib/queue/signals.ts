/** The stream of signals: for pages and scripts. */
import type { Redis } from 'ioredis';
import type { Signal } from '../signals/signal.ts';
import { KEYS } from './keys.ts';

/** Signals kept in the stream for whoever reads it late. */
const KEPT = 10_000;

export async function publishSignal(redis: Redis, signal: Signal): Promise<void> {
  const { id, kind, state, instrumentId, foundUs } = signal;
  const names = ['id', id, 'kind', kind, 'state', state, 'instrument_id', instrumentId, 'found_us', foundUs];
  await redis.xadd(KEYS.signals, 'MAXLEN', '~', KEPT, '*', ...names, 'signal', JSON.stringify(signal));
}
