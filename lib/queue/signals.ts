/** The stream of signals: for pages and scripts. */
import type { Redis } from 'ioredis';
import type { Signal } from '../signals/detector.ts';
import { KEYS } from './keys.ts';

/** Signals kept in the stream for whoever reads it late. */
const KEPT = 10_000;

export async function publishSignal(redis: Redis, instrumentId: number, signal: Signal): Promise<void> {
  const { detector, stampUs, cause } = signal;
  await redis.xadd(
    KEYS.signals,
    'MAXLEN',
    '~',
    KEPT,
    '*',
    ...['instrument_id', instrumentId, 'detector', detector, 'stamp_us', stampUs, 'cause', JSON.stringify(cause)],
  );
}
