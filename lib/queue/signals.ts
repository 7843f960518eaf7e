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

export interface StreamedSignal {
  /** Id of its entry, which its reader goes on from. */
  readonly entryId: string;
  readonly signal: Signal;
}

/** Entries after one, oldest first. Those that were trimmed meanwhile are passed over. */
export async function signalsAfter(redis: Redis, entryId: string, count: number): Promise<StreamedSignal[]> {
  const entries = await redis.xrange(KEYS.signals, `(${entryId}`, '+', 'COUNT', count);
  return entries.map(([id, fields]) => ({
    entryId: id,
    signal: JSON.parse(fields[fields.indexOf('signal') + 1] as string) as Signal,
  }));
}

/** Id of the newest entry; the beginning of time where there is none. */
export async function newestSignalEntry(redis: Redis): Promise<string> {
  const [newest] = await redis.xrevrange(KEYS.signals, '+', '-', 'COUNT', 1);
  return newest?.[0] ?? '0-0';
}
