/** The stream of signals: for pages and scripts. */
import type { Redis } from 'ioredis';
import type { Signal } from '../signals/signal.ts';
import { KEYS } from './keys.ts';

/** Signals kept in the stream for whoever reads it late. */
const KEPT = 10_000;
/** For so long the newest one of an instrument stands under a key of its own, ms. */
const LATEST_MS = 15 * 60_000;
const FIELD = 'signal';

/** A signal and its place in the stream. */
export interface PublishedSignal {
  /** Grows along the stream. */
  readonly position: string;
  readonly signal: Signal;
}

export async function publishSignal(redis: Redis, signal: Signal): Promise<void> {
  const { id, kind, state, instrumentId, foundUs } = signal;
  const names = ['id', id, 'kind', kind, 'state', state, 'instrument_id', instrumentId, 'found_us', foundUs];
  const text = JSON.stringify(signal);
  // The stream last: where one of them fails nobody was told, and it is published again.
  await Promise.all([
    redis.set(KEYS.latestSignal(instrumentId), text, 'PX', LATEST_MS),
    redis.set(KEYS.latestSignal(instrumentId, kind), text, 'PX', LATEST_MS),
  ]);
  await redis.xadd(KEYS.signals, 'MAXLEN', '~', KEPT, '*', ...names, FIELD, text);
}

/**
 * Signals behind a position, oldest first; waits up to `blockMs` for the first.
 *
 * @param blocking a connection of its own
 */
export async function readSignals(
  blocking: Redis,
  after: string,
  count: number,
  blockMs: number,
): Promise<PublishedSignal[]> {
  const reply = await blocking.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', KEYS.signals, after);
  return (reply?.[0]?.[1] ?? []).map(publishedOf);
}

/** The newest ones, oldest first. */
export async function newestSignals(redis: Redis, count: number): Promise<PublishedSignal[]> {
  return (await redis.xrevrange(KEYS.signals, '+', '-', 'COUNT', count)).map(publishedOf).reverse();
}

const publishedOf = ([position, fields]: [string, string[]]): PublishedSignal => ({
  position,
  signal: JSON.parse(fields[fields.indexOf(FIELD) + 1] as string) as Signal,
});

/** Signals behind a position, oldest first, without waiting. Those that were trimmed meanwhile are passed over. */
export async function signalsAfter(redis: Redis, after: string, count: number): Promise<PublishedSignal[]> {
  return (await redis.xrange(KEYS.signals, `(${after}`, '+', 'COUNT', count)).map(publishedOf);
}

/** Position of the newest signal; the beginning of time where there is none. */
export async function newestSignalPosition(redis: Redis): Promise<string> {
  const [newest] = await redis.xrevrange(KEYS.signals, '+', '-', 'COUNT', 1);
  return newest?.[0] ?? '0-0';
}

/** Whether signals behind a position may have been trimmed: the oldest one that is kept is newer. */
export async function isTrimmedAfter(redis: Redis, position: string): Promise<boolean> {
  const [oldest] = await redis.xrange(KEYS.signals, '-', '+', 'COUNT', 1);
  return (
    oldest !== undefined && position !== '0-0' && (await redis.xrange(KEYS.signals, position, position)).length === 0
  );
}
