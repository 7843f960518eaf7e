/** What the first watchlist of a new database holds: what the configuration names, else what most people begin with. */
import type { Client } from '../../db/connect.ts';
import { findInstruments, firstListed, instrumentsByNumber } from '../../db/instruments.ts';
import { isSeeded, seedWatchlist } from '../../db/watchlists.ts';
import type { Config } from '../../lib/config/config.ts';
import { type Instrument, parseSlug } from '../../lib/core/instrument.ts';
import type { WatchRule } from '../../lib/core/watchlist.ts';
import type { Log } from '../../lib/obs/log.ts';

type Line = WatchRule | { readonly instrumentId: number };

/** A dump as small as this is the simulated exchange's: all of it is recorded. */
const RECORD_ALL_MAX = 100;
const DEFAULT: readonly WatchRule[] = [
  { kind: 'futures', underlying: 'NIFTY', count: 1 },
  { kind: 'futures', underlying: 'BANKNIFTY', count: 1 },
];
const NAME_MAX = 60;

/** Makes the first watchlist where none was ever made. @returns false while no instrument is known yet */
export async function makeFirstWatchlist(client: Client, config: Config, today: string, log: Log): Promise<boolean> {
  if (await isSeeded(client)) return true;
  const { count, first } = await firstListed(client, RECORD_ALL_MAX);
  if (count === 0) return false;
  const everything = config.simulated && count <= RECORD_ALL_MAX ? wholeMarket(first, today) : DEFAULT;
  const named = await namedIn(client, config, log);
  const name = config.security?.name.slice(0, NAME_MAX) || 'Recorded';
  const lines = named.length > 0 ? named : everything;
  if (await seedWatchlist(client, name, lines)) log.info({ event: 'first_watchlist', lines: lines.length });
  return true;
}

/** What INSTRUMENTS and SECURITY_ID name. */
async function namedIn(client: Client, { instruments: names, security }: Config, log: Log): Promise<Line[]> {
  const tokens = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const slugs = names.flatMap((name) => parseSlug(name) ?? []);
  const bySlug = await findInstruments(client, slugs);
  const byNumber = await instrumentsByNumber(client, { kiteTokens: tokens, dhanIds: security ? [security.id] : [] });
  const lines: Line[] = [];
  for (const name of names) {
    const slug = parseSlug(name);
    const found = slug
      ? bySlug.find(({ exchange, symbol }) => exchange === slug.exchange && symbol === slug.symbol)
      : byNumber.find(({ kiteToken }) => String(kiteToken) === name);
    if (found) lines.push({ instrumentId: found.id });
    else log.warn({ event: 'instrument_unknown', name });
  }
  if (security) {
    const found = ofSecurity(byNumber, security);
    if (found) lines.push({ instrumentId: found.id });
    else log.warn({ event: 'instrument_unknown', name: `SECURITY_ID ${security.id}` });
  }
  return lines;
}

/** Dhan's number alone names several instruments, one a segment: the derivative, as the predecessor took it, or by name. */
function ofSecurity(found: readonly Instrument[], { id, name }: { id: number; name: string }): Instrument | undefined {
  const order = ['NSE_FNO', 'NSE_EQ', 'IDX_I'];
  const word = name.toUpperCase().split(/\s+/)[0] ?? '';
  const rank = ({ dhanSegment, symbol, name: own }: Instrument): number => {
    const place = order.indexOf(dhanSegment ?? '');
    const named = word !== '' && `${symbol} ${own}`.toUpperCase().includes(word);
    return (named ? 0 : order.length + 1) + (place < 0 ? order.length : place);
  };
  return found.filter(({ dhanSecurityId }) => dhanSecurityId === id).toSorted((a, b) => rank(a) - rank(b))[0];
}

/** All of a small market. Contracts by rules, so that next month's follow; those of a replayed past have no next month. */
function wholeMarket(instruments: readonly Instrument[], today: string): Line[] {
  const lines: Line[] = [];
  const ruled = new Set<string>();
  const isLive = ({ expiry }: Instrument): boolean => expiry !== null && expiry >= today;
  for (const instrument of instruments) {
    const { type, name, id } = instrument;
    if (!isLive(instrument)) {
      lines.push({ instrumentId: id });
    } else if (!ruled.has(`${type === 'FUT'} ${name}`)) {
      ruled.add(`${type === 'FUT'} ${name}`);
      lines.push(
        type === 'FUT' ? { kind: 'futures', underlying: name, count: 1 } : { kind: 'underlying', underlying: name },
      );
    }
  }
  return lines;
}
