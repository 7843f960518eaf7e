/** Watchlists, slots and dumps of our own server. Every function throws a ServerProblem. */
import type { KindView, MastersView, SlotInstrument, WatchlistView } from '../core/watching.ts';
import type { WatchRule } from '../core/watchlist.ts';
import { problemOf } from './problem.ts';

export interface Watchlists {
  readonly watchlists: readonly WatchlistView[];
  /** False for a viewer. */
  readonly mayChange: boolean;
}

export const fetchWatchlists = (signal?: AbortSignal): Promise<Watchlists> => get('/api/watchlists', signal);

export const fetchSlots = async (signal?: AbortSignal): Promise<readonly KindView[]> =>
  (await get<{ kinds: KindView[] }>('/api/subscriptions', signal)).kinds;

export interface SlotInstruments {
  readonly total: number;
  readonly instruments: readonly SlotInstrument[];
}

/** @param feed a feed's name; null for those that are silent on any */
export function fetchSlotInstruments(feed: string | null, signal?: AbortSignal): Promise<SlotInstruments> {
  const query = new URLSearchParams(feed === null ? { silent: '1' } : { feed });
  return get(`/api/subscriptions/instruments?${query}`, signal);
}

export const fetchMasters = (search: string, signal?: AbortSignal): Promise<MastersView> =>
  get(`/api/masters?${new URLSearchParams({ search, limit: '50' })}`, signal);

export const createWatchlist = (name: string): Promise<{ id: number }> => send('POST', '/api/watchlists', { name });
export const renameWatchlist = (id: number, name: string): Promise<void> =>
  send('PATCH', '/api/watchlists', { id, name });
export const deleteWatchlist = (id: number): Promise<void> => send('DELETE', '/api/watchlists', { id });
export const orderWatchlists = (ids: readonly number[]): Promise<void> => send('PUT', '/api/watchlists/order', { ids });

export const pin = (watchlistId: number, slugs: readonly string[]): Promise<{ pinned: number; unknown: string[] }> =>
  send('POST', '/api/watchlists/entries', { watchlistId, slugs });
export const addRule = (watchlistId: number, rule: WatchRule): Promise<void> =>
  send('POST', '/api/watchlists/entries', { watchlistId, rule });
export const setDeep = (id: number, deep: boolean): Promise<void> =>
  send('PATCH', '/api/watchlists/entries', { id, deep });
export const removeEntry = (id: number): Promise<void> => send('DELETE', '/api/watchlists/entries', { id });
export const orderEntries = (watchlistId: number, ids: readonly number[]): Promise<void> =>
  send('PUT', '/api/watchlists/entries/order', { watchlistId, ids });

/** Where a list can be had as text. */
export const textPath = (id: number): string => `/api/watchlists/text?id=${id}`;

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: signal ?? null });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}

async function send<T>(method: string, path: string, body: object): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
