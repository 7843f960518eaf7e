/**
 * What was recorded of a day against what the broker says of it: the broker's candles of a minute beside bars of a minute of our
 * own ticks. Each difference is named with what explains it; what nothing explains is a fault to be looked at.
 */
import type { Span } from '../calendar/hours.ts';
import { ABSENT, isPresent } from '../core/absent.ts';
import type { Candle } from '../core/candles.ts';
import type { Bar } from './bars.ts';
import type { MissedSpan } from './coverage.ts';

const MINUTE_US = 60_000_000;
/**
 * A trade at the edge of a minute may be one minute's by the exchange's clock and the next one's by ours: volumes may differ by so
 * much of the day's, or by what so much of the busiest minute holds at each edge of a gap and of the whole, and nothing is wrong.
 */
const EDGE_SHARE = 0.001;
const EDGE_MINUTES = 2 / 60;
/** Minutes that are listed one by one. */
const LISTED_MAX = 60;

/** Of our own bars what is compared. */
export type MinuteBar = Pick<Bar, 'fromUs' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'unattributed' | 'oi'>;

/** The day's numbers as the exchange's own counters told them in our last tick of it; ABSENT where it did not say. */
export interface ToldDay {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly oi: number;
}

/** Price units and units; null where there is nothing. */
export interface DayNumbers {
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number;
  readonly oi: number | null;
}

/**
 * Why a number differs. `gap`: it was made while nobody listened. `between_ticks`: ticks are fewer than trades, and the
 * exchange's own counter in them agrees with the broker. `minute_edges`: no more than trades at the edges of minutes make.
 */
export type Explanation = 'gap' | 'between_ticks' | 'minute_edges';

export interface Difference {
  readonly what: 'open' | 'high' | 'low' | 'close' | 'volume' | 'oi';
  readonly ours: number | null;
  readonly broker: number | null;
  /** Null: nothing explains it. */
  readonly because: Explanation | null;
}

/** A gap and what the broker says was traded in its minutes. */
export interface ReconciledGap extends MissedSpan {
  readonly brokerVolume: number;
  /** What we have of those minutes all the same. */
  readonly ourVolume: number;
}

export interface Reconciliation {
  readonly outcome: 'equal' | 'explained' | 'differs' | 'no_candles';
  readonly ours: DayNumbers;
  readonly broker: DayNumbers;
  readonly differences: readonly Difference[];
  /** The broker's volume less ours: in all, in minutes of gaps, and what is left. */
  readonly volume: { readonly difference: number; readonly inGaps: number; readonly unexplained: number };
  /** Traded across gaps by our own counters. */
  readonly unattributed: number;
  readonly gaps: readonly ReconciledGap[];
  /** Minutes outside of gaps in which the broker says something traded, and we have nothing: how many, and the first. */
  readonly missingMinutes: { readonly count: number; readonly first: readonly number[] };
}

export interface ReconcileInput {
  /** Of a day, oldest first. */
  readonly candles: readonly Candle[];
  readonly bars: readonly MinuteBar[];
  readonly missed: readonly MissedSpan[];
  /** Null where there was no tick. */
  readonly told: ToldDay | null;
  /** The market went on at the end of what is compared: the last numbers may be of the next minute. */
  readonly cut: boolean;
}

export function reconcile({ candles, bars, missed, told, cut }: ReconcileInput): Reconciliation {
  const ours = numbersOf(bars);
  const broker = numbersOf(candles);
  const unattributed = bars.reduce((sum, bar) => sum + bar.unattributed, 0);
  const inGap = minutesOf(missed);
  const gaps = missed.map((gap): ReconciledGap => {
    const own = wholeMinutes(gap);
    return { ...gap, brokerVolume: volumeIn(candles, own), ourVolume: volumeIn(bars, own) };
  });
  const volume = volumesOf(candles, bars, inGap, broker.volume - ours.volume);
  const heard = new Set(bars.filter(({ open }) => isPresent(open)).map(({ fromUs }) => fromUs));
  const missing = candles.filter(
    ({ fromUs, volume: traded }) => traded > 0 && !heard.has(fromUs) && !inGap.has(fromUs),
  );
  const differences = differencesOf({
    candles,
    ours,
    broker,
    told,
    inGap,
    volume,
    cut,
    edges: 2 + 2 * missed.length,
  });
  const isExplained = differences.every(({ because }) => because !== null);
  const silent = candles.length === 0 && bars.length > 0;
  return {
    outcome: silent ? 'no_candles' : differences.length === 0 ? 'equal' : isExplained ? 'explained' : 'differs',
    ours,
    broker,
    differences,
    volume,
    unattributed,
    gaps,
    missingMinutes: { count: missing.length, first: missing.slice(0, LISTED_MAX).map(({ fromUs }) => fromUs) },
  };
}

