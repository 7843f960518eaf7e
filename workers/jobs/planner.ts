/** Which instruments each feed slot is to give, within what the brokers allow. Pure. */
import { DHAN_DEPTH_SEGMENTS } from '../../lib/core/exchange.ts';
import { FEEDS, type FeedKind, type FeedLimits } from '../../lib/core/feeds.ts';
import type { Instrument, InstrumentType } from '../../lib/core/instrument.ts';
import type { FeedPlan, Plan } from '../../lib/core/plan.ts';

/** Which broker's live feed gives the ticks. */
export type TickSource = 'kite' | 'dhan' | 'both';

/** An instrument that is to be recorded. */
export interface Wanted {
  readonly instrument: Instrument;
  /** Named by somebody; false where a rule came to it. */
  readonly pinned: boolean;
  /** First in line for a 200-level slot. */
  readonly deep: boolean;
}

export interface PlanRequest {
  /** In order of importance, each instrument once. */
  readonly wanted: readonly Wanted[];
  /** What stands: who has a slot keeps it. */
  readonly current: Plan;
  readonly available: { readonly kite: boolean; readonly dhan: boolean };
  readonly source: TickSource;
  readonly limits: FeedLimits;
}

export interface PlanAnswer {
  readonly plan: Plan;
  /** By kind: who should have had a slot, and found all taken by others as important. */
  readonly leftOut: Readonly<Record<FeedKind, readonly Instrument[]>>;
}

/** Who gets the few 200-level slots first where nobody has said: what is traded most per contract. */
const DEPTH_RANK: Readonly<Record<InstrumentType, number>> = { FUT: 0, EQ: 1, CE: 2, PE: 2, INDEX: 3 };
const DEEP_RANK = -1;

/**
 * Plans the feeds. Within a kind the more important class of instruments comes first (pinned before ruled; for 200 levels what
 * was marked deep, then by type); within a class who has a slot goes before who has none, then the order of the wish. A slot is
 * never exchanged for another without need: an instrument that stays stays where it is.
 */
export function planFeeds({ wanted, current, available, source, limits }: PlanRequest): PlanAnswer {
  const onKite = wanted.filter(({ instrument }) => instrument.kiteToken !== null);
  const onDhan = wanted.filter(({ instrument }) => instrument.dhanSecurityId !== null);
  const deep = onDhan.filter(
    ({ instrument: { dhanSegment } }) => dhanSegment !== null && DHAN_DEPTH_SEGMENTS.has(dhanSegment),
  );
  const ticks = available.kite && (source !== 'dhan' || !available.dhan);
  const live = available.dhan && (source !== 'kite' || !available.kite);
  const class20 = ({ pinned }: Wanted): number => (pinned ? 0 : 1);
  const class200 = (want: Wanted): number =>
    2 * (want.deep ? DEEP_RANK : DEPTH_RANK[want.instrument.type]) + class20(want);
  const kinds: Readonly<Record<FeedKind, Assigned>> = {
    ticks: assign('ticks', ticks ? onKite : [], class20, current, limits),
    live: assign('live', live ? onDhan : [], class20, current, limits),
    depth20: assign('depth20', available.dhan ? deep : [], class20, current, limits),
    depth200: assign('depth200', available.dhan ? deep : [], class200, current, limits),
  };
  return {
    plan: { feeds: FEEDS.flatMap(({ name, kind }) => kinds[kind].slots.find(({ feed }) => feed === name) ?? []) },
    leftOut: {
      ticks: kinds.ticks.leftOut,
      live: kinds.live.leftOut,
      depth20: kinds.depth20.leftOut,
      depth200: kinds.depth200.leftOut,
    },
  };
}

interface Assigned {
  readonly slots: readonly FeedPlan[];
  readonly leftOut: readonly Instrument[];
}

/** Gives the slots of one kind to those who come first, each where it was if it had one. */
function assign(
  kind: FeedKind,
  wanted: readonly Wanted[],
  classOf: (want: Wanted) => number,
  current: Plan,
  limits: FeedLimits,
): Assigned {
  const { slots, instruments: size } = limits[kind];
  const names = FEEDS.filter((feed) => feed.kind === kind)
    .slice(0, slots)
    .map(({ name }) => name);
  const slotBefore = new Map(
    current.feeds
      .filter(({ feed }) => names.includes(feed))
      .flatMap(({ feed, instruments }) => instruments.slice(0, size).map(({ id }) => [id, feed] as const)),
  );
  const inOrder = wanted
    .map((want, place) => ({ want, place, class: classOf(want), had: slotBefore.has(want.instrument.id) ? 0 : 1 }))
    .sort((a, b) => a.class - b.class || a.had - b.had || a.place - b.place);
  const chosen = inOrder.slice(0, names.length * size).map(({ want }) => want.instrument);

  const filled = new Map(names.map((name): [string, Instrument[]] => [name, []]));
  const newcomers: Instrument[] = [];
  for (const instrument of chosen) {
    const slot = slotBefore.get(instrument.id);
    if (slot === undefined) newcomers.push(instrument);
    else filled.get(slot)?.push(instrument);
  }
  for (const instrument of newcomers) {
    // There is room: no more are chosen than fit.
    const slot = [...filled.values()].find((held) => held.length < size);
    slot?.push(instrument);
  }
  return {
    slots: [...filled]
      .map(([feed, instruments]) => ({ feed, instruments }))
      .filter(({ instruments }) => instruments.length > 0),
    leftOut: inOrder.slice(names.length * size).map(({ want }) => want.instrument),
  };
}
