/** Watchlists, slots and dumps as `/api/watchlists`, `/api/subscriptions` and `/api/masters` tell of them. */
import type { FeedKind } from './feeds.ts';
import type { InstrumentSummary } from './instrument.ts';
import type { WatchRule } from './watchlist.ts';

export interface WatchlistView {
  readonly id: number;
  readonly name: string;
  readonly entries: readonly WatchEntryView[];
}

export interface WatchEntryView {
  readonly id: number;
  /** First in line for a 200-level slot. */
  readonly deep: boolean;
  /** The pinned instrument; null where the entry is a rule. */
  readonly instrument: (InstrumentSummary & { readonly listed: boolean }) | null;
  readonly rule: RuleView | null;
}

export interface RuleView {
  readonly rule: WatchRule;
  readonly words: string;
  /** How many instruments it comes to now; null before the planner has looked. */
  readonly count: number | null;
  /** The strike at the money, rupees; null where there is none. */
  readonly strike: number | null;
  /** Why it gives less than it was asked for; empty where it does not. */
  readonly note: string;
}

export interface KindView {
  readonly kind: FeedKind;
  /** What the broker's documents allow. */
  readonly documented: { readonly slots: number; readonly instruments: number };
  readonly allowed: { readonly slots: number; readonly instruments: number };
  /** Why less is allowed than documented; null where it is not. */
  readonly because: string | null;
  /** Instruments that have a place. */
  readonly used: number;
  readonly feeds: readonly FeedView[];
}

export interface FeedView {
  readonly name: string;
  /** A FeedState, or `down` where its collector does not answer. */
  readonly state: string;
  /** In words, where something is wrong. */
  readonly detail: string;
  readonly instruments: number;
  /** Of these, those that have given nothing since they were asked for. */
  readonly silent: number;
  /** The one instrument of a slot that has one. */
  readonly only: string | null;
}

export interface SlotInstrument {
  readonly slug: string;
  readonly feed: string;
  /** First frame since it was asked for, s since the epoch; null: none yet. */
  readonly firstS: number | null;
  /** Age of the last frame, ms; null: none yet. */
  readonly ageMs: number | null;
}

export interface MastersView {
  /** s since the epoch; null before the first load. */
  readonly loadedS: number | null;
  readonly files: readonly {
    readonly broker: string;
    readonly day: string;
    readonly rows: number;
    /** Rows of the file that could not be used. */
    readonly leftOut: number;
    readonly failure: string | null;
  }[];
  readonly exchanges: readonly {
    readonly exchange: string;
    readonly kite: number;
    readonly dhan: number;
    readonly joined: number;
  }[];
  readonly unjoined: {
    readonly total: number;
    readonly rows: readonly {
      readonly broker: string;
      readonly exchange: string;
      readonly symbol: string;
      readonly number: number;
      readonly reason: string;
    }[];
  };
}
