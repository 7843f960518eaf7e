/** "Does it work?": frames a second of a broker's feed, counted for ten seconds. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readDhanToken, readKiteToken } from '../auth/tokens.ts';
import { FEED_LIMITS, type FeedKind } from '../core/feeds.ts';
import type { Instrument } from '../core/instrument.ts';
import { type ProbeResult, type ProbeTarget, probeFeed } from '../net/feed-probe.ts';
import { readPlan } from '../net/plan-file.ts';
import { type CollectorStatus, type FeedStatus, readStatuses } from '../queue/status.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';

const LISTEN_MS = 10_000;

export const DhanTestBody = z.strictObject({ feed: z.enum(['live', 'depth20', 'depth200']) });

export interface FeedTest extends ProbeResult {
  /** True where the collectors' own connection was counted, since every connection that the broker allows is in use. */
  readonly onRunningFeed: boolean;
}

/** What there is to ask for where no plan says it: an index that both brokers list, a share with depth. */
const NIFTY_50 = { kiteToken: 256_265, segment: 'IDX_I', securityId: 13 } as const;
const RELIANCE = { segment: 'NSE_EQ', securityId: 2885 } as const;

/**
 * Counts frames of a kind of feed. A connection of the test's own is made only where the broker allows one more beside the
 * collectors': one too many would have the oldest of them cut.
 *
 * @throws RequestError where there is no token
 */
export async function testFeed(caller: Caller, kind: FeedKind): Promise<FeedTest> {
  caller.mustBe('owner');
  const { config } = services();
  const { broker, slots } = FEED_LIMITS[kind];
  const running = await feedsOf(broker, kind);
  if (running.length >= slots) return countRunning(broker, kind, running);
  const planned = readPlan(config.dataDir)?.feeds.find(({ feed }) => feed.startsWith(`${broker}-${kind}-`));
  return { ...(await probeFeed(targetOf(kind, planned?.instruments[0]), LISTEN_MS)), onRunningFeed: false };
}

function targetOf(kind: FeedKind, instrument: Instrument | undefined): ProbeTarget {
  const { config } = services();
  if (kind === 'ticks') {
    const answer = readKiteToken(config.tokenDir);
    if (!('token' in answer)) throw noToken(answer.missing);
    const kiteToken = instrument?.kiteToken ?? NIFTY_50.kiteToken;
    return { broker: 'kite', config: config.kite, accessToken: answer.token.accessToken, kiteToken };
  }
  const answer = readDhanToken(config.tokenDir);
  if (!('token' in answer)) throw noToken(answer.missing);
  const { dhanSegment: segment, dhanSecurityId: securityId } = instrument ?? {};
  const asked = segment && securityId ? { segment, securityId } : kind === 'live' ? NIFTY_50 : RELIANCE;
  const { segment: onSegment, securityId: id } = asked;
  return {
    broker: 'dhan',
    config: config.dhan,
    kind,
    token: answer.token,
    instrument: { segment: onSegment, securityId: id },
  };
}

const noToken = (missing: string): RequestError =>
  new RequestError(409, 'Not connected', `Nothing to test: ${missing}.`);

async function feedsOf(broker: string, kind: FeedKind): Promise<FeedStatus[]> {
  const name = `collector-${broker}`;
  const status = (await readStatuses(services().redis, [name])).get(name) as CollectorStatus | undefined;
  return Object.entries(status?.feeds ?? {}).flatMap(([feed, one]) =>
    feed.startsWith(`${broker}-${kind}-`) ? [one] : [],
  );
}

async function countRunning(broker: string, kind: FeedKind, before: readonly FeedStatus[]): Promise<FeedTest> {
  const frames = (feeds: readonly FeedStatus[]): number => feeds.reduce((sum, feed) => sum + feed.frames, 0);
  await delay(LISTEN_MS);
  const after = await feedsOf(broker, kind);
  const seconds = LISTEN_MS / 1000;
  // A collector that was started again counts from zero.
  const came = Math.max(0, frames(after) - frames(before));
  const refused = after.find(({ state }) => state !== 'live' && state !== 'stale');
  const common = { frames: came, seconds, onRunningFeed: true };
  if (came > 0) {
    const words = `${came} frames in ${seconds} s, ${(came / seconds).toFixed(1)} a second, counted on the ${after.length} running connections: the broker allows no further one`;
    return { ...common, outcome: 'ok', words };
  }
  if (!refused)
    return { ...common, outcome: 'silent', words: `connected, and no data came in ${seconds} s: is the market open?` };
  const outcome = refused.cause === 'auth' || refused.cause === 'limit' ? refused.cause : 'network';
  return { ...common, outcome, words: refused.detail || 'the running connections are not standing' };
}
