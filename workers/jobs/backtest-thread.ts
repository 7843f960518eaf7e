/** A day of a backtest in a thread of its own: the jobs worker goes on meanwhile, and days run beside each other. */
import { parentPort, workerData } from 'node:worker_threads';
import { type DayWork, runDay } from './backtest-day.ts';

/** What a thread says: how far it is, or what became of it. */
export type DayMessage =
  | { readonly share: number }
  | { readonly stored: boolean }
  | { readonly failed: string; readonly final: boolean };

const say = (message: DayMessage): void => parentPort?.postMessage(message);
try {
  say({ stored: await runDay(workerData as DayWork, (share) => say({ share })) });
} catch (error) {
  const { name, message } = error as Error;
  say({ failed: message, final: name === 'BacktestError' || name === 'JournalDamageError' });
}
