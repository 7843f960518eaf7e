/** The morning rehearsal: everything that the market of today needs, tried before it opens. */
import { connect } from '../../../db/connect.ts';
import { pingDatabase, type Rehearsal, storeRehearsal } from '../../../db/rehearsals.ts';
import type { Config } from '../../../lib/config/config.ts';
import { type Broker, FEED_LIMITS, FEEDS, type FeedKind } from '../../../lib/core/feeds.ts';
import { type Check, worst } from '../../../lib/core/finding.ts';
import type { Instrument } from '../../../lib/core/instrument.ts';
import { formatIstDate } from '../../../lib/core/ist.ts';
import type { FeedPlan } from '../../../lib/core/plan.ts';
import { brokerSkewMs } from '../../../lib/net/broker-clock.ts';
import type { KnownHours } from '../../../lib/net/calendar-file.ts';
import { readPlan } from '../../../lib/net/plan-file.ts';
import type { Log } from '../../../lib/obs/log.ts';
import type { Redis } from '../../../lib/queue/redis.ts';
import { type FeedStatus, type ProcessStatus, readAllStatuses, redisHealth } from '../../../lib/queue/status.ts';
import {
  brokenCheck,
  calendarCheck,
  clockCheck,
  diskCheck,
  feedCheck,
  serverCheck,
  type TokenLook,
  tokenCheck,
  writerCheck,
} from './checks.ts';
import type { FeedLook } from './feed-look.ts';

export interface RehearsalParts {
  readonly config: Config;
  readonly hours: KnownHours;
  readonly redis: Redis;
  readonly nowMs: () => number;
  readonly tokenLook: (broker: Broker, config: Config, nowMs: number) => TokenLook;
  /** @param instrument one that the plan has in such a feed; null before there is a plan */
  readonly feedLook: (kind: FeedKind, config: Config, instrument: Instrument | null) => Promise<FeedLook>;
  readonly log: Log;
}

/** Runs every check. Never throws: what cannot be checked is a failed check. */
export async function rehearse(parts: RehearsalParts, askedBy: string): Promise<Rehearsal> {
  const { nowMs, log } = parts;
  const startedMs = nowMs();
  const checks = await checksOf(parts, startedMs).catch((error: unknown) => {
    log.error({ event: 'rehearsal_failed', err: error });
    return [brokenCheck(error instanceof Error ? error.message : String(error))];
  });
  const verdict = worst(checks.map(({ result }) => result));
  log.info({
    event: 'rehearsal_done',
    verdict,
    failed: checks.filter(({ result }) => result !== 'ok').map(({ name }) => name),
  });
  return { startedMs, finishedMs: nowMs(), askedBy, verdict, checks };
}

async function checksOf(parts: RehearsalParts, startedMs: number): Promise<Check[]> {
  const { config, hours, redis, nowMs } = parts;
  const today = formatIstDate(startedMs * 1000);
  const brokers = brokersOf(config);
  const session = hours.now.mode === 'always' ? null : longestSession(hours, today);
  const statuses = await readAllStatuses(redis).catch(() => null);
  const feeds = feedsOf(statuses ?? new Map());
  const writers = [...(statuses?.values() ?? [])].flatMap((status) =>
    status.kind === 'writer' ? [status.failure] : [],
  );
  return [
    ...brokers.map((broker) => tokenCheck(broker, parts.tokenLook(broker, config, startedMs), session)),
    ...(await Promise.all(trialsOf(config, brokers).map((trial) => tryFeed(trial, feeds, parts)))),
    await diskCheck(config),
    await serverCheck('database', () => pingDatabase(config.databaseUrl)),
    await serverCheck('redis', () => redisHealth(redis)),
    writerCheck(writers),
    calendarCheck(hours, today),
    clockCheck(await brokerSkewMs(config, nowMs)),
  ];
}

/** Brokers with an account. */
export const brokersOf = ({ kite, dhan }: Pick<Config, 'kite' | 'dhan'>): Broker[] => [
  ...(kite.apiKey ? (['kite'] as const) : []),
  ...(dhan.clientId ? (['dhan'] as const) : []),
];

/** By feed name, what the collectors say of it. */
export const feedsOf = (statuses: ReadonlyMap<string, ProcessStatus>): Readonly<Record<string, FeedStatus>> =>
  Object.assign({}, ...[...statuses.values()].map((status) => (status.kind === 'collector' ? status.feeds : {})));

/** Keeps a result. @throws what the database says */
export async function keepRehearsal({ databaseUrl }: Config, rehearsal: Rehearsal): Promise<void> {
  const client = await connect(databaseUrl, 'rehearsal');
  try {
    await storeRehearsal(client, rehearsal);
  } finally {
    await client.end();
  }
}

/** What people are told of a scheduled rehearsal. */
export function noticeOf({ startedMs, verdict, checks }: Rehearsal) {
  const wrong = checks.filter(({ result }) => result !== 'ok');
  const titles = {
    ok: 'Ready for the market',
    warn: 'Ready for the market, with warnings',
    fail: 'Not ready for the market',
  } as const;
  return {
    event: `rehearsal ${formatIstDate(startedMs * 1000)}`,
    level: verdict,
    title: titles[verdict],
    detail:
      wrong.length === 0
        ? `All ${checks.length} checks of the morning passed.`
        : wrong.map(({ title, words }) => `${title}: ${words}`).join('\n'),
    link: wrong.find(({ link, result }) => link !== null && result === verdict)?.link ?? '/rehearsal',
  };
}

/** From the first phase of any segment to the last, today; null where there is none. */
function longestSession({ now }: KnownHours, today: string): { fromUs: number; toUs: number } | null {
  const sessions = (['CM', 'FO'] as const).flatMap((segment) => now.calendar.sessionsOn(today, segment));
  if (sessions.length === 0) return null;
  return {
    fromUs: Math.min(...sessions.map(({ fromUs }) => fromUs)),
    toUs: Math.max(...sessions.map(({ toUs }) => toUs)),
  };
}

interface Trial {
  readonly kind: FeedKind;
  /** One that the plan has in such a feed; null before there is a plan. */
  readonly instrument: Instrument | null;
}

/** Kinds of feeds that the plan uses; before there is a plan, those of the brokers. */
function trialsOf({ dataDir }: Config, brokers: readonly Broker[]): Trial[] {
  let planned: readonly FeedPlan[] = [];
  try {
    planned = readPlan(dataDir)?.feeds ?? [];
  } catch {
    // The collectors say that it cannot be read.
  }
  const kinds = (Object.keys(FEED_LIMITS) as FeedKind[]).filter((kind) => brokers.includes(FEED_LIMITS[kind].broker));
  return kinds.flatMap((kind) => {
    const names = FEEDS.filter((feed) => feed.kind === kind).map(({ name }) => name);
    const instrument = planned.find(({ feed }) => names.includes(feed))?.instruments[0];
    return instrument || planned.length === 0 ? [{ kind, instrument: instrument ?? null }] : [];
  });
}

/** A connection more than the broker allows would cut one of ours: where ours stands it is proof enough. */
async function tryFeed(
  { kind, instrument }: Trial,
  feeds: Readonly<Record<string, FeedStatus>>,
  { feedLook, config }: RehearsalParts,
): Promise<Check> {
  const own = FEEDS.filter((feed) => feed.kind === kind)
    .map(({ name }) => feeds[name])
    .find((status) => status?.state === 'live' || status?.state === 'stale');
  const look = own ? null : await feedLook(kind, config, instrument);
  return feedCheck(FEED_LIMITS[kind].broker, kind, own, look);
}
