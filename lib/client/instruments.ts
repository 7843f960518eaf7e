/** Instruments as `/api/instruments` lists them. */
import type { InstrumentSummary } from '../core/instrument.ts';
import { askMarket } from './market-data.ts';

/** Longer searches are refused by the server, and no instrument has a name as long. */
export const SEARCH_LENGTH_MAX = 100;

/** Rows that a list asks for: more than fit on a screen, few enough to send at every keystroke. */
const LIST_MAX = 100;

/** The subscribed instruments, or whatever matches a search. @throws ServerProblem */
export async function fetchInstruments(search: string, signal?: AbortSignal): Promise<readonly InstrumentSummary[]> {
  const which = search === '' ? { subscribed: '1' as const } : { search };
  return (await askMarket('/api/instruments', { ...which, limit: LIST_MAX }, { signal })).instruments;
}

/** The page of an instrument. */
export const livePath = (slug: string): string => `/live/${encodeURIComponent(slug)}`;

/** The page of one pane of an instrument, alone in its window. */
export const panePath = (kind: string, slug: string): string => `/pane/${kind}/${encodeURIComponent(slug)}`;
