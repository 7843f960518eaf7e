/** How things stand with the brokers: their tokens, their feeds, what happened lately. */
import { listAudit } from '../../db/audit.ts';
import { gapsSince } from '../../db/gaps.ts';
import { type TokenState, tokenStateOf } from '../auth/token-state.ts';
import type { Config } from '../config/config.ts';
import type { BrokerConnection, Connections, FeedLine } from '../core/connections.ts';
import { type Broker, FEEDS } from '../core/feeds.ts';
import { nextIstTime } from '../core/ist.ts';
import { type CollectorStatus, type FeedStatus, readStatuses, type WriterStatus } from '../queue/status.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';

const BROKERS: readonly Broker[] = ['kite', 'dhan'];
const WRITERS = ['writer', 'writer-1', 'writer-2', 'writer-3'];
/** What happened lately that a page shows of a broker. */
const NOTES = 5;
const MS_PER_DAY = 86_400_000;

export async function connections(caller: Caller, nowMs = Date.now()): Promise<Connections> {
  caller.mustBe('viewer');
  const { config, redis, db } = services();
  const midnightMs = nextIstTime(nowMs, 0) - MS_PER_DAY;
  const [statuses, gaps, kiteNotes, dhanNotes] = await Promise.all([
    readStatuses(redis, [...BROKERS.map((broker) => `collector-${broker}`), ...WRITERS]),
    gapsSince(db, midnightMs * 1000),
    listAudit(db, ['kite_'], NOTES),
    listAudit(db, ['dhan_'], NOTES),
  ]);
  const lagOf = (feed: string): number | null => {
    const lags = WRITERS.map((name) => (statuses.get(name) as WriterStatus | undefined)?.lagMs[feed]);
    return lags.find((lag) => lag !== undefined) ?? null;
  };
  const notes = { kite: kiteNotes, dhan: dhanNotes };
  const brokers = BROKERS.map((broker): BrokerConnection => {
    const status = statuses.get(`collector-${broker}`) as CollectorStatus | undefined;
    const feeds = FEEDS.flatMap(({ id, name }): FeedLine[] => {
      const feed = status?.feeds[name];
      if (!feed) return [];
      const today = gaps.find(({ feedId }) => feedId === id);
      return [
        {
          name,
          state: feed.state,
          cause: feed.cause,
          detail: feed.detail,
          sinceMs: feed.sinceUs / 1000,
          instruments: feed.instrumentIds.length,
          frames: feed.frames,
          lagMs: lagOf(name),
          gapFromMs: feed.gapFromUs === null ? null : feed.gapFromUs / 1000,
          gapsToday: today?.count ?? 0,
          gapMsToday: today?.lengthMs ?? 0,
        },
      ];
    });
    const live = feeds.filter(({ state }) => state === 'live').map(({ sinceMs }) => sinceMs);
    const { expiresMs, account, accountName, consumerType, ...token } = tokenStateOf(broker, config, nowMs);
    return {
      broker,
      configured: broker === 'kite' ? config.kite.apiKey !== '' : config.dhan.clientId !== '',
      missingSettings: missingSettings(broker, config),
      ...stateOf(token, Object.values(status?.feeds ?? {})),
      expiresMs,
      account,
      accountName,
      consumerType,
      redirectUrl: config[broker].redirectUrl,
      feeds,
      ticksSinceMs: live.length > 0 ? Math.min(...live) : null,
      notes: notes[broker].map(({ timeMs, action, detail }) => ({
        timeMs,
        failed: action.endsWith('_failed'),
        words: detail,
      })),
    };
  });
  return { nowMs, appUrl: config.appUrl, mayChange: caller.role === 'owner', brokers };
}

/** A token may be refused before its time: then the collectors know more than the file says. */
function stateOf(
  { state, detail }: Pick<TokenState, 'state' | 'detail'>,
  feeds: readonly FeedStatus[],
): Pick<BrokerConnection, 'state' | 'detail'> {
  const refused = feeds.find((feed) => feed.state === 'needs_login');
  if (refused && (state === 'valid' || state === 'expiring')) return { state: 'refused', detail: refused.detail };
  return { state, detail };
}

function missingSettings(broker: Broker, { kite, dhan }: Config): string[] {
  const settings =
    broker === 'kite'
      ? { KITE_API_KEY: kite.apiKey, KITE_API_SECRET: kite.apiSecret }
      : { DHAN_CLIENT_ID: dhan.clientId, DHAN_API_KEY: dhan.apiKey, DHAN_API_SECRET: dhan.apiSecret };
  return Object.entries(settings).flatMap(([name, value]) => (value === '' ? [name] : []));
}
