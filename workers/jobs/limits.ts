/** What brokers have shown to allow less of than their documents say. Pure but for its memory of what was taken in. */
import type { LearntLimit } from '../../db/watchlists.ts';
import { FEED_LIMITS, FEEDS, type FeedKind, type FeedLimits } from '../../lib/core/feeds.ts';
import type { FeedStatus } from '../../lib/queue/status.ts';

type Seen = Pick<FeedStatus, 'state' | 'cause' | 'detail' | 'sinceUs' | 'instrumentIds' | 'tooMany'>;

/** The documents' limits, lowered by what was learnt. */
export function limitsWith(learnt: readonly LearntLimit[]): FeedLimits {
  const limitsOf = (kind: FeedKind): FeedLimits[FeedKind] => {
    const { slots, instruments } = FEED_LIMITS[kind];
    const less = learnt.find((limit) => limit.kind === kind);
    return {
      slots: Math.min(slots, less?.slots ?? slots),
      instruments: Math.min(instruments, less?.instruments ?? instruments),
    };
  };
  return {
    ticks: limitsOf('ticks'),
    live: limitsOf('live'),
    depth20: limitsOf('depth20'),
    depth200: limitsOf('depth200'),
  };
}

/** Of a refused connection's instruments so many are asked for the next time. */
const INSTRUMENTS_SHARE = 0.8;

export class LimitLearner {
  /** By feed: since when the refusal stands that was taken in. */
  private readonly taken = new Map<string, number>();

  /**
   * Learns from the feeds that are cut off because a broker says "too many". Connections: as many as stand beside the refused one
   * are allowed. Where none stands, it says nothing about a number: the pace was too fast, or another program has them all.
   */
  take(feeds: Readonly<Record<string, Seen>>, limits: FeedLimits): LearntLimit[] {
    const learnt = new Map<FeedKind, LearntLimit>();
    for (const { name, kind } of FEEDS) {
      const status = feeds[name];
      if (status?.cause !== 'limit' || status.tooMany === null) continue;
      if (this.taken.get(name) === status.sinceUs) continue;
      this.taken.set(name, status.sinceUs);
      const now = learnt.get(kind) ?? { kind, ...limits[kind], because: '' };
      const because = `${name}: ${status.detail}`;
      const standing = FEEDS.filter((feed) => feed.kind === kind && feeds[feed.name]?.state === 'live').length;
      if (status.tooMany === 'connections' && standing > 0 && standing < now.slots) {
        learnt.set(kind, { ...now, slots: standing, because });
      }
      const fewer = Math.max(1, Math.floor(status.instrumentIds.length * INSTRUMENTS_SHARE));
      if (status.tooMany === 'instruments' && fewer < now.instruments) {
        learnt.set(kind, { ...now, instruments: fewer, because });
      }
    }
    return [...learnt.values()];
  }
}
