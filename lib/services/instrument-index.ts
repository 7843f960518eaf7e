/** The search index of this process, made anew when the instruments have changed. */
import type pg from 'pg';
import { searchLines } from '../../db/instruments.ts';
import { readVersions } from '../../db/watchlists.ts';
import { InstrumentSearch } from '../core/instrument-search.ts';

interface Held {
  readonly version: number;
  readonly search: Promise<InstrumentSearch>;
}

const KEY = Symbol.for('gehra.instrument_index');
// On globalThis, because each bundle of the server has its own module state.
const holder = globalThis as { [KEY]?: WeakMap<pg.Pool, Held> };

/** The index of the instruments as they are now. */
export async function instrumentIndex(db: pg.Pool): Promise<InstrumentSearch> {
  holder[KEY] ??= new WeakMap();
  const { instruments: version } = await readVersions(db);
  const held = holder[KEY].get(db);
  if (held?.version === version) return held.search;
  const search = searchLines(db).then(({ ids, lines }) => new InstrumentSearch(ids, lines));
  const next = { version, search };
  holder[KEY].set(db, next);
  // Who comes next tries again.
  search.catch(() => {
    if (holder[KEY]?.get(db) === next) holder[KEY].delete(db);
  });
  return search;
}
