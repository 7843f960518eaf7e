/**
 * One series of a future over its expiries: each contract for its own time, then the next. The price of the next differs from
 * that of the one before, so the series jumps at a roll; back-adjusted, what lies before is moved by that difference, and the
 * newest contract stands as it traded.
 */
import { istMidnightUs } from '../core/ist.ts';

/** When to go to the next contract. Never back, and never after the expiry of the one before. */
export const ROLL_RULES = ['expiry', 'volume', 'oi'] as const;
export type RollRule = (typeof ROLL_RULES)[number];
/** `difference` adds to the prices before a roll, `ratio` multiplies them: the first keeps rupees, the second keeps percents. */
export const ADJUSTMENTS = ['none', 'difference', 'ratio'] as const;
export type Adjustment = (typeof ADJUSTMENTS)[number];

const DAY_US = 86_400_000_000;

/** What of a bar the series needs. */
export interface PricedBar {
  /** Its beginning, µs since the epoch. */
  readonly fromUs: number;
  /** Price units. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Null where nobody said. */
  readonly oi: number | null;
}

export interface Contract<B extends PricedBar = PricedBar> {
  readonly symbol: string;
  /** ISO date of its last trading day, in India. */
  readonly expiry: string;
  /** Bars of a day, oldest first: they decide the rolls. */
  readonly days: readonly PricedBar[];
  /** The bars that the series is made of, oldest first. */
  readonly bars: readonly B[];
}

export interface Roll {
  readonly from: string;
  readonly to: string;
  /** Midnight of the day from which the next contract counts, µs. */
  readonly atUs: number;
  /** Price of the next contract less that of the one before, price units, and their quotient. */
  readonly difference: number;
  readonly ratio: number;
  /**
   * What the prices are: the closes of one day on which both traded; or, where there was none, the last close of the one and the
   * first open of the other, between which the market may have moved.
   */
  readonly basis: 'same_day' | 'adjacent';
}

export interface ContinuousBar<B extends PricedBar = PricedBar> {
  readonly contract: string;
  /** As it traded, but for the four prices, which are adjusted; with `ratio` they are no whole price units. */
  readonly bar: B;
}

export interface Continuous<B extends PricedBar = PricedBar> {
  readonly bars: readonly ContinuousBar<B>[];
  /** In the order of time. A contract that never traded is rolled over. */
  readonly rolls: readonly Roll[];
}

/** @param contracts in the order of their expiries, each once */
export function continuous<B extends PricedBar>(
  contracts: readonly Contract<B>[],
  { roll, adjust }: { readonly roll: RollRule; readonly adjust: Adjustment },
): Continuous<B> {
  const traded = contracts.filter(({ days }) => days.length > 0);
  const pieces: Piece<B>[] = [];
  let fromUs = Number.NEGATIVE_INFINITY;
  for (const [i, contract] of traded.entries()) {
    const next = traded[i + 1];
    const toUs = next ? Math.max(fromUs, rollAt(contract, next, roll)) : Number.POSITIVE_INFINITY;
    // Rolled over before it began: the next has taken its place already.
    if (toUs > fromUs) pieces.push({ contract, fromUs, toUs });
    fromUs = toUs;
  }
  // A roll that has not come yet moves nothing.
  while (pieces.length > 1 && barsIn(pieces.at(-1) as Piece<B>).length === 0) pieces.pop();
  const rolls = pieces
    .slice(1)
    .map(({ contract, fromUs: atUs }, i) => rollOf((pieces[i] as Piece<B>).contract, contract, atUs));
  // From the newest contract back: each roll moves everything before it.
  let offset = 0;
  let factor = 1;
  const parts: ContinuousBar<B>[][] = [];
  for (let i = pieces.length - 1; i >= 0; i -= 1) {
    const piece = pieces[i] as Piece<B>;
    const [by, times] = [adjust === 'difference' ? offset : 0, adjust === 'ratio' ? factor : 1];
    parts.push(barsIn(piece).map((bar) => ({ contract: piece.contract.symbol, bar: moved(bar, by, times) })));
    const before = rolls[i - 1];
    if (!before) continue;
    offset += before.difference;
    factor *= before.ratio;
  }
  return { bars: parts.reverse().flat(), rolls };
}

/** A contract and the time for which it counts; the end exclusive. */
interface Piece<B extends PricedBar> {
  readonly contract: Contract<B>;
  readonly fromUs: number;
  readonly toUs: number;
}

const barsIn = <B extends PricedBar>({ contract, fromUs, toUs }: Piece<B>): B[] =>
  contract.bars.filter((bar) => bar.fromUs >= fromUs && bar.fromUs < toUs);

/**
 * From when the next contract counts. By volume or open interest from the day after the first on which the next has more: on
 * the day itself nobody knew it yet.
 */
function rollAt(contract: Contract, next: Contract, rule: RollRule): number {
  const expiredUs = istMidnightUs(contract.expiry) + DAY_US;
  if (rule === 'expiry') return expiredUs;
  const own = new Map(contract.days.map((day) => [day.fromUs, day]));
  const size = ({ volume, oi }: PricedBar): number => (rule === 'volume' ? volume : (oi ?? 0));
  const crossed = next.days.find((day) => {
    const before = own.get(day.fromUs);
    return before !== undefined && size(day) > size(before);
  });
  return Math.min(expiredUs, crossed ? crossed.fromUs + DAY_US : expiredUs);
}

function rollOf(contract: Contract, next: Contract, atUs: number): Roll {
  const nextDays = new Map(next.days.map((day) => [day.fromUs, day]));
  const common = contract.days.findLast(({ fromUs }) => fromUs < atUs && nextDays.has(fromUs));
  const [was, becomes] = common
    ? [common.close, (nextDays.get(common.fromUs) as PricedBar).close]
    : [
        (contract.days.findLast(({ fromUs }) => fromUs < atUs) ?? (contract.days[0] as PricedBar)).close,
        (next.days.find(({ fromUs }) => fromUs >= atUs) ?? (next.days[0] as PricedBar)).open,
      ];
  return {
    from: contract.symbol,
    to: next.symbol,
    atUs,
    difference: becomes - was,
    ratio: becomes / was,
    basis: common ? 'same_day' : 'adjacent',
  };
}

const moved = <B extends PricedBar>(bar: B, by: number, times: number): B => ({
  ...bar,
  open: bar.open * times + by,
  high: bar.high * times + by,
  low: bar.low * times + by,
  close: bar.close * times + by,
});
