/** How things stand with each broker, as `/api/connections` says it and the page Connections shows it. */
import type { Broker } from './feeds.ts';
import type { GapCause } from './gap.ts';

export interface FeedLine {
  readonly name: string;
  readonly state: 'live' | 'stale' | 'connecting' | 'backing_off' | 'needs_login' | 'market_closed';
  readonly cause: GapCause | null;
  /** In words; empty where there is nothing to say. */
  readonly detail: string;
  readonly sinceMs: number;
  readonly instruments: number;
  readonly frames: number;
  /** Age of what is stored against what came, ms; null where no writer says it. */
  readonly lagMs: number | null;
  /** Since when nothing is known; null where data comes. */
  readonly gapFromMs: number | null;
  /** Gaps since midnight IST, and how long they were together, ms. */
  readonly gapsToday: number;
  readonly gapMsToday: number;
}

export interface BrokerNote {
  readonly timeMs: number;
  readonly failed: boolean;
  readonly words: string;
}

export interface BrokerConnection {
  readonly broker: Broker;
  /** False where the configuration has no account of this broker. */
  readonly configured: boolean;
  /** Names of the variables that a login still needs; empty where one can log in. */
  readonly missingSettings: readonly string[];
  /** `refused`: there is a token that has not ended, and the broker does not accept it. */
  readonly state: 'valid' | 'expiring' | 'expired' | 'missing' | 'damaged' | 'refused';
  readonly detail: string;
  readonly expiresMs: number | null;
  readonly account: string | null;
  readonly accountName: string | null;
  readonly consumerType: string | null;
  /** What has to be registered at the broker. */
  readonly redirectUrl: string;
  readonly feeds: readonly FeedLine[];
  /** Since when data comes; null where none does. */
  readonly ticksSinceMs: number | null;
  /** What happened lately, newest first. */
  readonly notes: readonly BrokerNote[];
}

export interface Connections {
  readonly nowMs: number;
  /** Where brokers send people back to: a page opened under another name cannot finish a login. */
  readonly appUrl: string;
  readonly mayChange: boolean;
  readonly brokers: readonly BrokerConnection[];
}
