/** The one state that a depth page is in, in words. Decided here and nowhere else. */
import { CARRY_US } from './depth-model.ts';
import { formatIstDay, formatIstTime } from './format.ts';
import { gapWords } from './gap-words.ts';

/** How the page is connected to our own server. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** `retryAtMs`: when the next try begins, ms since the epoch; null while one is under way. */
  | { readonly kind: 'lost'; readonly retryAtMs: number | null }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'signed_out' };

/** A feed as the server's status describes it (docs/STREAM.md). */
export interface FeedStatus {
  readonly state: string;
  readonly cause: string | null;
  readonly detail: string;
  readonly lagMs: number | null;
  readonly gapFromUs: number | null;
}

export type HistoryState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading' }
  /** The database does not hold everything yet; asked again. */
  | { readonly kind: 'late' }
  | { readonly kind: 'failed'; readonly detail: string };

export interface PageFacts {
  readonly connection: Connection;
  readonly history: HistoryState;
  /** Null before the first status, or where the instrument has no feed. */
  readonly feed: FeedStatus | null;
  /** Stamps of the newest frame of each side; 0 where there is none. */
  readonly bidStampUs: number;
  readonly askStampUs: number;
  readonly gapOpen: { readonly fromUs: number; readonly cause: string } | null;
  readonly nowUs: number;
}

export type PageStateKind =
  | 'loading'
  | 'empty'
  | 'live'
  | 'stale'
  | 'gap'
  | 'closed'
  | 'disconnected'
  | 'error'
  | 'signed_out';

export interface PageState {
  readonly kind: PageStateKind;
  /** A few words. */
  readonly title: string;
  /** A sentence: why, and what can be done. Empty where there is nothing to say. */
  readonly detail: string;
  /** Missing data is this old, ms; 0 where nothing is missing. */
  readonly missingMs: number;
}

/** From here on a stall is shown in the middle of the chart and not only in the status bar. */
export const STALL_BADGE_MS = 10_000;

const FEED_WORDS: Readonly<Record<string, string>> = {
  connecting: 'Feed connecting',
  backing_off: 'Feed cut',
  needs_login: 'Broker login needed',
  down: 'Collector down',
};

export function pageState(facts: PageFacts): PageState {
  return connectionState(facts) ?? bookState(facts);
}

/** What the connection to our own server makes of a page; null where it is open. */
export function connectionState({ connection, nowUs }: Pick<PageFacts, 'connection' | 'nowUs'>): PageState | null {
  switch (connection.kind) {
    case 'signed_out':
      return state('signed_out', 'Signed out', 'Sign in to see market depth.');
    case 'refused':
      return state('error', 'The server refused the stream', connection.detail);
    case 'lost': {
      const waitS = connection.retryAtMs === null ? 0 : Math.ceil((connection.retryAtMs - nowUs / 1000) / 1000);
      const next = waitS > 0 ? `Next try in ${waitS} s.` : 'Trying again now.';
      return state('disconnected', 'No connection to the server', `What is shown is not live. ${next}`);
    }
    case 'connecting':
      return state('loading', 'Connecting', '');
    case 'open':
      return null;
  }
}

function bookState(facts: PageFacts): PageState {
  const { feed, gapOpen, bidStampUs, askStampUs, nowUs } = facts;
  if (feed?.state === 'market_closed') return state('closed', 'Market closed', sentence(feed.detail));
  if (gapOpen?.cause === 'market_closed' && feed?.state === 'connecting') {
    return state('closed', 'Market closed', 'The feed is connecting; its first data is to come.');
  }
  if (gapOpen || feed?.gapFromUs != null || isFeedCut(feed)) return feedCut(facts);
  const newestUs = Math.max(bidStampUs, askStampUs);
  if (newestUs === 0) return beforeFirstFrame(facts);
  const oldestUs = Math.min(bidStampUs, askStampUs);
  if (nowUs - oldestUs <= CARRY_US) return state('live', 'Live', '');
  const which = nowUs - newestUs > CARRY_US ? '' : bidStampUs < askStampUs ? ' on the bid side' : ' on the ask side';
  const since = oldestUs === 0 ? 'so far' : `since ${moment(oldestUs, nowUs)}`;
  const missingMs = oldestUs === 0 ? 0 : (nowUs - oldestUs) / 1000;
  return state('stale', `No data${which}`, `Nothing has come${which} ${since}.`, missingMs);
}

/** Whether a feed says that it gives nothing. */
export const isFeedCut = (feed: FeedStatus | null): boolean =>
  feed !== null && Object.hasOwn(FEED_WORDS, feed.state) && feed.state !== 'connecting';

export function feedCut({ feed, gapOpen, nowUs }: Pick<PageFacts, 'feed' | 'gapOpen' | 'nowUs'>): PageState {
  const gapFromUs = gapOpen?.fromUs ?? feed?.gapFromUs ?? null;
  const title = (feed && FEED_WORDS[feed.state]) ?? 'Feed cut';
  const cause = feed?.detail || gapWords(gapOpen?.cause ?? feed?.cause ?? 'disconnected');
  const since = gapFromUs === null ? '' : ` Nothing is known since ${moment(gapFromUs, nowUs)}.`;
  return state('gap', title, `${sentence(cause)}${since}`, gapFromUs === null ? 0 : (nowUs - gapFromUs) / 1000);
}

function beforeFirstFrame({ history, feed }: PageFacts): PageState {
  if (history.kind === 'loading') return state('loading', 'Loading history', '');
  if (history.kind === 'failed') return state('error', 'History could not be loaded', history.detail);
  const detail = feed
    ? 'The instrument is subscribed; its first book has not come yet. Outside the session none will.'
    : 'This instrument is not subscribed, so no depth is recorded.';
  return state('empty', 'Nothing recorded yet', detail);
}

const state = (kind: PageStateKind, title: string, detail: string, missingMs = 0): PageState => ({
  kind,
  title,
  detail,
  missingMs,
});

const sentence = (text: string): string => {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital.endsWith('.') ? capital : `${capital}.`;
};

/** `14:05:09`, with the day where it is not today's. */
export function moment(us: number, nowUs: number): string {
  const day = formatIstDay(us);
  const time = `${formatIstTime(us)} IST`;
  return day === formatIstDay(nowUs) ? time : `${day}, ${time}`;
}
