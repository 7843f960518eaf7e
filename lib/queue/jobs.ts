/**
 * Real jobs (scheduled, retried) on BullMQ. Market data never rides on it: its cost per job is what a tick path cannot
 * pay, and a job whose worker is killed twice is given up.
 */
import { DelayedError, type Job, Queue, type QueueOptions, Worker } from 'bullmq';
import type { Log } from '../obs/log.ts';
import { counter, histogram } from '../obs/metrics.ts';
import { isClusterUrl, openRedis } from './redis.ts';

const QUEUE = 'gehra-jobs';
/** Name of the job that rehearses the morning: pages ask for it too. */
export const REHEARSAL_JOB = 'rehearsal';
/** And the one that compares a day's ticks with the broker's candles. */
export const RECONCILIATION_JOB = 'reconciliation';
const TIME_ZONE = 'Asia/Kolkata';
/** A worker that dies while working leaves a stalled job; handlers can be run again, so it is tried again for long. */
const STALLED_MAX = 10;
const ATTEMPTS = 5;
const RETRY_MS = 10_000;
/** Behind what is due now: what was missed has waited already. */
const MISSED_PRIORITY = 1;
const missedId = (name: string): string => `missed-${name}`;
/** Ended jobs kept for a look at what happened. */
const KEPT_ENDED = 100;

const jobsEnded = counter('gehra_jobs_total', 'Jobs that ended, attempts counted, by how.', ['job', 'result']);
const jobSeconds = histogram(
  'gehra_job_seconds',
  'Time that attempts at jobs take, in seconds.',
  [0.01, 0.1, 1, 10, 60, 300, 1800, 7200],
  ['job'],
);

type JobResult = 'done' | 'failed';
const JOB_RESULTS: readonly JobResult[] = ['done', 'failed'];

/** Counts what a worker does. @param names of the jobs that it works on */
function countJobs(worker: Worker, names: readonly string[]): void {
  // A counter that begins with 1 has not grown for a Prometheus.
  for (const job of names) for (const result of JOB_RESULTS) jobsEnded.inc({ job, result }, 0);
  const count = (job: Job | undefined, result: JobResult): void => {
    if (!job) return;
    jobsEnded.inc({ job: job.name, result });
    if (job.processedOn === undefined) return;
    // An attempt that is followed by another one ends the job at no time.
    jobSeconds.observe({ job: job.name }, ((job.finishedOn ?? Date.now()) - job.processedOn) / 1000);
  };
  worker.on('completed', (job) => count(job, 'done'));
  worker.on('failed', (job) => count(job, 'failed'));
}

export interface JobKind {
  readonly name: string;
  /** Cron pattern in IST. */
  readonly pattern: string;
  /**
   * Does the work; may be run again after a failure or a kill.
   *
   * @param askedBy who asked for it out of turn; null on schedule
   */
  run(askedBy: string | null): Promise<void>;
  /**
   * Given where a run that was missed, because nobody was up at its time, is made up for after the next start: for how long it is
   * to be put off, ms. Asked before it begins; 0: now is the time.
   */
  readonly putOffMs?: () => number;
}

/** What is kept of a job in Redis, in the clear: never a secret. */
interface JobData {
  readonly askedBy?: string;
}

/** In a cluster all keys of a queue have to be on one node: what stands in braces decides on which. */
const CLUSTER_PREFIX = '{gehra}';

interface BullOptions {
  readonly options: Pick<QueueOptions, 'connection' | 'prefix'>;
  /** Ends what BullMQ, which did not begin it, leaves open. */
  end(): void;
}

/** @param retries of a command; null: for ever, as BullMQ's workers need it that wait in Redis */
function bullOptions(redisUrl: string, retries: number | null): BullOptions {
  if (!isClusterUrl(redisUrl)) {
    return { options: { connection: { url: redisUrl, maxRetriesPerRequest: retries } }, end: () => undefined };
  }
  const connection = openRedis(redisUrl, { maxRetriesPerRequest: retries });
  // The queue's own listener says it.
  connection.on('error', () => undefined);
  return { options: { connection, prefix: CLUSTER_PREFIX }, end: () => connection.disconnect() };
}