type Priced = Pick<Bar, 'fromUs' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'oi'>;

function numbersOf(all: readonly Priced[]): DayNumbers {
  const traded = all.filter(({ open }) => isPresent(open));
  const oi = all.findLast((one) => isPresent(one.oi) && one.oi > 0)?.oi;
  return {
    open: traded[0]?.open ?? null,
    high: traded.length > 0 ? traded.reduce((most, { high }) => Math.max(most, high), ABSENT) : null,
    low: traded.length > 0 ? traded.reduce((least, { low }) => Math.min(least, low), Number.POSITIVE_INFINITY) : null,
    close: traded.at(-1)?.close ?? null,
    volume: all.reduce((sum, { volume }) => sum + volume, 0),
    oi: oi ?? null,
  };
}

/** The whole minutes that an interval touches. */
const wholeMinutes = ({ fromUs, toUs }: Span): Span => ({
  fromUs: Math.floor(fromUs / MINUTE_US) * MINUTE_US,
  toUs: Math.ceil(toUs / MINUTE_US) * MINUTE_US,
});

function minutesOf(missed: readonly Span[]): Set<number> {
  const minutes = new Set<number>();
  for (const span of missed.map(wholeMinutes)) {
    for (let us = span.fromUs; us < span.toUs; us += MINUTE_US) minutes.add(us);
  }
  return minutes;
}

const volumeIn = (all: readonly Priced[], { fromUs, toUs }: Span): number =>
  all.reduce((sum, one) => (one.fromUs >= fromUs && one.fromUs < toUs ? sum + one.volume : sum), 0);

function volumesOf(
  candles: readonly Candle[],
  bars: readonly MinuteBar[],
  inGap: ReadonlySet<number>,
  difference: number,
): Reconciliation['volume'] {
  const within = (all: readonly Priced[]): number =>
    all.reduce((sum, { fromUs, volume }) => (inGap.has(fromUs) ? sum + volume : sum), 0);
  const inGaps = within(candles) - within(bars);
  return { difference, inGaps, unexplained: difference - inGaps };
}

interface Compared {
  readonly candles: readonly Candle[];
  readonly ours: DayNumbers;
  readonly broker: DayNumbers;
  readonly told: ToldDay | null;
  readonly inGap: ReadonlySet<number>;
  readonly volume: Reconciliation['volume'];
  readonly cut: boolean;
  readonly edges: number;
}

function differencesOf({ candles, ours, broker, told, inGap, volume, cut, edges }: Compared): Difference[] {
  if (candles.length === 0) return [];
  const found: Difference[] = [];
  const isGap = (candle: Candle | undefined): boolean => candle !== undefined && inGap.has(candle.fromUs);
  const note = (what: Difference['what'], inAGap: boolean, agrees: boolean, atEdge = false): void => {
    if (ours[what] === broker[what]) return;
    const because = inAGap ? 'gap' : agrees ? 'between_ticks' : atEdge ? 'minute_edges' : null;
    found.push({ what, ours: ours[what], broker: broker[what], because });
  };
  const last = candles.at(-1) as Candle;
  note('open', isGap(candles[0]), told?.open === broker.open);
  // Where several minutes reached it, one that was heard is enough to ask for it.
  const only = (reached: readonly Candle[]): boolean => reached.length > 0 && reached.every(isGap);
  const highs = candles.filter(({ high }) => high === broker.high);
  const lows = candles.filter(({ low }) => low === broker.low);
  note('high', only(highs), told?.high === broker.high, cut && highs[0] === last);
  note('low', only(lows), told?.low === broker.low, cut && lows[0] === last);
  const isLastPrice = ours.close !== null && ours.close >= last.low && ours.close <= last.high;
  note('close', isGap(last), false, cut && isLastPrice);
  if (volume.difference !== 0) {
    const busiest = candles.reduce((most, one) => Math.max(most, one.volume), 0);
    const atEdges = Math.max(EDGE_SHARE * broker.volume, EDGE_MINUTES * edges * busiest);
    const isSmall = Math.abs(volume.unexplained) <= atEdges;
    const because = !isSmall ? null : Math.abs(volume.inGaps) > Math.abs(volume.unexplained) ? 'gap' : 'minute_edges';
    found.push({ what: 'volume', ours: ours.volume, broker: broker.volume, because });
  }
  // Instruments without open interest have none at either; it moves also between trades.
  if (broker.oi !== null) {
    const isNear = ours.oi !== null && Math.abs(ours.oi - broker.oi) <= EDGE_SHARE * broker.oi;
    note('oi', isGap(last), told?.oi === broker.oi, cut && isNear);
  }
  return found;
}
