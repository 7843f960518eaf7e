/** Instruments as pages and scripts see them. */
import {
  findInstruments,
  instrumentsById,
  instrumentsOf,
  type ListedInstrument,
  recordedLevels,
} from '../../db/instruments.ts';
import type { Answer, Query } from '../api/operations.ts';
import { type InstrumentSummary, parseSlug, slugOf } from '../core/instrument.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { instrumentIndex } from './instrument-index.ts';

/** Instruments that match, the recorded ones first, deepest first. */
export async function searchInstruments(
  _caller: Caller,
  query: Query<'/api/instruments'>,
): Promise<Answer<'/api/instruments'>> {
  const { search, subscribed, limit } = query;
  const { db } = services();
  const [index, levels] = await Promise.all([instrumentIndex(db), recordedLevels(db)]);
  const depth = (id: number): number => levels.get(id) as number;
  // Of the same depth in the order of the index, which `filter` keeps.
  const recorded = index.inOrder([...levels.keys()]).sort((a, b) => depth(b) - depth(a));
  const ids = subscribed === '1' ? index.filter(search, recorded).slice(0, limit) : index.find(search, recorded, limit);
  const byId = new Map((await instrumentsOf(db, ids)).map((instrument) => [instrument.id, instrument]));
  return {
    instruments: ids.flatMap((id) => {
      const instrument = byId.get(id);
      return instrument ? [summaryOf({ instrument, levels: levels.get(id) ?? 0 })] : [];
    }),
  };
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
