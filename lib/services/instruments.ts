/** Instruments as pages and scripts see them. */
import { z } from 'zod';
import { findInstruments, instrumentsById, type ListedInstrument, listInstruments } from '../../db/instruments.ts';
import { type InstrumentSummary, parseSlug, slugOf } from '../core/instrument.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';

const LIST_MAX = 500;

export const InstrumentsQuery = z.strictObject({
  // PostgreSQL's texts hold every character but this one.
  search: z
    .string()
    .max(100)
    .regex(/^[^\0]*$/, 'no NUL character')
    .default(''),
  subscribed: z.enum(['0', '1']).default('0'),
  limit: z.coerce.number().int().min(1).max(LIST_MAX).default(100),
});

/** Instruments that match, deepest first. */
export async function searchInstruments(
  _caller: Caller,
  query: z.output<typeof InstrumentsQuery>,
): Promise<InstrumentSummary[]> {
  const { search, subscribed, limit } = query;
  const found = await listInstruments(services().db, { search, subscribed: subscribed === '1', limit });
  return found.map(summaryOf);
}

/** The instrument of a slug as it stands in an address; null where there is none. */
export async function findInstrument(caller: Caller, slug: string): Promise<InstrumentSummary | null> {
  const name = parseSlug(slug);
  if (!name) return null;
  const { db } = services();
  const [instrument] = await findInstruments(db, [name]);
  return instrument ? ((await summariesOf(caller, [instrument.id]))[0] ?? null) : null;
}

/** Summaries of these ids; unknown ones are left out. */
export async function summariesOf(_caller: Caller, ids: readonly number[]): Promise<InstrumentSummary[]> {
  return (await instrumentsById(services().db, ids)).map(summaryOf);
}

function summaryOf({ instrument, levels }: ListedInstrument): InstrumentSummary {
  const { id, exchange, symbol, name, type, expiry, strike, priceScale, tickSize, lotSize } = instrument;
  return {
    id,
    slug: slugOf(instrument),
    exchange,
    symbol,
    name,
    type,
    expiry,
    strike,
    priceScale,
    tickSize,
    lotSize,
    levels,
  };
}
