import type { Instrument } from './instrument.ts';

/** Which instruments each feed slot is to give. The planner writes it, the collectors follow it. */
export interface Plan {
  readonly feeds: readonly FeedPlan[];
}

export interface FeedPlan {
  /** A name of lib/core/feeds.ts. */
  readonly feed: string;
  readonly instruments: readonly Instrument[];
}
