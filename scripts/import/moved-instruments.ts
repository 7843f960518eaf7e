/** Which of our instruments a row of the predecessor is of: by its tables, by the names in its rows, or by what people say. */
import type { Client } from '../../db/connect.ts';
import { type NewInstrument, provideInstrument } from '../../db/moved.ts';
import type { SourceInstrument } from '../../db/predecessor.ts';
import { EXCHANGES, type Exchange, isExchange } from '../../lib/core/exchange.ts';
import { type InstrumentType, parseSlug } from '../../lib/core/instrument.ts';

export interface MovedInstrument {
  readonly id: number;
  readonly priceScale: number;
  readonly exchange: Exchange;
  /** Whose candles it has. */
  readonly source: 'kite' | 'dhan';
}

const TYPES: readonly InstrumentType[] = ['EQ', 'FUT', 'CE', 'PE', 'INDEX'];
const DEFAULT_TICK_RUPEES = 0.05;

interface Named {
  readonly token: number;
  readonly symbol: string | null;
  readonly exchange: string | null;
  readonly type: string | null;
}

export class MovedInstruments {
  readonly madeUp: { readonly securityId: number; readonly slug: string }[] = [];
  private readonly byToken: ReadonlyMap<number, SourceInstrument>;
  private readonly bySecurity: ReadonlyMap<string, SourceInstrument>;
  private readonly found = new Map<string, MovedInstrument | null>();

  /** @param securities slugs by number at Dhan, before anything else */
  constructor(
    private readonly target: Client,
    listed: readonly SourceInstrument[],
    private readonly securities: ReadonlyMap<number, string>,
  ) {
    this.byToken = new Map(listed.map((one) => [one.token, one]));
    this.bySecurity = new Map(listed.flatMap((one) => (one.securityId ? [[one.securityId, one]] : [])));
  }

  /**
   * Of a tick or candle. Tokens of Dhan's ticks were made up anew by each process, and the token of a contract that has expired may be
   * another's in its table: where that does not know one, or has another contract by it, the names in the row count. Null where nobody
   * says what it is.
   */
  async ofTick({ token, symbol, exchange, type }: Named): Promise<MovedInstrument | null> {
    const byToken = this.byToken.get(token);
    const listed = byToken && (!symbol || !byToken.expiry || byToken.symbol === symbol) ? byToken : undefined;
    const key = listed ? `token ${token}` : `name ${exchange} ${symbol} ${type}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const kind = contractIn(symbol ?? '');
    const wanted = listed
      ? fromListed(listed)
      : fromListed({
          ...NOTHING,
          token: 0,
          exchange: exchange ?? (kind && 'NFO'),
          symbol,
          type: type ?? kind,
          source: 'kite',
        });
    return this.provide(key, wanted, listed?.source === 'dhan' ? 'dhan' : 'kite');
  }

  /** Of depth. A number of a contract that has expired may be another's today, so our own list is not asked. */
  async ofSecurity(securityId: number, name: string | null): Promise<MovedInstrument> {
    const key = `security ${securityId}`;
    const known = this.found.get(key);
    if (known) return known;
    const wanted = this.wantedOf(securityId, name);
    if (wanted.isMadeUp) this.madeUp.push({ securityId, slug: `${wanted.exchange}:${wanted.symbol}` });
    return (await this.provide(key, { ...wanted, dhanSecurityId: securityId }, 'dhan')) as MovedInstrument;
  }

  /** What a security is called here, whether or not anything of it is. */
  slugOfSecurity(securityId: number, name: string | null): string {
    const { exchange, symbol } = this.wantedOf(securityId, name);
    return `${exchange}:${symbol}`;
  }

  private wantedOf(securityId: number, name: string | null): NewInstrument & { readonly isMadeUp: boolean } {
    const slug = this.securities.get(securityId);
    const listed = this.bySecurity.get(String(securityId));
    const told = slug ? named(slug, securityId) : listed && fromListed(listed);
    return told ? { ...told, isMadeUp: false } : { ...named(madeUpSlug(securityId, name), securityId), isMadeUp: true };
  }

  private async provide(
    key: string,
    wanted: NewInstrument | null,
    source: 'kite' | 'dhan',
  ): Promise<MovedInstrument | null> {
    const stored = wanted ? await provideInstrument(this.target, wanted) : null;
    const found = wanted && stored ? { ...stored, exchange: wanted.exchange, source } : null;
    this.found.set(key, found);
    return found;
  }
}

const NOTHING: Omit<SourceInstrument, 'token' | 'exchange' | 'symbol' | 'type' | 'source'> = {
  name: null,
  segment: null,
  expiry: null,
  strike: null,
  tickSize: null,
  lotSize: null,
  securityId: null,
};

/** A symbol that can stand in a slug: it begins with a letter or a digit, as the number does that it ends with. */
function madeUpSlug(securityId: number, name: string | null): string {
  const symbol = `${(name ?? '')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9&_. -]/g, ' ')
    .trim()} ${securityId}`;
  return `NFO:${symbol.slice(-64).replace(/^[^A-Z0-9]+/, '')}`;
}

/** What kind of contract a symbol names: NIFTY25DECFUT, NIFTY25D0926000CE; null for RELIANCE. */
function contractIn(symbol: string): InstrumentType | null {
  const option = /\d(CE|PE)$/.exec(symbol)?.[1] as InstrumentType | undefined;
  return option ?? (/\d[A-Z]{3}FUT$/.test(symbol) ? 'FUT' : null);
}

/** Null where it lacks a symbol, or an exchange that we know. */
function fromListed(one: SourceInstrument): NewInstrument | null {
  const exchange = one.segment === 'INDICES' ? 'INDICES' : (one.exchange ?? '').toUpperCase();
  const slug = parseSlug(`${exchange}:${one.symbol ?? ''}`);
  if (!isExchange(exchange) || slug === null) return null;
  const { priceScale, dhanSegment } = EXCHANGES[exchange];
  const type = TYPES.find((known) => known === one.type) ?? 'EQ';
  const securityId = one.securityId !== null && /^\d+$/.test(one.securityId) ? Number(one.securityId) : null;
  return {
    exchange,
    symbol: slug.symbol,
    name: one.name || slug.symbol,
    type: exchange === 'INDICES' ? 'INDEX' : type,
    expiry: one.expiry,
    strike: one.strike ? Math.round(one.strike * priceScale) : null,
    priceScale,
    tickSize: Math.max(1, Math.round((one.tickSize || DEFAULT_TICK_RUPEES) * priceScale)),
    lotSize: one.lotSize && one.lotSize > 0 ? one.lotSize : 1,
    kiteToken: one.source !== 'dhan' && one.token > 0 ? one.token : null,
    dhanSegment: securityId === null ? null : dhanSegment,
    dhanSecurityId: securityId,
  };
}

/** An instrument of which only the slug is known. */
function named(slug: string, securityId: number): NewInstrument {
  const { exchange, symbol } = parseSlug(slug) as { exchange: Exchange; symbol: string };
  const { priceScale, dhanSegment } = EXCHANGES[exchange];
  const isCash = exchange === 'NSE' || exchange === 'BSE';
  const type = contractIn(symbol) ?? (isCash ? 'EQ' : 'FUT');
  return {
    exchange,
    symbol,
    name: symbol,
    type,
    expiry: null,
    strike: null,
    priceScale,
    tickSize: Math.max(1, Math.round(DEFAULT_TICK_RUPEES * priceScale)),
    lotSize: 1,
    kiteToken: null,
    dhanSegment,
    dhanSecurityId: securityId,
  };
}
