/** Whether this web process can do its work, and how the whole installation is. */

import type pg from 'pg';
import { positionOf } from '../../db/depth.ts';
import { newestGaps } from '../../db/gaps.ts';
import { instrumentsById } from '../../db/instruments.ts';
import type { Config } from '../config/config.ts';
import type { Broker } from '../core/feeds.ts';
import type { Health } from '../core/health.ts';
import { monotonicMs } from '../obs/clock.ts';
import { lastHeard, readMetrics } from '../queue/metrics.ts';
import type { Redis } from '../queue/redis.ts';
import { readAllStatuses, soundRedis } from '../queue/status.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { type Found, healthOf } from './pipeline.ts';

export interface Readiness {
  readonly ready: boolean;
  /** By dependency: null where it answers, else why not. */
  readonly dependencies: Readonly<Record<'database' | 'redis', string | null>>;
}

export async function readiness(): Promise<Readiness> {
  const { db, redis } = services();
  const [database, queue] = await Promise.all([reason(positionOf(db, 0)), reason(redis.ping())]);
  return { ready: database === null && queue === null, dependencies: { database, redis: queue } };
}

async function reason(answer: Promise<unknown>): Promise<string | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}

/** Errors of several attempts have their words in the attempts. */
const wordsOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
};

/** Brokers with an account. */
const brokersOf = ({ kite, dhan }: Config): Broker[] => [
  ...(kite.apiKey === '' ? [] : (['kite'] as const)),
  ...(dhan.clientId === '' ? [] : (['dhan'] as const)),
];

/** Kinds of process that a whole installation has, as they name themselves. */
export const expectedProcesses = (config: Config): string[] => [
  ...brokersOf(config),
  'writer',
  'signals',
  'jobs',
  'web',
];

/** Gaps that an incident is made of reach back so far. */
const GAPS_S = 24 * 3600;
const GAPS_MAX = 100;

/** How everything is, for the page Health. */
export async function health(caller: Caller): Promise<Health> {
  caller.mustBe('viewer');
  const { config, db, redis, nowMs } = services();
  return lookAtHealth({ brokers: brokersOf(config), db, redis, nowMs });
}

export interface HealthParts {
  /** Whose collectors there should be. */
  readonly brokers: readonly Broker[];
  readonly db: pg.Pool;
  readonly redis: Redis;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
}

/** Asks Redis and the database how everything is. Never throws: that one of them does not answer is part of what it says. */
export async function lookAtHealth(parts: HealthParts): Promise<Health> {
  const { brokers, db, redis, nowMs } = parts;
  const queue = await askRedis(redis);
  const asked = [...queue.statuses.values()].flatMap((status) =>
    status.kind === 'collector' ? Object.values(status.feeds).map(({ instrumentIds }) => instrumentIds) : [],
  );
  const database = await askDatabase(db, asked, nowMs());
  return healthOf({
    nowMs: nowMs(),
    brokers,
    ...queue,
    ...database,
  });
}

type OfRedis = Pick<Found, 'redis' | 'statuses' | 'processes' | 'lastHeardMs'>;

async function askRedis(redis: Redis): Promise<OfRedis> {
  const beganMs = monotonicMs();
  try {
    const { usedBytes } = await soundRedis(redis);
    const answerMs = monotonicMs() - beganMs;
    const [statuses, processes, lastHeardMs] = await Promise.all([
      readAllStatuses(redis),
      readMetrics(redis),
      lastHeard(redis),
    ]);
    return { redis: { usedBytes, answerMs }, statuses, processes, lastHeardMs };
  } catch (error) {
    return { redis: { failure: wordsOf(error) }, statuses: new Map(), processes: [], lastHeardMs: new Map() };
  }
}

/** @param asked what the feeds are asked for, by feed */
async function askDatabase(
  db: pg.Pool,
  asked: readonly (readonly number[])[],
  nowMs: number,
): Promise<Pick<Found, 'database' | 'gaps' | 'symbols'>> {
  const beganMs = monotonicMs();
  try {
    await positionOf(db, 0);
    const answerMs = monotonicMs() - beganMs;
    const gaps = await newestGaps(db, (nowMs - GAPS_S * 1000) * 1000, GAPS_MAX);
    const alone = [...asked, ...gaps.map(({ instrumentIds }) => instrumentIds)].filter(({ length }) => length === 1);
    const named = await instrumentsById(db, [...new Set(alone.flat())]);
    const symbols = new Map(named.map(({ instrument }) => [instrument.id, instrument.symbol]));
    return { database: { answerMs }, gaps, symbols };
  } catch (error) {
    return { database: { failure: wordsOf(error) }, gaps: [], symbols: new Map() };
  }
}
