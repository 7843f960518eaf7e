/** The one state that a pane of trades is in, in words. Trades may be rare: that none comes is no fault. */
import { gapWords } from './gap-words.ts';
import {
  type Connection,
  connectionState,
  type FeedStatus,
  feedCut,
  isFeedCut,
  moment,
  type PageState,
} from './page-state.ts';

export interface FlowFacts {
  readonly connection: Connection;
  readonly load: 'loading' | 'ready' | 'failed' | 'signed_out';
  /** Why it failed. */
  readonly detail: string;
  /** Whether there is anything to show. */
  readonly hasBars: boolean;
  /** That gives the trades; null where nothing is known of it. */
  readonly feed: FeedStatus | null;
  readonly gapOpen: { readonly fromUs: number; readonly cause: string } | null;
  /** Up to here what is shown is what is stored. */
  readonly settledUs: number;
  /** Why what is stored could not be asked for; null where it could. */
  readonly unconfirmed: string | null;
  readonly nowUs: number;
}

/** What is stored comes once a minute: later than this, it does not come. */
const CONFIRMED_WITHIN_US = 150_000_000;

export function flowState(facts: FlowFacts): PageState {
  const { load, detail, hasBars, gapOpen, settledUs, unconfirmed, nowUs } = facts;
  if (load === 'signed_out') return state('signed_out', 'Signed out', 'Sign in to see what was traded.');
  if (load === 'failed') return state('error', 'The bars could not be loaded', detail);
  if (load === 'loading') return state('loading', 'Loading bars', '');
  if (facts.connection.kind !== 'connecting') {
    const connection = connectionState(facts);
    if (connection) return connection;
  }
  if (isFeedCut(facts.feed)) return feedCut(facts);
  if (!hasBars) {
    return state(
      'empty',
      'Nothing traded yet',
      'No trade of this instrument has been recorded, and no candle downloaded.',
    );
  }
  if (gapOpen?.cause === 'market_closed') return state('closed', 'Market closed', '');
  if (gapOpen) {
    const since = moment(gapOpen.fromUs, nowUs);
    return state(
      'gap',
      'Feed cut',
      `Nothing is known since ${since}: ${gapWords(gapOpen.cause)}.`,
      (nowUs - gapOpen.fromUs) / 1000,
    );
  }
  if (unconfirmed !== null || nowUs - settledUs > CONFIRMED_WITHIN_US) {
    const why = unconfirmed ?? 'The recorder is behind.';
    return state(
      'stale',
      'Not confirmed',
      `What is shown after ${moment(settledUs, nowUs)} is from the live stream alone. ${why}`,
      (nowUs - settledUs) / 1000,
    );
  }
  return state('live', 'Live', '');
}

const state = (kind: PageState['kind'], title: string, detail: string, missingMs = 0): PageState => ({
  kind,
  title,
  detail,
  missingMs,
});
