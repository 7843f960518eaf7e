/** What the rules of watchlists come to, given the contracts there are and the prices of the moment. Pure. */
import type { Instrument } from '../../lib/core/instrument.ts';
import type { RuleAnswer, WatchRule } from '../../lib/core/watchlist.ts';

/** A listed instrument, as far as rules look at it. */
export type Listed = Pick<
  Instrument,
  'id' | 'exchange' | 'symbol' | 'name' | 'type' | 'expiry' | 'strike' | 'priceScale'
>;

export interface RuleContext {
  /** ISO date in IST: what expired before it counts no more. */
  readonly today: string;
  /** Contracts of an underlying, in any order. */
  contractsOf(underlying: string): readonly Listed[];
  /** The instrument whose price is an underlying's: its index, its share, else its nearest future. */
  priceSourceOf(underlying: string): Listed | null;
  /** Last price, in price units; null where none is known. */
  lastPriceOf(instrumentId: number): number | null;
  /** What was traded most in money, the most first. */
  topByTurnover(exchange: string, count: number): readonly number[];
}

/** @param before the rule's last answer: a strike is left only when the price is well past the middle to the next */
export function answerRule(rule: WatchRule, context: RuleContext, before: RuleAnswer | null): RuleAnswer {
  switch (rule.kind) {
    case 'underlying':
      return answer(
        live(context, rule.underlying).sort(byImportance).map(idOf),
        `nothing is listed of ${rule.underlying}`,
      );
    case 'futures': {
      const futures = live(context, rule.underlying)
        .filter(({ type }) => type === 'FUT')
        .sort(byImportance);
      return answer(futures.slice(0, rule.count).map(idOf), `no future is listed of ${rule.underlying}`);
    }
    case 'atm':
      return atTheMoney(rule, context, before);
    case 'turnover':
      return answer(context.topByTurnover(rule.exchange, rule.count), `no turnover is known of ${rule.exchange} yet`);
  }
}

const answer = (instrumentIds: readonly number[], ifNone: string): RuleAnswer => ({
  instrumentIds,
  strike: null,
  note: instrumentIds.length === 0 ? ifNone : '',
});

const idOf = ({ id }: Listed): number => id;

const live = ({ contractsOf, today }: RuleContext, underlying: string): Listed[] =>
  contractsOf(underlying).filter(({ expiry }) => expiry !== null && expiry >= today);

/** Nearest expiry first; within it the future, then options by strike. */
function byImportance(a: Listed, b: Listed): number {
  const expiry = (a.expiry ?? '').localeCompare(b.expiry ?? '');
  if (expiry !== 0) return expiry;
  return (a.strike ?? 0) - (b.strike ?? 0) || a.type.localeCompare(b.type);
}

function atTheMoney(
  { underlying, strikes: reach }: Extract<WatchRule, { kind: 'atm' }>,
  context: RuleContext,
  before: RuleAnswer | null,
): RuleAnswer {
  const options = live(context, underlying).filter(({ type }) => type === 'CE' || type === 'PE');
  const expiry = options.map((option) => option.expiry as string).sort()[0];
  if (expiry === undefined) return answer([], `no option is listed of ${underlying}`);
  const source = context.priceSourceOf(underlying);
  // The source is recorded with its options: without it nobody would know where the money is.
  const sourceIds = source ? [source.id] : [];
  if (!source) return answer([], `neither index nor share nor future is listed of ${underlying}`);
  const price = context.lastPriceOf(source.id);
  if (price === null && before === null) {
    return { instrumentIds: sourceIds, strike: null, note: `waits for the first price of ${source.symbol}` };
  }
  const chain = options.filter((option) => option.expiry === expiry);
  const strikes = [...new Set(chain.map(({ strike }) => strike as number))].sort((a, b) => a - b);
  const { priceScale } = chain[0] as Listed;
  const last = before?.strike == null ? null : Math.round(before.strike * priceScale);
  const strike = price === null ? last : strikeAt(strikes, price, last);
  if (strike === null)
    return { instrumentIds: sourceIds, strike, note: `waits for the first price of ${source.symbol}` };
  const at = nearestIndex(strikes, strike);
  const wanted = new Set(strikes.slice(Math.max(0, at - reach), at + reach + 1));
  const chosen = chain
    .filter((option) => wanted.has(option.strike as number))
    .sort((a, b) => distance(a, strike) - distance(b, strike) || byImportance(a, b));
  return { instrumentIds: [...sourceIds, ...chosen.map(idOf)], strike: strike / priceScale, note: '' };
}

const distance = (option: Listed, strike: number): number => Math.abs((option.strike as number) - strike);

/** How far past the middle between two strikes the price has to be before the next one is at the money, of their distance. */
const HYSTERESIS = 0.15;

/**
 * The strike at the money: the nearest one, but the strike before stays until the price is clearly nearer to another, or the
 * slots would be exchanged with every tick around the middle.
 *
 * @param strikes ascending, at least one
 * @param price in the unit of the strikes
 */
export function strikeAt(strikes: readonly number[], price: number, before: number | null): number {
  const nearest = strikes[nearestIndex(strikes, price)] as number;
  if (before === null || nearest === before || !strikes.includes(before)) return nearest;
  const at = strikes.indexOf(before);
  const next = strikes[nearest > before ? at + 1 : at - 1] as number;
  const step = Math.abs(next - before);
  return Math.abs(price - before) > step * (0.5 + HYSTERESIS) ? nearest : before;
}

function nearestIndex(strikes: readonly number[], price: number): number {
  let best = 0;
  for (let i = 1; i < strikes.length; i += 1) {
    if (Math.abs((strikes[i] as number) - price) < Math.abs((strikes[best] as number) - price)) best = i;
  }
  return best;
}
