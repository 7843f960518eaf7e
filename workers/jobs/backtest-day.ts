/** A day of a backtest: the live worker's detectors over what was recorded, from nothing, as they begin each morning. */
import { createHash } from 'node:crypto';
import { type BacktestDay, type BacktestRow, type FoundSignal, storeBacktestDay } from '../../db/backtests.ts';
import { createPool } from '../../db/connect.ts';
import { CodecError } from '../../lib/core/bytes.ts';
import { findReplay } from '../../lib/services/replay-source.ts';
import { signalLine } from '../../lib/signals/signal-line.ts';
import { Detectors } from '../signals/detectors.ts';

/** More than this on a day, and a threshold is no threshold. */
const SIGNALS_MAX = 200_000;

export interface DayWork {
  readonly databaseUrl: string;
  readonly journalDir: string;
  readonly backtest: Pick<BacktestRow, 'id' | 'attempt' | 'instrumentIds' | 'overrides'>;
  /** ISO date in IST. */
  readonly day: string;
  /** The part of it that is wanted, µs since the epoch. */
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** What cannot be mended by another attempt, in words for whoever asked. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
}

/**
 * @param onProgress told the share of the day that is done
 * @returns false where nobody waits for it any more
 * @throws BacktestError
 */
export async function runDay(work: DayWork, onProgress: (share: number) => void): Promise<boolean> {
  const { backtest, day, fromUs, toUs } = work;
  let lost: Error | null = null;
  const db = createPool(work.databaseUrl, 'backtest', (error) => {
    lost = error;
  });
  try {
    const only = backtest.instrumentIds && new Set(backtest.instrumentIds);
    const interval = { fromUs, toUs, instrumentIds: only };
    const found = await findReplay({ db, journalDir: work.journalDir }, interval, 'auto');
    const detectors = new Detectors(only, backtest.overrides);
    const signals = new Map<string, FoundSignal>();
    let entries = 0;
    for await (const batch of found?.open(fromUs) ?? []) {
      if (lost) throw lost;
      for (const { feedId, stampUs, bytes } of batch) {
        // What leads up to the interval is not looked at: what comes out depends on the interval's frames alone.
        if (stampUs < fromUs) continue;
        entries += 1;
        try {
          for (const signal of detectors.take(feedId, stampUs, bytes)) {
            signals.set(signal.id, { signal, timeUs: signals.get(signal.id)?.timeUs ?? signal.foundUs });
          }
        } catch (error) {
          // As live: an entry that cannot be read is left out.
          if (!(error instanceof CodecError)) throw error;
        }
      }
      if (signals.size > SIGNALS_MAX) {
        throw new BacktestError(`More than ${SIGNALS_MAX} signals on ${day}: raise the thresholds, or ask for less.`);
      }
      const lastUs = batch.at(-1)?.stampUs;
      if (lastUs !== undefined) onProgress(Math.min(1, Math.max(0, (lastUs - fromUs) / (toUs - fromUs))));
    }
    const told = inOrder(signals);
    const done: BacktestDay = { day, source: found?.source ?? null, entries, hash: hashOf(told) };
    return await storeBacktestDay(db, backtest, done, told);
  } finally {
    await db.end();
  }
}

/** By when they were first told; those of one moment by name. */
const inOrder = (signals: ReadonlyMap<string, FoundSignal>): FoundSignal[] =>
  [...signals.values()].sort((a, b) => a.timeUs - b.timeUs || (a.signal.id < b.signal.id ? -1 : 1));

/** SHA-256 over the signals, each as a line, in the order given. */
export function hashOf(signals: readonly FoundSignal[]): string {
  const hash = createHash('sha256');
  for (const { signal, timeUs } of signals) hash.update(`${signalLine(signal, timeUs)}\n`);
  return hash.digest('hex');
}
