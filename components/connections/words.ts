/** States, feeds and times in words. */
import type { BrokerConnection, FeedLine } from '../../lib/core/connections.ts';
import { IST_OFFSET_MS } from '../../lib/core/ist.ts';

export const STATE_WORDS: Readonly<Record<BrokerConnection['state'], string>> = {
  valid: 'Connected',
  expiring: 'Ending soon',
  expired: 'Ended',
  missing: 'Not connected',
  damaged: 'Token file damaged',
  refused: 'Login needed',
};

/** Whether the broker can be asked with what it gave us: not without a token, nor with one that has ended or is refused. */
export const isConnected = ({ state }: BrokerConnection): boolean => state === 'valid' || state === 'expiring';

/** No feed of the broker is connected, because none of its instruments has a market now. */
export const isClosed = ({ feeds }: BrokerConnection): boolean =>
  feeds.length > 0 && feeds.every(({ state }) => state === 'market_closed');

const FEED_WORDS: Readonly<Record<FeedLine['state'], string>> = {
  live: 'live',
  stale: 'silent',
  connecting: 'connecting',
  backing_off: 'waiting to try again',
  needs_login: 'login needed',
  market_closed: 'market closed',
};

/** `09:20:05`, IST. */
export const istTime = (ms: number): string => new Date(ms + IST_OFFSET_MS).toISOString().slice(11, 19);

/** `live since 09:20:05`; of a closed market what the calendar says, which names it by itself. */
export function feedWords({ state, sinceMs, detail }: FeedLine): string {
  if (state === 'market_closed' && detail !== '') return detail.charAt(0).toUpperCase() + detail.slice(1);
  return `${FEED_WORDS[state]} since ${istTime(sinceMs)}`;
}

/** `12 ms`; nothing where nothing comes that could be late. */
export function lagWords({ state, lagMs }: FeedLine): string {
  const ms = lagMs === null ? 0 : Math.max(0, Math.round(lagMs));
  return lagMs === null || (state !== 'live' && ms === 0) ? '–' : `${ms} ms`;
}

/** `20 h 39 min`, `4 min 05 s`. */
export function timeLeft(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
}

const FEED_NAMES = { ticks: 'ticks', live: 'live feed', depth20: '20 levels', depth200: '200 levels' } as const;

/** `dhan-depth200-3` → `200 levels, 3`. */
export function feedName(name: string): string {
  const [, kind = '', number = ''] = name.split('-');
  return `${FEED_NAMES[kind as keyof typeof FEED_NAMES] ?? kind}, ${number}`;
}
