/** Which feeds of the plan are to be connected now: the plan, as far as the market's hours let it through. */

import { segmentsOf } from '../lib/calendar/calendar.ts';
import { LEAD_US, type MarketHours } from '../lib/calendar/hours.ts';
import { closedWords } from '../lib/calendar/words.ts';
import type { FeedPlan, Plan } from '../lib/core/plan.ts';

export interface ClosedFeed {
  readonly plan: FeedPlan;
  /** Since when it is not connected, or the collector runs; µs since the epoch. */
  readonly sinceUs: number;
}

export class HoursGate {
  private plan: Plan = { feeds: [] };
  private followed: Plan | null = null;
  private closedFeeds: readonly ClosedFeed[] = [];

  constructor(
    private readonly hours: () => MarketHours,
    /** Is given the plan of what is open, and again whenever that changes. */
    private readonly follow: (plan: Plan) => void,
  ) {}

  /** Takes another plan. */
  use(plan: Plan, nowUs: number): void {
    this.plan = plan;
    this.followed = null;
    this.look(nowUs);
  }

  /** Looks at the clock. */
  look(nowUs: number): void {
    const open = this.hours().openPlan(this.plan, nowUs);
    const { followed } = this;
    if (followed && sameFeeds(followed, open)) return;
    this.followed = open;
    const before = this.closedFeeds;
    this.closedFeeds = this.plan.feeds
      .filter(({ feed }) => !open.feeds.some((other) => other.feed === feed))
      .map((plan) => ({ plan, sinceUs: before.find((one) => one.plan.feed === plan.feed)?.sinceUs ?? nowUs }));
    this.follow(open);
  }

  /** Feeds of the plan that have no market now. */
  get closed(): readonly ClosedFeed[] {
    return this.closedFeeds;
  }

  /** Why a closed feed is not connected, in words. */
  wordsOf({ plan: { instruments } }: ClosedFeed, nowUs: number): string {
    const segments = [...new Set(instruments.flatMap(({ exchange }) => segmentsOf(exchange)))];
    const words = closedWords(this.hours().calendar, segments, nowUs);
    return `${words}; recording begins ${LEAD_US / 60_000_000} minutes before`;
  }
}

const sameFeeds = (a: Plan, b: Plan): boolean =>
  a.feeds.length === b.feeds.length && a.feeds.every(({ feed }, i) => feed === b.feeds[i]?.feed);
