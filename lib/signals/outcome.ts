/**
 * What a signal was worth: how the mid moved after it, in the direction that it spoke of, against the same measure at random times
 * of the same instrument and hour. docs/SIGNALS.md has the definitions in words.
 */
import { IST_OFFSET_US } from '../core/ist.ts';
import { parameterHash, type Signal, type SignalKind } from './signal.ts';

/** Seconds after a signal at which it is looked at. */
export const HORIZONS_S = [10, 30, 60, 300] as const;
/** µs after a signal within which its outcome lies. */
export const OUTCOME_US = Math.max(...HORIZONS_S) * 1_000_000;
/** Random times a signal is held against. */
export const RANDOM_TIMES = 5;

const HOUR_US = 3_600_000_000;

/** Up (1) or down (−1), or none (0): then how far the price went is measured, whichever way. */
export type Direction = 1 | -1 | 0;

/**
 * What a kind says of the price where it is about the bids; of the asks the opposite. Who rests or adds there holds the price up;
 * who takes away, trades through or hits them lets it down.
 */
const OF_BIDS: Readonly<Record<SignalKind, Direction>> = {
  wall_appeared: 1,
  wall_pulled: -1,
  wall_filled: -1,
  large_trade: -1,
  large_lot: -1,
  sweep: -1,
  absorption: 1,
  key_level: 1,
  pressure: 1,
  imbalance_shift: 1,
  big_add: 1,
  big_pull: -1,
  iceberg: 1,
  layering: -1,
  // Its side is the one that was hit.
  stacked_imbalance: -1,
  // A new low that selling did not follow.
  delta_divergence: 1,
  ofi_burst: 1,
  spread_stress: 0,
  // Against an empty side there is no mid to measure with.
  one_sided_book: 0,
  order_absorption: -1,
};

/** @returns 0 for kinds that speak of no direction, and where a signal is of neither side */
export function directionOf({ kind, side }: Pick<Signal, 'kind' | 'side'>): Direction {
  const ofBids = OF_BIDS[kind];
  if (side === null || ofBids === 0) return 0;
  return side === 'bid' ? ofBids : ofBids === 1 ? -1 : 1;
}

/** What a kind predicts, of the bids; of the asks the opposite. */
export const directionOfBids = (kind: SignalKind): Direction => OF_BIDS[kind];

/** An interval, µs since the epoch; the end is exclusive. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** The hour in India of an instant, as far as it lies within the session. */
export function hourOf(us: number, session: Span): Span {
  const fromUs = Math.floor((us + IST_OFFSET_US) / HOUR_US) * HOUR_US - IST_OFFSET_US;
  return { fromUs: Math.max(fromUs, session.fromUs), toUs: Math.min(fromUs + HOUR_US, session.toUs) };
}

/** Times of an hour that look random and are the same for one signal whenever they are asked for, µs. */
export function randomTimes(signalId: string, { fromUs, toUs }: Span): number[] {
  return Array.from({ length: RANDOM_TIMES }, (_, i) => {
    const share = mixed(Number.parseInt(parameterHash({ signalId, i }), 16));
    return fromUs + Math.floor(share * (toUs - fromUs));
  });
}

/** Finalizer of MurmurHash3, which spreads FNV's last characters over all bits; 0 to below 1. */
function mixed(hash: number): number {
  let x = hash;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** Why there is no outcome. */
export const NO_OUTCOME = ['outside_session', 'gap', 'no_book'] as const;
export type NoOutcome = (typeof NO_OUTCOME)[number];

/** The best prices that stood at an instant, price units; null where a side was empty, missing or stale. */
export interface Touch {
  readonly bid: number;
  readonly ask: number;
}

/** What is measured of one instant. */
export interface Moment {
  readonly atUs: number;
  readonly direction: Direction;
  /** Price units. */
  readonly tickSize: number;
  /** The session that the instant lies in; null: it lies in none. */
  readonly session: Span | null;
  /** When the feed was not heard; `toUs` is null while it is open. */
  readonly gaps: readonly { readonly fromUs: number; readonly toUs: number | null }[];
  /** At the instant, and at each horizon after it. */
  readonly touches: readonly (Touch | null)[];
}

/** One entry a horizon; null has its reason beside it. */
export interface Outcome {
  /** Price units; null where there is no book to begin with. */
  readonly mid: number | null;
  readonly halfSpread: number | null;
  readonly laterMids: readonly (number | null)[];
  /** Net of half the spread that stood at the instant, in ticks and in basis points of the mid. */
  readonly ticks: readonly (number | null)[];
  readonly bps: readonly (number | null)[];
  readonly reasons: readonly (NoOutcome | null)[];
}

/**
 * Markout: mid to mid in the direction, less half the spread at the instant, which whoever acts at once pays. Without a direction
 * the distance counts: what somebody would have had who knew which way.
 */
export function measure({ atUs, direction, tickSize, session, gaps, touches }: Moment): Outcome {
  const [now, ...later] = touches;
  const mid = now ? (now.bid + now.ask) / 2 : null;
  const halfSpread = now ? (now.ask - now.bid) / 2 : null;
  const reasons = HORIZONS_S.map((seconds, i): NoOutcome | null => {
    const thenUs = atUs + seconds * 1_000_000;
    if (!session || atUs < session.fromUs || thenUs > session.toUs) return 'outside_session';
    if (gaps.some(({ fromUs, toUs }) => fromUs < thenUs && (toUs ?? thenUs) > atUs)) return 'gap';
    return now && later[i] ? null : 'no_book';
  });
  const laterMids = reasons.map((reason, i) => {
    const then = later[i];
    return reason === null && then ? (then.bid + then.ask) / 2 : null;
  });
  const nets = laterMids.map((then) => {
    if (then === null || mid === null || halfSpread === null) return null;
    const move = direction === 0 ? Math.abs(then - mid) : direction * (then - mid);
    return move - halfSpread;
  });
  return {
    mid,
    halfSpread,
    laterMids,
    ticks: nets.map((net) => (net === null ? null : net / tickSize)),
    bps: nets.map((net) => (net === null || mid === null ? null : (net / mid) * 10_000)),
    reasons,
  };
}
