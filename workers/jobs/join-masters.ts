/**
 * Joins the brokers' dumps into one instrument per contract. Kite's exchange token and Dhan's security id are the exchange's
 * own number, so they meet there, segment by segment; indices meet by name. Pure.
 */
import type { Broker } from '../../lib/core/feeds.ts';
import { underlyingOfIndex } from '../../lib/core/indices.ts';
import type { MasterRow } from './master-rows.ts';

/** A row that only one broker lists, and why it met no other. */
export interface Unjoined {
  readonly broker: Broker;
  readonly exchange: string;
  readonly symbol: string;
  /** Exchange token or security id. */
  readonly number: number;
  readonly reason: string;
}

export interface ExchangeCounts {
  kite: number;
  dhan: number;
  joined: number;
}

export interface JoinedMasters {
  readonly instruments: readonly MasterRow[];
  readonly joined: number;
  readonly exchanges: Readonly<Record<string, ExchangeCounts>>;
  /** Empty where only one broker's dump is there. */
  readonly unjoined: readonly Unjoined[];
}

/** Symbol, tick and lot are Kite's where both list a contract: its symbols are the exchange's. */
export function joinMasters(kite: readonly MasterRow[], dhan: readonly MasterRow[]): JoinedMasters {
  const places = placesOf(dhan);
  const met = new Set<MasterRow>();
  const lone: Unjoined[] = [];
  const exchanges: Record<string, ExchangeCounts> = {};
  const countsOf = (exchange: string): ExchangeCounts => {
    exchanges[exchange] ??= { kite: 0, dhan: 0, joined: 0 };
    return exchanges[exchange];
  };
  for (const { exchange } of dhan) countsOf(exchange).dhan += 1;
  for (const { exchange } of kite) countsOf(exchange).kite += 1;

  const instruments = kite.map((row): MasterRow => {
    const partner = partnerOf(row, places);
    if (!partner || met.has(partner)) {
      lone.push(unjoined('kite', row, reasonOf(row, partner, places, exchanges[row.exchange]?.dhan ?? 0, 'Dhan')));
      return row;
    }
    met.add(partner);
    countsOf(row.exchange).joined += 1;
    return { ...row, dhanSegment: partner.dhanSegment, dhanSecurityId: partner.dhanSecurityId };
  });
  const kitePlaces = placesOf(kite);
  for (const row of dhan) {
    if (met.has(row)) continue;
    lone.push(unjoined('dhan', row, reasonOf(row, undefined, kitePlaces, exchanges[row.exchange]?.kite ?? 0, 'Kite')));
    instruments.push(row);
  }
  return {
    instruments: withSymbolsOfTheirOwn(instruments),
    joined: met.size,
    exchanges,
    unjoined: kite.length > 0 && dhan.length > 0 ? lone : [],
  };
}

/** Exchange token or security id: the exchange's number, but for indices. */
export const numberOf = ({ kiteToken, dhanSecurityId }: MasterRow): number =>
  kiteToken === null ? (dhanSecurityId as number) : Math.floor(kiteToken / 256);

interface Places {
  readonly byNumber: ReadonlyMap<string, MasterRow>;
  readonly byName: ReadonlyMap<string, MasterRow>;
}

function placesOf(rows: readonly MasterRow[]): Places {
  const byNumber = new Map<string, MasterRow>();
  const byName = new Map<string, MasterRow>();
  for (const row of rows) {
    byNumber.set(`${row.exchange}:${numberOf(row)}`, row);
    // An index is known by its short and its long name; what is listed first keeps a name.
    const names = row.type === 'INDEX' ? [row.symbol, row.name] : [row.symbol];
    for (const name of names) {
      const key = nameKey(row.exchange, name);
      if (!byName.has(key)) byName.set(key, row);
    }
  }
  return { byNumber, byName };
}

/** `NIFTY IT` is NIFTYIT elsewhere. */
const nameKey = (exchange: string, name: string): string =>
  `${exchange}:${exchange === 'INDICES' ? name.toUpperCase().replace(/[^A-Z0-9]/g, '') : name}`;

function partnerOf(row: MasterRow, { byNumber, byName }: Places): MasterRow | undefined {
  if (row.type !== 'INDEX') return byNumber.get(`${row.exchange}:${numberOf(row)}`);
  return byName.get(nameKey('INDICES', underlyingOfIndex(row.symbol))) ?? byName.get(nameKey('INDICES', row.symbol));
}

function reasonOf(
  row: MasterRow,
  partner: MasterRow | undefined,
  { byName }: Places,
  others: number,
  broker: string,
): string {
  if (others === 0) return `${broker}'s file has nothing of ${row.exchange}`;
  if (partner) return `${broker} lists its number once, for another row`;
  if (row.type === 'INDEX') return `${broker} has no index of that name`;
  const namesake = byName.get(nameKey(row.exchange, row.symbol));
  return namesake
    ? `${broker} lists ${row.symbol} under the number ${numberOf(namesake)}`
    : `${broker} lists neither the number nor the symbol`;
}

const unjoined = (broker: Broker, row: MasterRow, reason: string): Unjoined => ({
  broker,
  exchange: row.exchange,
  symbol: row.symbol,
  number: numberOf(row),
  reason,
});

/** Where rows of an exchange have one symbol, the later ones get their number behind it, and where that is taken too, a count. */
function withSymbolsOfTheirOwn(rows: readonly MasterRow[]): MasterRow[] {
  const taken = new Set<string>();
  return rows.map((row) => {
    let { symbol } = row;
    for (let count = 1; taken.has(`${row.exchange}:${symbol}`); count += 1) {
      symbol = `${row.symbol}.${numberOf(row)}${count === 1 ? '' : `.${count}`}`;
    }
    taken.add(`${row.exchange}:${symbol}`);
    return symbol === row.symbol ? row : { ...row, symbol };
  });
}
