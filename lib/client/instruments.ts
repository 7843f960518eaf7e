/** Instruments as `/api/instruments` lists them. */
import type { InstrumentSummary } from '../core/instrument.ts';
import { problemOf } from './problem.ts';

/** Longer searches are refused by the server, and no instrument has a name as long. */
export const SEARCH_LENGTH_MAX = 100;

/** Rows that a list asks for: more than fit on a screen, few enough to send at every keystroke. */
const LIST_MAX = 100;

/** The subscribed instruments, or whatever matches a search. @throws ServerProblem */
export async function fetchInstruments(search: string, signal?: AbortSignal): Promise<readonly InstrumentSummary[]> {
  const query = new URLSearchParams({ limit: String(LIST_MAX) });
  if (search === '') query.set('subscribed', '1');
  else query.set('search', search);
  const response = await fetch(`/api/instruments?${query}`, { signal: signal ?? null });
  if (!response.ok) throw await problemOf(response);
  return ((await response.json()) as { instruments: InstrumentSummary[] }).instruments;
}

/** The page of an instrument. */
export const livePath = (slug: string): string => `/live/${encodeURIComponent(slug)}`;
