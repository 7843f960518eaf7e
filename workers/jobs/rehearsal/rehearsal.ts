/** The morning rehearsal: everything that the market of today needs, tried before it opens. */
import { connect } from '../../../db/connect.ts';
import { pingDatabase, type Rehearsal, storeRehearsal } from '../../../db/rehearsals.ts';
import type { Config } from '../../../lib/config/config.ts';
import { type Broker, FEED_LIMITS, FEEDS, type FeedKind } from '../../../lib/core/feeds.ts';
import { type Check, worst } from '../../../lib/core/finding.ts';
import type { Instrument } from '../../../lib/core/instrument.ts';
import { formatIstDate } from '../../../lib/core/ist.ts';
import type { KnownHours } from '../../../lib/net/calendar-file.ts';
import { readPlan } from '../../../lib/net/plan-file.ts';
import type { Log } from '../../../lib/obs/log.ts';
import type { Redis } from '../../../lib/queue/redis.ts';
import { type FeedStatus, readAllStatuses, redisHealth } from '../../../lib/queue/status.ts';
import { calendarCheck, clockCheck, diskCheck, feedCheck, serverCheck, tokenCheck, writerCheck } from './checks.ts';
import type { FeedLook } from './feed-look.ts';
import type { TokenLook } from './token-look.ts';

export interface RehearsalParts {
  readonly config: Config;
  readonly hours: KnownHours;
  readonly redis: Redis;
  readonly nowMs: () => number;
  readonly tokenLook: (broker: Broker, config: Config, nowMs: number) => TokenLook;
  readonly feedLook: (kind: FeedKind, config: Config) => Promise<FeedLook>;
  readonly log: Log;
}

const CLOCK_TIMEOUT_MS = 5000;

/** Runs every check. Never throws: what cannot be checked is a failed check. */
export async function rehearse(parts: RehearsalParts, askedBy: string): Promise<Rehearsal> {
  const { config, hours, redis, nowMs, log } = parts;
  const startedMs = nowMs();
  const today = formatIstDate(startedMs * 1000);
  const brokers: Broker[] = [
    ...(config.kite.apiKey ? (['kite'] as const) : []),
    ...(config.dhan.clientId ? (['dhan'] as const) : []),
  ];
  const session = hours.now.mode === 'always' ? null : longestSession(hours, today);
  const statuses = await readAllStatuses(redis).catch(() => null);
  const feeds: Record<string, FeedStatus> = Object.assign(
    {},
    ...[...(statuses?.values() ?? [])].map((status) => (status.kind === 'collector' ? status.feeds : {})),
  );
  const writers = [...(statuses?.values() ?? [])].flatMap((status) =>
    status.kind === 'writer' ? [status.failure] : [],
  );
  const checks: Check[] = [
    ...brokers.map((broker) => tokenCheck(broker, parts.tokenLook(broker, config, startedMs), session)),
    ...(await Promise.all(plannedKinds(config, brokers).map((kind) => tryFeed(kind, feeds, parts)))),
    await diskCheck(config),
    await serverCheck('database', () => pingDatabase(config.databaseUrl)),
    await serverCheck('redis', () => redisHealth(redis)),
    writerCheck(writers),
    calendarCheck(hours, today),
    clockCheck(await skewMs(config, nowMs)),
  ];
  const verdict = worst(checks.map(({ result }) => result));
  log.info({
    event: 'rehearsal_done',
    verdict,
    failed: checks.filter(({ result }) => result !== 'ok').map(({ name }) => name),
  });
  return { startedMs, finishedMs: nowMs(), askedBy, verdict, checks };
}

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

/** Kinds of feeds that the plan uses; before there is a plan, those of the brokers. */
function plannedKinds({ dataDir }: Config, brokers: readonly Broker[]): FeedKind[] {
  let planned: readonly { feed: string; instruments: readonly Instrument[] }[] = [];
  try {
    planned = readPlan(dataDir)?.feeds ?? [];
  } catch {
    // The collectors say that it cannot be read.
  }
  const kinds = new Set(FEEDS.filter(({ name }) => planned.some(({ feed }) => feed === name)).map(({ kind }) => kind));
  const all = (Object.keys(FEED_LIMITS) as FeedKind[]).filter((kind) => brokers.includes(FEED_LIMITS[kind].broker));
  return all.filter((kind) => kinds.size === 0 || kinds.has(kind));
}

/** A connection more than the broker allows would cut one of ours: where ours stands it is proof enough. */
async function tryFeed(kind: FeedKind, feeds: Record<string, FeedStatus>, parts: RehearsalParts): Promise<Check> {
  const { broker } = FEED_LIMITS[kind];
  const own = FEEDS.filter((feed) => feed.kind === kind)
    .map(({ name }) => feeds[name])
    .find((status) => status?.state === 'live' || status?.state === 'stale');
  return feedCheck(broker, kind, own, own ? null : await parts.feedLook(kind, parts.config));
}

/** How far our clock is ahead of the broker's server, by the date of its answer; null where there is none. */
async function skewMs({ kite, dhan }: Config, nowMs: () => number): Promise<number | null> {
  const address = kite.apiKey ? kite.apiUrl : new URL(dhan.masterUrl).origin;
  try {
    const beforeMs = nowMs();
    const answer = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(CLOCK_TIMEOUT_MS),
    });
    const theirMs = Date.parse(answer.headers.get('date') ?? '');
    // Cut to the second: half of one is the best guess of the rest.
    return Number.isNaN(theirMs) ? null : (beforeMs + nowMs()) / 2 - (theirMs + 500);
  } catch {
    return null;
  }
}
