/** Signals against what was put into the market. */
import { SIGNAL_KIND_NAMES, type Signal, type SignalKind } from '../../lib/signals/signal.ts';
import type { EventClaim, EventLabel } from '../../simulator/market/events.ts';

export interface KindScore {
  readonly kind: SignalKind;
  /** Things that were there to be found. */
  readonly truths: number;
  readonly found: number;
  /** Signals that name nothing that was put in. */
  readonly wrong: number;
  /** Told again of what had been found. */
  readonly repeats: number;
  /** From the moment at which it was what it is called to the signal, ms, in order. */
  readonly latenciesMs: readonly number[];
}

/** Prices of signal and truth may differ by so much, price units times ticks. */
const TICKS_NEAR = 4;

/**
 * @param graceUs a signal so long after its truth still counts: two frames and the wait for trades
 * @param tickSize price units
 */
export function score(
  signals: readonly Signal[],
  labels: readonly EventLabel[],
  graceUs: number,
  tickSize: number,
): KindScore[] {
  return SIGNAL_KIND_NAMES.map((kind) => {
    const claims = labels.flatMap((label) => label.claims.filter((claim) => claim.kind === kind));
    const open = new Map(claims.map((claim) => [claim, false]));
    const latenciesMs: number[] = [];
    let wrong = 0;
    let repeats = 0;
    for (const signal of signals) {
      if (signal.kind !== kind || !counts(signal)) continue;
      const fits = claims.filter((claim) => names(signal, claim, graceUs, tickSize));
      const first = fits.find((claim) => !open.get(claim));
      if (first) {
        open.set(first, true);
        latenciesMs.push((signal.foundUs - first.toUs) / 1000);
      } else if (fits.length > 0) repeats += 1;
      else if (!labels.some((label) => leavesOut(label, signal, graceUs))) wrong += 1;
    }
    return {
      kind,
      truths: claims.length,
      found: latenciesMs.length,
      wrong,
      repeats,
      latenciesMs: latenciesMs.sort((a, b) => a - b),
    };
  });
}

/** Of a signal with a life one state counts: that from which it is to be believed. The predecessor's presets have a table of their own. */
export const counts = ({ kind, state, detector }: Signal): boolean => {
  if (detector.startsWith('predecessor')) return false;
  return kind === 'key_level' ? state === 'active' : state === 'once' || state === 'begun';
};

function names(signal: Signal, claim: EventClaim, graceUs: number, tickSize: number): boolean {
  const inTime = signal.foundUs >= claim.fromUs && signal.foundUs <= claim.toUs + graceUs;
  const ofSide = signal.side === null || signal.side === claim.side;
  const slack = TICKS_NEAR * tickSize;
  return inTime && ofSide && signal.lowPrice <= claim.highPrice + slack && signal.highPrice >= claim.lowPrice - slack;
}

const leavesOut = (label: EventLabel, signal: Signal, graceUs: number): boolean =>
  label.ignore.includes(signal.kind) && signal.foundUs >= label.fromUs && signal.foundUs <= label.toUs + graceUs;