/** Schedules the kinds and works on them. @returns a function that stops, letting the job under way end */
export async function startJobs(redisUrl: string, kinds: readonly JobKind[], log: Log): Promise<() => Promise<void>> {
  const { options, end } = bullOptions(redisUrl, null);
  const queue = new Queue(QUEUE, options);
  queue.on('error', (error) => log.debug({ event: 'job_queue_error', err: error }));
  const tries = { attempts: ATTEMPTS, backoff: { type: 'exponential', delay: RETRY_MS } };
  for (const { name, pattern, putOffMs } of kinds) {
    const nextMs = (await queue.getJobScheduler(name))?.next;
    // Scheduling counts from now and takes the run away that nobody was up for, so it is asked for first.
    if (putOffMs && nextMs && nextMs < Date.now()) {
      const opts = { ...tries, jobId: missedId(name), priority: MISSED_PRIORITY };
      await queue.add(name, {} satisfies JobData, { ...opts, removeOnComplete: true, removeOnFail: true });
      log.info({ event: 'missed_job_made_up_for', job: name, missed: new Date(nextMs).toISOString() });
    }
    await queue.upsertJobScheduler(
      name,
      { pattern, tz: TIME_ZONE },
      { name, opts: { ...tries, removeOnComplete: KEPT_ENDED, removeOnFail: KEPT_ENDED } },
    );
  }
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const worker = new Worker(
    QUEUE,
    async (job, token) => {
      const kind = byName.get(job.name);
      const putOffMs = job.id === missedId(job.name) ? (kind?.putOffMs?.() ?? 0) : 0;
      if (putOffMs > 0) {
        await job.moveToDelayed(Date.now() + putOffMs, token);
        throw new DelayedError();
      }
      await kind?.run((job.data as JobData).askedBy ?? null);
    },
    { ...options, concurrency: 1, maxStalledCount: STALLED_MAX },
  );
  countJobs(
    worker,
    kinds.map(({ name }) => name),
  );
  worker.on('error', (error) => log.debug({ event: 'job_worker_error', err: error }));
  worker.on('completed', (job) => log.info({ event: 'job_done', job: job.name }));
  worker.on('failed', (job, error) => log.error({ event: 'job_failed', job: job?.name, reason: error.message }));
  return async () => {
    await worker.close();
    await queue.close();
    end();
  };
}

/** Asks for a job out of turn. One that has been asked for and has not ended is not asked for again. */
export async function askForJob(redisUrl: string, name: string, askedBy: string): Promise<void> {
  const { options, end } = bullOptions(redisUrl, 1);
  const queue = new Queue(QUEUE, options);
  try {
    const data: JobData = { askedBy };
    await queue.add(name, data, { jobId: `asked-${name}`, removeOnComplete: true, removeOnFail: true });
  } finally {
    await queue.close();
    end();
  }
}

/** Work that people ask for by its number: everything else about it is in the database. */
interface NumberedQueue {
  readonly queue: string;
  readonly job: string;
}
const EXPORTS: NumberedQueue = { queue: 'gehra-exports', job: 'export' };
const BACKTESTS: NumberedQueue = { queue: 'gehra-backtests', job: 'backtest' };
/** A worker that has said nothing for this long is taken for dead, and its work is gone on with by the next one, ms. */
const LOCK_MS = 30_000;

/** What is kept of it in Redis. */
interface NumberedJobData {
  readonly id: number;
}

interface NumberedWork {
  /** How many at a time. */
  readonly concurrency: number;
  /** Does the work; may be run again after a failure or a kill. @param isLast nobody tries again if it throws */
  run(id: number, isLast: boolean): Promise<void>;
  /** Default: 30 s. */
  readonly lockMs?: number;
}

/**
 * Works on exports, in a queue of their own: one takes minutes, and the other jobs do not wait for it.
 *
 * @returns a function that takes no more and waits for those under way
 */
export const startExportJobs = (redisUrl: string, work: NumberedWork, log: Log): (() => Promise<void>) =>
  startNumbered(EXPORTS, redisUrl, work, log);

/** Asks for exports to be worked on. Those that wait or are worked on already are not asked for again. */
export const askForExports = (redisUrl: string, ids: readonly number[]): Promise<void> =>
  askForNumbered(EXPORTS, redisUrl, ids);

/** Works on backtests, as on exports. */
export const startBacktestJobs = (redisUrl: string, work: NumberedWork, log: Log): (() => Promise<void>) =>
  startNumbered(BACKTESTS, redisUrl, work, log);

