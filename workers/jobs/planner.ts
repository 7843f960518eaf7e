/** Which instruments each feed slot is to give, within what the brokers allow. Pure. */
import { DHAN_DEPTH_SEGMENTS } from '../../lib/core/exchange.ts';
import { FEED_LIMITS, FEEDS, type FeedKind } from '../../lib/core/feeds.ts';
import type { Instrument, InstrumentType } from '../../lib/core/instrument.ts';
import type { FeedPlan, Plan } from '../../lib/core/plan.ts';

/** Who gets the few 200-level slots first: what is traded most per contract. */
const DEPTH_RANK: Readonly<Record<InstrumentType, number>> = { FUT: 0, EQ: 1, CE: 2, PE: 2, INDEX: 3 };

export interface Available {
  readonly kite: boolean;
  readonly dhan: boolean;
}

/**
 * Plans the feeds for the wanted instruments, given in order of importance. Ticks come from Kite where it is available,
 * else from Dhan's live feed; depth from Dhan. What finds no slot is left out of that layer.
 */
export function planFeeds(wanted: readonly Instrument[], { kite, dhan }: Available): Plan {
  const onKite = wanted.filter(({ kiteToken }) => kiteToken !== null);
  const onDhan = wanted.filter(({ dhanSecurityId }) => dhanSecurityId !== null);
  const deep = onDhan.filter(({ dhanSegment }) => dhanSegment !== null && DHAN_DEPTH_SEGMENTS.has(dhanSegment));
  const byRank = deep.toSorted((a, b) => DEPTH_RANK[a.type] - DEPTH_RANK[b.type]);
  return {
    feeds: [
      ...(kite ? fill('ticks', onKite) : []),
      ...(dhan && !kite ? fill('live', onDhan) : []),
      ...(dhan ? fill('depth20', deep) : []),
      ...(dhan ? fill('depth200', byRank) : []),
    ],
  };
}

/** Puts instruments into the slots of a kind, one slot full after the other. */
function fill(kind: FeedKind, instruments: readonly Instrument[]): FeedPlan[] {
  const { instruments: size } = FEED_LIMITS[kind];
  return FEEDS.filter((feed) => feed.kind === kind)
    .map(({ name, number }) => ({ feed: name, instruments: instruments.slice((number - 1) * size, number * size) }))
    .filter((slot) => slot.instruments.length > 0);
}
