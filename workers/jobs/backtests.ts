/**
 * Backtests that were asked for, a few days of one at a time, each in a thread. A day is stored whole with its hash; after a kill
 * the next attempt goes on with the days that are missing, and only the attempt that was begun last may store anything.
 */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import {
  type BacktestRow,
  backtestDays,
  beginBacktest,
  failBacktest,
  finishBacktest,
  noteBacktest,
  putBackBacktest,
  unendedBacktests,
} from '../../db/backtests.ts';
import { createPool, type Pool } from '../../db/connect.ts';
import type { Config } from '../../lib/config/config.ts';
import { addDays, formatIstDate, istMidnightUs } from '../../lib/core/ist.ts';
import type { Log } from '../../lib/obs/log.ts';
import { askForBacktests, startBacktestJobs } from '../../lib/queue/jobs.ts';
import { rulesOf } from '../signals/detectors.ts';
import { BacktestError, type DayWork } from './backtest-day.ts';
import type { DayMessage } from './backtest-thread.ts';

/** Days that run beside each other: recording shares the machine. */
const DAYS_AT_A_TIME = 2;
/** A build has the thread beside the worker; in the checkout it has to be told about TypeScript first. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './backtest-thread.mjs' : './backtest-thread.js',
  import.meta.url,
);
/** How often progress is noted, and whether it is still wanted is looked at. */
const NOTE_MS = 500;
/** How often backtests that the queue has lost are asked for again. */
const SWEEP_MS = 60_000;

export type BacktestParts = Pick<Config, 'dataDir' | 'databaseUrl' | 'redisUrl' | 'marketHours'>;

interface Timing {
  /** A worker silent for so long is taken for dead. */
  readonly lockMs?: number;
  readonly sweepMs?: number;
}

/** Works on backtests, one at a time. @returns a function that stops: what is under way goes back, for the next worker */
export function workOnBacktests(
  config: BacktestParts,
  log: Log,
  { lockMs, sweepMs = SWEEP_MS }: Timing = {},
): () => Promise<void> {
  const aborter = new AbortController();
  const stop = startBacktestJobs(
    config.redisUrl,
    {
      concurrency: 1,
      run: (id, isLast) => runBacktest(config, log, id, isLast, aborter.signal),
      ...(lockMs === undefined ? {} : { lockMs }),
    },
    log,
  );
  const sweep = (): Promise<void> =>
    sweepBacktests(config, log).catch((error: Error) =>
      log.warn({ event: 'backtests_not_swept', reason: error.message }),
    );
  let sweeping = sweep();
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, sweepMs);
  return async () => {
    clearInterval(timer);
    aborter.abort();
    await sweeping;
    await stop();
  };
}

/** It was cancelled, or another attempt was begun: nothing is to be said of it. */
class NotWantedError extends Error {
  override readonly name = 'NotWantedError';
}

/** @throws whatever may be over by the next attempt */
export async function runBacktest(
  config: BacktestParts,
  log: Log,
  id: number,
  isLast: boolean,
  signal: AbortSignal,
): Promise<void> {
  const db = openPool(config, log);
  try {
    const begun = await beginBacktest(db, id, rulesOf);
    if (!begun) return;
    const { row, done } = begun;
    log.info({ event: 'backtest_begun', id, attempt: row.attempt, daysDone: done.size });
    try {
      await runDays(config, db, row, done, signal);
      const hash = createHash('sha256');
      for (const { day, hash: ofDay } of await backtestDays(db, id)) hash.update(`${day} ${ofDay}\n`);
      if (!(await finishBacktest(db, row, hash.digest('hex')))) throw new NotWantedError('another attempt was begun');
      log.info({ event: 'backtest_done', id });
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'NotWantedError') log.info({ event: 'backtest_given_up', id, attempt: row.attempt });
      else if (signal.aborted) await putBackBacktest(db, row);
      else if (name === 'BacktestError' || isLast) {
        await failBacktest(db, row, message);
        log.error({ event: 'backtest_failed', id, reason: message });
      } else throw error;
    }
  } finally {
    await db.end();
  }
}

const openPool = (config: BacktestParts, log: Log): Pool =>
  createPool(config.databaseUrl, 'backtests', (error) =>
    log.warn({ event: 'database_lost', process: 'backtests', reason: error.message }),
  );

/** IST days of an interval, with the part of each that lies in it. */
function daysOf({ fromUs, toUs }: Pick<BacktestRow, 'fromUs' | 'toUs'>): Pick<DayWork, 'day' | 'fromUs' | 'toUs'>[] {
  const days: Pick<DayWork, 'day' | 'fromUs' | 'toUs'>[] = [];
  for (let day = formatIstDate(fromUs); istMidnightUs(day) < toUs; day = addDays(day, 1)) {
    const endUs = istMidnightUs(addDays(day, 1));
    days.push({ day, fromUs: Math.max(fromUs, istMidnightUs(day)), toUs: Math.min(toUs, endUs) });
  }
  return days;
}

async function runDays(
  config: BacktestParts,
  db: Pool,
  row: BacktestRow,
  done: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const all = daysOf(row);
  const missing = all.filter(({ day }) => !done.has(day));
  const shares = new Map<string, number>(all.map(({ day }) => [day, done.has(day) ? 1 : 0]));
  const { id, attempt, instrumentIds, detectors, overrides } = row;
  const ending = new AbortController();
  const end = (error: Error): void => ending.abort(error);
  const onAbort = (): void => end(new Error('the worker is being stopped'));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    const progress = [...shares.values()].reduce((sum, share) => sum + share, 0) / all.length;
    looking ??= noteBacktest(db, row, progress)
      .then((isWanted) => {
        if (!isWanted) end(new NotWantedError('nobody waits for it'));
      }, end)
      .finally(() => {
        looking = null;
      });
  }, NOTE_MS);
  const line = async (): Promise<void> => {
    for (let next = missing.shift(); next && !ending.signal.aborted; next = missing.shift()) {
      const { day } = next;
      const work: DayWork = {
        ...next,
        databaseUrl: config.databaseUrl,
        dataDir: config.dataDir,
        marketHours: config.marketHours,
        backtest: { id, attempt, instrumentIds, detectors, overrides },
      };
      await inThread(work, (share) => shares.set(day, share), ending.signal).catch(end);
      shares.set(day, 1);
    }
  };
  await Promise.all(Array.from({ length: DAYS_AT_A_TIME }, line));
  clearInterval(timer);
  await looking;
  signal.removeEventListener('abort', onAbort);
  ending.signal.throwIfAborted();
}

/** Runs a day to its end. @throws where it could not be stored, or is ended from outside */
async function inThread(work: DayWork, onShare: (share: number) => void, signal: AbortSignal): Promise<void> {
  const thread = new Worker(THREAD, { workerData: work });
  let onAbort = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort);
      thread.on('error', reject);
      thread.on('exit', (code) => reject(new Error(`the thread of ${work.day} ended with ${code}`)));
      thread.on('message', (message: DayMessage) => {
        if ('share' in message) onShare(message.share);
        else if ('failed' in message) reject(new (message.final ? BacktestError : Error)(message.failed));
        else if (message.stored) resolve();
        else reject(new NotWantedError('another attempt was begun'));
      });
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await thread.terminate();
  }
}

/** Asks again for what the queue has lost. */
async function sweepBacktests(config: BacktestParts, log: Log): Promise<void> {
  const db = openPool(config, log);
  try {
    const waiting = await unendedBacktests(db);
    if (waiting.length > 0) await askForBacktests(config.redisUrl, waiting);
  } finally {
    await db.end();
  }
}