/** Asks for backtests to be worked on, as for exports. */
export const askForBacktests = (redisUrl: string, ids: readonly number[]): Promise<void> =>
  askForNumbered(BACKTESTS, redisUrl, ids);

function startNumbered(
  { queue, job: name }: NumberedQueue,
  redisUrl: string,
  { concurrency, run, lockMs = LOCK_MS }: NumberedWork,
  log: Log,
): () => Promise<void> {
  const { options, end } = bullOptions(redisUrl, null);
  const worker = new Worker(
    queue,
    (job) => run((job.data as NumberedJobData).id, job.attemptsMade + 1 >= (job.opts.attempts ?? 1)),
    {
      ...options,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: STALLED_MAX,
    },
  );
  countJobs(worker, [name]);
  worker.on('error', (error) => log.debug({ event: `${name}_worker_error`, err: error }));
  worker.on('failed', (job, error) => log.error({ event: `${name}_failed`, id: job?.data.id, reason: error.message }));
  return async () => {
    await worker.close();
    end();
  };
}

async function askForNumbered(
  { queue: queueName, job: name }: NumberedQueue,
  redisUrl: string,
  ids: readonly number[],
): Promise<void> {
  const { options, end } = bullOptions(redisUrl, 1);
  const queue = new Queue(queueName, options);
  try {
    await queue.addBulk(
      ids.map((id) => ({
        name,
        data: { id } satisfies NumberedJobData,
        opts: {
          jobId: `${name}-${id}`,
          attempts: ATTEMPTS,
          backoff: { type: 'exponential', delay: RETRY_MS },
          removeOnComplete: true,
          removeOnFail: true,
        },
      })),
    );
  } finally {
    await queue.close();
    end();
  }
}

/** Each channel has a queue of its own: one that does not answer keeps nobody waiting but itself. */
const alertQueue = (channel: string): string => `gehra-alerts-${channel}`;
const ALERT_JOB = 'alert';
const ALERT_ATTEMPTS = 6;
const ALERT_RETRY_MS = 5000;

/** What is kept of a delivery in Redis: everything else is in the database. */
interface AlertJobData {
  readonly key: string;
}

interface AlertWork {
  /** How many at a time. */
  readonly concurrency: number;
  /** Makes an attempt; may be run again after a failure or a kill. @param isLast nobody tries again if it throws */
  run(key: string, isLast: boolean): Promise<void>;
  /** Default: 30 s. */
  readonly lockMs?: number;
}

/** Works on the deliveries of alerts on a channel. @returns a function that takes no more and waits for those under way */
export function startAlertJobs(
  redisUrl: string,
  channel: string,
  { concurrency, run, lockMs = LOCK_MS }: AlertWork,
  log: Log,
): () => Promise<void> {
  const { options, end } = bullOptions(redisUrl, null);
  const worker = new Worker(
    alertQueue(channel),
    (job) => run((job.data as AlertJobData).key, job.attemptsMade + 1 >= (job.opts.attempts ?? 1)),
    {
      ...options,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: STALLED_MAX,
    },
  );
  countJobs(worker, [ALERT_JOB]);
  worker.on('error', (error) => log.debug({ event: 'alert_worker_error', channel, err: error }));
  worker.on('failed', (job, error) =>
    log.warn({ event: 'alert_not_delivered', channel, alert: job?.data.key, reason: error.message }),
  );
  return async () => {
    await worker.close();
    end();
  };
}

/** Asks for alerts to be delivered on a channel, each once however often it is asked for. */
export class AlertQueue<Channel extends string> {
  private readonly queue: Queue;
  private readonly end: () => void;

  /** @param retryMs after the first failure; twice as long after each further one */
  constructor(
    redisUrl: string,
    readonly channel: Channel,
    log: Log,
    private readonly retryMs = ALERT_RETRY_MS,
  ) {
    const { options, end } = bullOptions(redisUrl, null);
    this.end = end;
    this.queue = new Queue(alertQueue(channel), options);
    this.queue.on('error', (error) => log.debug({ event: 'alert_queue_error', channel, err: error }));
  }

  async ask(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.queue.addBulk(
      keys.map((key) => ({
        name: ALERT_JOB,
        data: { key } satisfies AlertJobData,
        opts: {
          jobId: key,
          attempts: ALERT_ATTEMPTS,
          backoff: { type: 'exponential', delay: this.retryMs },
          removeOnComplete: true,
          removeOnFail: true,
        },
      })),
    );
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.end();
  }
}
