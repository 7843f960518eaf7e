/** What each process says of itself once a second, for health and the status bar; gone soon after the process. */
import type { Redis } from 'ioredis';
import type { GapCause } from '../core/gap.ts';
import { KEYS } from './keys.ts';
import { infoOf } from './redis.ts';
import { type RedisFacts, redisFacts } from './redis-facts.ts';

/** A process that has said nothing for this long is taken for dead. */
const STATUS_TTL_MS = 3000;

export type FeedState = 'live' | 'stale' | 'connecting' | 'backing_off' | 'needs_login' | 'market_closed';

/** What a broker can say that there is too much of: connections (or requests), instruments on one connection. */
export type TooMany = 'connections' | 'instruments';

export interface FeedStatus {
  readonly state: FeedState;
  readonly cause: GapCause | null;
  /** In words, for a person. */
  readonly detail: string;
  /** Since when in this state, µs since the epoch. */
  readonly sinceUs: number;
  /** From which stamp on nothing is known; null where there is no open gap. */
  readonly gapFromUs: number | null;
  readonly instrumentIds: readonly number[];
  /** Of what the broker says there is too much, where that is why the feed is cut off. */
  readonly tooMany: TooMany | null;
  /** How many of the instruments have given nothing since they were asked for. */
  readonly silent: number;
  readonly frames: number;
  readonly rejects: number;
  /** Frames in the journal that are not in the stream yet. */
  readonly unpublished: number;
  /** Why the journal is not written; null while it is. */
  readonly journalFailure: string | null;
  /** Why nothing is published; null while it is. */
  readonly publishFailure: string | null;
}

export interface CollectorStatus {
  readonly kind: 'collector';
  readonly feeds: Readonly<Record<string, FeedStatus>>;
}

export interface WriterStatus {
  readonly kind: 'writer';
  /** By feed name: age of the newest committed stamp against the stream's newest, ms. */
  readonly lagMs: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly quarantined: number;
  /** Why nothing is committed; null while it is. */
  readonly failure: string | null;
}

export type ProcessStatus = CollectorStatus | WriterStatus;

export async function publishStatus(redis: Redis, process: string, status: ProcessStatus): Promise<void> {
  await redis.set(KEYS.status(process), JSON.stringify(status), 'PX', STATUS_TTL_MS);
}

/** Statuses of these processes; absent ones have not spoken lately. */
export async function readStatuses(redis: Redis, processes: readonly string[]): Promise<Map<string, ProcessStatus>> {
  const texts = await Promise.all(processes.map((process) => redis.get(KEYS.status(process))));
  const result = new Map<string, ProcessStatus>();
  processes.forEach((process, i) => {
    const text = texts[i];
    if (text) result.set(process, JSON.parse(text) as ProcessStatus);
  });
  return result;
}

const WRITERS_MAX = 16;
const PROCESSES = [
  'collector-kite',
  'collector-dhan',
  // One that has not got a place yet.
  'writer',
  ...Array.from({ length: WRITERS_MAX }, (_, i) => `writer-${i + 1}`),
];

/** Statuses of all processes that have one. */
export const readAllStatuses = (redis: Redis): Promise<Map<string, ProcessStatus>> => readStatuses(redis, PROCESSES);

/** @returns what a Redis that keeps what it takes says of itself, all nodes together @throws where it does not answer, or may delete what it holds */
export async function soundRedis(redis: Redis): Promise<Pick<RedisFacts, 'version' | 'usedBytes'>> {
  const all = (await infoOf(redis)).map(redisFacts);
  const policy = all.map((facts) => facts.policy).find((one) => one !== 'noeviction');
  if (policy !== undefined) {
    throw new Error(`its maxmemory-policy is ${policy}, under which it deletes streams: set noeviction`);
  }
  return {
    version: all[0]?.version ?? '',
    usedBytes: all.reduce((sum, { usedBytes }) => sum + usedBytes, 0),
  };
}

/** @returns what Redis is, for a person @throws as `soundRedis` */
export async function redisHealth(redis: Redis): Promise<string> {
  return `Redis ${(await soundRedis(redis)).version} answers.`;
}
