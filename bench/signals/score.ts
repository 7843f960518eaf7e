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

/** What happened, and what a detector should say of it. */
export type Truth = Pick<EventLabel, 'fromUs' | 'toUs' | 'claims' | 'ignore'>;

/** A signal may come so long after its truth: a wait for trades, and four frames of a side. */
export const graceUs = (framesPerSecond: number): number => 2_000_000 + (8 * 1_000_000) / framesPerSecond;

/**
 * @param lateUs a signal so long after its truth still counts
 * @param slack prices of signal and truth may differ by so much, price units
 */
export function score(
  signals: readonly Signal[],
  labels: readonly Truth[],
  lateUs: number,
  slack: number,
): KindScore[] {
  return SIGNAL_KIND_NAMES.map((kind) => {
    const claims = labels.flatMap((label) => label.claims.filter((claim) => claim.kind === kind));
    const open = new Map(claims.map((claim) => [claim, false]));
    const latenciesMs: number[] = [];
    let wrong = 0;
    let repeats = 0;
    for (const signal of signals) {
      if (signal.kind !== kind || !counts(signal)) continue;
      const fits = claims.filter((claim) => names(signal, claim, lateUs, slack));
      const first = fits.find((claim) => !open.get(claim));
      if (first) {
        open.set(first, true);
        latenciesMs.push((signal.foundUs - first.toUs) / 1000);
      } else if (fits.length > 0) repeats += 1;
      else if (!labels.some((label) => leavesOut(label, signal, lateUs))) wrong += 1;
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

function names(signal: Signal, claim: EventClaim, lateUs: number, slack: number): boolean {
  const inTime = signal.foundUs >= claim.fromUs && signal.foundUs <= claim.toUs + lateUs;
  const ofSide = signal.side === null || signal.side === claim.side;
  return inTime && ofSide && signal.lowPrice <= claim.highPrice + slack && signal.highPrice >= claim.lowPrice - slack;
}

const leavesOut = (label: Truth, signal: Signal, lateUs: number): boolean =>
  label.ignore.includes(signal.kind) && signal.foundUs >= label.fromUs && signal.foundUs <= label.toUs + lateUs;

/** Scores of one kind together. */
export function together(kind: SignalKind, of: readonly KindScore[]): KindScore {
  const sum = (number: (score: KindScore) => number): number => of.reduce((total, one) => total + number(one), 0);
  return {
    kind,
    truths: sum(({ truths }) => truths),
    found: sum(({ found }) => found),
    wrong: sum(({ wrong }) => wrong),
    repeats: sum(({ repeats }) => repeats),
    latenciesMs: of.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b),
  };
}
